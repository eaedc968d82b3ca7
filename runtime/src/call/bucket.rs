//! How buckets are addressed, for operations whose descriptor says which member names one: validation of the name, path
//! or virtual style, and redirects to the bucket's region. The host itself comes from the endpoint rule set
//! (`address`). Knows no operation by name.

use crate::config::{AddressingStyle, S3Config, check_region};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{HeaderMap, Method};
use crate::operation::{OperationPlan, Segment};
use crate::schema::{StructureView, View};

/// Rejects a name that is neither a bucket name nor the ARN of an access point.
///
/// # Errors
/// [`ErrorKind::Validation`].
pub(super) fn check(name: &str) -> Result<()> {
    if is_bucket_name(name) || is_access_point_arn(name) {
        return Ok(());
    }
    let why = "expected 1 to 255 letters, digits, dots, hyphens and underscores, or the ARN of an access point";
    Err(Error::new(
        ErrorKind::Validation,
        format!("Parameter validation failed:\nInvalid bucket name \"{name}\": {why}"),
    ))
}

/// Rejects an input without a bucket that is required, even if inputs are not validated: the path would begin with the
/// key, so that the call would act on a bucket of that name.
///
/// # Errors
/// [`ErrorKind::Validation`].
pub(super) fn require(plan: &OperationPlan, input: StructureView<'_>) -> Result<()> {
    let member = plan.customizations.bucket.map(|it| &input.shape().members[it.member]);
    match member.filter(|it| it.required && input.get(it).is_none()) {
        None => Ok(()),
        Some(member) => {
            let why = format!("Parameter validation failed:\nMissing required parameter in input: \"{}\"", member.name);
            Err(Error::new(ErrorKind::Validation, why))
        }
    }
}

/// botocore's rule (`handlers.py`, `VALID_BUCKET`), wider than S3's rule for new buckets, since old buckets have other
/// names.
fn is_bucket_name(name: &str) -> bool {
    (1..=255).contains(&name.len()) && name.bytes().all(|it| it.is_ascii_alphanumeric() || b".-_".contains(&it))
}

/// `arn:PARTITION:SERVICE:REGION:ACCOUNT:accesspoint/NAME`, or an access point of an outpost. The endpoint rule set
/// checks the rest.
fn is_access_point_arn(name: &str) -> bool {
    let parts: Vec<&str> = name.splitn(6, ':').collect();
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

/// The bucket name or access point ARN in an input.
pub(super) fn from_input<'a>(plan: &OperationPlan, input: StructureView<'a>) -> Option<&'a str> {
    let member = plan.customizations.bucket?.member;
    match input.get(&input.shape().members[member])? {
        View::String(name) => Some(name),
        _ => None,
    }
}

/// The bucket, if its calls can be redirected: a bucket lives in one region, while an ARN names its region itself.
pub(super) fn redirectable(bucket: Option<&str>) -> Option<&str> {
    bucket.filter(|it| !it.starts_with("arn:"))
}

/// Whether a call must (`true`) or must not (`false`) put the bucket into the path, whatever the settings say.
pub(super) fn path_style_override(plan: &OperationPlan, input: StructureView<'_>) -> Option<bool> {
    if plan.customizations.path_style { Some(true) } else { path_style_override_for(from_input(plan, input)?) }
}

/// As [`path_style_override`], for a bucket without a call: an ARN cannot be part of a path.
pub(super) fn path_style_override_for(bucket: &str) -> Option<bool> {
    bucket.starts_with("arn:").then_some(false)
}

/// Whether the settings put buckets into the path instead of the host name; with an explicit endpoint URL they do by
/// default, since its host may have no name for each bucket.
pub(super) fn path_style(config: &S3Config, has_explicit_url: bool) -> bool {
    match config.addressing_style {
        _ if config.use_accelerate_endpoint == Some(true) => false,
        Some(AddressingStyle::Path) => true,
        Some(AddressingStyle::Virtual) => false,
        Some(AddressingStyle::Auto) | None => has_explicit_url,
    }
}

/// Where the bucket of a redirected call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RedirectTarget<'a> {
    /// In this region.
    Region(&'a str),
    /// In a region that the response does not name.
    Unknown,
}

/// The redirect that an error stands for, if any: the responses that botocore treats as redirects
/// (`S3RegionRedirectorv2`). HEAD responses have no body, so status 400 may be one too; their header names the region.
pub(super) fn redirect_from_error<'a>(plan: &OperationPlan, error: &'a Error) -> Option<RedirectTarget<'a>> {
    let bucket = plan.customizations.bucket?;
    let region = error.region().filter(|it| is_region(it)).map(RedirectTarget::Region);
    // HEAD of the bucket itself is the request that looks up an unknown region.
    let is_head_bucket = plan.method == Method::HEAD && plan.path.iter().all(|it| matches!(it, Segment::Literal(_)));
    let unknown = (!is_head_bucket).then_some(RedirectTarget::Unknown);
    match (error.status()?, error.code()?) {
        (301 | 302 | 307, _) | (_, "PermanentRedirect") => region.or(unknown),
        (_, "AuthorizationHeaderMalformed") => region,
        (_, "IllegalLocationConstraintException") if bucket.creates => None,
        (_, "IllegalLocationConstraintException") => region.or(unknown),
        (400, _) if plan.method == Method::HEAD => region.or(unknown),
        _ => None,
    }
}

/// The bucket's region, which S3 reports in every response; `None` if it is not a valid region, since it becomes part of a
/// host name.
pub(super) fn region_from_headers(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-amz-bucket-region")?.to_str().ok().filter(|it| is_region(it))
}

fn is_region(name: &str) -> bool {
    check_region(name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_names_and_access_point_arns_are_recognized() {
        for name in ["a", "my-bucket", "My_Bucket.1", &"x".repeat(255)] {
            assert!(is_bucket_name(name), "{name}");
        }
        for name in ["", "a/b", "bücket", "a b", "a?", &"x".repeat(256)] {
            assert!(!is_bucket_name(name), "{name}");
        }
        for arn in [
            "arn:aws:s3:us-west-2:123456789012:accesspoint:myendpoint",
            "arn:aws:s3:us-west-2:123456789012:accesspoint/myendpoint",
            "arn:aws-cn:s3::123456789012:accesspoint:mfzwi23gnjvgw.mrap",
            "arn:aws:s3-object-lambda:us-west-2:123456789012:accesspoint/mine",
            "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-01234567890123456/accesspoint/reports",
        ] {
            assert!(is_access_point_arn(arn), "{arn}");
        }
        for arn in [
            "arn:aws:s3:::bucket",
            "arn:aws:sqs:us-west-2:123456789012:queue",
            "arn:aws:s3:us-west-2:1:accesspoint/x",
            "arn",
        ] {
            assert!(!is_access_point_arn(arn), "{arn}");
        }
    }
}
