//! Applies the customizations in an operation's descriptor: defaults, recoded strings, forms, tree hashes, customer
//! keys. Knows no operation by name.

use sha2::{Digest, Sha256};

use super::bucket;
use super::context::Purpose;
use crate::checksum::{Algorithm, TreeHash};
use crate::encoding::{base64, hex, percent};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Body, HeaderMap, HeaderName, HeaderValue, Method, Request, Url, header};
use crate::operation::{Customizations, OperationPlan, RecodedString, Recoding};
use crate::protocol::{RequestParts, is_error_document};
use crate::schema::dynamic::Value;
use crate::schema::layout::Open;
use crate::schema::shape::Member;
use crate::schema::{StructureMut, StructureView, View};

const FORM: &str = "application/x-www-form-urlencoded";
const URL_ENCODING: &str = "url";
const VERSION_ID: &str = "?versionId=";
/// The start of a copy source that is percent-encoded already. No bucket and no ARN contains it.
pub const ENCODED_SOURCE: &str = "encoded:";

/// Rejects what a service would reject only after a round trip, and what cannot be sent.
pub(super) fn check(plan: &OperationPlan, input: StructureView<'_>) -> Result<()> {
    if let Some(name) = bucket::from_input(plan, input) {
        bucket::check(name)?;
    }
    let Some(member) = plan.customizations.ascii_map.map(|it| &input.shape().members[it]) else { return Ok(()) };
    let Some(View::Map(map)) = input.get(member) else { return Ok(()) };
    map.try_each(|key, value| {
        let value = match value {
            Some(View::String(value)) => value,
            _ => "",
        };
        match key.is_ascii() && value.is_ascii() {
            true => Ok(()),
            false => Err(Error::new(
                ErrorKind::Validation,
                format!(
                    "Parameter validation failed:\nNon ascii characters found in S3 metadata for key \"{key}\", value: \"{value}\": encode them first"
                ),
            )),
        }
    })
}

/// Completes an input before it is validated. Returns whether it requested URL encoding of response strings without the
/// caller's knowledge, which [`decode_output`] must know.
pub(super) fn complete_input(customizations: &Customizations, input: &mut StructureMut<'_>) -> bool {
    for &(member, default) in &customizations.defaults {
        let member = &input.shape().members[member];
        if input.view().get(member).is_none() {
            input.slot(member).put(Value::String(default.to_owned()));
        }
    }
    for RecodedString { recoding, path } in &customizations.send_as {
        for_each_string(input, path, &|string| match recoding {
            Recoding::Base64 => Some(base64::encode(string)),
            Recoding::Percent => Some(percent::encode(string).into_owned()),
            Recoding::Tail => string.rsplit_once('/').map(|(_, tail)| tail.to_owned()),
            Recoding::Source => Some(encode_source(string)),
        });
    }
    for &(key, hash) in &customizations.customer_keys {
        let [key, hash] = [key, hash].map(|it| &input.shape().members[it]);
        let Some(View::Blob(secret)) = input.view().get(key) else { continue };
        if input.view().get(hash).is_none() {
            let digest = base64::encode(Algorithm::Md5.digest(secret).as_bytes());
            input.slot(hash).put(Value::String(digest));
        } else if let Some(decoded) = std::str::from_utf8(secret).ok().and_then(|it| base64::decode(it).ok()) {
            // A caller who sets the hash has encoded the key too.
            input.slot(key).put(Value::Blob(decoded.into()));
        }
    }
    let Some(url_encoded) = &customizations.url_encoded else { return false };
    let Some(member) = input.shape().member(url_encoded.member) else { return false };
    // A caller who requests the encoding decodes the strings, too.
    input.view().get(member).is_none() && input.slot(member).put(Value::String(URL_ENCODING.to_owned()))
}

/// Encodes the source of a copy. As in botocore (`_quote_source_header`), a version begins at the first `?versionId=`
/// behind which there is no white space to the end, and something.
fn encode_source(source: &str) -> String {
    if let Some(encoded) = source.strip_prefix(ENCODED_SOURCE) {
        return encoded.to_owned();
    }
    let is_version = |at: &usize| {
        let id = &source[at + VERSION_ID.len()..];
        !id.is_empty() && !id.contains(char::is_whitespace)
    };
    let version = source.match_indices(VERSION_ID).map(|it| it.0).find(is_version).unwrap_or(source.len());
    let (path, version) = source.split_at(version);
    format!("{}{version}", percent::encode_path(path))
}

