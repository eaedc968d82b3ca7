//! Parses JMESPath's own grammar into steps, by precedence climbing. Knows the grammar and the functions' arities, but no
//! values. The generator has a parser of its own, for the paths of models, that checks them against shapes; a test holds
//! the two together.

use super::failure::{FailureKind, JmesPathError};
use super::function::Function;
use super::lexer::{Token, tokens};
use super::{MAX_DEPTH, Step};

/// How deep the parser recurses at most: twice for each level of an expression that [`MAX_DEPTH`] allows, in parentheses.
const MAX_RECURSION: usize = 2 * MAX_DEPTH;

// How strongly operators bind their left operand. A projection ends before an operator that binds weaker than
// `PROJECTION`.
const PIPE: u8 = 1;
const OR: u8 = 2;
const AND: u8 = 3;
const COMPARE: u8 = 5;
const FLATTEN: u8 = 9;
const PROJECTION: u8 = 10;
const STAR: u8 = 20;
const FILTER: u8 = 21;
const DOT: u8 = 40;
const NOT: u8 = 45;
const BRACKET: u8 = 55;

type Result<T = Parsed> = std::result::Result<T, JmesPathError>;

/// A step, and how deep it nests.
struct Parsed {
    step: Step,
    depth: usize,
}

pub(super) fn parse(text: &str) -> Result<Step> {
    let mut parser = Parser { text, tokens: tokens(text)?, next: 0, recursion: 0, other: None };
    let parsed = parser.expression(0)?;
    if *parser.peek() != Token::End {
        return parser.unexpected("an operator or the end");
    }
    match parser.other {
        None => Ok(parsed.step),
        Some(error) => Err(error),
    }
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<(usize, Token)>,
    next: usize,
    recursion: usize,
    /// The first error that is not one of syntax, which would take precedence wherever it is.
    other: Option<JmesPathError>,
}

const CURRENT: Parsed = Parsed { step: Step::Current, depth: 0 };

