//! Form bodies: structures as pairs such as `Tags.member.1.Key=name`. Knows no operation and no HTTP.

use std::fmt::Display;

use crate::codec::scalar_string;
use crate::encoding::percent;
use crate::error::Result;
use crate::schema::shape::{Kind, ListKind, MapKind, Member, Node};
use crate::schema::{ListView, MapView, StructureView, View};

/// The content type of a form.
pub const CONTENT_TYPE: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// How the keys of a form are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// The query protocol, of IAM, STS and SNS: `Names.member.1`; an empty list is `Names=`.
    Query,
    /// EC2's protocol: names begin with a capital letter unless the model gives a separate name; lists are flat; an
    /// empty list is omitted.
    Ec2,
}

/// Appends the members of a structure to a form.
///
/// # Errors
/// [`ErrorKind::Validation`](crate::ErrorKind::Validation) for a timestamp that its format cannot represent.
pub fn write(out: &mut String, style: Style, input: StructureView<'_>) -> Result<()> {
    Writer { out, key: String::new(), style }.structure(input)
}

struct Writer<'o> {
    out: &'o mut String,
    /// The key of the current value, percent-encoded.
    key: String,
    style: Style,
}

impl Writer<'_> {
    fn structure(&mut self, structure: StructureView<'_>) -> Result<()> {
        // All members are in the form, whatever location they have in other protocols.
        for (member, value) in structure.members() {
            let outer = self.enter();
            self.name(member, value);
            self.value(value, &member.node).map_err(|it| it.within(member.name))?;
            self.key.truncate(outer);
        }
        Ok(())
    }

    fn value(&mut self, value: View<'_>, node: &'static Node) -> Result<()> {
        match (value, &node.kind) {
            (View::Structure(it), _) => return self.structure(it),
            (View::List(list), Kind::List(kind)) => return self.list(list, kind),
            (View::Map(map), Kind::Map(kind)) => return self.map(map, kind),
            (View::I32(it), _) => self.integer(it),
            (View::I64(it), _) => self.integer(it),
            (value, kind) => {
                if let Some(string) = scalar_string::format(value, kind)? {
                    self.pair();
                    percent::push(self.out, &string);
                }
            }
        }
        Ok(())
    }

    fn list(&mut self, list: ListView<'_>, kind: &'static ListKind) -> Result<()> {
        if list.is_empty() && self.style == Style::Query {
            self.pair();
        }
        let outer = self.key.len();
        if !kind.flat && self.style == Style::Query {
            self.step(kind.wire);
        }
        for (number, value) in (1_usize..).zip(list.iter().flatten()) {
            let list = self.number(number);
            self.value(value, &kind.element)?;
            self.key.truncate(list);
        }
        self.key.truncate(outer);
        Ok(())
    }

    fn map(&mut self, map: MapView<'_>, kind: &'static MapKind) -> Result<()> {
        let outer = self.key.len();
        if !kind.flat {
            self.step("entry");
        }
        let mut count = 0;
        let written = map.try_each(|key, value| {
            count += 1;
            let map = self.number(count);
            let entry = self.step(kind.key_wire);
            self.pair();
            percent::push(self.out, key);
            self.key.truncate(entry);
            self.step(kind.value_wire);
            match value {
                Some(value) => self.value(value, &kind.value)?,
                None => self.pair(),
            }
            self.key.truncate(map);
            Ok(())
        });
        self.key.truncate(outer);
        written
    }

    /// Adds the name of a member to the key.
    fn name(&mut self, member: &Member, value: View<'_>) {
        match (self.style, member.query, value) {
            (Style::Ec2, Some(name), _) => percent::push(&mut self.key, name),
            (Style::Ec2, None, _) => {
                let start = self.key.len();
                percent::push(&mut self.key, member.wire);
                self.key[start..].get_mut(..1).into_iter().for_each(str::make_ascii_uppercase);
            }
            // The elements of a flattened list have the name of the list, or the name of the element if only that one
            // is set in the model.
            (Style::Query, _, View::List(list)) if member.wire == member.name && !list.is_empty() => {
                percent::push(&mut self.key, member.alias.unwrap_or(member.wire));
            }
            (Style::Query, ..) => percent::push(&mut self.key, member.wire),
        }
    }

    /// Prepares the key for another segment and returns its previous length.
    fn enter(&mut self) -> usize {
        let outer = self.key.len();
        if outer > 0 {
            self.key.push('.');
        }
        outer
    }

    /// Adds a segment to the key and returns its previous length.
    fn step(&mut self, segment: &str) -> usize {
        let outer = self.enter();
        percent::push(&mut self.key, segment);
        outer
    }

    /// Adds a number to the key and returns its previous length.
    fn number(&mut self, number: usize) -> usize {
        let outer = self.enter();
        push(&mut self.key, number);
        outer
    }

    /// Begins a pair with the current key.
    fn pair(&mut self) {
        if !self.out.is_empty() {
            self.out.push('&');
        }
        self.out.push_str(&self.key);
        self.out.push('=');
    }

    /// Writes a pair whose value needs no encoding.
    fn integer(&mut self, value: impl Display) {
        self.pair();
        push(self.out, value);
    }
}

