//! Calls of JMESPath's functions, whose arguments may be expressions. Knows their types and results, not the notation of
//! expressions.

use super::evaluate;
use crate::jmespath::Step;
use crate::jmespath::compare::{equal, order};
use crate::jmespath::decode;
use crate::jmespath::failure::{FailureKind, JmesPathError};
use crate::jmespath::function::Function;
use crate::jmespath::node::Node;
use crate::jmespath::tree::Tree;
use crate::ordered::sorted;
use crate::types::Number;
use std::borrow::Cow;
use std::cmp::Ordering;

type Result<T> = std::result::Result<T, JmesPathError>;

pub(super) fn call<'a, T: Tree<'a>>(
    function: Function,
    arguments: &'a [Step],
    current: &Node<'a, T>,
) -> Result<Node<'a, T>> {
    Call { function, arguments, current }.value()
}

/// Sets a field of an object, replacing one of the same name.
pub(super) fn set_field<'a, T>(object: &mut Vec<(Cow<'a, str>, Node<'a, T>)>, key: Cow<'a, str>, value: Node<'a, T>) {
    match object.iter_mut().find(|it| it.0 == key) {
        Some(entry) => entry.1 = value,
        None => object.push((key, value)),
    }
}

struct Call<'a, 'c, T> {
    function: Function,
    arguments: &'a [Step],
    current: &'c Node<'a, T>,
}

