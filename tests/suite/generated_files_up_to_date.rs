//! The generated files in `services/` and in the runtime are what the generator writes for `models/`: none is stale,
//! output is deterministic, unchanged files are not rewritten, and a slim crate contains only what its operations
//! reach.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use codegen::model::{self, ShapeKind};
use codegen::name;
use codegen::output::{self, CrateFiles};
use codegen::report::Report;
use codegen::source::{Manifest, ModelStore, ServicePlan, ServiceSource};
use tests::suite::workspace;

/// The operations of the slim crate.
const SLIM: [&str; 3] = ["GetObject", "ListObjectsV2", "PutObject"];
/// The services whose operations the runtime itself uses.
const RUNTIME_SERVICES: [&str; 4] = [
    "credential_providers/services/signin",
    "credential_providers/services/sso",
    "credential_providers/services/sso_oidc",
    "credential_providers/services/sts",
];

fn store() -> ModelStore {
    ModelStore::open(&workspace().join("models"))
}

fn manifest() -> Manifest {
    let mut report = Report::new();
    let manifest = Manifest::load(&workspace().join("models/manifest.toml"), &mut report);
    assert!(report.is_empty(), "{report}");
    manifest.expect("a manifest without problems")
}

/// Generates a service in memory: the operations of its plan, or `operations` if there are any.
fn generated(service: &str, operations: &[&str]) -> (ServiceSource, Vec<CrateFiles>) {
    let mut report = Report::new();
    let source = store().load(service, &mut report).unwrap_or_else(|| panic!("{report}"));
    let mut plan: ServicePlan = manifest().plan(&source);
    if !operations.is_empty() {
        plan.operations = operations.iter().map(ToString::to_string).collect();
    }
    let crates = codegen::generate(&source, &plan, &mut report).unwrap_or_else(|| panic!("{report}"));
    (source, crates)
}

#[test]
fn generated_services_are_up_to_date() {
    let mut stale = Vec::new();
    for service in manifest().services.keys() {
        for files in generated(service, &[]).1 {
            stale.extend(output::check(&workspace(), &files).expect("a folder to read"));
        }
    }
    let stale: Vec<_> = stale.iter().map(ToString::to_string).collect();
    assert!(stale.is_empty(), "`cargo xtask generate` writes\n{}", stale.join("\n"));
}

#[test]
fn generated_files_of_the_runtime_are_up_to_date() {
    let mut report = Report::new();
    let files = codegen::runtime_files::files(&workspace().join("models"), &mut report);
    assert!(report.is_empty(), "{report}");
    let names: BTreeSet<_> = files.iter().map(|it| it.0.as_str()).collect();
    for name in ["endpoint/partition_table", "regions/table"].into_iter().chain(RUNTIME_SERVICES) {
        assert!(names.contains(&*format!("runtime/src/{name}.rs")), "{name} is not generated");
    }
    let is_stale =
        |(name, text): &&(String, String)| fs::read_to_string(workspace().join(name)).ok().as_ref() != Some(text);
    let stale: Vec<_> = files.iter().filter(is_stale).map(|it| it.0.as_str()).collect();
    assert!(stale.is_empty(), "`cargo xtask generate` writes {}", stale.join(", "));
    // A file that has the generator's mark but is not in the list would never be checked.
    let mut generated = BTreeSet::new();
    collect_generated(&workspace().join("runtime/src"), "runtime/src", &mut generated);
    assert_eq!(generated.iter().map(String::as_str).collect::<BTreeSet<_>>(), names);
}

