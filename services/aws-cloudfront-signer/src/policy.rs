//! What a signature allows: which resource, until when, from when, and from which addresses. Knows no key.

use std::fmt;
use std::net::Ipv4Addr;

use aws_core::{Error, ErrorKind, Result, Timestamp};

/// What a signed URL or signed cookies allow, as CloudFront reads it: a policy statement.
///
/// ```
/// use aws_cloudfront_signer::Policy;
/// use aws_core::Timestamp;
///
/// let policy = Policy::new("https://d111111abcdef8.cloudfront.net/2026/*", Timestamp::from_secs(1_800_000_000))
///     .starts(Timestamp::from_secs(1_790_000_000))
///     .ip_range("192.0.2.0/24");
/// assert!(policy.to_json()?.starts_with(r#"{"Statement":[{"Resource":"https://d111111abcdef8.cloudfront.net/2026/*""#));
/// # Ok::<(), aws_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Policy(Source);

#[derive(Clone, Debug)]
enum Source {
    Parts { resource: String, expires: Timestamp, starts: Option<Timestamp>, ip_range: Option<String> },
    Json(String),
}

impl Policy {
    /// Allows a resource until a time; fractions of a second are cut off. `resource` is a URL, percent-encoded as it is
    /// requested, with the query parameters that the cache behavior forwards. In it `*` stands for any characters and `?`
    /// for exactly one.
    pub fn new(resource: impl Into<String>, expires: Timestamp) -> Self {
        Self(Source::Parts { resource: resource.into(), expires, starts: None, ip_range: None })
    }

    /// A policy that was written as JSON, sent as it is. CloudFront wants it without white space.
    pub fn from_json(json: impl Into<String>) -> Self {
        Self(Source::Json(json.into()))
    }

    /// Allows the resource only from this time on. Without effect on a policy from JSON.
    #[must_use]
    pub fn starts(mut self, time: Timestamp) -> Self {
        if let Source::Parts { starts, .. } = &mut self.0 {
            *starts = Some(time);
        }
        self
    }

    /// Allows the resource only to these addresses: an IPv4 address, or a range of them such as `192.0.2.0/24`. Without
    /// effect on a policy from JSON.
    #[must_use]
    pub fn ip_range(mut self, range: impl Into<String>) -> Self {
        if let Source::Parts { ip_range, .. } = &mut self.0 {
            *ip_range = Some(range.into());
        }
        self
    }

    /// The policy as the JSON that is signed.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`], with all problems: a resource that is empty or not percent-encoded, a time before 1970,
    /// an end that is not after the start, or a range that is none.
    pub fn to_json(&self) -> Result<String> {
        let (resource, expires, starts, ip_range) = match &self.0 {
            Source::Json(json) => return Ok(json.clone()),
            Source::Parts { resource, expires, starts, ip_range } => {
                (resource, expires.as_secs(), starts.map(Timestamp::as_secs), ip_range)
            }
        };
        let mut problems = Vec::new();
        problems.extend(check_characters(resource).err().map(|it| format!("the resource {resource:?} {it}")));
        if expires < 0 || starts.is_some_and(|it| it < 0) {
            problems.push("a time is before 1970".to_owned());
        }
        if starts.is_some_and(|it| it >= expires) {
            problems.push("the policy ends before it starts".to_owned());
        }
        let range = ip_range.as_deref().map(|range| {
            let (address, bits) = range.split_once('/').unwrap_or((range, "32"));
            let is_range = address.parse::<Ipv4Addr>().is_ok() && bits.parse::<u8>().is_ok_and(|it| it <= 32);
            if !is_range {
                let expected = "expected an IPv4 address, or a range such as 192.0.2.0/24";
                problems.push(format!("the addresses {range:?} are not valid: {expected}"));
            }
            format!("{address}/{bits}")
        });
        if !problems.is_empty() {
            return Err(invalid(format!("invalid CloudFront policy: {}", problems.join("; "))));
        }
        // The order of canned policies, which CloudFront rebuilds from the URL.
        let mut json = format!(
            r#"{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}"#
        );
        if let Some(range) = range {
            json.push_str(&format!(r#","IpAddress":{{"AWS:SourceIp":"{range}"}}"#));
        }
        if let Some(starts) = starts {
            json.push_str(&format!(r#","DateGreaterThan":{{"AWS:EpochTime":{starts}}}"#));
        }
        json.push_str("}}]}");
        Ok(json)
    }
}

/// Checks that a URL can be sent as it is, and stand in JSON without escapes.
pub(crate) fn check_characters(url: &str) -> Result<(), &'static str> {
    match url.bytes().find(|it| !it.is_ascii_graphic() || b"\"\\#".contains(it)) {
        None if url.is_empty() => Err("is empty"),
        None => Ok(()),
        Some(b'#') => Err("has a fragment, which is not part of a request: remove it"),
        Some(_) => Err("has characters that no request has: percent-encode them"),
    }
}

pub(crate) fn invalid(message: impl fmt::Display) -> Error {
    Error::new(ErrorKind::Validation, message.to_string())
}
