//! botocore's `<file>.sdk-extras.json`: `{"version": 1.0, "merge": {…}}`, merged deeply into the file it is named after.
//! Objects are merged key by key, anything else in the extras replaces what the file has.

use super::Document;
use crate::json::{self, Value};
use crate::report::Report;

/// Merges `extras` into `base`.
pub(super) fn apply(report: &mut Report, base: &mut Document, extras: &Document) {
    json::read(report, extras.place.clone(), &extras.value, |cursor| {
        if let Some(version) = cursor.get("version") {
            let known = version.raw().as_f64() == Some(1.0);
            if !known {
                version.complain(|report, place| report.problem(place, "only version 1.0 is understood"));
            }
        }
        if let Some(merge) = cursor.get("merge")
            && let Some(merge) = merge.as_object()
        {
            deep(&mut base.value, merge);
        }
    });
}

fn deep(base: &mut Value, extra: &Value) {
    match (base, extra) {
        (Value::Object(base), Value::Object(extra)) => {
            for (key, extra) in extra {
                deep(base.entry(key).or_insert(Value::Null), extra);
            }
        }
        (base, extra) => base.clone_from(extra),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Place;
    use serde_json::json;

    fn check(base: Value, extras: Value, expect: Value, problems: &[&str]) {
        let mut report = Report::new();
        let mut base = Document { place: Place::new("base"), value: base };
        apply(&mut report, &mut base, &Document { place: Place::new("extras"), value: extras });
        assert_eq!(base.value.to_string(), expect.to_string());
        let found: Vec<String> = report.problems().iter().map(ToString::to_string).collect();
        assert_eq!(found, problems);
    }

    #[test]
    fn merges_deeply_and_keeps_order() {
        let base = || json!({"b": {"x": 1, "y": [1, 2]}, "a": "t"});
        check(
            base(),
            json!({"version": 1.0, "merge": {"b": {"y": [3], "z": {"n": null}}, "c": true}}),
            json!({"b": {"x": 1, "y": [3], "z": {"n": null}}, "a": "t", "c": true}),
            &[],
        );
        check(
            base(),
            json!({"version": 1, "merge": {"a": {"k": 1}}}),
            json!({"b": {"x": 1, "y": [1, 2]}, "a": {"k": 1}}),
            &[],
        );
        check(base(), json!({}), base(), &[]);
    }

    #[test]
    fn unknown_extras_are_complaints() {
        check(
            json!({}),
            json!({"version": 2.0, "merge": 1, "remove": []}),
            json!({}),
            &[
                "extras#/merge: expected an object, found a number",
                "extras#/remove: unknown key `remove` (the generator must learn what it means before it may be ignored)",
                "extras#/version: only version 1.0 is understood",
            ],
        );
    }
}
