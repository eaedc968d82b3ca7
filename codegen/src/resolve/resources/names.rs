//! The names of a resource's methods, and which method keeps a name if several have it. Knows no models.

use crate::name::{self, Scope};

/// boto3's categories of names, in order of precedence (`load_rename_map` in boto3/resources/model.py).
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

/// The methods of a resource and of its loaded form, which share a namespace because of `Deref`.
pub(super) struct Methods {
    scope: Scope,
}

/// Methods that every resource, or every loaded resource, has.
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

    /// The method for a name of the model. Names must be claimed in order of precedence: the first keeps its name, a
    /// later one gets its category as a suffix.
    ///
    /// # Errors
    /// The owner of the name with the suffix, if that is taken too.
    pub(super) fn claim(&mut self, model_name: &str, category: Category) -> Result<String, String> {
        let plain = match category {
            Category::Waiter => format!("wait_until_{}", name::snake(model_name)),
            _ => name::snake(model_name),
        };
        if self.scope.claim(&plain, model_name).is_ok() {
            return Ok(name::escape(&plain));
        }
        let suffixed = format!("{plain}_{}", category.suffix());
        match self.scope.claim(&suffixed, model_name) {
            Ok(()) => Ok(name::escape(&suffixed)),
            Err(owner) => Err(owner.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_keeps_the_name_and_later_ones_get_a_suffix() {
        let mut methods = Methods::new();
        let mut check =
            |name: &str, category, expect: &str| assert_eq!(methods.claim(name, category).as_deref(), Ok(expect));
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
