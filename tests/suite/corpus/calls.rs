//! Calls of every operation without its crate: a request is made of a sample, an answer that a writer of the tests made of a
//! sample comes back as the same values, an exception is known by its code, and what is broken on the way gives an error.

use std::panic::{AssertUnwindSafe, catch_unwind};

use aws_core::Bytes;
use aws_core::operation::Auth;
use aws_core::protocol::{Answer, Parts};
use aws_core::schema::dynamic::{self, view};
use aws_core::schema::validate::validate;
use aws_core::schema::{Kind as Shape, Location, StructureView};
use codegen::ir;
use codegen::model::{self, Models};
use serde_json::{Value, json};
use tests::dynamic::{Operation, Service};
use tests::sample::Sampler;
use tests::wire::{Sent, Wire, Writer};
use tests::{cbor, values, xml};

/// How many broken copies of an answer are read.
const BROKEN: usize = 4;
/// Of larger answers only one is.
const LARGE: usize = 20_000;

/// Cases whose model gives two members one place on the wire, so that no answer can hold both as the sample has them.
pub(super) const AMBIGUOUS: &[(&str, &str)] = &[
    ("s3 GetBucketNotification answer", "`Event` is the one event of old and a flattened list"),
    ("s3 GetObject answer", "`Expires` and `ExpiresString` read one header"),
    ("s3 HeadObject answer", "`Expires` and `ExpiresString` read one header"),
];

/// What was done, and what went wrong.
#[derive(Default)]
pub(super) struct Calls {
    pub(super) requests: usize,
    pub(super) answers: usize,
    pub(super) errors: usize,
    pub(super) broken: usize,
    /// Those of [`AMBIGUOUS`] that failed.
    pub(super) ambiguous: Vec<String>,
    pub(super) failures: Vec<String>,
}

/// Calls every operation of a service; the models are those the crate was made of.
pub(super) fn all(models: &Models, krate: &ir::Crate) -> Calls {
    let mut calls = Calls::default();
    let Some(writer) = Writer::new(&models.service) else {
        calls.failures.push(format!("{}: no known protocol", models.name));
        return calls;
    };
    let service = Service::of_crate(krate);
    let (mut sent, mut received) = (Sampler::new(&models.service), Sampler::new(&models.service));
    for (name, operation) in &service.operations {
        let model = &models.service.operations[name];
        let mut run =
            |what: &str, count: fn(&mut Calls) -> &mut usize, case: &mut dyn FnMut() -> Result<usize, String>| {
                let why = match catch_unwind(AssertUnwindSafe(case)) {
                    Ok(Ok(done)) => return *count(&mut calls) += done,
                    Ok(Err(why)) => why,
                    Err(_) => "panicked".to_owned(),
                };
                let case = format!("{} {name} {what}", models.name);
                match AMBIGUOUS.iter().any(|(known, _)| *known == case) {
                    true => calls.ambiguous.push(case),
                    false => calls.failures.push(format!("{case}: {why}")),
                }
            };
        run("request", |it| &mut it.requests, &mut || request(&service, operation, model, &writer, &mut sent));
        let mut wire = None;
        run("answer", |it| &mut it.answers, &mut || {
            let output = model.output.as_ref().map_or_else(|| json!({}), |it| received.structure(&it.shape));
            let made = wire.insert(writer.answer(name, &output));
            let members = operation.parse(service.protocol, answer(made, &made.body.clone().into()))?;
            let found = view(&members, operation.plan.output);
            values::compare(found, &output).map_err(|why| format!("{why}\n{}", shown(made)))?;
            Ok(1)
        });
        for error in &model.errors {
            run("error", |it| &mut it.errors, &mut || {
                exception(&service, operation, krate, &error.shape, &writer, &mut received)
            });
        }
        if let Some(wire) = &wire {
            run("broken answer", |it| &mut it.broken, &mut || Ok(broken(&service, operation, wire)));
        }
    }
    calls
}

fn answer<'a>(wire: &'a Wire, body: &'a Bytes) -> Answer<'a> {
    Answer { status: wire.status, headers: &wire.headers, body }
}

fn shown(wire: &Wire) -> String {
    let body: String = String::from_utf8_lossy(&wire.body).chars().take(1500).collect();
    format!("  {} {:?} {body}", wire.status, wire.headers)
}

