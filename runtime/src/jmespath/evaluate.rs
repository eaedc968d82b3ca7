//! Evaluates steps on values. Knows the meaning of every step except the functions, which are in `function`.

mod call;

use super::compare::compare;
use super::failure::JmesPathError;
use super::node::Node;
use super::tree::Tree;
use super::{Comparison, Literal, Step};
use std::borrow::Cow;

type Result<'a, T> = std::result::Result<Node<'a, T>, JmesPathError>;

/// Evaluates a step on the current value. Every kind has its own function, so that nested steps need little stack.
pub(super) fn evaluate<'a, T: Tree<'a>>(step: &'a Step, current: &Node<'a, T>) -> Result<'a, T> {
    match step {
        Step::Current => Ok(current.clone()),
        Step::Field(name) => Ok(current.field(name)),
        Step::Literal(literal) => Ok(literal_value(literal)),
        Step::Chain(steps) => chain(steps, current),
        Step::Index(index, operand) => element_at(operand, *index, current),
        Step::Slice(bounds, operand) => slice(*bounds, operand, current),
        Step::ListProjection(parts) => list_projection(parts, current),
        Step::ValueProjection(parts) => value_projection(parts, current),
        Step::FilterProjection(parts) => filter_projection(parts, current),
        Step::Flatten(operand) => flatten(operand, current),
        Step::Or(parts) => or_and(parts, false, current),
        Step::And(parts) => or_and(parts, true, current),
        Step::Not(operand) => not(operand, current),
        Step::Compare(operator, parts) => compared(*operator, parts, current),
        Step::MultiSelectList(steps) => multi_select_list(steps, current),
        Step::MultiSelectHash(entries) => multi_select_hash(entries, current),
        Step::Call(function, arguments) => call::call(*function, arguments, current),
        // An expression reference has no value: functions read it from their arguments.
        Step::ExpressionReference(_) => Ok(Node::Null),
    }
}

/// `or` and `and`: the second value if the truth of the first equals `and`, else the first.
fn or_and<'a, T: Tree<'a>>([first, second]: &'a [Step; 2], and: bool, current: &Node<'a, T>) -> Result<'a, T> {
    let first = evaluate(first, current)?;
    if first.is_true() == and { evaluate(second, current) } else { Ok(first) }
}

fn not<'a, T: Tree<'a>>(operand: &'a Step, current: &Node<'a, T>) -> Result<'a, T> {
    evaluate(operand, current).map(|it| Node::Bool(!it.is_true()))
}

fn compared<'a, T: Tree<'a>>(
    operator: Comparison,
    [left, right]: &'a [Step; 2],
    current: &Node<'a, T>,
) -> Result<'a, T> {
    let left = evaluate(left, current)?;
    let right = evaluate(right, current)?;
    Ok(compare(operator, &left, &right).map_or(Node::Null, Node::Bool))
}

fn list_projection<'a, T: Tree<'a>>([operand, step]: &'a [Step; 2], current: &Node<'a, T>) -> Result<'a, T> {
    project(evaluate(operand, current)?.into_elements(), step)
}

fn value_projection<'a, T: Tree<'a>>([operand, step]: &'a [Step; 2], current: &Node<'a, T>) -> Result<'a, T> {
    let entries = evaluate(operand, current)?.into_entries();
    project(entries.map(|entries| entries.into_iter().map(|it| it.1).collect()), step)
}

fn chain<'a, T: Tree<'a>>(steps: &'a [Step], current: &Node<'a, T>) -> Result<'a, T> {
    let Some((first, rest)) = steps.split_first() else { return Ok(current.clone()) };
    let mut value = evaluate(first, current)?;
    for step in rest {
        value = evaluate(step, &value)?;
    }
    Ok(value)
}

fn element_at<'a, T: Tree<'a>>(operand: &'a Step, index: i64, current: &Node<'a, T>) -> Result<'a, T> {
    let list = evaluate(operand, current)?;
    let length = list.array_len().and_then(|it| i64::try_from(it).ok()).unwrap_or_default();
    let index = if index < 0 { index.saturating_add(length) } else { index };
    Ok(usize::try_from(index).ok().and_then(|it| list.element(it)).unwrap_or(Node::Null))
}