/// Decodes the strings of an output. A string that cannot be decoded is left as received. `requested_url_encoding` is
/// what [`complete_input`] returned.
pub(super) fn decode_output(
    customizations: &Customizations,
    requested_url_encoding: bool,
    output: &mut StructureMut<'_>,
) {
    for RecodedString { recoding, path } in &customizations.read_as {
        for_each_string(output, path, &|string| match recoding {
            Recoding::Base64 => base64::decode(string).ok().map(|it| String::from_utf8_lossy(&it).into_owned()),
            // JSON, which begins with a brace, was not encoded: some stores leave it unencoded.
            Recoding::Percent if string.starts_with('{') => None,
            Recoding::Percent => Some(percent::decode(string).into_owned()),
            Recoding::Tail | Recoding::Source => None,
        });
    }
    let Some(url_encoded) = customizations.url_encoded.as_ref().filter(|_| requested_url_encoding) else { return };
    // Some services ignore the request.
    if is_encoded(url_encoded.member, output.view()) {
        for path in &url_encoded.paths {
            for_each_string(output, path, &|string| {
                string.contains(['%', '+']).then(|| percent::decode_form(string).into_owned())
            });
        }
    }
}

/// Encodes the strings of an output as its service sends them: the inverse of [`decode_output`].
#[cfg(any(test, feature = "testing"))]
pub(crate) fn encode_output(customizations: &Customizations, output: &mut StructureMut<'_>) {
    for RecodedString { recoding, path } in &customizations.read_as {
        for_each_string(output, path, &|string| match recoding {
            Recoding::Base64 => Some(base64::encode(string)),
            Recoding::Percent => Some(percent::encode(string).into_owned()),
            Recoding::Tail | Recoding::Source => None,
        });
    }
}

/// Whether the output confirms the URL encoding.
fn is_encoded(member: &str, output: StructureView<'_>) -> bool {
    let encoding = output.shape().member(member).and_then(|it| output.get(it));
    matches!(encoding, Some(View::String(URL_ENCODING)))
}

/// Whether the body of a successful response to an operation with `late-error` is an error document.
///
/// # Errors
/// [`ErrorKind::Parse`] if the body is truncated.
pub(super) fn is_error(customizations: &Customizations, body: &[u8]) -> Result<bool> {
    if customizations.late_error { is_error_document(body) } else { Ok(false) }
}

/// Changes every string that a path leads to; a list on the path stands for each of its elements.
fn for_each_string(within: &mut StructureMut<'_>, path: &str, change: &dyn Fn(&str) -> Option<String>) {
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    if let Some(member) = within.shape().member(name) {
        for_each_string_in_member(within, member, rest, change);
    }
}

/// As [`for_each_string`], from a member on.
fn for_each_string_in_member(
    within: &mut StructureMut<'_>,
    member: &'static Member,
    rest: &str,
    change: &dyn Fn(&str) -> Option<String>,
) {
    match within.view().get(member) {
        None => {}
        Some(View::String(string)) => {
            if let Some(changed) = change(string) {
                within.slot(member).put(Value::String(changed));
            }
        }
        Some(_) => match within.slot(member).open() {
            Open::Structure(mut inner) => for_each_string(&mut inner, rest, change),
            Open::List(mut list) => {
                let (name, rest) = rest.split_once('.').unwrap_or((rest, ""));
                // All elements have the same shape, so the member is looked up once.
                let mut member = None;
                for index in 0..list.len() {
                    if let Some(Open::Structure(mut inner)) = list.get(index).map(|it| it.open()) {
                        member = member.or_else(|| inner.shape().member(name));
                        let Some(member) = member else { return };
                        for_each_string_in_member(&mut inner, member, rest, change);
                    }
                }
            }
            Open::Scalar(_) | Open::Map(_) => {}
        },
    }
}