impl<'a, T: Tree<'a>> Call<'a, '_, T> {
    fn value(&self) -> Result<Node<'a, T>> {
        Ok(match self.function {
            Function::Abs => Node::Number(absolute(self.number(0)?)),
            Function::Avg => self.average()?,
            Function::Ceil => Node::Number(round(self.number(0)?, f64::ceil)),
            Function::Floor => Node::Number(round(self.number(0)?, f64::floor)),
            Function::Contains => Node::Bool(self.contains()?),
            Function::EndsWith => Node::Bool(self.string(0)?.ends_with(&*self.string(1)?)),
            Function::StartsWith => Node::Bool(self.string(0)?.starts_with(&*self.string(1)?)),
            Function::Join => self.join()?,
            Function::Keys => Node::Array(self.object(0)?.into_iter().map(|it| Node::String(it.0)).collect()),
            Function::Values => Node::Array(self.object(0)?.into_iter().map(|it| it.1).collect()),
            Function::Length => self.length()?,
            Function::Map => {
                let step = self.expression(0)?;
                let mapped: Result<Vec<_>> = self.array(1)?.iter().map(|it| evaluate(step, it)).collect();
                Node::Array(mapped?)
            }
            Function::Max => extreme(self.comparable(0)?.into_iter().map(|it| (it.clone(), it)), Ordering::Greater),
            Function::Min => extreme(self.comparable(0)?.into_iter().map(|it| (it.clone(), it)), Ordering::Less),
            Function::MaxBy => extreme(self.keyed()?, Ordering::Greater),
            Function::MinBy => extreme(self.keyed()?, Ordering::Less),
            Function::Merge => {
                let mut merged = Vec::new();
                for index in 0..self.arguments.len() {
                    self.object(index)?.into_iter().for_each(|(key, value)| set_field(&mut merged, key, value));
                }
                Node::Object(merged)
            }
            Function::NotNull => self.not_null()?,
            Function::Reverse => self.reverse()?,
            Function::Sort => {
                Node::Array(sorted(self.comparable(0)?, |left, right| order(left, right).unwrap_or(Ordering::Equal)))
            }
            Function::SortBy => {
                let keyed = sorted(self.keyed()?, |left, right| order(&left.0, &right.0).unwrap_or(Ordering::Equal));
                Node::Array(keyed.into_iter().map(|it| it.1).collect())
            }
            Function::Sum => Node::Number(sum(&self.numbers(0)?)),
            Function::ToArray => match self.argument(0)? {
                array if array.array_len().is_some() => array,
                other => Node::Array(vec![other]),
            },
            Function::ToNumber => match self.argument(0)? {
                Node::Number(it) => Node::Number(it),
                Node::String(it) => decode::parse_number(it.trim()).map_or(Node::Null, Node::Number),
                _ => Node::Null,
            },
            Function::ToString => match self.argument(0)? {
                Node::String(it) => Node::String(it),
                other => Node::String(Cow::Owned(other.to_json())),
            },
            Function::Type => Node::String(Cow::Borrowed(self.argument(0)?.type_name())),
        })
    }

    fn argument(&self, index: usize) -> Result<Node<'a, T>> {
        match self.arguments.get(index) {
            Some(Step::ExpressionReference(_)) => Err(self.invalid_type(index, "an expression", "a value")),
            Some(step) => evaluate(step, self.current),
            // Arity was checked when the expression was decoded.
            None => Ok(Node::Null),
        }
    }

    fn invalid_type(&self, index: usize, found: &str, expected: &str) -> JmesPathError {
        JmesPathError::new(
            FailureKind::InvalidType,
            format!("argument {} of `{}` is {found}, expected {expected}", index + 1, self.function.name()),
        )
    }

    fn expression(&self, index: usize) -> Result<&'a Step> {
        match self.arguments.get(index) {
            Some(Step::ExpressionReference(step)) => Ok(step),
            _ => Err(self.invalid_type(index, "a value", "an expression")),
        }
    }

    fn number(&self, index: usize) -> Result<Number> {
        let argument = self.argument(index)?;
        argument.as_number().ok_or_else(|| self.invalid_type(index, argument.type_name(), "a number"))
    }

    fn string(&self, index: usize) -> Result<Cow<'a, str>> {
        match self.argument(index)? {
            Node::String(it) => Ok(it),
            other => Err(self.invalid_type(index, other.type_name(), "a string")),
        }
    }

    fn array(&self, index: usize) -> Result<Vec<Node<'a, T>>> {
        let argument = self.argument(index)?;
        let name = argument.type_name();
        argument.into_elements().ok_or_else(|| self.invalid_type(index, name, "an array"))
    }

    fn object(&self, index: usize) -> Result<Vec<(Cow<'a, str>, Node<'a, T>)>> {
        let argument = self.argument(index)?;
        let name = argument.type_name();
        argument.into_entries().ok_or_else(|| self.invalid_type(index, name, "an object"))
    }

    fn numbers(&self, index: usize) -> Result<Vec<Number>> {
        let number = |it: &Node<'a, T>| {
            it.as_number().ok_or_else(|| {
                self.invalid_type(index, &format!("an array with a {}", it.type_name()), "an array of numbers")
            })
        };
        self.array(index)?.iter().map(number).collect()
    }

    /// An argument that is a list of numbers only or of strings only.
    fn comparable(&self, index: usize) -> Result<Vec<Node<'a, T>>> {
        let array = self.array(index)?;
        self.check_comparable(index, array.iter())?;
        Ok(array)
    }

    fn check_comparable<'k>(&self, index: usize, values: impl Iterator<Item = &'k Node<'a, T>>) -> Result<()>
    where
        'a: 'k,
        T: 'k,
    {
        let mut first = None;
        for value in values {
            let name = value.type_name();
            if !matches!(name, "number" | "string") || *first.get_or_insert(name) != name {
                return Err(self.invalid_type(index, &format!("an array with a {name}"), "all numbers or all strings"));
            }
        }
        Ok(())
    }

    /// The elements of the first argument, each after its key: the result of the second argument, an expression, for
    /// it.
    fn keyed(&self) -> Result<Vec<(Node<'a, T>, Node<'a, T>)>> {
        let (array, step) = (self.array(0)?, self.expression(1)?);
        let mut keyed = Vec::with_capacity(array.len());
        for element in array {
            keyed.push((evaluate(step, &element)?, element));
        }
        self.check_comparable(1, keyed.iter().map(|it| &it.0))?;
        Ok(keyed)
    }

    fn average(&self) -> Result<Node<'a, T>> {
        let numbers = self.numbers(0)?;
        Ok(if numbers.is_empty() {
            Node::Null
        } else {
            Node::Number((sum(&numbers).as_f64() / numbers.len() as f64).into())
        })
    }

    fn contains(&self) -> Result<bool> {
        let (subject, search) = (self.argument(0)?, self.argument(1)?);
        match &subject {
            Node::String(it) => Ok(search.as_str().is_some_and(|search| it.contains(search))),
            other => {
                let length =
                    other.array_len().ok_or_else(|| self.invalid_type(0, other.type_name(), "an array or string"))?;
                Ok((0..length).any(|index| other.element(index).is_some_and(|it| equal(&it, &search))))
            }
        }
    }

    fn join(&self) -> Result<Node<'a, T>> {
        let separator = self.string(0)?;
        let mut joined = String::new();
        for (index, item) in self.array(1)?.iter().enumerate() {
            let text = item.as_str().ok_or_else(|| {
                self.invalid_type(1, &format!("an array with a {}", item.type_name()), "an array of strings")
            })?;
            if index > 0 {
                joined.push_str(&separator);
            }
            joined.push_str(text);
        }
        Ok(Node::String(Cow::Owned(joined)))
    }

    /// The number of characters of a string, of elements of a list or of fields of an object.
    fn length(&self) -> Result<Node<'a, T>> {
        let argument = self.argument(0)?;
        let length = match &argument {
            Node::String(it) => it.chars().count(),
            Node::Array(it) => it.len(),
            Node::Object(it) => it.len(),
            Node::TreeArray(it) | Node::TreeObject(it) => it.len(),
            other => return Err(self.invalid_type(0, other.type_name(), "a string, array or object")),
        };
        Ok(Node::Number(Number::from(length as u64)))
    }

    fn not_null(&self) -> Result<Node<'a, T>> {
        // Every argument is evaluated, so that an error in any of them is returned.
        let arguments: Result<Vec<_>> = (0..self.arguments.len()).map(|it| self.argument(it)).collect();
        Ok(arguments?.into_iter().find(|it| !it.is_null()).unwrap_or(Node::Null))
    }

    fn reverse(&self) -> Result<Node<'a, T>> {
        match self.argument(0)? {
            Node::String(it) => Ok(Node::String(Cow::Owned(it.chars().rev().collect()))),
            other => {
                let name = other.type_name();
                let mut elements =
                    other.into_elements().ok_or_else(|| self.invalid_type(0, name, "an array or string"))?;
                elements.reverse();
                Ok(Node::Array(elements))
            }
        }
    }
}

