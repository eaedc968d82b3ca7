//! Checks JMESPath expressions against shapes: every field that an expression names must exist. Knows what expressions
//! evaluate to, not what they are for.

use crate::expr::jmespath::{self, Ast};
use crate::model::{Matcher, Models, Service, ShapeKind};
use crate::report::{Report, SourceLocation};

/// The type of an expression's result.
#[derive(Debug, Clone, PartialEq)]
enum ResultType<'a> {
    /// A value of a shape.
    Shape(&'a str),
    /// A list that the expression creates.
    List(Box<ResultType<'a>>),
    /// A string, number or boolean.
    Scalar,
    /// Unknown; it is not checked any further.
    Any,
}

/// Checks that an expression can be evaluated on a value of `shape`.
///
/// # Errors
/// The first problem, such as a member that does not exist.
pub(crate) fn check(service: &Service, shape: &str, path: &Ast) -> Result<(), String> {
    let mut checker = Checker { service, problem: None };
    checker.infer(path, &ResultType::Shape(shape));
    checker.problem.map_or(Ok(()), Err)
}

/// Checks every path of a service's paginators and waiters against the outputs of their operations. For tests over all
/// models, including those of services that are not emitted.
pub fn check_all(models: &Models, report: &mut Report) {
    let mut check = |operation: &str, path: &str, is_list: bool, location: SourceLocation| {
        let operation = models.service.operations.get(operation);
        let checked = match (operation.and_then(|it| it.output.as_ref()), jmespath::parse(path)) {
            (None, _) => Err("the operation has no output".to_owned()),
            (Some(_), Err(error)) => Err(error.to_string()),
            (Some(output), Ok(ast)) => {
                let mut checker = Checker { service: &models.service, problem: None };
                let result = checker.infer(&ast, &ResultType::Shape(&output.shape));
                let may_be_list = match &result {
                    ResultType::List(_) | ResultType::Any => true,
                    ResultType::Shape(_) => matches!(checker.kind(&result), Some(ShapeKind::List(_))),
                    ResultType::Scalar => false,
                };
                match checker.problem {
                    None if is_list && !may_be_list => Err("the result must be a list".to_owned()),
                    problem => problem.map_or(Ok(()), Err),
                }
            }
        };
        if let Err(why) = checked {
            report.path_mismatch(location, path, &why);
        }
    };
    for (operation, paginator) in &models.paginators.paginators {
        let location = models.paginators.location_of(operation);
        let paths = [
            ("output_token", &paginator.output_token[..]),
            ("result_key", &paginator.result_key),
            ("more_results", paginator.more_results.as_slice()),
            ("non_aggregate_keys", &paginator.non_aggregate_keys),
        ];
        for (key, paths) in paths {
            paths.iter().for_each(|path| check(operation, path, false, location.child(key)));
        }
    }
    for (name, waiter) in &models.waiters.waiters {
        let location = models.waiters.location_of(name).child("acceptors");
        for (index, acceptor) in waiter.acceptors.iter().enumerate() {
            if let Some(path) = &acceptor.argument {
                let is_list = matches!(acceptor.matcher, Matcher::PathAll | Matcher::PathAny);
                check(&waiter.operation, path, is_list, location.child(index).child("argument"));
            }
        }
    }
}

struct Checker<'a> {
    service: &'a Service,
    /// The first problem.
    problem: Option<String>,
}

