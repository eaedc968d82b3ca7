//! `paginators-1.json`: how the pages of an operation are chained. Paths are JMESPath expressions and stay strings.

use super::Map;
use crate::json::Cursor;
use crate::report::SourceLocation;

/// Paginators by the name of their operation.
#[derive(Debug, Clone, Default)]
pub struct Paginators {
    /// The file, if there is one.
    pub location: Option<SourceLocation>,
    /// By operation, in order.
    pub paginators: Map<Paginator>,
}

/// How the pages of an operation are chained.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Paginator {
    /// Input members that take the token of the next page.
    pub input_token: Vec<String>,
    /// Paths in the output to the values of those members, one each.
    pub output_token: Vec<String>,
    /// Paths in the output to the lists (or numbers) that continue on the next page; the first is what is paginated.
    pub result_key: Vec<String>,
    /// The input member that sets the page size.
    pub limit_key: Option<String>,
    /// Path in the output to a boolean: whether there are more pages.
    pub more_results: Option<String>,
    /// Paths in the output to values that every page repeats.
    pub non_aggregate_keys: Vec<String>,
}

/// Reads `paginators-1.json`.
pub fn read(cursor: &Cursor<'_>) -> Paginators {
    // 1, 1.0 or "1.0", if present at all.
    if let Some(version) = cursor.get("version") {
        version.raw();
    }
    Paginators {
        location: Some(cursor.location()),
        paginators: cursor.required_map("pagination", |_, it| paginator(it)),
    }
}

fn paginator(cursor: &Cursor<'_>) -> Paginator {
    Paginator {
        input_token: cursor.required_strings("input_token"),
        output_token: cursor.required_strings("output_token"),
        result_key: cursor.one_or_more_strings("result_key"),
        limit_key: cursor.string("limit_key"),
        more_results: cursor.string("more_results"),
        non_aggregate_keys: cursor.strings("non_aggregate_keys"),
    }
}

impl Paginators {
    /// The location of an operation's paginator.
    pub fn location_of(&self, operation: &str) -> SourceLocation {
        let file = self.location.clone().unwrap_or_else(|| SourceLocation::new("paginators-1.json"));
        file.child("pagination").child(operation)
    }
}
