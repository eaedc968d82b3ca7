//! `cargo xtask tidy`: project rules that the compiler cannot check. Every file that breaks one is reported with its
//! line and the rule, all at once.

use std::fs;
use std::path::{Path, PathBuf};

use codegen::output::GENERATED_MARKER;

use crate::workspace::{self, plural};
use crate::{Failure, Outcome};

mod circles;
mod layers;
mod lexer;
mod vocabulary;

use layers::{FOLDERS, Layers};

/// Markdown documents, whose vocabulary is checked as that of the sources is.
const DOCUMENTS: [&str; 7] = [
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "README.md",
    "runtime/src/config/settings.md",
    "services/aws-s3-transfer/README.md",
    "tests/README.md",
    "tests/walks/README.md",
];
/// Where the retired words themselves stand.
const VOCABULARY: &str = "xtask/src/tidy/vocabulary.rs";
/// Where the other rules stand.
const TIDY: &str = "xtask/src/tidy.rs";
/// The one file that reads environment variables; the session passes on what it found.
const ENVIRONMENT: &str = "runtime/src/config/environment.rs";
/// Folders whose files may import each other, with the reason. Each must still contain such files.
const RECURSIVE: [(&str, &str); 1] = [(
    "runtime/src/schema/",
    "a shape has members, whose types have shapes: descriptions, views and values contain each other as data",
)];
/// Where unsafe may stand: what reads and writes fields by offset, the macro that ties generated types to it, and what
/// writes its invocations.
const UNSAFE: [&str; 3] = ["runtime/src/schema/layout", "runtime/src/generated", "codegen/src/emit/structure.rs"];
/// Lines of a hand-written file, at most.
const LINES: usize = 600;
/// Calls that put off work or ignore what may go wrong; fine in tests.
const UNFINISHED: [&str; 4] = [".unwrap()", "todo!(", "unimplemented!(", "dbg!("];
/// A test's clock that moves as soon as nothing is ready to run. It does not wait for the system, so that in such a file no
/// bytes may pass through a socket.
const PAUSED_CLOCK: [&str; 2] = ["start_paused = true", "time::pause()"];
const SOCKETS: [&str; 4] = ["TcpListener", "TcpStream", "MockServer", "raw_server"];
/// Calls that end a program: never on a model. The runtime may have them where an invariant of its own is proven.
const PANICS: [&str; 3] = [".expect(\"", "panic!(", "unreachable!("];

pub(crate) fn run() -> Outcome {
    let root = workspace::root();
    let hand_written = hand_written_crates(&root.join("services"))?;
    let mut problems = Problems::default();
    let (mut count, mut circles) = (0, 0);
    for (folder, layers) in &FOLDERS {
        let mut sources = Vec::new();
        let mut files = Vec::new();
        collect(&root.join(folder), &mut files)?;
        files.sort();
        for path in files {
            let text = fs::read_to_string(&path)?;
            let name = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            count += 1;
            let file =
                File { name: &name, text: &text, is_hand_written: hand_written.iter().any(|it| path.starts_with(it)) };
            file.check(&mut problems);
            file.check_layers(folder, layers, &mut problems);
            if layers.is_layered() && !file.is_test() {
                let code: Vec<_> = text.lines().take(code_lines(&text)).collect();
                sources.push((name.clone(), code.join("\n")));
            }
        }
        circles += report_circles(&sources, layers, &mut problems);
    }
    for name in DOCUMENTS {
        let text = fs::read_to_string(root.join(name))?;
        count += 1;
        problems.report_findings(name, vocabulary::in_markdown(&text));
    }
    problems.list.extend(vocabulary::needless_excuses(&problems.excused));
    if problems.list.is_empty() {
        println!("{} tidy, circles: {circles}", plural(count, "file"));
        return Ok(());
    }
    let heading = plural(problems.list.len(), "problem");
    Err(Failure::Found(format!("{heading}\n{}", problems.list.join("\n"))))
}

