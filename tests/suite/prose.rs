//! Laws of prose over every description in `models/`, and in the folder `CORPUS_DIR` if that is set: its HTML becomes
//! Markdown without HTML, even if it is truncated.

use std::path::{Path, PathBuf};

use codegen::prose;
use serde_json::Value;

/// All `service-2.json` below `models/botocore` and `CORPUS_DIR`.
pub(crate) fn service_models() -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/botocore")];
    folders.extend(std::env::var_os("CORPUS_DIR").map(PathBuf::from));
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|it| it == "service-2.json") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Collects the HTML of every `documentation` in a model.
pub(crate) fn descriptions<'a>(value: &'a Value, out: &mut Vec<&'a str>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(text) if key == "documentation" => out.push(text),
                    value => descriptions(value, out),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|it| descriptions(it, out)),
        _ => {}
    }
}

/// The first part of the Markdown that renders as HTML: a `<` before a letter or slash that is neither escaped, nor in
/// code, nor the start of an autolink. Also reports fences and code spans that are not closed.
pub(crate) fn remaining_html(markdown: &str) -> Option<String> {
    let mut text = String::new();
    let mut fence: Option<&str> = None;
    for line in markdown.lines() {
        let content = line.trim_start_matches(['>', ' ', '-']);
        let ticks = &content[..content.len() - content.trim_start_matches('`').len()];
        match fence {
            Some(open) if content == open => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 && content[ticks.len()..] == *"text" => fence = Some(ticks),
            None => text.push_str(&format!("{line}\n")),
        }
    }
    if fence.is_some() {
        return Some("a fence that is not closed".to_owned());
    }
    let mut rest = text.as_str();
    while let Some(at) = rest.find(['\\', '`', '<']) {
        let here = &rest[at..];
        rest = match here.as_bytes()[0] {
            b'\\' => &here[1 + here[1..].chars().next().map_or(0, char::len_utf8)..],
            b'`' => {
                let ticks = here.len() - here.trim_start_matches('`').len();
                let mut end = ticks;
                loop {
                    let Some(next) = here[end..].find('`') else {
                        return Some("a code span that is not closed".to_owned());
                    };
                    let run = here[end + next..].len() - here[end + next..].trim_start_matches('`').len();
                    end += next + run;
                    if run == ticks {
                        break &here[end..];
                    }
                }
            }
            _ if here.starts_with("<https://") || here.starts_with("<http://") => &here[1..],
            _ if here[1..].starts_with(|it: char| it.is_ascii_alphabetic() || matches!(it, '/' | '!' | '?')) => {
                return Some(here.chars().take(40).collect());
            }
            _ => &here[1..],
        };
    }
    None
}

#[test]
fn the_checker_finds_remaining_html() {
    for html in ["a <b>c</b>", "</p>", "`a` <x", "```text\n<a>\n", "`a", "<!-- x -->", "\\\\<a>"] {
        assert!(remaining_html(html).is_some(), "{html}");
    }
    for markdown in
        ["a \\<b> `<c>` `` ` <d> `` <https://x.com> 1 < 2", "```text\n<a>\n```", "- > ```text\n  > <a>\n  > ```"]
    {
        assert_eq!(remaining_html(markdown), None, "{markdown}");
    }
}

#[test]
fn every_description_becomes_markdown_without_html() {
    let (mut count, mut failures) = (0, Vec::new());
    for file in service_models() {
        let model: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let mut found = Vec::new();
        descriptions(&model, &mut found);
        for html in found {
            let mut fail = |what: &str, html: &str| failures.push(format!("{}: {what}: {html}", file.display()));
            count += 1;
            let markdown = prose::markdown(html);
            if let Some(rest) = remaining_html(&markdown) {
                fail(&rest, html);
            }
            if markdown.lines().any(|it| it.ends_with(' ')) || markdown.ends_with('\n') {
                fail("white space at the end of a line", html);
            }
            let summary = prose::summary(html);
            if summary.contains('\n')
                || remaining_html(&summary).is_some()
                || (summary.is_empty() && !markdown.is_empty())
            {
                fail("an invalid summary", html);
            }
            // Truncated after one and two thirds: leaves tags, entities and lists open.
            for third in [1, 2] {
                let truncated: String = html.chars().take(html.chars().count() * third / 3).collect();
                if let Some(rest) = remaining_html(&prose::markdown(&truncated)) {
                    fail(&rest, &truncated);
                }
            }
        }
    }
    tests::say!("suite prose: {} passed, {} failed, 0 skipped", count - failures.len().min(count), failures.len());
    assert!(failures.is_empty(), "{}", failures[..failures.len().min(20)].join("\n"));
}
