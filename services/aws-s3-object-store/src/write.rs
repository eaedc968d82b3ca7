//! Writes of whole objects, and when a conditional write is sent again. Knows no parts.

use std::slice::Iter;
use std::time::Duration;

use aws_core::{Error, ErrorKind};
use aws_s3::operation::PutObject;
use bytes::Bytes;
use object_store::path::Path;
use object_store::{Attribute, Attributes, PutMode, PutOptions, PutPayload, PutResult, Result, TagSet};

use crate::S3Store;
use crate::error::{CONFLICT, create_failure, failure, generic, update_failure};

/// The pauses in milliseconds before a conditional write is sent again. Our choice: six seconds in all outlast the writes
/// that it collides with.
const PAUSES: [u64; 7] = [50, 100, 200, 400, 800, 1600, 3200];

/// Sets what attributes and tags describe, on a request that creates an object.
macro_rules! described {
    ($request:expr, $attributes:expr, $tags:expr) => {{
        let (mut request, attributes, tags): (_, &Attributes, &TagSet) = ($request, $attributes, $tags);
        let mut metadata = std::collections::BTreeMap::new();
        for (attribute, value) in attributes {
            let value = value.to_string();
            request = match attribute {
                Attribute::CacheControl => request.cache_control(value),
                Attribute::ContentDisposition => request.content_disposition(value),
                Attribute::ContentEncoding => request.content_encoding(value),
                Attribute::ContentLanguage => request.content_language(value),
                Attribute::ContentType => request.content_type(value),
                Attribute::StorageClass => request.storage_class(value),
                Attribute::Metadata(name) => {
                    metadata.insert(name.to_string(), value);
                    request
                }
                other => return Err($crate::write::unsupported(other)),
            };
        }
        request.metadata(metadata).tagging(Some(tags.encoded()).filter(|it| !it.is_empty()))
    }};
}
pub(crate) use described;

/// The error of an attribute that only a later object_store has.
pub(crate) fn unsupported(attribute: &Attribute) -> object_store::Error {
    let why = format!("the attribute {attribute:?} is not implemented for S3");
    object_store::Error::NotSupported { source: why.into() }
}

impl S3Store {
    fn put_request(&self, path: &str, attributes: &Attributes, tags: &TagSet) -> Result<aws_s3::Request<PutObject>> {
        Ok(described!(self.client().put_object(self.bucket(), path), attributes, tags))
    }

    pub(crate) async fn put(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let path = location.as_ref();
        let PutOptions { mode, tags, attributes, .. } = options;
        let body = Bytes::from(payload);
        let (if_match, if_none_match) = match &mode {
            PutMode::Overwrite => (None, None),
            PutMode::Create => (None, Some("*")),
            PutMode::Update(version) => match version.e_tag.as_deref() {
                Some(tag) => (Some(tag), None),
                None => return Err(generic(format!("cannot update {path}: the version to replace has no entity tag"))),
            },
        };
        let mut attempts = Attempts::new(mode != PutMode::Overwrite);
        let result = loop {
            let request = self.put_request(path, &attributes, &tags)?.if_match(if_match).if_none_match(if_none_match);
            let call = request.body(body.clone()).with_options(attempts.options(self));
            match call.send_with_metadata().await {
                Err(error) if attempts.pause_after(&error).await => {}
                result => break result,
            }
        };
        let (output, metadata) = result.map_err(|error| match mode {
            PutMode::Overwrite => failure(path, error),
            PutMode::Create => create_failure(path, error),
            PutMode::Update(_) => update_failure(path, error),
        })?;
        Ok(PutResult { e_tag: output.e_tag, version: output.version_id, extensions: crate::extensions(metadata) })
    }
}

/// The attempts of a write. A conditional one is repeated only after a response or failure that says that nothing was
/// written: if its first attempt had been carried out unnoticed, the second would report that another writer was faster.
pub(crate) struct Attempts {
    conditional: bool,
    pauses: Iter<'static, u64>,
}

impl Attempts {
    pub(crate) fn new(conditional: bool) -> Self {
        Self { conditional, pauses: PAUSES.iter() }
    }

    /// The options of the next attempt: without retries of the client, if the write is conditional.
    pub(crate) fn options(&self, store: &S3Store) -> aws_core::Options {
        let options = store.create_options().clone();
        if self.conditional { options.max_attempts(1) } else { options }
    }

    /// Waits before another attempt; returns whether there is one.
    pub(crate) async fn pause_after(&mut self, error: &Error) -> bool {
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
