//! Amazon S3 and S3 Control: errors without a body or behind a good status, a header with two readings, an answer without a
//! wrapper, buckets and the regions they live in, keys of two kinds, and what the endpoint rules put into hosts.

use super::{Fixup, add, input, note, retries};
use crate::model::{
    Blob, ErrorReference, ErrorTraits, Member, Models, Recoding, Shape, ShapeKind, Special, StaticValue, StringShape,
    Structure, StructureReference,
};

pub(super) const FIXUPS: &[Fixup] = &[
    Fixup {
        name: "s3-bucket-in-endpoint",
        reason: "the endpoint rules put the bucket into the host or the path, so it must not stand in the URI again; \
                 botocore drops it too (`remove_bucket_from_url_paths_from_model`)",
        apply: bucket_in_endpoint,
    },
    Fixup {
        name: "s3-head-not-found",
        reason: "a HEAD request that finds nothing is answered with 404 and no body, so none of the modelled error codes \
                 ever arrives; S3's Smithy model names the error NotFound",
        apply: head_not_found,
    },
    Fixup {
        name: "s3-expires-string",
        reason: "people store anything in the Expires header of an object; botocore keeps it as ExpiresString beside the \
                 parsed date",
        apply: expires_string,
    },
    Fixup {
        name: "s3-bucket-location",
        reason: "the answer to GetBucketLocation is one element that holds the location itself, not a structure with a \
                 LocationConstraint inside",
        apply: bucket_location,
    },
    Fixup {
        name: "s3-bucket",
        reason: "a bucket lives in one region, and other regions say which; its name is checked before it becomes part of a \
                 host. botocore does both (`validate_bucket_name`, `S3RegionRedirectorv2`)",
        apply: bucket,
    },
    Fixup {
        name: "s3-bucket-location-in-path",
        reason: "where a bucket lives is asked of whatever region is at hand: with its name in the host, the host of another \
                 region would answer and refuse the signature (`customize_endpoint_resolver_builtins`)",
        apply: |models| add(models, "GetBucketLocation", Special::PathStyle),
    },
    Fixup {
        name: "s3-late-error",
        reason: "CopyObject, CompleteMultipartUpload and others answer with a good status before they know the outcome; \
                 botocore looks for an error in every answer that should be a document (`_handle_200_error`)",
        apply: late_error,
    },
    Fixup {
        name: "s3-legacy-retries",
        reason: "a body that was garbled on its way is sent again; botocore does so in its legacy mode (`_retry.json`)",
        apply: |models| retries(models, &["legacy-codes=BadDigest"]),
    },
    Fixup {
        name: "s3-metadata-ascii",
        reason: "metadata travels in headers, which S3 reads as ASCII; botocore refuses others (`validate_ascii_metadata`)",
        apply: |models| add_where(models, &["Metadata"], &Special::Ascii("Metadata".into())),
    },
    Fixup {
        name: "s3-copy-source",
        reason: "the source of a copy travels as a path; botocore encodes it (`handle_copy_source_param`)",
        apply: copy_source,
    },
    Fixup {
        name: "s3-customer-keys",
        reason: "keys of the caller's own are bytes that travel in base64 with their MD5, which botocore fills in (`sse_md5`, \
                 `copy_source_sse_md5`)",
        apply: customer_keys,
    },
    Fixup {
        name: "s3-keys-in-listings",
        reason: "XML cannot hold every key of an object, so botocore asks for them in URL encoding and decodes them \
                 (`set_list_objects_encoding_type_url`, `decode_list_object`)",
        apply: keys_in_listings,
    },
];

