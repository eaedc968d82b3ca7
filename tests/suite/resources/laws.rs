//! Laws over resource models: each resolves without a problem, nothing of it is lost, and the emitted code is valid
//! Rust.

use std::path::{Path, PathBuf};

use codegen::ir::resource::{Batch, Crate, Resource};
use codegen::model::{self, Models, ShapeKind};
use codegen::output;
use codegen::report::Report;
use codegen::source::{ModelStore, ServicePlan};
use codegen::{emit, fixups, name, resolve};

use super::automatic_parameters::read;

/// The services with resources.
pub(super) const SERVICES: [&str; 9] =
    ["cloudformation", "cloudwatch", "dynamodb", "ec2", "glacier", "iam", "s3", "sns", "sqs"];

/// How many items of each kind a crate has, those of the service resource included.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    resources: usize,
    identifiers: usize,
    loads: usize,
    actions: usize,
    batches: usize,
    collections: usize,
    factories: usize,
    references: usize,
    waiters: usize,
}

impl Count {
    fn new(krate: &Crate) -> Self {
        let all = || krate.resources.iter().chain([&krate.root]);
        let sum = |count: fn(&Resource) -> usize| all().map(count).sum();
        Self {
            resources: krate.resources.len(),
            identifiers: sum(|it| it.identifiers.len()),
            loads: sum(|it| usize::from(it.load.is_some())),
            actions: sum(|it| it.actions.len()),
            batches: sum(|it| it.batches.len()),
            collections: sum(|it| it.collections.len()),
            factories: sum(|it| it.factories.len()),
            references: sum(|it| it.references.len()),
            waiters: sum(|it| it.waiters.len()),
        }
    }

    fn add(&mut self, other: &Self) {
        self.resources += other.resources;
        self.identifiers += other.identifiers;
        self.loads += other.loads;
        self.actions += other.actions;
        self.batches += other.batches;
        self.collections += other.collections;
        self.factories += other.factories;
        self.references += other.references;
        self.waiters += other.waiters;
    }
}

/// Resolves the resource crate of a service, even if the runtime does not implement its protocol.
pub(super) fn resolve_resources(store: &ModelStore, service: &str) -> Result<Crate, String> {
    let mut report = Report::new();
    let krate = store.load(service, &mut report).and_then(|source| {
        let mut models = model::read(&source, &mut report)?;
        fixups::apply(&mut models, &mut report);
        let plan = ServicePlan::default_for(service);
        let client = resolve::resolve(&models, &source, &plan, &mut report)?;
        resolve::resources::resolve(&models, &client, &plan, &mut report)
    });
    let problems = if report.is_empty() { format!("{service}: no resources") } else { report.to_string() };
    krate.filter(|_| report.is_empty()).ok_or(problems)
}

/// Checks that the emitted code is valid Rust, and that no reference copies all attributes to read one.
fn check_rust(krate: &Crate) {
    for (path, tokens) in emit::resource_crate(krate).rust {
        assert!(!tokens.to_string().contains("data () . clone ()"), "{}: {path}", krate.package);
        if let Err(error) = output::format_items(&path, &output::header(&krate.origin), tokens) {
            panic!("{}: {path}: {error}", krate.package);
        }
    }
}

/// The attributes that got a suffix since another method of the resource has their name.
fn renamed(krate: &Crate) -> Vec<String> {
    let attributes = krate.resources.iter().flat_map(|resource| {
        let attributes = resource.data.iter().flat_map(|data| &data.attributes);
        attributes
            .filter(|it| it.method.ends_with("_attribute"))
            .map(move |attribute| format!("{}.{}", resource.ty, attribute.method))
    });
    attributes.collect()
}

