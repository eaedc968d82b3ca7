//! The project's vocabulary: words that were replaced by the field's terms and do not return, and when a closure may
//! call its argument `it`. Reads tokens; knows no module and no layer.

use super::lexer::{Kind, Token};

/// A word that no name or sentence uses again.
struct Retired {
    word: &'static str,
    instead: &'static str,
    scope: Scope,
}

/// Where a word is retired.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// In identifiers and file names; as a word of a sentence it is plain English.
    Names,
    /// In comments, messages and documents; as a name it may be a term, such as a function of mathematics.
    Sentences,
    /// In sentences too: comments, messages and documents.
    Everywhere,
}

const fn everywhere(word: &'static str, instead: &'static str) -> Retired {
    Retired { word, instead, scope: Scope::Everywhere }
}

const fn in_sentences_only(word: &'static str, instead: &'static str) -> Retired {
    Retired { word, instead, scope: Scope::Sentences }
}

const fn in_names(word: &'static str, instead: &'static str) -> Retired {
    Retired { word, instead, scope: Scope::Names }
}

/// The retired words, each with the term that replaced it.
const RETIRED: &[Retired] = &[
    everywhere("anew", "again, refreshed"),
    everywhere("answer", "response"),
    everywhere("answered", "responded, result"),
    everywhere("answers", "responses"),
    everywhere("dearest", "preferred"),
    everywhere("door", "the `generated` module"),
    everywhere("elsewhere", "another region, redirect, outside the workspace"),
    in_sentences_only("floor", "layer"),
    everywhere("heal", "correct"),
    everywhere("healed", "corrected"),
    everywhere("heals", "corrects"),
    everywhere("nobody", "the noun that is meant"),
    everywhere("perishable", "expiring"),
    everywhere("somebody", "the noun that is meant"),
    everywhere("special", "customization, reserved"),
    everywhere("stuff", "the noun that is meant"),
    everywhere("surroundings", "context"),
    everywhere("texts", "strings"),
    everywhere("told", "reported, returned, set"),
    everywhere("whoever", "the noun that is meant"),
    in_names("around", "context, session"),
    in_names("asker", "context"),
    in_names("dial", "connect"),
    in_names("given", "explicit"),
    in_names("hear", "parse"),
    in_names("made", "built, the noun that is meant"),
    in_names("said", "message, output"),
    in_names("scene", "context, fixture"),
    in_names("tell", "print, report"),
    in_names("trouble", "error"),
    in_names("verbatim", "what the type does"),
    in_names("way", "route, path, pointer"),
    in_names("ways", "routes, paths, pointers"),
];

/// Phrases that are retired in sentences.
const PHRASES: &[(&str, &str)] = &[
    ("as good as", "almost, equal to"),
    ("at hand", "in memory, fresh"),
    ("be it", "whether"),
    ("but for", "except for"),
    ("for want of", "without"),
    ("good for", "valid for"),
    ("is none of", "is not a valid …: expected …"),
    ("of old", "older"),
];

/// Where a retired word stays, and why. An entry that excuses nothing is a problem.
const EXCUSED: &[(&str, &str, &str)] = &[
    ("codegen/src/expr/jmespath.rs", "floor", "a function of JMESPath"),
    ("runtime/src/jmespath/function.rs", "floor", "a function of JMESPath"),
    ("xtask/src/check_all.rs", "verbatim", "an attribute of clap"),
    ("xtask/src/generate.rs", "verbatim", "an attribute of clap"),
    ("xtask/src/models/update.rs", "verbatim", "an attribute of clap"),
];

/// One use of a retired word.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) line: usize,
    pub(super) word: &'static str,
    pub(super) instead: &'static str,
}

/// The retired words in the names, comments and messages of Rust source. Messages are not looked at in tests, whose
/// strings are data.
pub(super) fn in_source(tokens: &[Token<'_>], is_test: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for token in tokens {
        match token.kind {
            Kind::Name => findings.extend(in_name(token.text, token.line)),
            Kind::String if is_test => {}
            Kind::Comment | Kind::String => in_sentences(token.text, token.line, &mut findings),
            Kind::Mark => {}
        }
    }
    findings
}

/// The retired words in a Markdown document.
pub(super) fn in_markdown(text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut fenced = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            in_sentences(line, index + 1, &mut findings);
        }
    }
    findings
}

/// The retired words in an identifier or in the name of a file.
pub(super) fn in_name(name: &str, line: usize) -> Vec<Finding> {
    let words = split(name);
    let of = |retired: &'static Retired| Finding { line, word: retired.word, instead: retired.instead };
    RETIRED
        .iter()
        .filter(|retired| retired.scope != Scope::Sentences && words.iter().any(|word| word == retired.word))
        .map(of)
        .collect()
}

/// The words of a name in snake case or camel case, in lower case.
fn split(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || c.is_uppercase() && was_lower {
            words.push(String::new());
        }
        was_lower = c.is_lowercase() || c.is_numeric();
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
    }
    words
}

fn in_sentences(text: &str, line: usize, findings: &mut Vec<Finding>) {
    for (offset, text) in text.lines().enumerate() {
        // What stands in backticks is code, or quoted.
        let prose: String = text.split('`').step_by(2).collect::<Vec<_>>().join("`").to_lowercase();
        let is_letter = |c: char| c.is_alphanumeric() || c == '_';
        for retired in RETIRED.iter().filter(|retired| retired.scope != Scope::Names) {
            if prose.split(|c| !is_letter(c)).any(|word| word == retired.word) {
                findings.push(Finding { line: line + offset, word: retired.word, instead: retired.instead });
            }
        }
        for (phrase, instead) in PHRASES {
            let stands_alone = |at: usize| {
                let (before, after) = (&prose[..at], &prose[at + phrase.len()..]);
                !before.ends_with(is_letter) && !after.starts_with(is_letter)
            };
            if prose.match_indices(phrase).any(|(at, _)| stands_alone(at)) {
                findings.push(Finding { line: line + offset, word: phrase, instead });
            }
        }
    }
}

