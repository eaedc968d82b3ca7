//! What only S3 does, written by hand: the behaviour of botocore's handlers for it (`handlers.py`).
//!
//! Members go by their names in the model, so that it also fits a crate of a few operations.

mod input;
mod listing;

use aws_core::Result;
use aws_core::codegen::{Customization, StructureMut};

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
        let Ok(text) = std::str::from_utf8(&body[..body.len().min(1024)]).or_else(|it| std::str::from_utf8(&body[..it.valid_up_to()])) else {
            return false;
        };
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let root = match text.strip_prefix("<?xml").and_then(|it| it.split_once("?>")) {
            Some((_, rest)) => rest.trim_start(),
            None => text,
        };
        root.strip_prefix("<Error").is_some_and(|it| it.starts_with(['>', ' ', '/']))
    }

    fn after(&self, _operation: &str, notes: u32, output: &mut StructureMut<'_>) -> Result<()> {
        if notes == DECODE {
            listing::decode(output);
        }
        Ok(())
    }
}
