//! The first request of a download: it has the first bytes, and says how many there are. A small object needs no other.

use std::sync::Arc;

use aws_core::Options;
use aws_s3::operation::{GetObject, GetObjectInput, GetObjectOutput};

use super::fetch::{ContentRange, Fetch, unchecked};
use super::verdict::{self, Expected};
use crate::engine::gate::Permit;
use crate::handle::Job;
use crate::observe::observe_head;
use crate::{Error, ErrorKind, Result, Unvalidated};

/// The part of an object that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// From this byte on, up to before that, if it is set.
    Range(u64, Option<u64>),
    /// A part or a number of last bytes, which only the service knows: one response has it all.
    Opaque,
}

/// The first response, and what it says about the rest.
pub(crate) struct First {
    pub(crate) output: GetObjectOutput,
    pub(crate) fetch: Arc<Fetch>,
    /// The first byte that is wanted, and the byte after the last.
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// Whether the body is the whole object although a range was asked for.
    pub(crate) is_whole_body: bool,
}

impl First {
    /// Sends the request, for the bytes of `window`, counted from the first that is wanted; `None`: for all that is wanted.
    pub(crate) async fn request(
        job: &Job,
        mut input: GetObjectInput,
        options: Options,
        validate: bool,
        window: Option<(u64, u64)>,
        permit: &Permit,
    ) -> Result<Self> {
        let wanted = wanted(&input)?;
        input.checksum_mode = None;
        let options = unchecked(options, validate);
        let client = job.transfers.client();
        let send = |range: Option<String>| {
            let input = GetObjectInput { range, ..input.clone() };
            client.request::<GetObject>(input).with_options(options.clone()).send_with_metadata()
        };
        let mut body_start = None;
        let first = match (wanted, window) {
            (Wanted::Opaque, _) | (_, None) => input.range.clone(),
            (Wanted::Range(start, end), Some((from, len))) => {
                let from = start.saturating_add(from);
                let last = end.unwrap_or(u64::MAX).min(from.saturating_add(len)) - 1;
                body_start = Some(from);
                Some(format!("bytes={from}-{last}"))
            }
        };
        let sent = match send(first).await {
            // An empty object has no first byte. Without a range its headers arrive too.
            Err(error) if error.status() == Some(416) && input.range.is_none() => send(None).await,
            sent => sent,
        };
        let output = observe_head(sent, permit, &job.meter)?.0;
        let range = ContentRange::of(&output)?;
        let (start, end) = match wanted {
            Wanted::Range(start, end) => (start, end.unwrap_or(range.total).min(range.total)),
            Wanted::Opaque => (range.start, range.end),
        };
        let body_start = body_start.unwrap_or(start);
        // A store without ranges returns the whole object.
        if body_start != range.start && end > start {
            let why = format!("bytes from {body_start} on were asked for, but the response begins at {}", range.start);
            return Err(Error::new(ErrorKind::Call, why));
        }
        let is_whole_body = output.content_range.is_none() && window.is_some();
        let fetch = Fetch::pinned(client, input, options, &output, &job.meter)?;
        Ok(Self { output, fetch: Arc::new(fetch), start, end, is_whole_body })
    }

    /// Whether the first response has all of the object.
    pub(crate) fn is_complete(&self) -> bool {
        let len = self.output.content_length.and_then(|it| u64::try_from(it).ok());
        len == Some(self.fetch.total)
    }

    /// The checksum to compare with.
    pub(crate) async fn expected(&self, validate: bool) -> Expected {
        match (validate, self.is_whole(), self.is_complete()) {
            (false, ..) => Expected::Not(Unvalidated::Disabled),
            (_, false, _) => Expected::Not(Unvalidated::Range),
            // `verdict` says why this needs another request.
            (_, _, false) => self.fetch.checksum().await,
            _ => verdict::expected_of_get(&self.output, self.fetch.total),
        }
    }

    /// Whether all of the object is wanted.
    pub(crate) fn is_whole(&self) -> bool {
        (self.start, self.end) == (0, self.fetch.total)
    }
}

/// Reads the range of the caller: `bytes=0-9` or `bytes=10-`.
fn wanted(input: &GetObjectInput) -> Result<Wanted> {
    let Some(header) = &input.range else {
        return Ok(if input.part_number.is_some() { Wanted::Opaque } else { Wanted::Range(0, None) });
    };
    let malformed = || {
        let why = format!("the range {header:?} is not valid: expected bytes=FIRST-LAST, bytes=FIRST- or bytes=-COUNT");
        Error::new(ErrorKind::Settings, why)
    };
    let (first, last) = header.trim().strip_prefix("bytes=").and_then(|it| it.split_once('-')).ok_or_else(malformed)?;
    match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => Ok(Wanted::Range(first, last.checked_add(1))),
        (Ok(first), _) if last.is_empty() => Ok(Wanted::Range(first, None)),
        (_, Ok(_)) if first.is_empty() => Ok(Wanted::Opaque),
        _ => Err(malformed()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_callers_are_read() {
        fn check(range: &str, expect: Option<Wanted>) {
            let input = GetObjectInput { range: Some(range.into()), ..Default::default() };
            assert_eq!(wanted(&input).ok(), expect, "{range}");
        }
        check("bytes=0-9", Some(Wanted::Range(0, Some(10))));
        check("bytes=10-", Some(Wanted::Range(10, None)));
        check("bytes=-10", Some(Wanted::Opaque));
        for wrong in ["bytes=9-0", "0-9", "bytes=a-b", "bytes=0-9,20-29", "bytes=-", ""] {
            check(wrong, None);
        }
        assert_eq!(wanted(&GetObjectInput::default()).ok(), Some(Wanted::Range(0, None)));
    }
}
