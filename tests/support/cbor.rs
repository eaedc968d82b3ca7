//! CBOR as a tree without a schema, for comparing documents by their values. Uses the runtime's tokenizer.

use aws_core::internals::codec::cbor::{Token, Tokens};

/// A CBOR value.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each variant is a CBOR type")]
pub enum Item {
    Int(i128),
    Bytes(Vec<u8>),
    Text(String),
    List(Vec<Item>),
    /// Keys and values, sorted by the keys' `Debug` output.
    Map(Vec<(Item, Item)>),
    Tag(u64, Box<Item>),
    Bool(bool),
    Null,
    F32(f32),
    F64(f64),
}

/// Parses the one value that the bytes hold.
///
/// # Errors
/// If they are not well-formed, or bytes follow the value.
pub fn parse(bytes: &[u8]) -> Result<Item, String> {
    let mut tokens = Tokens::new(bytes);
    let item = item(&mut tokens)?;
    if tokens.is_empty() { Ok(item) } else { Err("trailing bytes after the value".to_owned()) }
}

fn item(tokens: &mut Tokens<'_>) -> Result<Item, String> {
    Ok(match tokens.next().map_err(|it| it.to_string())? {
        Token::Int(it) => Item::Int(it),
        Token::Bytes(it) => Item::Bytes(it.into_owned()),
        Token::Text(it) => Item::Text(it.into_owned()),
        Token::List(len) => Item::List(items(tokens, len, item)?),
        Token::Map(len) => {
            let mut entries = items(tokens, len, |tokens| Ok((item(tokens)?, item(tokens)?)))?;
            entries.sort_by_key(|it| format!("{:?}", it.0));
            Item::Map(entries)
        }
        Token::Tag(tag) => Item::Tag(tag, Box::new(item(tokens)?)),
        Token::Bool(it) => Item::Bool(it),
        Token::Null => Item::Null,
        Token::F32(it) => Item::F32(it),
        Token::F64(it) => Item::F64(it),
        Token::Break => return Err("a break outside of an indefinite length".to_owned()),
    })
}

fn items<'a, T>(
    tokens: &mut Tokens<'a>,
    len: Option<u64>,
    read_one: impl Fn(&mut Tokens<'a>) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    let mut items = Vec::new();
    let mut remaining = len;
    while remaining != Some(0) && !(remaining.is_none() && tokens.take_break()) {
        remaining = remaining.map(|it| it - 1);
        items.push(read_one(tokens)?);
    }
    Ok(items)
}

impl Item {
    /// The same value with every single-precision number as a double, so that numbers compare by value.
    #[must_use]
    pub fn widened(self) -> Self {
        match self {
            // NaN does not equal NaN; the string does.
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
