//! XML responses of real shapes: valid ones parse, and truncated, mangled, mistyped or hostile ones are rejected as
//! malformed, with the member and the position. The random documents are the same in every run.

use aws_core::ErrorKind;
use aws_core::http::HeaderMap;
use aws_core::internals::protocol::ResponseParts;
use aws_core::internals::schema::dynamic::fill;
use aws_core::internals::schema::shape::{Kind, Node};
use aws_core::internals::schema::{Location, Shape};
use codegen::report::Report;
use codegen::source::ModelStore;
use tests::dynamic::{Operation, Service};
use tests::suite::workspace;

/// Services of every XML protocol, with operations that have many kinds of members.
const OPERATIONS: [(&str, &[&str]); 5] = [
    ("s3", &["ListObjectVersions", "GetBucketLifecycleConfiguration", "GetBucketAcl"]),
    ("route53", &["ListResourceRecordSets", "GetHealthCheck"]),
    ("iam", &["GetAccountAuthorizationDetails", "SimulatePrincipalPolicy"]),
    ("sns", &["GetTopicAttributes"]),
    ("ec2", &["DescribeInstances", "DescribeSecurityGroups"]),
];

/// Services of the query protocol, whose output is in a wrapper element.
const WRAPPED: [&str; 2] = ["IAM", "SNS"];

/// The depth of samples; strings may be deeper.
const DEPTH: usize = 5;

/// A document under construction.
struct Sample {
    text: String,
    random: u64,
    /// Of every scalar other than strings and blobs: start, end, and the name of the member.
    scalars: Vec<(usize, usize, &'static str)>,
}

impl Sample {
    fn below(&mut self, limit: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random >> 33).unwrap_or(0) % limit
    }

    fn element(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        self.text += &format!("<{name}>");
        write(self);
        self.text += &format!("</{name}>");
    }

    fn structure(&mut self, shape: &'static Shape, depth: usize) {
        let chosen = if shape.union { Some(self.below(shape.members.len())) } else { None };
        for (index, member) in shape.members.iter().enumerate() {
            let is_element = member.location == Location::Body && !member.attribute && !member.text;
            if is_element && chosen.is_none_or(|it| it == index) && (depth >= DEPTH || self.below(4) > 0) {
                self.member(member.name, member.wire, &member.node, depth);
            }
        }
    }

    fn member(&mut self, name: &'static str, wire: &str, node: &'static Node, depth: usize) {
        match &node.kind {
            Kind::List(list) if list.flat => {
                (0..2).for_each(|_| self.element(wire, |sample| sample.value(name, &list.element, depth)));
            }
            _ => self.element(wire, |it| it.value(name, node, depth)),
        }
    }

    fn value(&mut self, name: &'static str, node: &'static Node, depth: usize) {
        let scalar = match &node.kind {
            Kind::Structure(cell) if depth > 0 => return self.structure(cell.get(), depth - 1),
            Kind::List(list) if depth > 0 => {
                for _ in 0..1 + self.below(2) {
                    self.element(list.wire, |it| it.value(name, &list.element, depth - 1));
                }
                return;
            }
            Kind::Map(map) if depth > 0 => {
                return self.element("entry", |entry| {
                    entry.element(map.key_wire, |key| key.text += "k&#x20;1");
                    entry.element(map.value_wire, |value| value.value(name, &map.value, depth - 1));
                });
            }
            Kind::String | Kind::Enum => {
                let text = ["a &lt; b", "é<![CDATA[<x>]]>", "", "plain"][self.below(4)];
                return self.text += text;
            }
            Kind::Blob => return self.text += "AAEC",
            Kind::Bool => "true",
            Kind::I32 | Kind::I64 => "-42",
            Kind::F32 | Kind::F64 => "0.5",
            Kind::Timestamp(_) => "2026-11-22T16:46:40.000Z",
            _ => return,
        };
        let start = self.text.len();
        self.text += scalar;
        self.scalars.push((start, self.text.len(), name));
    }
}

/// Runs a check for each of [`OPERATIONS`].
fn for_each_operation(mut check: impl FnMut(&Service, &str, &Operation)) {
    let store = ModelStore::open(&workspace().join("models"));
    for (name, operations) in OPERATIONS {
        let source = store.load(name, &mut Report::new()).unwrap_or_else(|| panic!("no model of {name}"));
        let service = Service::from_operations(&source, operations).unwrap_or_else(|it| panic!("{it}"));
        operations.iter().for_each(|it| check(&service, it, &service.operations[*it]));
    }
}