fn request(
    service: &Service,
    operation: &Operation,
    model: &model::Operation,
    writer: &Writer<'_>,
    sampler: &mut Sampler<'_>,
) -> Result<usize, String> {
    let plan = operation.plan;
    if let Auth::Other(wanted) = plan.auth {
        return Err(format!("it wants to be signed by {wanted}, which nobody can"));
    }
    let sample = model.input.as_ref().map_or_else(|| json!({}), |it| sampler.structure(&it.shape));
    let members = values::structure(&sample, plan.input)?;
    let input = view(&members, plan.input);
    // Events come from a stream, which is no value.
    let stream =
        plan.input.payload.map(|it| &plan.input.members[it]).filter(|it| matches!(it.node.kind, Shape::Events(_)));
    let missing =
        stream.map(|it| format!("Parameter validation failed:\nMissing required parameter in input: {:?}", it.name));
    match validate(input) {
        Err(error) if missing.is_none_or(|it| it != error.to_string()) => return Err(error.to_string()),
        _ => {}
    }
    let parts = service.protocol.serialize(plan, input).map_err(|it| it.to_string())?;
    head(&parts, input)?;
    let expect = writer.request(plan.name, &sample);
    body(&parts, expect).map_err(|why| {
        let body = parts.body.as_ref().map(|it| String::from_utf8_lossy(it).chars().take(1500).collect::<String>());
        format!("{why}\n  {body:?}")
    })?;
    Ok(1)
}

/// Path, query and headers hold what the input has for them.
fn head(parts: &Parts, input: StructureView<'_>) -> Result<(), String> {
    if !parts.path.starts_with('/') || parts.path.contains(['{', '}', ' ', '?', '#']) {
        return Err(format!("the path {:?}", parts.path));
    }
    let names: Vec<&str> = parts.query.split('&').map(|it| it.split_once('=').map_or(it, |it| it.0)).collect();
    for (member, _) in input.members() {
        let there = match member.location {
            Location::Header => parts.headers.contains_key(member.wire),
            Location::PrefixHeaders => {
                parts.headers.keys().any(|it| it.as_str().starts_with(&member.wire.to_lowercase()))
            }
            // A map gives its own names.
            Location::Query => {
                matches!(member.node.kind, Shape::Map(_)) && !parts.query.is_empty()
                    || names.iter().any(|it| same_name(it, member.wire))
            }
            _ => true,
        };
        if !there {
            return Err(format!("{} is not sent: {} {:?}", member.name, parts.query, parts.headers));
        }
    }
    Ok(())
}

fn same_name(encoded: &str, name: &str) -> bool {
    let letters = |it: &str| it.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    encoded == name || encoded.contains('%') && letters(name).len() <= letters(encoded).len()
}

/// The body says what the writer's says.
fn body(parts: &Parts, expect: Option<Sent>) -> Result<(), String> {
    let bytes = parts.body.as_deref().unwrap_or_default();
    let text = || std::str::from_utf8(bytes).map_err(|it| it.to_string());
    match expect {
        None => Ok(()),
        // An input without members in the body has none.
        Some(Sent::Json(expect)) if bytes.is_empty() && expect == json!({}) => Ok(()),
        Some(Sent::Json(expect)) => {
            let found = serde_json::from_slice(bytes).map_err(|it| it.to_string())?;
            same_json(&found, &expect)
        }
        Some(Sent::Cbor(expect)) if bytes.is_empty() && expect == [0xa0] => Ok(()),
        Some(Sent::Cbor(expect)) => match cbor::parse(bytes)?.widened() == cbor::parse(&expect)?.widened() {
            true => Ok(()),
            false => Err("other values".to_owned()),
        },
        Some(Sent::Xml(expect)) => {
            let expected = xml::parse(&without_namespaces(&expect)).ok_or("the writer wrote no XML")?;
            match xml::parse(&without_namespaces(text()?)) {
                Some(found) if found == expected => Ok(()),
                None if bytes.is_empty() && expect.lines().count() == 2 && expect.contains("></") => Ok(()),
                _ => Err(format!("expected {expect}")),
            }
        }
        Some(Sent::Form(mut expect)) => {
            let mut found = text()?.split('&').map(pair).collect::<Result<Vec<_>, _>>()?;
            expect.sort();
            found.sort();
            let differs = |a: &[(String, String)], b: &[(String, String)]| {
                a.iter().filter(|it| !b.contains(it)).map(|it| format!("{}={}", it.0, it.1)).collect::<Vec<_>>()
            };
            match found == expect {
                true => Ok(()),
                false => Err(format!(
                    "only sent {:?}, only expected {:?}",
                    differs(&found, &expect),
                    differs(&expect, &found)
                )),
            }
        }
    }
}

