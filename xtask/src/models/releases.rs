//! The promise of published signatures, held against real releases of botocore and boto3 from PyPI:
//! `cargo test -p xtask -- --ignored published`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use codegen::compare::ResolvedService;
use codegen::ir::{Crate, Operation, Type};
use codegen::report::Report;
use codegen::source::{Manifest, Package, Published, ServicePlan, Signatures};
use codegen::{generate, output};

use super::Release;
use crate::packages::PackageCache;
use crate::standalone_crate::{self, Runtime};
use crate::{standalone_workspace, workspace};

/// The older release and the newer one, with the hashes of the wheels of botocore and boto3.
const RELEASES: [(&str, [&str; 2]); 2] = [
    (
        "1.40.0",
        [
            "2063e6d035a6a382b2ae37e40f5144044e55d4e091910d0c9f1be3121ad3e4e6",
            "959443055d2af676c336cc6033b3f870a8a924384b70d0b2905081d649378179",
        ],
    ),
    (
        "1.44.8",
        [
            "76342a76c338701db80dcb8afe1c9bd079283d6fffbb9d881442abb02a215043",
            "099caf21553bbbfef118904aa02fadb8776a534704cf00bede0ed9f29a4da88e",
        ],
    ),
];

/// The services whose calls are compiled.
const SERVICES: [&str; 20] = [
    "athena",
    "cloudformation",
    "cloudwatch",
    "dynamodb",
    "ec2",
    "ecr",
    "ecs",
    "events",
    "iam",
    "kinesis",
    "kms",
    "lambda",
    "logs",
    "rds",
    "route53",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
];

fn releases() -> [Release; 2] {
    RELEASES.map(|(version, [botocore, boto3])| {
        let cache = PackageCache::new(&[]);
        let pinned = |sha256: &str| Package { version: version.to_owned(), sha256: sha256.to_owned() };
        let release = Release::obtain(&cache, version, [&pinned(botocore), &pinned(boto3)]);
        release.unwrap_or_else(|_| panic!("{version} cannot be fetched"))
    })
}

/// The project's orders, without what was published since: the older release was the first to be published.
fn orders(service: &str) -> Signatures {
    let mut report = Report::new();
    let manifest = Manifest::load(&workspace::models().join("manifest.toml"), &mut report).expect("a manifest");
    let signatures = manifest.signatures.get(service).cloned().unwrap_or_default();
    Signatures { published: Published::new(), ..signatures }
}

fn resolve(release: &Release, service: &str, signatures: Signatures) -> Option<ResolvedService> {
    let mut report = Report::new();
    let source = release.store.load(service, &mut report)?;
    let resolved = ResolvedService::new(source, &ServicePlan { signatures, ..ServicePlan::default_for(service) });
    resolved.client.is_some().then_some(resolved)
}

/// A service of both releases, the newer one generated after the older one was published.
fn pair(releases: &[Release; 2], service: &str) -> Option<[ResolvedService; 2]> {
    let old = resolve(&releases[0], service, orders(service))?;
    let new = resolve(&releases[1], service, orders(service).after(old.signatures()))?;
    Some([old, new])
}

#[test]
#[ignore = "fetches two releases from PyPI, a minute of CPU time"]
fn published_arguments_survive_a_newer_release() {
    let releases = releases();
    let services = releases[0].store.services().expect("models");
    let found = workspace::parallel(&services, |service| {
        let mut changed = (0, Vec::new());
        let Some([old, new]) = pair(&releases, service) else { return changed };
        let after = new.signatures();
        let members = |resolved: &ResolvedService| -> BTreeSet<String> {
            let operations = resolved.client.iter().flat_map(|it| &it.operations);
            operations.flat_map(|op| op.input.fields.iter().map(|it| format!("{}.{}", op.name, it.name))).collect()
        };
        let present = members(&new);
        for (method, before) in old.signatures() {
            let Some(now) = after.get(&method) else { continue };
            changed.0 += 1;
            // An operation's members that AWS removed; those of resources are of the same operations.
            let is_left = |it: &&String| method.contains('.') || present.contains(&format!("{method}.{it}"));
            let left: Vec<&String> = before.iter().filter(is_left).collect();
            if now.iter().collect::<Vec<_>>() != left {
                changed.1.push(format!("{service} {method}: {before:?} becomes {now:?}"));
            }
            if left.len() != before.len() {
                println!("removed by AWS: {service} {method}: {before:?} becomes {now:?}");
            }
        }
        changed
    });
    let methods: usize = found.iter().map(|it| it.0).sum();
    let changed: Vec<String> = found.into_iter().flat_map(|it| it.1).collect();
    println!("{methods} methods of both releases");
    assert!(methods > 10_000, "{methods} methods");
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}

