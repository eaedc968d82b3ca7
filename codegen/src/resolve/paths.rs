//! Path expressions held against shapes: every field they name must exist where they name it. Knows what JMESPath gives,
//! not what anyone does with it.

use crate::expr::jmespath::{self, Ast};
use crate::model::{Matcher, Models, Service, ShapeKind};
use crate::report::{Place, Report};

/// What an expression gives.
#[derive(Debug, Clone, PartialEq)]
enum Given<'a> {
    /// A value of a shape.
    Shape(&'a str),
    /// A list that the expression made.
    List(Box<Given<'a>>),
    /// Text, number, boolean.
    Scalar,
    /// Not known, and not looked into.
    Any,
}

/// Why a path cannot be followed from `shape`, if it cannot.
pub(crate) fn check(service: &Service, shape: &str, path: &Ast) -> Result<(), String> {
    let mut checker = Checker { service, complaint: None };
    checker.give(path, &Given::Shape(shape));
    checker.complaint.map_or(Ok(()), Err)
}

/// Holds every path of a service's paginators and waiters against the outputs of their operations: a law over models, also
/// of services that are not emitted.
pub fn check_all(models: &Models, report: &mut Report) {
    let mut check = |operation: &str, path: &str, is_list: bool, place: Place| {
        let operation = models.service.operations.get(operation);
        let checked = match (operation.and_then(|it| it.output.as_ref()), jmespath::parse(path)) {
            (None, _) => Err("the operation has no output".to_owned()),
            (Some(_), Err(error)) => Err(error.to_string()),
            (Some(output), Ok(ast)) => {
                let mut checker = Checker { service: &models.service, complaint: None };
                let given = checker.give(&ast, &Given::Shape(&output.shape));
                let fits = match &given {
                    Given::List(_) | Given::Any => true,
                    Given::Shape(_) => matches!(checker.kind(&given), Some(ShapeKind::List(_))),
                    Given::Scalar => false,
                };
                match checker.complaint {
                    None if is_list && !fits => Err("it leads to no list".to_owned()),
                    complaint => complaint.map_or(Ok(()), Err),
                }
            }
        };
        if let Err(why) = checked {
            report.path_type(place, path, &why);
        }
    };
    for (operation, paginator) in &models.paginators.paginators {
        let place = models.paginators.place_of(operation);
        let paths = [
            ("output_token", &paginator.output_token[..]),
            ("result_key", &paginator.result_key),
            ("more_results", paginator.more_results.as_slice()),
            ("non_aggregate_keys", &paginator.non_aggregate_keys),
        ];
        for (key, paths) in paths {
            paths.iter().for_each(|path| check(operation, path, false, place.child(key)));
        }
    }
    for (name, waiter) in &models.waiters.waiters {
        let place = models.waiters.place_of(name).child("acceptors");
        for (index, acceptor) in waiter.acceptors.iter().enumerate() {
            if let Some(path) = &acceptor.argument {
                let is_list = matches!(acceptor.matcher, Matcher::PathAll | Matcher::PathAny);
                check(&waiter.operation, path, is_list, place.child(index).child("argument"));
            }
        }
    }
}

struct Checker<'a> {
    service: &'a Service,
    complaint: Option<String>,
}

