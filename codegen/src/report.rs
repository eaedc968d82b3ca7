//! The diagnostics factory: every complaint the generator can make, where it belongs, and how all of them are shown
//! together. It knows no model; a grep for `report.` finds the whole catalogue of complaints.

use std::fmt::{self, Display};
use std::sync::Arc;

/// A spot in an input file: the file's name and a JSON pointer (RFC 6901) into it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    file: Arc<str>,
    pointer: String,
}

impl Place {
    /// The root of `file`, named as a reader would look for it (`s3/2006-03-01/service-2.json`).
    pub fn new(file: &str) -> Place {
        Place { file: file.into(), pointer: String::new() }
    }

    /// The place of one key or index below this one.
    pub fn child(&self, step: impl Display) -> Place {
        let mut place = self.clone();
        place.push(step);
        place
    }

    /// The place that a JSON pointer leads to from this one.
    pub fn below(&self, pointer: &str) -> Place {
        Place { file: self.file.clone(), pointer: format!("{}{pointer}", self.pointer) }
    }

    /// Moves one key or index down, escaped as RFC 6901 wants.
    pub(crate) fn push(&mut self, step: impl Display) {
        self.pointer.push('/');
        self.pointer.push_str(&step.to_string().replace('~', "~0").replace('/', "~1"));
    }

    /// The file's name.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The JSON pointer inside the file; empty for the whole document.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pointer.as_str() {
            "" => f.write_str(&self.file),
            pointer => write!(f, "{}#{pointer}", self.file),
        }
    }
}

/// One complaint: what is wrong, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where it is.
    pub place: Place,
    /// What is wrong there.
    pub message: String,
    /// What may help, when something is known.
    pub hint: Option<String>,
}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

/// The sink of all complaints of a run. It is passed first, as `&mut`; passes go on with a stand-in, and whoever started
/// the run looks here at its end.
#[derive(Debug, Clone, Default)]
pub struct Report {
    problems: Vec<Problem>,
}

impl Report {
    /// An empty report.
    pub fn new() -> Report {
        Report::default()
    }

    /// True when nothing was complained of.
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// How many complaints there are so far, repetitions included.
    pub fn len(&self) -> usize {
        self.problems.len()
    }

    /// All complaints sorted by file, then path, then text; equal ones once.
    pub fn problems(&self) -> Vec<&Problem> {
        let mut sorted: Vec<_> = self.problems.iter().collect();
        sorted.sort();
        sorted.dedup();
        sorted
    }

    /// Takes over all complaints of another report.
    pub fn merge(&mut self, other: Report) {
        self.problems.extend(other.problems);
    }

    /// Any complaint that has no method of its own.
    pub fn problem(&mut self, place: Place, message: impl Into<String>) {
        self.problems.push(Problem { place, message: message.into(), hint: None });
    }

    /// Any complaint that has no method of its own, with a hint.
    pub fn problem_with_hint(&mut self, place: Place, message: impl Into<String>, hint: impl Into<String>) {
        self.problems.push(Problem { place, message: message.into(), hint: Some(hint.into()) });
    }

    /// A key the reader knows nothing of; `known` are the keys it asked for.
    pub fn unknown_key(&mut self, place: Place, key: &str, known: &[&str]) {
        let hint = match nearest(key, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "the generator must learn what it means before it may be ignored".to_string(),
        };
        self.problem_with_hint(place.child(key), format!("unknown key `{key}`"), hint);
    }

    /// A key that must be there and is not.
    pub fn missing_key(&mut self, place: Place, key: &str) {
        self.problem(place, format!("the key `{key}` is missing"));
    }

    /// A value of another JSON type than the format asks for.
    pub fn wrong_type(&mut self, place: Place, expected: &str, found: &str) {
        self.problem(place, format!("expected {expected}, found {found}"));
    }

    /// A text that is none of the words allowed at this place.
    pub fn unknown_word(&mut self, place: Place, found: &str, known: &[&str]) {
        self.problem_with_hint(place, format!("unknown word `{found}`"), format!("one of {}", known.join(", ")));
    }

    /// A key given twice in one object.
    pub fn duplicate_key(&mut self, place: Place, key: &str) {
        self.problem(place.child(key), format!("the key `{key}` is given twice in one object"));
    }

    /// A reference to a shape the service does not define.
    pub fn unknown_shape<'a>(&mut self, place: Place, shape: &str, known: impl IntoIterator<Item = &'a str>) {
        self.unknown_name(place, "shape", shape, known);
    }

    /// A reference to something (`kind`: operation, member, resource, waiter…) that is not defined.
    pub fn unknown_name<'a>(&mut self, place: Place, kind: &str, name: &str, known: impl IntoIterator<Item = &'a str>) {
        let message = format!("there is no {kind} `{name}`");
        match nearest(name, known) {
            Some(near) => self.problem_with_hint(place, message, format!("did you mean `{near}`?")),
            None => self.problem(place, message),
        }
    }

    /// Two things that would bear one name; `other` says what holds it already.
    pub fn name_clash(&mut self, place: Place, name: &str, other: &str) {
        self.problem_with_hint(
            place,
            format!("the name `{name}` is already taken by {other}"),
            "an exception in the naming table settles it",
        );
    }

    /// A fixup that found nothing to heal.
    pub fn fixup_idle(&mut self, place: Place, name: &str) {
        self.problem_with_hint(
            place,
            format!("the fixup `{name}` changes nothing"),
            "the model was healed at its source, so the fixup can go",
        );
    }

    /// A path expression that does not fit the shapes it walks; `why` says where it stops.
    pub fn path_type(&mut self, place: Place, path: &str, why: &str) {
        self.problem(place, format!("the path `{path}` does not fit: {why}"));
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

/// Up to `count` candidates near enough to `name` to be meant by it, nearest first.
pub fn nearest_few<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>, count: usize) -> Vec<&'a str> {
    let wanted = name.to_lowercase();
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

/// Levenshtein's distance; beyond `limit` any number above it.
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
    fn problems_are_sorted_and_shown_once() {
        let mut report = Report::new();
        let b = Place::new("b.json");
        report.missing_key(b.child("shapes").child("a/b~c"), "type");
        report.missing_key(Place::new("a.json"), "metadata");
        report.missing_key(Place::new("a.json"), "metadata");
        report.unknown_key(b, "documentatoin", &["documentation", "shape"]);
        assert_eq!(
            report.to_string(),
            "a.json: the key `metadata` is missing\n\
             b.json#/documentatoin: unknown key `documentatoin` (did you mean `documentation`?)\n\
             b.json#/shapes/a~1b~0c: the key `type` is missing\n"
        );
    }

    #[test]
    fn nearest_names() {
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
    fn distances() {
        for (left, right, expect) in
            [("", "", 0), ("kitten", "sitting", 3), ("abc", "abc", 0), ("", "abc", 3), ("flaw", "lawn", 2)]
        {
            assert_eq!(edit_distance(left, right, 9), expect, "{left} {right}");
            assert_eq!(edit_distance(right, left, 9), expect, "{right} {left}");
        }
    }
}
