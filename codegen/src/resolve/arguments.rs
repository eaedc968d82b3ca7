//! Which members are arguments of a method, and in which order: a position must carry its own meaning. The rule for
//! methods of clients and of resources alike; waiters and paginators follow the operation. Knows no tokens.
//!
//! What was published stays, whatever the models do: what becomes required later is no argument, what stops being required
//! stays one, and a new order changes nothing. This is the rule for methods that were not published:
//!
//! A single required member is an argument. Of several, those are that a person put into an order
//! (`models/signatures.toml`). Without an order it is the labels of the request's URL, as they stand in it (host, then
//! path), and behind them the other required members, if these are all unlike: no expression fits the argument of two of
//! them, or of one and a label. A boolean says nothing without its name, so it is never one. Every other required
//! member is a setter, and validation names all that are missing before anything is sent.

use crate::expr::uri;
use crate::ir::{Structure, Type};
use crate::model::{self, Models};
use crate::report::Report;
use crate::source::Signatures;

/// How many members are arguments of a method. Our choice: a call with more needs names to be readable.
pub const MAX_ARGUMENTS: usize = 4;

/// The required members of an input that a caller has to set, as indexes of fields.
#[derive(Debug, Clone, Default)]
pub(crate) struct Required {
    /// The labels of the request's URL, in its order.
    labels: Vec<usize>,
    /// The others, in the order of the model.
    others: Vec<usize>,
}

impl Required {
    /// The required members of an operation. Idempotency tokens are filled in, so they are none.
    pub(crate) fn new(models: &Models, operation: &model::Operation, input: &Structure) -> Required {
        let shape = operation.input.as_ref().and_then(|it| models.service.structure(&it.shape));
        let Some(shape) = shape else { return Required::default() };
        let index = |name: &str| {
            let is_asked_for = |it: &model::Member| !it.idempotency_token;
            let is_required = shape.required.iter().any(|it| it == name);
            let found = shape.members.get(name).is_some_and(is_asked_for) && is_required;
            input.fields.iter().position(|field| found && field.name == name)
        };
        let mut labels: Vec<usize> = Vec::new();
        for name in url_members(operation, shape) {
            labels.extend(index(&name).filter(|it| !labels.contains(it)));
        }
        let mut others: Vec<usize> = Vec::new();
        for name in &shape.required {
            others.extend(index(name).filter(|it| !labels.contains(it) && !others.contains(it)));
        }
        Required { labels, others }
    }

    /// Those that satisfy a condition on the index of the field.
    pub(crate) fn filtered(&self, is_kept: impl Fn(usize) -> bool) -> Required {
        let keep = |all: &[usize]| all.iter().copied().filter(|it| is_kept(*it)).collect();
        Required { labels: keep(&self.labels), others: keep(&self.others) }
    }

    /// All of them, labels first.
    pub(crate) fn all(&self) -> impl Iterator<Item = usize> {
        self.labels.iter().chain(&self.others).copied()
    }

    /// The arguments of a method: those with which it was published as `method`, else those of the rule. A published
    /// member that is gone, which `published::check` reports, or that `is_set` already, is left out.
    pub(crate) fn arguments(
        &self,
        input: &Structure,
        signatures: &Signatures,
        (method, operation): (&str, &str),
        is_set: impl Fn(usize) -> bool,
    ) -> Vec<usize> {
        let left = |index: &usize| !is_set(*index);
        match signatures.published(method) {
            Some(members) => {
                let find = |name: &String| input.fields.iter().position(|field| field.name == *name);
                members.iter().filter_map(find).filter(left).collect()
            }
            None => self.by_rule(input, signatures.order(operation)),
        }
    }

    /// The arguments by the rule: `order` is what a person wrote down.
    fn by_rule(&self, input: &Structure, order: Option<&[String]>) -> Vec<usize> {
        if self.all().count() == 1 {
            return self.all().collect();
        }
        if let Some(order) = order {
            let find = |name: &String| self.all().find(|index| input.fields[*index].name == *name);
            return order.iter().filter_map(find).take(MAX_ARGUMENTS).collect();
        }
        let ty = |index: &usize| input.fields[*index].ty.present();
        let mut others = self.others.clone();
        others.retain(|index| *ty(index) != Type::Bool);
        // What is acted on stands before what is sent.
        others.sort_by_key(|index| rank(ty(index)));
        let is_unlike = |(position, index): (usize, &usize)| {
            let mut before = self.labels.iter().chain(&others[..position]);
            !before.any(|it| are_confusable(ty(it), ty(index)))
        };
        let are_unlike = others.iter().enumerate().all(is_unlike);
        match self.labels.len() + others.len() <= MAX_ARGUMENTS && are_unlike {
            true => self.labels.iter().copied().chain(others).collect(),
            false => self.labels.iter().copied().take(MAX_ARGUMENTS).collect(),
        }
    }
}

