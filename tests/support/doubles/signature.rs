//! Verifies signatures of version 4 as a service does: from the request that arrived, and the keys. It shares no code with
//! the signer, so that a fault there cannot hide itself here. Knows no session and no operation.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use aws_core::Credentials;
use aws_core::testing::{self, ReceivedRequest};

/// Secrets that tests use with the access key id of [`testing::credentials`].
const SECRETS: [&str; 2] = ["secret", "the-secret"];

/// The longest validity of a presigned URL in seconds. Source: the IAM User Guide, "Signature Version 4".
const MAX_EXPIRES: u64 = 604_800;

/// The credentials whose signatures are verified unless a test names others.
pub(super) fn known() -> Vec<Credentials> {
    let known = testing::credentials();
    let others = SECRETS.map(|it| Credentials::new(known.access_key_id(), it));
    [known].into_iter().chain(others).collect()
}

/// What a request claims about its signature.
struct Claim<'a> {
    /// `AKID/20260102/us-east-1/s3/aws4_request`, split.
    credential: Vec<String>,
    date: String,
    signed_headers: Vec<String>,
    signature: String,
    /// The pairs of the query, decoded, without the signature.
    query: Vec<(Vec<u8>, Vec<u8>)>,
    presigned: bool,
    request: &'a ReceivedRequest,
}

/// Verifies the signature of version 4, in the headers or in the query, as a service does that knows these keys. Besides
/// the signature: that all headers are signed that must be, that the body is the one that was signed, and that the
/// chunks of a body with a trailer are complete.
///
/// # Errors
/// What is wrong, with the canonical request that the service computed if it is the signature.
pub fn verify_signature(request: &ReceivedRequest, keys: &[Credentials]) -> Result<(), String> {
    let claim = Claim::of(request)?;
    claim.check_headers()?;
    let payload = claim.payload()?;
    let canonical = claim.canonical_request(&payload)?;
    let scope = claim.credential[1..].join("/");
    let to_sign = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{}", claim.date, sha256(canonical.as_bytes()));
    let mut candidates = keys.iter().filter(|it| it.access_key_id() == claim.credential[0]).peekable();
    if candidates.peek().is_none() {
        return Err(format!("signed with the unknown access key id {}", claim.credential[0]));
    }
    let is_valid = candidates.any(|key| {
        let mut derived = format!("AWS4{}", key.secret_access_key()).into_bytes();
        for part in &claim.credential[1..] {
            derived = hmac(&derived, part.as_bytes()).to_vec();
        }
        hex(&hmac(&derived, to_sign.as_bytes())) == claim.signature
    });
    match is_valid {
        true => Ok(()),
        false => {
            Err(format!("the signature does not match; string to sign:\n{to_sign}\ncanonical request:\n{canonical}"))
        }
    }
}

impl<'a> Claim<'a> {
    fn of(request: &'a ReceivedRequest) -> Result<Self, String> {
        let mut query = Vec::new();
        for pair in request.query().split('&').filter(|it| !it.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            query.push((decode(name)?, decode(value)?));
        }
        let header = request.headers.get_all("authorization").iter().collect::<Vec<_>>();
        let parameter = |name: &str| {
            let found = query.iter().find(|it| it.0 == name.as_bytes());
            found.map(|it| String::from_utf8_lossy(&it.1).into_owned()).ok_or(format!("no {name} in the query"))
        };
        let (credential, signed_headers, signature, date) = match (&header[..], parameter("X-Amz-Signature")) {
            ([], Err(_)) => return Err("it is not signed".to_owned()),
            ([], Ok(signature)) => {
                if parameter("X-Amz-Algorithm")? != "AWS4-HMAC-SHA256" {
                    return Err("X-Amz-Algorithm is not AWS4-HMAC-SHA256".to_owned());
                }
                let expires = parameter("X-Amz-Expires")?;
                if !expires.parse::<u64>().is_ok_and(|it| (1..=MAX_EXPIRES).contains(&it)) {
                    return Err(format!("X-Amz-Expires is {expires}"));
                }
                (parameter("X-Amz-Credential")?, parameter("X-Amz-SignedHeaders")?, signature, parameter("X-Amz-Date")?)
            }
            ([value], Err(_)) => {
                let value = value.to_str().map_err(|it| it.to_string())?;
                let rest =
                    value.strip_prefix("AWS4-HMAC-SHA256 ").ok_or("its authorization is not AWS4-HMAC-SHA256")?;
                let parts: BTreeMap<&str, &str> = rest.split(", ").filter_map(|it| it.split_once('=')).collect();
                let part = |name| parts.get(name).map(|it| (*it).to_owned()).ok_or(format!("no {name} in {value}"));
                let date = request.header("x-amz-date").to_owned();
                (part("Credential")?, part("SignedHeaders")?, part("Signature")?, date)
            }
            _ => return Err("it has more than one signature".to_owned()),
        };
        let credential: Vec<String> = credential.split('/').map(str::to_owned).collect();
        let is_scope =
            credential.len() == 5 && credential[4] == "aws4_request" && credential.iter().all(|it| !it.is_empty());
        if !is_scope {
            return Err(format!("its credential is {}", credential.join("/")));
        }
        if date.len() != 16 || !date.ends_with('Z') || date.as_bytes()[8] != b'T' || date[..8] != credential[1] {
            return Err(format!("signed at {date:?}, for the day {}", credential[1]));
        }
        let presigned = header.is_empty();
        query.retain(|it| it.0 != b"X-Amz-Signature");
        let signed_headers = signed_headers.split(';').map(str::to_owned).collect();
        Ok(Self { credential, date, signed_headers, signature, query, presigned, request })
    }