/// A valid response of an operation.
fn sample(service: &Service, operation: &Operation, random: u64) -> Sample {
    let mut sample = Sample { text: "<?xml version=\"1.0\"?>\n".to_owned(), random, scalars: Vec::new() };
    let (name, shape) = (operation.plan.name, operation.plan.output);
    sample.element(&format!("{name}Response"), |root| match WRAPPED.contains(&service.facts.id) {
        true => root.element(&format!("{name}Result"), |result| result.structure(shape, DEPTH)),
        false => root.structure(shape, DEPTH),
    });
    sample
}

/// Parses a response; an error must be of the kind `Parse` and name the position.
fn parse(service: &Service, operation: &Operation, body: Vec<u8>) -> Result<(), String> {
    let (headers, body) = (HeaderMap::new(), body.into());
    let response = ResponseParts { status: 200, headers: &headers, body: &body };
    let mut members = Vec::new();
    let _ = service.protocol.error_info(response);
    let _ = service.protocol.request_id(response);
    service.protocol.parse(operation.plan, response, fill(&mut members, operation.plan.output)).map_err(|it| {
        assert_eq!(it.kind(), ErrorKind::Parse, "{it}");
        assert!(it.to_string().contains("at byte"), "{it}");
        it.to_string()
    })
}

#[test]
fn complete_responses_parse_and_truncated_ones_are_rejected() {
    for_each_operation(|service, name, operation| {
        for seed in 1..4 {
            let sample = sample(service, operation, 0x9E37_79B9 * seed);
            let body = sample.text.as_bytes();
            parse(service, operation, body.to_vec()).unwrap_or_else(|it| panic!("{name}: {it}\n{}", sample.text));
            let step = 1 + body.len() / 400;
            for end in (30..body.len()).step_by(step) {
                assert!(parse(service, operation, body[..end].to_vec()).is_err(), "{name}, cut off at {end}");
            }
        }
    });
}

#[test]
fn values_of_the_wrong_type_are_rejected_with_member_and_position() {
    let mut checked = 0;
    for_each_operation(|service, name, operation| {
        let sample = sample(service, operation, 0x1234_5678);
        for (start, end, member) in &sample.scalars {
            let body = format!("{}wrong{}", &sample.text[..*start], &sample.text[*end..]);
            let why = parse(service, operation, body.into_bytes()).expect_err("not a value");
            let path = why.split(": ").next().unwrap_or_default();
            assert!(path.split('.').any(|it| it == *member), "{name}: {why}");
            assert!(why.contains(&format!("at byte {start} ")), "{name}, {member} at {start}: {why}");
            checked += 1;
        }
    });
    assert!(checked > 50, "{checked} members");
}

#[test]
fn mangled_and_hostile_responses_never_panic() {
    const PIECES: [&[u8]; 14] = [
        b"<",
        b">",
        b"</",
        b"/>",
        b"&",
        b"&#0;",
        b"&x;",
        b"\xFF",
        b"\xE2\x82",
        b"<![CDATA[",
        b"<!--",
        b"<!DOCTYPE a [<!ENTITY x 'y'>]>",
        b"\0",
        b"]]>",
    ];
    for_each_operation(|service, _, operation| {
        let mut random = sample(service, operation, 99);
        let body = random.text.clone().into_bytes();
        for _ in 0..50 {
            let mut mangled = body.clone();
            for _ in 0..1 + random.below(3) {
                let (from, piece) = (random.below(mangled.len()), PIECES[random.below(PIECES.len())]);
                let to = (from + random.below(20)).min(mangled.len());
                mangled.splice(from..to, piece.iter().copied());
            }
            let _ = parse(service, operation, mangled);
        }
        // Elements that the shape has and elements that it lacks, nested too deeply.
        let tags: Vec<&str> =
            random.text.split('<').filter_map(|it| it.split('>').next()).filter(|it| !it.is_empty()).collect();
        for tag in tags.iter().filter(|tag| tag.bytes().all(|it| it.is_ascii_alphanumeric())).take(5) {
            let deep = format!("<a>{}", format!("<{tag}>").repeat(10_000));
            assert!(parse(service, operation, deep.into_bytes()).is_err());
        }
    });
}
