//! What the store does otherwise for directory buckets (S3 Express One Zone), by the notes in the API reference. Knows no
//! object.

use crate::store::{Request, Response};

/// Keys of a page.
const PAGE: usize = 2;

pub const SESSION: &str = "<CreateSessionResult><Credentials><AccessKeyId>SESSION</AccessKeyId><SecretAccessKey>secret\
                           </SecretAccessKey><SessionToken>token</SessionToken><Expiration>2126-01-02T03:04:05Z</Expiration>\
                           </Credentials></CreateSessionResult>";

/// The response to a request that such buckets do not have, or that is not signed with a session.
pub fn rejected(request: &Request) -> Option<Response> {
    let operation = request.operation();
    // Which also reads another bucket, or creates the session.
    let has_own_keys = ["CreateSession", "CopyObject", "UploadPartCopy"].contains(&operation);
    let token = request.header("x-amz-s3session-token");
    if token != Some("token").filter(|_| !has_own_keys) {
        return Some(Response::error(403, "AccessDenied"));
    }
    let is_list = ["ListObjectsV2", "ListMultipartUploads"].contains(&operation);
    let param = |name: &str| request.query.get(name).map_or("", String::as_str);
    let is_folder = |text: &str| text.is_empty() || text.ends_with('/');
    let is_unknown = !is_folder(param("prefix"))
        || !["", "/"].contains(&param("delimiter"))
        || request.has("start-after")
        || request.has("upload-id-marker")
        || request.query.get("versionId").is_some_and(|it| it != "null");
    if is_list && is_unknown || request.has("versionId") {
        return Some(Response::error(400, "InvalidArgument"));
    }
    let has_tags = request.has("tagging") || request.header("x-amz-tagging").is_some_and(|it| !it.is_empty());
    has_tags.then(|| Response::error(501, "NotImplemented"))
}

/// Leaves one page of a listing, which has no order. Returns the token of the next page; empty if there is none.
pub fn shuffled_page(request: &Request, entries: &mut Vec<String>) -> String {
    // The same in each request: backwards, the keys with odd numbers first.
    let (even, odd): (Vec<_>, Vec<_>) = entries.drain(..).enumerate().partition(|(index, _)| index % 2 == 0);
    let start = request.query.get("continuation-token").map_or(0, |it| it.parse().unwrap());
    let all: Vec<String> = odd.into_iter().rev().chain(even.into_iter().rev()).map(|it| it.1).collect();
    let end = all.len().min(start + PAGE);
    entries.extend_from_slice(&all[start..end]);
    if end < all.len() { end.to_string() } else { String::new() }
}
