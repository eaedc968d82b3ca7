//! What lies in `services/`, and what is generated in the runtime, is what the generator makes of `models/`: nothing stale,
//! nothing by chance, nothing rewritten without need, and nothing in a slim crate that its operations do not reach.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use codegen::model::{self, ShapeKind};
use codegen::name;
use codegen::output::{self, CrateFiles};
use codegen::report::Report;
use codegen::source::{Library, Manifest, Plan, ServiceSource};
use tests::suite::workspace;

const SLIM: [&str; 3] = ["GetObject", "ListObjectsV2", "PutObject"];
/// The services that the runtime itself calls.
const CALLED: [&str; 4] =
    ["sources/services/signin", "sources/services/sso", "sources/services/sso_oidc", "sources/services/sts"];

fn library() -> Library {
    Library::open(&workspace().join("models"))
}

fn manifest() -> Manifest {
    let mut report = Report::new();
    let manifest = Manifest::load(&workspace().join("models/manifest.toml"), &mut report);
    assert!(report.is_empty(), "{report}");
    manifest.expect("a manifest without complaints")
}

/// A service in memory, generated for all operations of its plan or for those given.
fn generated(service: &str, operations: &[&str]) -> (ServiceSource, Vec<CrateFiles>) {
    let mut report = Report::new();
    let source = library().load(service, &mut report).unwrap_or_else(|| panic!("{report}"));
    let mut plan: Plan = manifest().plan(&source);
    if !operations.is_empty() {
        plan.operations = operations.iter().map(ToString::to_string).collect();
    }
    let crates = codegen::generate(&source, &plan, &mut report).unwrap_or_else(|| panic!("{report}"));
    (source, crates)
}