/// An expression that fits the argument of a type, as a program writes it.
fn expression(krate: &str, ty: &Type) -> String {
    match ty {
        Type::String | Type::Enumeration(_) | Type::Blob | Type::Stream => "\"x\"".to_owned(),
        Type::Bool => "true".to_owned(),
        Type::I32 | Type::I64 => "1".to_owned(),
        Type::F32 | Type::F64 => "1.0".to_owned(),
        Type::Timestamp => "aws_core::Timestamp::from_secs(1)".to_owned(),
        Type::Document => "any::<aws_core::Document>()".to_owned(),
        Type::Named(name) => format!("any::<{krate}::types::{name}>()"),
        Type::Events(name) | Type::EventInput(name) => format!("any::<aws_core::EventInput<{krate}::types::{name}>>()"),
        Type::Option(inner) => format!("Some({})", expression(krate, inner)),
        Type::Boxed(inner) => expression(krate, inner),
        Type::List(item) => format!("[{}]", element(krate, item)),
        Type::Map(_, value) => format!("[(\"k\", {})]", element(krate, value)),
    }
}

/// An element of a list or map, which is not converted unless it is text.
fn element(krate: &str, ty: &Type) -> String {
    match ty {
        Type::String | Type::Enumeration(_) => "\"x\"".to_owned(),
        other => format!("any::<{}>()", rust_type(krate, other)),
    }
}

fn rust_type(krate: &str, ty: &Type) -> String {
    match ty {
        Type::String => "String".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::I32 => "i32".to_owned(),
        Type::I64 => "i64".to_owned(),
        Type::F32 => "f32".to_owned(),
        Type::F64 => "f64".to_owned(),
        Type::Timestamp => "aws_core::Timestamp".to_owned(),
        Type::Blob => "aws_core::Bytes".to_owned(),
        Type::Document => "aws_core::Document".to_owned(),
        Type::Stream => "aws_core::ByteStream".to_owned(),
        Type::Named(name) | Type::Enumeration(name) | Type::Events(name) | Type::EventInput(name) => {
            format!("{krate}::types::{name}")
        }
        Type::Option(inner) => format!("Option<{}>", rust_type(krate, inner)),
        Type::Boxed(inner) => format!("Box<{}>", rust_type(krate, inner)),
        Type::List(item) => format!("aws_core::List<{}>", rust_type(krate, item)),
        Type::Map(key, value) => format!("aws_core::Map<{}, {}>", rust_type(krate, key), rust_type(krate, value)),
    }
}

/// The names of the types that a type refers to.
fn names(ty: &Type) -> Option<&str> {
    match ty {
        Type::Named(name) | Type::Enumeration(name) | Type::Events(name) | Type::EventInput(name) => Some(name),
        Type::Option(inner) | Type::Boxed(inner) | Type::List(inner) | Type::Map(_, inner) => names(inner),
        _ => None,
    }
}

/// The call of an operation with every member that the older release has; what the newer one took away is in `removed`.
fn call(
    krate: &str,
    old: &Operation,
    new: &Crate,
    types: &BTreeSet<&str>,
    removed: &mut Vec<String>,
) -> Option<String> {
    let Some(now) = new.operations.iter().find(|it| it.name == old.name) else {
        removed.push(format!("{krate} {}", old.name));
        return None;
    };
    let is_kept = |index: usize| {
        let field = &old.input.fields[index];
        let same = now.input.fields.iter().any(|it| it.name == field.name && it.ty == field.ty);
        same && names(&field.ty).is_none_or(|it| types.contains(it))
    };
    let taken: Vec<usize> = (0..old.input.fields.len()).filter(|index| !is_kept(*index)).collect();
    removed.extend(taken.iter().map(|it| format!("{krate} {}.{}", old.name, old.input.fields[*it].name)));
    if old.arguments.iter().any(|it| taken.contains(it)) {
        return None;
    }
    let value = |index: &usize| expression(krate, old.input.fields[*index].ty.present());
    let arguments: Vec<String> = old.arguments.iter().map(value).collect();
    let mut text = format!("    let _ = client.{}({})", old.method, arguments.join(", "));
    for index in (0..old.input.fields.len()).filter(|it| !old.arguments.contains(it) && !taken.contains(it)) {
        let _ = write!(text, ".{}({})", old.input.fields[index].setter, value(&index));
    }
    Some(text + ";\n")
}

