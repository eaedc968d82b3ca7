//! A service built at run time: the generator reads and resolves a model, and the resulting descriptors become dynamic
//! shapes and operation plans, so that tests run what generated crates contain. Knows no wire format.

use std::collections::BTreeMap;

use aws_core::internals::call::{self, LazyOperation, LazyRules, OperationPlan};
use aws_core::internals::protocol::{
    AwsJson, AwsQuery, Ec2Query, Protocol, ResponseParts, RestJson, RestXml, RpcV2Cbor,
};
use aws_core::internals::schema::dynamic::{self, Link, Schema, Value as Member};
use aws_core::internals::schema::{Kind, Shape};
use codegen::ir::{self, Definition, Structure, Type};
use codegen::report::{Report, SourceLocation};
use codegen::source::{self, Document, ServiceSource};
use codegen::{fixups, model, resolve};
use serde_json::{Map, Value, json};

/// A service built at run time.
pub struct Service {
    /// The protocol of the generated code.
    pub protocol: &'static dyn Protocol,
    /// The facts that the generated crate would state, without hand-written code.
    pub facts: &'static call::Service,
    /// Operations by name.
    pub operations: BTreeMap<String, Operation>,
}

/// An operation built at run time.
pub struct Operation {
    /// Its decoded descriptor.
    pub plan: &'static OperationPlan,
    /// Its errors: the code and the shape of each.
    pub errors: Vec<(String, &'static Shape)>,
}

/// Whether the runtime implements a protocol, by its name in models.
pub fn supports_protocol(protocol: &str) -> bool {
    ["json", "rest-json", "rest-xml", "smithy-rpc-v2-cbor", "query", "ec2"].contains(&protocol)
}

impl Service {
    /// Builds the service of a protocol test: metadata, shapes and one operation.
    pub fn from_case(metadata: &Value, shapes: &Value, operation: &Value) -> Result<Self, String> {
        let mut metadata = metadata.as_object().cloned().unwrap_or_default();
        for (key, value) in [("endpointPrefix", "suite"), ("serviceFullName", "Suite"), ("signatureVersion", "v4")] {
            metadata.entry(key).or_insert_with(|| json!(value));
        }
        let mut operations = Map::new();
        let name = operation["name"].as_str().unwrap_or_default();
        let mut operation = operation.clone();
        if let Some(operation) = operation.as_object_mut() {
            // Only these files use this name.
            operation.remove("idempotent");
        }
        operations.insert(name.to_owned(), operation);
        let value = json!({"version": "2.0", "metadata": metadata, "operations": operations, "shapes": shapes});
        Self::from_source(&ServiceSource {
            name: "suite".to_owned(),
            version: "1".to_owned(),
            service: Document { location: SourceLocation::new("suite"), value },
            paginators: None,
            waiters: None,
            rules: None,
            examples: None,
            resources: None,
        })
    }

    /// Builds the service of a model.
    pub fn from_source(source: &ServiceSource) -> Result<Self, String> {
        Self::from_operations(source, &[])
    }

    /// Builds the service of a model with these operations only, as a slim crate has them; with all if none are named.
    pub fn from_operations(source: &ServiceSource, operations: &[&str]) -> Result<Self, String> {
        let mut report = Report::new();
        let operations = operations.iter().map(|&it| it.to_owned()).collect();
        let plan = source::ServicePlan { operations, ..source::ServicePlan::default_for(&source.name) };
        let mut resolved = || {
            let mut models = model::read(source, &mut report)?;
            fixups::apply(&mut models, &mut report);
            resolve::resolve(&models, source, &plan, &mut report)
        };
        match resolved() {
            Some(krate) => Ok(Self::from_crate(&krate)),
            None => Err(report.to_string()),
        }
    }