#[test]
fn the_resources_of_s3_are_complete_and_keep_their_names() {
    let store = ModelStore::open(&workspace().join("models"));
    let s3 = resolve_resources(&store, "s3").unwrap_or_else(|it| panic!("{it}"));
    check_rust(&s3);
    let expect = Count {
        resources: 18,
        identifiers: 28,
        loads: 13,
        actions: 44,
        batches: 3,
        collections: 5,
        factories: 55,
        references: 0,
        waiters: 6,
    };
    assert_eq!(Count::new(&s3), expect);
    assert_eq!(renamed(&s3), Vec::<String>::new());
    let part = s3.resources.iter().find(|it| it.ty == "MultipartUploadPart").expect("a resource");
    assert_eq!(part.identifiers[3].ty, codegen::ir::Type::I32);
    for resource in &s3.resources {
        assert!(resource.data.as_ref().is_some_and(|it| !it.attributes.is_empty()), "{}", resource.ty);
    }
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The models of all services: in `CORPUS_DIR`, or where `cargo xtask report --corpus` unpacked them; `None` if
/// nowhere.
pub(super) fn corpus() -> Option<ModelStore> {
    if let Some(folder) = std::env::var_os("CORPUS_DIR") {
        return Some(ModelStore::open(Path::new(&folder)));
    }
    let folders = std::fs::read_dir(workspace().join("target/models")).ok()?;
    let folders: Vec<PathBuf> = folders.filter_map(Result::ok).map(|it| it.path()).collect();
    let unpacked = |name: &str| folders.iter().filter(|it| it.join(name).join("data").is_dir()).max();
    Some(ModelStore::open(unpacked("botocore")?).with_resources(unpacked("boto3")?))
}

#[test]
fn the_resources_of_all_services_are_complete_with_known_renames() {
    let Some(store) = corpus() else {
        tests::say!(
            "suite resources: skipped, no corpus; `cargo xtask report --corpus` downloads it into target/models"
        );
        return;
    };
    let (mut total, mut renames, mut failed) = (Count::default(), Vec::new(), Vec::new());
    for service in SERVICES {
        match resolve_resources(&store, service) {
            Ok(krate) => {
                check_rust(&krate);
                total.add(&Count::new(&krate));
                renames.extend(renamed(&krate));
            }
            Err(problems) => failed.push(problems),
        }
    }
    tests::say!("suite resources: {} passed, {} failed, 0 skipped", SERVICES.len() - failed.len(), failed.len());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    let expect = Count {
        resources: 80,
        identifiers: 111,
        loads: 60,
        // One more by a fixup.
        actions: 318 + 1,
        batches: 15,
        collections: 87,
        factories: 148,
        references: 28,
        waiters: 17,
    };
    assert_eq!(total, expect);
    renames.sort();
    let expect = [
        "Instance.network_interfaces_attribute",
        "InstanceProfile.roles_attribute",
        "NetworkInterface.association_attribute",
        "RouteTable.associations_attribute",
        "RouteTable.routes_attribute",
        "VirtualMfaDevice.user_attribute",
    ];
    assert_eq!(renames, expect);
}

#[test]
fn batches_have_the_limits_of_their_service_and_what_their_elements_share() {
    let Some(store) = corpus() else { return };
    let mut found = Vec::new();
    for service in SERVICES {
        let krate = resolve_resources(&store, service).unwrap_or_else(|it| panic!("{it}"));
        for resource in &krate.resources {
            let line = |it: &Batch| format!("{}.{} {} {:?}", resource.ty, it.method, it.max_elements, it.shared);
            found.extend(resource.batches.iter().map(line));
        }
    }
    found.sort();
    let expect = [
        r#"Alarm.delete 100 []"#,
        r#"Alarm.disable_actions 100 []"#,
        r#"Alarm.enable_actions 100 []"#,
        r#"Instance.create_tags 1000 []"#,
        r#"Instance.monitor 1000 []"#,
        r#"Instance.reboot 1000 []"#,
        r#"Instance.start 1000 []"#,
        r#"Instance.stop 1000 []"#,
        r#"Instance.terminate 1000 []"#,
        r#"Instance.unmonitor 1000 []"#,
        r#"Message.delete 10 ["queue_url"]"#,
        r#"Object.delete 1000 ["bucket_name"]"#,
        r#"ObjectSummary.delete 1000 ["bucket_name"]"#,
        r#"ObjectVersion.delete 1000 ["bucket_name"]"#,
        r#"Tag.delete 1000 ["resource_id"]"#,
    ];
    assert_eq!(found, expect);
}

#[test]
fn required_members_of_batches_are_filled_in_or_arguments() {
    let Some(store) = corpus() else { return };
    let (mut required, mut arguments) = (0, Vec::new());
    for service in SERVICES {
        let krate = resolve_resources(&store, service).unwrap_or_else(|it| panic!("{it}"));
        let emitted = emit::resource_crate(&krate).rust;
        let mut report = Report::new();
        let source = store.load(service, &mut report).unwrap_or_else(|| panic!("{report}"));
        let models = read(&source);
        let model = models.resources.as_ref().expect("a resource model");
        for resource in krate.resources.iter().filter(|it| !it.batches.is_empty()) {
            let emitted = emitted[&format!("src/{}.rs", resource.module)].to_string();
            for (batch, (name, action)) in resource.batches.iter().zip(&model.resources[&resource.name].batch_actions) {
                let targets: Vec<_> = action.request.parameters.iter().map(|it| it.target.as_str()).collect();
                let missing = missing_members(&models, &action.request.operation, &targets, &mut required);
                let found: Vec<_> = batch.request.arguments.iter().map(|it| it.ident.clone()).collect();
                assert_eq!(found, missing, "{}.{name}", resource.name);
                // Both methods take them: that of a collection, and that of resources from anywhere.
                for argument in found {
                    let method = format!("pub fn {} (self , {argument} :", batch.method);
                    assert_eq!(emitted.matches(&method).count(), 2, "{method}");
                    arguments.push(format!("{}.{}({argument})", resource.ty, batch.method));
                }
            }
        }
    }
    assert_eq!(arguments, ["Instance.create_tags(tags)"]);
    assert!(required > 15, "{required}");
}

/// The required members of an operation's input, as arguments, into which no target leads. Counts the required members.
/// Where a target leads into a structure, its required members must all have targets: there is no argument for them.
fn missing_members(models: &Models, operation: &str, targets: &[&str], required: &mut usize) -> Vec<String> {
    let input = models.service.operations[operation].input.as_ref().expect("an input");
    let mut missing = Vec::new();
    let mut pending = vec![(input.shape.as_str(), targets.to_vec())];
    while let Some((shape, targets)) = pending.pop() {
        let structure = models.service.structure(shape).expect("targets lead into structures");
        for (name, member) in &structure.members {
            let inside = targets.iter().filter_map(|it| {
                let (step, rest) = it.split_once('.').unwrap_or((it, ""));
                (step.split('[').next() == Some(name.as_str())).then_some(rest)
            });
            let inside: Vec<_> = inside.collect();
            let is_required = structure.required.iter().any(|it| it == name);
            *required += usize::from(is_required);
            if is_required && inside.is_empty() {
                assert_eq!(shape, input.shape, "{operation}: nothing fills in {name}");
                missing.push(name::snake(name));
            }
            let inside: Vec<_> = inside.into_iter().filter(|it| !it.is_empty()).collect();
            if !inside.is_empty() {
                let element = match &models.service.shapes[&member.shape].kind {
                    ShapeKind::List(list) => &list.member.shape,
                    _ => &member.shape,
                };
                pending.push((element, inside));
            }
        }
    }
    missing
}

#[test]
fn creations_return_no_resource_only_where_its_identifier_may_be_left_out() {
    let Some(store) = corpus() else { return };
    let mut found = Vec::new();
    for service in SERVICES {
        let krate = resolve_resources(&store, service).unwrap_or_else(|it| panic!("{it}"));
        for resource in krate.resources.iter().chain([&krate.root]) {
            let optional = resource.actions.iter().filter(|it| it.optional);
            found.extend(optional.map(|it| format!("{}.{}", resource.ty, it.method)));
        }
    }
    assert_eq!(found, ["RouteTable.create_route", "EC2.create_placement_group"]);
}

#[test]
fn what_is_left_of_ec2_classic_is_deprecated() {
    let Some(store) = corpus() else { return };
    let krate = resolve_resources(&store, "ec2").unwrap_or_else(|it| panic!("{it}"));
    let mut found = Vec::new();
    for (file, tokens) in emit::resource_crate(&krate).rust {
        let formatted = output::format_items(&file, "", tokens).unwrap_or_else(|it| panic!("{file}: {it}"));
        let mut lines = formatted.lines().map(str::trim);
        while let Some(line) = lines.next() {
            if line == r#"#[deprecated = "AWS retired EC2-Classic on 2022-08-15."]"# {
                let item = lines.find(|it| !it.starts_with('#')).unwrap_or_default();
                found.push(item.split('(').next().unwrap_or_default().to_owned());
            }
        }
    }
    found.sort();
    let expect = [
        "ClassicAddress",
        "pub fn attach_classic_link_instance",
        "pub fn attach_classic_link_vpc",
        "pub fn classic_address",
        "pub fn classic_address",
        "pub fn classic_addresses",
        "pub fn detach_classic_link_instance",
        "pub fn detach_classic_link_vpc",
        "pub fn disable_classic_link",
        "pub fn enable_classic_link",
        "pub fn load",
    ];
    assert_eq!(found, expect);
}
