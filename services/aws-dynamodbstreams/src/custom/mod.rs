//! Features of DynamoDB's streams that are not in their model: attribute values from and to Rust's own types.

mod attribute_value;
