//! `cargo xtask tidy`: the rules of the house that a compiler does not hold. Every file that breaks one is named with its
//! line and the rule, all at once.

use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace::{self, plural};
use crate::{Failure, Outcome};

/// Floors of the generator, highest first. A module imports from floors below its own, or from its own.
const CODEGEN: &[&[&str]] = &[
    &["emit"],
    &["resolve"],
    &["fixups"],
    &["model"],
    &["source"],
    &["expr"],
    &["ir", "json", "output"],
    &["name", "prose", "report"],
];
/// What no floor of the generator may import, although it is below: texts are made from decisions, not from models.
const CODEGEN_NEVER: &[(&str, &str)] =
    &[("emit", "model"), ("emit", "source"), ("emit", "json"), ("ir", "json")];
/// Floors of the runtime, highest first.
const RUNTIME: &[&[&str]] = &[
    &["resource", "transfer"],
    &["session"],
    &["sources"],
    &["paginate", "wait"],
    &["call"],
    &["auth", "checksum", "endpoint", "protocol", "retry"],
    &["codec", "credentials", "http", "jmespath"],
    &["config", "schema"],
    &["eventstream", "text", "value"],
    &["error"],
];
/// Where unsafe may stand: what reads and writes fields by offset, and the macro generated code ties its types to it with.
const UNSAFE: [&str; 2] = ["runtime/src/schema/layout", "runtime/src/codegen.rs"];
/// Lines of a hand-written file, at most.
const LINES: usize = 600;
/// Words that put off work or think too little of what may go wrong; fine in tests.
const WORDS: [&str; 4] = [".unwrap()", "todo!(", "unimplemented!(", "dbg!("];
/// Words that end a program: never on a model. The runtime may have them where an invariant of its own is proven.
const PANICS: [&str; 3] = [".expect(\"", "panic!(", "unreachable!("];