/// Which namespace an element is in, is a matter of the conformance suites.
fn without_namespaces(text: &str) -> String {
    let mut parts = text.split(" xmlns");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // `="…"` or `:prefix="…"`
        kept.push_str(part.splitn(3, '"').nth(2).unwrap_or_default());
    }
    kept
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("{text:?} is no pair"))?;
    Ok((decoded(name)?, decoded(value)?))
}

fn decoded(text: &str) -> Result<String, String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digits = [rest.next(), rest.next()].map(|it| it.and_then(|it| char::from(it).to_digit(16)));
                let [Some(high), Some(low)] = digits else { return Err(format!("{text:?} is not encoded well")) };
                bytes.push((high * 16 + low) as u8);
            }
            b'+' => bytes.push(b' '),
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).map_err(|it| it.to_string())
}

/// Numbers are equal by their values.
fn same_json(found: &Value, expect: &Value) -> Result<(), String> {
    let same = match (found, expect) {
        (Value::Object(a), Value::Object(b)) => {
            if let Some(key) = b.keys().find(|it| !a.contains_key(*it)).or(a.keys().find(|it| !b.contains_key(*it))) {
                return Err(format!("{key} is on one side only"));
            }
            return a.iter().try_for_each(|(key, it)| same_json(it, &b[key]).map_err(|why| format!("{key}: {why}")));
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            return a.iter().zip(b).try_for_each(|(a, b)| same_json(a, b));
        }
        (Value::Number(a), Value::Number(b)) => {
            a.as_f64().zip(b.as_f64()).is_some_and(|(a, b)| a == b || a as f32 == b as f32)
        }
        (a, b) => a == b,
    };
    if same { Ok(()) } else { Err(format!("{found}, expected {expect}")) }
}

fn exception(
    service: &Service,
    operation: &Operation,
    krate: &ir::Crate,
    shape: &str,
    writer: &Writer<'_>,
    sampler: &mut Sampler<'_>,
) -> Result<usize, String> {
    let sample = sampler.structure(shape);
    let (wire, code, expect) = writer.error(shape, &sample);
    let told = |why: String| format!("{shape}: {why}\n{}", shown(&wire));
    let body = wire.body.clone().into();
    let answer = answer(&wire, &body);
    let fault = service.protocol.fault(answer);
    if fault.code != code {
        return Err(told(format!("the code {:?}, expected {code:?}", fault.code)));
    }
    let error =
        krate.errors.iter().find(|it| it.name == shape).ok_or_else(|| told("is no error of the crate".to_owned()))?;
    let known = error.code.as_ref().is_some_and(|it| *it == fault.code || Some(it) == fault.shape_code.as_ref());
    let name = format!("error {}", error.ty);
    let found = operation.errors.iter().find(|(_, it)| it.name == name);
    let Some((_, described)) = found.filter(|_| known) else {
        return Err(told(format!("{:?} is not known by {fault:?}", error.code)));
    };
    let mut members = Vec::new();
    let mut out = dynamic::fill(&mut members, described);
    service.protocol.parse_exception(answer, out.reborrow()).map_err(|it| told(it.to_string()))?;
    values::compare(out.view(), &expect).map_err(told)?;
    Ok(1)
}

/// Reads broken copies of an answer; that nothing panics or hangs is all that is asked.
fn broken(service: &Service, operation: &Operation, wire: &Wire) -> usize {
    let mut random = Random::new(operation.plan.name);
    let count = if wire.body.is_empty() {
        0
    } else if wire.body.len() > LARGE {
        1
    } else {
        BROKEN
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
        let answer = answer(wire, &body);
        let _ = operation.parse(service.protocol, answer);
        let _ = service.protocol.fault(answer);
        if let Some((_, shape)) = operation.errors.first() {
            let mut members = Vec::new();
            let _ = service.protocol.parse_exception(answer, dynamic::fill(&mut members, shape));
        }
    }
    count
}

/// The same numbers in every run (splitmix64).
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
