//! How an operation paginates, decoded from its descriptor: where tokens come from and where they go, and which lists the
//! pages consist of.

use std::ops::Range;

use crate::error::{Error, ErrorKind, Result};
use crate::jmespath::Expression;
use crate::schema::SchemaType;
use crate::schema::tree::{TypedTree, clear_list, list_len, put, with_list};
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
    /// The paths of the lists that a page has a part of; the first is the main one.
    lists: Vec<&'static str>,
}

impl PagePlan {
    /// Decodes the lines of [`Paginated::PAGES`](super::Paginated::PAGES).
    pub(super) fn decode(operation: &'static str, descriptor: &'static str) -> Result<Self> {
        let mut plan = Self { operation, tokens: Vec::new(), more: None, limit: None, lists: Vec::new() };
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
                "items" => plan.lists.push(rest),
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

    /// Whether pages have a list whose items can be counted.
    pub(super) fn require_list(&self) -> Result<()> {
        match self.lists.is_empty() {
            false => Ok(()),
            true => {
                let why = format!("{}: a page has no list whose items a limit could count", self.operation);
                Err(Error::new(ErrorKind::Pagination, why))
            }
        }
    }

    /// How many items the main list of a page has.
    pub(super) fn count(&self, page: StructureView<'_>) -> usize {
        self.lists.first().map_or(0, |it| list_len(page, it))
    }

    /// Removes the first `skip` items of the main list of a page, and all after the `max` that follow. As in botocore, the
    /// other lists are empty in a page that was begun before.
    pub(super) fn cut<P: SchemaType>(&self, page: &mut P, skip: usize, max: usize) {
        let Some((main, others)) = self.lists.split_first() else { return };
        let range = skip..skip.saturating_add(max);
        keep(page, main, range);
        for other in others.iter().filter(|_| skip > 0) {
            clear_list(StructureMut::new(page), other);
        }
    }

    /// Appends the lists of a page to those of `all`.
    pub(super) fn append<P: SchemaType>(&self, all: &mut P, mut page: P) {
        for path in &self.lists {
            if list_len(StructureView::new(&page), path) > 0 {
                append(all, &mut page, path, 0..usize::MAX);
            }
        }
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

/// Keeps the elements of a list that are in `range`.
fn keep<P: SchemaType>(page: &mut P, path: &str, range: Range<usize>) {
    let mut kept = P::default();
    append(&mut kept, page, path, range);
    clear_list(StructureMut::new(page), path);
    append(page, &mut kept, path, 0..usize::MAX);
}

/// Appends the elements of a list in `from` that are in `range` to the same list of `to`.
fn append<P: SchemaType>(to: &mut P, from: &mut P, path: &str, range: Range<usize>) {
    with_list(StructureMut::new(from), path, &mut |mut from| {
        with_list(StructureMut::new(&mut *to), path, &mut |mut to| to.append_from(&mut from, range.clone()));
    });
}