pub(super) const CONTROL_FIXUPS: &[Fixup] = &[Fixup {
    name: "s3control-account-in-endpoint",
    reason: "the endpoint rules put the account into the host, so it must not stand there again; botocore drops it too \
             (`remove_accid_host_prefix_from_model`)",
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
                "<p>The <code>Expires</code> header as it was received, be it a date or not.</p>".into(),
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
    let has = |it: &Structure| members.iter().all(|member| it.members.contains_key(*member));
    names.into_iter().filter(|name| input(models, name).is_some_and(|it| has(it))).collect()
}

/// Adds a fact to every operation whose input has all of these members; false if there is none, or one has the fact.
fn add_where(models: &mut Models, members: &[&str], special: &Special) -> bool {
    let names = with_members(models, members);
    !names.is_empty() && names.iter().all(|name| add(models, name, special.clone()))
}

fn bucket(models: &mut Models) -> bool {
    let names = with_members(models, &["Bucket"]);
    let special = |name: &str| Special::Bucket { member: "Bucket".into(), new: name == "CreateBucket" };
    names.iter().any(|it| it == "CreateBucket") && names.iter().all(|name| add(models, name, special(name)))
}

fn copy_source(models: &mut Models) -> bool {
    let names = with_members(models, &["CopySource"]);
    for name in &names {
        if let Some(member) = input(models, name).and_then(|it| it.members.get_mut("CopySource")) {
            // What the service says of it asks for an encoding that would be done twice.
            let html = "<p>The object to copy: <code>bucket/key</code>, <code>bucket/key?versionId=ID</code>, or, through an \
                        access point, its ARN and <code>/object/key</code>. The SDK encodes it: give the key as it is.</p>";
            member.documentation = Some(html.to_owned());
        }
    }
    add_where(models, &["CopySource"], &Special::Sent(Recoding::Source, "CopySource".into()))
}

fn late_error(models: &mut Models) -> bool {
    let shapes = &models.service.shapes;
    let is_document = |output: &StructureReference| {
        let Some(output) = shapes.get(&output.shape).and_then(Shape::structure) else { return false };
        let payload =
            output.payload.as_ref().and_then(|it| output.members.get(it)).and_then(|it| shapes.get(&it.shape));
        !payload.is_some_and(|it| matches!(it.kind, ShapeKind::Blob(_) | ShapeKind::String(_)))
    };
    let operations = models.service.operations.values();
    let names: Vec<String> =
        operations.filter(|it| it.output.as_ref().is_some_and(is_document)).map(|it| it.name.clone()).collect();
    !names.is_empty() && names.iter().all(|name| add(models, name, Special::LateError))
}

fn customer_keys(models: &mut Models) -> bool {
    const NOTE: &str = "<p>The SDK encodes the key in base64 and sends its MD5 along. If you give the MD5, give the key in \
                        base64 too.</p>";
    ["SSECustomerKey", "CopySourceSSECustomerKey"].iter().all(|member| {
        // The model says text, and keys are any bytes; headers carry bytes in base64.
        let Some(shape) = models.service.shapes.get_mut(*member) else { return false };
        shape.kind = ShapeKind::Blob(Blob::default());
        let hash = format!("{member}MD5");
        for name in with_members(models, &[member, &hash]) {
            note(input(models, &name), member, NOTE);
        }
        add_where(models, &[member, &hash], &Special::Key { member: (*member).into(), hash: hash.clone() })
    })
}

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
    const NOTE: &str = "<p>Unless you ask for an encoding, the SDK does, and decodes what comes.</p>";
    LISTINGS.iter().all(|(operation, paths)| {
        let paths = paths.iter().map(|it| (*it).to_owned()).collect();
        note(input(models, operation), "EncodingType", NOTE)
            && add(models, operation, Special::UrlEncoded { member: "EncodingType".into(), paths })
    })
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
    use crate::source::Library;

    #[test]
    fn what_the_fixups_leave_behind() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
        let mut report = Report::new();
        let source = Library::open(&folder).load("s3", &mut report).expect("the model of S3");
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
            let (after, text) = members.get_index(index + 1).expect("a member after it");
            assert_eq!((after.as_str(), &text.location_name), ("ExpiresString", &expires.location_name));
            assert!(matches!(service.shapes[&expires.shape].kind, ShapeKind::Timestamp(_)));
            assert!(matches!(service.shapes[&text.shape].kind, ShapeKind::String(_)));
        }
        assert!(!service.structure("PutObjectRequest").expect("an input").members.contains_key("ExpiresString"));
        let location = service.structure("GetBucketLocationOutput").expect("an output");
        assert!(location.members["LocationConstraint"].xml_text);
    }
}