/// Checks what a person wrote down: an order names required members of an operation that exists, as the
/// model spells them.
pub fn check_orders(models: &Models, signatures: &Signatures, report: &mut Report) {
    for (name, order) in &signatures.orders {
        let location = order.location.clone();
        if let Some(published) = signatures.published(name) {
            if published != order.members {
                let published = published.join(", ");
                report
                    .problem(location, format!("`{name}` was published with ({published}), so it has no other order"));
            }
            continue;
        }
        let Some(operation) = models.service.operations.get(name) else {
            let operations = models.service.operations.keys().map(String::as_str);
            report.unknown_name(location, "operation", name, operations);
            continue;
        };
        if order.members.len() > MAX_ARGUMENTS {
            let count = order.members.len();
            report.problem(
                location.clone(),
                format!("`{name}` has {count} arguments: a method has at most {MAX_ARGUMENTS}"),
            );
        }
        let shape = operation.input.as_ref().and_then(|it| models.service.structure(&it.shape));
        for member in &order.members {
            match shape.and_then(|it| it.members.get(member)) {
                None => {
                    let members = shape.into_iter().flat_map(|it| it.members.keys()).map(String::as_str);
                    report.unknown_name(location.clone(), &format!("member of `{name}`"), member, members);
                }
                Some(it) if it.idempotency_token => {
                    report.problem(
                        location.clone(),
                        format!("`{member}` of `{name}` is filled in: it is an idempotency token"),
                    );
                }
                Some(_) if shape.is_some_and(|it| !it.required.contains(member)) => {
                    report.problem(location.clone(), format!("`{member}` of `{name}` is not required"));
                }
                Some(_) => {}
            }
        }
    }
}

/// The members that an operation's URL names: those in the host, then those in the path. A member of the URL that the
/// path does not name is put into the host by the endpoint rules, as S3's bucket is.
fn url_members(operation: &model::Operation, shape: &model::Structure) -> Vec<String> {
    let path = uri::parse(&operation.http.request_uri).ok();
    let label = |name: &str, it: &model::Member| it.location_name.clone().unwrap_or_else(|| name.to_owned());
    let in_url = |it: &model::Member| it.location.as_deref() == Some("uri");
    let in_path = path.iter().flat_map(|it| it.labels()).filter_map(|wanted| {
        let mut members = shape.members.iter();
        members.find(|(name, it)| in_url(it) && label(name, it) == wanted).map(|(name, _)| name.clone())
    });
    let in_path: Vec<String> = in_path.collect();
    let in_host = |(name, it): &(&String, &model::Member)| it.host_label || in_url(it) && !in_path.contains(name);
    let in_host: Vec<String> = shape.members.iter().filter(in_host).map(|(name, _)| name.clone()).collect();
    in_host.into_iter().chain(in_path).collect()
}

/// Where members of a type stand: names, numbers, times, then what is sent.
fn rank(ty: &Type) -> u8 {
    match ty {
        Type::String | Type::Enumeration(_) => 0,
        Type::Bool | Type::I32 | Type::I64 | Type::F32 | Type::F64 => 1,
        Type::Timestamp => 2,
        _ => 3,
    }
}

/// Whether an expression can fit the arguments of both types, as methods take them: `"text"` is a string, a value of any
/// enumeration, and bytes; `1` is a number of any kind.
pub fn are_confusable(a: &Type, b: &Type) -> bool {
    let is_text = |it: &Type| matches!(it, Type::String | Type::Enumeration(_) | Type::Blob | Type::Stream);
    let is_number = |it: &Type| matches!(it, Type::I32 | Type::I64 | Type::F32 | Type::F64);
    match (a, b) {
        (Type::Option(a) | Type::Boxed(a), b) | (b, Type::Option(a) | Type::Boxed(a)) => are_confusable(a, b),
        // A document is made of strings, numbers, booleans, lists and maps.
        (Type::Document, other) | (other, Type::Document) => {
            !matches!(other, Type::Named(_) | Type::Timestamp | Type::Events(_) | Type::EventInput(_))
        }
        // `vec![1, 2]` may be bytes.
        (Type::List(item), Type::Blob | Type::Stream) | (Type::Blob | Type::Stream, Type::List(item)) => {
            is_number(item.present())
        }
        (Type::List(a), Type::List(b)) | (Type::Map(_, a), Type::Map(_, b)) => are_confusable(a, b),
        _ => a == b || is_text(a) && is_text(b) || is_number(a) && is_number(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_confusable_if_an_expression_fits_both() {
        let list = |it| Type::List(Box::new(it));
        let map = |it| Type::Map(Box::new(Type::String), Box::new(it));
        let (named, other) = (|| Type::Named("A".to_owned()), || Type::Named("B".to_owned()));
        let enumeration = |name: &str| Type::Enumeration(name.to_owned());
        let check = |a: Type, b: Type, expect: bool| {
            assert_eq!(are_confusable(&a, &b), expect, "{a:?} {b:?}");
            assert_eq!(are_confusable(&b, &a), expect, "{b:?} {a:?}");
        };
        for (a, b) in [
            (Type::String, Type::String),
            (Type::String, enumeration("A")),
            (enumeration("A"), enumeration("B")),
            (Type::String, Type::Blob),
            (Type::Blob, Type::Stream),
            (Type::Bool, Type::Bool),
            (Type::I32, Type::I64),
            (Type::I64, Type::F64),
            (Type::Timestamp, Type::Timestamp),
            (Type::Document, Type::String),
            (Type::Document, list(Type::String)),
            (named(), named()),
            (named(), Type::Boxed(Box::new(named()))),
            (list(Type::String), list(enumeration("A"))),
            (list(Type::I32), Type::Blob),
            (list(list(Type::I32)), list(list(Type::I64))),
            (map(Type::String), map(Type::String)),
        ] {
            check(a, b, true);
        }
        for (a, b) in [
            (Type::String, Type::I32),
            (Type::String, Type::Bool),
            (Type::String, Type::Timestamp),
            (Type::I32, Type::Bool),
            (Type::String, list(Type::String)),
            (Type::String, named()),
            (named(), other()),
            (named(), list(named())),
            (list(named()), list(other())),
            (list(named()), list(Type::String)),
            (list(Type::String), map(Type::String)),
            (map(Type::String), map(named())),
            (list(Type::String), Type::Blob),
            (Type::Document, named()),
        ] {
            check(a, b, false);
        }
    }
}
