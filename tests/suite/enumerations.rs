//! String enumerations as programs use them: `match`, comparison, keys of maps and strings, for values of every origin.
//! Knows no layout; `runtime/src/schema` tests that.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::process::Command;

use aws_core::Bytes;
use aws_core::http::HeaderMap;
use aws_core::internals::operation::OperationPlan;
use aws_core::internals::protocol::{AwsJson, AwsQuery, Protocol, ResponseParts, RestXml, RpcV2Cbor};
use aws_core::internals::schema::StructureMut;
use aws_s3::operation::{HeadObject, HeadObjectOutput, ListObjectsV2, ListObjectsV2Output};
use aws_s3::types::{Object, ObjectStorageClass, ObjectVersionStorageClass, StorageClass};

/// Known and unknown values, held in place and not.
const VALUES: [&str; 7] = [
    "STANDARD",
    "GLACIER",
    "AWS_BACKUP_LOW_COST_WARM",
    "",
    "standard",
    "TWENTY_TWO_BYTES_LONG_",
    "UNKNOWN_TO_THIS_VERSION_OF_THE_CRATE",
];

/// The name of the arm that a value takes.
fn arm(value: &ObjectStorageClass) -> &'static str {
    match *value {
        ObjectStorageClass::STANDARD => "STANDARD",
        ObjectStorageClass::AWS_BACKUP_LOW_COST_WARM => "AWS_BACKUP_LOW_COST_WARM",
        ObjectStorageClass::GLACIER => "GLACIER",
        _ => "other",
    }
}

fn check(value: ObjectStorageClass, text: &str, origin: &str) {
    let is_constant = ["STANDARD", "GLACIER", "AWS_BACKUP_LOW_COST_WARM"].contains(&text);
    assert_eq!(arm(&value), if is_constant { text } else { "other" }, "{origin}: {text}");
    for other in VALUES {
        let parsed = ObjectStorageClass::from(other);
        assert_eq!(value == parsed, text == other, "{origin}: {text} and {other}");
        assert_eq!((value == other, other == value, value == *other), (text == other, text == other, text == other));
        assert_eq!(value.cmp(&parsed), text.cmp(other), "{origin}: {text} and {other}");
    }
    assert_eq!(value.as_str(), text);
    assert_eq!((value.to_string(), format!("{value:?}")), (text.to_owned(), format!("{text:?}")), "{origin}");
    assert_eq!(format!("{value:>40}"), format!("{text:>40}"));
    assert_eq!(text.parse::<ObjectStorageClass>().as_ref(), Ok(&value), "{origin}");
    assert_eq!(ObjectStorageClass::from(text.to_owned()), value, "{origin}");
    assert_eq!(ObjectStorageClass::from(&text.to_owned()), value, "{origin}");
    assert_eq!(String::from(value.clone()), text, "{origin}");
    assert_eq!(ObjectStorageClass::VALUES.contains(&text), ObjectStorageClass::values().any(|it| it == value));
    let ordered = BTreeMap::from([(value.clone(), 1)]);
    let hashed = HashMap::from([(value.clone(), 1)]);
    for key in [value, ObjectStorageClass::from(text)] {
        assert_eq!((ordered.get(&key), hashed.get(&key)), (Some(&1), Some(&1)), "{origin}: {text}");
    }
    assert_eq!((ordered.get(text), hashed.get(text)), (Some(&1), Some(&1)), "{origin}: {text}");
}

/// The class of the only object of a page.
fn read(protocol: &dyn Protocol, body: Vec<u8>) -> ObjectStorageClass {
    let (headers, body) = (HeaderMap::new(), Bytes::from(body));
    let mut output = ListObjectsV2Output::default();
    let response = ResponseParts { status: 200, headers: &headers, body: &body };
    let plan = OperationPlan::for_operation::<ListObjectsV2>();
    protocol.parse(plan, response, StructureMut::new(&mut output)).expect("a valid response");
    output.contents.pop().and_then(|it| it.storage_class).expect("a storage class")
}

/// CBOR of a string or of a map with one entry.
fn cbor_string(text: &str) -> Vec<u8> {
    [&[0x78, u8::try_from(text.len()).expect("short")], text.as_bytes()].concat()
}

#[test]
fn values_of_every_origin_match_compare_and_are_keys() {
    for text in VALUES {
        check(ObjectStorageClass::from(text), text, "a string");
        let contents = format!("<Contents><StorageClass>{text}</StorageClass></Contents>");
        let xml = format!("<ListBucketResult>{contents}</ListBucketResult>");
        check(read(&RestXml, xml.into()), text, "XML");
        let query = format!(
            "<ListObjectsV2Response><ListObjectsV2Result>{contents}</ListObjectsV2Result></ListObjectsV2Response>"
        );
        check(read(&AwsQuery { version: "2006-03-01" }, query.into()), text, "query");
        let json = format!("{{\"Contents\":[{{\"StorageClass\":\"{text}\"}}]}}");
        let protocol = AwsJson { version: "1.0", target: "S3", query_compatible: false };
        check(read(&protocol, json.into()), text, "JSON");
        let object = [&[0xa1], &*cbor_string("StorageClass"), &*cbor_string(text)].concat();
        let cbor = [&[0xa1], &*cbor_string("Contents"), &[0x81], &*object].concat();
        check(read(&RpcV2Cbor { target: "S3", query_compatible: false }, cbor), text, "CBOR");
    }
    for value in ObjectStorageClass::values() {
        let text = value.as_str().to_owned();
        check(value, &text, "values");
    }
    check(ObjectStorageClass::STANDARD, "STANDARD", "a constant");
    check(ObjectStorageClass::AWS_BACKUP_LOW_COST_WARM, "AWS_BACKUP_LOW_COST_WARM", "a constant");
    check(ObjectStorageClass::default(), "", "the default");
}

