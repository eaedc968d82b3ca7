//! Amazon S3 and S3 Control: errors without a body or with a successful status, the two forms of the `Expires` header,
//! a response without a wrapper element, buckets and their regions, encryption keys, object keys in listings, and what
//! the endpoint rules put into host and path.

use super::{Fixup, add, document, input, max_elements, retries};
use crate::model::{
    Blob, Customization, ErrorReference, ErrorTraits, Member, Models, Recoding, Shape, ShapeKind, StaticValue,
    StringShape, Structure, StructureReference,
};

pub(super) const FIXUPS: &[Fixup] = &[
    Fixup {
        name: "s3-bucket-in-endpoint",
        reason: "the endpoint rules put the bucket into the host or the path, so the URI must not contain it again; \
                 botocore drops it too (`remove_bucket_from_url_paths_from_model`)",
        apply: bucket_in_endpoint,
    },
    Fixup {
        name: "s3-head-not-found",
        reason: "the response to a HEAD request for something missing is a 404 without a body, so it never contains \
                 one of the modelled error codes; S3's Smithy model names the error NotFound",
        apply: head_not_found,
    },
    Fixup {
        name: "s3-expires-string",
        reason: "objects are stored with Expires headers that are no dates; botocore returns the header as \
                 ExpiresString next to the parsed date",
        apply: expires_string,
    },
    Fixup {
        name: "s3-bucket-location",
        reason: "the response to GetBucketLocation is one element whose text is the location, not a structure with a \
                 LocationConstraint inside",
        apply: bucket_location,
    },
    Fixup {
        name: "s3-bucket",
        reason: "a bucket belongs to one region, and other regions redirect to it; its name is validated before it \
                 becomes part of a host. botocore does both (`validate_bucket_name`, `S3RegionRedirectorv2`)",
        apply: bucket,
    },
    Fixup {
        name: "s3-bucket-location-in-path",
        reason: "the location of a bucket is requested from the client's region: with the bucket in the host, the host \
                 of the bucket's region would respond and reject the signature \
                 (`customize_endpoint_resolver_builtins`)",
        apply: |models| add(models, "GetBucketLocation", Customization::PathStyle),
    },
    Fixup {
        name: "s3-object-lock-checksum",
        reason: "S3 rejects the upload of a locked object that has neither Content-MD5 nor a checksum, as the documentation \
                 of PutObject says; the model requires none, since botocore sends one always",
        apply: object_lock_checksum,
    },
    Fixup {
        name: "s3-late-error",
        reason: "CopyObject, CompleteMultipartUpload and others send a successful status before the outcome is known; \
                 botocore looks for an error in every response that should be a document (`_handle_200_error`)",
        apply: late_error,
    },
    Fixup {
        name: "s3-batch-limit",
        reason: "a request may delete 1,000 objects (API reference of DeleteObjects: \"a list of up to 1,000 keys\"), \
                 which the model does not say",
        apply: |models| max_elements(models, "ObjectIdentifierList", 1000),
    },
    Fixup {
        name: "s3-legacy-retries",
        reason: "a body that was corrupted in transit is sent again; botocore does so in its legacy mode \
                 (`_retry.json`)",
        apply: |models| retries(models, &["legacy-codes=BadDigest"]),
    },
    Fixup {
        name: "s3-metadata-ascii",
        reason: "metadata is sent in headers, which S3 reads as ASCII; botocore rejects other characters \
                 (`validate_ascii_metadata`)",
        apply: |models| add_to_inputs_with(models, &["Metadata"], &Customization::Ascii("Metadata".into())),
    },
    Fixup {
        name: "s3-copy-source",
        reason: "the source of a copy is sent as a path; botocore percent-encodes it (`handle_copy_source_param`)",
        apply: copy_source,
    },
    Fixup {
        name: "s3-customer-keys",
        reason: "customer-provided encryption keys are bytes, sent in base64 with their MD5, which botocore fills in \
                 (`sse_md5`, `copy_source_sse_md5`)",
        apply: customer_keys,
    },
    Fixup {
        name: "s3-sessions",
        reason: "the endpoint rules of directory buckets have the auth scheme `sigv4-s3express`, whose sessions CreateSession \
                 creates, which no trait of the model says; botocore calls it too (`S3ExpressIdentityResolver`)",
        apply: sessions,
    },
    Fixup {
        name: "s3-keys-in-listings",
        reason: "XML cannot represent every object key, so botocore requests keys in URL encoding and decodes them \
                 (`set_list_objects_encoding_type_url`, `decode_list_object`)",
        apply: keys_in_listings,
    },
];

