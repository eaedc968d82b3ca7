//! `paginators-1.json`: how the pages of an operation hang together. The paths in it are JMESPath, kept as text.

use super::Map;
use crate::json::Cursor;
use crate::report::Place;

/// Paginators by the name of their operation.
#[derive(Debug, Clone, Default)]
pub struct Paginators {
    /// The file, if there is one.
    pub place: Option<Place>,
    /// By operation, in order.
    pub paginators: Map<Paginator>,
}

/// How the pages of an operation hang together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Paginator {
    /// Input members that say where to go on.
    pub input_token: Vec<String>,
    /// Paths in the output to what those members want, one each.
    pub output_token: Vec<String>,
    /// Paths in the output to the lists (or numbers) that go on; the first is what is paged over.
    pub result_key: Vec<String>,
    /// The input member for the size of a page.
    pub limit_key: Option<String>,
    /// Path in the output to a flag that says whether there is more.
    pub more_results: Option<String>,
    /// Paths in the output to what every page repeats.
    pub non_aggregate_keys: Vec<String>,
}

/// Reads `paginators-1.json`.
pub fn read(cursor: &Cursor<'_>) -> Paginators {
    // 1, 1.0 or "1.0", if given at all.
    if let Some(version) = cursor.get("version") {
        version.raw();
    }
    Paginators { place: Some(cursor.place()), paginators: cursor.need_map("pagination", |_, it| paginator(it)) }
}

fn paginator(cursor: &Cursor<'_>) -> Paginator {
    Paginator {
        input_token: cursor.need_texts("input_token"),
        output_token: cursor.need_texts("output_token"),
        result_key: cursor.one_or_more_texts("result_key"),
        limit_key: cursor.text("limit_key"),
        more_results: cursor.text("more_results"),
        non_aggregate_keys: cursor.texts("non_aggregate_keys"),
    }
}

impl Paginators {
    /// Where an operation's paginator is described.
    pub fn place_of(&self, operation: &str) -> Place {
        let file = self.place.clone().unwrap_or_else(|| Place::new("paginators-1.json"));
        file.child("pagination").child(operation)
    }
}
