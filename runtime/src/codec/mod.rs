//! Wire formats: write views of shapes as bytes, and read bytes into slots. Knows no HTTP, no protocol and no service.

pub mod cbor;
#[cfg(test)]
mod depth_tests;
pub mod form;
pub mod json;
pub(crate) mod scalar_string;
pub mod xml;
