//! Calls of every operation without its crate: a request built from a sample equals the one of the tests' own writer, a
//! response of that writer parses to the sample's values, an exception is recognized by its code, and broken responses
//! never panic.

use std::panic::{AssertUnwindSafe, catch_unwind};

use aws_core::Bytes;
use aws_core::internals::operation::Auth;
use aws_core::internals::protocol::{
    RequestParts, ResponseParts, WrittenError, WrittenResponse, write_error, write_output,
};
use aws_core::internals::schema::dynamic::{self, view};
use aws_core::internals::schema::validate::validate;
use aws_core::internals::schema::{Kind as Shape, Location, StructureView};
use codegen::ir;
use codegen::model::{self, Models};
use serde_json::{Value, json};
use tests::dynamic::{Operation, Service};
use tests::sample::Sampler;
use tests::wire::{RequestBody, WireResponse, WireWriter};
use tests::{cbor, values, xml};

/// The auth schemes of signed requests that the runtime has.
pub(super) const SIGNED: [&str; 3] = ["sigv4", "sigv4a", "sigv4-s3express"];

/// How many broken copies of a response are parsed. Our choice: it bounds the time of the test.
const BROKEN_COPIES: usize = 4;
/// Of responses above this size, in bytes, only one copy is parsed.
const LARGE: usize = 20_000;

/// Cases whose model gives two members the same wire name, so that no response can contain both values of the sample.
pub(super) const AMBIGUOUS: &[(&str, &str)] = &[
    ("s3 GetBucketNotification response", "`Event` is a deprecated single event and a flattened list"),
    ("s3 GetObject response", "`Expires` and `ExpiresString` read one header"),
    ("s3 GetObject written response", "`Expires` and `ExpiresString` are one header"),
    ("s3 HeadObject response", "`Expires` and `ExpiresString` read one header"),
    ("s3 HeadObject written response", "`Expires` and `ExpiresString` are one header"),
];

/// How many checks passed, and what failed.
#[derive(Default)]
pub(super) struct Calls {
    pub(super) requests: usize,
    pub(super) responses: usize,
    pub(super) errors: usize,
    pub(super) broken: usize,
    /// Responses and errors that the runtime wrote, as stubs do.
    pub(super) written: usize,
    /// The cases of [`AMBIGUOUS`] that failed.
    pub(super) ambiguous: Vec<String>,
    pub(super) failures: Vec<String>,
}

/// Checks every operation of a service; `krate` was resolved from `models`.
pub(super) fn check_all(models: &Models, krate: &ir::Crate) -> Calls {
    let mut calls = Calls::default();
    let Some(writer) = WireWriter::new(&models.service) else {
        calls.failures.push(format!("{}: no known protocol", models.name));
        return calls;
    };
    let service = Service::from_crate(krate);
    let (mut inputs, mut outputs) = (Sampler::new(&models.service), Sampler::new(&models.service));
    for (name, operation) in &service.operations {
        let model = &models.service.operations[name];
        let mut run =
            |what: &str, count: fn(&mut Calls) -> &mut usize, case: &mut dyn FnMut() -> Result<usize, String>| {
                let why = match catch_unwind(AssertUnwindSafe(case)) {
                    Ok(Ok(passed)) => return *count(&mut calls) += passed,
                    Ok(Err(why)) => why,
                    Err(_) => "panicked".to_owned(),
                };
                let case = format!("{} {name} {what}", models.name);
                match AMBIGUOUS.iter().any(|(name, _)| *name == case) {
                    true => calls.ambiguous.push(case),
                    false => calls.failures.push(format!("{case}: {why}")),
                }
            };
        run("request", |it| &mut it.requests, &mut || check_request(&service, operation, model, &writer, &mut inputs));
        let mut wire = None;
        run("response", |it| &mut it.responses, &mut || {
            let output = model.output.as_ref().map_or_else(|| json!({}), |it| outputs.structure(&it.shape));
            let written = wire.insert(writer.response(name, &output));
            let members = operation.parse(service.protocol, response_parts(written, &written.body.clone().into()))?;
            let found = view(&members, operation.plan.output);
            values::compare(found, &output).map_err(|why| format!("{why}\n{}", display(written)))?;
            Ok(1)
        });
        run("written response", |it| &mut it.written, &mut || {
            let output = model.output.as_ref().map_or_else(|| json!({}), |it| outputs.structure(&it.shape));
            check_written(&service, operation, &output)
        });
        for error in &model.errors {
            run("written error", |it| &mut it.written, &mut || {
                check_written_error(&service, operation, krate, &error.shape, &mut outputs)
            });
            run("error", |it| &mut it.errors, &mut || {
                check_exception(&service, operation, krate, &error.shape, &writer, &mut outputs)
            });
        }
        if let Some(wire) = &wire {
            run("broken response", |it| &mut it.broken, &mut || Ok(parse_broken(&service, operation, wire)));
        }
    }
    calls
}

