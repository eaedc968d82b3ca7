//! DynamoDB's Query page as a program would declare it for serde: the same maps and strings as the generated types, read
//! by derived code.

use std::collections::BTreeMap;

use serde_derive::Deserialize;

/// A page; a program that reads it uses all of it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(dead_code, reason = "the benchmark counts the items and drops the page")]
pub struct Page {
    pub items: Vec<BTreeMap<String, Attribute>>,
    pub count: i32,
    pub scanned_count: i32,
    pub last_evaluated_key: BTreeMap<String, Attribute>,
}

/// An attribute. Binary values stay in base64, which favors the derived code by a little.
#[derive(Deserialize)]
#[expect(dead_code, reason = "the benchmark drops the values")]
pub enum Attribute {
    S(String),
    N(String),
    B(String),
    #[serde(rename = "BOOL")]
    Bool(bool),
    #[serde(rename = "NULL")]
    Null(bool),
    #[serde(rename = "SS")]
    Strings(Vec<String>),
    M(BTreeMap<String, Attribute>),
    L(Vec<Attribute>),
}
