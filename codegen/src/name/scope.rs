//! Namespaces in which each name is unique. Knows neither casing nor what the names are for.

use std::collections::BTreeMap;

/// The names in use in one namespace of the emitted code, each with its owner.
///
/// `r#type` and `type` are the same name.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    owners: BTreeMap<String, String>,
}

impl Scope {
    /// A scope with `reserved` names, as pairs of name and owner.
    pub fn with_reserved<'a>(reserved: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self { owners: reserved.into_iter().map(|(name, owner)| (bare(name).to_owned(), owner.to_owned())).collect() }
    }

    /// Takes `name` for `owner`, a description for error messages (a shape, a wire name).
    ///
    /// # Errors
    /// The current owner if the name is taken; the scope does not change then.
    pub fn claim(&mut self, name: &str, owner: &str) -> Result<(), &str> {
        match self.owners.entry(bare(name).to_owned()) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(owner.to_owned());
                Ok(())
            }
            std::collections::btree_map::Entry::Occupied(entry) => Err(entry.into_mut()),
        }
    }

    /// Takes `name` for `owner`, or the first free one of `name` + `separator` + 2, 3, …; returns the name it took.
    /// `separator` is `_` in snake and screaming case and empty in Pascal case.
    pub fn claim_numbered(&mut self, name: &str, owner: &str, separator: &str) -> String {
        if self.claim(name, owner).is_ok() {
            return name.to_owned();
        }
        // Terminates: at most as many numbers are tried as there are names in the scope.
        let mut number = 2;
        loop {
            let numbered = format!("{}{separator}{number}", bare(name));
            if self.claim(&numbered, owner).is_ok() {
                return numbered;
            }
            number += 1;
        }
    }

    /// The owner of `name`, if it is taken.
    pub fn owner(&self, name: &str) -> Option<&str> {
        self.owners.get(bare(name)).map(String::as_str)
    }
}

/// The name without `r#`.
fn bare(name: &str) -> &str {
    name.strip_prefix("r#").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_claimed_once() {
        let mut scope = Scope::with_reserved([("send", "a method of Request")]);
        assert_eq!(scope.claim("send", "member Send"), Err("a method of Request"));
        assert_eq!(scope.claim("r#type", "member Type"), Ok(()));
        assert_eq!(scope.claim("type", "member type"), Err("member Type"));
        assert_eq!(scope.claim_numbered("r#type", "member type", "_"), "type_2");
        assert_eq!(scope.claim_numbered("type", "member TYPE", "_"), "type_3");
        assert_eq!(scope.claim_numbered("Rule", "shape Rule", ""), "Rule");
        assert_eq!(scope.claim_numbered("Rule", "shape RULE", ""), "Rule2");
        assert_eq!(scope.owner("type_3"), Some("member TYPE"));
        assert_eq!(scope.owner("other"), None);
    }
}
