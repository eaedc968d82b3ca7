//! Answers in XML, of real shapes: read whole, and refused as malformed, with the member and the place, when they are cut
//! off, mangled, mistyped or hostile. The random documents are the same in every run.

use aws_core::ErrorKind;
use aws_core::http::HeaderMap;
use aws_core::protocol::Answer;
use aws_core::schema::dynamic::fill;
use aws_core::schema::shape::{Kind, Node};
use aws_core::schema::{Location, Shape};
use codegen::report::Report;
use codegen::source::Library;
use tests::dynamic::{Operation, Service};
use tests::suite::workspace;

/// Services of every protocol that answers in XML, with operations of many kinds of members.
const CHOSEN: [(&str, &[&str]); 5] = [
    ("s3", &["ListObjectVersions", "GetBucketLifecycleConfiguration", "GetBucketAcl"]),
    ("route53", &["ListResourceRecordSets", "GetHealthCheck"]),
    ("iam", &["GetAccountAuthorizationDetails", "SimulatePrincipalPolicy"]),
    ("sns", &["GetTopicAttributes"]),
    ("ec2", &["DescribeInstances", "DescribeSecurityGroups"]),
];

/// Those that speak the query protocol, where the output stands in an element of its own.
const WRAPPED: [&str; 2] = ["IAM", "SNS"];

/// How deep samples go, but for texts.
const DEPTH: usize = 5;

/// A document under construction; of every scalar that is no text, where it stands and the name of its member.
struct Sample {
    text: String,
    random: u64,
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
            let here = member.location == Location::Body && !member.attribute && !member.text;
            if here && chosen.is_none_or(|it| it == index) && (depth >= DEPTH || self.below(4) > 0) {
                self.member(member.name, member.wire, &member.node, depth);
            }
        }
    }

    fn member(&mut self, name: &'static str, wire: &str, node: &'static Node, depth: usize) {
        match &node.kind {
            Kind::List(list) if list.flat => {
                (0..2).for_each(|_| self.element(wire, |it| it.value(name, &list.element, depth)));
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
                return self.element("entry", |it| {
                    it.element(map.key_wire, |it| it.text += "k&#x20;1");
                    it.element(map.value_wire, |it| it.value(name, &map.value, depth - 1));
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

fn chosen(mut each: impl FnMut(&Service, &str, &Operation)) {
    let library = Library::open(&workspace().join("models"));
    for (name, operations) in CHOSEN {
        let source = library.load(name, &mut Report::new()).unwrap_or_else(|| panic!("no model of {name}"));
        let service = Service::of_operations(&source, operations).unwrap_or_else(|it| panic!("{it}"));
        operations.iter().for_each(|it| each(&service, it, &service.operations[*it]));
    }
}

/// A good answer of an operation.
fn sample(service: &Service, operation: &Operation, random: u64) -> Sample {
    let mut sample = Sample { text: "<?xml version=\"1.0\"?>\n".to_owned(), random, scalars: Vec::new() };
    let (name, shape) = (operation.plan.name, operation.plan.output);
    sample.element(&format!("{name}Response"), |it| match WRAPPED.contains(&service.facts.id) {
        true => it.element(&format!("{name}Result"), |it| it.structure(shape, DEPTH)),
        false => it.structure(shape, DEPTH),
    });
    sample
}

/// Reads an answer; what it is refused for must be that it is malformed, and say where.
fn read(service: &Service, operation: &Operation, body: Vec<u8>) -> Result<(), String> {
    let (headers, body) = (HeaderMap::new(), body.into());
    let answer = Answer { status: 200, headers: &headers, body: &body };
    let mut members = Vec::new();
    let _ = service.protocol.fault(answer);
    let _ = service.protocol.request_id(answer);
    service.protocol.parse(operation.plan, answer, fill(&mut members, operation.plan.output)).map_err(|it| {
        assert_eq!(it.kind(), ErrorKind::Parse, "{it}");
        assert!(it.to_string().contains("at byte"), "{it}");
        it.to_string()
    })
}

#[test]
fn are_read_whole_and_refused_in_parts() {
    chosen(|service, name, operation| {
        for seed in 1..4 {
            let sample = sample(service, operation, 0x9E37_79B9 * seed);
            let body = sample.text.as_bytes();
            read(service, operation, body.to_vec()).unwrap_or_else(|it| panic!("{name}: {it}\n{}", sample.text));
            let step = 1 + body.len() / 400;
            for end in (30..body.len()).step_by(step) {
                assert!(read(service, operation, body[..end].to_vec()).is_err(), "{name}, cut off at {end}");
            }
        }
    });
}

#[test]
fn of_the_wrong_type_name_their_member() {
    let mut checked = 0;
    chosen(|service, name, operation| {
        let sample = sample(service, operation, 0x1234_5678);
        for (start, end, member) in &sample.scalars {
            let body = format!("{}wrong{}", &sample.text[..*start], &sample.text[*end..]);
            let why = read(service, operation, body.into_bytes()).expect_err("a word is no value");
            assert!(why.split(": ").next().is_some_and(|it| it.split('.').any(|it| it == *member)), "{name}: {why}");
            assert!(why.contains(&format!("at byte {start} ")), "{name}, {member} at {start}: {why}");
            checked += 1;
        }
    });
    assert!(checked > 50, "{checked} members");
}

#[test]
fn that_are_mangled_or_hostile_never_panic() {
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
    chosen(|service, _, operation| {
        let mut random = sample(service, operation, 99);
        let body = random.text.clone().into_bytes();
        for _ in 0..50 {
            let mut mangled = body.clone();
            for _ in 0..1 + random.below(3) {
                let (from, piece) = (random.below(mangled.len()), PIECES[random.below(PIECES.len())]);
                let to = (from + random.below(20)).min(mangled.len());
                mangled.splice(from..to, piece.iter().copied());
            }
            let _ = read(service, operation, mangled);
        }
        // Elements that the shape knows and does not know, far too deep.
        let tags: Vec<&str> =
            random.text.split('<').filter_map(|it| it.split('>').next()).filter(|it| !it.is_empty()).collect();
        for tag in tags.iter().filter(|it| it.bytes().all(|it| it.is_ascii_alphanumeric())).take(5) {
            let deep = format!("<a>{}", format!("<{tag}>").repeat(10_000));
            assert!(read(service, operation, deep.into_bytes()).is_err());
        }
    });
}
