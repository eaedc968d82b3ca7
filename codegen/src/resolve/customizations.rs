//! The customizations that fixups add to operations, as annotations of the operation descriptor (the notation is that
//! of the runtime's `operation`).

use super::Context;
use crate::model::{Customization, Operation, Recoding, StructureReference};
use crate::report::Report;

/// The annotations of an operation. A member that does not exist is a problem.
pub(super) fn annotations(ctx: &Context<'_>, operation: &Operation, report: &mut Report) -> Vec<String> {
    let service = &ctx.models.service;
    let mut annotations: Vec<String> = operation.customizations.iter().map(annotation).collect();
    // The response to endpoint discovery depends on the API version that the client uses.
    if operation.endpoint_operation {
        annotations.push(format!("header=x-amz-api-version:{}", service.metadata.api_version));
    }
    for (customization, annotation) in operation.customizations.iter().zip(&annotations) {
        let (paths, structure) = match customization {
            Customization::ReadAs(_, path) => (vec![path], &operation.output),
            Customization::SendAs(_, path) => (vec![path], &operation.input),
            Customization::Default { member, .. } | Customization::Endpoint(member) => (vec![member], &operation.input),
            Customization::PresignedUrl { url, source, destination } => {
                ([url, source].into_iter().chain(destination).collect(), &operation.input)
            }
            Customization::Bucket { member, .. } | Customization::Ascii(member) => (vec![member], &operation.input),
            Customization::Key { key, md5 } => (vec![key, md5], &operation.input),
            Customization::ChecksumWith(members) => (members.iter().collect(), &operation.input),
            Customization::UrlEncoded { member, paths } => {
                ([member].into_iter().chain(paths).collect(), &operation.output)
            }
            Customization::Header { .. }
            | Customization::Form
            | Customization::PresignedQuery
            | Customization::TreeHash
            | Customization::PathStyle
            | Customization::LateError
            | Customization::LongPoll => (Vec::new(), &operation.input),
        };
        let location = service.location_of_operation(&operation.name);
        for path in paths {
            if !path_exists(ctx, structure.as_ref(), path) {
                report.problem(location.clone(), format!("a fixup names the member `{path}`, which does not exist"));
            }
        }
        if annotation.contains([' ', ';']) {
            let why = "an annotation must not contain a space or a semicolon";
            report.problem(location, format!("a fixup adds `{annotation}`, but {why}"));
        }
    }
    annotations
}

/// Whether a path of members leads from a structure to a member; lists on the path stand for their elements.
fn path_exists(ctx: &Context<'_>, structure: Option<&StructureReference>, path: &str) -> bool {
    let shapes = &ctx.models.service.shapes;
    let mut shape_name = structure.map(|it| &it.shape);
    for name in path.split('.') {
        let mut shape = shape_name.and_then(|it| shapes.get(it));
        while let Some(crate::model::ShapeKind::List(list)) = shape.map(|it| &it.kind) {
            shape = shapes.get(&list.member.shape);
        }
        let Some(member) = shape.and_then(|it| it.structure()?.members.get(name)) else { return false };
        shape_name = Some(&member.shape);
    }
    true
}

fn annotation(customization: &Customization) -> String {
    match customization {
        Customization::Header { name, value } => format!("header={name}:{value}"),
        Customization::Default { member, value } => format!("default={member}:{value}"),
        Customization::SendAs(recoding, path) => format!("send={}:{path}", recoding_keyword(*recoding)),
        Customization::ReadAs(recoding, path) => format!("read={}:{path}", recoding_keyword(*recoding)),
        Customization::PresignedUrl { url, source, destination } => match destination {
            Some(destination) => format!("presigned-url={url}:{source}:{destination}"),
            None => format!("presigned-url={url}:{source}"),
        },
        Customization::Endpoint(member) => format!("endpoint={member}"),
        Customization::Form => "form".to_owned(),
        Customization::PresignedQuery => "presigned-query".to_owned(),
        Customization::TreeHash => "tree-hash".to_owned(),
        Customization::Bucket { member, creates: true } => format!("bucket={member}:new"),
        Customization::Bucket { member, creates: false } => format!("bucket={member}"),
        Customization::ChecksumWith(members) => format!("sum-with={}", members.join(",")),
        Customization::PathStyle => "path-style".to_owned(),
        Customization::Ascii(member) => format!("ascii={member}"),
        Customization::Key { key, md5 } => format!("key={key}:{md5}"),
        Customization::UrlEncoded { member, paths } => format!("url-encoded={member}:{}", paths.join(",")),
        Customization::LateError => "late-error".to_owned(),
        Customization::LongPoll => "long-poll".to_owned(),
    }
}

fn recoding_keyword(recoding: Recoding) -> &'static str {
    match recoding {
        Recoding::Base64 => "base64",
        Recoding::Percent => "percent",
        Recoding::Tail => "tail",
        Recoding::Source => "source",
    }
}
