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
    match (left, right) {
        (Node::Null, Node::Null) => true,
        (Node::Bool(left), Node::Bool(right)) => left == right,
        (Node::Number(left), Node::Number(right)) => number_order(*left, *right) == Some(Ordering::Equal),
        (Node::String(left), Node::String(right)) => left == right,
        _ => equal_parts(left, right),
    }
}

fn equal_parts<'a, T: Tree<'a>>(left: &Node<'a, T>, right: &Node<'a, T>) -> bool {
    if let (Some(length), Some(other)) = (left.array_len(), right.array_len()) {
        let equal_at =
            |index| left.element(index).zip(right.element(index)).is_some_and(|(left, right)| equal(&left, &right));
        return length == other && (0..length).all(equal_at);
    }
    match (left.clone().into_entries(), right.clone().into_entries()) {
        (Some(left), Some(right)) => {
            let has = |name: &str, value: &Node<'a, T>| right.iter().any(|it| it.0 == name && equal(value, &it.1));
            left.len() == right.len() && left.iter().all(|(name, value)| has(name, value))
        }
        _ => false,
    }
}