/// Reports files that import each other, and folders that are needlessly allowed to; returns how many circles there are.
fn report_circles(sources: &[(String, String)], layers: &Layers, problems: &mut Problems) -> usize {
    let found = circles::find(sources.iter().map(|(name, code)| (&**name, &**code)), layers.still());
    let is_allowed = |folder: &str, circle: &[(String, String)]| circle.iter().all(|it| it.0.starts_with(folder));
    let (allowed, circles): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|circle| RECURSIVE.iter().any(|(folder, _)| is_allowed(folder, circle)));
    for circle in &circles {
        for (from, to) in circle {
            problems.report(from, 1, format!("imports {to}, in a circle"));
        }
    }
    for (folder, _) in RECURSIVE.iter().filter(|it| sources.iter().any(|(name, _)| name.starts_with(it.0))) {
        if !allowed.iter().any(|circle| is_allowed(folder, circle)) {
            problems.report(folder, 1, "is allowed to contain files that import each other, and contains none");
        }
    }
    circles.len()
}

/// The folders of crates that are written by hand as a whole: their manifest is not generated either.
fn hand_written_crates(services: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(services)? {
        let folder = entry?.path();
        if fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|it| !it.contains(GENERATED_MARKER)) {
            found.push(folder);
        }
    }
    Ok(found)
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

/// What was found in all files.
#[derive(Default)]
struct Problems {
    /// `file:line: what is wrong`.
    list: Vec<String>,
    /// Retired words that are excused, each with its file.
    excused: Vec<(String, &'static str)>,
}

impl Problems {
    fn report(&mut self, file: &str, line: usize, what: impl std::fmt::Display) {
        self.list.push(format!("{file}:{line}: {what}"));
    }

    fn report_findings(&mut self, file: &str, findings: Vec<vocabulary::Finding>) {
        for finding in findings {
            if vocabulary::is_excused(file, finding.word) {
                self.excused.push((file.to_owned(), finding.word));
            } else {
                self.report(file, finding.line, format!("`{}` is retired: {}", finding.word, finding.instead));
            }
        }
    }
}

struct File<'a> {
    name: &'a str,
    text: &'a str,
    /// In a crate of `services/` that is written by hand.
    is_hand_written: bool,
}

