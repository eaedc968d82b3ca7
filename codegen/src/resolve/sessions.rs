//! The operation that creates the sessions which requests to some endpoints are signed with. Every crate of its service states
//! it, also one without a method for it. Knows no service: a fixup names the operation.

use super::Context;
use crate::model::{Operation, ShapeKind};
use crate::report::Report;

/// The members that the runtime reads of a session (`call/sessions.rs`), and whether they are times.
const SESSION: [(&str, bool); 4] =
    [("AccessKeyId", false), ("SecretAccessKey", false), ("SessionToken", false), ("Expiration", true)];

/// The operation that creates sessions. A problem if it has not the members that the runtime sends and reads.
pub(super) fn operation<'a>(ctx: &Context<'a>, report: &mut Report) -> Option<&'a Operation> {
    let service = &ctx.models.service;
    let name = service.sessions?;
    let Some(operation) = service.operations.get(name) else {
        report.problem(
            service.location.child("operations"),
            format!("a fixup names the operation `{name}`, which does not exist"),
        );
        return None;
    };
    let location = service.location_of_operation(name);
    if !takes_bucket(ctx, operation) {
        let why =
            "an operation that creates sessions requires the input `Bucket` and no other: the runtime sends it alone";
        report.problem(location.clone(), why);
    }
    if !returns_session(ctx, operation) {
        let members = SESSION.map(|it| it.0).join(", ");
        let why = format!("an operation that creates sessions has the output `Credentials` with {members}");
        report.problem(location, why);
    }
    Some(operation)
}

fn takes_bucket(ctx: &Context<'_>, operation: &Operation) -> bool {
    let input = operation.input.as_ref().and_then(|it| ctx.models.service.structure(&it.shape));
    input.is_some_and(|it| it.required == ["Bucket"])
}

fn returns_session(ctx: &Context<'_>, operation: &Operation) -> bool {
    let service = &ctx.models.service;
    let output = operation.output.as_ref().and_then(|it| service.structure(&it.shape));
    let credentials = output.and_then(|it| it.members.get("Credentials"));
    let session = credentials.and_then(|it| service.structure(&it.shape));
    SESSION.iter().all(|(name, is_time)| {
        let member = session.and_then(|it| it.members.get(*name));
        let kind = member.and_then(|it| service.shapes.get(&it.shape)).map(|it| &it.kind);
        matches!((kind, is_time), (Some(ShapeKind::String(_)), false) | (Some(ShapeKind::Timestamp(_)), true))
    })
}
