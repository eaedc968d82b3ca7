//! The project's documents: links, paths and examples in them exist, and the README's code compiles.

use std::collections::BTreeSet;
use std::fs;

use aws_core::Session;
use tests::suite::workspace;

const DOCUMENTS: [&str; 3] = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"];

/// The README's first example, unchanged.
#[rustfmt::skip]
#[expect(dead_code, reason = "it is compiled, not run")]
async fn client() -> aws_core::Result<()> {
use aws_core::Session;
use aws_s3::Client;

let session = Session::builder().region("us-west-2").build()?;
let s3 = Client::new(&session);
let mut objects = s3.list_objects_v2("mybucket").prefix("logs/").items();
while let Some(object) = objects.try_next().await? {
    let body = s3.get_object("mybucket", &object.key).send().await?.body.collect().await?;
    println!("{:?}: {} bytes", object.key, body.into_bytes().len());
}
Ok(())
}

/// The README's second example, unchanged.
#[rustfmt::skip]
#[expect(dead_code, reason = "it is compiled, not run")]
async fn resource() -> aws_core::Result<()> {
use aws_core::Session;
use aws_s3_resource::S3;

let session = Session::builder().region("us-west-2").build()?;
let bucket = S3::new(&session).bucket("mybucket");
let mut objects = bucket.objects().all();
while let Some(object) = objects.try_next().await? {
    println!("{} {:?}", object.key(), object.last_modified());
}
Ok(())
}

/// The README's third example, unchanged.
#[rustfmt::skip]
#[expect(dead_code, reason = "it is compiled, not run")]
async fn nested(s3: aws_s3::Client) -> aws_core::Result<()> {
use aws_core::make;
use aws_s3::types::{Delete, ObjectIdentifier};

let delete = make!(Delete { quiet: true, objects: [ObjectIdentifier { key: "a" }, ObjectIdentifier { key: "b" }] });
s3.delete_objects("mybucket", &delete).send().await?;
Ok(())
}

/// The README's fourth example, unchanged.
#[rustfmt::skip]
#[expect(dead_code, reason = "it is compiled, not run")]
async fn events() -> aws_core::Result<()> {
use aws_core::make;
use aws_s3::types::{InputSerialization, JsonInput, JsonOutput, OutputSerialization};
use aws_s3::types::SelectObjectContentEventStream::Records;

let s3 = aws_s3::Client::new(&aws_core::Session::default());
let response = s3
    .select_object_content("mybucket", "people.json", "SELECT s.name FROM S3Object s", "SQL")
    .input_serialization(make!(InputSerialization { json: JsonInput {} }))
    .output_serialization(make!(OutputSerialization { json: JsonOutput {} }))
    .send()
    .await?;
let mut events = response.payload;
while let Some(event) = events.try_next().await? {
    if let Records(records) = event {
        println!("{:?}", records.payload);
    }
}
Ok(())
}

/// The README's fifth example, unchanged.
#[rustfmt::skip]
#[expect(dead_code, reason = "it is compiled, not run")]
fn hooks() -> aws_core::Result<Session> {
use aws_core::{Session, hooks};

let session = Session::builder()
    .hook(hooks::header("x-amzn-logs-format", "json/emf"))
    .hook(hooks::after_call(|call, outcome| {
        println!("{} {:?} in {:?}", call.operation(), outcome.status(), call.elapsed());
    }))
    .build()?;
Ok(session)
}

/// The README's sixth example, unchanged.
#[rustfmt::skip]
async fn stub() -> aws_core::Result<()> {
use aws_core::make;
use aws_core::testing::Stub;
use aws_s3::operation::{GetObject, GetObjectOutput};

let stub = Stub::new();
stub.on::<GetObject>().http(503).times(2).reply(make!(GetObjectOutput { body: "hello" }));

let s3 = aws_s3::Client::new(&stub.session());
let body = s3.get_object("mybucket", "key").send().await?.body.collect().await?;
assert_eq!(body.into_bytes(), "hello");
stub.verify();
Ok(())
}

#[tokio::test]
async fn the_stub_of_the_readme_responds() {
    stub().await.expect("the body of the example");
}

fn read(name: &str) -> String {
    fs::read_to_string(workspace().join(name)).unwrap_or_else(|it| panic!("{name}: {it}"))
}

#[test]
fn the_examples_of_the_readme_compile() {
    let (readme, compiled) = (read("README.md"), include_str!("docs.rs"));
    let blocks: Vec<_> =
        readme.split("```rust\n").skip(1).filter_map(|block| block.split_once("```").map(|it| it.0)).collect();
    assert_eq!(blocks.len(), 6);
    for block in blocks {
        assert!(compiled.contains(block), "not in tests/suite/docs.rs:\n{block}");
    }
}

#[test]
fn the_program_on_the_front_page_of_the_runtime_compiles() {
    let (root, compiled) = (read("runtime/src/lib.rs"), include_str!("docs.rs"));
    let lines = root.lines().map_while(|line| line.strip_prefix("//!"));
    let page: String = lines.map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect();
    let program = page.split_once("```ignore\n").and_then(|it| it.1.split_once("```")).expect("a program").0;
    assert!(compiled.contains(program), "not in tests/suite/docs.rs:\n{program}");
}

/// The anchors of a document's headings, as GitHub derives them.
fn anchors(document: &str) -> BTreeSet<String> {
    let headings = document
        .lines()
        .filter_map(|line| line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#')));
    let anchor = |heading: &str| -> String {
        heading
            .to_lowercase()
            .chars()
            .filter_map(|c| match c {
                ' ' => Some('-'),
                c => (c.is_alphanumeric() || c == '-').then_some(c),
            })
            .collect()
    };
    headings.map(anchor).collect()
}

#[test]
fn links_of_the_documents_lead_to_files_and_headings() {
    let mut broken = Vec::new();
    for name in DOCUMENTS {
        let document = read(name);
        for link in document.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|it| it.0)) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { name } else { file };
            let valid = link.contains("://")
                || workspace().join(target).exists() && (anchor.is_empty() || anchors(&read(target)).contains(anchor));
            if !valid {
                broken.push(format!("{name}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn paths_and_examples_of_the_documents_exist() {
    const ROOTS: [&str; 7] = [".ci/", "codegen/", "models/", "runtime/", "services/aws-s3", "tests/", "xtask/"];
    let mut missing = Vec::new();
    for name in DOCUMENTS {
        let document = read(name);
        for code in document.split('`').skip(1).step_by(2) {
            let is_path = ROOTS.iter().any(|it| code.starts_with(it)) && !code.contains(['<', ' ']);
            if is_path && !workspace().join(code).exists() {
                missing.push(format!("{name}: {code}"));
            }
        }
        for example in document.split("--example ").skip(1) {
            let example = example.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
            if !workspace().join(format!("tests/examples/{example}.rs")).exists() {
                missing.push(format!("{name}: the example {example}"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
