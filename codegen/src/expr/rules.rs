//! Endpoint rule sets (`endpoint-rule-set-1.json`): read, type-checked and compiled to a table, a string that the
//! runtime interprets in place. Knows the rules language and the layout of the table; knows no service, and no source
//! of parameter values.
//!
//! # The table
//!
//! One string of printable characters, so that generated code has it as one plain literal and any piece of it is a
//! `&'static str` at no cost. Anything that occurs twice (conditions, results, subtrees, strings) is stored once.
//!
//! ```text
//! table     = "1" number(length of code) number(length of pool) number(slots) number(root) number(parameters)
//! parameter* code pool parameter = kind flags string(name) string(built-in, empty for none) default kind      = "s"
//! string | "b" boolean | "l" string list        flags = number(1: required + 2: read by some rule) default   = "-"
//! none | "T" | "F" | "$" string | "[" number string* string    = number(offset in pool) number(length in bytes) list
//! = number rule*             rules in order, each the offset of a rule in code rule      = number condition* body
//! each condition the offset of an expression body      = ">" list | "e" endpoint | "x" expression, each as an offset
//! endpoint  = expression(url) number (string(header) number expression*)* number (string(name) property)* property  =
//! "$" string | "t" … | "r" … | "." … | "T" | "F" | "n" number | "[" number property* | "{" number (string property)*
//! expression = "$" string | "T" | "F" | "n" number | "r" number(slot)
//!            | "t" number expression*         template: the strings joined
//!            | ":" number(slot) expression    assignment
//!            | "." letter expression          attribute
//!            | "@" number expression          list element
//!            | letter expression*             function
//! ```
//!
//! Offsets count from the start of code and always point backwards. A number is one to four characters, each a digit of
//! base 91 over `#`..`~` without `\`: below 75 the digit itself; 75..=88 open two digits, 89 three, 90 four.
//! Slots hold values: first the parameters in their order, then one for each name that a rule assigns.

mod encode;
mod function;
mod read;
mod value;

pub use function::Type;

use crate::json::JsonProblem;
use serde_json::Value;

/// The size of the largest table whose offsets fit into four digits (753,571), rounded down. AWS's largest, that of S3,
/// needs a fiftieth of it.
const MAX_TABLE: usize = 750_000;

/// A compiled rule set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSet {
    /// The parameters in the order of the file; a parameter's index is its number at run time.
    pub parameters: Vec<Parameter>,
    /// The table, to be embedded as one string literal and passed to the runtime's `RuleSet::decode`.
    pub table: String,
}

/// A parameter of a rule set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// The name, as operations' context parameters spell it.
    pub name: String,
    /// [`Type::String`], [`Type::Boolean`] or [`Type::StringList`].
    pub ty: Type,
    /// Whether resolving without a value (and without a default) is an error.
    pub required: bool,
    /// The setting of the client that fills it, such as `AWS::Region`.
    pub built_in: Option<String>,
    /// The value if nothing fills it.
    pub default: Option<DefaultValue>,
    /// The documentation in the file.
    pub documentation: Option<String>,
    /// Set if it should no longer be used: the message in the file, empty if there is none.
    pub deprecated: Option<String>,
    /// Whether any rule reads it. The value of a parameter that no rule reads cannot change the result.
    pub read: bool,
}

/// A parameter's default value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DefaultValue {
    /// For a boolean parameter.
    Boolean(bool),
    /// For a string parameter.
    String(String),
    /// For a string list.
    StringList(Vec<String>),
}

/// Compiles a rule set.
///
/// # Errors
///
/// All problems with it, in the order of the document: unknown keys, functions, references and attributes, wrong
/// numbers and types of arguments, names assigned twice, malformed templates.
pub fn compile(rules: &Value) -> Result<RuleSet, Vec<JsonProblem>> {
    let read::CheckedRules { parameters, rules, slots } = read::read(rules)?;
    let table = encode::encode(&parameters, &rules, slots);
    if table.len() > MAX_TABLE {
        return Err(vec![(
            String::new(),
            format!("the rules need a table of {} bytes; the maximum is {MAX_TABLE}", table.len()),
        )]);
    }
    Ok(RuleSet { parameters, table })
}

/// A checked rule: if all conditions hold, its body decides.
#[derive(Debug)]
struct Rule {
    conditions: Vec<Expr>,
    body: Body,
}

#[derive(Debug)]
enum Body {
    /// The first of these rules that decides; if none does, the next sibling of this rule is tried.
    Tree(Vec<Rule>),
    Endpoint {
        url: Expr,
        headers: Vec<(String, Vec<Expr>)>,
        properties: Vec<(String, Property)>,
    },
    Error(Expr),
}

/// A property of an endpoint: JSON whose strings are templates.
#[derive(Debug)]
enum Property {
    Leaf(Expr),
    List(Vec<Property>),
    Map(Vec<(String, Property)>),
}

#[derive(Debug)]
enum Expr {
    String(String),
    Boolean(bool),
    Integer(u32),
    /// The value in a slot.
    Ref(usize),
    /// The strings of the parts, joined.
    Template(Vec<Expr>),
    Attribute(char, Box<Expr>),
    Element(u32, Box<Expr>),
    Call(char, Vec<Expr>),
    /// The value of the expression, which is also stored in a slot.
    Assign(usize, Box<Expr>),
}

#[cfg(test)]
mod tests;