/// The elements from start up to stop by step, with the rules of Python's slices.
fn slice<'a, T: Tree<'a>>(
    [start, stop, step]: [Option<i64>; 3],
    operand: &'a Step,
    current: &Node<'a, T>,
) -> Result<'a, T> {
    let list = evaluate(operand, current)?;
    let Some(length) = list.array_len().and_then(|it| i64::try_from(it).ok()) else {
        return Ok(Node::Null);
    };
    let step = step.unwrap_or(1);
    let (least, most) = if step < 0 { (-1, length - 1) } else { (0, length) };
    let bound = |index: i64| if index < 0 { index.saturating_add(length) } else { index }.clamp(least, most.max(least));
    let (first, last) = if step < 0 { (most, least) } else { (least, most) };
    let stop = stop.map_or(last, bound);
    let mut index = start.map_or(first, bound);
    let mut taken = Vec::new();
    while step != 0 && if step < 0 { index > stop } else { index < stop } {
        taken.extend(usize::try_from(index).ok().and_then(|it| list.element(it)));
        index = index.saturating_add(step);
    }
    Ok(Node::Array(taken))
}

/// Evaluates the step on every element and leaves out nulls.
fn project<'a, T: Tree<'a>>(elements: Option<Vec<Node<'a, T>>>, step: &'a Step) -> Result<'a, T> {
    let Some(mut elements) = elements else { return Ok(Node::Null) };
    if *step != Step::Current {
        let mut taken = Vec::with_capacity(elements.len());
        for element in elements {
            taken.push(evaluate(step, &element)?);
        }
        elements = taken;
    }
    elements.retain(|it| !it.is_null());
    Ok(Node::Array(elements))
}

fn filter_projection<'a, T: Tree<'a>>(
    [operand, condition, step]: &'a [Step; 3],
    current: &Node<'a, T>,
) -> Result<'a, T> {
    let Some(elements) = evaluate(operand, current)?.into_elements() else { return Ok(Node::Null) };
    let mut taken = Vec::new();
    for element in elements {
        if evaluate(condition, &element)?.is_true() {
            taken.push(element);
        }
    }
    project(Some(taken), step)
}

fn flatten<'a, T: Tree<'a>>(operand: &'a Step, current: &Node<'a, T>) -> Result<'a, T> {
    let Some(elements) = evaluate(operand, current)?.into_elements() else { return Ok(Node::Null) };
    let mut all = Vec::with_capacity(elements.len());
    for element in elements {
        if element.array_len().is_some() {
            all.extend(element.into_elements().unwrap_or_default());
        } else {
            all.push(element);
        }
    }
    Ok(Node::Array(all))
}

fn multi_select_list<'a, T: Tree<'a>>(steps: &'a [Step], current: &Node<'a, T>) -> Result<'a, T> {
    if current.is_null() {
        return Ok(Node::Null);
    }
    let items: std::result::Result<Vec<_>, _> = steps.iter().map(|it| evaluate(it, current)).collect();
    Ok(Node::Array(items?))
}

fn multi_select_hash<'a, T: Tree<'a>>(entries: &'a [(Box<str>, Step)], current: &Node<'a, T>) -> Result<'a, T> {
    if current.is_null() {
        return Ok(Node::Null);
    }
    let mut object: Vec<(Cow<'a, str>, Node<'a, T>)> = Vec::with_capacity(entries.len());
    for (key, step) in entries {
        call::set_field(&mut object, Cow::Borrowed(&**key), evaluate(step, current)?);
    }
    Ok(Node::Object(object))
}

fn literal_value<'a, T>(literal: &'a Literal) -> Node<'a, T> {
    match literal {
        Literal::Null => Node::Null,
        Literal::Bool(it) => Node::Bool(*it),
        Literal::Number(it) => Node::Number(*it),
        Literal::String(it) => Node::String(Cow::Borrowed(it)),
        Literal::Array(it) => Node::Array(it.iter().map(literal_value).collect()),
        Literal::Object(entries) => {
            Node::Object(entries.iter().map(|(key, it)| (Cow::Borrowed(&**key), literal_value(it))).collect())
        }
    }
}
