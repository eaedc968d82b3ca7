//! Signature Version 4 against the public test suites: botocore's copy of the AWS one, and that of the Common Runtime, for
//! signatures in headers and in the query. Knows the two file layouts and nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_core::auth::{CanonicalRequest, Payload, SessionToken, SigV4, Signer, SigningParams};
use aws_core::credentials::Credentials;
use aws_core::http::{HeaderName, HeaderValue, Method, Request, Url};
use serde_json::Value;

/// Cases that are known to fail, each with its reason.
const IGNORED: &[(&str, &str)] =
    &[("crt-v4/get-space-normalized, header", SPACE), ("crt-v4/get-space-normalized, query", SPACE)];
/// The raw blank of the signed request is written as %20 in `request.txt`, which stands for %2520 in a path encoded twice.
const SPACE: &str = "the request file was encoded once more than its expectation";

/// 2015-08-30T12:36:00Z
const SUITE_TIME: u64 = 1_440_938_160;
/// 2021-05-11T15:40:45Z, of the two cases without a context.
const LATER_TIME: u64 = 1_620_747_645;

type Outcome = Result<(), String>;

#[test]
fn sigv4() {
    let Some(root) = tests::suite::conformance("sigv4") else { return };
    let mut outcomes: Vec<(String, Outcome)> = Vec::new();
    for request in files(&root.join("botocore-aws4_testsuite"), "req") {
        outcomes.push((name(&root, &request), botocore(&request)));
    }
    for request in files(&root.join("crt-v4"), "txt").into_iter().filter(|it| it.ends_with("request.txt")) {
        for place in ["header", "query"] {
            if request.with_file_name(format!("{place}-canonical-request.txt")).exists() {
                outcomes.push((format!("{}, {place}", name(&root, &request)), crt(&request, place)));
            }
        }
    }
    let asymmetric = files(&root.join("crt-v4a"), "txt").into_iter().filter(|it| it.ends_with("request.txt")).count();
    let (mut passed, mut failed, mut skipped) = (0, Vec::new(), asymmetric);
    for (case, outcome) in &outcomes {
        let ignored = IGNORED.iter().find(|(name, _)| name == case);
        match (outcome, ignored) {
            (Ok(()), None) => passed += 1,
            (Err(_), Some(_)) => skipped += 1,
            (Ok(()), Some(_)) => failed.push(format!("{case}: passes now, take it off the list")),
            (Err(why), None) => failed.push(format!("{case}: {why}")),
        }
    }
    tests::say!("suite sigv4: {passed} passed, {} failed, {skipped} skipped", failed.len());
    for (case, _) in IGNORED.iter().filter(|(case, _)| outcomes.iter().all(|(name, _)| name != case)) {
        tests::say!("  not in this data: {case}");
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(passed > 0, "no cases in {}", root.display());
}

fn botocore(request_file: &Path) -> Outcome {
    let read = |extension| text(&request_file.with_extension(extension));
    let canonical = read("creq")?;
    let token = canonical.lines().find_map(|line| line.strip_prefix("x-amz-security-token:"));
    let credentials = credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token);
    let params = SigningParams::new("us-east-1", "service", at(SUITE_TIME));
    let mut request = parse(&text(request_file)?)?;
    let signer = SigV4::new();
    signer.sign(&mut request, &credentials, &params).map_err(|e| e.to_string())?;
    let explained = signer.explain(&request, &credentials, &params, false).map_err(|e| e.to_string())?;
    same("canonical request", &explained.text, &canonical)?;
    same("string to sign", &explained.string_to_sign, &read("sts")?)?;
    same("authorization", header(&request, "authorization")?, &read("authz")?)
}

fn crt(request_file: &Path, place: &str) -> Outcome {
    let read = |what: &str| text(&request_file.with_file_name(format!("{place}-{what}.txt")));
    let mut request = parse(&text(request_file)?)?;
    let context_file = request_file.with_file_name("context.json");
    if !context_file.exists() {
        let params = SigningParams::new("us-east-1", "service", at(LATER_TIME));
        let explained = sign(&mut request, &credentials("k", "s", None), &params, None)?;
        return same("canonical request", &explained.text, &read("canonical-request")?);
    }
    let context: Value = serde_json::from_str(&text(&context_file)?).map_err(|e| e.to_string())?;
    let part = |key: &str| context[key].as_str().unwrap_or_default();
    let secrets = |key: &str| context["credentials"][key].as_str();
    let credentials = credentials(
        secrets("access_key_id").unwrap_or_default(),
        secrets("secret_access_key").unwrap_or_default(),
        secrets("token"),
    );
    let omit_token = context["omit_session_token"].as_bool().unwrap_or(false);
    let params = SigningParams {
        normalize_path: context["normalize"].as_bool().unwrap_or(true),
        content_sha256_header: context["sign_body"].as_bool().unwrap_or(true),
        payload: Payload::Body,
        session_token: if omit_token { SessionToken::Unsigned } else { SessionToken::Signed },
        ..SigningParams::new(part("region"), part("service"), moment(part("timestamp"))?)
    };
    let expires =
        (place == "query").then(|| Duration::from_secs(context["expiration_in_seconds"].as_u64().unwrap_or(3600)));
    let explained = sign(&mut request, &credentials, &params, expires)?;
    same("canonical request", &explained.text, &read("canonical-request")?)?;
    same("string to sign", &explained.string_to_sign, &read("string-to-sign")?)?;
    same("signature", &explained.signature, &read("signature")?)?;
    same_request(&request, &parse(&read("signed-request")?)?)
}

