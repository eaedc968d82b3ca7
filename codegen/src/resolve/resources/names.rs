//! The names of a resource's methods: who keeps a name that two want. Knows no models.

use crate::name::{self, Scope};

/// The categories of boto3, in order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Category {
    Identifier,
    Action,
    Factory,
    Reference,
    Collection,
    Waiter,
    Attribute,
}

impl Category {
    fn suffix(self) -> &'static str {
        match self {
            Self::Identifier => "identifier",
            Self::Action => "action",
            Self::Factory => "subresource",
            Self::Reference => "reference",
            Self::Collection => "collection",
            Self::Waiter => "waiter",
            Self::Attribute => "attribute",
        }
    }
}

/// The methods of one resource and of its loaded form, which are found on one value.
pub(super) struct Methods {
    scope: Scope,
}

/// Methods that every resource, or every loaded one, has.
const RESERVED: [(&str, &str); 7] = [
    ("client", "a method of every resource"),
    ("clone", "a method of every resource"),
    ("data", "a method of Loaded"),
    ("into_parts", "a method of Loaded"),
    ("reload", "a method of Loaded"),
    ("resource", "a method of Loaded"),
    ("load", "a method of resources that can be loaded"),
];

impl Methods {
    pub(super) fn new() -> Self {
        Self { scope: Scope::with_reserved(RESERVED) }
    }

    /// The method for `wire` of a category: names are asked for in order of precedence, the first keeps its name, a later
    /// one gets its category as a suffix.
    ///
    /// # Errors
    /// The owner of the name, if that is taken too.
    pub(super) fn claim(&mut self, wire: &str, category: Category) -> Result<String, String> {
        let plain = match category {
            Category::Waiter => format!("wait_until_{}", name::snake(wire)),
            _ => name::snake(wire),
        };
        if self.scope.claim(&plain, wire).is_ok() {
            return Ok(name::escape(&plain));
        }
        let suffixed = format!("{plain}_{}", category.suffix());
        match self.scope.claim(&suffixed, wire) {
            Ok(()) => Ok(name::escape(&suffixed)),
            Err(owner) => Err(owner.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_keeps_the_name() {
        let mut methods = Methods::new();
        let mut check =
            |wire: &str, category, expect: &str| assert_eq!(methods.claim(wire, category).as_deref(), Ok(expect));
        check("Id", Category::Identifier, "id");
        check("Type", Category::Attribute, "r#type");
        check("NetworkInterfaces", Category::Reference, "network_interfaces");
        check("NetworkInterfaces", Category::Attribute, "network_interfaces_attribute");
        check("Exists", Category::Waiter, "wait_until_exists");
        check("Data", Category::Attribute, "data_attribute");
        check("Load", Category::Action, "load_action");
        assert_eq!(methods.claim("Data", Category::Attribute), Err("Data".to_owned()));
    }
}
