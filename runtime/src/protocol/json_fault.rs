//! Errors of the protocols that answer in JSON, and what is left to tell when something in between answers in their
//! place. Knows no request and no output.

use http::HeaderMap;

use super::{Answer, Fault, bare};
use crate::codec::json;

/// More of a body that is no JSON does not go into a message; all of it is in the error's response.
const MAX_MESSAGE: usize = 1024;

/// Which code counts when the body names several.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Codes {
    /// The type, as the JSON protocols have it.
    TypeFirst,
    /// Header and `code`, as rest-json has it: there a type may be that of a wrapper.
    TypeLast,
}

/// What an error answer says. An empty body and HTML say nothing; any other body that is no JSON is the message.
pub(super) fn fault(answer: Answer<'_>, codes: Codes) -> Fault {
    let names = ["__type", "code", "Code", "message", "Message", "errorMessage", "error_description"];
    let Some(found) = json::fields(answer.body, names) else {
        let mut fault = Fault { message: unread(answer.body), ..Fault::default() };
        fault.code = header(answer.headers, "x-amzn-errortype").map(bare).unwrap_or_default();
        return fault.with_query_error(answer.headers);
    };
    let [by_type, code, other_code, message, other_message, error_message, oauth] = found;
    let by_header = header(answer.headers, "x-amzn-errortype").map(str::to_owned);
    let candidates = match codes {
        Codes::TypeFirst => [by_type, by_header, code, other_code],
        Codes::TypeLast => [by_header, code, other_code, by_type],
    };
    let code = candidates.iter().flatten().map(|it| bare(it)).find(|it| !it.is_empty()).unwrap_or_default();
    // Services of OAuth 2 keep to its words.
    let message = message.or(other_message).or(error_message).or(oauth).unwrap_or_default();
    Fault { code, message, ..Fault::default() }.with_query_error(answer.headers)
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The message that a body in another language gives: none for a page that a proxy made for people.
fn unread(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(MAX_MESSAGE)]);
    let text = text.trim();
    let starts = |prefix: &str| text.get(..prefix.len()).is_some_and(|it| it.eq_ignore_ascii_case(prefix));
    if starts("<html") || starts("<!doctype html") { String::new() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(codes: Codes, headers: &[(&'static str, &'static str)], body: &[u8]) -> Fault {
        let headers =
            headers.iter().map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")));
        let (headers, body) = (headers.collect(), body.to_vec().into());
        fault(Answer { status: 400, headers: &headers, body: &body }, codes)
    }

    #[test]
    fn codes_and_messages() {
        let check = |headers: &[(&'static str, &'static str)], body: &str, json: &str, rest: &str, message: &str| {
            let (json_found, rest_found) =
                (told(Codes::TypeFirst, headers, body.as_bytes()), told(Codes::TypeLast, headers, body.as_bytes()));
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
        // What is no JSON object.
        check(&[], "", "", "", "");
        check(&[], " Bad gateway\n", "", "", "Bad gateway");
        check(&[], "{\"message\":\"m\"", "", "", "{\"message\":\"m\"");
        check(&[], "<A><Message>no</Message></A>", "", "", "<A><Message>no</Message></A>");
        check(&header, "<html><body>Service Unavailable</body></html>", "H", "H", "");
        check(&[], "\r\n<!DOCTYPE html><html></html>", "", "", "");
        let long = told(Codes::TypeFirst, &[], "é".repeat(1_000_000).as_bytes());
        assert!(long.message.len() <= 2 * MAX_MESSAGE, "{}", long.message.len());
        assert_eq!(told(Codes::TypeFirst, &[], b"\xFF").message, "\u{FFFD}");
    }

    #[test]
    fn services_that_once_spoke_query() {
        let check = |told_code: &'static str, code: &str, shape: Option<&str>| {
            let body = br#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"m"}"#;
            let found = told(Codes::TypeFirst, &[("x-amzn-query-error", told_code)], body);
            assert_eq!((&*found.code, found.shape_code.as_deref()), (code, shape), "{told_code}");
            assert!(found.is("QueueDoesNotExist") && found.is(code) && !found.is("Other"));
        };
        check(
            "AWS.SimpleQueueService.NonExistentQueue;Sender",
            "AWS.SimpleQueueService.NonExistentQueue",
            Some("QueueDoesNotExist"),
        );
        for odd in ["", ";Sender", "Code", "Code;Sender;more"] {
            check(odd, "QueueDoesNotExist", None);
        }
    }
}
