//! Features of DynamoDB that are not in its model: attribute values from and to Rust's own types.
//!
//! ```no_run
//! use aws_dynamodb::item;
//!
//! # async fn example(client: aws_dynamodb::Client) -> aws_core::Result<()> {
//! client
//!     .put_item("music", item! { "artist" => "No One You Know", "year" => 2026, "tags" => ["pop", "live"] })
//!     .condition_expression("year < :year")
//!     .expression_attribute_values(item! { ":year" => 2027 })
//!     .send()
//!     .await?;
//! let found = client.get_item("music", item! { "artist" => "No One You Know" }).send().await?.item;
//! let year = found.get("year").and_then(|it| it.as_number::<i32>());
//! # let _ = year;
//! # Ok(())
//! # }
//! ```

mod attribute_value;

/// An item, a key, or the values of expressions: attribute values by name.
pub type Item = aws_core::Map<String, crate::types::AttributeValue>;

/// Names with their attribute values: an [`Item`](custom::Item), written as boto3's dictionary.
///
/// What [`make!`](aws_core::make) does, for the type that items, keys and the values of expressions have:
///
/// ```
/// use aws_dynamodb::item;
///
/// let item = item! {
///     "id" => "a",
///     "size" => 5,
///     "ratio" => 0.5,
///     "on" => true,
///     "none" => (),
///     "data" => b"bytes",
///     "list" => ["a", 1],
///     "map" => { "x" => 1, "y" => { "z" => "deep" } },
/// };
/// assert_eq!(item["id"].as_s(), Some("a"));
/// assert_eq!(item["size"].as_number(), Some(5));
/// assert_eq!(item["list"].as_l().map(|it| it.len()), Some(2));
/// assert!(item["none"].is_null());
/// ```
#[macro_export]
macro_rules! item {
    ($($entries:tt)*) => {{
        let item: $crate::custom::Item = ::aws_core::make!({ $($entries)* });
        item
    }};
}
