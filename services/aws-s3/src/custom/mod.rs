//! What only S3 does, written by hand: the behaviour of botocore's handlers for it (`handlers.py`).
//!
//! Members go by their names in the model, so that it also fits a crate of a few operations.

mod input;
mod listing;
mod post;

pub use post::PresignedPost;

use aws_core::codegen::{Customization, StructureMut, StructureView};
use aws_core::{Error, Result};

/// S3's own behaviour.
#[derive(Debug)]
pub(crate) struct Custom;

/// The SDK, not the caller, asked for keys in URL encoding: they are decoded again.
const DECODE: u32 = 1;

impl Customization for Custom {
    fn before(&self, operation: &str, input: &mut StructureMut<'_>) -> Result<u32> {
        input::check_bucket(input)?;
        input::check_metadata(input)?;
        input::encode_copy_source(input);
        input::encode_customer_keys(input);
        Ok(if listing::ask_for_encoding(operation, input) { DECODE } else { 0 })
    }

    /// CopyObject, CompleteMultipartUpload and others answer with a good status before they know the outcome.
    fn is_error(&self, _operation: &str, body: &[u8]) -> bool {
        let Ok(text) = std::str::from_utf8(&body[..body.len().min(1024)])
            .or_else(|it| std::str::from_utf8(&body[..it.valid_up_to()]))
        else {
            return false;
        };
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let root = match text.strip_prefix("<?xml").and_then(|it| it.split_once("?>")) {
            Some((_, rest)) => rest.trim_start(),
            None => text,
        };
        root.strip_prefix("<Error").is_some_and(|it| it.starts_with(['>', ' ', '/']))
    }

    /// An ARN cannot stand in a path. Where a bucket lives is asked of whatever region is at hand: with its name in the
    /// host, the host of another region would answer and refuse the signature.
    fn path_style(&self, operation: &str, input: StructureView<'_>) -> Option<bool> {
        match operation {
            "GetBucketLocation" => Some(true),
            _ if input::has_arn(input) => Some(false),
            _ => None,
        }
    }

    /// Buckets live in one region each; an ARN names its own.
    fn place(&self, input: StructureView<'_>) -> Option<String> {
        input::bucket(input).filter(|it| !it.starts_with("arn:")).map(str::to_owned)
    }

    /// The answers that botocore's redirector takes for a wrong region (`S3RegionRedirectorv2`). HEAD answers have no body,
    /// so a bad request may be one too; the header tells.
    fn region_of(&self, operation: &str, error: &Error) -> Option<String> {
        let code = error.code().unwrap_or_default();
        let head = operation.starts_with("Head");
        let wrong = match (error.status()?, code) {
            (301 | 302 | 307, _) | (_, "PermanentRedirect" | "AuthorizationHeaderMalformed") => true,
            (_, "IllegalLocationConstraintException") => operation != "CreateBucket",
            (400, _) => head,
            _ => false,
        };
        error.region().filter(|_| wrong).map(str::to_owned)
    }

    fn after(&self, _operation: &str, notes: u32, output: &mut StructureMut<'_>) -> Result<()> {
        if notes == DECODE {
            listing::decode(output);
        }
        Ok(())
    }
}
