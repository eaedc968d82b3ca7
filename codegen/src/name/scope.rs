//! A scope hands out each name once. Knows neither casing nor what the names are for.

use std::collections::BTreeMap;

/// The names taken in one namespace of the emitted code, and by whom.
///
/// `r#type` and `type` are one name.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    owners: BTreeMap<String, String>,
}

impl Scope {
    /// A scope in which `reserved` names are taken, each by what the pair's second text calls it.
    pub fn with_reserved<'a>(reserved: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self { owners: reserved.into_iter().map(|(name, owner)| (bare(name).to_owned(), owner.to_owned())).collect() }
    }

    /// Takes `name` for `owner`, a text that tells a person what it is (a shape, a wire name).
    ///
    /// # Errors
    /// The present owner if the name is taken; the scope stays as it is.
    pub fn claim(&mut self, name: &str, owner: &str) -> Result<(), &str> {
        match self.owners.entry(bare(name).to_owned()) {
            std::collections::btree_map::Entry::Vacant(it) => {
                it.insert(owner.to_owned());
                Ok(())
            }
            std::collections::btree_map::Entry::Occupied(it) => Err(it.into_mut()),
        }
    }

    /// Takes `name` for `owner`, or the first free of `name` + `joint` + 2, 3, …; returns the name taken.
    /// `joint` is `_` in snake and screaming case and empty in Pascal case.
    pub fn claim_numbered(&mut self, name: &str, owner: &str, joint: &str) -> String {
        if self.claim(name, owner).is_ok() {
            return name.to_owned();
        }
        // Ends at the latest one past the number of names taken.
        let mut number = 2;
        loop {
            let numbered = format!("{}{joint}{number}", bare(name));
            if self.claim(&numbered, owner).is_ok() {
                return numbered;
            }
            number += 1;
        }
    }

    /// Who has `name`.
    pub fn owner(&self, name: &str) -> Option<&str> {
        self.owners.get(bare(name)).map(String::as_str)
    }
}

fn bare(name: &str) -> &str {
    name.strip_prefix("r#").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_once() {
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
