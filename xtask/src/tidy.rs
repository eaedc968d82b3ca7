//! `cargo xtask tidy`: the rules of the house that a compiler does not hold. Every file that breaks one is named with its
//! line and the rule, all at once.

use std::fs;
use std::path::{Path, PathBuf};

use codegen::output::GENERATED_MARKER;

use crate::workspace::{self, plural};
use crate::{Failure, Outcome};

/// Floors of the generator, highest first. A module imports from floors below its own, or from its own.
const CODEGEN: &[&[&str]] = &[
    &["compare", "runtime_files"],
    &["emit"],
    &["resolve"],
    &["fixups"],
    &["model"],
    &["source"],
    &["tables"],
    &["expr"],
    &["ir", "json", "output"],
    &["name", "prose", "report"],
];
/// What no floor of the generator may import, although it is below: texts are made from decisions, not from models.
const CODEGEN_NEVER: &[(&str, &str)] = &[("emit", "model"), ("emit", "source"), ("emit", "json"), ("ir", "json")];
/// Floors of the runtime, highest first.
const RUNTIME: &[&[&str]] = &[
    &["resource"],
    &["session"],
    &["credential_providers"],
    &["paginate", "wait"],
    &["call"],
    &["auth", "checksum", "endpoint", "protocol", "regions", "retry"],
    &["codec", "credentials", "http", "operation"],
    &["config", "schema"],
    &["jmespath"],
    &["encoding", "eventstream", "types"],
    &["error", "future"],
];
/// What a floor of the runtime may import although it is above: an error keeps the service's answer and the protocol that
/// reads modelled exceptions out of it, when somebody asks.
const RUNTIME_STILL: &[(&str, &str)] = &[("error", "protocol"), ("error", "schema")];
/// The folders whose files are read, and their floors.
const HOUSES: [(&str, House); 5] = [
    ("codegen", House { floors: CODEGEN, never: CODEGEN_NEVER, still: &[] }),
    ("runtime", House { floors: RUNTIME, never: &[], still: RUNTIME_STILL }),
    ("services", House::PLAIN),
    ("tests", House::PLAIN),
    ("xtask", House::PLAIN),
];
/// The one file that asks the environment for variables; the session passes on what it found.
const ENVIRONMENT: &str = "runtime/src/config/environment.rs";
/// Where unsafe may stand: what reads and writes fields by offset, and the macro generated code ties its types to it with.
const UNSAFE: [&str; 2] = ["runtime/src/schema/layout", "runtime/src/generated.rs"];
/// Lines of a hand-written file, at most.
const LINES: usize = 600;
/// Words that put off work or think too little of what may go wrong; fine in tests.
const WORDS: [&str; 4] = [".unwrap()", "todo!(", "unimplemented!(", "dbg!("];
/// Words that end a program: never on a model. The runtime may have them where an invariant of its own is proven.
const PANICS: [&str; 3] = [".expect(\"", "panic!(", "unreachable!("];

/// Which module of a crate may know which.
struct House {
    floors: &'static [&'static [&'static str]],
    never: &'static [(&'static str, &'static str)],
    still: &'static [(&'static str, &'static str)],
}

impl House {
    const PLAIN: House = House { floors: &[], never: &[], still: &[] };
}

pub(crate) fn run() -> Outcome {
    let root = workspace::root();
    let mut complaints = Vec::new();
    let mut count = 0;
    for (folder, house) in &HOUSES {
        let mut files = Vec::new();
        collect(&root.join(folder), &mut files)?;
        files.sort();
        for path in files {
            let text = fs::read_to_string(&path)?;
            let name = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            count += 1;
            let file = File { name: &name, text: &text };
            file.check(&mut complaints);
            file.check_floors(folder, house, &mut complaints);
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
        ["codegen/", "runtime/", "services/"].iter().any(|it| self.name.starts_with(it)) && !self.is_test()
    }

    /// In a place where only the generator writes.
    fn must_be_generated(&self) -> bool {
        let written = self.name.starts_with("services/") || self.name.starts_with("tests/golden/");
        written && !self.name.contains("/src/custom/")
    }

    fn is_test(&self) -> bool {
        self.name.contains("/tests/") || self.name.ends_with("tests.rs")
    }

    /// Lines of code outside comments, strings left in, up to the unit tests.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
        lines.take_while(|(_, line)| *line != "#[cfg(test)]").filter(|(_, line)| !line.starts_with("//"))
    }

    fn check(&self, complaints: &mut Vec<String>) {
        let name = self.name;
        let first = self.text.lines().next().unwrap_or_default();
        let generated = first.starts_with("// ") && first.contains(GENERATED_MARKER);
        if self.must_be_generated() {
            if !generated {
                complaints.push(format!("{name}:1: written by hand; only src/custom is"));
            }
            return;
        }
        if generated {
            return;
        }
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
            let is_unsafe = text.contains("unsafe {") || text.contains("unsafe fn") || text.contains("unsafe impl");
            if is_unsafe && !text.contains('"') && UNSAFE.iter().all(|place| !name.starts_with(place)) {
                complaints.push(format!("{name}:{line}: unsafe outside {}", UNSAFE.join(" and ")));
            }
            if self.is_library() && !excused(self.text, line) {
                let panics = if name.starts_with("codegen/") { &PANICS[..] } else { &[] };
                for word in WORDS.iter().chain(panics).filter(|word| text.contains(**word)) {
                    complaints.push(format!("{name}:{line}: `{word}` outside a test"));
                }
                if text.contains("env::var") && name != ENVIRONMENT {
                    complaints.push(format!("{name}:{line}: asks the environment; only {ENVIRONMENT} does"));
                }
                if text.contains("if service == ") || text.contains("if service_id == ") {
                    complaints.push(format!("{name}:{line}: a service's name decides; make it a trait of the model"));
                }
            }
        }
    }