fn response_parts<'a>(wire: &'a WireResponse, body: &'a Bytes) -> ResponseParts<'a> {
    ResponseParts { status: wire.status, headers: &wire.headers, body }
}

fn display(wire: &WireResponse) -> String {
    let body: String = String::from_utf8_lossy(&wire.body).chars().take(1500).collect();
    format!("  {} {:?} {body}", wire.status, wire.headers)
}

fn check_request(
    service: &Service,
    operation: &Operation,
    model: &model::Operation,
    writer: &WireWriter<'_>,
    sampler: &mut Sampler<'_>,
) -> Result<usize, String> {
    let plan = operation.plan;
    let named = match plan.auth {
        Auth::Other(name) => vec![name],
        _ => plan.schemes.to_vec(),
    };
    if !named.iter().any(|it| SIGNED.contains(it)) {
        return Err(format!("none of the auth schemes {named:?} is supported"));
    }
    let sample = model.input.as_ref().map_or_else(|| json!({}), |it| sampler.structure(&it.shape));
    let members = values::structure(&sample, plan.input)?;
    let input = view(&members, plan.input);
    // An event stream has no value in the sample, so validation reports it as missing.
    let stream =
        plan.input.payload.map(|it| &plan.input.members[it]).filter(|it| matches!(it.node.kind, Shape::Events(_)));
    let missing =
        stream.map(|it| format!("Parameter validation failed:\nMissing required parameter in input: {:?}", it.name));
    match validate(input, true) {
        Err(error) if missing.is_none_or(|it| it != error.to_string()) => return Err(error.to_string()),
        _ => {}
    }
    let parts = service.protocol.serialize(plan, input).map_err(|it| it.to_string())?;
    check_head(&parts, input)?;
    let expect = writer.request(plan.name, &sample);
    check_body(&parts, expect).map_err(|why| {
        let body = parts.body.as_ref().map(|it| String::from_utf8_lossy(it).chars().take(1500).collect::<String>());
        format!("{why}\n  {body:?}")
    })?;
    Ok(1)
}

/// Checks that path, query and headers have the members of the input that belong there.
fn check_head(parts: &RequestParts, input: StructureView<'_>) -> Result<(), String> {
    if !parts.path.starts_with('/') || parts.path.contains(['{', '}', ' ', '?', '#']) {
        return Err(format!("invalid path {:?}", parts.path));
    }
    let names: Vec<&str> = parts.query.split('&').map(|pair| pair.split_once('=').map_or(pair, |it| it.0)).collect();
    for (member, _) in input.members() {
        let is_sent = match member.location {
            Location::Header => parts.headers.contains_key(member.wire),
            Location::PrefixHeaders => {
                parts.headers.keys().any(|it| it.as_str().starts_with(&member.wire.to_lowercase()))
            }
            // The keys of a map are the names of the parameters.
            Location::Query => {
                matches!(member.node.kind, Shape::Map(_)) && !parts.query.is_empty()
                    || names.iter().any(|it| matches_name(it, member.wire))
            }
            _ => true,
        };
        if !is_sent {
            return Err(format!("{} is not sent: {} {:?}", member.name, parts.query, parts.headers));
        }
    }
    Ok(())
}

