//! Wire formats: bytes to and from views and slots of shapes. Knows nothing of HTTP, of AWS, or of a service.

pub mod cbor;
pub mod form;
pub mod json;
pub(crate) mod text;
pub mod xml;