    fn check_floors(&self, folder: &str, house: &House, complaints: &mut Vec<String>) {
        let Some(inside) = self.name.strip_prefix(&format!("{folder}/src/")) else { return };
        let module = inside.split(['/', '.']).next().unwrap_or_default();
        let floor = |module: &str| house.floors.iter().position(|floor| floor.contains(&module));
        let Some(own) = floor(module) else { return };
        for (line, text) in self.code() {
            for other in imports(text) {
                let below = floor(other).is_none_or(|other| other >= own);
                let pair = (module, other);
                if (!below && !house.still.contains(&pair)) || house.never.contains(&pair) {
                    complaints.push(format!("{}:{line}: `{module}` may not know `{other}`", self.name));
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
        if line[..index].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '"') {
            continue;
        }
        let rest = &line[index + "crate::".len()..];
        let words = match rest.strip_prefix('{') {
            Some(group) => group.split(',').map(str::trim).collect(),
            None => vec![rest],
        };
        let end = |word: &str| word.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(word.len());
        modules.extend(words.into_iter().map(|word| &word[..end(word)]).filter(|word| !word.is_empty()));
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
        for (folder, house) in &HOUSES {
            file.check_floors(folder, house, &mut complaints);
        }
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
        check("codegen/src/name/mod.rs", "//! N.\n// x.unwrap()\n#[cfg(test)]\nmod t { x.unwrap() }\n", &[]);
        check("codegen/src/name/mod.rs", "//! N.\n// Invariant: not empty.\nx.expect(\"\");\n", &[]);
    }

    #[test]
    fn generated_and_written() {
        let header = "// Generated by `cargo xtask generate` from models/botocore/s3/2006-03-01; do not edit.\n";
        check("services/aws-s3/src/client.rs", &format!("{header}fn f() {{ x.unwrap() }}\n"), &[]);
        check("runtime/src/endpoint/partition_table.rs", header, &[]);
        check("services/aws-s3/src/custom/mod.rs", "//! S3.\nfn f() {}\n", &[]);
        check(
            "services/aws-s3/src/client.rs",
            "//! The client.\n",
            &["services/aws-s3/src/client.rs:1: written by hand; only src/custom is"],
        );
    }

    #[test]
    fn one_file_asks_the_environment() {
        let text = "//! E.\nstd::env::var(\"HOME\")\n";
        check(ENVIRONMENT, text, &[]);
        let expect = format!("runtime/src/http/tls.rs:2: asks the environment; only {ENVIRONMENT} does");
        check("runtime/src/http/tls.rs", text, &[&expect]);
    }

    #[test]
    fn the_project_is_tidy() {
        if let Err(Failure::Found(complaints) | Failure::Usage(complaints)) = run() {
            panic!("{complaints}");
        }
    }

    #[test]
    fn imports_go_down() {
        let check = |module: &str, line: &str, expect: &[&str]| {
            check(&format!("codegen/src/{module}/a.rs"), &format!("//! A.\n{line}\n"), expect);
        };
        check("resolve", "use crate::model::Service;", &[]);
        check("resolve", "use crate::{ir, name::Scope};", &[]);
        check("model", "use crate::{ir, resolve};", &["codegen/src/model/a.rs:2: `model` may not know `resolve`"]);
        check("emit", "use crate::model::Service;", &["codegen/src/emit/a.rs:2: `emit` may not know `model`"]);
        check("name", "pub(in crate::name) fn f() {}", &[]);
        let runtime = |module: &str, line: &str, expect: &[&str]| {
            super::tests::check(&format!("runtime/src/{module}.rs"), &format!("//! A.\n{line}\n"), expect);
        };
        runtime("error", "use crate::protocol::Answer;", &[]);
        runtime(
            "protocol",
            "use crate::call::ServicePlan;",
            &["runtime/src/protocol.rs:2: `protocol` may not know `call`"],
        );
        check("emit", "quote!(aws_core::crate::model)", &[]);
    }
}
