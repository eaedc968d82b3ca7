//! Inputs before they are validated: what S3 refuses only after a round trip, and what it wants encoded.

use aws_core::codegen::{Open, StructureMut, StructureView, Value, View, base64, md5, percent};
use aws_core::{Error, ErrorKind, Result};

/// Refuses a name that is neither a bucket's nor an ARN of something that stands for one.
pub(super) fn check_bucket(input: &mut StructureMut<'_>) -> Result<()> {
    text(input, "Bucket").map_or(Ok(()), |it| check_bucket_name(&it))
}

/// As [`check_bucket`], of the name itself.
pub(super) fn check_bucket_name(bucket: &str) -> Result<()> {
    if is_bucket(bucket) || is_arn(bucket) {
        return Ok(());
    }
    Err(refused(&format!(
        "Invalid bucket name \"{bucket}\": 1 to 255 letters, digits, dots, hyphens and underscores, or the ARN of an access point"
    )))
}

/// botocore's rule, wider than S3's own for the sake of old buckets.
fn is_bucket(name: &str) -> bool {
    (1..=255).contains(&name.len()) && name.bytes().all(|it| it.is_ascii_alphanumeric() || b".-_".contains(&it))
}

/// `arn:PARTITION:SERVICE:REGION:ACCOUNT:accesspoint/NAME`, or an access point of an outpost. The endpoint rules look closer.
fn is_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, partition, service, _region, account, resource] = parts[..] else { return false };
    let kind = resource.split(['/', ':']).next().unwrap_or_default();
    arn == "arn"
        && partition.starts_with("aws")
        && matches!(service, "s3" | "s3-object-lambda" | "s3-outposts")
        && account.len() == 12
        && account.bytes().all(|it| it.is_ascii_digit())
        && matches!(kind, "accesspoint" | "outpost")
        && resource.len() > kind.len() + 1
}

/// Whether the bucket is an ARN.
pub(super) fn has_arn(input: StructureView<'_>) -> bool {
    bucket(input).is_some_and(|it| it.starts_with("arn:"))
}

/// The bucket of the input, if it has one.
pub(super) fn bucket<'a>(input: StructureView<'a>) -> Option<&'a str> {
    match input.get(input.shape().member("Bucket")?)? {
        View::String(name) => Some(name),
        _ => None,
    }
}

/// Refuses metadata that a header cannot carry.
pub(super) fn check_metadata(input: &mut StructureMut<'_>) -> Result<()> {
    let view = input.view();
    let Some(View::Map(map)) = view.shape().member("Metadata").and_then(|it| view.get(it)) else { return Ok(()) };
    map.try_each(|key, value| {
        let value = match value {
            Some(View::String(text)) => text,
            _ => "",
        };
        match key.is_ascii() && value.is_ascii() {
            true => Ok(()),
            false => Err(refused(&format!(
                "Non ascii characters found in S3 metadata for key \"{key}\", value: \"{value}\": encode them first"
            ))),
        }
    })
}

/// Percent-encodes the source of a copy, given as `bucket/key`, with `?versionId=ID` behind it or not.
pub(super) fn encode_copy_source(input: &mut StructureMut<'_>) {
    let Some(source) = text(input, "CopySource") else { return };
    let encoded = match source.split_once("?versionId=") {
        Some((path, version)) => format!("{}?versionId={version}", percent::encode_path(path)),
        None => percent::encode_path(&source).into_owned(),
    };
    put(input, "CopySource", encoded);
}

/// Customer keys travel in base64 with their MD5; a caller who gives the MD5 has encoded the key too.
pub(super) fn encode_customer_keys(input: &mut StructureMut<'_>) {
    for (key, hash) in
        [("SSECustomerKey", "SSECustomerKeyMD5"), ("CopySourceSSECustomerKey", "CopySourceSSECustomerKeyMD5")]
    {
        if let (Some(secret), None) = (text(input, key), text(input, hash)) {
            put(input, hash, base64::encode(md5(secret.as_bytes())));
            put(input, key, base64::encode(&secret));
        }
    }
}

/// The text of a member, if it is there.
pub(super) fn text(input: &StructureMut<'_>, name: &str) -> Option<String> {
    let view = input.view();
    match view.get(view.shape().member(name)?)? {
        View::String(text) => Some(text.to_owned()),
        _ => None,
    }
}

/// Sets a text member, if the shape has it.
pub(super) fn put(input: &mut StructureMut<'_>, name: &str, text: String) -> bool {
    let Some(member) = input.shape().member(name) else { return false };
    match input.slot(member).open() {
        Open::Scalar(scalar) => scalar.put(Value::String(text)),
        _ => false,
    }
}

fn refused(why: &str) -> Error {
    Error::new(ErrorKind::Validation, format!("Parameter validation failed:\n{why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets() {
        for name in ["a", "my-bucket", "My_Bucket.1", &"x".repeat(255)] {
            assert!(is_bucket(name), "{name}");
        }
        for name in ["", "a/b", "bücket", "a b", "a?", &"x".repeat(256)] {
            assert!(!is_bucket(name), "{name}");
        }
        for arn in [
            "arn:aws:s3:us-west-2:123456789012:accesspoint:myendpoint",
            "arn:aws:s3:us-west-2:123456789012:accesspoint/myendpoint",
            "arn:aws-cn:s3::123456789012:accesspoint:mfzwi23gnjvgw.mrap",
            "arn:aws:s3-object-lambda:us-west-2:123456789012:accesspoint/mine",
            "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-01234567890123456/accesspoint/reports",
        ] {
            assert!(is_arn(arn), "{arn}");
        }
        for arn in [
            "arn:aws:s3:::bucket",
            "arn:aws:sqs:us-west-2:123456789012:queue",
            "arn:aws:s3:us-west-2:1:accesspoint/x",
            "arn",
        ] {
            assert!(!is_arn(arn), "{arn}");
        }
    }
}
