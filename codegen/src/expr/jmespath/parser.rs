//! Parses tokens to an [`Ast`] by precedence climbing. Knows the grammar and the functions' arities, but no values.

use super::lexer::{Token, syntax, tokens};
use super::{Ast, FUNCTIONS, ParseError, ParseErrorKind};

/// Expressions nested deeper than this are rejected while they are parsed, so that the parser's recursion is bounded.
const MAX_DEPTH: usize = 300;

/// The maximum depth of an [`Ast`]; the runtime's decoder rejects notations not much deeper.
const MAX_NESTING: usize = 150;

// The binding power of the operators. A projection ends before an operator that binds weaker than `PROJECTION`.
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
const BRACE: u8 = 50;
const BRACKET: u8 = 55;
const PAREN: u8 = 60;

/// Parses an expression.
///
/// # Errors
///
/// [`ParseError`] for the first error.
pub fn parse(text: &str) -> Result<Ast, ParseError> {
    let mut parser = Parser { tokens: tokens(text)?, next: 0, depth: 0, error: None };
    let ast = parser.expression(0)?;
    parser.expect(Token::End, "an operator or the end")?;
    if depth(&ast) > MAX_NESTING {
        return parser.too_deep(0);
    }
    parser.error.map_or(Ok(ast), Err)
}

/// The nesting depth of an expression's notation; a chain is one level, however long.
fn depth(ast: &Ast) -> usize {
    fn step(ast: &Ast) -> usize {
        if let Ast::Then(left, right) = ast { step(left).max(step(right)) } else { depth(ast) }
    }
    let deepest = match ast {
        Ast::Current | Ast::Field(_) | Ast::Literal(_) => return 0,
        Ast::Then(..) => step(ast),
        Ast::Index(operand, _)
        | Ast::Slice(operand, _)
        | Ast::Flatten(operand)
        | Ast::Not(operand)
        | Ast::Expression(operand) => depth(operand),
        Ast::Each(left, right)
        | Ast::Values(left, right)
        | Ast::Or(left, right)
        | Ast::And(left, right)
        | Ast::Compare(_, left, right) => depth(left).max(depth(right)),
        Ast::Where(operand, condition, each) => depth(operand).max(depth(condition)).max(depth(each)),
        Ast::List(items) | Ast::Call(_, items) => items.iter().map(depth).max().unwrap_or_default(),
        Ast::Hash(entries) => entries.iter().map(|it| depth(&it.1)).max().unwrap_or_default(),
    };
    deepest + 1
}

type Parsed<T = Ast> = Result<T, ParseError>;

struct Parser {
    tokens: Vec<(usize, Token)>,
    next: usize,
    depth: usize,
    /// The first error that is not a syntax error. Syntax errors take precedence, wherever they are.
    error: Option<ParseError>,
}

