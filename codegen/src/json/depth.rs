//! The depth of a JSON tree. Every reader of the generator recurses into the trees it reads, so a tree that was not parsed
//! from text, where the parser limits the depth, is checked before it is read. Knows no keys.

use super::Value;
use super::pointer::PointerChain;
use crate::report::{Report, SourceLocation};

/// How many arrays and objects may lie inside each other: serde_json's limit.
const MAX_DEPTH: usize = 128;

/// Reports a value that is nested too deeply; returns whether there is none.
pub fn check_depth(report: &mut Report, root: &SourceLocation, value: &Value) -> bool {
    let found = too_deep(value, PointerChain::default(), root, 0);
    let is_flat = found.is_none();
    if let Some(location) = found {
        report.problem(location, format!("arrays and objects are nested more than {MAX_DEPTH} levels deep"));
    }
    is_flat
}

fn too_deep(value: &Value, pointer: PointerChain<'_>, root: &SourceLocation, depth: usize) -> Option<SourceLocation> {
    if depth == MAX_DEPTH && (value.is_array() || value.is_object()) {
        return Some(pointer.location(root));
    }
    match value {
        Value::Array(list) => {
            list.iter().enumerate().find_map(|(index, value)| too_deep(value, pointer.index(index), root, depth + 1))
        }
        Value::Object(map) => map.iter().find_map(|(key, value)| too_deep(value, pointer.key(key), root, depth + 1)),
        _ => None,
    }
}
