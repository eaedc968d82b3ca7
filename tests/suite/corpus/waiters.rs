//! The laws of waiters: for each acceptor, a result that is as the model describes matches it, and one that differs in
//! the compared value does not; and no path leads to a sensitive value, since the error shows what it leads to. The
//! results are built from the model's own paths.

use aws_core::internals::accepting_line;
use aws_core::internals::schema::{Kind, Shape};
use codegen::expr::jmespath::{Ast, Comparison, parse};
use codegen::ir;
use codegen::model::{Acceptor, Expected, Matcher, Models};
use serde_json::{Value as Json, json};
use tests::dynamic::Service;
use tests::values;

/// The acceptors of a service that were checked, and those whose path no output could be built for.
#[derive(Default)]
pub(super) struct Waiters {
    pub(super) checked: usize,
    pub(super) unbuilt: Vec<String>,
    pub(super) failures: Vec<String>,
}

/// Checks every acceptor of a service; `krate` was resolved from `models`.
pub(super) fn check_all(models: &Models, krate: &ir::Crate) -> Waiters {
    let mut waiters = Waiters::default();
    if krate.waiters.is_empty() {
        return waiters;
    }
    let service = Service::from_crate(krate);
    for waiter in &krate.waiters {
        let operation = &service.operations[&krate.operations[waiter.operation].name];
        let model = &models.waiters.waiters[&waiter.name];
        for (acceptor, line) in model.acceptors.iter().zip(waiter.description.lines()) {
            let name = format!("{} {}: {line}", models.name, waiter.name);
            let line: &'static str = Box::leak(line.to_owned().into_boxed_str());
            let accepts = |result: &CallResult| match result {
                CallResult::Error(status, code) => {
                    accepting_line(line, Err((*status, code))).map_err(|it| it.to_string())
                }
                CallResult::Output(status, output) => {
                    values::structure(output, operation.plan.output).and_then(|members| {
                        let view = aws_core::internals::schema::dynamic::view(&members, operation.plan.output);
                        accepting_line(line, Ok((view, *status))).map_err(|it| it.to_string())
                    })
                }
            };
            // What has a length may be a list or a string.
            let built = [[json!([{}]), json!([])], [json!("x"), json!("")]].map(|it| results(acceptor, &it));
            let failures = built.iter().flatten().map(|(same, other)| {
                let failure = |(result, expect): (&CallResult, Option<usize>)| match accepts(result) {
                    Ok(found) if found == expect => None,
                    found => Some(format!("{name}: {found:?} for {result:?}")),
                };
                [(same, Some(0)), (other, None)].into_iter().filter_map(failure).collect::<Vec<_>>()
            });
            let shown = |output: &Json| leads_to_sensitive(output, operation.plan.output, &expected(acceptor));
            if built.iter().flatten().any(|it| matches!(&it.0, CallResult::Output(_, output) if shown(output))) {
                waiters.failures.push(format!("{name}: the value is sensitive"));
            }
            match failures.min_by_key(Vec::len) {
                Some(failures) => {
                    waiters.checked += 1;
                    waiters.failures.extend(failures);
                }
                None => waiters.unbuilt.push(name),
            }
        }
    }
    waiters
}