/// Whether a query parameter can have this name. If it is percent-encoded, only the number of letters and digits
/// counts.
fn matches_name(encoded: &str, name: &str) -> bool {
    let letters = |it: &str| it.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    encoded == name || encoded.contains('%') && letters(name).len() <= letters(encoded).len()
}

/// Checks that the body equals the writer's.
fn check_body(parts: &RequestParts, expect: Option<RequestBody>) -> Result<(), String> {
    let bytes = parts.body.as_deref().unwrap_or_default();
    let text = || std::str::from_utf8(bytes).map_err(|it| it.to_string());
    match expect {
        None => Ok(()),
        // An input without members for the body sends none.
        Some(RequestBody::Json(expect)) if bytes.is_empty() && expect == json!({}) => Ok(()),
        Some(RequestBody::Json(expect)) => {
            let found = serde_json::from_slice(bytes).map_err(|it| it.to_string())?;
            compare_json(&found, &expect)
        }
        Some(RequestBody::Cbor(expect)) if bytes.is_empty() && expect == [0xa0] => Ok(()),
        Some(RequestBody::Cbor(expect)) => match cbor::parse(bytes)?.widened() == cbor::parse(&expect)?.widened() {
            true => Ok(()),
            false => Err("the CBOR values differ".to_owned()),
        },
        Some(RequestBody::Xml(expect)) => {
            let expected = xml::parse(&without_namespaces(&expect)).ok_or("the writer wrote no XML")?;
            match xml::parse(&without_namespaces(text()?)) {
                Some(found) if found == expected => Ok(()),
                None if bytes.is_empty() && expect.lines().count() == 2 && expect.contains("></") => Ok(()),
                _ => Err(format!("expected {expect}")),
            }
        }
        Some(RequestBody::Form(mut expect)) => {
            let mut found = text()?.split('&').map(pair).collect::<Result<Vec<_>, _>>()?;
            expect.sort();
            found.sort();
            let only_in_first = |a: &[(String, String)], b: &[(String, String)]| {
                a.iter().filter(|it| !b.contains(it)).map(|it| format!("{}={}", it.0, it.1)).collect::<Vec<_>>()
            };
            match found == expect {
                true => Ok(()),
                false => Err(format!(
                    "only sent {:?}, only expected {:?}",
                    only_in_first(&found, &expect),
                    only_in_first(&expect, &found)
                )),
            }
        }
    }
}

/// Removes namespace declarations: the conformance suites check them.
fn without_namespaces(text: &str) -> String {
    let mut parts = text.split(" xmlns");
    let mut rest = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // `="…"` or `:prefix="…"`
        rest.push_str(part.splitn(3, '"').nth(2).unwrap_or_default());
    }
    rest
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("{text:?} is not a pair"))?;
    Ok((percent_decode(name)?, percent_decode(value)?))
}

fn percent_decode(text: &str) -> Result<String, String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digits = [rest.next(), rest.next()].map(|digit| digit.and_then(|it| char::from(it).to_digit(16)));
                let [Some(high), Some(low)] = digits else {
                    return Err(format!("invalid percent-encoding in {text:?}"));
                };
                bytes.push((high * 16 + low) as u8);
            }
            b'+' => bytes.push(b' '),
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).map_err(|it| it.to_string())
}

/// Compares JSON; numbers by their values.
fn compare_json(found: &Value, expect: &Value) -> Result<(), String> {
    let equal = match (found, expect) {
        (Value::Object(a), Value::Object(b)) => {
            if let Some(key) = b.keys().find(|it| !a.contains_key(*it)).or(a.keys().find(|it| !b.contains_key(*it))) {
                return Err(format!("{key} is on one side only"));
            }
            return a.iter().try_for_each(|(key, it)| compare_json(it, &b[key]).map_err(|why| format!("{key}: {why}")));
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            return a.iter().zip(b).try_for_each(|(a, b)| compare_json(a, b));
        }
        (Value::Number(a), Value::Number(b)) => {
            a.as_f64().zip(b.as_f64()).is_some_and(|(a, b)| a == b || a as f32 == b as f32)
        }
        (a, b) => a == b,
    };
    if equal { Ok(()) } else { Err(format!("{found}, expected {expect}")) }
}