    /// S3 and its relatives take the path as it is; all others normalize it, and encode it once more.
    fn is_s3(&self) -> bool {
        self.credential[3].starts_with("s3")
    }

    /// Host, content type and everything of AWS must be signed, in order, and what is signed must be there.
    fn check_headers(&self) -> Result<(), String> {
        if !self.signed_headers.is_sorted_by(|a, b| a < b) {
            return Err(format!("its signed headers are not sorted: {}", self.signed_headers.join(";")));
        }
        let is_signed = |name: &str| self.signed_headers.iter().any(|it| it == name);
        let sent = self.request.headers.keys().map(|it| it.as_str());
        let required = sent.filter(|it| it.starts_with("x-amz-") || matches!(*it, "content-type" | "content-md5"));
        match required.chain(["host"]).find(|it| !is_signed(it)) {
            Some(name) => Err(format!("its header {name} is not signed")),
            None => Ok(()),
        }
    }

    /// The last line of the canonical request, compared with the body.
    fn payload(&self) -> Result<String, String> {
        let declared = self.request.header("x-amz-content-sha256");
        let actual = sha256(&self.request.body);
        match declared {
            "" if self.presigned && self.is_s3() => Ok("UNSIGNED-PAYLOAD".to_owned()),
            "" if self.is_s3() => Err("S3 requires x-amz-content-sha256".to_owned()),
            "" => Ok(actual),
            "UNSIGNED-PAYLOAD" if self.is_s3() || self.request.url.starts_with("https:") => Ok(declared.to_owned()),
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => self.check_chunks().map(|()| declared.to_owned()),
            "STREAMING-AWS4-HMAC-SHA256-EVENTS" => Ok(declared.to_owned()),
            hash if *hash == actual => Ok(actual),
            hash => Err(format!("x-amz-content-sha256 is {hash}, that of the body is {actual}")),
        }
    }

    /// The body of `aws-chunked`: chunks, the last of them empty, then the trailers that were announced.
    fn check_chunks(&self) -> Result<(), String> {
        let header = |name: &str| self.request.header(name);
        if !header("content-encoding").split(',').any(|it| it.trim() == "aws-chunked") {
            return Err("a body with a trailer is not content-encoding: aws-chunked".to_owned());
        }
        let (mut rest, mut decoded) = (&self.request.body[..], 0);
        loop {
            let (size, tail) = line(rest)?;
            let size = usize::from_str_radix(size, 16).map_err(|it| format!("chunk size {size:?}: {it}"))?;
            decoded += size;
            if size == 0 {
                rest = tail;
                break;
            }
            rest = tail.get(size..).and_then(|it| it.strip_prefix(b"\r\n")).ok_or("a chunk is incomplete")?;
        }
        // A body of unknown length cannot declare it.
        let declared = header("x-amz-decoded-content-length");
        if declared != decoded.to_string() && !(declared.is_empty() && header("content-length").is_empty()) {
            return Err(format!("x-amz-decoded-content-length is {declared:?}, not {decoded}"));
        }
        let (trailer, end) = line(rest)?;
        let name = trailer.split_once(':').map_or("", |it| it.0);
        match header("x-amz-trailer") == name && !name.is_empty() && end == b"\r\n" {
            true => Ok(()),
            false => Err(format!("the trailer {trailer:?} is not that of x-amz-trailer, or not the end")),
        }
    }

