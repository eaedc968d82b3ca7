//! The signatures that are not left to the rule: `models/signatures.toml`, where a person wrote down the order of members
//! that could be confused, and `models/signatures/<service>.txt`, the record of what was published. Reads and writes the
//! text only; which members may be named is checked where methods are resolved.
//!
//! The record has a line for each method, sorted: the operation, or `Resource.method` of a resource, `Resource[].method`
//! of a batch of them; then the arguments, as the model names the members.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::report::{Report, SourceLocation};

/// The signatures of one service's methods that are not decided by the rule.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Signatures {
    /// The orders that a person wrote down, by operation.
    pub orders: BTreeMap<String, Order>,
    /// The arguments of every published method.
    pub published: Published,
}

/// The arguments of published methods, by operation or by `Resource.method`.
pub type Published = BTreeMap<String, Vec<String>>;

/// The arguments of a method, as a person wrote them down.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// The members' names in the model.
    pub members: Vec<String>,
    /// The file and the line.
    pub location: SourceLocation,
}

impl Signatures {
    /// The order that a person wrote down for an operation.
    pub fn order(&self, operation: &str) -> Option<&[String]> {
        self.orders.get(operation).map(|it| &it.members[..])
    }

    /// The arguments with which a method was published.
    pub fn published(&self, method: &str) -> Option<&[String]> {
        self.published.get(method).map(|it| &it[..])
    }

    /// The same, after `published` was published too: what is new is added, and what changed is replaced.
    pub fn after(&self, published: Published) -> Signatures {
        let mut after = self.clone();
        after.published.extend(published);
        after
    }
}

/// The text of a service's record.
pub fn print_published(published: &Published) -> String {
    let line = |(method, arguments): (&String, &Vec<String>)| {
        let words: Vec<&str> = [method].into_iter().chain(arguments).map(String::as_str).collect();
        words.join(" ") + "\n"
    };
    published.iter().map(line).collect()
}

/// Parses a service's record. Problems name the file and the line.
pub fn parse_published(text: &str, file: &str, report: &mut Report) -> Published {
    let mut published = Published::new();
    for (index, line) in text.lines().enumerate() {
        let mut problem =
            |message: String| report.problem(SourceLocation::new(&format!("{file}:{}", index + 1)), message);
        let is_word = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_graphic());
        let mut words = line.split(' ').map(str::to_owned);
        let (Some(method), arguments) = (words.next(), words.collect::<Vec<_>>()) else { continue };
        if !arguments.iter().chain([&method]).all(|it| is_word(it)) {
            problem("expected a method and its arguments, separated by single spaces".to_owned());
        } else if let Some(twice) = arguments.iter().enumerate().find(|(index, it)| arguments[..*index].contains(it)) {
            problem(format!("`{}` is listed twice", twice.1));
        } else if let Some((last, _)) = published.last_key_value().filter(|(last, _)| **last >= method) {
            problem(format!("`{method}` stands after `{last}`: expected sorted lines, one for each method"));
        } else {
            published.insert(method, arguments);
        }
    }
    published
}

/// Parses the orders of all services: a table for each service, with a list of members for each operation. Problems name
/// the file and the line.
pub(super) fn parse_orders(text: &str, file: &str, report: &mut Report) -> BTreeMap<String, Signatures> {
    let at = |offset: usize| {
        let line = text.get(..offset).unwrap_or_default().matches('\n').count() + 1;
        SourceLocation::new(&format!("{file}:{line}"))
    };
    let root = match DeTable::parse(text) {
        Ok(root) => root,
        Err(error) => {
            let location = at(error.span().map_or(0, |span| span.start));
            report.problem(location, format!("invalid TOML: {}", error.message().trim_end()));
            return BTreeMap::new();
        }
    };
    let mut services = BTreeMap::new();
    for (service, table) in root.get_ref() {
        let DeValue::Table(table) = table.get_ref() else {
            report.problem(
                at(service.span().start),
                format!("expected a table of operations in `{}`", service.get_ref()),
            );
            continue;
        };
        let mut signatures = Signatures::default();
        for (operation, members) in table {
            let location = at(operation.span().start);
            match order(members) {
                Ok(members) => {
                    signatures.orders.insert(operation.get_ref().to_string(), Order { members, location });
                }
                Err(why) => report.problem(location, why),
            }
        }
        services.insert(service.get_ref().to_string(), signatures);
    }
    services
}

