//! Error responses of the JSON protocols, and of proxies that respond in a service's place. Knows no request and no
//! output.

use http::HeaderMap;

use super::{ErrorInfo, ResponseParts, strip_namespace};
use crate::codec::json;

/// How many bytes of a body that is not JSON become the error message. Our choice: enough to recognize a proxy's text;
/// the error's response has all of it.
const MAX_MESSAGE: usize = 1024;

/// Which code is used if the response has several.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CodePrecedence {
    /// `__type` before the header, as in the JSON protocols.
    TypeFirst,
    /// The header and `code` before `__type`, as in rest-json, where `__type` can be that of a wrapper.
    TypeLast,
}

/// Reads an error response. An empty body and HTML give no message; any other body that is not JSON is the message.
pub(super) fn error_info(response: ResponseParts<'_>, precedence: CodePrecedence) -> ErrorInfo {
    let names = ["__type", "code", "Code", "message", "Message", "errorMessage", "error_description"];
    let Some(found) = json::fields(response.body, names) else {
        let mut info = ErrorInfo { message: raw_message(response.body), ..ErrorInfo::default() };
        info.code = header(response.headers, "x-amzn-errortype").map(strip_namespace).unwrap_or_default();
        return info.with_query_error(response.headers);
    };
    let [type_code, code, capital_code, message, capital_message, error_message, oauth_message] = found;
    let header_code = header(response.headers, "x-amzn-errortype").map(str::to_owned);
    let candidates = match precedence {
        CodePrecedence::TypeFirst => [type_code, header_code, code, capital_code],
        CodePrecedence::TypeLast => [header_code, code, capital_code, type_code],
    };
    let code = candidates.iter().flatten().map(|it| strip_namespace(it)).find(|it| !it.is_empty()).unwrap_or_default();
    // OAuth 2 services use its field name, `error_description`.
    let message = message.or(capital_message).or(error_message).or(oauth_message).unwrap_or_default();
    ErrorInfo { code, message, ..ErrorInfo::default() }.with_query_error(response.headers)
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The message of a body that is not JSON; empty for an HTML page, such as a proxy's.
fn raw_message(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(MAX_MESSAGE)]);
    let text = text.trim();
    let starts = |prefix: &str| text.get(..prefix.len()).is_some_and(|it| it.eq_ignore_ascii_case(prefix));
    if starts("<html") || starts("<!doctype html") { String::new() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(precedence: CodePrecedence, headers: &[(&'static str, &'static str)], body: &[u8]) -> ErrorInfo {
        let headers =
            headers.iter().map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")));
        let (headers, body) = (headers.collect(), body.to_vec().into());
        error_info(ResponseParts { status: 400, headers: &headers, body: &body }, precedence)
    }

    #[test]
    fn codes_and_messages_are_read_from_header_and_body() {
        let check = |headers: &[(&'static str, &'static str)], body: &str, json: &str, rest: &str, message: &str| {
            let (json_found, rest_found) = (
                parse(CodePrecedence::TypeFirst, headers, body.as_bytes()),
                parse(CodePrecedence::TypeLast, headers, body.as_bytes()),
            );
            assert_eq!((&*json_found.code, &*rest_found.code), (json, rest), "{headers:?} {body}");
            assert_eq!((&*json_found.message, &*rest_found.message), (message, message), "{headers:?} {body}");
        };
        let header = [("x-amzn-errortype", "H")];
        check(&[], r#"{"__type":"com.amazonaws.dynamodb.v20120810#A","message":"m"}"#, "A", "A", "m");
        check(&[], r#"{"__type":"A:http://internal.amazon.com/x#y/","Message":"m"}"#, "A", "A", "m");
        check(&[], r#"{"__type":"A","code":"B","Code":"C","errorMessage":"m"}"#, "A", "B", "m");
        check(&[], r#"{"Code":"ns#C:u","Message":"M","message":"m"}"#, "C", "C", "m");
        check(&[], r#"{"code":"C","error_description":"d"}"#, "C", "C", "d");
        check(&[], r#"{"code":"C","error_description":"d","message":"m"}"#, "C", "C", "m");
        check(&[], r#"{"code":404}"#, "404", "404", "");
        check(&[("x-amzn-errortype", "ns#H:http://u")], r#"{"message":"m"}"#, "H", "H", "m");
        check(&header, r#"{"code":"B","message":"m"}"#, "H", "H", "m");
        check(&header, r#"{"__type":"A"}"#, "A", "H", "");
        check(&header, "", "H", "H", "");
        check(&[], r#"{"__type":{"a":1},"message":[]}"#, "", "", "");
        // Bodies that are not JSON objects.
        check(&[], "", "", "", "");
        check(&[], " Bad gateway\n", "", "", "Bad gateway");
        check(&[], "{\"message\":\"m\"", "", "", "{\"message\":\"m\"");
        check(&[], "<A><Message>no</Message></A>", "", "", "<A><Message>no</Message></A>");
        check(&header, "<html><body>Service Unavailable</body></html>", "H", "H", "");
        check(&[], "\r\n<!DOCTYPE html><html></html>", "", "", "");
        let long = parse(CodePrecedence::TypeFirst, &[], "é".repeat(1_000_000).as_bytes());
        assert!(long.message.len() <= 2 * MAX_MESSAGE, "{}", long.message.len());
        assert_eq!(parse(CodePrecedence::TypeFirst, &[], b"\xFF").message, "\u{FFFD}");
    }

    #[test]
    fn the_query_error_header_replaces_the_code() {
        let check = |header: &'static str, code: &str, shape: Option<&str>| {
            let body = br#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"m"}"#;
            let found = parse(CodePrecedence::TypeFirst, &[("x-amzn-query-error", header)], body);
            assert_eq!((&*found.code, found.shape_code.as_deref()), (code, shape), "{header}");
            assert!(found.has_code("QueueDoesNotExist") && found.has_code(code) && !found.has_code("Other"));
        };
        check(
            "AWS.SimpleQueueService.NonExistentQueue;Sender",
            "AWS.SimpleQueueService.NonExistentQueue",
            Some("QueueDoesNotExist"),
        );
        for malformed in ["", ";Sender", "Code", "Code;Sender;more"] {
            check(malformed, "QueueDoesNotExist", None);
        }
    }
}
