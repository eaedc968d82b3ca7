//! Errors of the protocols that answer in XML, wherever in a document a service puts them. Knows no request and no output.

use super::{Answer, Fault};
use crate::codec::xml::{Document, Start};
use crate::error::Result;
use crate::schema::StructureMut;

/// What an error answer says. An empty body, a proxy's HTML and whatever else cannot be read say nothing.
pub(super) fn fault(answer: Answer<'_>) -> Fault {
    let read = || -> Result<Fault> {
        let mut document = Document::new(answer.body)?;
        let Some(root) = document.root()? else { return Ok(Fault::default()) };
        let mut fault = Fault::default();
        collect(&mut document, &root, &mut fault, 0)?;
        // Route 53 refuses a batch of changes in an element of the exception's own name.
        let wraps = ["Error", "ErrorResponse", "Response"].contains(&root.name());
        if fault.code.is_empty() && !fault.message.is_empty() && !wraps {
            fault.code = root.name().to_owned();
        }
        Ok(fault)
    };
    let mut fault = read().unwrap_or_default();
    if fault.code.is_empty() {
        // S3's websites tell it to HEAD, whose answers have no body.
        let header = |name| answer.headers.get(name).and_then(|it| it.to_str().ok());
        fault.code = header("x-amz-error-code").unwrap_or_default().to_owned();
        if let Some(message) = header("x-amz-error-message") {
            fault.message = message.to_owned();
        }
    }
    fault
}

/// How much of an answer is looked at for its root.
const START: usize = 1024;

/// Whether a document that came with a good status is S3's `Error`: CopyObject, CompleteMultipartUpload and others answer
/// before they know the outcome.
///
/// # Errors
/// The document is not whole, because S3 sent the beginning and then had nothing to say, or the connection broke.
pub(crate) fn is_error_document(body: &[u8]) -> Result<bool> {
    if body.is_empty() {
        return Ok(false);
    }
    let start = &body[..body.len().min(START)];
    let text = std::str::from_utf8(start).map_or_else(|it| &start[..it.valid_up_to()], |_| start);
    if let Ok(Some(root)) = Document::new(text).and_then(|mut it| it.root()) {
        if root.name() == "Error" {
            return Ok(true);
        }
        // What ends as it should need not be read twice.
        let end = body.trim_ascii_end().strip_suffix(b">").and_then(|it| it.strip_suffix(root.name().as_bytes()));
        if end.is_some_and(|it| it.ends_with(b"</")) {
            return Ok(false);
        }
    }
    let mut document = Document::new(body)?;
    let root = document.some_root()?;
    if root.name() == "Error" {
        return Ok(true);
    }
    document.skip(&root)?;
    document.end()?;
    Ok(false)
}

/// Takes what the children of an element tell. S3 sends `Error` alone, most services inside of `ErrorResponse`, EC2
/// inside of `Response` and `Errors`; the id of the request stands in it or beside it. What comes first counts.
fn collect<'a>(document: &mut Document<'a>, of: &Start<'a>, fault: &mut Fault, depth: usize) -> Result<()> {
    while let Some(child) = document.child(of)? {
        if depth < 2 && ["Error", "Errors", "Messages"].contains(&child.name()) {
            collect(document, &child, fault, depth + 1)?;
            continue;
        }
        let Some(text) = document.leaf(&child)? else { continue };
        let text = text.trim();
        let first = |place: &mut String| {
            if place.is_empty() {
                place.push_str(text);
            }
        };
        let first_of = |place: &mut Option<String>| {
            if place.is_none() && !text.is_empty() {
                *place = Some(text.to_owned());
            }
        };
        match child.name() {
            "Code" => first(&mut fault.code),
            "Message" | "message" => first(&mut fault.message),
            "RequestId" | "RequestID" | "requestId" => first_of(&mut fault.request_id),
            "HostId" => first_of(&mut fault.extended_request_id),
            "Region" => first_of(&mut fault.region),
            _ => {}
        }
    }
    Ok(())
}

/// Fills a modelled exception from the element that holds the error.
pub(super) fn parse_exception(answer: Answer<'_>, out: StructureMut<'_>) -> Result<()> {
    let mut document = Document::new(answer.body)?;
    let Some(root) = document.root()? else { return Ok(()) };
    if root.name() == "Error" {
        return document.structure(&root, out);
    }
    let mut element = root;
    while let Some(child) = document.child_named(&element, |it| it == "Error" || it == "Errors")? {
        if child.name() == "Error" {
            return document.structure(&child, out);
        }
        element = child;
    }
    // No wrapping at all: the root is the exception.
    let mut document = Document::new(answer.body)?;
    let Some(root) = document.root()? else { return Ok(()) };
    document.structure(&root, out)
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::fault;
    use crate::protocol::Answer;

    fn check(body: &str, code: &str, message: &str, request_id: Option<&str>) {
        let (headers, body) = (HeaderMap::new(), body.to_owned().into());
        let found = fault(Answer { status: 400, headers: &headers, body: &body });
        assert_eq!(
            (&*found.code, &*found.message, found.request_id.as_deref()),
            (code, message, request_id),
            "{body:?}"
        );
    }

    #[test]
    fn every_place_of_an_error() {
        let s3 = "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>There is none.</Message><RequestId>r</RequestId></Error>";
        check(s3, "NoSuchKey", "There is none.", Some("r"));
        let query = "<ErrorResponse xmlns=\"u\"><Error><Type>Sender</Type><Code>\n Throttling </Code><Message>a &amp; b</Message><Detail/>\
                     </Error><RequestId>r</RequestId></ErrorResponse>";
        check(query, "Throttling", "a & b", Some("r"));
        let ec2 = "<Response><Errors><Error><Code>A</Code><Message>m</Message></Error><Error><Code>B</Code></Error></Errors>\
                   <RequestID>r</RequestID></Response>";
        check(ec2, "A", "m", Some("r"));
        check("<Error><Errors><Code>A</Code></Errors><requestId/></Error>", "A", "", None);
        check("<Error><message>m</message></Error>", "", "m", None);
        let batch = "<InvalidChangeBatch><Messages><Message>x</Message><Message>y</Message></Messages><RequestId>r</RequestId>\
                     </InvalidChangeBatch>";
        check(batch, "InvalidChangeBatch", "x", Some("r"));
    }

    #[test]
    fn bodies_that_are_no_error() {
        for body in [
            "",
            "  ",
            "Bad gateway",
            "<html><head><title>502</title></head><body><h1>Bad gateway</h1></body></html>",
            "<html><body><hr></body></html>",
            "{\"message\":\"m\"}",
            "<Error><Code>A</Code>",
            "<Error/>",
            "<Response><Errors/></Response>",
        ] {
            check(body, "", "", None);
        }
        let deep = "<Error>".repeat(100_000) + &"</Error>".repeat(100_000);
        check(&deep, "", "", None);
    }
}