/// The first element with the greatest or least key; `beats` is the order of a better key to the best so far.
fn extreme<'a, T: Tree<'a>>(
    keyed: impl IntoIterator<Item = (Node<'a, T>, Node<'a, T>)>,
    beats: Ordering,
) -> Node<'a, T> {
    let mut best: Option<(Node<'a, T>, Node<'a, T>)> = None;
    for next in keyed {
        if best.as_ref().is_none_or(|best| order(&next.0, &best.0) == Some(beats)) {
            best = Some(next);
        }
    }
    best.map_or(Node::Null, |it| it.1)
}

fn absolute(number: Number) -> Number {
    match number.as_i64() {
        Some(it) => it.unsigned_abs().into(),
        None if number.is_integer() => number,
        None => number.as_f64().abs().into(),
    }
}

/// Rounds a number to an integer; the result has an integer type if the value fits.
fn round(number: Number, rounding: fn(f64) -> f64) -> Number {
    if number.is_integer() {
        return number;
    }
    let rounded = rounding(number.as_f64());
    // The bounds of 64-bit integers as doubles; the upper one is the first that does not fit.
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&rounded) {
        Number::from(rounded as i64)
    } else {
        Number::from(rounded)
    }
}

fn sum(numbers: &[Number]) -> Number {
    let integer = numbers.iter().try_fold(0_i64, |sum, it| sum.checked_add(it.as_i64()?));
    integer.map_or_else(|| Number::from(numbers.iter().map(|it| it.as_f64()).sum::<f64>()), Number::from)
}