impl File<'_> {
    /// Part of what others build on, and not a test of it.
    fn is_library(&self) -> bool {
        ["codegen/", "runtime/", "services/"].iter().any(|folder| self.name.starts_with(folder)) && !self.is_test()
    }

    /// In a place where only the generator writes.
    fn must_be_generated(&self) -> bool {
        let generated = self.name.starts_with("services/") || self.name.starts_with("tests/golden/");
        generated && !self.is_hand_written && !self.name.contains("/src/custom/")
    }

    fn is_test(&self) -> bool {
        self.name.starts_with("tests/") || self.name.contains("/tests/") || self.name.ends_with("tests.rs")
    }

    /// Lines of code outside comments, strings left in, up to the unit tests.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().take(code_lines(self.text)).map(str::trim);
        lines.enumerate().map(|(index, line)| (index + 1, line)).filter(|(_, line)| !line.starts_with("//"))
    }

    fn check(&self, problems: &mut Problems) {
        let name = self.name;
        let first = self.text.lines().next().unwrap_or_default();
        let generated = first.starts_with("// ") && first.contains(GENERATED_MARKER);
        if self.must_be_generated() {
            if !generated {
                problems.report(name, 1, "written by hand; only src/custom is");
            }
            return;
        }
        if generated {
            return;
        }
        if !self.text.starts_with("//! ") && !self.is_test() {
            problems.report(name, 1, "does not begin with a paragraph about its concern (`//! …`)");
        }
        let lines = self.text.lines().count();
        if lines > LINES {
            problems.report(name, lines, format!("longer than {LINES} lines; split it by noun"));
        }
        for (index, text) in self.text.lines().enumerate() {
            if text.len() > text.trim_end().len() {
                problems.report(name, index + 1, "ends in a blank");
            }
        }
        if PAUSED_CLOCK.iter().any(|it| self.text.contains(it)) && name != TIDY {
            for (index, text) in self.text.lines().enumerate() {
                for socket in SOCKETS.iter().filter(|it| text.contains(**it)) {
                    problems.report(
                        name,
                        index + 1,
                        format!("`{socket}` beside a paused clock, which does not wait for it"),
                    );
                }
            }
        }
        for (line, text) in self.code() {
            let is_unsafe = text.contains("unsafe {") || text.contains("unsafe fn") || text.contains("unsafe impl");
            if is_unsafe && !text.contains('"') && UNSAFE.iter().all(|place| !name.starts_with(place)) {
                problems.report(name, line, format!("unsafe outside {}", UNSAFE.join(" and ")));
            }
            if self.is_library() && !excused(self.text, line) {
                let panics = if name.starts_with("codegen/") { &PANICS[..] } else { &[] };
                for call in UNFINISHED.iter().chain(panics).filter(|call| text.contains(**call)) {
                    problems.report(name, line, format!("`{call}` outside a test"));
                }
                if text.contains("env::var") && name != ENVIRONMENT {
                    problems.report(name, line, format!("reads the environment; only {ENVIRONMENT} does"));
                }
                if text.contains("if service == ") || text.contains("if service_id == ") {
                    problems.report(name, line, "branches on a service's name; make it a trait of the model");
                }
            }
        }
        self.check_vocabulary(problems);
    }

    fn check_vocabulary(&self, problems: &mut Problems) {
        if self.name == VOCABULARY {
            return;
        }
        let tokens = lexer::tokens(self.text);
        let code_lines = code_lines(self.text);
        let (code, tests) = tokens.split_at(tokens.partition_point(|token| token.line <= code_lines));
        let mut findings = vocabulary::in_name(self.name.rsplit('/').next().unwrap_or_default(), 1);
        findings.extend(vocabulary::in_source(code, self.is_test()));
        findings.extend(vocabulary::in_source(tests, true));
        problems.report_findings(self.name, findings);
        for (line, what) in vocabulary::unclear_it(&tokens) {
            problems.report(self.name, line, what);
        }
    }

    fn check_layers(&self, folder: &str, layers: &Layers, problems: &mut Problems) {
        let Some(inside) = self.name.strip_prefix(&format!("{folder}/src/")).filter(|_| !self.is_test()) else {
            return;
        };
        let module = inside.split(['/', '.']).next().unwrap_or_default();
        if !layers.names(module) {
            problems.report(self.name, 1, format!("`{module}` is in no layer"));
        }
        for (line, text) in self.code() {
            for other in layers.forbidden(module, text) {
                problems.report(self.name, line, format!("`{module}` may not import `{other}`"));
            }
        }
    }
}

/// How many lines of a file come before its module of unit tests. What else is for tests alone, such as `mod tests;` or a
/// function, may stand anywhere.
fn code_lines(text: &str) -> usize {
    let lines: Vec<_> = text.lines().collect();
    let is_inline = |after: &[&str]| {
        let item = after.iter().find(|line| !line.starts_with("#["));
        item.is_some_and(|line| line.contains("mod ") && line.contains('{'))
    };
    let is_for_tests = |line: &str| line == "#[cfg(test)]" || line.starts_with("#[cfg(all(test,");
    let is_end = |at: &usize| is_for_tests(lines[*at]) && is_inline(&lines[at + 1..]);
    (0..lines.len()).find(is_end).unwrap_or(lines.len())
}