/// Collects the files below a folder whose first line has the generator's mark.
fn collect_generated(folder: &Path, name: &str, files: &mut BTreeSet<String>) {
    for path in tests::suite::entries(folder) {
        let name = format!("{name}/{}", path.file_name().unwrap_or_default().to_string_lossy());
        if path.is_dir() {
            collect_generated(&path, &name, files);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        if text.lines().next().is_some_and(|first| first.contains(output::GENERATED_MARKER)) {
            files.insert(name);
        }
    }
}

#[test]
fn two_runs_generate_the_same_bytes() {
    assert!(generated("s3", &[]).1 == generated("s3", &[]).1, "two runs generated different bytes");
}

/// A temporary folder, deleted when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("generated-files-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder to write to");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn writing_again_leaves_unchanged_files_untouched() {
    let folder = Folder::new("write");
    let modified = |files: &CrateFiles| -> Vec<_> {
        let path = |name: &String| folder.0.join(&files.folder).join(name);
        let time = |name| fs::metadata(path(name)).and_then(|it| it.modified()).expect("a written file");
        files.files.keys().map(time).collect()
    };
    for files in generated("s3", &SLIM).1 {
        let first = output::write(&folder.0, &files).expect("a folder to write to");
        assert_eq!((first.written, first.unchanged, first.removed), (files.files.len(), 0, 0));
        let before = modified(&files);
        let second = output::write(&folder.0, &files).expect("a folder to write to");
        assert_eq!((second.written, second.unchanged, second.removed), (0, files.files.len(), 0));
        assert!(before == modified(&files), "a file was rewritten");
    }
}

/// The types and the errors that operations reach, computed from the model alone.
fn reached(source: &ServiceSource, operations: &[&str]) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut report = Report::new();
    let models = model::read(source, &mut report).unwrap_or_else(|| panic!("{report}"));
    let shapes = &models.service.shapes;
    let (mut types, mut errors) = (BTreeSet::new(), BTreeSet::new());
    let mut open = Vec::new();
    let members = |shape: &str| -> Vec<String> {
        match shapes.get(shape).map(|it| &it.kind) {
            Some(ShapeKind::Structure(structure)) => structure.members.values().map(|it| it.shape.clone()).collect(),
            Some(ShapeKind::List(it)) => vec![it.member.shape.clone()],
            Some(ShapeKind::Map(it)) => vec![it.key.shape.clone(), it.value.shape.clone()],
            _ => Vec::new(),
        }
    };
    for operation in operations.iter().map(|it| &models.service.operations[*it]) {
        for reference in [&operation.input, &operation.output].into_iter().flatten() {
            open.extend(members(&reference.shape));
        }
        for error in &operation.errors {
            errors.insert(name::pascal(&error.shape));
            open.extend(members(&error.shape));
        }
    }
    let mut seen = BTreeSet::new();
    while let Some(shape) = open.pop() {
        if !seen.insert(shape.clone()) {
            continue;
        }
        open.extend(members(&shape));
        let named = match shapes.get(&shape).map(|it| &it.kind) {
            Some(ShapeKind::Structure(it)) => !it.document,
            Some(ShapeKind::String(it)) => !it.values.is_empty(),
            _ => false,
        };
        if named {
            types.insert(name::escape_type(&name::pascal(&shape)));
        }
    }
    (types, errors)
}

/// The types that files define: the names after `pub struct` and `pub enum`, and in `string_enum!`.
fn defined<'a>(files: &'a CrateFiles, prefix: &str) -> BTreeSet<&'a str> {
    let sources = files.files.iter().filter(|(name, _)| name.starts_with(prefix)).map(|it| it.1);
    let ident = |rest: &'a str| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    let is_code = |line: &&str| !line.is_empty() && !line.starts_with("//") && !line.starts_with("#[");
    sources
        .flat_map(|source| {
            let plain = source.lines().filter_map(move |line| {
                line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum ")).map(ident)
            });
            let enumerations = source.split("string_enum! {").skip(1);
            let inside = enumerations.filter_map(move |body| body.lines().map(str::trim).find(is_code));
            plain.chain(inside.map(ident))
        })
        .collect()
}

#[test]
fn a_slim_crate_contains_exactly_what_its_operations_reach() {
    let (source, crates) = generated("s3", &SLIM);
    let files = &crates[0];
    let (types, errors) = reached(&source, &SLIM);
    assert_eq!(defined(files, "src/types/"), types.iter().map(String::as_str).collect());
    assert_eq!(defined(files, "src/error.rs"), errors.iter().map(String::as_str).collect());
    let operations = files.files.keys().filter_map(|it| it.strip_prefix("src/operation/")).collect::<Vec<_>>();
    assert_eq!(operations, ["get_object.rs", "list_objects_v2.rs", "put_object.rs"]);
    // The service's customizations are in the descriptors, as annotations.
    let get = &files.files["src/operation/get_object.rs"];
    assert!(get.contains("bucket=Bucket") && get.contains("key=SSECustomerKey:SSECustomerKeyMD5"), "{get}");
}