    fn canonical_request(&self, payload: &str) -> Result<String, String> {
        let mut query: Vec<_> = self.query.iter().map(|(name, value)| (encode(name), encode(value))).collect();
        query.sort();
        let query: Vec<_> = query.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut headers = String::new();
        for name in &self.signed_headers {
            headers += &format!("{name}:{}\n", self.header(name)?);
        }
        let (method, signed) = (&self.request.method, self.signed_headers.join(";"));
        Ok(format!("{method}\n{}\n{}\n{headers}\n{signed}\n{payload}", self.path()?, query.join("&")))
    }

    fn path(&self) -> Result<String, String> {
        let path = if self.request.path().is_empty() { "/" } else { self.request.path() };
        if self.is_s3() {
            let segments: Result<Vec<_>, String> =
                path.split('/').map(|segment| Ok(encode(&decode(segment)?))).collect();
            return Ok(segments?.join("/"));
        }
        let (mut segments, mut is_folder) = (Vec::new(), false);
        for segment in path.split('/') {
            is_folder = matches!(segment, "" | "." | "..");
            match segment {
                "" | "." => {}
                ".." => drop(segments.pop()),
                segment => segments.push(encode(segment.as_bytes())),
            }
        }
        let end = if is_folder && !segments.is_empty() { "/" } else { "" };
        Ok(format!("/{}{end}", segments.join("/")))
    }

    /// The values of a header, joined by commas, with runs of white space as one space.
    fn header(&self, name: &str) -> Result<String, String> {
        let mut values = Vec::new();
        for value in self.request.headers.get_all(name) {
            let value = String::from_utf8_lossy(value.as_bytes());
            values.push(value.split([' ', '\t']).filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" "));
        }
        match values.is_empty() {
            false => Ok(values.join(",")),
            true if name == "host" => Ok(self.host()),
            true => Err(format!("its signed header {name} was not sent")),
        }
    }

    /// The header `Host` that an HTTP client derives from the URL: without the default port.
    fn host(&self) -> String {
        let (scheme, rest) = self.request.url.split_once("://").unwrap_or(("", &self.request.url));
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        let default_port = if scheme == "https" { ":443" } else { ":80" };
        host.strip_suffix(default_port).unwrap_or(host).to_ascii_lowercase()
    }
}

/// The first line, and what follows it.
fn line(bytes: &[u8]) -> Result<(&str, &[u8]), String> {
    let end = bytes.windows(2).position(|it| it == b"\r\n").ok_or("a line of the chunked body does not end")?;
    let text = std::str::from_utf8(&bytes[..end]).map_err(|it| it.to_string())?;
    Ok((text, &bytes[end + 2..]))
}

fn decode(text: &str) -> Result<Vec<u8>, String> {
    let mut parts = text.split('%');
    let mut out = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let digits = part.get(..2).ok_or(format!("bad percent-encoding in {text:?}"))?;
        out.push(u8::from_str_radix(digits, 16).map_err(|it| format!("bad percent-encoding in {text:?}: {it}"))?);
        out.extend_from_slice(&part.as_bytes()[2..]);
    }
    Ok(out)
}

fn encode(bytes: &[u8]) -> String {
    let one = |it: &u8| match *it {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(*it).to_string(),
        byte => format!("%{byte:02X}"),
    };
    bytes.iter().map(one).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// HMAC-SHA256 (RFC 2104).
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0; 64];
    match key.len() > block.len() {
        true => block[..32].copy_from_slice(&Sha256::digest(key)),
        false => block[..key.len()].copy_from_slice(key),
    }
    let inner = Sha256::new().chain_update(block.map(|it| it ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(block.map(|it| it ^ 0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