fn push(out: &mut String, value: impl Display) {
    use std::fmt::Write as _;
    // Writing to a `String` cannot fail.
    let _ = write!(out, "{value}");
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::{Style, write};
    use crate::schema::dynamic::{Link, Schema, Value, view};
    use crate::types::{Map, Timestamp};

    static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
        let mut schema = Schema::new();
        let list = |it| Link::List(Box::new(it));
        let inner = || Link::Structure("Inner".to_owned());
        schema.define("Inner", "name:str =theName; Flags:[str] flat", &[]);
        schema.define(
            "Outer",
            "Text:str; Number:i32; big:i64 q=ownName; Ratio:f64; On:bool =isOn; At:time time=iso; Data:blob; Id:str @header=X-Id; \
             Names:[str]; Items:[str] item=item; Flat:[str] flat; Elements:[str] flat item=Element; Renamed:[str] =R flat item=E; \
             Inner:*; Inners:*; Map:{str}; FlatMap:{str} =Pair flat key=K item=V; Deep:*; Rows:*; SparseMap:*",
            &[
                inner(),
                list(inner()),
                Link::Map(Box::new(inner())),
                list(list(Link::Scalar("i32"))),
                Link::SparseMap(Box::new(Link::Scalar("str"))),
            ],
        );
        schema
    });

    fn form(style: Style, members: &[(&str, Value)]) -> String {
        let shape = SCHEMA.shape("Outer").expect("defined");
        let mut values: Vec<Value> = shape.members.iter().map(|_| Value::Absent).collect();
        for (name, value) in members {
            let index = shape.member(name).expect("a member").index;
            values[index] = copy(value);
        }
        let mut out = "A=b".to_owned();
        write(&mut out, style, view(&values, shape)).expect("writable");
        out.strip_prefix("A=b").expect("the first pair is unchanged").trim_start_matches('&').to_owned()
    }

    fn copy(value: &Value) -> Value {
        match value {
            Value::Absent => Value::Absent,
            Value::String(it) => Value::String(it.clone()),
            Value::Bool(it) => Value::Bool(*it),
            Value::I32(it) => Value::I32(*it),
            Value::I64(it) => Value::I64(*it),
            Value::F64(it) => Value::F64(*it),
            Value::Timestamp(it) => Value::Timestamp(*it),
            Value::Blob(it) => Value::Blob(it.clone()),
            Value::List(it) => Value::List(it.iter().map(copy).collect()),
            Value::Structure(it) => Value::Structure(it.iter().map(copy).collect()),
            Value::Map(it) => Value::Map(it.iter().map(|(key, value)| (key.clone(), copy(value))).collect()),
            other => panic!("no case has {other:?}"),
        }
    }

    fn string(it: &str) -> Value {
        Value::String(it.to_owned())
    }

    fn strings(items: &[&str]) -> Value {
        Value::List(items.iter().map(|it| string(it)).collect())
    }

    fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
        Value::Map(Map::from(entries.map(|(key, value)| (key.to_owned(), value))))
    }

    fn inner(name: &str) -> Value {
        Value::Structure(vec![string(name), strings(&["x", "y"])])
    }

    #[test]
    fn each_style_names_its_pairs() {
        let check = |member: &str, value: Value, query: &str, ec2: &str| {
            let members = [(member, value)];
            assert_eq!(form(Style::Query, &members), query);
            assert_eq!(form(Style::Ec2, &members), ec2);
        };
        let same = |member: &str, value: Value, both: &str| check(member, value, both, both);
        same("Text", string(""), "Text=");
        same("Text", string("a b&c=d/é~"), "Text=a%20b%26c%3Dd%2F%C3%A9~");
        same("Number", Value::I32(-7), "Number=-7");
        check("big", Value::I64(i64::MIN), "big=-9223372036854775808", "ownName=-9223372036854775808");
        same("Ratio", Value::F64(0.1), "Ratio=0.1");
        same("Ratio", Value::F64(3.0), "Ratio=3.0");
        same("Ratio", Value::F64(f64::NEG_INFINITY), "Ratio=-Infinity");
        same("Ratio", Value::F64(f64::NAN), "Ratio=NaN");
        check("On", Value::Bool(false), "isOn=false", "IsOn=false");
        same("At", Value::Timestamp(Timestamp::from_millis(1500)), "At=1970-01-01T00%3A00%3A01.5Z");
        same("Data", Value::Blob("\u{0}?>".into()), "Data=AD8%2B");
        same("Id", string("h"), "X-Id=h");
        check("Names", strings(&["a", "b"]), "Names.member.1=a&Names.member.2=b", "Names.1=a&Names.2=b");
        check("Names", strings(&[]), "Names=", "");
        check("Items", strings(&["a"]), "Items.item.1=a", "Items.1=a");
        same("Flat", strings(&["a", "b"]), "Flat.1=a&Flat.2=b");
        check("Elements", strings(&["a"]), "Element.1=a", "Elements.1=a");
        check("Elements", strings(&[]), "Elements=", "");
        same("Renamed", strings(&["a"]), "R.1=a");
        check(
            "Inner",
            inner("n"),
            "Inner.theName=n&Inner.Flags.1=x&Inner.Flags.2=y",
            "Inner.TheName=n&Inner.Flags.1=x&Inner.Flags.2=y",
        );
        check(
            "Inners",
            Value::List(vec![inner("n"), Value::Structure(vec![string("m"), Value::Absent])]),
            "Inners.member.1.theName=n&Inners.member.1.Flags.1=x&Inners.member.1.Flags.2=y&Inners.member.2.theName=m",
            "Inners.1.TheName=n&Inners.1.Flags.1=x&Inners.1.Flags.2=y&Inners.2.TheName=m",
        );
        same(
            "Map",
            map([("a", string("1")), ("b c", string("2"))]),
            "Map.entry.1.key=a&Map.entry.1.value=1&Map.entry.2.key=b%20c&Map.entry.2.value=2",
        );
        same("Map", map([]), "");
        same("FlatMap", map([("a", string("1"))]), "Pair.1.K=a&Pair.1.V=1");
        check(
            "Deep",
            map([("a", inner("n"))]),
            "Deep.entry.1.key=a&Deep.entry.1.value.theName=n&Deep.entry.1.value.Flags.1=x&Deep.entry.1.value.Flags.2=y",
            "Deep.entry.1.key=a&Deep.entry.1.value.TheName=n&Deep.entry.1.value.Flags.1=x&Deep.entry.1.value.Flags.2=y",
        );
        let rows = vec![Value::List(vec![Value::I32(1), Value::I32(2)]), Value::List(vec![])];
        check(
            "Rows",
            Value::List(rows),
            "Rows.member.1.member.1=1&Rows.member.1.member.2=2&Rows.member.2=",
            "Rows.1.1=1&Rows.1.2=2",
        );
        same("SparseMap", map([("a", Value::Absent)]), "SparseMap.entry.1.key=a&SparseMap.entry.1.value=");
    }

    #[test]
    fn the_key_of_a_member_does_not_leak_into_the_next() {
        let members =
            [("Text", string("t")), ("Inners", Value::List(vec![inner("n")])), ("Map", map([("k", string("v"))]))];
        assert_eq!(
            form(Style::Query, &members),
            "Text=t&Inners.member.1.theName=n&Inners.member.1.Flags.1=x&Inners.member.1.Flags.2=y&Map.entry.1.key=k\
             &Map.entry.1.value=v"
        );
    }

    #[test]
    fn a_timestamp_beyond_the_format_is_an_error_with_its_path() {
        let shape = SCHEMA.shape("Outer").expect("defined");
        let mut values: Vec<Value> = shape.members.iter().map(|_| Value::Absent).collect();
        values[shape.member("At").expect("a member").index] = Value::Timestamp(Timestamp::from_secs(1 << 50));
        let error = write(&mut String::new(), Style::Query, view(&values, shape)).expect_err("beyond year 9999");
        assert!(error.to_string().starts_with("At: "), "{error}");
    }
}
