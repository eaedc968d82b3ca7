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
mod types;
mod waiters;
mod wire;

use std::collections::BTreeMap;

use crate::expr::rules;
use crate::ir;
use crate::model::{Models, ShapeKind};
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

/// The protocols of botocore, in its order of preference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Json,
    RestJson,
    RestXml,
    Cbor,
    Query,
    Ec2,
}

impl Protocol {
    const ALL: [(&'static str, Self); 6] = [
        ("json", Self::Json),
        ("rest-json", Self::RestJson),
        ("rest-xml", Self::RestXml),
        ("smithy-rpc-v2-cbor", Self::Cbor),
        ("query", Self::Query),
        ("ec2", Self::Ec2),
    ];

    /// The first protocol of botocore's order that the service speaks.
    fn choose(models: &Models) -> Option<Self> {
        let metadata = &models.service.metadata;
        let spoken = match metadata.protocols.is_empty() {
            true => std::slice::from_ref(&metadata.protocol),
            false => &metadata.protocols[..],
        };
        Self::ALL.iter().find(|(name, _)| spoken.iter().any(|it| it == name)).map(|it| it.1)
    }

    /// The constant in the runtime, for protocols that have one.
    fn constant(self) -> Option<&'static str> {
        match self {
            Self::RestXml => Some("REST_XML"),
            _ => None,
        }
    }
}

/// The folder of the models, as headers name it.
pub fn origin(source: &ServiceSource) -> String {
    format!("models/botocore/{}/{}", source.name, source.version)
}

/// Decides everything about a client crate. `None` after a complaint, or if the runtime does not speak the protocol.
pub fn resolve(models: &Models, source: &ServiceSource, plan: &Plan, report: &mut Report) -> Option<ir::Crate> {
    let client = decide(models, source, plan, report)?;
    if client.service.protocol.is_empty() {
        let place = models.service.place.child("metadata").child("protocol");
        report.problem(place, format!("the runtime does not speak {} yet", models.service.metadata.protocol));
        return None;
    }
    Some(client)
}

/// Decides everything about a client crate; of a protocol that the runtime does not speak the constant stays empty.
pub fn decide(models: &Models, source: &ServiceSource, plan: &Plan, report: &mut Report) -> Option<ir::Crate> {
    let before = report.len();
    let metadata = &models.service.metadata;
    let place = models.service.place.child("metadata").child("protocol");
    let Some(protocol) = Protocol::choose(models) else {
        report.problem(place, format!("no known protocol among {:?}", metadata.protocols));
        return None;
    };
    let constant = protocol.constant().unwrap_or_default();
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
        protocol: constant,
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
