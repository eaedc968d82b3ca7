//! Waiters: which operation to poll, and what its responses mean. Every path is checked against the output.

use super::{Context, pagination};
use crate::ir::{Operation, Waiter};
use crate::model::{Acceptor, Expected, Matcher, WaiterState};
use crate::name::{self, Scope};
use crate::report::{Report, SourceLocation};

/// The methods of a waiter beside the setters of its request, which must differ from them.
const WAITER_METHODS: [&str; 4] = ["delay", "max_attempts", "max_wait", "inspect"];

pub(crate) fn resolve(ctx: &Context<'_>, operations: &[Operation], report: &mut Report) -> Vec<Waiter> {
    let mut methods = Scope::default();
    for operation in operations {
        let _ = methods.claim(&operation.method, &operation.name);
    }
    let mut waiters = Vec::new();
    for (name, waiter) in &ctx.models.waiters.waiters {
        let Some(operation) = operations.iter().position(|op| op.name == waiter.operation) else { continue };
        let location = ctx.models.waiters.location_of(name);
        let method = format!("wait_{}", name::snake(name));
        if let Err(other) = methods.claim(&method, name) {
            report.name_clash(location.clone(), &method, other);
        }
        let fields = &operations[operation].input.fields;
        if let Some(field) = fields.iter().find(|it| WAITER_METHODS.contains(&it.setter.as_str())) {
            report.name_clash(location.clone(), &field.setter, "a method of waiters");
        }
        let lines = waiter.acceptors.iter().enumerate().filter_map(|(index, acceptor)| {
            acceptor_notation(ctx, &waiter.operation, acceptor, &location.child("acceptors").child(index), report)
        });
        waiters.push(Waiter {
            name: name.clone(),
            method,
            operation,
            description: lines.collect::<Vec<_>>().join("\n"),
            delay: waiter.delay,
            max_attempts: waiter.max_attempts,
        });
    }
    waiters
}

/// An acceptor as a line in the notation of the runtime's `wait`: state, matcher, expected value, path.
fn acceptor_notation(
    ctx: &Context<'_>,
    operation: &str,
    acceptor: &Acceptor,
    location: &SourceLocation,
    report: &mut Report,
) -> Option<String> {
    let state = match acceptor.state {
        WaiterState::Success => "success",
        WaiterState::Failure => "failure",
        WaiterState::Retry => "retry",
    };
    let matcher = match acceptor.matcher {
        Matcher::Path => "path",
        Matcher::PathAll => "pathAll",
        Matcher::PathAny => "pathAny",
        Matcher::Status => "status",
        Matcher::Error => "error",
    };
    let expected = match &acceptor.expected {
        Expected::String(text) => format!("{text:?}"),
        Expected::Integer(number) => number.to_string(),
        Expected::Flag(flag) => flag.to_string(),
    };
    match (&acceptor.argument, acceptor.matcher) {
        (Some(path), Matcher::Path | Matcher::PathAll | Matcher::PathAny) => {
            let notation = pagination::expression(ctx, operation, path, &location.child("argument"), report)?;
            Some(format!("{state} {matcher} {expected} {notation}"))
        }
        _ => Some(format!("{state} {matcher} {expected}")),
    }
}
