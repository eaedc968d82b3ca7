//! Reads ranges of one object: each response is checked to be of the object and the range that were asked for, and a stream
//! that breaks is continued by another request from where it ended.

use std::sync::Arc;
use std::time::Duration;

use aws_core::config::ChecksumMode;
use aws_core::{ByteStream, Options};
use aws_s3::Client;
use aws_s3::operation::{GetObject, GetObjectInput, GetObjectOutput, HeadObject, HeadObjectInput};
use bytes::Bytes;

use super::verdict::{self, Expected};
use crate::engine::gate::Permit;
use crate::engine::meter::Meter;
use crate::observe::observe_head;
use crate::{Error, ErrorKind, Result, Unvalidated};

/// How many times in a row a stream may break without a byte in between: boto3's `num_download_attempts`.
const MAX_BREAKS: u32 = 5;
/// The pause after the second break in a row; it doubles with each. Our choice: long enough for a server to restart.
const PAUSE: Duration = Duration::from_millis(100);

/// A range of bytes in a response, and the size of the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ContentRange {
    pub(crate) start: u64,
    /// The byte after the last.
    pub(crate) end: u64,
    pub(crate) total: u64,
}

impl ContentRange {
    /// Reads `bytes 0-9/100`.
    fn parse(header: &str) -> Option<Self> {
        let (range, total) = header.trim().strip_prefix("bytes ")?.split_once('/')?;
        let (start, last) = range.split_once('-')?;
        let (start, last): (u64, u64) = (start.trim().parse().ok()?, last.trim().parse().ok()?);
        let total = total.trim().parse().ok()?;
        (start <= last && last < total).then_some(Self { start, end: last + 1, total })
    }

    /// The range of a response; of one without the header, the whole object.
    pub(crate) fn of(output: &GetObjectOutput) -> Result<Self> {
        let invalid = |what: &str| Error::new(ErrorKind::Call, format!("the response to GetObject has {what}"));
        match &output.content_range {
            Some(header) => Self::parse(header).ok_or_else(|| invalid(&format!("the range {header:?}"))),
            None => {
                let total = output.content_length.and_then(|it| u64::try_from(it).ok());
                let total = total.ok_or_else(|| invalid("no length: a transfer needs one"))?;
                Ok(Self { start: 0, end: total, total })
            }
        }
    }
}

/// An object that is read range by range.
pub(crate) struct Fetch {
    pub(crate) client: Client,
    /// The request, without range and conditions.
    pub(crate) input: GetObjectInput,
    pub(crate) options: Options,
    pub(crate) meter: Meter,
    /// The size of the object.
    pub(crate) total: u64,
}

impl Fetch {
    /// What reads further ranges of the object in `output`, the response to `input`.
    pub(crate) fn pinned(
        client: &Client,
        mut input: GetObjectInput,
        options: Options,
        output: &GetObjectOutput,
        meter: &Meter,
    ) -> Result<Self> {
        let total = ContentRange::of(output)?.total;
        // What the conditions are about was decided with the first response; from now on it must be the same object.
        (input.if_none_match, input.if_modified_since, input.if_unmodified_since) = (None, None, None);
        (input.range, input.part_number) = (None, None);
        input.if_match = output.e_tag.clone();
        if output.version_id.as_deref().is_some_and(|it| it != "null") {
            input.version_id = output.version_id.clone();
        }
        Ok(Self { client: client.clone(), input, options, meter: meter.clone(), total })
    }

    /// Asks for a range.
    async fn open(&self, start: u64, end: u64, permit: &Permit) -> Result<GetObjectOutput> {
        let input = GetObjectInput { range: Some(format!("bytes={start}-{}", end - 1)), ..self.input.clone() };
        let request = self.client.request::<GetObject>(input).with_options(self.options.clone());
        let sent = request.send_with_metadata().await;
        let (output, _) = observe_head(sent, permit, &self.meter).map_err(|error| match error.kind() {
            ErrorKind::Condition | ErrorKind::NotFound => replaced().with_source(error),
            _ => error,
        })?;
        let range = ContentRange::of(&output)?;
        if (range.start, range.total) != (start, self.total) || range.end > end && output.content_range.is_some() {
            let what = format!("bytes {start} to {end} of {} were asked for", self.total);
            let why = format!("{what}, but the response has {} to {} of {}", range.start, range.end, range.total);
            return Err(Error::new(ErrorKind::ObjectChanged, why));
        }
        if output.e_tag != self.input.if_match {
            return Err(replaced());
        }
        Ok(output)
    }

