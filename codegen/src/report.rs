//! Diagnostics: the problems that the generator reports, with their locations, and how a `Report` prints them together.
//! A grep for `report.` finds every problem there is. Knows no model.

use std::fmt::{self, Display};
use std::sync::Arc;

/// A location in an input file: the file's name and a JSON pointer (RFC 6901) into it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceLocation {
    file: Arc<str>,
    pointer: String,
}

impl SourceLocation {
    /// The root of `file`, which is a path as a maintainer would look for it (`s3/2006-03-01/service-2.json`).
    pub fn new(file: &str) -> SourceLocation {
        SourceLocation { file: file.into(), pointer: String::new() }
    }

    /// The location one key or index below this one.
    pub fn child(&self, step: impl Display) -> SourceLocation {
        let mut location = self.clone();
        location.push(step);
        location
    }

    /// The location that a JSON pointer leads to from this one.
    pub fn below(&self, pointer: &str) -> SourceLocation {
        SourceLocation { file: self.file.clone(), pointer: format!("{}{pointer}", self.pointer) }
    }

    /// Moves one key or index down, escaped by the rules of RFC 6901.
    pub(crate) fn push(&mut self, step: impl Display) {
        self.pointer.push('/');
        self.pointer.push_str(&step.to_string().replace('~', "~0").replace('/', "~1"));
    }

    /// The name of the file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The JSON pointer inside the file; empty for the whole document.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }
}

impl Display for SourceLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pointer.as_str() {
            "" => f.write_str(&self.file),
            pointer => write!(f, "{}#{pointer}", self.file),
        }
    }
}

/// One problem: what is wrong, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where it is.
    pub location: SourceLocation,
    /// What is wrong there.
    pub message: String,
    /// What may help, if known.
    pub hint: Option<String>,
}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.location, self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

/// Collects all problems of a run. It is passed as `&mut`; after a problem a pass goes on with a placeholder, and the
/// caller that started the run checks the report at its end.
#[derive(Debug, Clone, Default)]
pub struct Report {
    problems: Vec<Problem>,
}

impl Report {
    /// An empty report.
    pub fn new() -> Report {
        Report::default()
    }

    /// Whether no problem was reported.
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// How many problems were reported so far, duplicates included.
    pub fn len(&self) -> usize {
        self.problems.len()
    }

    /// All problems sorted by file, then JSON pointer, then message; equal ones once.
    pub fn problems(&self) -> Vec<&Problem> {
        let mut sorted: Vec<_> = self.problems.iter().collect();
        sorted.sort();
        sorted.dedup();
        sorted
    }

    /// Adds all problems of another report.
    pub fn merge(&mut self, other: Report) {
        self.problems.extend(other.problems);
    }

    /// Any problem that has no method of its own.
    pub fn problem(&mut self, location: SourceLocation, message: impl Into<String>) {
        self.problems.push(Problem { location, message: message.into(), hint: None });
    }

    /// Any problem that has no method of its own, with a hint.
    pub fn problem_with_hint(&mut self, location: SourceLocation, message: impl Into<String>, hint: impl Into<String>) {
        self.problems.push(Problem { location, message: message.into(), hint: Some(hint.into()) });
    }

    /// A key that the reader does not know; `known` are the keys it read.
    pub fn unknown_key(&mut self, location: SourceLocation, key: &str, known: &[&str]) {
        let hint = match nearest(key, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "the generator must learn what it means before it may be ignored".to_string(),
        };
        self.problem_with_hint(location.child(key), format!("unknown key `{key}`"), hint);
    }

    /// A required key that is missing.
    pub fn missing_key(&mut self, location: SourceLocation, key: &str) {
        self.problem(location, format!("the key `{key}` is missing"));
    }

    /// A value of another JSON type than the format requires.
    pub fn wrong_type(&mut self, location: SourceLocation, expected: &str, found: &str) {
        self.problem(location, format!("expected {expected}, found {found}"));
    }

    /// A string other than the `known` ones that are allowed here.
    pub fn unknown_value(&mut self, location: SourceLocation, found: &str, known: &[&str]) {
        self.problem_with_hint(
            location,
            format!("unknown value `{found}`"),
            format!("expected one of {}", known.join(", ")),
        );
    }

    /// A key that occurs twice in one object.
    pub fn duplicate_key(&mut self, location: SourceLocation, key: &str) {
        self.problem(location.child(key), format!("duplicate key `{key}`"));
    }

