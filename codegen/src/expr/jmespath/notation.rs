//! An [`Ast`] in the notation of `jmespath`, for the runtime to decode. Knows no grammar but its own.

use super::Ast;
use serde_json::Value;

/// The expression in the notation that generated code carries.
pub fn notation(ast: &Ast) -> String {
    let mut text = String::new();
    write(&mut text, ast);
    text
}

fn write(text: &mut String, ast: &Ast) {
    if let Some(path) = ast.path() {
        let plain = |it: &&str| is_plain(it) && !(path.len() == 1 && matches!(*it, "null" | "true" | "false"));
        if path.iter().all(plain) {
            text.push_str(&path.join("."));
            return;
        }
    }
    match ast {
        Ast::Current => text.push('@'),
        Ast::Field(name) => quoted(text, '"', name),
        Ast::Literal(value) => literal(text, value),
        Ast::Then(left, right) => {
            text.push_str("(.");
            chain(text, left);
            chain(text, right);
            text.push(')');
        }
        Ast::Index(of, index) => form(text, &format!("at {index}"), [&**of]),
        Ast::Slice(of, parts) => {
            let [start, stop, step] = parts.map(|it| it.map_or("_".to_owned(), |it| it.to_string()));
            form(text, &format!("slice {start} {stop} {step}"), [&**of]);
        }
        Ast::Each(of, each) => form(text, "each", [&**of, each]),
        Ast::Values(of, each) => form(text, "values", [&**of, each]),
        Ast::Where(of, condition, each) => form(text, "where", [&**of, condition, each]),
        Ast::Flatten(of) => form(text, "flat", [&**of]),
        Ast::Or(left, right) => form(text, "or", [&**left, right]),
        Ast::And(left, right) => form(text, "and", [&**left, right]),
        Ast::Not(of) => form(text, "not", [&**of]),
        Ast::Compare(comparison, left, right) => form(text, comparison.sign(), [&**left, right]),
        Ast::List(items) => form(text, "list", items),
        Ast::Hash(entries) => {
            text.push_str("(hash");
            for (key, value) in entries {
                text.push(' ');
                quoted(text, '\'', key);
                text.push(' ');
                write(text, value);
            }
            text.push(')');
        }
        Ast::Call(name, arguments) => form(text, &format!("call {name}"), arguments),
        Ast::Expression(of) => form(text, "&", [&**of]),
    }
}

fn form<'a>(text: &mut String, head: &str, parts: impl IntoIterator<Item = &'a Ast>) {
    text.push('(');
    text.push_str(head);
    for part in parts {
        text.push(' ');
        write(text, part);
    }
    text.push(')');
}

/// The steps of `a.b.c`, one after the other, whichever way they are nested.
fn chain(text: &mut String, ast: &Ast) {
    match ast {
        Ast::Then(left, right) if ast.path().is_none() => {
            chain(text, left);
            chain(text, right);
        }
        _ => {
            text.push(' ');
            write(text, ast);
        }
    }
}

fn is_plain(name: &str) -> bool {
    name.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
        && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
}

fn quoted(text: &mut String, quote: char, content: &str) {
    text.push(quote);
    for it in content.chars() {
        if it == quote || it == '\\' {
            text.push('\\');
        }
        text.push(it);
    }
    text.push(quote);
}

fn literal(text: &mut String, value: &Value) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(it) => text.push_str(if *it { "true" } else { "false" }),
        Value::Number(it) => text.push_str(&it.to_string()),
        Value::String(it) => quoted(text, '\'', it),
        Value::Array(items) => {
            text.push_str("(array");
            for item in items {
                text.push(' ');
                literal(text, item);
            }
            text.push(')');
        }
        Value::Object(entries) => {
            text.push_str("(object");
            for (key, value) in entries {
                text.push(' ');
                quoted(text, '\'', key);
                text.push(' ');
                literal(text, value);
            }
            text.push(')');
        }
    }
}
