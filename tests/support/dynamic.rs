//! A service at run time: a model goes through the generator's reader and its decisions, and the descriptions that come
//! out become dynamic shapes and plans, so that what is tested is what generated crates hold. Knows no wire format.

use std::collections::BTreeMap;

use aws_core::call::{self, LazyRules, Plan};
use aws_core::protocol::{Answer, AwsJson, AwsQuery, Ec2Query, Protocol, RestJson, RestXml, RpcV2Cbor};
use aws_core::schema::dynamic::{self, Link, Schema, Value as Member};
use aws_core::schema::{Kind, Shape};
use codegen::ir::{self, Definition, Structure, Type};
use codegen::report::{Place, Report};
use codegen::source::{self, Document, ServiceSource};
use codegen::{fixups, model, resolve};
use serde_json::{Map, Value, json};

/// A service made at run time.
pub struct Service {
    /// The protocol of the generated code.
    pub protocol: &'static dyn Protocol,
    /// What the generated crate would state of it, without hand-written code.
    pub facts: &'static call::Service,
    /// Operations by name.
    pub operations: BTreeMap<String, Operation>,
}

/// An operation made at run time.
pub struct Operation {
    /// How it is called.
    pub plan: &'static Plan,
    /// Its errors: code and shape.
    pub errors: Vec<(String, &'static Shape)>,
}

/// Whether the runtime speaks a protocol.
pub fn speaks(protocol: &str) -> bool {
    ["json", "rest-json", "rest-xml", "smithy-rpc-v2-cbor", "query", "ec2"].contains(&protocol)
}

impl Service {
    /// The service of a model in the form of the protocol tests: metadata, shapes and one operation.
    pub fn of_case(metadata: &Value, shapes: &Value, operation: &Value) -> Result<Self, String> {
        let mut metadata = metadata.as_object().cloned().unwrap_or_default();
        for (key, value) in [("endpointPrefix", "suite"), ("serviceFullName", "Suite"), ("signatureVersion", "v4")] {
            metadata.entry(key).or_insert_with(|| json!(value));
        }
        let mut operations = Map::new();
        let name = operation["name"].as_str().unwrap_or_default();
        let mut operation = operation.clone();
        if let Some(it) = operation.as_object_mut() {
            // Named like this nowhere but in these files.
            it.remove("idempotent");
        }
        operations.insert(name.to_owned(), operation);
        let value = json!({"version": "2.0", "metadata": metadata, "operations": operations, "shapes": shapes});
        Self::of_source(&ServiceSource {
            name: "suite".to_owned(),
            version: "1".to_owned(),
            service: Document { place: Place::new("suite"), value },
            paginators: None,
            waiters: None,
            rules: None,
            examples: None,
            resources: None,
        })
    }

    /// The service of a model.
    pub fn of_source(source: &ServiceSource) -> Result<Self, String> {
        Self::of_operations(source, &[])
    }

    /// A few operations of a model's service, as in a crate of them alone; all when none are named.
    pub fn of_operations(source: &ServiceSource, operations: &[&str]) -> Result<Self, String> {
        let mut report = Report::new();
        let operations = operations.iter().map(|&it| it.to_owned()).collect();
        let plan = source::Plan { operations, ..source::Plan::of(&source.name) };
        let mut resolved = || {
            let mut models = model::read(source, &mut report)?;
            fixups::apply(&mut models, &mut report);
            resolve::resolve(&models, source, &plan, &mut report)
        };
        match resolved() {
            Some(it) => Ok(Self::of_crate(&it)),
            None => Err(report.to_string()),
        }
    }

    /// The service of a decided crate.
    pub fn of_crate(it: &ir::Crate) -> Self {
        let mut schema = Schema::new();
        for definition in it.types.values().flatten() {
            match definition {
                Definition::Structure(it) | Definition::Union(it) => define(&mut schema, "type", it),
                Definition::Enumeration(_) => {}
            }
        }
        for error in &it.errors {
            define(&mut schema, "error", error);
        }
        let mut operations = BTreeMap::new();
        for operation in &it.operations {
            define(&mut schema, "operation", &operation.input);
            define(&mut schema, "operation", &operation.output);
            let shape = |group: &str, name: &str| schema.shape(&format!("{group} {name}")).expect("just defined");
            let plan = Plan::decode(
                leaked(&operation.info),
                shape("operation", &operation.input.ty),
                shape("operation", &operation.output.ty),
            );
            let errors = it
                .errors
                .iter()
                .filter(|error| operation.errors.contains(&error.ty))
                .map(|error| (error.code.clone().unwrap_or_default(), shape("error", &error.ty)))
                .collect();
            operations.insert(operation.name.clone(), Operation { plan: Box::leak(Box::new(plan)), errors });
        }
        let protocol = protocol(&it.service.protocol);
        let facts = &it.service;
        let facts = call::Service {
            id: leaked(&facts.id),
            api_version: leaked(&facts.api_version),
            endpoint_prefix: leaked(&facts.endpoint_prefix),
            signing_name: leaked(&facts.signing_name),
            s3_signature: facts.s3_signature,
            retries: leaked(&facts.retries),
            protocol,
            rules: LazyRules::new(leaked(facts.rules.as_deref().unwrap_or_default())),
        };
        Self { protocol, facts: Box::leak(Box::new(facts)), operations }
    }
}

impl Operation {
    /// The members of the output; a streaming body is whole.
    pub fn parse(&self, protocol: &dyn Protocol, answer: Answer<'_>) -> Result<Vec<Member>, String> {
        let shape = self.plan.output;
        let mut members = Vec::new();
        let mut out = dynamic::fill(&mut members, shape);
        protocol.parse(self.plan, answer, out.reborrow()).map_err(|it| it.to_string())?;
        if let Some(member) = shape.payload.map(|it| &shape.members[it])
            && matches!(member.node.kind, Kind::Stream)
        {
            out.slot(member).put(Member::Stream(answer.body.clone().into()));
        }
        Ok(members)
    }
}

/// The runtime's protocol, as the generated crate would name it.
fn protocol(it: &ir::Protocol) -> &'static dyn Protocol {
    match it {
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

fn leaked(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

fn define(schema: &mut Schema, group: &str, it: &Structure) {
    let links: Vec<Link> = it.fields.iter().filter(|it| it.linked).map(|it| link(&it.ty)).collect();
    schema.define(&format!("{group} {}", it.ty), &it.description, &links);
}

/// What a description links to, for a Rust type. Whether a member may be absent makes no difference to dynamic values.
fn link(ty: &Type) -> Link {
    match ty {
        Type::Option(inner) | Type::Boxed(inner) => link(inner),
        Type::List(inner) if matches!(**inner, Type::Option(_)) => Link::SparseList(Box::new(link(inner))),
        Type::List(inner) => Link::List(Box::new(link(inner))),
        Type::Map(inner) if matches!(**inner, Type::Option(_)) => Link::SparseMap(Box::new(link(inner))),
        Type::Map(inner) => Link::Map(Box::new(link(inner))),
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