pub(super) const CONTROL_FIXUPS: &[Fixup] = &[Fixup {
    name: "s3control-account-in-endpoint",
    reason: "the endpoint rules put the account into the host, so the host prefix must not add it again; botocore \
             drops it too (`remove_accid_host_prefix_from_model`)",
    apply: account_in_endpoint,
}];

fn account_in_endpoint(models: &mut Models) -> bool {
    let mut changed = false;
    for operation in models.service.operations.values_mut() {
        let by_rules = operation.static_context_parameters.get("RequiresAccountId") == Some(&StaticValue::Flag(true));
        if by_rules && operation.host_prefix.as_deref() == Some("{AccountId}.") {
            operation.host_prefix = None;
            changed = true;
        }
    }
    changed
}

fn bucket_in_endpoint(models: &mut Models) -> bool {
    let mut changed = false;
    for operation in models.service.operations.values_mut() {
        if let Some(rest) = operation.http.request_uri.strip_prefix("/{Bucket}") {
            let slash = if rest.starts_with('/') { "" } else { "/" };
            operation.http.request_uri = format!("{slash}{rest}");
            changed = true;
        }
    }
    changed
}

fn head_not_found(models: &mut Models) -> bool {
    const NAME: &str = "NotFound";
    let service = &mut models.service;
    let changed = ["HeadObject", "HeadBucket"].iter().all(|operation| {
        let Some(operation) = service.operations.get_mut(*operation) else { return false };
        let new = operation.errors.iter().all(|error| error.shape != NAME);
        if new {
            operation.errors.push(ErrorReference { shape: NAME.to_string(), ..ErrorReference::default() });
        }
        new
    });
    if changed && !service.shapes.contains_key(NAME) {
        let error = ErrorTraits { http_status_code: Some(404), ..ErrorTraits::default() };
        let kind = ShapeKind::Structure(Structure { exception: true, error: Some(error), ..Structure::default() });
        service.shapes.insert(NAME.to_string(), shape(NAME, kind, "<p>The specified content does not exist.</p>"));
    }
    changed
}

fn expires_string(models: &mut Models) -> bool {
    const NAME: &str = "ExpiresString";
    let service = &mut models.service;
    let outputs: Vec<String> =
        service.operations.values().filter_map(|operation| Some(operation.output.as_ref()?.shape.clone())).collect();
    let mut changed = false;
    for output in outputs {
        let Some(structure) = service.shapes.get_mut(&output).and_then(Shape::structure_mut) else {
            continue;
        };
        let Some((index, _, expires)) = structure.members.get_full("Expires") else { continue };
        if expires.location.as_deref() != Some("header") || structure.members.contains_key(NAME) {
            continue;
        }
        let member = Member {
            shape: NAME.to_string(),
            documentation: Some(
                "<p>The <code>Expires</code> header as received, whether it is a date or not.</p>".into(),
            ),
            ..expires.clone()
        };
        structure.members.shift_insert(index + 1, NAME.to_string(), member);
        changed = true;
    }
    if changed {
        let kind = ShapeKind::String(StringShape::default());
        service.shapes.entry(NAME.to_string()).or_insert_with(|| shape(NAME, kind, ""));
    }
    changed
}

fn bucket_location(models: &mut Models) -> bool {
    let output = models.service.shapes.get_mut("GetBucketLocationOutput").and_then(Shape::structure_mut);
    let Some(member) = output.and_then(|output| output.members.get_mut("LocationConstraint")) else {
        return false;
    };
    !std::mem::replace(&mut member.xml_text, true)
}

