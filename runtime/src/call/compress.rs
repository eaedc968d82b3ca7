//! Compression of requests, for the operations whose model allows it. The rules are botocore's (`compress.py`): streams
//! are compressed, other bodies if they have at least `request_min_compression_size_bytes`. (botocore leaves streams
//! whose length must be known uncompressed; no operation that allows compression has one.)

use crate::config::Config;
use crate::error::Result;
use crate::http::Request;
use crate::operation::OperationPlan;

/// Without the crate feature `compression`: sends bodies as they are, which every service accepts.
#[cfg(not(feature = "compression"))]
pub(super) async fn apply(_: &Config, _: &OperationPlan, _: &mut Request) -> Result<bool> {
    Ok(false)
}

/// Compresses the body if the operation and the settings allow it. A stream is read to its end, so that every attempt
/// can send the compressed bytes. Returns whether the body was compressed.
#[cfg(feature = "compression")]
pub(super) async fn apply(config: &Config, plan: &OperationPlan, request: &mut Request) -> Result<bool> {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use crate::error::{Error, ErrorKind};
    use crate::http::{Body, HeaderValue, header};

    if !plan.compress || config.disable_request_compression {
        return Ok(false);
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let failed = |it: std::io::Error| Error::new(ErrorKind::Body, "the body cannot be compressed").with_source(it);
    match std::mem::take(&mut request.body) {
        Body::Stream(mut body) => {
            while let Some(chunk) = body.try_next().await? {
                encoder.write_all(&chunk).map_err(failed)?;
            }
        }
        body => {
            let bytes = body.as_bytes().unwrap_or_default();
            if bytes.is_empty() || (bytes.len() as u64) < u64::from(config.request_min_compression_size_bytes) {
                request.body = body;
                return Ok(false);
            }
            encoder.write_all(bytes).map_err(failed)?;
        }
    }
    request.body = Body::from(bytes::Bytes::from(encoder.finish().map_err(failed)?));
    let headers = &mut request.headers;
    headers.remove(header::CONTENT_LENGTH);
    let encoding = match headers.get(header::CONTENT_ENCODING) {
        None => HeaderValue::from_static("gzip"),
        Some(existing) => HeaderValue::from_bytes(&[existing.as_bytes(), b",gzip"].concat())
            .map_err(|it| Error::new(ErrorKind::Validation, "malformed content-encoding").with_source(it))?,
    };
    headers.insert(header::CONTENT_ENCODING, encoding);
    Ok(true)
}
