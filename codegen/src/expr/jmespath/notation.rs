//! Writes an [`Ast`] in the notation of `jmespath`, which the runtime decodes. Knows no JMESPath syntax.

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
        let unquoted =
            |name: &&str| is_identifier(name) && !(path.len() == 1 && matches!(*name, "null" | "true" | "false"));
        if path.iter().all(unquoted) {
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
        Ast::Index(operand, index) => form(text, &format!("at {index}"), [&**operand]),
        Ast::Slice(operand, parts) => {
            let [start, stop, step] = parts.map(|part| part.map_or("_".to_owned(), |number| number.to_string()));
            form(text, &format!("slice {start} {stop} {step}"), [&**operand]);
        }
        Ast::Each(operand, each) => form(text, "each", [&**operand, each]),
        Ast::Values(operand, each) => form(text, "values", [&**operand, each]),
        Ast::Where(operand, condition, each) => form(text, "where", [&**operand, condition, each]),
        Ast::Flatten(operand) => form(text, "flat", [&**operand]),
        Ast::Or(left, right) => form(text, "or", [&**left, right]),
        Ast::And(left, right) => form(text, "and", [&**left, right]),
        Ast::Not(operand) => form(text, "not", [&**operand]),
        Ast::Compare(comparison, left, right) => form(text, comparison.symbol(), [&**left, right]),
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
        Ast::Expression(operand) => form(text, "&", [&**operand]),
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

/// Writes the steps of `a.b.c` in order, however they are nested.
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

fn is_identifier(name: &str) -> bool {
    name.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
        && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
}

fn quoted(text: &mut String, quote: char, content: &str) {
    text.push(quote);
    for char in content.chars() {
        if char == quote || char == '\\' {
            text.push('\\');
        }
        text.push(char);
    }
    text.push(quote);
}

fn literal(text: &mut String, value: &Value) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(flag) => text.push_str(if *flag { "true" } else { "false" }),
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
