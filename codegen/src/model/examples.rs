//! `examples-1.json`: example inputs and outputs, written by the services' authors. The values stay JSON.

use super::{Map, Value};
use crate::json::Cursor;
use crate::report::SourceLocation;

/// Examples by operation.
#[derive(Debug, Clone, Default)]
pub struct Examples {
    /// The file, if there is one.
    pub location: Option<SourceLocation>,
    /// By operation, in order.
    pub examples: Map<Vec<Example>>,
}

/// One example.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Example {
    /// An identifier, unique in the file.
    pub id: String,
    /// A title of one line.
    pub title: String,
    /// A sentence or two.
    pub description: String,
    /// The input.
    pub input: Option<Value>,
    /// The output.
    pub output: Option<Value>,
    /// Comments on input members, by path.
    pub input_comments: Map<String>,
    /// Comments on output members, by path.
    pub output_comments: Map<String>,
}

/// Reads `examples-1.json`.
pub fn read(cursor: &Cursor<'_>) -> Examples {
    cursor.string("version");
    let examples = cursor.required_map("examples", |_, it| it.as_list(example));
    Examples { location: Some(cursor.location()), examples }
}

fn example(cursor: &Cursor<'_>) -> Example {
    let all = cursor.get("comments");
    let comments = |key| all.as_ref().map(|all| all.map(key, |_, comment| comment.as_string())).unwrap_or_default();
    Example {
        id: cursor.required_string("id"),
        title: cursor.required_string("title"),
        description: cursor.required_string("description"),
        input: cursor.get("input").map(|it| it.raw().clone()),
        output: cursor.get("output").map(|it| it.raw().clone()),
        input_comments: comments("input"),
        output_comments: comments("output"),
    }
}