/// The result of a call.
#[derive(Debug)]
enum CallResult {
    Output(u16, Json),
    Error(u16, &'static str),
}

/// A result that an acceptor must match, and one that it must not. `lengths` has a value with a length above 0, and one
/// with the length 0.
fn results(acceptor: &Acceptor, lengths: &[Json; 2]) -> Option<(CallResult, CallResult)> {
    let leaked = |code: &str| -> &'static str { Box::leak(code.to_owned().into_boxed_str()) };
    let with_status = |status: u16| match status {
        ..=300 => CallResult::Output(status, json!({})),
        _ => CallResult::Error(status, "Any"),
    };
    match (acceptor.matcher, &acceptor.expected) {
        (Matcher::Status, Expected::Integer(status)) => {
            let status = u16::try_from(*status).ok()?;
            Some((with_status(status), with_status(status + 1)))
        }
        (Matcher::Error, Expected::String(code)) => {
            Some((CallResult::Error(400, leaked(code)), CallResult::Error(400, leaked(&format!("{code}X")))))
        }
        (Matcher::Error, Expected::Flag(any)) => {
            let (error, output) = (CallResult::Error(400, "Any"), CallResult::Output(200, json!({})));
            Some(if *any { (error, output) } else { (output, error) })
        }
        (matcher, expected) => {
            let same = self::expected(acceptor);
            let other = match expected {
                Expected::String(text) => json!(format!("{text}X")),
                Expected::Integer(number) => json!(number + 1),
                Expected::Flag(flag) => json!(!flag),
            };
            // Of two elements `pathAll` needs both and `pathAny` one.
            let (same, other) = match matcher {
                Matcher::Path => (same, other),
                Matcher::PathAll => (json!([same, same]), json!([same, other])),
                Matcher::PathAny => (json!([other, same]), json!([other, other])),
                Matcher::Status | Matcher::Error => return None,
            };
            let path = parse(acceptor.argument.as_deref()?).ok()?;
            let output = |value: Json| built(&path, value, lengths).map(|it| CallResult::Output(200, it));
            Some((output(same)?, output(other)?))
        }
    }
}

fn expected(acceptor: &Acceptor) -> Json {
    match &acceptor.expected {
        Expected::String(text) => json!(text),
        Expected::Integer(number) => json!(number),
        Expected::Flag(flag) => json!(flag),
    }
}

/// Whether a value of an output is `value` and belongs to a sensitive member.
fn leads_to_sensitive(output: &Json, shape: &'static Shape, value: &Json) -> bool {
    output.as_object().into_iter().flatten().any(|(name, found)| {
        let Some(member) = shape.member(name) else { return false };
        let within = |kind: &'static Kind, found: &Json| match kind {
            Kind::Structure(cell) => leads_to_sensitive(found, cell.get(), value),
            _ => found == value && member.secret,
        };
        match (&member.node.kind, found) {
            (Kind::List(list), Json::Array(elements)) => elements.iter().any(|it| within(&list.element.kind, it)),
            (kind, found) => within(kind, found),
        }
    })
}

/// An object on which the expression has this value; `None` if it is of a kind for which this builds none.
fn built(path: &Ast, value: Json, lengths: &[Json; 2]) -> Option<Json> {
    let built = |path: &Ast, value: Json| built(path, value, lengths);
    let each_built = |each: &Ast, values: &Json| {
        values.as_array()?.iter().map(|it| built(each, it.clone())).collect::<Option<Vec<_>>>().map(Json::Array)
    };
    match path {
        Ast::Current => Some(value),
        Ast::Field(name) => Some(json!({ name.as_str(): value })),
        Ast::Then(first, second) => built(first, built(second, value)?),
        Ast::Index(list, 0 | -1) => built(list, json!([value])),
        // What a projection returns is a list of lists here.
        Ast::Flatten(list) if matches!(**list, Ast::Each(..) | Ast::Where(..)) => built(list, json!([value])),
        Ast::Flatten(list) => built(list, value),
        Ast::Each(list, each) => built(list, each_built(each, &value)?),
        Ast::Values(object, each) => {
            let values = each_built(each, &value)?;
            let entries = values.as_array()?.iter().enumerate().map(|(index, it)| (format!("k{index}"), it.clone()));
            built(object, Json::Object(entries.collect()))
        }
        Ast::Where(list, condition, each) => {
            let Ast::Compare(Comparison::Equal, left, right) = &**condition else { return None };
            let Ast::Literal(literal) = &**right else { return None };
            let mut elements = each_built(each, &value)?;
            for element in elements.as_array_mut()? {
                merge(element, built(left, literal.clone())?);
            }
            built(list, elements)
        }
        // `length(list) > `0``
        Ast::Compare(Comparison::Greater, left, right) => match (&**left, &**right) {
            (Ast::Call(name, arguments), Ast::Literal(zero)) if name == "length" && *zero == json!(0) => {
                built(arguments.first()?, lengths[usize::from(value != json!(true))].clone())
            }
            _ => None,
        },
        _ => None,
    }
}

/// Adds the members of an object to another.
fn merge(into: &mut Json, from: Json) {
    match (into, from) {
        (Json::Object(into), Json::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Json::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}