fn order(value: &Spanned<DeValue<'_>>) -> Result<Vec<String>, String> {
    let members = value.get_ref().as_array().ok_or("expected a list of members")?;
    let name = |it: &Spanned<DeValue<'_>>| it.get_ref().as_str().map(str::to_owned);
    let members: Vec<String> = members.iter().map(name).collect::<Option<_>>().ok_or("expected names of members")?;
    if members.is_empty() {
        return Err("the list is empty".to_owned());
    }
    match members.iter().enumerate().find(|(index, name)| members[..*index].contains(name)) {
        Some((_, name)) => Err(format!("`{name}` is listed twice")),
        None => Ok(members),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, problems: &[&str]) -> BTreeMap<String, Signatures> {
        let mut report = Report::new();
        let orders = parse_orders(text, "s.toml", &mut report);
        let found: Vec<String> = report.problems().iter().map(ToString::to_string).collect();
        assert_eq!(found, problems, "{text}");
        orders
    }

    #[test]
    fn orders_keep_their_line() {
        let orders = check("# why\n[s3]\n\nCopyObject = ['Bucket', 'Key']\n[sqs]\n", &[]);
        let order = &orders["s3"].orders["CopyObject"];
        assert_eq!(
            (order.location.file(), &order.members[..]),
            ("s.toml:4", &["Bucket".to_owned(), "Key".to_owned()][..])
        );
        assert_eq!(orders["s3"].order("CopyObject").map(<[String]>::len), Some(2));
        assert_eq!(orders["sqs"], Signatures::default());
    }

    #[test]
    fn records_are_read_as_they_are_written() {
        let text = "Bucket.put_object Key\nGetObject Bucket Key\nListBuckets\nMessage[].delete\n";
        let mut report = Report::new();
        let published = parse_published(text, "s3.txt", &mut report);
        assert!(report.is_empty(), "{report}");
        assert_eq!(print_published(&published), text);
        let signatures = Signatures::default().after(published);
        assert_eq!(signatures.published("ListBuckets"), Some(&[][..]));
        assert_eq!(signatures.published("PutObject"), None);
        let changed = signatures.after(BTreeMap::from([("GetObject".to_owned(), vec!["Bucket".to_owned()])]));
        assert_eq!(print_published(&changed.published), text.replace("Bucket Key", "Bucket"));
    }

    #[test]
    fn malformed_records_are_problems_with_file_and_line() {
        let mut report = Report::new();
        parse_published("B x\nA\nB\n\nC  y\nD\ty\nE y y\n", "s3.txt", &mut report);
        let found: Vec<String> = report.problems().iter().map(ToString::to_string).collect();
        let words = "expected a method and its arguments, separated by single spaces";
        assert_eq!(
            found,
            [
                "s3.txt:2: `A` stands after `B`: expected sorted lines, one for each method".to_owned(),
                "s3.txt:3: `B` stands after `B`: expected sorted lines, one for each method".to_owned(),
                format!("s3.txt:4: {words}"),
                format!("s3.txt:5: {words}"),
                format!("s3.txt:6: {words}"),
                "s3.txt:7: `y` is listed twice".to_owned(),
            ]
        );
    }

    #[test]
    fn malformed_orders_are_problems_with_file_and_line() {
        check(
            "a = 1\n[s3]\nA = []\nB = 'x'\nC = [1]\nD = ['x', 'y', 'x']\n",
            &[
                "s.toml:1: expected a table of operations in `a`",
                "s.toml:3: the list is empty",
                "s.toml:4: expected a list of members",
                "s.toml:5: expected names of members",
                "s.toml:6: `x` is listed twice",
            ],
        );
        check("[s3]\nA = [\n", &["s.toml:2: invalid TOML: unclosed array, expected `]`"]);
        check("[s3]\nA = ['x']\nA = ['y']\n", &["s.toml:3: invalid TOML: duplicate key"]);
    }
}
