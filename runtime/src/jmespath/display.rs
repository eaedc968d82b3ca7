//! Expressions as text in JMESPath's own grammar, for messages. Knows no values.

use std::fmt::{self, Write};

use super::{Expression, Literal, Step};
use crate::types::Document;

/// In JMESPath's grammar: `Reservations[].Instances[].State.Name`.
impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, &self.0)
    }
}

fn write(f: &mut fmt::Formatter<'_>, step: &Step) -> fmt::Result {
    match step {
        Step::Current => f.write_char('@'),
        Step::Field(name) => write_name(f, name),
        Step::Literal(it) => write_literal(f, it),
        Step::Chain(steps) => {
            for (index, step) in steps.iter().enumerate() {
                match index.checked_sub(1).map(|it| &steps[it]) {
                    None => write_operand(f, step)?,
                    Some(before) if is_piped(before, step) => {
                        f.write_str(" | ")?;
                        write(f, step)?;
                    }
                    Some(_) => write_next(f, step)?,
                }
            }
            Ok(())
        }
        Step::Index(..)
        | Step::Slice(..)
        | Step::ListProjection(_)
        | Step::ValueProjection(_)
        | Step::FilterProjection(_)
        | Step::Flatten(_) => write_postfix(f, step),
        Step::Or(parts) => write_binary(f, parts, "||"),
        Step::And(parts) => write_binary(f, parts, "&&"),
        Step::Not(operand) => {
            f.write_char('!')?;
            write_operand(f, operand)
        }
        Step::Compare(comparison, parts) => write_binary(f, parts, comparison.symbol()),
        Step::MultiSelectList(steps) => {
            f.write_char('[')?;
            write_list(f, steps)?;
            f.write_char(']')
        }
        Step::MultiSelectHash(entries) => {
            f.write_char('{')?;
            for (index, (name, step)) in entries.iter().enumerate() {
                f.write_str(if index == 0 { "" } else { ", " })?;
                write_name(f, name)?;
                f.write_str(": ")?;
                write(f, step)?;
            }
            f.write_char('}')
        }
        Step::Call(function, arguments) => {
            write!(f, "{}(", function.name())?;
            write_list(f, arguments)?;
            f.write_char(')')
        }
        Step::ExpressionReference(step) => {
            f.write_char('&')?;
            write_operand(f, step)
        }
    }
}

/// A step that follows its operand: an index, a slice or a projection.
fn write_postfix(f: &mut fmt::Formatter<'_>, step: &Step) -> fmt::Result {
    // The current value before a bracket is not written.
    let operand = |f: &mut fmt::Formatter<'_>, step: &Step| match step {
        Step::Current => Ok(()),
        step if is_projection(step) => write_in_parentheses(f, step),
        step => write_operand(f, step),
    };
    match step {
        Step::Index(index, of) => {
            operand(f, of)?;
            write!(f, "[{index}]")
        }
        Step::Slice(bounds, of) => {
            operand(f, of)?;
            let [start, stop, step] = bounds.map(|bound| bound.map(|it| it.to_string()).unwrap_or_default());
            write!(f, "[{start}:{stop}{}{step}]", if step.is_empty() { "" } else { ":" })
        }
        Step::Flatten(of) => {
            // This ends a projection by itself.
            if is_projection(of) {
                write(f, of)?
            } else {
                operand(f, of)?
            }
            f.write_str("[]")
        }
        Step::ListProjection(parts) => {
            let [of, each] = &**parts;
            // A flattened list or a slice projects by itself.
            match of {
                Step::Flatten(_) | Step::Slice(..) => write(f, of)?,
                of => {
                    operand(f, of)?;
                    f.write_str("[*]")?;
                }
            }
            write_next(f, each)
        }
        Step::ValueProjection(parts) => {
            let [of, each] = &**parts;
            operand(f, of)?;
            if !matches!(of, Step::Current) {
                f.write_char('.')?;
            }
            f.write_char('*')?;
            write_next(f, each)
        }
        Step::FilterProjection(parts) => {
            let [of, condition, each] = &**parts;
            operand(f, of)?;
            f.write_str("[?")?;
            write(f, condition)?;
            f.write_char(']')?;
            write_next(f, each)
        }
        step => write(f, step),
    }
}