/// The operations whose input has all of these members.
fn with_members(models: &mut Models, members: &[&str]) -> Vec<String> {
    let names: Vec<String> = models.service.operations.keys().cloned().collect();
    let has_all = |input: &Structure| members.iter().all(|member| input.members.contains_key(*member));
    names.into_iter().filter(|name| input(models, name).is_some_and(|input| has_all(input))).collect()
}

/// Adds a customization to every operation whose input has all of these members; false if there is no such operation,
/// or one has the customization already.
fn add_to_inputs_with(models: &mut Models, members: &[&str], customization: &Customization) -> bool {
    let names = with_members(models, members);
    !names.is_empty() && names.iter().all(|name| add(models, name, customization.clone()))
}

fn bucket(models: &mut Models) -> bool {
    let names = with_members(models, &["Bucket"]);
    let customization = |name: &str| Customization::Bucket { member: "Bucket".into(), creates: name == "CreateBucket" };
    names.iter().any(|it| it == "CreateBucket") && names.iter().all(|name| add(models, name, customization(name)))
}

fn object_lock_checksum(models: &mut Models) -> bool {
    let lock = |name: &str| name.starts_with("ObjectLock") && name != "ObjectLockEnabledForBucket";
    let names: Vec<String> = models.service.operations.keys().cloned().collect();
    let mut changed = false;
    for name in names {
        // Operations without a checksum upload no object, or lock it by a document that requires a checksum anyway.
        let operation = &models.service.operations[&name];
        let Some(checksum) = operation.http_checksum.as_ref().filter(|it| !it.request_checksum_required) else {
            continue;
        };
        if checksum.request_algorithm_member.is_none() {
            continue;
        }
        let Some(input) = input(models, &name) else { continue };
        let members: Vec<String> = input.members.keys().filter(|it| lock(it)).cloned().collect();
        changed |= !members.is_empty() && add(models, &name, Customization::ChecksumWith(members));
    }
    changed
}

fn copy_source(models: &mut Models) -> bool {
    let names = with_members(models, &["CopySource"]);
    for name in &names {
        if let Some(member) = input(models, name).and_then(|it| it.members.get_mut("CopySource")) {
            // The service's documentation asks callers to encode it, which would encode it twice.
            let html = "<p>The object to copy: <code>bucket/key</code>, <code>bucket/key?versionId=ID</code>, or, \
                        through an access point, its ARN and <code>/object/key</code>. The SDK encodes it: pass the \
                        key unencoded. A key that contains <code>?versionId=</code> needs \
                        <code>custom::CopySource</code>.</p>";
            member.documentation = Some(html.to_owned());
        }
    }
    add_to_inputs_with(models, &["CopySource"], &Customization::SendAs(Recoding::Source, "CopySource".into()))
}

fn late_error(models: &mut Models) -> bool {
    let shapes = &models.service.shapes;
    let is_document = |output: &StructureReference| {
        let Some(output) = shapes.get(&output.shape).and_then(Shape::structure) else { return false };
        let payload =
            output.payload.as_ref().and_then(|name| output.members.get(name)).and_then(|it| shapes.get(&it.shape));
        !payload.is_some_and(|it| matches!(it.kind, ShapeKind::Blob(_) | ShapeKind::String(_)))
    };
    let operations = models.service.operations.values();
    let names: Vec<String> =
        operations.filter(|it| it.output.as_ref().is_some_and(is_document)).map(|it| it.name.clone()).collect();
    !names.is_empty() && names.iter().all(|name| add(models, name, Customization::LateError))
}