fn then(left: Ast, right: Ast) -> Ast {
    Ast::Then(Box::new(left), Box::new(right))
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.next).map_or(&Token::End, |it| &it.1)
    }

    fn position(&self) -> usize {
        self.tokens.get(self.next).or(self.tokens.last()).map_or(0, |it| it.0)
    }

    fn take(&mut self) -> Token {
        let token = self.peek().clone();
        self.next += 1;
        token
    }

    fn take_if(&mut self, token: &Token) -> bool {
        let matches = self.peek() == token;
        self.next += usize::from(matches);
        matches
    }

    fn expect(&mut self, token: Token, expected: &str) -> Parsed<()> {
        if self.take_if(&token) { Ok(()) } else { self.unexpected(expected) }
    }

    fn unexpected<T>(&self, expected: &str) -> Parsed<T> {
        Err(syntax(self.position(), format!("expected {expected}, found {}", self.peek().name())))
    }

    fn record(&mut self, kind: ParseErrorKind, position: usize, message: String) {
        self.error.get_or_insert(ParseError { kind, position, message });
    }

    fn descend(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.too_deep(self.position());
        }
        Ok(())
    }

    fn too_deep<T>(&self, position: usize) -> Parsed<T> {
        Err(syntax(position, format!("nested deeper than {MAX_NESTING} levels")))
    }

    /// An expression whose operators all bind stronger than `minimum`.
    fn expression(&mut self, minimum: u8) -> Parsed {
        let depth = self.depth;
        self.descend()?;
        let mut left = self.prefix()?;
        while minimum < self.binding_power() {
            // Every further operator nests its left operand one level deeper.
            self.descend()?;
            left = self.operator(left)?;
        }
        self.depth = depth;
        Ok(left)
    }

    /// The binding power of the next token to its left operand; 0 if it is no operator.
    fn binding_power(&self) -> u8 {
        match self.peek() {
            Token::Pipe => PIPE,
            Token::Or => OR,
            Token::And => AND,
            Token::Compare(_) => COMPARE,
            Token::Flatten => FLATTEN,
            Token::Star => STAR,
            Token::Filter => FILTER,
            Token::Dot => DOT,
            Token::Not => NOT,
            Token::OpenBrace => BRACE,
            Token::OpenBracket => BRACKET,
            Token::OpenParen => PAREN,
            _ => 0,
        }
    }

    /// The start of an expression: an operand or a prefix operator.
    fn prefix(&mut self) -> Parsed {
        match self.peek() {
            Token::Name(_) => self.name(),
            Token::Quoted(_) => self.quoted(),
            Token::Literal(_) => {
                let Token::Literal(value) = self.take() else {
                    return self.unexpected("a literal");
                };
                Ok(Ast::Literal(value))
            }
            Token::At => {
                self.next += 1;
                Ok(Ast::Current)
            }
            Token::Star => self.star(Ast::Current, STAR),
            Token::Flatten => self.flatten(Ast::Current),
            Token::Filter => self.filter(Ast::Current),
            Token::OpenBracket => self.bracket(Ast::Current, true),
            Token::OpenBrace => self.hash(),
            Token::Not => {
                self.next += 1;
                Ok(Ast::Not(Box::new(self.expression(NOT)?)))
            }
            Token::Amp => {
                self.next += 1;
                Ok(Ast::Expression(Box::new(self.expression(0)?)))
            }
            Token::OpenParen => {
                self.next += 1;
                let inside = self.expression(0)?;
                self.expect(Token::CloseParen, "`)`")?;
                Ok(inside)
            }
            _ => self.unexpected("an expression"),
        }
    }

    fn name(&mut self) -> Parsed {
        let position = self.position();
        let Token::Name(name) = self.take() else { return self.unexpected("a name") };
        if !self.take_if(&Token::OpenParen) {
            return Ok(Ast::Field(name));
        }
        let mut arguments = Vec::new();
        if !self.take_if(&Token::CloseParen) {
            loop {
                arguments.push(self.expression(0)?);
                if self.take_if(&Token::CloseParen) {
                    break;
                }
                self.expect(Token::Comma, "`,` or `)`")?;
            }
        }
        match FUNCTIONS.iter().find(|it| it.0 == name) {
            Some((_, minimum, maximum)) if !(*minimum..=*maximum).contains(&arguments.len()) => {
                let or_more = if minimum == maximum { "" } else { " or more" };
                let message = format!("`{name}` takes {minimum}{or_more} arguments, not {}", arguments.len());
                self.record(ParseErrorKind::InvalidArity, position, message);
            }
            Some(_) => {}
            None => {
                let known = FUNCTIONS.map(|it| it.0).join(", ");
                self.record(
                    ParseErrorKind::UnknownFunction,
                    position,
                    format!("unknown function `{name}`; known: {known}"),
                );
            }
        }
        Ok(Ast::Call(name, arguments))
    }

    fn quoted(&mut self) -> Parsed {
        let Token::Quoted(name) = self.take() else { return self.unexpected("a name") };
        if *self.peek() == Token::OpenParen {
            return Err(syntax(self.position(), "the name of a function must not be quoted".to_owned()));
        }
        Ok(Ast::Field(name))
    }

    /// An operator after its left operand.
    fn operator(&mut self, left: Ast) -> Parsed {
        match self.peek() {
            Token::Dot => {
                self.next += 1;
                if *self.peek() == Token::Star {
                    return self.star(left, DOT);
                }
                let right = self.after_dot(DOT)?;
                Ok(then(left, right))
            }
            Token::Pipe => self.binary(PIPE, left, Ast::Then),
            Token::Or => self.binary(OR, left, Ast::Or),
            Token::And => self.binary(AND, left, Ast::And),
            Token::Compare(comparison) => {
                let comparison = *comparison;
                self.binary(COMPARE, left, |left, right| Ast::Compare(comparison, left, right))
            }
            Token::Flatten => self.flatten(left),
            Token::Filter => self.filter(left),
            Token::OpenBracket => self.bracket(left, false),
            _ => self.unexpected("an operator or the end"),
        }
    }

    fn binary(&mut self, power: u8, left: Ast, make: impl FnOnce(Box<Ast>, Box<Ast>) -> Ast) -> Parsed {
        self.next += 1;
        Ok(make(Box::new(left), Box::new(self.expression(power)?)))
    }

    /// The operand after a dot. A multi-select ends a projection, as in botocore's jmespath.
    fn after_dot(&mut self, power: u8) -> Parsed {
        match self.peek() {
            Token::Name(_) | Token::Quoted(_) | Token::Star => self.expression(power),
            Token::OpenBracket => {
                self.next += 1;
                self.list()
            }
            Token::OpenBrace => self.hash(),
            _ => self.unexpected("a name, `*`, `[` or `{`"),
        }
    }

    /// The expression that a projection applies to each element.
    fn projected(&mut self, power: u8) -> Parsed {
        if self.binding_power() < PROJECTION {
            return Ok(Ast::Current);
        }
        match self.peek() {
            Token::OpenBracket | Token::Filter => self.expression(power),
            Token::Dot => {
                self.next += 1;
                self.after_dot(power)
            }
            _ => self.unexpected("`.`, `[` or an operator"),
        }
    }

    fn star(&mut self, left: Ast, power: u8) -> Parsed {
        self.next += 1;
        let each = self.projected(power)?;
        Ok(Ast::Values(Box::new(left), Box::new(each)))
    }

    fn flatten(&mut self, left: Ast) -> Parsed {
        self.next += 1;
        let each = self.projected(FLATTEN)?;
        Ok(Ast::Each(Box::new(Ast::Flatten(Box::new(left))), Box::new(each)))
    }

    fn filter(&mut self, left: Ast) -> Parsed {
        self.next += 1;
        let condition = self.expression(0)?;
        self.expect(Token::CloseBracket, "`]`")?;
        let each = if *self.peek() == Token::Flatten { Ast::Current } else { self.projected(FILTER)? };
        Ok(Ast::Where(Box::new(left), Box::new(condition), Box::new(each)))
    }

    /// `[1]`, `[1:2]`, `[*]`; as a prefix also a multi-select list.
    fn bracket(&mut self, left: Ast, is_prefix: bool) -> Parsed {
        self.next += 1;
        match self.peek() {
            Token::Number(_) | Token::Colon => self.index(left),
            Token::Star
                if !is_prefix || self.tokens.get(self.next + 1).is_some_and(|it| it.1 == Token::CloseBracket) =>
            {
                self.next += 1;
                self.expect(Token::CloseBracket, "`]`")?;
                let each = self.projected(STAR)?;
                Ok(Ast::Each(Box::new(left), Box::new(each)))
            }
            _ if is_prefix => self.list(),
            _ => self.unexpected("a number, `:` or `*`"),
        }
    }

    fn index(&mut self, left: Ast) -> Parsed {
        let position = self.position();
        let mut parts = [None; 3];
        let mut part = 0;
        loop {
            match self.take() {
                Token::Number(it) if parts[part].is_none() => parts[part] = Some(it),
                Token::Colon if part < 2 => part += 1,
                Token::CloseBracket => break,
                _ => {
                    self.next -= 1;
                    return self.unexpected("a number, `:` or `]`");
                }
            }
        }
        if let (0, Some(index)) = (part, parts[0]) {
            return Ok(Ast::Index(Box::new(left), index));
        }
        if parts[2] == Some(0) {
            self.record(ParseErrorKind::InvalidValue, position, "the step of a slice cannot be 0".to_owned());
        }
        let each = self.projected(STAR)?;
        Ok(Ast::Each(Box::new(Ast::Slice(Box::new(left), parts)), Box::new(each)))
    }

    /// A multi-select list, after its bracket.
    fn list(&mut self) -> Parsed {
        let mut items = vec![self.expression(0)?];
        while !self.take_if(&Token::CloseBracket) {
            self.expect(Token::Comma, "`,` or `]`")?;
            items.push(self.expression(0)?);
        }
        Ok(Ast::List(items))
    }

    fn hash(&mut self) -> Parsed {
        self.next += 1;
        let mut entries = Vec::new();
        loop {
            let key = match self.peek() {
                Token::Name(it) | Token::Quoted(it) => it.clone(),
                _ => return self.unexpected("a name"),
            };
            self.next += 1;
            self.expect(Token::Colon, "`:`")?;
            entries.push((key, self.expression(0)?));
            if self.take_if(&Token::CloseBrace) {
                return Ok(Ast::Hash(entries));
            }
            self.expect(Token::Comma, "`,` or `}`")?;
        }
    }
}