    /// Builds the service of a resolved crate.
    pub fn from_crate(krate: &ir::Crate) -> Self {
        let mut schema = Schema::new();
        for definition in krate.types.values().flatten() {
            match definition {
                Definition::Structure(it) | Definition::Union(it) => define(&mut schema, "type", it),
                Definition::Enumeration(_) => {}
            }
        }
        for error in &krate.errors {
            define(&mut schema, "error", error);
        }
        let mut operations = BTreeMap::new();
        for operation in &krate.operations {
            define(&mut schema, "operation", &operation.input);
            define(&mut schema, "operation", &operation.output);
            let shape = |group: &str, name: &str| schema.shape(&format!("{group} {name}")).expect("just defined");
            let plan = OperationPlan::decode(
                leaked(&operation.descriptor),
                shape("operation", &operation.input.ty),
                shape("operation", &operation.output.ty),
            );
            let errors = krate
                .errors
                .iter()
                .filter(|error| operation.errors.contains(&error.ty))
                .map(|error| (error.code.clone().unwrap_or_default(), shape("error", &error.ty)))
                .collect();
            operations.insert(operation.name.clone(), Operation { plan: Box::leak(Box::new(plan)), errors });
        }
        let protocol = protocol(&krate.service.protocol);
        let facts = &krate.service;
        let facts = call::Service {
            id: leaked(&facts.id),
            api_version: leaked(&facts.api_version),
            endpoint_prefix: leaked(&facts.endpoint_prefix),
            signing_name: leaked(&facts.signing_name),
            s3_signature: facts.s3_signature,
            retries: leaked(&facts.retries),
            discovery: LazyOperation::new(leaked(&facts.discovery)),
            protocol,
            rules: LazyRules::new(leaked(facts.rules.as_deref().unwrap_or_default())),
            sessions: LazyOperation::new(leaked(&facts.sessions)),
        };
        Self { protocol, facts: Box::leak(Box::new(facts)), operations }
    }
}

impl Operation {
    /// Parses a response to the members of the output; a streaming body is read completely.
    pub fn parse(&self, protocol: &dyn Protocol, response: ResponseParts<'_>) -> Result<Vec<Member>, String> {
        let shape = self.plan.output;
        let mut members = Vec::new();
        let mut out = dynamic::fill(&mut members, shape);
        protocol.parse(self.plan, response, out.reborrow()).map_err(|it| it.to_string())?;
        if let Some(member) = shape.payload.map(|it| &shape.members[it])
            && matches!(member.node.kind, Kind::Stream)
        {
            out.slot(member).put(Member::Stream(response.body.clone().into()));
        }
        Ok(members)
    }
}

/// The runtime's protocol, as the generated crate would name it.
fn protocol(protocol: &ir::Protocol) -> &'static dyn Protocol {
    match protocol {
        ir::Protocol::Json { version, target, query_compatible } => Box::leak(Box::new(AwsJson {
            version: leaked(version),
            target: leaked(target),
            query_compatible: *query_compatible,
        })),
        ir::Protocol::RestJson => &RestJson,
        ir::Protocol::RestXml => &RestXml,
        ir::Protocol::Cbor { target, query_compatible } => {
            Box::leak(Box::new(RpcV2Cbor { target: leaked(target), query_compatible: *query_compatible }))
        }
        ir::Protocol::Query { version } => Box::leak(Box::new(AwsQuery { version: leaked(version) })),
        ir::Protocol::Ec2 { version } => Box::leak(Box::new(Ec2Query { version: leaked(version) })),
    }
}

fn leaked(string: &str) -> &'static str {
    Box::leak(string.to_owned().into_boxed_str())
}

fn define(schema: &mut Schema, group: &str, structure: &Structure) {
    let links: Vec<Link> = structure.fields.iter().filter(|it| it.linked).map(|it| link(&it.ty)).collect();
    schema.define(&format!("{group} {}", structure.ty), &structure.description, &links);
}

/// The link of a descriptor for a field of this Rust type. Whether a member may be absent makes no difference to
/// dynamic values.
fn link(ty: &Type) -> Link {
    match ty {
        Type::Option(inner) | Type::Boxed(inner) => link(inner),
        Type::List(inner) if matches!(**inner, Type::Option(_)) => Link::SparseList(Box::new(link(inner))),
        Type::List(inner) => Link::List(Box::new(link(inner))),
        Type::Map(_, inner) if matches!(**inner, Type::Option(_)) => Link::SparseMap(Box::new(link(inner))),
        Type::Map(_, inner) => Link::Map(Box::new(link(inner))),
        Type::Named(name) => Link::Structure(format!("type {name}")),
        Type::Events(name) | Type::EventInput(name) => Link::Events(format!("type {name}")),
        Type::String => Link::Scalar("str"),
        Type::Enumeration(_) => Link::Scalar("enum"),
        Type::Bool => Link::Scalar("bool"),
        Type::I32 => Link::Scalar("i32"),
        Type::I64 => Link::Scalar("i64"),
        Type::F32 => Link::Scalar("f32"),
        Type::F64 => Link::Scalar("f64"),
        Type::Timestamp => Link::Scalar("time"),
        Type::Blob => Link::Scalar("blob"),
        Type::Document => Link::Scalar("doc"),
        Type::Stream => Link::Scalar("stream"),
    }
}
