//! Finds the reason for a change of the generated API in the model files of both releases. The reason does not
//! influence whether a change is breaking.

use crate::json::Value;

/// The part of the model from which an item of the API comes.
pub(super) enum Origin {
    /// An operation, the shape of its input, and the members that are arguments.
    Operation(String, String, Vec<String>),
    /// A shape.
    Shape(String),
    /// A member of a shape.
    Member(String, String),
    /// A value of an enumeration.
    Value(String, String),
    /// A paginator, by its operation.
    Paginator(String),
    /// A waiter, the shape of its operation's input, and the members that are arguments.
    Waiter(String, String, Vec<String>),
    /// boto3's resources, for which no reason is looked for.
    Resource,
}

/// Finds reasons in the service models of two releases.
pub(super) struct Reasons<'a> {
    old: &'a Value,
    new: &'a Value,
}

impl<'a> Reasons<'a> {
    pub(super) fn new(old: &'a Value, new: &'a Value) -> Self {
        Self { old, new }
    }

    /// The reason why an item was removed, or changed its declaration (`declarations`: old and new).
    pub(super) fn reason(&self, origin: &Origin, declarations: Option<(&str, &str)>) -> Option<String> {
        match (origin, declarations) {
            (Origin::Operation(name, ..), None) => self.removed("operation", name),
            (Origin::Waiter(name, ..), None) => Some(format!("there is no waiter `{name}`")),
            (Origin::Operation(_, input, arguments) | Origin::Waiter(_, input, arguments), Some(_)) => {
                self.arguments(input, arguments)
            }
            (Origin::Paginator(name), None) => Some(format!("`{name}` has no such paginator")),
            (Origin::Shape(name), None) => self.removed("shape", name),
            (Origin::Shape(name), Some(_)) => self.kind(name),
            (Origin::Member(shape, member), None) => match self.shape(self.new, shape).map(|it| it.get("members")) {
                Some(members) if members.and_then(|it| it.get(member)).is_some() => self.kind(shape),
                Some(_) => Some(format!("`{shape}` has no member `{member}`")),
                None => self.removed("shape", shape),
            },
            (Origin::Member(shape, member), Some(_)) => self.member(shape, member),
            (Origin::Value(shape, value), None) => Some(format!("`{shape}` has no value {value:?}")),
            (Origin::Value(..) | Origin::Paginator(_) | Origin::Resource, _) => None,
        }
    }

    fn shape(&self, file: &'a Value, name: &str) -> Option<&'a Value> {
        file.get("shapes")?.get(name)
    }

    /// Why the crate no longer has an operation or a shape.
    fn removed(&self, what: &str, name: &str) -> Option<String> {
        let section = if what == "shape" { "shapes" } else { "operations" };
        Some(match self.new.get(section).and_then(|it| it.get(name)) {
            None => format!("there is no {what} `{name}`"),
            Some(_) if what == "shape" => return self.kind(name).or(Some(format!("nothing refers to `{name}`"))),
            Some(_) => return None,
        })
    }

    /// How the kind of a shape changed, if it did.
    fn kind(&self, name: &str) -> Option<String> {
        let kind = |file| {
            let shape = self.shape(file, name)?;
            let flag = |key: &str| shape.get(key).and_then(Value::as_bool).unwrap_or_default();
            Some(match shape.get("type").and_then(Value::as_str)? {
                "string" if shape.get("enum").is_some() => "enumeration",
                "structure" if flag("union") => "union",
                "structure" if flag("eventstream") => "event stream",
                "structure" if flag("document") => "document",
                "structure" if flag("exception") => "exception",
                other => other,
            })
        };
        let (old, new) = (kind(self.old)?, kind(self.new)?);
        (old != new).then(|| format!("`{name}` changed from {old} to {new}"))
    }

    /// What became of the members that are arguments: only AWS can take one away or change its type.
    fn arguments(&self, input: &str, arguments: &[String]) -> Option<String> {
        let members = |file| self.shape(file, input).and_then(|it| it.get("members"));
        let reason = |member: &String| match members(self.new).and_then(|it| it.get(member)) {
            None => Some(format!("`{input}` has no member `{member}`")),
            Some(_) => self.member(input, member),
        };
        let reasons: Vec<String> = arguments.iter().filter_map(reason).collect();
        (!reasons.is_empty()).then(|| reasons.join(", "))
    }

    fn member(&self, shape: &str, member: &str) -> Option<String> {
        let target = |file| self.shape(file, shape)?.get("members")?.get(member)?.get("shape")?.as_str();
        let (old, new) = (target(self.old)?, target(self.new)?);
        if old != new {
            return Some(format!("`{member}` of `{shape}` is a `{new}`, not a `{old}`"));
        }
        let sparse = |file| self.shape(file, new).and_then(|it| it.get("sparse")?.as_bool()).unwrap_or_default();
        match (sparse(self.old), sparse(self.new)) {
            (false, true) => Some(format!("the elements of `{new}` may be null")),
            (true, false) => Some(format!("the elements of `{new}` are never null")),
            _ => self.kind(new),
        }
    }
}