/// Signs in headers, or with `expires` in the query.
fn sign(
    request: &mut Request,
    credentials: &Credentials,
    params: &SigningParams<'_>,
    expires: Option<Duration>,
) -> Result<CanonicalRequest, String> {
    let signer = SigV4::new();
    let signed = match expires {
        Some(expires) => signer.presign(request, credentials, params, expires),
        None => signer.sign(request, credentials, params),
    };
    signed.map_err(|e| e.to_string())?;
    signer.explain(request, credentials, params, expires.is_some()).map_err(|e| e.to_string())
}

/// Methods, paths and bodies, headers as a map, query pairs as a sorted list.
fn same_request(got: &Request, expect: &Request) -> Outcome {
    let pairs = |request: &Request| {
        let mut pairs: Vec<String> = request.url.query().unwrap_or_default().split('&').map(str::to_owned).collect();
        pairs.sort();
        pairs
    };
    let headers = |request: &Request| {
        let mut headers: Vec<(String, String)> = request
            .headers
            .iter()
            .filter(|(name, _)| *name != "host")
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        headers.sort();
        headers
    };
    same("signed method", got.method.as_str(), expect.method.as_str())?;
    same("signed host", got.url.authority(), expect.url.authority())?;
    same("signed path", got.url.path(), expect.url.path())?;
    same("signed query", &pairs(got).join("&"), &pairs(expect).join("&"))?;
    same("signed headers", &format!("{:?}", headers(got)), &format!("{:?}", headers(expect)))?;
    same("signed body", &format!("{:?}", got.body.as_bytes()), &format!("{:?}", expect.body.as_bytes()))
}

fn same(what: &str, got: &str, expect: &str) -> Outcome {
    if got == expect { Ok(()) } else { Err(format!("{what} differs\n--- got\n{got}\n--- expected\n{expect}\n---")) }
}

/// A raw HTTP/1.1 request; folded header lines belong to the line before.
fn parse(raw: &str) -> Result<Request, String> {
    let (head, body) = raw.split_once("\n\n").unwrap_or((raw, ""));
    let mut lines = head.lines();
    let first = lines.next().ok_or("no request line")?;
    let (method, target) =
        first.strip_suffix(" HTTP/1.1").and_then(|it| it.split_once(' ')).ok_or("bad request line")?;
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in lines {
        match (line.starts_with([' ', '\t']), headers.last_mut()) {
            (true, Some((_, value))) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            _ => {
                let (name, value) = line.split_once(':').ok_or("bad header line")?;
                headers.push((name.to_ascii_lowercase(), value.to_owned()));
            }
        }
    }
    let host = headers.iter().find(|(name, _)| name == "host").map(|(_, value)| value.trim()).ok_or("no host")?;
    let url = Url::parse(format!("https://{host}{target}")).map_err(|e| e.to_string())?;
    let mut request = Request::new(Method::from_bytes(method.as_bytes()).map_err(|e| e.to_string())?, url);
    for (name, value) in headers {
        let name = HeaderName::try_from(name).map_err(|e| e.to_string())?;
        request.headers.append(name, HeaderValue::try_from(value.trim()).map_err(|e| e.to_string())?);
    }
    request.body = body.to_owned().into();
    Ok(request)
}

fn header<'a>(request: &'a Request, name: &str) -> Result<&'a str, String> {
    request.headers.get(name).and_then(|it| it.to_str().ok()).ok_or(format!("no header {name}"))
}

fn credentials(id: &str, secret: &str, token: Option<&str>) -> Credentials {
    let credentials = Credentials::new(id, secret);
    match token {
        Some(token) => credentials.with_session_token(token),
        None => credentials,
    }
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

/// `2015-08-30T12:36:00Z`
fn moment(text: &str) -> Result<SystemTime, String> {
    let part =
        |range: std::ops::Range<usize>| text.get(range).and_then(|it| it.parse::<u64>().ok()).ok_or("bad timestamp");
    let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
    let (y, m) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
    Ok(at(days * 86_400 + part(11..13)? * 3600 + part(14..16)? * 60 + part(17..19)?))
}

fn text(file: &Path) -> Result<String, String> {
    let text = fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let text = text.replace('\r', "");
    // Bodies are told from heads by an empty line, which may be the last one.
    Ok(if file.ends_with("request.txt") || file.extension().is_some_and(|it| it == "req") {
        text
    } else {
        text.trim().to_owned()
    })
}

fn name(root: &Path, file: &Path) -> String {
    file.parent().and_then(|it| it.strip_prefix(root).ok()).map_or_else(String::new, |it| it.display().to_string())
}

/// All files with `extension` below `folder`, sorted.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|it| it == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}
