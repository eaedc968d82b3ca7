//! Signature Version 2, which only SimpleDB still uses: signs the form fields of a request together with its host. The
//! HMAC is computed by aws-sigv4. Knows no service.

use std::time::SystemTime;

use aws_sigv4::sign::v4::calculate_signature;

use crate::credentials::Credentials;
use crate::encoding::{base64, hex, percent};
use crate::http::{Body, Request};
use crate::ordered::sorted;
use crate::types::{Format, Timestamp};
use crate::{Error, ErrorKind, Result};

/// Signs a request by adding fields to its form, as botocore's `SigV2Auth` does.
///
/// # Errors
/// [`ErrorKind::Signing`] if the body is not a form that is in memory.
pub(crate) fn sign(request: &mut Request, credentials: &Credentials, time: SystemTime) -> Result<()> {
    let form = request.body.as_bytes().and_then(|it| std::str::from_utf8(it).ok());
    let Some(form) = form.filter(|it| !it.is_empty()) else {
        return Err(Error::new(ErrorKind::Signing, "Signature Version 2 can sign only requests with a form body"));
    };
    let mut form = form.to_owned();
    let date = Timestamp::from_secs(Timestamp::from(time).as_secs()).format(Format::DateTime)?;
    let mut add = |name: &str, value: &str| {
        form.push('&');
        form.push_str(name);
        form.push('=');
        percent::push(&mut form, value);
    };
    add("AWSAccessKeyId", credentials.access_key_id());
    add("SignatureVersion", "2");
    add("SignatureMethod", "HmacSHA256");
    add("Timestamp", &date);
    if let Some(token) = credentials.session_token() {
        add("SecurityToken", token);
    }
    let pairs = form.split('&').map(|it| it.split_once('=').unwrap_or((it, "")));
    let pairs = pairs.map(|(name, value)| (percent::decode_form(name), value)).collect();
    let pairs = sorted(pairs, |one, other| one.0.cmp(&other.0));
    let mut string_to_sign = format!("{}\n{}\n{}\n", request.method, request.url.authority(), request.url.path());
    for (index, (name, value)) in pairs.into_iter().enumerate() {
        string_to_sign.push_str(if index == 0 { "" } else { "&" });
        percent::push(&mut string_to_sign, &name);
        string_to_sign.push('=');
        percent::push(&mut string_to_sign, &percent::decode_form(value));
    }
    let signature = calculate_signature(credentials.secret_access_key(), string_to_sign.as_bytes());
    form.push_str("&Signature=");
    percent::push(&mut form, &base64::encode(hex::decode(&signature)?));
    request.body = Body::from(form);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::http::{Method, Url};

    /// `expect` is botocore's signature, percent-encoded as in the form.
    fn check(body: &'static str, token: Option<&str>, expect: &str) {
        let mut request =
            Request::new(Method::POST, Url::parse("https://sdb.us-west-2.amazonaws.com/").expect("a URL"));
        request.body = Body::from(body.to_owned());
        let mut credentials = Credentials::new("AKIDEXAMPLE", "the-secret");
        if let Some(token) = token {
            credentials = credentials.with_session_token(token);
        }
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045);
        sign(&mut request, &credentials, time).expect("a signature");
        let signed = String::from_utf8_lossy(request.body.as_bytes().unwrap_or_default()).into_owned();
        assert!(signed.starts_with(body), "{signed}");
        assert!(signed.contains("&Timestamp=2026-01-02T03%3A04%3A05Z&"), "{signed}");
        assert_eq!(signed.rsplit("&Signature=").next(), Some(expect));
    }

    #[test]
    fn signatures_equal_botocores() {
        const FORM: &str = "Action=ListDomains&Version=2009-04-15&NextToken=a%20b%2B%C3%BC~%2A&MaxNumberOfDomains=3\
                            &Attribute.1.Name=x&Attribute.10.Name=y";
        check(FORM, None, "h0sOPuGbnhbPXXi7k6ZnN7tc%2BA%2FnVjS%2BanpuN8P%2BDy0%3D");
        check(FORM, Some("the-session-token"), "vC2JpJCDGr%2B37Jlc4OjSlmKqiadFsSDgIobaQZk29pE%3D");
    }

    #[test]
    fn a_body_without_a_form_is_rejected() {
        let mut request = Request::new(Method::GET, Url::parse("https://localhost/").expect("a URL"));
        let error = sign(&mut request, &Credentials::new("a", "b"), SystemTime::UNIX_EPOCH).expect_err("no form");
        assert_eq!(error.kind(), ErrorKind::Signing);
    }
}
