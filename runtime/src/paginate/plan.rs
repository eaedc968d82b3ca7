//! How pages hang together, decoded: where tokens come from and where they go.

use crate::error::{Error, ErrorKind, Result};
use crate::jmespath::Expression;
use crate::schema::tree::{Seen, put};
use crate::schema::{Shape, StructureMut, StructureView};
use crate::value::Document;

/// The tokens that lead to a page, by input member.
pub(super) type Tokens = Vec<(&'static str, Document)>;

#[derive(Debug)]
pub(super) struct PagePlan {
    operation: &'static str,
    tokens: Vec<(&'static str, Expression)>,
    more: Option<Expression>,
    limit: Option<&'static str>,
}

impl PagePlan {
    pub(super) fn decode(operation: &'static str, text: &'static str) -> Result<Self> {
        let mut plan = Self { operation, tokens: Vec::new(), more: None, limit: None };
        let path = |notation: &str| {
            Expression::decode(notation).map_err(|it| {
                let why = format!("{operation}: the description of its pages cannot be read; generate the crate again");
                Error::new(ErrorKind::Pagination, why).with_source(it)
            })
        };
        for line in text.lines() {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "token" => {
                    let (member, notation) = rest.split_once(' ').unwrap_or((rest, ""));
                    plan.tokens.push((member, path(notation)?));
                }
                "more" => plan.more = Some(path(rest)?),
                _ => plan.limit = Some(rest),
            }
        }
        Ok(plan)
    }

    /// The names of the input members that carry tokens.
    pub(super) fn token_members(&self) -> impl Iterator<Item = &'static str> {
        self.tokens.iter().map(|it| it.0)
    }

    /// The tokens of the page after this one; `None` if it is the last.
    pub(super) fn next(&self, page: StructureView<'_>) -> Result<Option<Tokens>> {
        let page = Seen::structure(page);
        let wrong = |it| {
            Error::new(ErrorKind::Pagination, format!("{}: a token cannot be found", self.operation)).with_source(it)
        };
        if let Some(more) = &self.more
            && !more.evaluate(page).map_err(wrong)?.is_true()
        {
            return Ok(None);
        }
        let mut tokens = Tokens::new();
        for (member, path) in &self.tokens {
            let node = path.evaluate(page).map_err(wrong)?;
            // An empty token ends the pages, as in botocore.
            if node.is_true() {
                tokens.push((member, node.to_document()));
            }
        }
        Ok((!tokens.is_empty()).then_some(tokens))
    }

    /// Writes the tokens into the next input; members without a token become absent.
    pub(super) fn apply(&self, tokens: &Tokens, input: &mut StructureMut<'_>) -> Result<()> {
        for (member, _) in &self.tokens {
            let Some(member) = member_of(input.shape(), member) else { continue };
            match tokens.iter().find(|it| it.0 == member.name) {
                Some((_, token)) if put(input.slot(member), token) => {}
                Some((name, token)) => {
                    let why = format!("{}: the token {token} does not fit the member {name}", self.operation);
                    return Err(Error::new(ErrorKind::Pagination, why));
                }
                None => input.clear(member),
            }
        }
        Ok(())
    }

    /// Asks for pages of this size.
    pub(super) fn set_page_size(&self, size: i32, input: &mut StructureMut<'_>) -> Result<()> {
        let Some(limit) = self.limit.and_then(|it| member_of(input.shape(), it)) else {
            let why = format!("{}: the service does not let the size of a page be chosen", self.operation);
            return Err(Error::new(ErrorKind::Pagination, why));
        };
        put(input.slot(limit), &Document::from(i64::from(size)));
        Ok(())
    }
}

fn member_of(shape: &'static Shape, name: &str) -> Option<&'static crate::schema::Member> {
    shape.member(name)
}
