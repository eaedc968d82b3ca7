//! Writes of whole objects, and when a conditional write is sent again. Knows no parts.

use std::slice::Iter;
use std::time::Duration;

use aws_core::{Error, ErrorKind, Operation, ResponseMetadata, shared_members};
use aws_s3::Request;
use aws_s3::operation::{CreateMultipartUploadInput, PutObject, PutObjectInput};
use bytes::Bytes;
use object_store::path::Path;
use object_store::{Attribute, Attributes, PutMode, PutOptions, PutPayload, PutResult, Result, TagSet, UpdateVersion};

use crate::S3Store;
use crate::error::{CONFLICT, create_failure, failure, generic, update_failure};

/// The pauses in milliseconds before a conditional write is sent again. Our choice: six seconds in all outlast the writes
/// that it collides with.
const PAUSES: [u64; 7] = [50, 100, 200, 400, 800, 1600, 3200];

/// The error of an attribute that only a later object_store has.
fn unsupported(attribute: &Attribute) -> object_store::Error {
    let why = format!("the attribute {attribute:?} is not implemented for S3");
    object_store::Error::NotSupported { source: why.into() }
}

impl S3Store {
    /// The members of a request that creates an object with these attributes and tags.
    pub(crate) fn described(
        &self,
        path: &str,
        attributes: &Attributes,
        tags: &TagSet,
    ) -> Result<CreateMultipartUploadInput> {
        let mut input = CreateMultipartUploadInput {
            bucket: Some(self.bucket().to_owned()),
            key: Some(path.to_owned()),
            tagging: Some(tags.encoded().to_owned()).filter(|it| !it.is_empty()),
            ..Default::default()
        };
        for (attribute, value) in attributes {
            let value = value.to_string();
            match attribute {
                Attribute::CacheControl => input.cache_control = Some(value),
                Attribute::ContentDisposition => input.content_disposition = Some(value),
                Attribute::ContentEncoding => input.content_encoding = Some(value),
                Attribute::ContentLanguage => input.content_language = Some(value),
                Attribute::ContentType => input.content_type = Some(value),
                Attribute::StorageClass => input.storage_class = Some(value.into()),
                Attribute::Metadata(name) => drop(input.metadata.insert(name.to_string(), value)),
                other => return Err(unsupported(other)),
            }
        }
        Ok(input)
    }

    pub(crate) async fn put(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let path = location.as_ref();
        let described = self.described(path, &options.attributes, &options.tags)?;
        let body = Bytes::from(payload);
        let request = |if_match: Option<String>, if_none_match: Option<String>| {
            let mut input: PutObjectInput = shared_members(&described);
            (input.if_match, input.if_none_match, input.body) = (if_match, if_none_match, Some(body.clone().into()));
            self.client().request::<PutObject>(input)
        };
        let (output, metadata) = self.write(path, &options.mode, request).await?;
        Ok(PutResult { e_tag: output.e_tag, version: output.version_id, extensions: crate::extensions(metadata) })
    }

    /// Sends the request that writes an object under the condition of `mode`; `request` makes it of `If-Match` and
    /// `If-None-Match`.
    pub(crate) async fn write<O: Operation<Input: Send, Output: Send>>(
        &self,
        path: &str,
        mode: &PutMode,
        request: impl Fn(Option<String>, Option<String>) -> Request<O>,
    ) -> Result<(O::Output, ResponseMetadata)> {
        let (if_match, if_none_match) = match mode {
            PutMode::Overwrite => (None, None),
            PutMode::Create => (None, Some("*".to_owned())),
            PutMode::Update(version) => (Some(replaced_tag(path, version)?), None),
        };
        let mut attempts = Attempts::new(*mode != PutMode::Overwrite);
        loop {
            let request = request(if_match.clone(), if_none_match.clone());
            match request.with_options(attempts.options(self)).send_with_metadata().await {
                Ok(written) => return Ok(written),
                Err(error) if attempts.pause_after(&error).await => {}
                Err(error) => {
                    return Err(match mode {
                        PutMode::Overwrite => failure(path, error),
                        PutMode::Create => create_failure(path, error),
                        PutMode::Update(_) => update_failure(path, error),
                    });
                }
            }
        }
    }
}

/// The entity tag of the version to replace.
pub(crate) fn replaced_tag(path: &str, version: &UpdateVersion) -> Result<String> {
    let missing = || generic(format!("cannot update {path}: the version to replace has no entity tag"));
    version.e_tag.clone().ok_or_else(missing)
}

/// The attempts of a write. A conditional one is repeated only after a response or failure that says that nothing was
/// written: if its first attempt had been carried out unnoticed, the second would report that another writer was faster.
struct Attempts {
    conditional: bool,
    pauses: Iter<'static, u64>,
}

impl Attempts {
    fn new(conditional: bool) -> Self {
        Self { conditional, pauses: PAUSES.iter() }
    }

    /// The options of the next attempt: without retries of the client, if the write is conditional.
    fn options(&self, store: &S3Store) -> aws_core::Options {
        let options = store.create_options().clone();
        if self.conditional { options.max_attempts(1) } else { options }
    }

    /// Waits before another attempt; returns whether there is one.
    async fn pause_after(&mut self, error: &Error) -> bool {
        let nothing_written = error.code() == Some(CONFLICT)
            || error.is_throttling()
            || error.status() == Some(503)
            || { matches!(error.kind(), ErrorKind::Connect | ErrorKind::Proxy | ErrorKind::Tls) };
        let pause = self.pauses.next().filter(|_| self.conditional && nothing_written);
        if let Some(pause) = pause {
            tokio::time::sleep(Duration::from_millis(*pause)).await;
        }
        pause.is_some()
    }
}