/// A step on the result of the step before.
fn write_next(f: &mut fmt::Formatter<'_>, step: &Step) -> fmt::Result {
    match step {
        Step::Current => return Ok(()),
        // The steps of a chain follow one by one.
        Step::Chain(steps) => return steps.iter().try_for_each(|it| write_next(f, it)),
        step if begins_with_bracket(step) => {}
        _ => f.write_char('.')?,
    }
    write(f, step)
}

/// Whether the step's text begins with a bracket that belongs to the text before.
fn begins_with_bracket(step: &Step) -> bool {
    let first = match step {
        Step::Index(_, of) | Step::Slice(_, of) | Step::Flatten(of) => of,
        Step::ListProjection(parts) => &parts[0],
        Step::FilterProjection(parts) => &parts[0],
        _ => return false,
    };
    matches!(first, Step::Current) || begins_with_bracket(first)
}

/// Whether a step applies what follows it to each element.
fn is_projection(step: &Step) -> bool {
    match step {
        Step::ListProjection(_) | Step::ValueProjection(_) | Step::FilterProjection(_) => true,
        Step::Chain(steps) => steps.last().is_some_and(is_projection),
        _ => false,
    }
}

/// Whether a pipe must be between two steps: a projection would take in what follows, and a dot has only names, lists,
/// objects and functions behind it.
fn is_piped(before: &Step, step: &Step) -> bool {
    let after_dot = !matches!(
        step,
        Step::Current
            | Step::Literal(_)
            | Step::Or(_)
            | Step::And(_)
            | Step::Not(_)
            | Step::Compare(..)
            | Step::ExpressionReference(_)
    );
    is_projection(before) || !after_dot
}

/// A step as an operand: in parentheses if its operator would bind less.
fn write_operand(f: &mut fmt::Formatter<'_>, step: &Step) -> fmt::Result {
    match step {
        Step::Or(_) | Step::And(_) | Step::Not(_) | Step::Compare(..) => write_in_parentheses(f, step),
        Step::Chain(steps) if steps.windows(2).any(|it| is_piped(&it[0], &it[1])) => write_in_parentheses(f, step),
        step => write(f, step),
    }
}

fn write_in_parentheses(f: &mut fmt::Formatter<'_>, step: &Step) -> fmt::Result {
    f.write_char('(')?;
    write(f, step)?;
    f.write_char(')')
}

fn write_binary(f: &mut fmt::Formatter<'_>, [left, right]: &[Step; 2], symbol: &str) -> fmt::Result {
    write_operand(f, left)?;
    write!(f, " {symbol} ")?;
    write_operand(f, right)
}

fn write_list(f: &mut fmt::Formatter<'_>, steps: &[Step]) -> fmt::Result {
    for (index, step) in steps.iter().enumerate() {
        f.write_str(if index == 0 { "" } else { ", " })?;
        write(f, step)?;
    }
    Ok(())
}

fn write_name(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    let is_identifier = name.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
        && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
    if is_identifier { f.write_str(name) } else { write!(f, "{}", Document::from(name)) }
}

fn write_literal(f: &mut fmt::Formatter<'_>, literal: &Literal) -> fmt::Result {
    match literal {
        Literal::String(text) if !text.contains(['\'', '\\']) => write!(f, "'{text}'"),
        literal => write!(f, "`{}`", to_document(literal).to_string().replace('`', "\\`")),
    }
}

fn to_document(literal: &Literal) -> Document {
    match literal {
        Literal::Null => Document::Null,
        Literal::Bool(it) => Document::Bool(*it),
        Literal::Number(it) => Document::Number(*it),
        Literal::String(it) => Document::from(&**it),
        Literal::Array(it) => it.iter().map(to_document).collect::<Vec<_>>().into(),
        Literal::Object(it) => Document::Object(it.iter().map(|it| (it.0.to_string(), to_document(&it.1))).collect()),
    }
}
