//! Signature Versions 4 and 4A against the public test suites: botocore's copy of the AWS suite, and those of the AWS Common
//! Runtime (CRT), for signatures in headers and in the query. Knows the two file layouts and nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_core::credentials::Credentials;
use aws_core::http::{HeaderName, HeaderValue, Method, Request, Url};
use aws_core::internals::auth::{CanonicalRequest, Payload, SessionToken, SigV4, SigV4a, Signer, SigningParams};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use serde_json::Value;

/// Cases that are known to fail, each with its reason.
const IGNORED: &[(&str, &str)] =
    &[("crt-v4/get-space-normalized, header", SPACE), ("crt-v4/get-space-normalized, query", SPACE)];
/// `request.txt` has %20 for the raw space of the signed request; in a path that is encoded twice that means %2520.
const SPACE: &str = "the path in the request file is encoded once more than in its expectation";

/// 2015-08-30T12:36:00Z
const SUITE_TIME: u64 = 1_440_938_160;
/// 2021-05-11T15:40:45Z, for the two cases without a context.
const LATER_TIME: u64 = 1_620_747_645;

type Outcome = Result<(), String>;

#[test]
fn signatures_match_the_public_test_suites() {
    let Some(root) = tests::suite::conformance("sigv4") else { return };
    let mut outcomes: Vec<(String, Outcome)> = Vec::new();
    for request in files(&root.join("botocore-aws4_testsuite"), "req") {
        outcomes.push((case_name(&root, &request), check_botocore(&request)));
    }
    for (folder, version) in [("crt-v4", Version::V4), ("crt-v4a", Version::V4a)] {
        for request in files(&root.join(folder), "txt").into_iter().filter(|it| it.ends_with("request.txt")) {
            for location in ["header", "query"] {
                if request.with_file_name(format!("{location}-canonical-request.txt")).exists() {
                    let name = format!("{}, {location}", case_name(&root, &request));
                    outcomes.push((name, check_crt(&request, location, version)));
                }
            }
        }
    }
    let (mut passed, mut failed, mut skipped) = (0, Vec::new(), 0);
    for (case, outcome) in &outcomes {
        let ignored = IGNORED.iter().find(|(name, _)| name == case);
        match (outcome, ignored) {
            (Ok(()), None) => passed += 1,
            (Err(_), Some(_)) => skipped += 1,
            (Ok(()), Some(_)) => failed.push(format!("{case}: passes now; remove it from the list")),
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

fn check_botocore(request_file: &Path) -> Outcome {
    let read = |extension| read_text(&request_file.with_extension(extension));
    let canonical = read("creq")?;
    let token = canonical.lines().find_map(|line| line.strip_prefix("x-amz-security-token:"));
    let credentials = credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token);
    let params = SigningParams::new("us-east-1", "service", from_epoch_seconds(SUITE_TIME));
    let mut request = parse(&read_text(request_file)?)?;
    let signer = SigV4::new();
    signer.sign(&mut request, &credentials, &params).map_err(|e| e.to_string())?;
    let explained = signer.explain(&request, &credentials, &params, false).map_err(|e| e.to_string())?;
    compare("canonical request", &explained.canonical_request, &canonical)?;
    compare("string to sign", &explained.string_to_sign, &read("sts")?)?;
    compare("authorization", header(&request, "authorization")?, &read("authz")?)
}

/// Which signature a case has.
#[derive(Clone, Copy, PartialEq)]
enum Version {
    V4,
    V4a,
}

fn check_crt(request_file: &Path, location: &str, version: Version) -> Outcome {
    let read = |what: &str| read_text(&request_file.with_file_name(format!("{location}-{what}.txt")));
    let mut request = parse(&read_text(request_file)?)?;
    let context_file = request_file.with_file_name("context.json");
    if !context_file.exists() {
        let params = SigningParams::new("us-east-1", "service", from_epoch_seconds(LATER_TIME));
        let explained = sign(version, &mut request, &credentials("k", "s", None), &params, None)?;
        return compare("canonical request", &explained.canonical_request, &read("canonical-request")?);
    }
    let context: Value = serde_json::from_str(&read_text(&context_file)?).map_err(|e| e.to_string())?;
    let field = |key: &str| context[key].as_str().unwrap_or_default();
    let credential = |key: &str| context["credentials"][key].as_str();
    let credentials = credentials(
        credential("access_key_id").unwrap_or_default(),
        credential("secret_access_key").unwrap_or_default(),
        credential("token"),
    );
    let omit_token = context["omit_session_token"].as_bool().unwrap_or(false);
    let params = SigningParams {
        normalize_path: context["normalize"].as_bool().unwrap_or(true),
        content_sha256_header: context["sign_body"].as_bool().unwrap_or(true),
        payload: Payload::Body,
        session_token: if omit_token { SessionToken::Unsigned } else { SessionToken::Signed },
        ..SigningParams::new(field("region"), field("service"), parse_time(field("timestamp"))?)
    };
    let expires =
        (location == "query").then(|| Duration::from_secs(context["expiration_in_seconds"].as_u64().unwrap_or(3600)));
    let explained = sign(version, &mut request, &credentials, &params, expires)?;
    compare("canonical request", &explained.canonical_request, &read("canonical-request")?)?;
    compare("string to sign", &explained.string_to_sign, &read("string-to-sign")?)?;
    let expect = parse(&read("signed-request")?)?;
    match version {
        Version::V4 => {
            compare("signature", &explained.signature, &read("signature")?)?;
            compare_requests(&request, &expect)
        }
        // A signature has a random part: it is verified, ours and theirs.
        Version::V4a => {
            let key = public_key(&read_text(&request_file.with_file_name("public-key.json"))?)?;
            let (ours, theirs) = (take_signature(&mut request)?, read("signature")?);
            for signature in [&ours, &explained.signature, &theirs] {
                verify(&key, &explained.string_to_sign, signature)?;
            }
            let mut expect = expect;
            verify(&key, &explained.string_to_sign, &take_signature(&mut expect)?)?;
            if verify(&key, &format!("{} ", explained.string_to_sign), &ours).is_ok() {
                return Err("the signature is valid for another string".to_owned());
            }
            compare_requests(&request, &expect)
        }
    }
}

/// A point of the curve, uncompressed.
fn public_key(json: &str) -> Result<Vec<u8>, String> {
    let key: Value = serde_json::from_str(json).map_err(|e| e.to_string())?;
    let part = |name: &str| from_hex(key[name].as_str().unwrap_or_default());
    Ok([vec![4], part("X")?, part("Y")?].concat())
}

fn from_hex(hex: &str) -> Result<Vec<u8>, String> {
    let digits = (0..hex.len()).step_by(2).map(|at| hex.get(at..at + 2).and_then(|it| u8::from_str_radix(it, 16).ok()));
    digits.collect::<Option<_>>().ok_or(format!("{hex:?} is not hexadecimal"))
}

fn verify(key: &[u8], string_to_sign: &str, signature: &str) -> Outcome {
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key);
    let result = key.verify(string_to_sign.as_bytes(), &from_hex(signature)?);
    result.map_err(|_| format!("{signature} is no signature of {string_to_sign:?}"))
}

/// Takes the signature out of a signed request.
fn take_signature(request: &mut Request) -> Result<String, String> {
    if let Some(query) = request.url.query().filter(|it| it.contains("X-Amz-Signature=")) {
        let (signature, others): (Vec<_>, Vec<_>) = query.split('&').partition(|it| it.starts_with("X-Amz-Signature="));
        let url = request.url.as_str().split('?').next().unwrap_or_default();
        let signature = signature[0]["X-Amz-Signature=".len()..].to_owned();
        request.url = Url::parse(format!("{url}?{}", others.join("&"))).map_err(|e| e.to_string())?;
        return Ok(signature);
    }
    let authorization = header(request, "authorization")?;
    let (before, signature) = authorization.split_once("Signature=").ok_or("no signature")?;
    let (before, signature) = (before.to_owned(), signature.to_owned());
    request.headers.insert("authorization", HeaderValue::try_from(before).map_err(|e| e.to_string())?);
    Ok(signature)
}

/// Signs in headers, or in the query if there is an `expires`.
fn sign(
    version: Version,
    request: &mut Request,
    credentials: &Credentials,
    params: &SigningParams<'_>,
    expires: Option<Duration>,
) -> Result<CanonicalRequest, String> {
    let (v4, v4a) = (SigV4::new(), SigV4a::new());
    let signer: &dyn Signer = if version == Version::V4 { &v4 } else { &v4a };
    let signed = match expires {
        Some(expires) => signer.presign(request, credentials, params, expires),
        None => signer.sign(request, credentials, params),
    };
    signed.map_err(|e| e.to_string())?;
    let explained = match version {
        Version::V4 => v4.explain(request, credentials, params, expires.is_some()),
        Version::V4a => v4a.explain(request, credentials, params, expires.is_some()),
    };
    explained.map_err(|e| e.to_string())
}

/// Compares methods, hosts, paths and bodies, headers and query pairs sorted.
fn compare_requests(found: &Request, expect: &Request) -> Outcome {
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
    compare("signed method", found.method.as_str(), expect.method.as_str())?;
    compare("signed host", found.url.authority(), expect.url.authority())?;
    compare("signed path", found.url.path(), expect.url.path())?;
    compare("signed query", &pairs(found).join("&"), &pairs(expect).join("&"))?;
    compare("signed headers", &format!("{:?}", headers(found)), &format!("{:?}", headers(expect)))?;
    compare("signed body", &format!("{:?}", found.body.as_bytes()), &format!("{:?}", expect.body.as_bytes()))
}

fn compare(what: &str, found: &str, expect: &str) -> Outcome {
    if found == expect {
        Ok(())
    } else {
        Err(format!("{what} differs\n--- found\n{found}\n--- expected\n{expect}\n---"))
    }
}

/// Parses a raw HTTP/1.1 request; a folded header line continues the line before.
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

fn from_epoch_seconds(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

/// Parses a time such as `2015-08-30T12:36:00Z`.
fn parse_time(time: &str) -> Result<SystemTime, String> {
    let part =
        |range: std::ops::Range<usize>| time.get(range).and_then(|it| it.parse::<u64>().ok()).ok_or("bad timestamp");
    let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
    let (y, m) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
    Ok(from_epoch_seconds(days * 86_400 + part(11..13)? * 3600 + part(14..16)? * 60 + part(17..19)?))
}

fn read_text(file: &Path) -> Result<String, String> {
    let text = fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let text = text.replace('\r', "");
    // An empty line separates head and body; it may be the last line.
    Ok(if file.ends_with("request.txt") || file.extension().is_some_and(|it| it == "req") {
        text
    } else {
        text.trim().to_owned()
    })
}

fn case_name(root: &Path, file: &Path) -> String {
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
