//! The evaluator: steps on values. Knows what each step means; functions are `function`'s.

use super::compare::compare;
use super::failure::Failure;
use super::function;
use super::node::Node;
use super::tree::Tree;
use super::{Comparison, Literal, Step};
use std::borrow::Cow;

type Result<'a, T> = std::result::Result<Node<'a, T>, Failure>;

/// The value of a step. Every kind has a function of its own, so that nested steps take little stack.
pub(super) fn evaluate<'a, T: Tree<'a>>(step: &'a Step, on: &Node<'a, T>) -> Result<'a, T> {
    match step {
        Step::Current => Ok(on.clone()),
        Step::Field(name) => Ok(on.field(name)),
        Step::Literal(literal) => Ok(value(literal)),
        Step::Chain(steps) => chain(steps, on),
        Step::Index(index, of) => at(of, *index, on),
        Step::Slice(parts, of) => slice(*parts, of, on),
        Step::Each(parts) => projected(parts, on),
        Step::Values(parts) => projected_values(parts, on),
        Step::Where(parts) => filtered(parts, on),
        Step::Flatten(of) => flat(of, on),
        Step::Or(parts) => choice(parts, false, on),
        Step::And(parts) => choice(parts, true, on),
        Step::Not(of) => not(of, on),
        Step::Compare(comparison, parts) => compared(*comparison, parts, on),
        Step::List(steps) => list(steps, on),
        Step::Hash(entries) => hash(entries, on),
        Step::Call(function, arguments) => function::call(*function, arguments, on),
        // Expressions are no values: whoever takes one finds it in its arguments.
        Step::Expression(_) => Ok(Node::Null),
    }
}

/// The first value, or the second if the first is as true as `and_then` says.
fn choice<'a, T: Tree<'a>>([first, second]: &'a [Step; 2], and_then: bool, on: &Node<'a, T>) -> Result<'a, T> {
    let first = evaluate(first, on)?;
    if first.is_true() == and_then { evaluate(second, on) } else { Ok(first) }
}

fn not<'a, T: Tree<'a>>(of: &'a Step, on: &Node<'a, T>) -> Result<'a, T> {
    evaluate(of, on).map(|it| Node::Bool(!it.is_true()))
}

fn compared<'a, T: Tree<'a>>(comparison: Comparison, [left, right]: &'a [Step; 2], on: &Node<'a, T>) -> Result<'a, T> {
    let left = evaluate(left, on)?;
    let right = evaluate(right, on)?;
    Ok(compare(comparison, &left, &right).map_or(Node::Null, Node::Bool))
}

fn projected<'a, T: Tree<'a>>([of, step]: &'a [Step; 2], on: &Node<'a, T>) -> Result<'a, T> {
    each(evaluate(of, on)?.into_elements(), step)
}

fn projected_values<'a, T: Tree<'a>>([of, step]: &'a [Step; 2], on: &Node<'a, T>) -> Result<'a, T> {
    let entries = evaluate(of, on)?.into_entries();
    each(entries.map(|it| it.into_iter().map(|it| it.1).collect()), step)
}

fn chain<'a, T: Tree<'a>>(steps: &'a [Step], on: &Node<'a, T>) -> Result<'a, T> {
    let Some((first, rest)) = steps.split_first() else { return Ok(on.clone()) };
    let mut value = evaluate(first, on)?;
    for step in rest {
        value = evaluate(step, &value)?;
    }
    Ok(value)
}

fn at<'a, T: Tree<'a>>(of: &'a Step, index: i64, on: &Node<'a, T>) -> Result<'a, T> {
    let of = evaluate(of, on)?;
    let length = of.array_len().and_then(|it| i64::try_from(it).ok()).unwrap_or_default();
    let index = if index < 0 { index.saturating_add(length) } else { index };
    Ok(usize::try_from(index).ok().and_then(|it| of.element(it)).unwrap_or(Node::Null))
}

/// The elements from start up to stop, every so many, as Python's slices count them.
fn slice<'a, T: Tree<'a>>([start, stop, step]: [Option<i64>; 3], of: &'a Step, on: &Node<'a, T>) -> Result<'a, T> {
    let of = evaluate(of, on)?;
    let Some(length) = of.array_len().and_then(|it| i64::try_from(it).ok()) else {
        return Ok(Node::Null);
    };
    let step = step.unwrap_or(1);
    let (least, most) = if step < 0 { (-1, length - 1) } else { (0, length) };
    let bound = |it: i64| if it < 0 { it.saturating_add(length) } else { it }.clamp(least, most.max(least));
    let (first, last) = if step < 0 { (most, least) } else { (least, most) };
    let stop = stop.map_or(last, bound);
    let mut index = start.map_or(first, bound);
    let mut taken = Vec::new();
    while step != 0 && if step < 0 { index > stop } else { index < stop } {
        taken.extend(usize::try_from(index).ok().and_then(|it| of.element(it)));
        index = index.saturating_add(step);
    }
    Ok(Node::Array(taken))
}

/// A projection: the step on every element, without the nulls.
fn each<'a, T: Tree<'a>>(elements: Option<Vec<Node<'a, T>>>, step: &'a Step) -> Result<'a, T> {
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

fn filtered<'a, T: Tree<'a>>([of, condition, step]: &'a [Step; 3], on: &Node<'a, T>) -> Result<'a, T> {
    let Some(elements) = evaluate(of, on)?.into_elements() else { return Ok(Node::Null) };
    let mut taken = Vec::new();
    for element in elements {
        if evaluate(condition, &element)?.is_true() {
            taken.push(element);
        }
    }
    each(Some(taken), step)
}

fn flat<'a, T: Tree<'a>>(of: &'a Step, on: &Node<'a, T>) -> Result<'a, T> {
    let Some(elements) = evaluate(of, on)?.into_elements() else { return Ok(Node::Null) };
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

fn list<'a, T: Tree<'a>>(steps: &'a [Step], on: &Node<'a, T>) -> Result<'a, T> {
    if on.is_null() {
        return Ok(Node::Null);
    }
    let items: std::result::Result<Vec<_>, _> = steps.iter().map(|it| evaluate(it, on)).collect();
    Ok(Node::Array(items?))
}

fn hash<'a, T: Tree<'a>>(entries: &'a [(Box<str>, Step)], on: &Node<'a, T>) -> Result<'a, T> {
    if on.is_null() {
        return Ok(Node::Null);
    }
    let mut object: Vec<(Cow<'a, str>, Node<'a, T>)> = Vec::with_capacity(entries.len());
    for (key, step) in entries {
        function::put(&mut object, Cow::Borrowed(&**key), evaluate(step, on)?);
    }
    Ok(Node::Object(object))
}

fn value<'a, T>(literal: &'a Literal) -> Node<'a, T> {
    match literal {
        Literal::Null => Node::Null,
        Literal::Bool(it) => Node::Bool(*it),
        Literal::Number(it) => Node::Number(*it),
        Literal::String(it) => Node::String(Cow::Borrowed(it)),
        Literal::Array(it) => Node::Array(it.iter().map(value).collect()),
        Literal::Object(it) => Node::Object(it.iter().map(|(key, it)| (Cow::Borrowed(&**key), value(it))).collect()),
    }
}