    /// A reference to a shape that the service does not define.
    pub fn unknown_shape<'a>(
        &mut self,
        location: SourceLocation,
        shape: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        self.unknown_name(location, "shape", shape, known);
    }

    /// A reference to something (`kind`: operation, member, resource, waiter…) that is not defined.
    pub fn unknown_name<'a>(
        &mut self,
        location: SourceLocation,
        kind: &str,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        let message = format!("there is no {kind} `{name}`");
        match nearest(name, known) {
            Some(near) => self.problem_with_hint(location, message, format!("did you mean `{near}`?")),
            None => self.problem(location, message),
        }
    }

    /// Two things that would get the same name; `other` says which one has it already.
    pub fn name_clash(&mut self, location: SourceLocation, name: &str, other: &str) {
        self.problem_with_hint(
            location,
            format!("the name `{name}` is already taken by {other}"),
            "add an exception to the naming table",
        );
    }

    /// A fixup that found nothing to correct.
    pub fn fixup_changed_nothing(&mut self, location: SourceLocation, name: &str) {
        self.problem_with_hint(
            location,
            format!("the fixup `{name}` changes nothing"),
            "the model was corrected upstream: remove the fixup",
        );
    }

    /// A path expression that does not match the shapes it is applied to; `why` says where it stops.
    pub fn path_mismatch(&mut self, location: SourceLocation, path: &str, why: &str) {
        self.problem(location, format!("invalid path `{path}`: {why}"));
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problems().into_iter().try_for_each(|problem| writeln!(f, "{problem}"))
    }
}

/// The candidate nearest to `name`, if one is near enough to be a misspelling of it.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_few(name, candidates, 1).pop()
}

/// Up to `count` candidates that `name` may be a misspelling of, nearest first.
pub fn nearest_few<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>, count: usize) -> Vec<&'a str> {
    let wanted = name.to_lowercase();
    // Our choice: a third of the letters may differ, at least one.
    let limit = wanted.chars().count().div_ceil(3).max(1);
    let mut near: Vec<(usize, &str)> = Vec::new();
    for candidate in candidates {
        let lower = candidate.to_lowercase();
        let distance = match lower.contains(&wanted) && wanted.len() > 2 {
            true => 0,
            false => edit_distance(&wanted, &lower, limit),
        };
        if distance <= limit {
            near.push((distance, candidate));
        }
    }
    near.sort();
    near.truncate(count);
    near.into_iter().map(|(_, candidate)| candidate).collect()
}

/// The Levenshtein distance; beyond `limit`, any number above it.
fn edit_distance(left: &str, right: &str, limit: usize) -> usize {
    let right: Vec<char> = right.chars().collect();
    if left.chars().count().abs_diff(right.len()) > limit {
        return limit + 1;
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = i;
        let mut last = i + 1;
        for (j, b) in right.iter().enumerate() {
            let above = row[j + 1];
            row[j] = last;
            last = (diagonal + usize::from(a != *b)).min(above + 1).min(last + 1);
            diagonal = above;
        }
        row[right.len()] = last;
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_sorted_and_printed_once() {
        let mut report = Report::new();
        let b = SourceLocation::new("b.json");
        report.missing_key(b.child("shapes").child("a/b~c"), "type");
        report.missing_key(SourceLocation::new("a.json"), "metadata");
        report.missing_key(SourceLocation::new("a.json"), "metadata");
        report.unknown_key(b, "documentatoin", &["documentation", "shape"]);
        assert_eq!(
            report.to_string(),
            "a.json: the key `metadata` is missing\n\
             b.json#/documentatoin: unknown key `documentatoin` (did you mean `documentation`?)\n\
             b.json#/shapes/a~1b~0c: the key `type` is missing\n"
        );
    }

    #[test]
    fn misspelled_names_find_their_candidates() {
        let check = |name: &str, expect: &[&str]| {
            let names = ["GetObject", "GetObjectAcl", "PutObject", "ListBuckets", "s3"];
            assert_eq!(nearest_few(name, names, 3), expect, "{name}");
        };
        check("GetObjet", &["GetObject", "PutObject"]);
        check("getobject", &["GetObject", "GetObjectAcl", "PutObject"]);
        check("listbucket", &["ListBuckets"]);
        check("Buckets", &["ListBuckets"]);
        check("s4", &["s3"]);
        check("Zebra", &[]);
        check("", &[]);
    }

    #[test]
    fn edit_distance_is_levenshteins_and_symmetric() {
        for (left, right, expect) in
            [("", "", 0), ("kitten", "sitting", 3), ("abc", "abc", 0), ("", "abc", 3), ("flaw", "lawn", 2)]
        {
            assert_eq!(edit_distance(left, right, 9), expect, "{left} {right}");
            assert_eq!(edit_distance(right, left, 9), expect, "{right} {left}");
        }
    }
}
