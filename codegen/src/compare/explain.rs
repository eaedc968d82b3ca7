//! Why a fact of a generated crate changed, in terms of the model: looks at the two files where the fact comes from. Takes no
//! part in the judgement, which is made without it.

use std::collections::BTreeSet;

use crate::json::Value;

/// Where in the model a fact comes from.
pub(super) enum Origin {
    /// An operation, and the shape of its input.
    Operation(String, String),
    /// A shape.
    Shape(String),
    /// A member of a shape.
    Member(String, String),
    /// A value of an enumeration.
    Value(String, String),
    /// A paginator, by its operation.
    Paginator(String),
    /// A waiter, and the shape of its operation's input.
    Waiter(String, String),
    /// boto3's resources, which are not looked into.
    Resource,
}

/// The two releases to look for reasons in.
pub(super) struct Whys<'a> {
    old: &'a Value,
    new: &'a Value,
}

impl<'a> Whys<'a> {
    pub(super) fn new(old: &'a Value, new: &'a Value) -> Self {
        Self { old, new }
    }

    /// The reason for a fact that is gone, or that is declared otherwise (`texts`).
    pub(super) fn reason(&self, origin: &Origin, texts: Option<(&str, &str)>) -> Option<String> {
        match (origin, texts) {
            (Origin::Operation(name, _), None) => self.gone("operation", name),
            (Origin::Operation(_, input), Some(_)) => self.required(input),
            (Origin::Waiter(name, _), None) => Some(format!("there is no waiter `{name}`")),
            (Origin::Waiter(_, input), Some(_)) => self.required(input),
            (Origin::Paginator(name), None) => Some(format!("`{name}` has no such paginator")),
            (Origin::Shape(name), None) => self.gone("shape", name),
            (Origin::Shape(name), Some(_)) => self.kind(name),
            (Origin::Member(shape, member), None) => match self.shape(self.new, shape) {
                Some(it) if it.get("members").and_then(|it| it.get(member)).is_some() => self.kind(shape),
                Some(_) => Some(format!("`{shape}` has no member `{member}`")),
                None => self.gone("shape", shape),
            },
            (Origin::Member(shape, member), Some(texts)) => self.member(shape, member, texts),
            (Origin::Value(shape, value), None) => Some(format!("`{shape}` has no value {value:?}")),
            (Origin::Value(..) | Origin::Paginator(_) | Origin::Resource, _) => None,
        }
    }

    fn shape(&self, file: &'a Value, name: &str) -> Option<&'a Value> {
        file.get("shapes")?.get(name)
    }

    /// What became of a thing the crate no longer has.
    fn gone(&self, what: &str, name: &str) -> Option<String> {
        let section = if what == "shape" { "shapes" } else { "operations" };
        Some(match self.new.get(section).and_then(|it| it.get(name)) {
            None => format!("there is no {what} `{name}`"),
            Some(_) if what == "shape" => return self.kind(name).or(Some(format!("nothing refers to `{name}`"))),
            Some(_) => return None,
        })
    }

    /// What kind of shape it is now, if that changed.
    fn kind(&self, name: &str) -> Option<String> {
        let word = |file| {
            let shape = self.shape(file, name)?;
            let flag = |key: &str| shape.get(key).and_then(Value::as_bool).unwrap_or_default();
            Some(match shape.get("type").and_then(Value::as_str)? {
                "string" if shape.get("enum").is_some() => "enumeration",
                "structure" if flag("union") => "union",
                "structure" if flag("eventstream") => "event stream",
                "structure" if flag("document") => "document",
                "structure" if flag("exception") => "exception",
                word => word,
            })
        };
        let (old, new) = (word(self.old)?, word(self.new)?);
        (old != new).then(|| format!("`{name}` is of the kind {new}, not {old}"))
    }

    /// Which members of an input became required or ceased to be.
    fn required(&self, input: &str) -> Option<String> {
        let names = |file| -> Vec<&str> {
            let list = self.shape(file, input).and_then(|it| it.get("required")).and_then(Value::as_array);
            list.into_iter().flatten().filter_map(Value::as_str).collect()
        };
        let (old, new) = (names(self.old), names(self.new));
        let mut texts = Vec::new();
        texts.extend(new.iter().filter(|it| !old.contains(it)).map(|it| format!("`{it}` is required")));
        texts.extend(old.iter().filter(|it| !new.contains(it)).map(|it| format!("`{it}` is no longer required")));
        if texts.is_empty() && old != new {
            texts.push("the required members stand in another order".to_owned());
        }
        (!texts.is_empty()).then(|| texts.join(", "))
    }

    fn member(&self, shape: &str, member: &str, (before, after): (&str, &str)) -> Option<String> {
        let target = |file| self.shape(file, shape)?.get("members")?.get(member)?.get("shape")?.as_str();
        let (old, new) = (target(self.old)?, target(self.new)?);
        if old != new {
            return Some(format!("`{member}` of `{shape}` is a `{new}`, not a `{old}`"));
        }
        if after == format!("Option<{before}>") {
            let sender = self.sender(shape).map(|it| format!(" (by `{it}`)")).unwrap_or_default();
            return Some(format!(
                "`{shape}` only came back, and is sent too{sender}: absent and empty differ on the wire"
            ));
        }
        if before == format!("Option<{after}>") {
            return Some(format!("`{shape}` only comes back, and is not sent any more"));
        }
        let sparse = |file| self.shape(file, new).and_then(|it| it.get("sparse")?.as_bool()).unwrap_or_default();
        match (sparse(self.old), sparse(self.new)) {
            (false, true) => Some(format!("the elements of `{new}` may be null")),
            (true, false) => Some(format!("the elements of `{new}` are never null")),
            _ => self.kind(new),
        }
    }

    /// The first operation whose input holds the shape, in the newer release.
    fn sender(&self, shape: &str) -> Option<&'a str> {
        let operations = self.new.get("operations")?.as_object()?;
        let mut names: Vec<&String> = operations.keys().collect();
        names.sort();
        names.into_iter().map(String::as_str).find(|name| {
            let input = operations[*name].get("input").and_then(|it| it.get("shape")).and_then(Value::as_str);
            input.is_some_and(|it| self.holds(it, shape))
        })
    }

    fn holds(&self, root: &'a str, wanted: &str) -> bool {
        let (mut open, mut seen) = (vec![root], BTreeSet::new());
        while let Some(name) = open.pop() {
            if name == wanted {
                return true;
            }
            let Some(shape) = self.shape(self.new, name).filter(|_| seen.insert(name)) else { continue };
            let members = shape.get("members").and_then(Value::as_object).into_iter().flat_map(|it| it.values());
            let inner = ["member", "key", "value"].into_iter().filter_map(|it| shape.get(it));
            open.extend(members.chain(inner).filter_map(|it| it.get("shape")?.as_str()));
        }
        false
    }
}