pub(crate) fn run() -> Outcome {
    let root = workspace::root();
    let mut complaints = Vec::new();
    let mut count = 0;
    for (folder, floors, never) in [
        ("codegen", CODEGEN, CODEGEN_NEVER),
        ("runtime", RUNTIME, &[]),
        ("xtask", &[], &[]),
        ("tests", &[], &[]),
    ] {
        let mut files = Vec::new();
        collect(&root.join(folder), &mut files)?;
        files.sort();
        for path in files {
            let text = fs::read_to_string(&path)?;
            let name =
                path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            // Golden crates are generated.
            if name.starts_with("tests/golden/") {
                continue;
            }
            count += 1;
            let file = File { name: &name, text: &text };
            file.check(&mut complaints);
            file.check_floors(folder, floors, never, &mut complaints);
        }
    }
    match complaints.is_empty() {
        true => {
            println!("{} tidy", plural(count, "file"));
            Ok(())
        }
        false => {
            let heading = plural(complaints.len(), "complaint");
            Err(Failure::Found(format!("{heading}\n{}", complaints.join("\n"))))
        }
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Outcome {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && !path.ends_with("target") {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

struct File<'a> {
    name: &'a str,
    text: &'a str,
}

impl File<'_> {
    /// Part of what others build on, and not a test of it.
    fn is_library(&self) -> bool {
        (self.name.starts_with("codegen/") || self.name.starts_with("runtime/")) && !self.is_test()
    }

    fn is_test(&self) -> bool {
        self.name.contains("/tests/") || self.name.ends_with("tests.rs")
    }

    /// Lines of code outside comments, strings left in, up to the unit tests.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
        lines
            .take_while(|(_, line)| *line != "#[cfg(test)]")
            .filter(|(_, line)| !line.starts_with("//"))
    }

    fn check(&self, complaints: &mut Vec<String>) {
        let name = self.name;
        if !self.text.starts_with("//! ") && !self.is_test() {
            complaints.push(format!("{name}:1: does not begin with what it is about (`//! …`)"));
        }
        let lines = self.text.lines().count();
        if lines > LINES {
            complaints.push(format!("{name}:{lines}: longer than {LINES} lines; split it by noun"));
        }
        for (line, text) in self.text.lines().enumerate().map(|(index, text)| (index + 1, text)) {
            if text.len() > text.trim_end().len() {
                complaints.push(format!("{name}:{line}: ends in a blank"));
            }
        }
        for (line, text) in self.code() {
            let is_unsafe = text.contains("unsafe {")
                || text.contains("unsafe fn")
                || text.contains("unsafe impl");
            if is_unsafe
                && !text.contains('"')
                && UNSAFE.iter().all(|place| !name.starts_with(place))
            {
                complaints.push(format!("{name}:{line}: unsafe outside {}", UNSAFE.join(" and ")));
            }
            if self.is_library() && !excused(self.text, line) {
                let panics = if name.starts_with("codegen/") { &PANICS[..] } else { &[] };
                for word in WORDS.iter().chain(panics).filter(|word| text.contains(**word)) {
                    complaints.push(format!("{name}:{line}: `{word}` outside a test"));
                }
                if text.contains("if service == ") || text.contains("if service_id == ") {
                    complaints.push(format!(
                        "{name}:{line}: a service's name decides; make it a trait of the model"
                    ));
                }
            }
        }
    }

    fn check_floors(
        &self,
        folder: &str,
        floors: &[&[&str]],
        never: &[(&str, &str)],
        complaints: &mut Vec<String>,
    ) {
        let Some(inside) = self.name.strip_prefix(&format!("{folder}/src/")) else { return };
        let module = inside.split(['/', '.']).next().unwrap_or_default();
        let floor = |module: &str| floors.iter().position(|floor| floor.contains(&module));
        let Some(own) = floor(module) else { return };
        for (line, text) in self.code() {
            for other in imports(text) {
                let below = floor(other).is_none_or(|other| other >= own);
                if !below || never.contains(&(module, other)) {
                    complaints
                        .push(format!("{}:{line}: `{module}` may not know `{other}`", self.name));
                }
            }
        }
    }
}

/// A line that is allowed by name, with its reason beside it.
fn excused(text: &str, line: usize) -> bool {
    let before = line.saturating_sub(3);
    text.lines()
        .skip(before)
        .take(line - before)
        .any(|line| line.contains("#[expect(clippy::") || line.contains("// Invariant:"))
}

/// The modules named after `crate::` in a line.
fn imports(line: &str) -> Vec<&str> {
    let mut modules = Vec::new();
    for (index, _) in line.match_indices("crate::") {
        if line[..index]
            .ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '"')
        {
            continue;
        }
        let rest = &line[index + "crate::".len()..];
        let words = match rest.strip_prefix('{') {
            Some(group) => group.split(',').map(str::trim).collect(),
            None => vec![rest],
        };
        let end = |word: &str| {
            word.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(word.len())
        };
        modules.extend(
            words.into_iter().map(|word| &word[..end(word)]).filter(|word| !word.is_empty()),
        );
    }
    modules
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, text: &str, expect: &[&str]) {
        let mut complaints = Vec::new();
        let file = File { name, text };
        file.check(&mut complaints);
        file.check_floors("codegen", CODEGEN, CODEGEN_NEVER, &mut complaints);
        assert_eq!(complaints, expect);
    }

    #[test]
    fn rules_outside_tests() {
        check("codegen/src/name/mod.rs", "//! Names.\nfn f() {}\n", &[]);
        check(
            "codegen/src/name/mod.rs",
            "fn f() { x.unwrap() } \n",
            &[
                "codegen/src/name/mod.rs:1: does not begin with what it is about (`//! …`)",
                "codegen/src/name/mod.rs:1: ends in a blank",
                "codegen/src/name/mod.rs:1: `.unwrap()` outside a test",
            ],
        );
        check(
            "codegen/src/name/mod.rs",
            "//! N.\n// x.unwrap()\n#[cfg(test)]\nmod t { x.unwrap() }\n",
            &[],
        );
        check(
            "codegen/src/name/mod.rs",
            "//! N.\n// Invariant: not empty.\nx.expect(\"\");\n",
            &[],
        );
    }

    #[test]
    fn imports_go_down() {
        let check = |module: &str, line: &str, expect: &[&str]| {
            check(&format!("codegen/src/{module}/a.rs"), &format!("//! A.\n{line}\n"), expect);
        };
        check("resolve", "use crate::model::Service;", &[]);
        check("resolve", "use crate::{ir, name::Scope};", &[]);
        check(
            "model",
            "use crate::{ir, resolve};",
            &["codegen/src/model/a.rs:2: `model` may not know `resolve`"],
        );
        check(
            "emit",
            "use crate::model::Service;",
            &["codegen/src/emit/a.rs:2: `emit` may not know `model`"],
        );
        check("name", "pub(in crate::name) fn f() {}", &[]);
        check("emit", "quote!(aws_core::crate::model)", &[]);
    }
}