#[test]
#[ignore = "fetches two releases from PyPI and compiles 20 services, minutes of CPU time"]
fn published_calls_compile_against_a_newer_release() {
    let releases = releases();
    let folder = workspace::root().join("target/published");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder to write to");
    let runtime = Runtime::parse(None).unwrap_or_else(|_| panic!("the runtime"));
    let (mut removed, mut calls, mut dependencies) = (Vec::new(), 0, String::new());
    let mut source = String::from("#![allow(deprecated)]\nfn any<T>() -> T {\n    loop {}\n}\n");
    for service in SERVICES {
        let [old, new] = pair(&releases, service).unwrap_or_else(|| panic!("{service} has problems"));
        let plan = ServicePlan {
            // Recorded again, as after an update: without the members that AWS removed.
            signatures: Signatures::default().after(new.signatures()),
            ..ServicePlan::default_for(service)
        };
        let (krate, package) = (plan.client_crate.replace('-', "_"), plan.client_crate.clone());
        let mut client = generate_client(&new, &plan);
        standalone_crate::move_out(&mut client, &folder, &runtime).unwrap_or_else(|_| panic!("{package}"));
        output::write(&folder, &client).expect("a folder to write to");
        let _ = writeln!(dependencies, "{package} = {{ path = \"../{package}\" }}");
        let (Some(old), Some(new)) = (old.client, new.client) else { continue };
        let types = new.types.values().flatten().map(|it| match it {
            codegen::ir::Definition::Structure(it) | codegen::ir::Definition::Union(it) => it.ty.as_str(),
            codegen::ir::Definition::Enumeration(it) => it.ty.as_str(),
        });
        let types: BTreeSet<&str> = types.collect();
        let _ = writeln!(source, "pub fn {krate}(client: {krate}::Client) {{");
        for operation in &old.operations {
            let Some(call) = call(&krate, operation, &new, &types, &mut removed) else { continue };
            calls += 1;
            source.push_str(&call);
        }
        source.push_str("}\n");
    }
    standalone_workspace::write_workspace(&folder, false).unwrap_or_else(|_| panic!("a workspace"));
    let root = folder.join("aws-calls");
    fs::create_dir_all(root.join("src")).expect("a folder to write to");
    let manifest = format!(
        "[package]\nname = \"aws-calls\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         aws-core = {}\n{dependencies}",
        runtime.dependency(&folder.join("aws-calls"))
    );
    fs::write(root.join("Cargo.toml"), manifest).expect("a file to write");
    fs::write(root.join("src/lib.rs"), source).expect("a file to write");
    removed.iter().for_each(|it| println!("removed or retyped by AWS: {it}"));
    println!("{calls} calls of {} services", SERVICES.len());
    assert!(check(&folder), "the calls of {} do not compile against {}", RELEASES[0].0, RELEASES[1].0);
}

fn check(folder: &Path) -> bool {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = workspace::root().join("target");
    let target = target.canonicalize().unwrap_or(target);
    let mut command = Command::new(cargo);
    command.args(["check", "--quiet", "-p", "aws-calls", "--target-dir"]).arg(target).current_dir(folder);
    command.status().is_ok_and(|it| it.success())
}

/// The client crate of the newer release. Fixups that change nothing are none of its problems: it need not be pinned.
fn generate_client(new: &ResolvedService, plan: &ServicePlan) -> output::CrateFiles {
    let mut report = Report::new();
    let crates = generate(&new.source, plan, &mut report);
    crates.and_then(|it| it.into_iter().next()).unwrap_or_else(|| panic!("{report}"))
}
