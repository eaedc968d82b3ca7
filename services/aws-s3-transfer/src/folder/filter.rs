//! Which entries take part: include and exclude patterns with the semantics of the AWS CLI, and a closure. Knows no file
//! and no bucket.

use std::fmt;
use std::sync::Arc;

use super::entry::Entry;

/// Include and exclude rules in the order they were added. The last rule that matches a key decides; a key that no rule
/// matches takes part.
#[derive(Clone, Default)]
pub(crate) struct Filters {
    rules: Vec<Rule>,
    /// All of them must accept an entry.
    closures: Vec<FilterClosure>,
}

/// Whether an entry takes part.
pub(crate) type FilterClosure = Arc<dyn Fn(&Entry) -> bool + Send + Sync>;

impl fmt::Debug for Filters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filters").field("rules", &self.rules).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug)]
struct Rule {
    includes: bool,
    pattern: Pattern,
}

impl Filters {
    pub(crate) fn push(&mut self, includes: bool, pattern: &str) {
        self.rules.push(Rule { includes, pattern: Pattern::new(pattern) });
    }

    pub(crate) fn push_closure(&mut self, closure: FilterClosure) {
        self.closures.push(closure);
    }

    /// Whether an entry takes part whose key is [accepted](Self::accepts).
    pub(crate) fn accepts_entry(&self, entry: &Entry) -> bool {
        self.closures.iter().all(|closure| closure(entry))
    }

    pub(crate) fn accepts(&self, key: &str) -> bool {
        self.rules.iter().rev().find(|rule| rule.pattern.matches(key)).is_none_or(|rule| rule.includes)
    }

    /// Whether no key that begins with `folder` can take part, so that the folder need not be read. May be false for a
    /// folder of which all keys are excluded.
    pub(crate) fn excludes_all_of(&self, folder: &str) -> bool {
        let last_rules = self.rules.iter().rev().take_while(|rule| !rule.includes);
        last_rules.into_iter().any(|rule| rule.pattern.matches_all_of(folder))
    }
}