/// Turns the query string into a form, or the body of a presigned call into a query string.
pub(super) fn reshape(plan: &OperationPlan, purpose: Purpose, input: StructureView<'_>, parts: &mut RequestParts) {
    match purpose {
        Purpose::Send if plan.customizations.query_as_form && !parts.query.is_empty() => {
            parts.method = Method::POST;
            parts.body = Some(std::mem::take(&mut parts.query).into());
            parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(FORM));
        }
        // The URL must work without a body.
        Purpose::Presign if plan.customizations.presigned_query => {
            parts.method = Method::GET;
            parts.query = query_from_body(input);
            parts.body = None;
            parts.headers.remove(header::CONTENT_TYPE);
        }
        Purpose::Send | Purpose::Presign => {}
    }
}

/// The members of the body as a query string; each element of a list is a parameter.
fn query_from_body(input: StructureView<'_>) -> String {
    let mut out = String::new();
    let mut add = |name: &str, value: View<'_>| {
        let string = match value {
            View::String(it) => it.to_owned(),
            View::Bool(it) => it.to_string(),
            View::I32(it) => it.to_string(),
            View::I64(it) => it.to_string(),
            _ => return,
        };
        if !out.is_empty() {
            out.push('&');
        }
        percent::push(&mut out, name);
        out.push('=');
        percent::push(&mut out, &string);
    };
    let shape = input.shape();
    for member in shape.body.iter().map(|&it| &shape.members[it]) {
        match input.get(member) {
            Some(View::List(list)) => list.iter().flatten().for_each(|element| add(member.wire, element)),
            Some(value) => add(member.wire, value),
            None => {}
        }
    }
    out
}

/// The endpoint that the input names, if the operation has a member for it: scheme and authority of the URL in the
/// member.
pub(super) fn endpoint_from_input(customizations: &Customizations, input: StructureView<'_>) -> Result<Option<String>> {
    let Some(member) = customizations.endpoint_member.map(|it| &input.shape().members[it]) else { return Ok(None) };
    let Some(View::String(url)) = input.get(member) else { return Ok(None) };
    let url = Url::parse(url).map_err(|it| {
        let why = format!("Parameter validation failed:\nInvalid endpoint URL for parameter {}", member.name);
        Error::new(ErrorKind::Validation, why).with_source(it)
    })?;
    Ok(Some(format!("{}://{}", url.scheme(), url.authority())))
}

/// Adds the headers of every request of the operation, except those that are already set.
pub(super) fn add_headers(customizations: &Customizations, headers: &mut HeaderMap) {
    for (name, value) in &customizations.headers {
        if let Ok(name) = name.parse::<HeaderName>()
            && let Ok(value) = value.parse::<HeaderValue>()
        {
            headers.entry(name).or_insert(value);
        }
    }
}

const SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const TREE_HASH: HeaderName = HeaderName::from_static("x-amz-sha256-tree-hash");

/// Adds the hashes of the body that the caller did not set. A stream is read once to compute them, so it must be
/// replayable.
pub(super) async fn add_tree_hash(request: &mut Request) -> Result<()> {
    if request.headers.contains_key(SHA256) && request.headers.contains_key(TREE_HASH) {
        return Ok(());
    }
    let (mut sha256, mut tree_hash) = (Sha256::new(), TreeHash::new());
    match &request.body {
        Body::Empty => {}
        Body::Bytes(bytes) => {
            sha256.update(bytes);
            tree_hash.update(bytes);
        }
        Body::Stream(stream) => {
            let mut copy = stream.try_clone_uninspected().ok_or_else(|| {
                let why = "the body can be read only once, but its tree hash is sent before it";
                Error::new(ErrorKind::Body, format!("{why}: give it from memory or a file, or set both hashes"))
            })?;
            while let Some(chunk) = copy.try_next().await? {
                sha256.update(&chunk);
                tree_hash.update(&chunk);
            }
        }
    }
    for (name, hash) in [(SHA256, hex::encode(sha256.finalize())), (TREE_HASH, tree_hash.finish())] {
        if let Ok(value) = HeaderValue::try_from(hash) {
            request.headers.entry(name).or_insert(value);
        }
    }
    Ok(())
}