impl<'a> Checker<'a> {
    /// The type of `ast`'s result when it is evaluated on a value of type `on`.
    fn infer<'b>(&mut self, ast: &'b Ast, on: &ResultType<'b>) -> ResultType<'b>
    where
        'a: 'b,
    {
        match ast {
            Ast::Current => on.clone(),
            Ast::Field(name) => self.field(name, on),
            Ast::Then(first, then) => {
                let first = self.infer(first, on);
                self.infer(then, &first)
            }
            Ast::Index(list, _) => {
                let list = self.infer(list, on);
                self.element(&list, "an index")
            }
            Ast::Slice(list, _) => self.infer(list, on),
            Ast::Each(list, then) => {
                let list = self.infer(list, on);
                let element = self.element(&list, "a projection");
                ResultType::List(Box::new(self.infer(then, &element)))
            }
            Ast::Values(object, then) => {
                let object = self.infer(object, on);
                let value = match self.kind(&object) {
                    Some(ShapeKind::Map(it)) => ResultType::Shape(&it.value.shape),
                    _ => ResultType::Any,
                };
                ResultType::List(Box::new(self.infer(then, &value)))
            }
            Ast::Where(list, condition, then) => {
                let list = self.infer(list, on);
                let element = self.element(&list, "a filter");
                self.infer(condition, &element);
                ResultType::List(Box::new(self.infer(then, &element)))
            }
            Ast::Flatten(list) => {
                let list = self.infer(list, on);
                let element = self.element(&list, "a flattening");
                match element {
                    ResultType::List(_) => element,
                    ResultType::Shape(name) if matches!(self.kind(&element), Some(ShapeKind::List(_))) => {
                        ResultType::Shape(name)
                    }
                    other => ResultType::List(Box::new(other)),
                }
            }
            Ast::Or(first, second) | Ast::And(first, second) => {
                let (first, second) = (self.infer(first, on), self.infer(second, on));
                if first == ResultType::Any { second } else { first }
            }
            Ast::Not(inner) => {
                self.infer(inner, on);
                ResultType::Scalar
            }
            Ast::Compare(_, first, second) => {
                self.infer(first, on);
                self.infer(second, on);
                ResultType::Scalar
            }
            Ast::List(items) => {
                let items: Vec<_> = items.iter().map(|item| self.infer(item, on)).collect();
                ResultType::List(Box::new(items.into_iter().next().unwrap_or(ResultType::Any)))
            }
            Ast::Hash(fields) => {
                for (_, value) in fields {
                    self.infer(value, on);
                }
                ResultType::Any
            }
            Ast::Call(_, arguments) => {
                for argument in arguments {
                    self.infer(argument, on);
                }
                ResultType::Any
            }
            Ast::Literal(_) => ResultType::Scalar,
            // The function to which it is passed decides on which value it is evaluated.
            Ast::Expression(_) => ResultType::Any,
        }
    }

    fn kind<'b>(&self, ty: &ResultType<'b>) -> Option<&'b ShapeKind>
    where
        'a: 'b,
    {
        match ty {
            ResultType::Shape(name) => self.service.shapes.get(*name).map(|shape| &shape.kind),
            _ => None,
        }
    }

    fn field<'b>(&mut self, name: &'b str, on: &ResultType<'b>) -> ResultType<'b>
    where
        'a: 'b,
    {
        match (self.kind(on), on) {
            (Some(ShapeKind::Structure(structure)), ResultType::Shape(shape)) if !structure.document => {
                match structure.members.get(name) {
                    Some(member) => ResultType::Shape(&member.shape),
                    None => self.fail(format!("`{shape}` has no member `{name}`")),
                }
            }
            (Some(ShapeKind::Structure(_)), _) => ResultType::Any,
            (Some(ShapeKind::Map(it)), _) => ResultType::Shape(&it.value.shape),
            (Some(kind), _) => self.fail(format!("a {} has no member `{name}`", kind.type_name())),
            (None, ResultType::List(_)) => self.fail(format!("a list has no member `{name}`")),
            (None, ResultType::Scalar) => self.fail(format!("a scalar has no member `{name}`")),
            (None, _) => ResultType::Any,
        }
    }

    fn element<'b>(&mut self, list: &ResultType<'b>, what: &str) -> ResultType<'b>
    where
        'a: 'b,
    {
        match (self.kind(list), list) {
            (_, ResultType::List(element)) => (**element).clone(),
            (Some(ShapeKind::List(it)), _) => ResultType::Shape(&it.member.shape),
            (Some(ShapeKind::Structure(it)), _) if it.document => ResultType::Any,
            (Some(kind), _) => self.fail(format!("{what} requires a list, not a {}", kind.type_name())),
            (None, ResultType::Scalar) => self.fail(format!("{what} requires a list, not a scalar")),
            (None, _) => ResultType::Any,
        }
    }

    /// Records the first problem; the rest is not checked.
    fn fail<'b>(&mut self, why: String) -> ResultType<'b> {
        self.problem.get_or_insert(why);
        ResultType::Any
    }
}
