//! Laws of names over every model in `models/`, and in the folder `CORPUS_DIR` if that is set: each name of AWS becomes
//! a Rust identifier, in the right case, and unique in its scope.

use codegen::name::{self, Scope};
use serde_json::Value;

use super::prose::service_models;

/// Names that become the same identifier in one scope: the generator numbers them. Each entry must still clash.
const CLASHES: [(&str, &str); 1] = [
    // `invalid_request` and `INVALID_REQUEST` are two values of one enumeration.
    ("OAuth2ErrorCode", "INVALID_REQUEST"),
];

fn is_identifier(name: &str) -> bool {
    let bare = name.strip_prefix("r#").unwrap_or(name);
    let is_valid = |it: char| it.is_ascii_alphanumeric() || it == '_';
    !bare.is_empty() && bare != "_" && bare.chars().all(is_valid) && !bare.starts_with(|it: char| it.is_ascii_digit())
}

struct Laws {
    count: usize,
    broken: Vec<String>,
}

impl Laws {
    /// Checks that the name is an identifier, in the right case, and not yet used in its scope.
    fn check_name(&mut self, scope: &mut Scope, location: &str, wire: &str, ident: &str, right_case: bool) {
        self.count += 1;
        if !is_identifier(ident) || !right_case {
            self.broken.push(format!("{location}: {wire:?} became {ident}"));
        }
        if let Err(owner) = scope.claim(ident, wire) {
            self.broken.push(format!("{location}: {wire:?} and {owner:?} are both {ident}"));
        }
    }
}

fn is_snake(name: &str) -> bool {
    !name.contains(|it: char| it.is_ascii_uppercase()) && !name.contains("__")
}

#[test]
fn every_name_becomes_a_unique_identifier_in_its_scope() {
    let mut laws = Laws { count: 0, broken: Vec::new() };
    for file in service_models() {
        let model: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let location = file.display().to_string();
        let mut methods = Scope::default();
        for (operation, _) in model["operations"].as_object().into_iter().flatten() {
            let method = name::escape(&name::snake(operation));
            laws.check_name(&mut methods, &location, operation, &method, is_snake(&method));
        }
        let mut types = Scope::default();
        for (name, shape) in model["shapes"].as_object().into_iter().flatten() {
            let location = format!("{location}: {name}");
            if shape["type"] == "structure" || shape["enum"].is_array() {
                let ident = name::escape_type(&name::pascal(name));
                laws.check_name(
                    &mut types,
                    &location,
                    name,
                    &ident,
                    ident.starts_with(|it: char| it.is_ascii_uppercase()),
                );
            }
            let mut fields = Scope::default();
            for (member, _) in shape["members"].as_object().into_iter().flatten() {
                let ident = name::escape(&name::snake(member));
                laws.check_name(&mut fields, &location, member, &ident, is_snake(&ident));
            }
            let mut constants = Scope::default();
            for value in shape["enum"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                let ident = name::escape(&name::screaming(value));
                if !CLASHES.contains(&(name.as_str(), ident.as_str())) {
                    laws.check_name(
                        &mut constants,
                        &location,
                        value,
                        &ident,
                        !ident.contains(|it: char| it.is_ascii_lowercase()),
                    );
                }
            }
        }
    }
    tests::say!(
        "suite names: {} passed, {} failed, {} skipped",
        laws.count - laws.broken.len(),
        laws.broken.len(),
        CLASHES.len()
    );
    assert!(laws.broken.is_empty(), "{}", laws.broken[..laws.broken.len().min(20)].join("\n"));
}

#[test]
fn known_clashes_still_clash_and_are_numbered() {
    assert_eq!(name::screaming("invalid_request"), name::screaming("INVALID_REQUEST"));
    let mut scope = Scope::default();
    assert_eq!(scope.claim_numbered("INVALID_REQUEST", "invalid_request", "_"), "INVALID_REQUEST");
    assert_eq!(scope.claim_numbered("INVALID_REQUEST", "INVALID_REQUEST", "_"), "INVALID_REQUEST_2");
}

/// The crate `aws-collide` compiles with the tests, so that each of these names can be a value.
#[test]
fn what_every_enumeration_has_is_a_value_in_the_model_of_collisions() {
    let source = include_str!("../../runtime/src/generated/enumeration_macros.rs");
    let model = include_str!("../models/botocore/collide/2026-01-01/service-2.json");
    let model: Value = serde_json::from_str(model).expect("a model");
    let values = model["shapes"]["Type"]["enum"].as_array().expect("an enumeration");
    let items = source.lines().filter_map(|it| it.trim().strip_prefix("pub"));
    let items = items.filter_map(|it| it.split_once("fn ").or_else(|| it.split_once("const ")));
    let names: Vec<_> = items.filter_map(|it| it.1.split([':', '(']).next()).filter(|it| is_identifier(it)).collect();
    assert!(names.len() >= 4, "{names:?}");
    for name in names {
        assert!(values.iter().any(|it| it == name), "{name} is no value of `Type`");
    }
}

/// Names that users of the most used services rely on.
#[test]
fn well_known_names_keep_their_spelling() {
    let check = |name: &str, snake: &str, pascal: &str| {
        assert_eq!((name::snake(name).as_str(), name::pascal(name).as_str()), (snake, pascal), "{name}");
    };
    check("ListObjectsV2", "list_objects_v2", "ListObjectsV2");
    check("ETag", "e_tag", "ETag");
    check("ChecksumCRC64NVME", "checksum_crc64_nvme", "ChecksumCrc64Nvme");
    check("CORSRule", "cors_rule", "CorsRule");
    check("SSEKMSKeyId", "ssekms_key_id", "SsekmsKeyId");
    check("DescribeDBInstances", "describe_db_instances", "DescribeDbInstances");
    check("ListWebACLs", "list_web_acls", "ListWebAcls");
    check("QueueUrl", "queue_url", "QueueUrl");
    check("MD5OfMessageBody", "md5_of_message_body", "Md5OfMessageBody");
    check("CreateCachediSCSIVolume", "create_cached_iscsi_volume", "CreateCachedIscsiVolume");
}