    /// The checksum of the whole object, from a request of its own.
    pub(crate) async fn checksum(&self) -> Expected {
        let mut input = HeadObjectInput::default();
        aws_core::copy_shared(&self.input, &mut input);
        input.checksum_mode = Some("ENABLED".into());
        match self.client.request::<HeadObject>(input).with_options(self.options.clone()).send().await {
            Ok(head) => verdict::expected(&head, head.checksum_type.as_ref(), self.total),
            // The permission for GET may come without that for HEAD; the download itself is not in question.
            Err(_) => Expected::Not(Unvalidated::NoChecksum),
        }
    }
}

/// The options of requests whose checksums are checked here, not by the client: it would compare the sum of the whole object
/// with a part of it.
pub(crate) fn unchecked(options: Options, validate: bool) -> Options {
    let options = options.response_checksum_validation(ChecksumMode::WhenRequired);
    match validate {
        true => options.header("x-amz-checksum-mode", "ENABLED"),
        false => options,
    }
}

fn replaced() -> Error {
    Error::new(ErrorKind::ObjectChanged, "the object was replaced or deleted while it was read: start again")
}

/// A range that is read to its end, over as many responses as it takes.
pub(crate) struct RangeBody {
    fetch: Arc<Fetch>,
    at: u64,
    end: u64,
    body: Option<ByteStream>,
    breaks: u32,
}

impl RangeBody {
    /// The range from `start` to `end`; `body` has its first bytes, if it was requested before.
    pub(crate) fn new(fetch: Arc<Fetch>, start: u64, end: u64, body: Option<ByteStream>) -> Self {
        Self { fetch, at: start, end, body, breaks: 0 }
    }

    /// The next chunk; `None` at the end of the range. `permit` learns of a server that does not respond.
    pub(crate) async fn next(&mut self, permit: &Permit) -> Result<Option<Bytes>> {
        while self.at < self.end {
            let body = match &mut self.body {
                Some(body) => body,
                body => body.insert(self.fetch.open(self.at, self.end, permit).await?.body),
            };
            match body.next().await {
                Some(Ok(chunk)) if chunk.is_empty() => {}
                Some(Ok(mut chunk)) => {
                    chunk.truncate(usize::try_from(self.end - self.at).unwrap_or(usize::MAX));
                    self.at += chunk.len() as u64;
                    self.breaks = 0;
                    return Ok(Some(chunk));
                }
                // The response had less than the range: another one has the rest.
                None => {
                    let (at, end) = (self.at, self.end);
                    let why = format!("the responses to GetObject for bytes {at} to {end} are empty: try it later");
                    self.go_on(Error::new(ErrorKind::Call, why), true).await?;
                }
                Some(Err(error)) => {
                    let is_break = error.is_retryable() || error.kind() == aws_core::ErrorKind::Io;
                    self.go_on(Error::of_call(error), is_break).await?;
                }
            }
        }
        Ok(None)
    }

    /// Goes on after a break, with a pause if it was not the first in a row.
    ///
    /// # Errors
    /// `error`, if it is no break, or if there were too many.
    async fn go_on(&mut self, error: Error, is_break: bool) -> Result<()> {
        self.body = None;
        self.breaks += 1;
        if !is_break || self.breaks > MAX_BREAKS {
            return Err(error);
        }
        self.fetch.meter.add_retries(1);
        if self.breaks > 1 {
            tokio::time::sleep(PAUSE * (1 << (self.breaks - 2).min(4))).await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_from_headers() {
        let parse = |header: &str| ContentRange::parse(header).map(|it| (it.start, it.end, it.total));
        assert_eq!(parse("bytes 0-9/100"), Some((0, 10, 100)));
        assert_eq!(parse("bytes 90-99/100"), Some((90, 100, 100)));
        for wrong in ["bytes */100", "bytes 9-0/100", "bytes 0-100/100", "bytes 0-9/*", "0-9/100", "bytes 0-9", ""] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
