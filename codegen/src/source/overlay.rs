//! botocore's `<file>.sdk-extras.json`: `{"version": 1.0, "merge": {…}}`, merged deeply into the file it is named
//! after. Objects are merged key by key; any other value of the extras replaces that of the file.

use super::Document;
use crate::json::{self, Value};
use crate::report::Report;

/// Merges `extras` into `base`.
pub(super) fn apply(report: &mut Report, base: &mut Document, extras: &Document) {
    json::read(report, extras.location.clone(), &extras.value, |cursor| {
        if let Some(version) = cursor.get("version") {
            let supported = version.raw().as_f64() == Some(1.0);
            if !supported {
                version.problem(|report, location| report.problem(location, "unsupported version: expected 1.0"));
            }
        }
        if let Some(merge) = cursor.get("merge")
            && let Some(merge) = merge.as_object()
        {
            merge_deeply(&mut base.value, merge);
        }
    });
}

fn merge_deeply(base: &mut Value, extra: &Value) {
    match (base, extra) {
        (Value::Object(base), Value::Object(extra)) => {
            for (key, extra) in extra {
                merge_deeply(base.entry(key).or_insert(Value::Null), extra);
            }
        }
        (base, extra) => base.clone_from(extra),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::SourceLocation;
    use serde_json::json;

    fn check(base: Value, extras: Value, expect: Value, problems: &[&str]) {
        let mut report = Report::new();
        let mut base = Document { location: SourceLocation::new("base"), value: base };
        apply(&mut report, &mut base, &Document { location: SourceLocation::new("extras"), value: extras });
        assert_eq!(base.value.to_string(), expect.to_string());
        let found: Vec<String> = report.problems().iter().map(ToString::to_string).collect();
        assert_eq!(found, problems);
    }

    #[test]
    fn extras_merge_deeply_and_keep_order() {
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
    fn unknown_extras_are_problems() {
        check(
            json!({}),
            json!({"version": 2.0, "merge": 1, "remove": []}),
            json!({}),
            &[
                "extras#/merge: expected an object, found a number",
                "extras#/remove: unknown key `remove` (the generator must learn what it means before it may be ignored)",
                "extras#/version: unsupported version: expected 1.0",
            ],
        );
    }
}
