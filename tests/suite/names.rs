//! Laws of names over every model in `models/`, and in the folder `CORPUS_DIR` names if it is set: each name of AWS becomes
//! an identifier of Rust, in its case, and the only one of its scope.

use codegen::name::{self, Scope};
use serde_json::Value;

use super::prose::service_models;

/// Names that meet in one scope: the emitted code numbers them. Each must still meet.
const CLASHES: [(&str, &str); 1] = [
    // `invalid_request` and `INVALID_REQUEST` are two values of one enumeration.
    ("OAuth2ErrorCode", "INVALID_REQUEST"),
];

fn is_identifier(name: &str) -> bool {
    let bare = name.strip_prefix("r#").unwrap_or(name);
    let legal = |it: char| it.is_ascii_alphanumeric() || it == '_';
    !bare.is_empty() && bare != "_" && bare.chars().all(legal) && !bare.starts_with(|it: char| it.is_ascii_digit())
}

struct Laws {
    count: usize,
    broken: Vec<String>,
}

impl Laws {
    /// The name in its case is an identifier and free in its scope.
    fn name(&mut self, scope: &mut Scope, place: &str, wire: &str, ident: &str, cased: bool) {
        self.count += 1;
        if !is_identifier(ident) || !cased {
            self.broken.push(format!("{place}: {wire:?} became {ident}"));
        }
        if let Err(owner) = scope.claim(ident, wire) {
            self.broken.push(format!("{place}: {wire:?} and {owner:?} are both {ident}"));
        }
    }
}

fn is_snake(name: &str) -> bool {
    !name.contains(|it: char| it.is_ascii_uppercase()) && !name.contains("__")
}

#[test]
fn every_name_is_an_identifier_of_its_own() {
    let mut laws = Laws { count: 0, broken: Vec::new() };
    for file in service_models() {
        let model: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let place = file.display().to_string();
        let mut methods = Scope::default();
        for (operation, _) in model["operations"].as_object().into_iter().flatten() {
            let method = name::escape(&name::snake(operation));
            laws.name(&mut methods, &place, operation, &method, is_snake(&method));
        }
        let mut types = Scope::default();
        for (name, shape) in model["shapes"].as_object().into_iter().flatten() {
            let place = format!("{place}: {name}");
            if shape["type"] == "structure" || shape["enum"].is_array() {
                let ident = name::escape_type(&name::pascal(name));
                laws.name(&mut types, &place, name, &ident, ident.starts_with(|it: char| it.is_ascii_uppercase()));
            }
            let mut fields = Scope::default();
            for (member, _) in shape["members"].as_object().into_iter().flatten() {
                let ident = name::escape(&name::snake(member));
                laws.name(&mut fields, &place, member, &ident, is_snake(&ident));
            }
            let mut constants = Scope::default();
            for value in shape["enum"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                let ident = name::escape(&name::screaming(value));
                if !CLASHES.contains(&(name.as_str(), ident.as_str())) {
                    laws.name(
                        &mut constants,
                        &place,
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
fn clashes_still_meet() {
    assert_eq!(name::screaming("invalid_request"), name::screaming("INVALID_REQUEST"));
    let mut scope = Scope::default();
    assert_eq!(scope.claim_numbered("INVALID_REQUEST", "invalid_request", "_"), "INVALID_REQUEST");
    assert_eq!(scope.claim_numbered("INVALID_REQUEST", "INVALID_REQUEST", "_"), "INVALID_REQUEST_2");
}

/// Names whose spelling people rely on, of the services most used.
#[test]
fn well_known_names() {
    let check = |name: &str, snake: &str, pascal: &str| {
        assert_eq!((name::snake(name).as_str(), name::pascal(name).as_str()), (snake, pascal));
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
