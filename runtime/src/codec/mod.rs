//! Wire formats: write views of shapes as bytes, and read bytes into slots. Knows no HTTP, no protocol and no service.

pub mod cbor;
#[cfg(test)]
mod depth_tests;
pub mod form;
pub mod json;
pub(crate) mod scalar_string;
pub mod xml;

/// How many characters of a name or an invalid string an error quotes. Our choice: enough to recognize it.
const MAX_QUOTED: usize = 40;

/// The start of a string that an error quotes.
fn shortened(string: &str) -> &str {
    string.char_indices().nth(MAX_QUOTED).map_or(string, |(end, _)| &string[..end])
}