/// A pattern of Python's `fnmatch`: `*` is any string, `/` included, `?` any character, `[a-z]` one of these, `[!a-z]`
/// none of these. It matches the whole key.
#[derive(Clone, Debug)]
struct Pattern {
    tokens: Vec<Token>,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// `*`
    Any,
    /// `?`
    One,
    Literal(char),
    Set {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Token {
    /// Whether a token other than `*` matches a character.
    fn takes(&self, c: char) -> bool {
        match self {
            Self::Any | Self::One => true,
            Self::Literal(literal) => *literal == c,
            Self::Set { negated, ranges } => ranges.iter().any(|(from, to)| (*from..=*to).contains(&c)) != *negated,
        }
    }
}

impl Pattern {
    fn new(pattern: &str) -> Self {
        let mut tokens = Vec::new();
        let mut rest = pattern.chars();
        while let Some(c) = rest.next() {
            tokens.push(match c {
                '*' if tokens.last() == Some(&Token::Any) => continue,
                '*' => Token::Any,
                '?' => Token::One,
                '[' => match set(rest.as_str()) {
                    Some((token, after)) => {
                        rest = after.chars();
                        token
                    }
                    None => Token::Literal('['),
                },
                c => Token::Literal(c),
            });
        }
        Self { tokens }
    }

    /// Goes back to the last `*` only, so that time is at most the product of both lengths.
    fn matches(&self, key: &str) -> bool {
        let (mut token, mut rest) = (0, key);
        let mut last_star: Option<(usize, &str)> = None;
        loop {
            let mut after = rest.chars();
            match (self.tokens.get(token), after.next()) {
                (Some(Token::Any), _) => {
                    token += 1;
                    last_star = Some((token, rest));
                    continue;
                }
                (None, None) => return true,
                (Some(expected), Some(c)) if expected.takes(c) => {
                    token += 1;
                    rest = after.as_str();
                    continue;
                }
                _ => {}
            }
            let Some((after_star, from)) = last_star else { return false };
            let mut longer = from.chars();
            if longer.next().is_none() {
                return false;
            }
            (token, rest) = (after_star, longer.as_str());
            last_star = Some((after_star, rest));
        }
    }

    /// Whether the pattern is `literal*`, and `folder` begins with the literal.
    fn matches_all_of(&self, folder: &str) -> bool {
        let Some((Token::Any, literals)) = self.tokens.split_last() else { return false };
        let mut folder = folder.chars();
        literals.iter().all(|token| matches!(token, Token::Literal(c) if folder.next() == Some(*c)))
    }
}

/// The set that follows a `[`, and what stands behind it; `None` if it is not closed. A `]` or `-` at its begin is a
/// member.
fn set(text: &str) -> Option<(Token, &str)> {
    let (negated, text) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
    let first = text.chars().next()?.len_utf8();
    let end = first + text[first..].find(']')?;
    let members: Vec<char> = text[..end].chars().collect();
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < members.len() {
        let is_range = members.get(at + 1) == Some(&'-') && at + 2 < members.len();
        ranges.push((members[at], members[at + if is_range { 2 } else { 0 }]));
        at += if is_range { 3 } else { 1 };
    }
    Some((Token::Set { negated, ranges }, &text[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, matching: &[&str], others: &[&str]) {
        let compiled = Pattern::new(pattern);
        for key in matching {
            assert!(compiled.matches(key), "{pattern} does not match {key:?}");
        }
        for key in others {
            assert!(!compiled.matches(key), "{pattern} matches {key:?}");
        }
    }

    #[test]
    fn patterns_are_those_of_fnmatch() {
        check("*", &["", "a", "a/b", "a\nb"], &[]);
        check("*.txt", &["a.txt", "a/b.txt", ".txt"], &["a.txt.gz", "txt", "A.TXT"]);
        check("a?c", &["abc", "a/c", "aäc"], &["ac", "abbc"]);
        check("a*b*c", &["abc", "a/b/c", "abcbc"], &["ab", "acb", "abcd"]);
        check("[a-c]x", &["ax", "cx"], &["dx", "-x", "x"]);
        check("[!a-c]x", &["dx", "/x"], &["ax", "x"]);
        check("[]x]", &["]", "x"], &["[", "a"]);
        check("[a-]", &["a", "-"], &["b"]);
        check("[-a]", &["a", "-"], &["b"]);
        check("[^a]", &["^", "a"], &["b"]);
        check("[ab", &["[ab"], &["a", "b"]);
        check("[!]", &["[!]"], &["a"]);
        check("[z-a]", &[], &["z", "a", "-"]);
        check("a.b", &["a.b"], &["axb"]);
        check("", &[""], &["a"]);
    }

    #[test]
    fn a_pattern_of_many_stars_ends() {
        let pattern = "*a".repeat(200);
        assert!(!Pattern::new(&pattern).matches(&"a".repeat(199)));
        assert!(Pattern::new(&pattern).matches(&"ba".repeat(2000)));
    }

    fn filters(rules: &[&str]) -> Filters {
        let mut filters = Filters::default();
        for rule in rules {
            filters.push(rule.starts_with('+'), &rule[1..]);
        }
        filters
    }

    #[test]
    fn the_last_matching_rule_decides() {
        let check = |rules: &[&str], key: &str, expect: bool| {
            assert_eq!(filters(rules).accepts(key), expect, "{rules:?} {key}");
        };
        check(&[], "a", true);
        check(&["-*", "+*.jpg"], "a/b.jpg", true);
        check(&["-*", "+*.jpg"], "a/b.png", false);
        check(&["+*.jpg", "-*"], "a/b.jpg", false);
        check(&["+*.jpg"], "a/b.png", true);
        check(&["-a/*", "+a/b/*", "-*.tmp"], "a/b/c", true);
        check(&["-a/*", "+a/b/*", "-*.tmp"], "a/b/c.tmp", false);
    }

    #[test]
    fn a_folder_is_left_out_only_if_no_key_of_it_takes_part() {
        let check = |rules: &[&str], folder: &str, expect: bool| {
            assert_eq!(filters(rules).excludes_all_of(folder), expect, "{rules:?} {folder}");
        };
        check(&[], "a/", false);
        check(&["-a/*"], "a/", true);
        check(&["-a/*"], "a/b/", true);
        check(&["-a/*"], "ab/", false);
        check(&["-a/*", "+b"], "a/", false);
        check(&["+b", "-a*"], "a/", true);
        check(&["-*.tmp"], "a/", false);
        check(&["-*"], "a/", true);
        check(&["-a/"], "a/", false);
    }
}