fn customer_keys(models: &mut Models) -> bool {
    const DOCS: &str = "<p>The SDK encodes the key in base64 and also sends its MD5. If you set the MD5, pass the key \
                        in base64 too.</p>";
    ["SSECustomerKey", "CopySourceSSECustomerKey"].iter().all(|key| {
        // The model declares a string, but keys are arbitrary bytes; headers carry bytes in base64.
        let Some(shape) = models.service.shapes.get_mut(*key) else { return false };
        shape.kind = ShapeKind::Blob(Blob::default());
        let md5 = format!("{key}MD5");
        for name in with_members(models, &[key, &md5]) {
            document(input(models, &name), key, DOCS);
        }
        add_to_inputs_with(models, &[key, &md5], &Customization::Key { key: (*key).into(), md5: md5.clone() })
    })
}

/// The operations that list objects, with the paths of their keys and of other strings that S3 encodes with them.
const LISTINGS: [(&str, &[&str]); 3] = [
    ("ListObjects", &["Delimiter", "Marker", "NextMarker", "Prefix", "Contents.Key", "CommonPrefixes.Prefix"]),
    ("ListObjectsV2", &["Delimiter", "Prefix", "StartAfter", "Contents.Key", "CommonPrefixes.Prefix"]),
    (
        "ListObjectVersions",
        &[
            "Delimiter",
            "KeyMarker",
            "NextKeyMarker",
            "Prefix",
            "Versions.Key",
            "DeleteMarkers.Key",
            "CommonPrefixes.Prefix",
        ],
    ),
];

fn keys_in_listings(models: &mut Models) -> bool {
    const DOCS: &str = "<p>If you request no encoding, the SDK requests <code>url</code> and decodes the response.</p>";
    LISTINGS.iter().all(|(operation, paths)| {
        let paths = paths.iter().map(|it| (*it).to_owned()).collect();
        document(input(models, operation), "EncodingType", DOCS)
            && add(models, operation, Customization::UrlEncoded { member: "EncodingType".into(), paths })
    })
}

fn sessions(models: &mut Models) -> bool {
    const NAME: &str = "CreateSession";
    let service = &mut models.service;
    service.operations.contains_key(NAME) && service.sessions.replace(NAME).is_none()
}

fn shape(name: &str, kind: ShapeKind, documentation: &str) -> Shape {
    Shape {
        name: name.to_string(),
        kind,
        documentation: (!documentation.is_empty()).then(|| documentation.to_string()),
        sensitive: false,
        boxed: false,
        location_name: None,
        xml_namespace: None,
        deprecated: None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::model::{self, ShapeKind};
    use crate::report::Report;
    use crate::source::ModelStore;

    #[test]
    fn fixups_correct_the_model_of_s3() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
        let mut report = Report::new();
        let source = ModelStore::open(&folder).load("s3", &mut report).expect("the model of S3");
        let mut models = model::read(&source, &mut report).expect("a sound model");
        super::super::apply(&mut models, &mut report);
        assert!(report.is_empty(), "{report}");

        let service = &models.service;
        let not_found = service.structure("NotFound").expect("an error");
        assert_eq!(not_found.error.as_ref().and_then(|error| error.http_status_code), Some(404));
        for operation in ["HeadBucket", "HeadObject"] {
            let errors: Vec<_> =
                service.operations[operation].errors.iter().map(|error| error.shape.as_str()).collect();
            assert_eq!(errors.last(), Some(&"NotFound"), "{operation}");
        }
        for output in ["GetObjectOutput", "HeadObjectOutput"] {
            let members = &service.structure(output).expect("an output").members;
            let (index, _, expires) = members.get_full("Expires").expect("a member");
            let (name, string) = members.get_index(index + 1).expect("a member after it");
            assert_eq!((name.as_str(), &string.location_name), ("ExpiresString", &expires.location_name));
            assert!(matches!(service.shapes[&expires.shape].kind, ShapeKind::Timestamp(_)));
            assert!(matches!(service.shapes[&string.shape].kind, ShapeKind::String(_)));
        }
        assert!(!service.structure("PutObjectRequest").expect("an input").members.contains_key("ExpiresString"));
        let location = service.structure("GetBucketLocationOutput").expect("an output");
        assert!(location.members["LocationConstraint"].xml_text);
    }
}
