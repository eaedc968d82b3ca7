//! Models to the decided crate. Every decision is here, each in its room:
//! `reach` what the operations need, `recurse` what must be boxed, `types` shape to Rust type, `wire` the
//! description, `operations`, `pagination`, `waiters`. Knows no tokens.

mod examples;
mod operations;
mod pagination;
pub mod paths;
mod reach;
mod recurse;
pub mod resources;
mod special;
mod types;
mod waiters;
mod wire;

use std::collections::BTreeMap;

use crate::expr::rules;
use crate::ir::{self, Protocol};
use crate::model::{Metadata, Models, ShapeKind};
use crate::name;
use crate::prose;
use crate::report::Report;
use crate::source::{Document, Plan, ServiceSource};

use reach::Reach;
use types::Names;

/// Everything the rooms look up.
pub(crate) struct Context<'a> {
    pub(crate) models: &'a Models,
    pub(crate) names: Names,
    pub(crate) reach: Reach,
    pub(crate) boxed: recurse::Boxed,
    pub(crate) protocol: Protocol,
}

/// The first protocol of botocore's order of preference that the service speaks.
fn protocol(metadata: &Metadata) -> Option<Protocol> {
    const PREFERENCE: [&str; 6] = ["json", "rest-json", "rest-xml", "smithy-rpc-v2-cbor", "query", "ec2"];
    let spoken = match metadata.protocols.is_empty() {
        true => std::slice::from_ref(&metadata.protocol),
        false => &metadata.protocols[..],
    };
    let target = metadata.target_prefix.clone().unwrap_or_default();
    let version = metadata.api_version.clone();
    let query_compatible = metadata.aws_query_compatible;
    Some(match *PREFERENCE.iter().find(|name| spoken.iter().any(|it| it == *name))? {
        "json" => Protocol::Json {
            version: metadata.json_version.clone().unwrap_or_else(|| "1.0".to_owned()),
            target,
            query_compatible,
        },
        "rest-json" => Protocol::RestJson,
        "rest-xml" => Protocol::RestXml,
        "smithy-rpc-v2-cbor" => Protocol::Cbor { target, query_compatible },
        "query" => Protocol::Query { version },
        _ => Protocol::Ec2 { version },
    })
}

/// The folder of the models, as headers name it.
pub fn origin(source: &ServiceSource) -> String {
    format!("models/botocore/{}/{}", source.name, source.version)
}

/// Decides everything about a client crate. `None` after a complaint.
pub fn resolve(models: &Models, source: &ServiceSource, plan: &Plan, report: &mut Report) -> Option<ir::Crate> {
    let before = report.len();
    let metadata = &models.service.metadata;
    let place = models.service.place.child("metadata").child("protocol");
    let Some(protocol) = protocol(metadata) else {
        report.problem(place, format!("no known protocol among {:?}", metadata.protocols));
        return None;
    };
    let reach = Reach::new(models, &plan.operations);
    let names = Names::new(models, &reach, report);
    let boxed = recurse::boxed(models, &reach);
    let ctx = Context { models, names, reach, boxed, protocol };

    let mut operations = operations::resolve(&ctx, report);
    let library = plan.client_crate.replace('-', "_");
    for operation in &mut operations {
        operation.examples = examples::resolve(&ctx, &library, operation);
    }
    let waiters = waiters::resolve(&ctx, &operations, report);
    let mut types: BTreeMap<String, Vec<ir::Definition>> = BTreeMap::new();
    let mut errors = Vec::new();
    for (name, shape) in &models.service.shapes {
        let file = || name::snake(name).split('_').next().unwrap_or("other").to_owned();
        let definition = match &shape.kind {
            ShapeKind::Structure(it) if ctx.reach.is_error(name) && it.exception => {
                errors.push(types::exception(&ctx, name, report));
                if !ctx.reach.is_type(name) {
                    continue;
                }
                ir::Definition::Structure(types::shared(&ctx, name, report))
            }
            _ if !ctx.reach.is_type(name) => continue,
            ShapeKind::Structure(it) if it.document => continue,
            ShapeKind::Structure(it) if it.union || it.event_stream => {
                ir::Definition::Union(types::shared(&ctx, name, report))
            }
            ShapeKind::Structure(_) => ir::Definition::Structure(types::shared(&ctx, name, report)),
            ShapeKind::String(it) if !it.values.is_empty() => {
                ir::Definition::Enumeration(types::enumeration(&ctx, name, &it.values))
            }
            _ => continue,
        };
        types.entry(file()).or_default().push(definition);
    }
    let rules = source.rules.as_ref().and_then(|it| compile_rules(it, report));
    let service = ir::Service {
        id: metadata.service_id.clone().unwrap_or_else(|| metadata.endpoint_prefix.clone()),
        full_name: metadata.full_name.clone(),
        api_version: metadata.api_version.clone(),
        endpoint_prefix: metadata.endpoint_prefix.clone(),
        signing_name: metadata.signing_name.clone().unwrap_or_else(|| metadata.endpoint_prefix.clone()),
        s3_signature: matches!(metadata.signature_version.as_str(), "s3" | "s3v4"),
        retries: models.service.retries.join(" "),
        protocol: ctx.protocol.clone(),
        rules,
        docs: docs(models.service.documentation.as_deref(), None),
    };
    (report.len() == before).then_some(ir::Crate {
        package: plan.client_crate.clone(),
        origin: origin(source),
        service,
        operations,
        types,
        errors,
        waiters,
        custom: plan.custom,
    })
}

fn compile_rules(document: &Document, report: &mut Report) -> Option<String> {
    match rules::compile(&document.value) {
        Ok(compiled) => Some(compiled.table),
        Err(complaints) => {
            for (pointer, message) in complaints {
                report.problem(document.place.below(&pointer), message);
            }
            None
        }
    }
}

pub(crate) fn docs(html: Option<&str>, deprecated: Option<&crate::model::Deprecation>) -> ir::Docs {
    let html = html.unwrap_or_default();
    ir::Docs {
        summary: prose::summary(html),
        markdown: prose::markdown(html),
        deprecated: deprecated.map(|it| {
            let message = it.message.as_deref().unwrap_or("The service advises against its use.");
            match &it.since {
                Some(since) => format!("{message} (since {since})"),
                None => message.to_owned(),
            }
        }),
    }
}