/// Whether a finding in a file is excused.
pub(super) fn is_excused(file: &str, word: &str) -> bool {
    EXCUSED.iter().any(|(path, excused, _)| file == *path && word == *excused)
}

/// The entries of [`EXCUSED`] that excuse none of `findings`, pairs of file and word.
pub(super) fn needless_excuses(findings: &[(String, &str)]) -> Vec<String> {
    let used = |path: &str, word: &str| findings.iter().any(|(file, found)| file == path && *found == word);
    let needless = EXCUSED.iter().filter(|(path, word, _)| !used(path, word));
    needless.map(|(path, word, _)| format!("{path}: does not use `{word}`; remove the excuse")).collect()
}

/// Lines of a function from which on no parameter is called `it`.
const LONG_FUNCTION: usize = 5;

/// The lines where `it` hides another `it`, or is a parameter of a long function.
pub(super) fn unclear_it(tokens: &[Token<'_>]) -> Vec<(usize, &'static str)> {
    let code: Vec<_> = tokens.iter().filter(|token| token.kind != Kind::Comment).collect();
    let mut found = Vec::new();
    // The depths at which closures over `it` began.
    let mut closures: Vec<usize> = Vec::new();
    let mut depth = 0;
    for (at, token) in code.iter().enumerate() {
        match token.text {
            _ if token.kind == Kind::String => {}
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => {
                depth -= 1;
                closures.retain(|begin| *begin <= depth);
            }
            "," | ";" => closures.retain(|begin| *begin < depth),
            "it" if is_closure(&code, at) => {
                if !closures.is_empty() {
                    found.push((token.line, "a closure over `it` inside another; name one of them"));
                }
                closures.push(depth);
            }
            "fn" => {
                if let Some(line) = long_parameter(&code[at..]) {
                    found.push((line, "`it` is a parameter of a long function; name it"));
                }
            }
            _ => {}
        }
    }
    found
}

/// Whether the name at `at` is the only argument of a closure, `|it|`.
fn is_closure(code: &[&Token<'_>], at: usize) -> bool {
    let is = |at: Option<usize>, text: &str| at.and_then(|at| code.get(at)).is_some_and(|token| token.is(text));
    is(at.checked_sub(1), "|") && is(Some(at + 1), "|")
}

/// The line of a parameter `it` of the function that begins here, if its body is long.
fn long_parameter(code: &[&Token<'_>]) -> Option<usize> {
    let open = code.iter().position(|token| token.is("{") || token.is(";")).filter(|at| code[*at].is("{"))?;
    let parameter = code[..open].windows(2).find(|pair| pair[0].is("it") && pair[1].is(":"))?[0].line;
    let mut depth = 0;
    let close = code[open..].iter().find(|token| {
        depth += usize::from(token.is("{"));
        depth -= usize::from(token.is("}"));
        depth == 0
    })?;
    (close.line - code[open].line > LONG_FUNCTION).then_some(parameter)
}

#[cfg(test)]
mod tests {
    use super::super::lexer::tokens;
    use super::*;

    fn check(source: &str, expect: &[(usize, &str)]) {
        let found: Vec<_> = in_source(&tokens(source), false).iter().map(|it| (it.line, it.word)).collect();
        assert_eq!(found, expect, "{source}");
    }

    #[test]
    fn retired_words_are_found_in_names_and_sentences() {
        check("fn has_answer() {}", &[(1, "answer")]);
        check("struct LastAnswer;", &[(1, "answer")]);
        check("let flooring = 1;", &[]);
        check("// Reads it.\n/// The answer.", &[(2, "answer")]);
        check("f(\"was told so\")", &[(1, "told")]);
        check("/// In a way that is given.", &[]);
        check("let given_way = 1;", &[(1, "given"), (1, "way")]);
        check("/// As `Answer` says.", &[]);
        check("/// Credentials at hand.", &[(1, "at hand")]);
        check("/// Tubers of older kinds.", &[]);
    }

    #[test]
    fn strings_of_tests_are_data() {
        assert_eq!(in_source(&tokens("f(\"answer\")"), true), []);
    }

    #[test]
    fn code_in_documents_is_left_alone() {
        let found = in_markdown("An answer.\n```\nanswer\n```\n`answer`\n");
        assert_eq!(found.iter().map(|it| it.line).collect::<Vec<_>>(), [1]);
    }

    fn check_it(source: &str, expect: &[usize]) {
        let found: Vec<_> = unclear_it(&tokens(source)).into_iter().map(|it| it.0).collect();
        assert_eq!(found, expect, "{source}");
    }

    #[test]
    fn it_is_clear_in_one_hop() {
        check_it("a.map(|it| it.b).filter(|it| it.c)", &[]);
        check_it("f(|it| it.a, |it| it.b)", &[]);
        check_it("let a = |it| it.b;\nlet c = |it| it.d;", &[]);
        check_it("a.map(|it| it.b.any(|it| it.c))", &[1]);
        check_it("fn f(it: &str) -> usize { it.len() }", &[]);
        check_it("fn f(it: &str) {\n1\n2\n3\n4\n5\n6\n}", &[1]);
        check_it("fn f(it: &str);", &[]);
    }
}