#[test]
fn values_of_headers_match() {
    for text in VALUES.into_iter().filter(|it| !it.is_empty()) {
        let headers = HeaderMap::from_iter([(
            aws_core::http::HeaderName::from_static("x-amz-storage-class"),
            aws_core::http::HeaderValue::from_static(text),
        )]);
        let mut output = HeadObjectOutput::default();
        let response = ResponseParts { status: 200, headers: &headers, body: &Bytes::new() };
        let plan = OperationPlan::for_operation::<HeadObject>();
        RestXml.parse(plan, response, StructureMut::new(&mut output)).expect("a valid response");
        let found = match output.storage_class {
            Some(StorageClass::STANDARD) => "STANDARD",
            Some(StorageClass::GLACIER) => "GLACIER",
            Some(StorageClass::AWS_BACKUP_LOW_COST_WARM) => "AWS_BACKUP_LOW_COST_WARM",
            Some(ref other) => other.as_str(),
            None => "absent",
        };
        assert_eq!(found, text);
    }
}

#[test]
fn structures_that_hold_enumerations_are_equal_whatever_their_origin() {
    for text in VALUES {
        let object = |class: ObjectStorageClass| Object { storage_class: Some(class), ..Default::default() };
        let xml = format!("<A><Contents><StorageClass>{text}</StorageClass></Contents></A>");
        let received = object(read(&RestXml, xml.into()));
        assert_eq!(received, object(text.into()));
        assert_eq!(received.clone(), received);
    }
}

#[test]
fn values_are_those_of_the_model_and_each_has_a_constant() {
    let distinct: BTreeSet<&str> = ObjectVersionStorageClass::VALUES.iter().copied().collect();
    assert_eq!(ObjectVersionStorageClass::VALUES, ["STANDARD"]);
    assert_eq!(distinct.len(), ObjectVersionStorageClass::values().len());
    assert_eq!(ObjectVersionStorageClass::values().next(), Some(ObjectVersionStorageClass::STANDARD));
}

#[test]
fn every_kind_of_string_becomes_an_enumeration() {
    let name = "GLACIER".to_owned();
    let request = |class: StorageClass| assert_eq!(class, StorageClass::GLACIER);
    request("GLACIER".into());
    request((&name).into());
    request((&&*name).into());
    request(std::borrow::Cow::Borrowed(&*name).into());
    request(name.clone().into_boxed_str().into());
    request(name.into());
    assert_eq!(size_of::<Option<StorageClass>>(), size_of::<String>());
}

/// What the compiler says about a program that uses the crate of S3, or nothing.
fn compile(program: &str) -> String {
    let deps = std::env::current_exe().expect("a path").parent().expect("a folder").to_owned();
    let newest = |name: &str| -> PathBuf {
        let libraries = std::fs::read_dir(&deps).expect("a folder").flatten().filter(|it| {
            let file = it.file_name().to_string_lossy().into_owned();
            file.starts_with(&format!("lib{name}-")) && file.ends_with(".rlib")
        });
        let newest = libraries.max_by_key(|library| library.metadata().and_then(|it| it.modified()).ok());
        newest.unwrap_or_else(|| panic!("no library {name} beside the test")).path()
    };
    let folder = tests::suite::workspace().join("target/tmp/enumerations");
    std::fs::create_dir_all(&folder).expect("a folder");
    let source = folder.join("program.rs");
    std::fs::write(&source, program).expect("a file");
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--edition=2024", "--crate-type=lib", "--emit=metadata", "--out-dir"]).arg(&folder).arg(&source);
    rustc.arg("-L").arg(format!("dependency={}", deps.display()));
    rustc.arg("--extern").arg(format!("aws_s3={}", newest("aws_s3").display()));
    String::from_utf8_lossy(&rustc.output().expect("rustc").stderr).into_owned()
}

#[test]
fn a_wrong_type_is_an_error_whose_first_line_names_the_wanted_type() {
    let head = "use aws_s3::types::*; pub fn f(client: &aws_s3::Client, tier: Tier) {";
    let check = |statement: &str, expect: &str| {
        let found = compile(&format!("{head} {statement} }}"));
        assert_eq!(found.lines().next().unwrap_or_default(), expect, "{found}");
        assert!(found.lines().count() < 40, "{found}");
    };
    check("let _ = client.put_object(\"b\", \"k\").storage_class(\"GLACIER\"); let _ = tier == \"Bulk\";", "");
    check("let _ = client.put_object(\"b\", 7);", "error[E0277]: `{integer}` cannot be a string");
    check("let _ = client.list_buckets().prefix(true);", "error[E0277]: `bool` cannot be a string");
    check(
        "let _ = client.put_object(\"b\", \"k\").storage_class(7);",
        "error[E0277]: `{integer}` cannot be the value of a member of type \
         `Option<Enumeration<types::storage::StorageClass_>>`",
    );
    check(
        "let _ = client.put_object(\"b\", \"k\").storage_class(tier);",
        "error[E0277]: `Enumeration<types::tier::Tier_>` cannot be the value of a member of type \
         `Option<Enumeration<types::storage::StorageClass_>>`",
    );
    check(
        "let _ = tier == StorageClass::STANDARD;",
        "error[E0277]: `Enumeration<types::storage::StorageClass_>` is not a value of `Enumeration<types::tier::Tier_>`",
    );
    check("let _ = tier == 7;", "error[E0277]: `{integer}` is not a value of `Enumeration<types::tier::Tier_>`");
    check("let _: StorageClass = Tier::BULK;", "error[E0308]: mismatched types");
}
