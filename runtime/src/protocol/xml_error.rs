//! Error responses of the XML protocols, at every position in the document where services put them. Knows no request
//! and no output.

use super::{ErrorInfo, ResponseParts};
use crate::codec::xml::{self, Document, Start};
use crate::error::Result;
use crate::schema::StructureMut;

/// Reads an error response. An empty body, a proxy's HTML and anything else that cannot be read give an empty
/// [`ErrorInfo`].
pub(super) fn error_info(response: ResponseParts<'_>) -> ErrorInfo {
    let read = || -> Result<ErrorInfo> {
        let text = xml::text(response.body);
        let mut document = Document::new(&text);
        let Some(root) = document.root()? else { return Ok(ErrorInfo::default()) };
        let mut info = ErrorInfo::default();
        collect_fields(&mut document, &root, &mut info, 0)?;
        // Route 53 reports an invalid batch of changes in a root element named for the exception.
        let is_wrapper = ["Error", "ErrorResponse", "Response"].contains(&root.name());
        if info.code.is_empty() && !info.message.is_empty() && !is_wrapper {
            info.code = root.name().to_owned();
        }
        Ok(info)
    };
    let mut info = read().unwrap_or_default();
    if info.code.is_empty() {
        // S3's websites send the error in headers to HEAD, whose responses have no body.
        let header = |name| response.headers.get(name).and_then(|it| it.to_str().ok());
        info.code = header("x-amz-error-code").unwrap_or_default().to_owned();
        if let Some(message) = header("x-amz-error-message") {
            info.message = message.to_owned();
        }
    }
    info
}

/// How many bytes of a response are read to find its root element. Our choice: the XML declaration and the root's start
/// tag fit; if they do not, the whole document is read.
const ROOT_PREFIX: usize = 1024;

/// Whether the body of a successful response is S3's `Error`: CopyObject, CompleteMultipartUpload and others send the
/// status before they know the outcome.
///
/// # Errors
/// The document is incomplete: S3 stopped sending after the beginning, or the connection broke.
pub(crate) fn is_error_document(body: &[u8]) -> Result<bool> {
    if body.is_empty() {
        return Ok(false);
    }
    let start = &body[..body.len().min(ROOT_PREFIX)];
    if let Ok(Some(root)) = Document::new(&xml::text(start)).root() {
        if root.name() == "Error" {
            return Ok(true);
        }
        // A document that ends with the root's end tag is complete: no need to parse it.
        let end = body.trim_ascii_end().strip_suffix(b">").and_then(|it| it.strip_suffix(root.name().as_bytes()));
        if end.is_some_and(|it| it.ends_with(b"</")) {
            return Ok(false);
        }
    }
    let text = xml::text(body);
    let mut document = Document::new(&text);
    let root = document.require_root()?;
    if root.name() == "Error" {
        return Ok(true);
    }
    document.skip(&root)?;
    document.end()?;
    Ok(false)
}

/// Reads the fields of an error from the children of an element. S3 sends `Error` alone, most services inside
/// `ErrorResponse`, EC2 inside `Response` and `Errors`; the request id is in `Error` or beside it. The first value of a
/// field is used.
fn collect_fields<'a>(
    document: &mut Document<'a>,
    parent: &Start<'a>,
    info: &mut ErrorInfo,
    depth: usize,
) -> Result<()> {
    while let Some(child) = document.child(parent)? {
        if depth < 2 && ["Error", "Errors", "Messages"].contains(&child.name()) {
            collect_fields(document, &child, info, depth + 1)?;
            continue;
        }
        let Some(text) = document.leaf_text(&child)? else { continue };
        let text = text.trim();
        let set_text = |field: &mut String| {
            if field.is_empty() {
                field.push_str(text);
            }
        };
        let set_option = |field: &mut Option<String>| {
            if field.is_none() && !text.is_empty() {
                *field = Some(text.to_owned());
            }
        };
        match child.name() {
            "Code" => set_text(&mut info.code),
            "Message" | "message" => set_text(&mut info.message),
            "RequestId" | "RequestID" | "requestId" => set_option(&mut info.request_id),
            "HostId" => set_option(&mut info.extended_request_id),
            "Region" => set_option(&mut info.region),
            _ => {}
        }
    }
    Ok(())
}

/// Fills a modelled exception from the element that holds the error.
pub(super) fn parse_exception(response: ResponseParts<'_>, out: StructureMut<'_>) -> Result<()> {
    let text = xml::text(response.body);
    let mut document = Document::new(&text);
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
    // Without any wrapper the root is the exception.
    let mut document = Document::new(&text);
    let Some(root) = document.root()? else { return Ok(()) };
    document.structure(&root, out)
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::error_info;
    use crate::protocol::ResponseParts;

    fn check(body: &str, code: &str, message: &str, request_id: Option<&str>) {
        let (headers, body) = (HeaderMap::new(), body.to_owned().into());
        let found = error_info(ResponseParts { status: 400, headers: &headers, body: &body });
        assert_eq!(
            (&*found.code, &*found.message, found.request_id.as_deref()),
            (code, message, request_id),
            "{body:?}"
        );
    }

    #[test]
    fn errors_are_found_at_every_position() {
        let s3 = "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>The key does not exist.</Message><RequestId>r</RequestId></Error>";
        check(s3, "NoSuchKey", "The key does not exist.", Some("r"));
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
    fn bodies_without_an_error_give_empty_info() {
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
