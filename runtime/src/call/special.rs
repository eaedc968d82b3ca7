//! What a few operations need beyond their protocol, done as their lines say: defaults, texts that travel otherwise, forms,
//! tree hashes, keys. Knows no operation by name.

use sha2::{Digest, Sha256};

use super::bucket;
use super::prepare::Purpose;
use crate::checksum::{Algorithm, TreeHash};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Body, HeaderMap, HeaderName, HeaderValue, Method, Request, Url, header};
use crate::operation::{Plan, Recoded, Recoding, Special};
use crate::protocol::{Parts, is_error_document};
use crate::schema::dynamic::Value;
use crate::schema::layout::Open;
use crate::schema::shape::Member;
use crate::schema::{StructureMut, StructureView, View};
use crate::text::{base64, hex, percent};

const FORM: &str = "application/x-www-form-urlencoded";
const URL_ENCODING: &str = "url";
const VERSION: &str = "?versionId=";

/// Refuses what a service would refuse only after a round trip, or what cannot be sent.
pub(super) fn check(plan: &Plan, input: StructureView<'_>) -> Result<()> {
    if let Some(name) = bucket::of(plan, input) {
        bucket::check(name)?;
    }
    let Some(member) = plan.special.ascii.map(|it| &input.shape().members[it]) else { return Ok(()) };
    let Some(View::Map(map)) = input.get(member) else { return Ok(()) };
    map.try_each(|key, value| {
        let value = match value {
            Some(View::String(text)) => text,
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

/// Completes an input before it is validated. Whether texts of the answer were asked for in an encoding that the caller
/// does not know of is for [`read`] to know.
pub(super) fn complete(special: &Special, input: &mut StructureMut<'_>) -> bool {
    for &(member, text) in &special.defaults {
        let member = &input.shape().members[member];
        if input.view().get(member).is_none() {
            input.slot(member).put(Value::String(text.to_owned()));
        }
    }
    for Recoded { how, path } in &special.sent {
        each_text(input, path, &|text| match how {
            Recoding::Base64 => Some(base64::encode(text)),
            Recoding::Percent => Some(percent::encode(text).into_owned()),
            Recoding::Tail => text.rsplit_once('/').map(|(_, tail)| tail.to_owned()),
            Recoding::Source => Some(match text.split_once(VERSION) {
                Some((path, version)) => format!("{}{VERSION}{version}", percent::encode_path(path)),
                None => percent::encode_path(text).into_owned(),
            }),
        });
    }
    for &(key, hash) in &special.keys {
        let [key, hash] = [key, hash].map(|it| &input.shape().members[it]);
        let Some(View::Blob(secret)) = input.view().get(key) else { continue };
        if input.view().get(hash).is_none() {
            let digest = base64::encode(Algorithm::Md5.digest(secret).as_bytes());
            input.slot(hash).put(Value::String(digest));
        } else if let Some(decoded) = std::str::from_utf8(secret).ok().and_then(|it| base64::decode(it).ok()) {
            // A caller who gives the hash has encoded the key too.
            input.slot(key).put(Value::Blob(decoded.into()));
        }
    }
    let Some(it) = &special.url_encoded else { return false };
    let Some(member) = input.shape().member(it.member) else { return false };
    // If the caller asks for it, decoding is theirs too.
    input.view().get(member).is_none() && input.slot(member).put(Value::String(URL_ENCODING.to_owned()))
}

/// Makes the texts of an output readable. What cannot be decoded stays as it came. `asked` is what [`complete`] returned.
pub(super) fn read(special: &Special, asked: bool, output: &mut StructureMut<'_>) {
    for Recoded { how, path } in &special.read {
        each_text(output, path, &|text| match how {
            Recoding::Base64 => base64::decode(text).ok().map(|it| String::from_utf8_lossy(&it).into_owned()),
            // JSON, which begins with a brace, was not encoded: some stores leave it as it is.
            Recoding::Percent if text.starts_with('{') => None,
            Recoding::Percent => Some(percent::decode(text).into_owned()),
            Recoding::Tail | Recoding::Source => None,
        });
    }
    // Some services ignore the wish.
    if let Some(it) = special.url_encoded.as_ref().filter(|it| asked && is_encoded(it.member, output.view())) {
        for path in &it.paths {
            each_text(output, path, &|text| text.contains(['%', '+']).then(|| percent::decode_form(text).into_owned()));
        }
    }
}

fn is_encoded(member: &str, output: StructureView<'_>) -> bool {
    let said = output.shape().member(member).and_then(|it| output.get(it));
    matches!(said, Some(View::String(URL_ENCODING)))
}

/// Whether the answer to an operation that may fail late is an error.
///
/// # Errors
/// The answer is not whole.
pub(super) fn is_error(special: &Special, body: &[u8]) -> Result<bool> {
    if special.late_error { is_error_document(body) } else { Ok(false) }
}

/// Changes every text that a path leads to; the elements of lists on the way are all gone into.
fn each_text(within: &mut StructureMut<'_>, path: &str, change: &dyn Fn(&str) -> Option<String>) {
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    if let Some(member) = within.shape().member(name) {
        each_text_of(within, member, rest, change);
    }
}

/// As [`each_text`], from a member on.
fn each_text_of(
    within: &mut StructureMut<'_>,
    member: &'static Member,
    rest: &str,
    change: &dyn Fn(&str) -> Option<String>,
) {
    match within.view().get(member) {
        None => {}
        Some(View::String(text)) => {
            if let Some(changed) = change(text) {
                within.slot(member).put(Value::String(changed));
            }
        }
        Some(_) => match within.slot(member).open() {
            Open::Structure(mut inner) => each_text(&mut inner, rest, change),
            Open::List(mut list) => {
                let (name, rest) = rest.split_once('.').unwrap_or((rest, ""));
                // All elements are of one shape.
                let mut member = None;
                for index in 0..list.len() {
                    if let Some(Open::Structure(mut inner)) = list.get(index).map(|it| it.open()) {
                        member = member.or_else(|| inner.shape().member(name));
                        let Some(member) = member else { return };
                        each_text_of(&mut inner, member, rest, change);
                    }
                }
            }
            Open::Scalar(_) | Open::Map(_) => {}
        },
    }
}

/// Makes a form of a query string, and a query string of what else were the body of a presigned call.
pub(super) fn reshape(plan: &Plan, purpose: Purpose, input: StructureView<'_>, parts: &mut Parts) {
    match purpose {
        Purpose::Send if plan.special.form && !parts.query.is_empty() => {
            parts.method = Method::POST;
            parts.body = Some(std::mem::take(&mut parts.query).into());
            parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(FORM));
        }
        // Whoever is given the URL has no body to send with it.
        Purpose::Presign if plan.special.presigned_query => {
            parts.method = Method::GET;
            parts.query = query_of(input);
            parts.body = None;
            parts.headers.remove(header::CONTENT_TYPE);
        }
        Purpose::Send | Purpose::Presign => {}
    }
}

/// The members of the body as a query string; the elements of a list one by one.
fn query_of(input: StructureView<'_>) -> String {
    let mut out = String::new();
    let mut add = |name: &str, value: View<'_>| {
        let text = match value {
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
        percent::push(&mut out, &text);
    };
    let shape = input.shape();
    for member in shape.body.iter().map(|&it| &shape.members[it]) {
        match input.get(member) {
            Some(View::List(list)) => list.iter().flatten().for_each(|it| add(member.wire, it)),
            Some(value) => add(member.wire, value),
            None => {}
        }
    }
    out
}

/// Where the input says to send the call, if the operation lets it: scheme and authority of a URL in a member.
pub(super) fn endpoint(special: &Special, input: StructureView<'_>) -> Result<Option<String>> {
    let Some(member) = special.endpoint.map(|it| &input.shape().members[it]) else { return Ok(None) };
    let Some(View::String(text)) = input.get(member) else { return Ok(None) };
    let url = Url::parse(text).map_err(|it| {
        let why = format!("Parameter validation failed:\nParameter {} is no URL to send the call to", member.name);
        Error::new(ErrorKind::Validation, why).with_source(it)
    })?;
    Ok(Some(format!("{}://{}", url.scheme(), url.authority())))
}

/// Adds the headers that every request of the operation bears, where it has none of the name.
pub(super) fn add_headers(special: &Special, headers: &mut HeaderMap) {
    for (name, value) in &special.headers {
        if let Ok(name) = name.parse::<HeaderName>()
            && let Ok(value) = value.parse::<HeaderValue>()
        {
            headers.entry(name).or_insert(value);
        }
    }
}

const LINEAR: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const TREE: HeaderName = HeaderName::from_static("x-amz-sha256-tree-hash");

/// Adds the hashes of the body that the caller did not give. A stream is read once for them, so it must be replayable.
pub(super) async fn add_tree_hash(request: &mut Request) -> Result<()> {
    if request.headers.contains_key(LINEAR) && request.headers.contains_key(TREE) {
        return Ok(());
    }
    let (mut linear, mut tree) = (Sha256::new(), TreeHash::new());
    match &request.body {
        Body::Empty => {}
        Body::Bytes(bytes) => {
            linear.update(bytes);
            tree.update(bytes);
        }
        Body::Stream(stream) => {
            let mut again = stream.try_clone().ok_or_else(|| {
                let why = "the body can be read only once, but its tree hash is sent before it";
                Error::new(ErrorKind::Body, format!("{why}: give it from memory or a file, or give both hashes"))
            })?;
            while let Some(chunk) = again.try_next().await? {
                linear.update(&chunk);
                tree.update(&chunk);
            }
        }
    }
    for (name, text) in [(LINEAR, hex::encode(linear.finalize())), (TREE, tree.finish())] {
        if let Ok(value) = HeaderValue::try_from(text) {
            request.headers.entry(name).or_insert(value);
        }
    }
    Ok(())
}