#[test]
fn services_are_as_generated() {
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
fn the_runtime_is_as_generated() {
    let mut report = Report::new();
    let files = codegen::runtime::files(&workspace().join("models"), &mut report);
    assert!(report.is_empty(), "{report}");
    let names: BTreeSet<_> = files.iter().map(|it| it.0.as_str()).collect();
    for name in ["endpoint/partitions", "regions/table"].into_iter().chain(CALLED) {
        assert!(names.contains(&*format!("runtime/src/{name}.rs")), "{name} is not generated");
    }
    let is_stale =
        |(name, text): &&(String, String)| fs::read_to_string(workspace().join(name)).ok().as_ref() != Some(text);
    let stale: Vec<_> = files.iter().filter(is_stale).map(|it| it.0.as_str()).collect();
    assert!(stale.is_empty(), "`cargo xtask generate` writes {}", stale.join(", "));
    // What says that it is generated must be among them, or nothing holds it.
    let mut generated = BTreeSet::new();
    collect_generated(&workspace().join("runtime/src"), "runtime/src", &mut generated);
    assert_eq!(generated.iter().map(String::as_str).collect::<BTreeSet<_>>(), names);
}

/// The files below a folder that bear the generator's mark.
fn collect_generated(folder: &Path, name: &str, files: &mut BTreeSet<String>) {
    for path in tests::suite::entries(folder) {
        let name = format!("{name}/{}", path.file_name().unwrap_or_default().to_string_lossy());
        if path.is_dir() {
            collect_generated(&path, &name, files);
        } else if fs::read_to_string(&path)
            .is_ok_and(|it| it.lines().next().is_some_and(|it| it.contains(output::MARK)))
        {
            files.insert(name);
        }
    }
}

#[test]
fn twice_is_the_same() {
    assert!(generated("s3", &[]).1 == generated("s3", &[]).1, "two runs gave different bytes");
}

/// A folder of its own below the system's, gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("fresh-{name}-{}", std::process::id()));
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
fn a_second_write_rewrites_nothing() {
    let folder = Folder::new("write");
    let modified = |files: &CrateFiles| -> Vec<_> {
        let path = |it: &String| folder.0.join(&files.folder).join(it);
        files
            .files
            .keys()
            .map(|it| fs::metadata(path(it)).and_then(|it| it.modified()).expect("a written file"))
            .collect()
    };
    for files in generated("s3", &SLIM).1 {
        let first = output::write(&folder.0, &files).expect("a folder to write to");
        assert_eq!((first.written, first.unchanged, first.removed), (files.files.len(), 0, 0));
        let before = modified(&files);
        let second = output::write(&folder.0, &files).expect("a folder to write to");
        assert_eq!((second.written, second.unchanged, second.removed), (0, files.files.len(), 0));
        assert!(before == modified(&files), "a file was touched");
    }
}

/// The shapes that operations reach, by the model alone.
fn reached(source: &ServiceSource, operations: &[&str]) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut report = Report::new();
    let models = model::read(source, &mut report).unwrap_or_else(|| panic!("{report}"));
    let shapes = &models.service.shapes;
    let (mut types, mut errors) = (BTreeSet::new(), BTreeSet::new());
    let mut open = Vec::new();
    let members = |shape: &str| -> Vec<String> {
        match shapes.get(shape).map(|it| &it.kind) {
            Some(ShapeKind::Structure(it)) => it.members.values().map(|it| it.shape.clone()).collect(),
            Some(ShapeKind::List(it)) => vec![it.member.shape.clone()],
            Some(ShapeKind::Map(it)) => vec![it.key.shape.clone(), it.value.shape.clone()],
            _ => Vec::new(),
        }
    };
    for operation in operations.iter().map(|it| &models.service.operations[*it]) {
        for top in [&operation.input, &operation.output].into_iter().flatten() {
            open.extend(members(&top.shape));
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

/// The types that files define: what stands behind `pub struct` and `pub enum`, and in `string_enum!`.
fn defined<'a>(files: &'a CrateFiles, below: &str) -> BTreeSet<&'a str> {
    let texts = files.files.iter().filter(|(name, _)| name.starts_with(below)).map(|it| it.1);
    let word = |rest: &'a str| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    texts
        .flat_map(|text| {
            let plain = text.lines().filter_map(move |it| {
                it.strip_prefix("pub struct ").or_else(|| it.strip_prefix("pub enum ")).map(word)
            });
            let open = text.split("string_enum! {").skip(1);
            let inside = open.filter_map(|it| {
                it.lines().map(str::trim).find(|it| !it.is_empty() && !it.starts_with("//") && !it.starts_with("#["))
            });
            plain.chain(inside.map(word))
        })
        .collect()
}

#[test]
fn a_slim_crate_holds_what_its_operations_reach() {
    let (source, crates) = generated("s3", &SLIM);
    let files = &crates[0];
    let (types, errors) = reached(&source, &SLIM);
    assert_eq!(defined(files, "src/types/"), types.iter().map(String::as_str).collect());
    assert_eq!(defined(files, "src/error.rs"), errors.iter().map(String::as_str).collect());
    let operations = files.files.keys().filter_map(|it| it.strip_prefix("src/operation/")).collect::<Vec<_>>();
    assert_eq!(operations, ["get_object.rs", "list_objects_v2.rs", "put_object.rs"]);
    // What the service does beside its model comes along, as words.
    let get = &files.files["src/operation/get_object.rs"];
    assert!(get.contains("bucket=Bucket") && get.contains("key=SSECustomerKey:SSECustomerKeyMD5"), "{get}");
}

/// Compiles for a minute, so only when asked: `cargo test -p tests slim_crate_compiles -- --ignored`.
#[test]
#[ignore = "builds a workspace of its own"]
fn a_slim_crate_compiles() {
    let (root, folder) = (workspace().canonicalize().expect("the workspace"), Folder::new("slim"));
    let files = &generated("s3", &SLIM).1[0];
    output::write(&folder.0, files).expect("a folder to write to");
    copy(&root.join(&files.folder).join("src/custom"), &folder.0.join(&files.folder).join("src/custom"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("Cargo.toml");
    let (runtime, mut lines) = (root.join("runtime"), Vec::new());
    for line in manifest.lines() {
        lines.push(match line.split_once(" = ").map(|it| it.0) {
            Some("members") => format!("members = [{:?}]", files.folder),
            Some("default-members") => continue,
            Some("aws-core") => format!("aws-core = {{ path = {runtime:?} }}"),
            _ => line.to_owned(),
        });
    }
    fs::write(folder.0.join("Cargo.toml"), lines.join("\n")).expect("a manifest");
    fs::copy(root.join("Cargo.lock"), folder.0.join("Cargo.lock")).expect("a lock file");
    let mut cargo = Command::new(env!("CARGO"));
    let done = cargo
        .args(["check", "--quiet"])
        .env("CARGO_TARGET_DIR", root.join("target/slim"))
        .current_dir(&folder.0)
        .output();
    let done = done.expect("cargo");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder to write to");
    for path in tests::suite::entries(from) {
        fs::copy(&path, to.join(path.file_name().unwrap_or_default())).expect("a file to copy");
    }
}
