//! `models/signatures.toml`: for operations whose required members could be confused, the order in which a person would
//! say them. Reads and writes the text only; which members may be named is checked where operations are resolved.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::report::{Report, SourceLocation};

/// The signatures of one service's methods that are not decided by the rule.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Signatures {
    /// The orders that a person wrote down, by operation.
    pub orders: BTreeMap<String, Order>,
}

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
        check("[s3]\nA = [\n", &["s.toml:3: invalid TOML: unclosed array, expected `]`"]);
        check("[s3]\nA = ['x']\nA = ['y']\n", &["s.toml:3: invalid TOML: duplicate key"]);
    }
}
