//! Equality and order of values, as JMESPath defines them. Numbers are compared by value: 1 equals 1.0.

use super::Comparison;
use super::node::Node;
use super::tree::Tree;
use crate::types::Number;
use std::cmp::Ordering;

/// The result of a comparison; `None` if the values have no order.
pub(super) fn compare<'a, T: Tree<'a>>(
    comparison: Comparison,
    left: &Node<'a, T>,
    right: &Node<'a, T>,
) -> Option<bool> {
    match comparison {
        Comparison::Equal => return Some(equal(left, right)),
        Comparison::NotEqual => return Some(!equal(left, right)),
        _ => {}
    }
    let order = order(left, right)?;
    Some(match comparison {
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        _ => order.is_ge(),
    })
}

/// The order of two numbers or two strings. (JMESPath orders only numbers; botocore's implementation also orders
/// strings.)
pub(super) fn order<'a, T: Tree<'a>>(left: &Node<'a, T>, right: &Node<'a, T>) -> Option<Ordering> {
    match (left, right) {
        (Node::Number(left), Node::Number(right)) => number_order(*left, *right),
        (Node::String(left), Node::String(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

fn number_order(left: Number, right: Number) -> Option<Ordering> {
    match (left.as_i64(), right.as_i64()) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => match (left.as_u64(), right.as_u64()) {
            (Some(left), Some(right)) => Some(left.cmp(&right)),
            _ => left.as_f64().partial_cmp(&right.as_f64()),
        },
    }
}

pub(super) fn equal<'a, T: Tree<'a>>(left: &Node<'a, T>, right: &Node<'a, T>) -> bool {
    let mut pending = Vec::new();
    let mut is_equal = equal_but_parts(left, right, &mut pending);
    while let Some((left, right)) = pending.pop().filter(|_| is_equal) {
        is_equal = equal_but_parts(&left, &right, &mut pending);
    }
    is_equal
}

/// Parts of two values, to be compared.
type Parts<'a, T> = Vec<(Node<'a, T>, Node<'a, T>)>;

/// Whether two values are equal if their parts are, which are added to `pending`: values may be too deep for the stack.
fn equal_but_parts<'a, T: Tree<'a>>(left: &Node<'a, T>, right: &Node<'a, T>, pending: &mut Parts<'a, T>) -> bool {
    match (left, right) {
        (Node::Null, Node::Null) => return true,
        (Node::Bool(left), Node::Bool(right)) => return left == right,
        (Node::Number(left), Node::Number(right)) => return number_order(*left, *right) == Some(Ordering::Equal),
        (Node::String(left), Node::String(right)) => return left == right,
        _ => {}
    }
    if let (Some(length), Some(other)) = (left.array_len(), right.array_len()) {
        pending.extend((0..length).filter_map(|index| left.element(index).zip(right.element(index))));
        return length == other;
    }
    let (Some(left), Some(right)) = (left.clone().into_entries(), right.clone().into_entries()) else { return false };
    let length = left.len();
    let before = pending.len();
    pending.extend(left.into_iter().filter_map(|(name, value)| {
        let other = right.iter().find(|it| it.0 == name)?;
        Some((value, other.1.clone()))
    }));
    length == right.len() && pending.len() - before == length
}
