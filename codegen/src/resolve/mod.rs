//! Decides everything about the generated crates: from `model` to `ir`. One module for each kind of decision. Knows no
//! tokens.
//!
//! | module | decides |
//! |---|---|
//! | `reach` | which shapes the operations need |
//! | `boxing` | which members are boxed |
//! | `types` | the Rust type of each shape, the fields of each structure |
//! | `member_description` | the description of each member |
//! | `secrets` | which members hold secrets that the model does not mark |
//! | `operations` | method and descriptor of each operation |
//! | [`arguments`] | which members are arguments of a method |
//! | [`published`] | the record of published arguments |
//! | `customizations` | the annotations that fixups add to operations |
//! | `discovery` | which operations take part in endpoint discovery, and how the service is asked |
//! | `pagination`, `waiters` | the descriptions of paginators and waiters |
//! | `paths` | whether JMESPath expressions fit the shapes |
//! | `examples` | the Rust code of examples |
//! | `sessions` | the operation that creates the sessions which requests are signed with |
//! | [`resources`] | everything about resource crates |

pub mod arguments;
mod boxing;
mod customizations;
mod discovery;
mod examples;
mod member_description;
mod operations;
mod pagination;
pub mod paths;
pub mod published;
mod reach;
pub mod resources;
mod secrets;
mod sessions;
mod types;
mod waiters;

use std::collections::BTreeMap;

use crate::expr::rules;
use crate::ir::{self, Protocol};
use crate::model::{Metadata, Models, ShapeKind};
use crate::name;
use crate::prose;
use crate::report::Report;
use crate::source::{Document, ServicePlan, ServiceSource};

use reach::ReachableShapes;
use types::TypeNames;

/// The models, and the decisions on which others depend.
pub(crate) struct Context<'a> {
    pub(crate) models: &'a Models,
    pub(crate) names: TypeNames,
    pub(crate) reachable: ReachableShapes,
    pub(crate) boxed: boxing::Boxed,
    pub(crate) protocol: Protocol,
}

/// The first protocol in botocore's order of preference that the service supports.
fn protocol(metadata: &Metadata) -> Option<Protocol> {
    const PREFERENCE: [&str; 6] = ["json", "rest-json", "rest-xml", "smithy-rpc-v2-cbor", "query", "ec2"];
    let supported = match metadata.protocols.is_empty() {
        true => std::slice::from_ref(&metadata.protocol),
        false => &metadata.protocols[..],
    };
    let target = metadata.target_prefix.clone().unwrap_or_default();
    let version = metadata.api_version.clone();
    let query_compatible = metadata.aws_query_compatible;
    Some(match *PREFERENCE.iter().find(|name| supported.iter().any(|it| it == *name))? {
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

/// The folder of the models, as it is named in the first line of generated files.
pub fn origin(source: &ServiceSource) -> String {
    format!("models/botocore/{}/{}", source.name, source.version)
}

/// Decides everything about a client crate. `None` if there are problems.
pub fn resolve(models: &Models, source: &ServiceSource, plan: &ServicePlan, report: &mut Report) -> Option<ir::Crate> {
    let before = report.len();
    let metadata = &models.service.metadata;
    let location = models.service.location.child("metadata").child("protocol");
    let Some(protocol) = protocol(metadata) else {
        report.problem(location, format!("no supported protocol among {:?}", metadata.protocols));
        return None;
    };
    let reachable = ReachableShapes::new(models, &plan.operations, &plan.custom_types);
    let names = TypeNames::new(models, &reachable, report);
    let boxed = boxing::boxed(models);
    let ctx = Context { models, names, reachable, boxed, protocol };

    let mut operations = operations::resolve(&ctx, &plan.signatures, report);
    let crate_name = plan.client_crate.replace('-', "_");
    for operation in &mut operations {
        operation.examples = examples::resolve(&ctx, &crate_name, operation);
    }
    let waiters = waiters::resolve(&ctx, &operations, report);
    let mut types: BTreeMap<String, Vec<ir::Definition>> = BTreeMap::new();
    let mut errors = Vec::new();
    for (name, shape) in &models.service.shapes {
        let file = || name::snake(name).split('_').next().unwrap_or("other").to_owned();
        let definition = match &shape.kind {
            ShapeKind::Structure(it) if ctx.reachable.is_error(name) && it.exception => {
                errors.push(types::exception(&ctx, name, report));
                if !ctx.reachable.is_type(name) {
                    continue;
                }
                ir::Definition::Structure(types::shared(&ctx, name, report))
            }
            _ if !ctx.reachable.is_type(name) => continue,
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
    let discovery = discovery::endpoint_operation(&ctx, report).map(|it| operations::descriptor(&ctx, it, report));
    let sessions = sessions::operation(&ctx, report).map(|it| operations::descriptor(&ctx, it, report));
    let service = ir::Service {
        id: metadata.service_id.clone().unwrap_or_else(|| metadata.endpoint_prefix.clone()),
        full_name: metadata.full_name.clone(),
        api_version: metadata.api_version.clone(),
        endpoint_prefix: metadata.endpoint_prefix.clone(),
        signing_name: metadata.signing_name.clone().unwrap_or_else(|| metadata.endpoint_prefix.clone()),
        s3_signature: matches!(metadata.signature_version.as_str(), "s3" | "s3v4"),
        retries: models.service.retries.join(" "),
        discovery: discovery.unwrap_or_default(),
        protocol: ctx.protocol.clone(),
        rules,
        sessions: sessions.unwrap_or_default(),
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
        Err(problems) => {
            for (pointer, message) in problems {
                report.problem(document.location.below(&pointer), message);
            }
            None
        }
    }
}

/// The documentation of an item, from the model's HTML.
pub(crate) fn docs(html: Option<&str>, deprecated: Option<&crate::model::Deprecation>) -> ir::Docs {
    let html = html.unwrap_or_default();
    ir::Docs {
        summary: prose::summary(html),
        markdown: prose::markdown(html),
        deprecated: deprecated.map(|deprecation| {
            let message = deprecation.message.as_deref().unwrap_or("The service advises against its use.");
            match &deprecation.since {
                Some(since) => format!("{message} (since {since})"),
                None => message.to_owned(),
            }
        }),
    }
}
