//! CBOR as a tree without a schema, for comparing documents by their values. Splits with the runtime's tokens.

use aws_core::codec::cbor::{Token, Tokens};

/// A value.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names of the kinds")]
pub enum Item {
    Int(i128),
    Bytes(Vec<u8>),
    Text(String),
    List(Vec<Item>),
    /// Keys and values in the order of the keys' text.
    Map(Vec<(Item, Item)>),
    Tag(u64, Box<Item>),
    Bool(bool),
    Null,
    F32(f32),
    F64(f64),
}

/// The one value that the bytes hold.
///
/// # Errors
/// What is wrong with them.
pub fn parse(bytes: &[u8]) -> Result<Item, String> {
    let mut tokens = Tokens::new(bytes);
    let item = item(&mut tokens)?;
    if tokens.is_empty() { Ok(item) } else { Err("more follows".to_owned()) }
}

fn item(tokens: &mut Tokens<'_>) -> Result<Item, String> {
    Ok(match tokens.next().map_err(|it| it.to_string())? {
        Token::Int(it) => Item::Int(it),
        Token::Bytes(it) => Item::Bytes(it.into_owned()),
        Token::Text(it) => Item::Text(it.into_owned()),
        Token::List(len) => Item::List(items(tokens, len, item)?),
        Token::Map(len) => {
            let mut entries = items(tokens, len, |it| Ok((item(it)?, item(it)?)))?;
            entries.sort_by_key(|it| format!("{:?}", it.0));
            Item::Map(entries)
        }
        Token::Tag(tag) => Item::Tag(tag, Box::new(item(tokens)?)),
        Token::Bool(it) => Item::Bool(it),
        Token::Null => Item::Null,
        Token::F32(it) => Item::F32(it),
        Token::F64(it) => Item::F64(it),
        Token::Break => return Err("an end without a beginning".to_owned()),
    })
}

fn items<'a, T>(
    tokens: &mut Tokens<'a>,
    len: Option<u64>,
    one: impl Fn(&mut Tokens<'a>) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    let mut items = Vec::new();
    let mut rest = len;
    while rest != Some(0) && !(rest.is_none() && tokens.take_break()) {
        rest = rest.map(|it| it - 1);
        items.push(one(tokens)?);
    }
    Ok(items)
}

impl Item {
    /// The same value with every number as wide as can be, so that only values count.
    #[must_use]
    pub fn widened(self) -> Self {
        match self {
            // NaN is no other NaN's equal; its name is.
            Self::F32(it) if it.is_nan() => Self::Text("NaN".to_owned()),
            Self::F64(it) if it.is_nan() => Self::Text("NaN".to_owned()),
            Self::F32(it) => Self::F64(it.into()),
            Self::List(items) => Self::List(items.into_iter().map(Self::widened).collect()),
            Self::Map(items) => {
                Self::Map(items.into_iter().map(|(key, value)| (key.widened(), value.widened())).collect())
            }
            Self::Tag(tag, value) => Self::Tag(tag, Box::new(value.widened())),
            other => other,
        }
    }
}
