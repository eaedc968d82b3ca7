//! Values and errors from responses.

use aws_core::internals::protocol::ResponseParts;
use aws_core::internals::schema::dynamic;
use serde_json::Value;
use tests::dynamic::{Operation, Service};
use tests::suite::Outcome;
use tests::values;

use super::{Case, bodies, equal};

pub(super) fn check(case: &Case<'_>) -> Outcome {
    let &Case { protocol, service, operation, case, .. } = case;
    let response = &case["response"];
    let mut headers = aws_core::http::HeaderMap::new();
    for (name, value) in response["headers"].as_object().into_iter().flatten() {
        let name: aws_core::http::HeaderName = name.parse().map_err(|_| "invalid header name")?;
        let value = value.as_str().unwrap_or_default().parse().map_err(|_| "invalid header value")?;
        headers.append(name, value);
    }
    let body = bodies::response_body(protocol, response["body"].as_str())?.into();
    let status = response["status_code"].as_u64().and_then(|it| it.try_into().ok()).ok_or("no status")?;
    let response = ResponseParts { status, headers: &headers, body: &body };
    if case.get("error").is_some() || case.get("errorCode").is_some() {
        return check_error(service, operation, response, case);
    }
    let members = operation.parse(service.protocol, response)?;
    let found = dynamic::view(&members, operation.plan.output);
    values::compare(found, case.get("result").unwrap_or(&serde_json::json!({})))
}

fn check_error(service: &Service, operation: &Operation, response: ResponseParts<'_>, case: &Value) -> Outcome {
    let error = service.protocol.error_info(response);
    equal("code", &error.code, Some(case["errorCode"].as_str().unwrap_or_default()))?;
    equal("message", &error.message, Some(case["errorMessage"].as_str().unwrap_or_default()))?;
    let Some((_, shape)) =
        operation.errors.iter().find(|(code, _)| *code == error.code || error.shape_code.as_ref() == Some(code))
    else {
        return match case["error"].as_object().is_none_or(|it| it.is_empty()) {
            true => Ok(()),
            false => Err(format!("no error shape has the code {:?}", error.code)),
        };
    };
    let mut members = Vec::new();
    let mut out = dynamic::fill(&mut members, shape);
    service.protocol.parse_exception(response, out.reborrow()).map_err(|it| it.to_string())?;
    values::compare(out.view(), case.get("error").unwrap_or(&serde_json::json!({})))
}
