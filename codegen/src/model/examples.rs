//! `examples-1.json`: requests and answers as people would write them. The values stay JSON.

use super::{Map, Value};
use crate::json::Cursor;
use crate::report::Place;

/// Examples by operation.
#[derive(Debug, Clone, Default)]
pub struct Examples {
    /// The file, if there is one.
    pub place: Option<Place>,
    /// By operation, in order.
    pub examples: Map<Vec<Example>>,
}

/// One example.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Example {
    /// A name for links.
    pub id: String,
    /// One line.
    pub title: String,
    /// A sentence or two.
    pub description: String,
    /// The input.
    pub input: Option<Value>,
    /// The output.
    pub output: Option<Value>,
    /// Remarks on input members, by path.
    pub input_comments: Map<String>,
    /// Remarks on output members, by path.
    pub output_comments: Map<String>,
}

/// Reads `examples-1.json`.
pub fn read(cursor: &Cursor<'_>) -> Examples {
    cursor.text("version");
    let examples = cursor.need_map("examples", |_, it| it.as_list(example));
    Examples { place: Some(cursor.place()), examples }
}

fn example(cursor: &Cursor<'_>) -> Example {
    let comments = cursor.get("comments");
    let remarks = |key| comments.as_ref().map(|it| it.map(key, |_, it| it.as_text())).unwrap_or_default();
    Example {
        id: cursor.need_text("id"),
        title: cursor.need_text("title"),
        description: cursor.need_text("description"),
        input: cursor.get("input").map(|it| it.raw().clone()),
        output: cursor.get("output").map(|it| it.raw().clone()),
        input_comments: remarks("input"),
        output_comments: remarks("output"),
    }
}
