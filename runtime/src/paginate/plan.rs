//! How an operation paginates, decoded from its descriptor: where tokens come from and where they go.

use crate::error::{Error, ErrorKind, Result};
use crate::jmespath::Expression;
use crate::schema::tree::{TypedTree, put};
use crate::schema::{StructureMut, StructureView};
use crate::types::Document;

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
    /// Decodes the lines of [`Paginated::PAGES`](super::Paginated::PAGES).
    pub(super) fn decode(operation: &'static str, descriptor: &'static str) -> Result<Self> {
        let mut plan = Self { operation, tokens: Vec::new(), more: None, limit: None };
        let path = |notation: &str| {
            Expression::decode(notation).map_err(|it| {
                let why = format!("{operation}: cannot decode the pagination descriptor; regenerate the crate");
                Error::new(ErrorKind::Pagination, why).with_source(it)
            })
        };
        for line in descriptor.lines() {
            let (keyword, rest) = line.split_once(' ').unwrap_or((line, ""));
            match keyword {
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

    /// The tokens of the page after `page`; `None` if that is the last.
    pub(super) fn next(&self, page: StructureView<'_>) -> Result<Option<Tokens>> {
        let page = TypedTree::from_structure(page);
        let failed = |it| {
            let why = format!("{}: cannot read the next token from the output", self.operation);
            Error::new(ErrorKind::Pagination, why).with_source(it)
        };
        if let Some(more) = &self.more
            && !more.evaluate(page).map_err(failed)?.is_true()
        {
            return Ok(None);
        }
        let mut tokens = Tokens::new();
        for (member, path) in &self.tokens {
            let node = path.evaluate(page).map_err(failed)?;
            // An empty token ends the pages, as in botocore.
            if node.is_true() {
                tokens.push((member, node.to_document()));
            }
        }
        Ok((!tokens.is_empty()).then_some(tokens))
    }

    /// Sets the tokens in the next input; members without a token are cleared.
    pub(super) fn apply(&self, tokens: &Tokens, input: &mut StructureMut<'_>) -> Result<()> {
        for (member, _) in &self.tokens {
            let Some(member) = input.shape().member(member) else { continue };
            match tokens.iter().find(|it| it.0 == member.name) {
                Some((_, token)) if put(input.slot(member), token) => {}
                Some((name, token)) => {
                    let why = format!("{}: the token {token} has the wrong type for member {name}", self.operation);
                    return Err(Error::new(ErrorKind::Pagination, why));
                }
                None => input.clear(member),
            }
        }
        Ok(())
    }

    /// Sets the page size in the input.
    pub(super) fn set_page_size(&self, size: i32, input: &mut StructureMut<'_>) -> Result<()> {
        let Some(limit) = self.limit.and_then(|it| input.shape().member(it)) else {
            let why = format!("{}: the operation has no parameter for the page size", self.operation);
            return Err(Error::new(ErrorKind::Pagination, why));
        };
        put(input.slot(limit), &Document::from(i64::from(size)));
        Ok(())
    }
}
