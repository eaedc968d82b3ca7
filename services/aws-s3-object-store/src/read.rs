//! Reads of objects and of ranges of them, and what their headers say. Knows no listing.

use aws_core::{ByteStream, Error, ErrorKind, ResponseMetadata, Timestamp, shared_members};
use aws_s3::operation::{GetObject, GetObjectInput, GetObjectOutput, HeadObject};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use object_store::path::Path;
use object_store::{Attribute, Attributes, GetOptions, GetRange, GetResult, GetResultPayload, ObjectMeta, Result};

use crate::S3Store;
use crate::error::{failure, generic};

/// How often a body that breaks off is continued. Source: the default of object_store's own stores.
const MAX_RESUMES: u32 = 10;

impl S3Store {
    pub(crate) async fn get(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let path = location.as_ref();
        if let Some(range) = &options.range {
            range.is_valid().map_err(|it| generic(format!("cannot read {path}: {it}")))?;
        }
        let input = GetObjectInput {
            bucket: Some(self.bucket().to_owned()),
            key: Some(path.to_owned()),
            if_match: options.if_match,
            if_none_match: options.if_none_match,
            if_modified_since: options.if_modified_since.map(timestamp),
            if_unmodified_since: options.if_unmodified_since.map(timestamp),
            range: options.range.as_ref().map(GetRange::to_string),
            version_id: options.version.clone(),
            ..Default::default()
        };
        let (mut output, metadata) = match options.head {
            true => self.head_object(input, path).await?,
            false => self.send(self.client().request::<GetObject>(input), path).await?,
        };
        let attributes = attributes(&mut output);
        let (meta, range) = describe(&output, location, options.range.as_ref())?;
        let body = Body {
            store: self.clone(),
            path: path.to_owned(),
            stream: output.body,
            next: range.start,
            end: if options.head { range.start } else { range.end },
            e_tag: meta.e_tag.clone(),
            version: meta.version.clone().or(options.version),
            resumes: 0,
        };
        let payload = GetResultPayload::Stream(body.into_stream());
        Ok(GetResult { payload, meta, range, attributes, extensions: crate::extensions(metadata) })
    }

    /// What GET would return, without its body.
    async fn head_object(&self, get: GetObjectInput, path: &str) -> Result<(GetObjectOutput, ResponseMetadata)> {
        let request = self.client().request::<HeadObject>(shared_members(&get));
        let (head, metadata) = self.send(request, path).await?;
        Ok((shared_members(&head), metadata))
    }
}

/// The attributes in the headers of a response.
fn attributes(output: &mut GetObjectOutput) -> Attributes {
    let fields = [
        (Attribute::CacheControl, output.cache_control.take()),
        (Attribute::ContentDisposition, output.content_disposition.take()),
        (Attribute::ContentEncoding, output.content_encoding.take()),
        (Attribute::ContentLanguage, output.content_language.take()),
        (Attribute::ContentType, output.content_type.take()),
        (Attribute::StorageClass, output.storage_class.take().map(|it| it.to_string())),
    ];
    let fields = fields.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let metadata = std::mem::take(&mut output.metadata).into_iter();
    fields.chain(metadata.map(|(name, value)| (Attribute::Metadata(name.into()), value))).collect()
}

/// The object that a response is of, and the range that it has, which must be the one that was asked for.
fn describe(
    output: &GetObjectOutput,
    location: &Path,
    expected: Option<&GetRange>,
) -> Result<(ObjectMeta, std::ops::Range<u64>)> {
    let missing = |what: &str| generic(format!("the response about {location} has no {what}"));
    let (size, range) = match expected {
        None => {
            let size = output.content_length.and_then(|it| u64::try_from(it).ok()).ok_or_else(|| missing("length"))?;
            (size, 0..size)
        }
        Some(expected) => {
            // Without the header the store ignored the range, and sends the whole object.
            let header = output.content_range.as_deref();
            let header = header.ok_or_else(|| missing("range, although one was requested"))?;
            let (size, range) = parse_range(header)
                .ok_or_else(|| generic(format!("malformed Content-Range of {location}: {header:?}")))?;
            let wanted = expected.as_range(size).map_err(|it| generic(format!("cannot read {location}: {it}")))?;
            if range != wanted {
                let why = format!("the response about {location} has the bytes {range:?} instead of {wanted:?}");
                return Err(generic(why));
            }
            (size, range)
        }
    };
    let meta = ObjectMeta {
        location: location.clone(),
        last_modified: date_time(output.last_modified.ok_or_else(|| missing("time"))?)?,
        size,
        e_tag: output.e_tag.clone(),
        version: output.version_id.clone(),
    };
    Ok((meta, range))
}

/// A body that continues where it broke off, by a request for the rest of the same object.
struct Body {
    store: S3Store,
    path: String,
    stream: ByteStream,
    next: u64,
    end: u64,
    e_tag: Option<String>,
    version: Option<String>,
    resumes: u32,
}

impl Body {
    fn into_stream(self) -> BoxStream<'static, Result<Bytes>> {
        let step = |mut body: Self| async move { Ok(body.chunk().await?.map(|chunk| (chunk, body))) };
        stream::try_unfold(self, step).boxed()
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>> {
        loop {
            match self.stream.try_next().await {
                Ok(Some(chunk)) => {
                    self.next += chunk.len() as u64;
                    return Ok(Some(chunk));
                }
                Ok(None) => return Ok(None),
                Err(error) if self.can_resume(&error) => self.resume().await?,
                Err(error) => return Err(failure(&self.path, error)),
            }
        }
    }

    fn can_resume(&self, error: &Error) -> bool {
        let broke_off = matches!(error.kind(), ErrorKind::Io | ErrorKind::Timeout);
        broke_off && self.e_tag.is_some() && self.next < self.end && self.resumes < MAX_RESUMES
    }

    async fn resume(&mut self) -> Result<()> {
        self.resumes += 1;
        let rest = format!("bytes={}-{}", self.next, self.end - 1);
        let request = self.store.client().get_object(self.store.bucket(), &self.path).range(rest.as_str());
        let request = request.if_match(self.e_tag.as_deref()).version_id(self.version.as_deref());
        let (output, _) = self.store.send(request, &self.path).await?;
        let range = output.content_range.as_deref().and_then(parse_range).map(|(_, range)| range);
        if range != Some(self.next..self.end) {
            return Err(generic(format!("the rest of {} was requested as {rest}, and not sent", self.path)));
        }
        self.stream = output.body;
        Ok(())
    }
}

/// Size and range of `bytes 2-5/14`.
fn parse_range(header: &str) -> Option<(u64, std::ops::Range<u64>)> {
    let (range, size) = header.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let end = last.parse::<u64>().ok()?.checked_add(1)?;
    Some((size.parse().ok()?, first.parse().ok()?..end))
}

fn timestamp(time: DateTime<Utc>) -> Timestamp {
    Timestamp::from_parts(time.timestamp(), time.timestamp_subsec_nanos())
}

pub(crate) fn date_time(time: Timestamp) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp(time.as_secs(), time.subsec_nanos())
        .ok_or_else(|| generic(format!("a time of S3 is out of range: {time}")))
}
