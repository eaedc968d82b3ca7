//! Buckets, where an operation's line says which member names one: what may be a bucket's name, and the region that each
//! lives in. Knows no operation by name.

use crate::error::{Error, ErrorKind, Result};
use crate::http::{HeaderMap, Method};
use crate::operation::{Plan, Segment};
use crate::schema::{StructureView, View};

/// Refuses a name that is neither a bucket's nor an ARN of something that stands for one.
///
/// # Errors
/// [`ErrorKind::Validation`].
pub(super) fn check(name: &str) -> Result<()> {
    if is_bucket(name) || is_arn(name) {
        return Ok(());
    }
    let why = "1 to 255 letters, digits, dots, hyphens and underscores, or the ARN of an access point";
    Err(Error::new(
        ErrorKind::Validation,
        format!("Parameter validation failed:\nInvalid bucket name \"{name}\": {why}"),
    ))
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

/// The bucket that a call is about, or its ARN.
pub(super) fn of<'a>(plan: &Plan, input: StructureView<'a>) -> Option<&'a str> {
    let member = plan.special.bucket?.member;
    match input.get(&input.shape().members[member])? {
        View::String(name) => Some(name),
        _ => None,
    }
}

/// The bucket, if the region of the call depends on it: each lives in one, but an ARN names its own.
pub(super) fn place(bucket: Option<&str>) -> Option<&str> {
    bucket.filter(|it| !it.starts_with("arn:"))
}

/// Whether the bucket of a call must, or must not, stand in the path, whatever the settings say.
pub(super) fn path_style(plan: &Plan, input: StructureView<'_>) -> Option<bool> {
    if plan.special.path_style { Some(true) } else { path_style_of(of(plan, input)?) }
}

/// As [`path_style`], of the bucket alone: an ARN cannot stand in a path.
pub(super) fn path_style_of(bucket: &str) -> Option<bool> {
    bucket.starts_with("arn:").then_some(false)
}

/// Where a bucket is that is not where it was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Elsewhere<'a> {
    /// In this region.
    In(&'a str),
    /// In a region that the answer does not tell.
    Somewhere,
}

/// Whether an error says that the call went to the wrong region: the answers that botocore's redirector takes for it
/// (`S3RegionRedirectorv2`). HEAD answers have no body, so a bad request may be one too; the header tells.
pub(super) fn elsewhere<'a>(plan: &Plan, error: &'a Error) -> Option<Elsewhere<'a>> {
    let bucket = plan.special.bucket?;
    let told = error.region().map(Elsewhere::In);
    // A HEAD of the bucket itself is how one asks.
    let is_question = plan.method == Method::HEAD && plan.path.iter().all(|it| matches!(it, Segment::Literal(_)));
    let somewhere = (!is_question).then_some(Elsewhere::Somewhere);
    match (error.status()?, error.code().unwrap_or_default()) {
        (301 | 302 | 307, _) | (_, "PermanentRedirect") => told.or(somewhere),
        (_, "AuthorizationHeaderMalformed") => told,
        (_, "IllegalLocationConstraintException") if bucket.new => None,
        (_, "IllegalLocationConstraintException") => told.or(somewhere),
        (400, _) if plan.method == Method::HEAD => told.or(somewhere),
        _ => None,
    }
}

/// The region that any answer tells about a bucket.
pub(super) fn region_of(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-amz-bucket-region")?.to_str().ok()
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