/// The second step on the result of the first. A chain is one level, however long.
fn then(left: Parsed, right: Parsed) -> Parsed {
    let depth = left.depth.max(right.depth).max(1);
    let mut steps = match left.step {
        Step::Chain(steps) => steps,
        step => vec![step],
    };
    match right.step {
        Step::Chain(more) => steps.extend(more),
        step => steps.push(step),
    }
    Parsed { step: Step::Chain(steps), depth }
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        self.tokens.get(self.next).map_or(&Token::End, |it| &it.1)
    }

    fn is_next(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Symbol(it) if *it == symbol)
    }

    fn take_if(&mut self, symbol: &str) -> bool {
        let is_next = self.is_next(symbol);
        self.next += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, symbol: &str, expected: &str) -> Result<()> {
        if self.take_if(symbol) { Ok(()) } else { self.unexpected(expected) }
    }

    fn position(&self) -> usize {
        self.tokens.get(self.next).map_or(self.text.len(), |it| it.0)
    }

    fn error(&self, kind: FailureKind, message: String, position: usize) -> JmesPathError {
        JmesPathError::at(kind, message, self.text, position)
    }

    fn unexpected<T>(&self, expected: &str) -> Result<T> {
        let mut message = format!("expected {expected}, found {}", self.peek().describe());
        if let Token::Number(number) = self.peek() {
            message.push_str(&format!(" (a literal is between backticks: `{number}`)"));
        }
        Err(self.error(FailureKind::Syntax, message, self.position()))
    }

    fn record(&mut self, kind: FailureKind, message: String, position: usize) {
        let error = self.error(kind, message, position);
        self.other.get_or_insert(error);
    }

    /// A step one level above the deepest of its parts.
    fn nest(&self, parts_depth: usize, step: Step) -> Result {
        if parts_depth >= MAX_DEPTH {
            return self.too_deep();
        }
        Ok(Parsed { step, depth: parts_depth + 1 })
    }

    fn too_deep<T>(&self) -> Result<T> {
        let message = format!("nested deeper than {MAX_DEPTH} levels");
        Err(self.error(FailureKind::Syntax, message, self.position()))
    }

    /// An expression whose operators all bind stronger than `minimum`.
    fn expression(&mut self, minimum: u8) -> Result {
        if self.recursion >= MAX_RECURSION {
            return self.too_deep();
        }
        self.recursion += 1;
        let mut left = self.prefix()?;
        while minimum < self.binding_power() {
            left = self.operator(left)?;
        }
        self.recursion -= 1;
        Ok(left)
    }

    /// How strongly the next token binds its left operand; 0 if it is no operator.
    fn binding_power(&self) -> u8 {
        match self.peek() {
            Token::Compare(_) => COMPARE,
            Token::Symbol("|") => PIPE,
            Token::Symbol("||") => OR,
            Token::Symbol("&&") => AND,
            Token::Symbol("[]") => FLATTEN,
            Token::Symbol("[?") => FILTER,
            Token::Symbol(".") => DOT,
            Token::Symbol("[") => BRACKET,
            // No operators, but stronger than a projection: they are reported as unexpected there.
            Token::Symbol("*" | "!" | "{" | "(") => STAR,
            _ => 0,
        }
    }

    /// The start of an expression: an operand or a prefix operator.
    fn prefix(&mut self) -> Result {
        match self.peek() {
            Token::Name(_) => return self.name(),
            Token::Quoted(name) => {
                let step = Step::Field(name.as_str().into());
                self.next += 1;
                if self.is_next("(") {
                    let message = "the name of a function is not in quotes".to_owned();
                    return Err(self.error(FailureKind::Syntax, message, self.position()));
                }
                return Ok(Parsed { step, depth: 0 });
            }
            Token::Literal(literal) => {
                let step = Step::Literal(literal.clone());
                self.next += 1;
                return Ok(Parsed { step, depth: 0 });
            }
            Token::Symbol("*") => return self.star(CURRENT, STAR),
            Token::Symbol("[]") => return self.flatten(CURRENT),
            Token::Symbol("[?") => return self.filter(CURRENT),
            Token::Symbol("[") => return self.bracket(CURRENT, true),
            Token::Symbol("{") => return self.hash(),
            _ => {}
        }
        if self.take_if("@") {
            return Ok(CURRENT);
        }
        if self.take_if("!") {
            let operand = self.expression(NOT)?;
            return self.nest(operand.depth, Step::Not(Box::new(operand.step)));
        }
        if self.take_if("&") {
            let operand = self.expression(0)?;
            return self.nest(operand.depth, Step::ExpressionReference(Box::new(operand.step)));
        }
        if self.take_if("(") {
            let inside = self.expression(0)?;
            self.expect(")", "`)`")?;
            return Ok(inside);
        }
        self.unexpected("an expression")
    }

    /// A field or the call of a function.
    fn name(&mut self) -> Result {
        let position = self.position();
        let name = match self.peek() {
            Token::Name(name) => name.clone(),
            _ => return self.unexpected("a name"),
        };
        self.next += 1;
        if !self.take_if("(") {
            return Ok(Parsed { step: Step::Field(name.into()), depth: 0 });
        }
        let (arguments, depth) = if self.take_if(")") { (Vec::new(), 0) } else { self.list_until(")")? };
        let Some(function) = Function::from_name(&name) else {
            self.record(FailureKind::UnknownFunction, format!("unknown function `{name}`"), position);
            return Ok(CURRENT);
        };
        let arity = function.arity();
        if !arity.contains(&arguments.len()) {
            let or_more = if arity.start() == arity.end() { "" } else { " or more" };
            let message = format!("`{name}` takes {}{or_more} arguments, not {}", arity.start(), arguments.len());
            self.record(FailureKind::InvalidArity, message, position);
        }
        self.nest(depth, Step::Call(function, arguments))
    }

    /// Expressions, separated by commas, up to and including the closing bracket; and the depth of the deepest.
    fn list_until(&mut self, close: &str) -> Result<(Vec<Step>, usize)> {
        let (mut steps, mut depth) = (Vec::new(), 0);
        loop {
            let parsed = self.expression(0)?;
            depth = depth.max(parsed.depth);
            steps.push(parsed.step);
            if self.take_if(close) {
                return Ok((steps, depth));
            }
            self.expect(",", &format!("`,` or `{close}`"))?;
        }
    }

    /// An operator after its left operand.
    fn operator(&mut self, left: Parsed) -> Result {
        match *self.peek() {
            Token::Compare(comparison) => self.binary(COMPARE, left, |operands| Step::Compare(comparison, operands)),
            Token::Symbol("||") => self.binary(OR, left, Step::Or),
            Token::Symbol("&&") => self.binary(AND, left, Step::And),
            Token::Symbol("|") => {
                self.next += 1;
                Ok(then(left, self.expression(PIPE)?))
            }
            Token::Symbol(".") => {
                self.next += 1;
                match self.is_next("*") {
                    true => self.star(left, DOT),
                    false => Ok(then(left, self.after_dot(DOT)?)),
                }
            }
            Token::Symbol("[]") => self.flatten(left),
            Token::Symbol("[?") => self.filter(left),
            Token::Symbol("[") => self.bracket(left, false),
            _ => self.unexpected("an operator or the end"),
        }
    }

    fn binary(&mut self, power: u8, left: Parsed, make: impl FnOnce(Box<[Step; 2]>) -> Step) -> Result {
        self.next += 1;
        let right = self.expression(power)?;
        self.nest(left.depth.max(right.depth), make(Box::new([left.step, right.step])))
    }

    /// The operand after a dot. A multi-select ends a projection, as in Python's jmespath.
    fn after_dot(&mut self, power: u8) -> Result {
        match self.peek() {
            Token::Name(_) | Token::Quoted(_) | Token::Symbol("*") => self.expression(power),
            Token::Symbol("{") => self.hash(),
            Token::Symbol("[") => {
                self.next += 1;
                self.multi_select_list()
            }
            _ => self.unexpected("a name, `*`, `[` or `{`"),
        }
    }

    /// What a projection does with each element.
    fn projected(&mut self, power: u8) -> Result {
        if self.binding_power() < PROJECTION {
            return Ok(CURRENT);
        }
        match self.peek() {
            Token::Symbol("[" | "[?") => self.expression(power),
            Token::Symbol(".") => {
                self.next += 1;
                self.after_dot(power)
            }
            _ => self.unexpected("`.`, `[` or an operator"),
        }
    }

    /// A projection of the values of an object.
    fn star(&mut self, left: Parsed, power: u8) -> Result {
        self.next += 1;
        let each = self.projected(power)?;
        self.nest(left.depth.max(each.depth), Step::ValueProjection(Box::new([left.step, each.step])))
    }

    fn list_projection(&mut self, left: Parsed, each: Parsed) -> Result {
        self.nest(left.depth.max(each.depth), Step::ListProjection(Box::new([left.step, each.step])))
    }

    fn flatten(&mut self, left: Parsed) -> Result {
        self.next += 1;
        let flat = self.nest(left.depth, Step::Flatten(Box::new(left.step)))?;
        let each = self.projected(FLATTEN)?;
        self.list_projection(flat, each)
    }

    fn filter(&mut self, left: Parsed) -> Result {
        self.next += 1;
        let condition = self.expression(0)?;
        self.expect("]", "`]`")?;
        let each = if self.is_next("[]") { CURRENT } else { self.projected(FILTER)? };
        let depth = left.depth.max(condition.depth).max(each.depth);
        self.nest(depth, Step::FilterProjection(Box::new([left.step, condition.step, each.step])))
    }

    /// `[1]`, `[1:2]`, `[*]`; at the start of an expression also a multi-select list.
    fn bracket(&mut self, left: Parsed, is_prefix: bool) -> Result {
        self.next += 1;
        let closes = |index: usize| matches!(self.tokens.get(index), Some((_, Token::Symbol("]"))));
        match self.peek() {
            Token::Number(_) | Token::Symbol(":") => self.index(left),
            Token::Symbol("*") if !is_prefix || closes(self.next + 1) => {
                self.next += 1;
                self.expect("]", "`]`")?;
                let each = self.projected(STAR)?;
                self.list_projection(left, each)
            }
            _ if is_prefix => self.multi_select_list(),
            _ => self.unexpected("a number, `:` or `*`"),
        }
    }

    /// An index or a slice, after its bracket.
    fn index(&mut self, left: Parsed) -> Result {
        let position = self.position();
        let (mut bounds, mut part) = ([None; 3], 0);
        loop {
            match *self.peek() {
                Token::Number(it) if bounds[part].is_none() => bounds[part] = Some(it),
                Token::Symbol(":") if part < 2 => part += 1,
                Token::Symbol("]") => break,
                _ => return self.unexpected("a number, `:` or `]`"),
            }
            self.next += 1;
        }
        self.next += 1;
        if let (0, Some(index)) = (part, bounds[0]) {
            return self.nest(left.depth, Step::Index(index, Box::new(left.step)));
        }
        if bounds[2] == Some(0) {
            self.record(FailureKind::InvalidValue, "the step of a slice cannot be 0".to_owned(), position);
        }
        let slice = self.nest(left.depth, Step::Slice(bounds, Box::new(left.step)))?;
        let each = self.projected(STAR)?;
        self.list_projection(slice, each)
    }

    /// A multi-select list, after its bracket.
    fn multi_select_list(&mut self) -> Result {
        let (steps, depth) = self.list_until("]")?;
        self.nest(depth, Step::MultiSelectList(steps))
    }

    fn hash(&mut self) -> Result {
        self.next += 1;
        let (mut entries, mut depth) = (Vec::new(), 0);
        loop {
            let key: Box<str> = match self.peek() {
                Token::Name(it) | Token::Quoted(it) => it.as_str().into(),
                _ => return self.unexpected("a name"),
            };
            self.next += 1;
            self.expect(":", "`:`")?;
            let value = self.expression(0)?;
            depth = depth.max(value.depth);
            entries.push((key, value.step));
            if self.take_if("}") {
                return self.nest(depth, Step::MultiSelectHash(entries));
            }
            self.expect(",", "`,` or `}`")?;
        }
    }
}