impl<'a> Checker<'a> {
    fn give<'b>(&mut self, ast: &'b Ast, on: &Given<'b>) -> Given<'b>
    where
        'a: 'b,
    {
        match ast {
            Ast::Current => on.clone(),
            Ast::Field(name) => self.field(name, on),
            Ast::Then(first, then) => {
                let first = self.give(first, on);
                self.give(then, &first)
            }
            Ast::Index(list, _) => {
                let list = self.give(list, on);
                self.element(&list, "an index")
            }
            Ast::Slice(list, _) => self.give(list, on),
            Ast::Each(list, then) => {
                let list = self.give(list, on);
                let element = self.element(&list, "a projection");
                Given::List(Box::new(self.give(then, &element)))
            }
            Ast::Values(object, then) => {
                let object = self.give(object, on);
                let value = match self.kind(&object) {
                    Some(ShapeKind::Map(it)) => Given::Shape(&it.value.shape),
                    _ => Given::Any,
                };
                Given::List(Box::new(self.give(then, &value)))
            }
            Ast::Where(list, condition, then) => {
                let list = self.give(list, on);
                let element = self.element(&list, "a filter");
                self.give(condition, &element);
                Given::List(Box::new(self.give(then, &element)))
            }
            Ast::Flatten(list) => {
                let list = self.give(list, on);
                let element = self.element(&list, "a flattening");
                match element {
                    Given::List(_) => element,
                    Given::Shape(name) if matches!(self.kind(&element), Some(ShapeKind::List(_))) => Given::Shape(name),
                    other => Given::List(Box::new(other)),
                }
            }
            Ast::Or(first, second) | Ast::And(first, second) => {
                let (first, second) = (self.give(first, on), self.give(second, on));
                if first == Given::Any { second } else { first }
            }
            Ast::Not(inner) => {
                self.give(inner, on);
                Given::Scalar
            }
            Ast::Compare(_, first, second) => {
                self.give(first, on);
                self.give(second, on);
                Given::Scalar
            }
            Ast::List(items) => {
                let items: Vec<_> = items.iter().map(|it| self.give(it, on)).collect();
                Given::List(Box::new(items.into_iter().next().unwrap_or(Given::Any)))
            }
            Ast::Hash(fields) => {
                fields.iter().for_each(|(_, it)| {
                    self.give(it, on);
                });
                Given::Any
            }
            Ast::Call(_, arguments) => {
                arguments.iter().for_each(|it| {
                    self.give(it, on);
                });
                Given::Any
            }
            Ast::Literal(_) => Given::Scalar,
            // Only the function it is handed to knows what it is evaluated on.
            Ast::Expression(_) => Given::Any,
        }
    }

    fn kind<'b>(&self, it: &Given<'b>) -> Option<&'b ShapeKind>
    where
        'a: 'b,
    {
        match it {
            Given::Shape(name) => self.service.shapes.get(*name).map(|it| &it.kind),
            _ => None,
        }
    }

    fn field<'b>(&mut self, name: &'b str, on: &Given<'b>) -> Given<'b>
    where
        'a: 'b,
    {
        match (self.kind(on), on) {
            (Some(ShapeKind::Structure(it)), Given::Shape(shape)) if !it.document => match it.members.get(name) {
                Some(member) => Given::Shape(&member.shape),
                None => self.complain(format!("`{shape}` has no member `{name}`")),
            },
            (Some(ShapeKind::Structure(_)), _) => Given::Any,
            (Some(ShapeKind::Map(it)), _) => Given::Shape(&it.value.shape),
            (Some(kind), _) => self.complain(format!("`{name}` is looked for in a {}", kind.word())),
            (None, Given::List(_)) => self.complain(format!("`{name}` is looked for in a list")),
            (None, Given::Scalar) => self.complain(format!("`{name}` is looked for in a scalar")),
            (None, _) => Given::Any,
        }
    }

    fn element<'b>(&mut self, list: &Given<'b>, what: &str) -> Given<'b>
    where
        'a: 'b,
    {
        match (self.kind(list), list) {
            (_, Given::List(element)) => (**element).clone(),
            (Some(ShapeKind::List(it)), _) => Given::Shape(&it.member.shape),
            (Some(ShapeKind::Structure(it)), _) if it.document => Given::Any,
            (Some(kind), _) => self.complain(format!("{what} of a {}", kind.word())),
            (None, Given::Scalar) => self.complain(format!("{what} of a scalar")),
            (None, _) => Given::Any,
        }
    }

    fn complain<'b>(&mut self, why: String) -> Given<'b> {
        self.complaint.get_or_insert(why);
        Given::Any
    }
}