/// Writes an output as a stub does, and parses it.
fn check_written(service: &Service, operation: &Operation, output: &Value) -> Result<usize, String> {
    let plan = operation.plan;
    let members = values::structure(output, plan.output)?;
    let mut wire = written(write_output(service.protocol, plan, view(&members, plan.output)))?;
    if let Some(stream) = plan.output.payload.map(|it| &plan.output.members[it])
        && matches!(stream.node.kind, Shape::Stream)
    {
        wire.body = output[stream.name].as_str().unwrap_or_default().as_bytes().to_vec();
    }
    let with_response = |why: String| format!("{why}\n{}", display(&wire));
    let found = operation.parse(service.protocol, response_parts(&wire, &wire.body.clone().into()));
    values::compare(view(&found.map_err(with_response)?, plan.output), output).map_err(with_response)?;
    Ok(1)
}

fn written(written: aws_core::Result<WrittenResponse>) -> Result<WireResponse, String> {
    let WrittenResponse { status, headers, body } = written.map_err(|it| it.to_string())?;
    Ok(WireResponse { status, headers, body: body.to_vec() })
}

/// An exception as a stub writes it.
pub(super) struct WrittenException {
    pub(super) code: String,
    pub(super) message: String,
    pub(super) members: Value,
    pub(super) shape: &'static aws_core::internals::schema::Shape,
    pub(super) wire: WireResponse,
}

/// Writes a sample of an exception as a stub does; `None` for one that the operation cannot return with a body.
pub(super) fn write_exception(
    service: &Service,
    operation: &Operation,
    krate: &ir::Crate,
    shape: &str,
    sampler: &mut Sampler<'_>,
) -> Result<Option<WrittenException>, String> {
    // A HEAD request's response has no body.
    let Some(error) = krate.errors.iter().find(|it| it.name == shape && operation.plan.method != "HEAD") else {
        return Ok(None);
    };
    let name = format!("error {}", error.ty);
    let Some((code, shape)) = operation.errors.iter().find(|(_, it)| it.name == name) else { return Ok(None) };
    let mut sample = sampler.structure(&error.name);
    // Some services model as a member what every error has anyway: then it is the code.
    for (name, value) in sample.as_object_mut().into_iter().flatten() {
        let is_code = |wire: &str| ["code", "x-amzn-errortype"].iter().any(|it| it.eq_ignore_ascii_case(wire));
        if value.is_string() && shape.member(name).is_some_and(|it| is_code(it.wire)) {
            *value = json!(code);
        }
    }
    let members = values::structure(&sample, shape)?;
    let message = sample.as_object().into_iter().flatten().find(|it| it.0.eq_ignore_ascii_case("message"));
    let message = message.and_then(|it| it.1.as_str()).unwrap_or_default().to_owned();
    let error = WrittenError { code, message: &message, status: None };
    let wire = written(write_error(service.protocol, operation.plan, &error, Some(view(&members, shape))))?;
    Ok(Some(WrittenException { code: code.clone(), message, members: sample, shape, wire }))
}

