//! What fixups add to operations, as entries of the operation's line in the notation of the runtime's `operation`.

use super::Context;
use crate::model::{Operation, Recoding, Special, StructureReference};
use crate::report::Report;

/// The entries of an operation; complains of members that are not there.
pub(super) fn entries(ctx: &Context<'_>, operation: &Operation, report: &mut Report) -> Vec<String> {
    let service = &ctx.models.service;
    let mut entries: Vec<String> = operation.special.iter().map(entry).collect();
    // The answer to it depends on the version of the service that the caller knows.
    if operation.endpoint_operation {
        entries.push(format!("header=x-amz-api-version:{}", service.metadata.api_version));
    }
    for (special, text) in operation.special.iter().zip(&entries) {
        let (members, within) = match special {
            Special::Read(_, path) => (vec![path], &operation.output),
            Special::Sent(_, path) => (vec![path], &operation.input),
            Special::Default { member, .. } | Special::Endpoint(member) => (vec![member], &operation.input),
            Special::PresignedUrl { url, source, destination } => {
                ([url, source].into_iter().chain(destination).collect(), &operation.input)
            }
            Special::Bucket { member, .. } | Special::Ascii(member) => (vec![member], &operation.input),
            Special::Key { member, hash } => (vec![member, hash], &operation.input),
            Special::UrlEncoded { member, paths } => ([member].into_iter().chain(paths).collect(), &operation.output),
            Special::Header { .. }
            | Special::Form
            | Special::PresignedQuery
            | Special::TreeHash
            | Special::PathStyle
            | Special::LateError
            | Special::LongPoll => (Vec::new(), &operation.input),
        };
        let place = service.place_of_operation(&operation.name);
        for path in members {
            if !leads(ctx, within.as_ref(), path) {
                report.problem(place.clone(), format!("a fixup names `{path}`, which leads nowhere"));
            }
        }
        if text.contains([' ', ';']) {
            report.problem(place, format!("`{text}` of a fixup cannot be described"));
        }
    }
    entries
}

/// Whether a path leads from a structure to a member.
fn leads(ctx: &Context<'_>, from: Option<&StructureReference>, path: &str) -> bool {
    let shapes = &ctx.models.service.shapes;
    let mut at = from.map(|it| &it.shape);
    for name in path.split('.') {
        let mut shape = at.and_then(|it| shapes.get(it));
        while let Some(crate::model::ShapeKind::List(list)) = shape.map(|it| &it.kind) {
            shape = shapes.get(&list.member.shape);
        }
        let Some(member) = shape.and_then(|it| it.structure()?.members.get(name)) else { return false };
        at = Some(&member.shape);
    }
    true
}

fn entry(it: &Special) -> String {
    match it {
        Special::Header { name, value } => format!("header={name}:{value}"),
        Special::Default { member, text } => format!("default={member}:{text}"),
        Special::Sent(how, path) => format!("send={}:{path}", word(*how)),
        Special::Read(how, path) => format!("read={}:{path}", word(*how)),
        Special::PresignedUrl { url, source, destination } => match destination {
            Some(destination) => format!("presigned-url={url}:{source}:{destination}"),
            None => format!("presigned-url={url}:{source}"),
        },
        Special::Endpoint(member) => format!("endpoint={member}"),
        Special::Form => "form".to_owned(),
        Special::PresignedQuery => "presigned-query".to_owned(),
        Special::TreeHash => "tree-hash".to_owned(),
        Special::Bucket { member, new: true } => format!("bucket={member}:new"),
        Special::Bucket { member, new: false } => format!("bucket={member}"),
        Special::PathStyle => "path-style".to_owned(),
        Special::Ascii(member) => format!("ascii={member}"),
        Special::Key { member, hash } => format!("key={member}:{hash}"),
        Special::UrlEncoded { member, paths } => format!("url-encoded={member}:{}", paths.join(",")),
        Special::LateError => "late-error".to_owned(),
        Special::LongPoll => "long-poll".to_owned(),
    }
}

fn word(how: Recoding) -> &'static str {
    match how {
        Recoding::Base64 => "base64",
        Recoding::Percent => "percent",
        Recoding::Tail => "tail",
        Recoding::Source => "source",
    }
}