/// A line that is allowed by name, with its reason beside it.
fn excused(text: &str, line: usize) -> bool {
    let before = line.saturating_sub(3);
    text.lines()
        .skip(before)
        .take(line - before)
        .any(|line| line.contains("#[expect(clippy::") || line.contains("// Invariant:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, text: &str, expect: &[&str]) {
        let mut problems = Problems::default();
        let file = File { name, text, is_hand_written: false };
        file.check(&mut problems);
        for (folder, layers) in &FOLDERS {
            file.check_layers(folder, layers, &mut problems);
        }
        assert_eq!(problems.list, expect);
    }

    #[test]
    fn rules_outside_tests() {
        check("codegen/src/name/mod.rs", "//! Names.\nfn f() {}\n", &[]);
        check(
            "codegen/src/name/mod.rs",
            "fn f() { x.unwrap() } \n",
            &[
                "codegen/src/name/mod.rs:1: does not begin with a paragraph about its concern (`//! …`)",
                "codegen/src/name/mod.rs:1: ends in a blank",
                "codegen/src/name/mod.rs:1: `.unwrap()` outside a test",
            ],
        );
        check("codegen/src/name/mod.rs", "//! N.\n// x.unwrap()\n#[cfg(test)]\nmod t { x.unwrap() }\n", &[]);
        check(
            "codegen/src/name/mod.rs",
            "//! N.\n#[cfg(test)]\nmod tests;\nx.unwrap();\n#[cfg(test)]\n#[path = \"t.rs\"]\nmod t {\nx.unwrap() }\n",
            &["codegen/src/name/mod.rs:4: `.unwrap()` outside a test"],
        );
        check(
            "tests/walk.rs",
            "#[tokio::test(start_paused = true)]\nlet tcp = TcpListener::bind();\n",
            &["tests/walk.rs:2: `TcpListener` beside a paused clock, which does not wait for it"],
        );
        check("codegen/src/name/mod.rs", "//! N.\n// Invariant: not empty.\nx.expect(\"\");\n", &[]);
        check("runtime/src/attic/mod.rs", "//! N.\n", &["runtime/src/attic/mod.rs:1: `attic` is in no layer"]);
    }

    #[test]
    fn crates_that_are_written_by_hand_keep_the_rules() {
        let text = "//! Uploads.\nfn f() { x.unwrap() }\n";
        let name = "services/aws-s3-transfer/src/upload.rs";
        let mut problems = Problems::default();
        File { name, text, is_hand_written: true }.check(&mut problems);
        assert_eq!(problems.list, ["services/aws-s3-transfer/src/upload.rs:2: `.unwrap()` outside a test"]);
        let found = hand_written_crates(&workspace::root().join("services")).expect("the folder");
        let names: Vec<_> = found.iter().filter_map(|it| it.file_name()?.to_str()).collect();
        assert!(names.contains(&"aws-s3-transfer") && !names.contains(&"aws-s3"), "{names:?}");
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
    fn one_file_reads_the_environment() {
        let text = "//! E.\nstd::env::var(\"HOME\")\n";
        check(ENVIRONMENT, text, &[]);
        let expect = format!("runtime/src/http/tls.rs:2: reads the environment; only {ENVIRONMENT} does");
        check("runtime/src/http/tls.rs", text, &[&expect]);
    }

    #[test]
    fn vocabulary_and_layers_are_checked() {
        check(
            "runtime/src/protocol/door.rs",
            "//! D.\nuse crate::call::Answer;\n",
            &[
                "runtime/src/protocol/door.rs:1: `door` is retired: the `generated` module",
                "runtime/src/protocol/door.rs:2: `answer` is retired: response",
                "runtime/src/protocol/door.rs:2: `protocol` may not import `call`",
            ],
        );
        check(
            "runtime/src/wait.rs",
            "//! W.\nfn f() { g(\"an answer\") }\n",
            &["runtime/src/wait.rs:2: `answer` is retired: response"],
        );
        check("runtime/src/wait.rs", "//! W.\n#[cfg(test)]\nmod tests {\n    const A: &str = \"an answer\";\n}\n", &[]);
    }

    #[test]
    fn the_project_is_tidy() {
        if let Err(Failure::Found(problems) | Failure::Usage(problems)) = run() {
            panic!("{problems}");
        }
    }
}