/// Writes an exception as a stub does, and parses it.
fn check_written_error(
    service: &Service,
    operation: &Operation,
    krate: &ir::Crate,
    shape: &str,
    sampler: &mut Sampler<'_>,
) -> Result<usize, String> {
    let Some(written) = write_exception(service, operation, krate, shape, sampler)? else { return Ok(0) };
    let WrittenException { code, message, members: mut sample, shape, wire } = written;
    let with_response = |why: String| format!("{code}: {why}\n{}", display(&wire));
    let body = wire.body.clone().into();
    let response = response_parts(&wire, &body);
    let info = service.protocol.error_info(response);
    // Without a member for it, another one may be the message, such as `error_description`.
    if info.code != code || info.message != message && !message.is_empty() {
        return Err(with_response(format!("{info:?}")));
    }
    let mut members = Vec::new();
    let mut out = dynamic::fill(&mut members, shape);
    service.protocol.parse_exception(response, out.reborrow()).map_err(|it| with_response(it.to_string()))?;
    // The message is that of every error, compared above: XML has it as `Message`, whatever the model says.
    let is_left_out = |name: &str| {
        name.eq_ignore_ascii_case("message")
            && out.view().get(out.view().shape().member(name).expect("a member")).is_none()
    };
    if let Some(members) = sample.as_object_mut() {
        members.retain(|name, _| !is_left_out(name));
    }
    values::compare(out.view(), &sample).map_err(with_response)?;
    Ok(1)
}

fn check_exception(
    service: &Service,
    operation: &Operation,
    krate: &ir::Crate,
    shape: &str,
    writer: &WireWriter<'_>,
    sampler: &mut Sampler<'_>,
) -> Result<usize, String> {
    let sample = sampler.structure(shape);
    let (wire, code, expect) = writer.error(shape, &sample);
    let with_response = |why: String| format!("{shape}: {why}\n{}", display(&wire));
    let body = wire.body.clone().into();
    let response = response_parts(&wire, &body);
    let info = service.protocol.error_info(response);
    if info.code != code {
        return Err(with_response(format!("the code {:?}, expected {code:?}", info.code)));
    }
    let error = krate
        .errors
        .iter()
        .find(|it| it.name == shape)
        .ok_or_else(|| with_response("not an error of the crate".to_owned()))?;
    let is_recognized = error.code.as_ref().is_some_and(|it| *it == info.code || Some(it) == info.shape_code.as_ref());
    let name = format!("error {}", error.ty);
    let found = operation.errors.iter().find(|(_, it)| it.name == name);
    let Some((_, shape)) = found.filter(|_| is_recognized) else {
        return Err(with_response(format!("the code {:?} does not match {info:?}", error.code)));
    };
    let mut members = Vec::new();
    let mut out = dynamic::fill(&mut members, shape);
    service.protocol.parse_exception(response, out.reborrow()).map_err(|it| with_response(it.to_string()))?;
    values::compare(out.view(), &expect).map_err(with_response)?;
    Ok(1)
}

/// Parses broken copies of a response, to see that nothing panics or hangs; returns how many.
fn parse_broken(service: &Service, operation: &Operation, wire: &WireResponse) -> usize {
    let mut random = Random::new(operation.plan.name);
    let count = if wire.body.is_empty() {
        0
    } else if wire.body.len() > LARGE {
        1
    } else {
        BROKEN_COPIES
    };
    for _ in 0..count {
        let mut body = wire.body.clone();
        for _ in 0..=random.below(3) {
            let (at, other) = (random.below(body.len()), random.below(body.len()));
            match random.below(5) {
                0 => body.truncate(at.max(1)),
                1 => body[at] ^= 1 << random.below(8),
                2 => body.swap(at, other),
                3 => body[at] = random.below(256) as u8,
                _ => body.copy_within(at.min(other)..at.max(other), 0),
            }
        }
        let body = body.into();
        let response = response_parts(wire, &body);
        let _ = operation.parse(service.protocol, response);
        let _ = service.protocol.error_info(response);
        if let Some((_, shape)) = operation.errors.first() {
            let mut members = Vec::new();
            let _ = service.protocol.parse_exception(response, dynamic::fill(&mut members, shape));
        }
    }
    count
}

/// A pseudo-random number generator (splitmix64), the same numbers in every run.
struct Random(u64);

impl Random {
    fn new(seed: &str) -> Self {
        Self(
            seed.bytes()
                .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)),
        )
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit.max(1) as u64) as usize
    }
}
