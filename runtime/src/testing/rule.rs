//! The rules of a stub: for which inputs of an operation they respond, with what, and how often. Knows no call.

use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use super::responder::{self, Responder};
use super::stub::{RuleState, Step, Stub};
use super::{Reply, ServiceError};
use crate::http::HttpErrorKind;
use crate::operation::{Operation, OperationPlan};
use crate::schema::copy::equal_options;
use crate::schema::debug::shown;
use crate::schema::{StructureView, View};

/// A rule of a [`Stub`]: conditions, and responses in their order. It is part of the stub as soon as it is made; what is
/// returned here continues it, and counts its responses.
///
/// ```
/// # use aws_core::testing::Stub;
/// # fn rules<GetItem: aws_core::Operation<Output: Send>>(found: GetItem::Output, nothing: GetItem::Output) {
/// let stub = Stub::new();
/// // Two failures, which are retried, then always the item.
/// let get = stub.on::<GetItem>().http(503).times(2).reply(found);
/// // … the code under test …
/// assert_eq!(get.calls(), 0);
/// # }
/// ```
///
/// A response that is not the last one is given once, the last one always; [`times`](Self::times) changes the one before it.
pub struct Rule<O> {
    stub: Stub,
    index: usize,
    operation: PhantomData<fn() -> O>,
}

impl Stub {
    /// Begins a rule for the operation `O`.
    #[track_caller]
    pub fn on<O: Operation>(&self) -> Rule<O> {
        let mut state = self.state();
        state.rules.push(RuleState::new(OperationPlan::for_operation::<O>(), Location::caller()));
        Rule { stub: self.clone(), index: state.rules.len() - 1, operation: PhantomData }
    }
}

impl<O: Operation> Rule<O> {
    /// Responds only if the input meets a condition. Several conditions must all be met.
    pub fn when(self, condition: impl Fn(&O::Input) -> bool + Send + Sync + 'static) -> Self {
        self.condition(move |input, number| match input.downcast_ref::<O::Input>() {
            Some(input) if condition(input) => Ok(()),
            _ => Err(format!("its condition {number} is not met")),
        })
    }

    /// Responds only if the input has all members that `partial` has, with equal values; others may be set, too. Of a nested
    /// structure the same holds, lists and maps are compared as a whole.
    pub fn matching(self, partial: O::Input) -> Self
    where
        O::Input: Send + Sync,
    {
        self.condition(move |input, _| contains(input, StructureView::new(&partial), ""))
    }

    fn condition(self, check: impl Fn(StructureView<'_>, usize) -> Result<(), String> + Send + Sync + 'static) -> Self {
        self.change(|rule| {
            let number = rule.conditions.len() + 1;
            rule.conditions.push(Arc::new(move |input| check(input, number)));
        })
    }

    fn change(self, change: impl FnOnce(&mut RuleState)) -> Self {
        change(&mut self.stub.state().rules[self.index]);
        self
    }

    /// Responds with an output. A stream in it is given as often as it can be read: once, or always if its bytes are in memory.
    /// Events must be ready, as those of [`EventStream::from_results`](crate::EventStream::from_results) are.
    pub fn reply(self, output: O::Output) -> Self
    where
        O::Output: Send,
    {
        self.step(responder::output::<O>(output))
    }

    /// Responds with an output that is computed from the input; streams are not part of the input then.
    pub fn reply_with(self, compute: impl Fn(&O::Input) -> O::Output + Send + Sync + 'static) -> Self
    where
        O::Input: Send + Sync,
    {
        self.change(|rule| rule.copy_input = Some(responder::copy_input::<O>)).step(responder::computed::<O>(compute))
    }

    /// Responds with an error: a modelled exception, or a [`ServiceError`] of any code.
    ///
    /// ```
    /// # use aws_core::testing::{ServiceError, Stub};
    /// # fn rules<GetObject: aws_core::Operation, NoSuchKey: aws_core::Exception>() {
    /// # let stub = Stub::new();
    /// stub.on::<GetObject>().error(NoSuchKey::default());
    /// stub.on::<GetObject>().error(ServiceError::new("AccessDenied").status(403));
    /// # }
    /// ```
    pub fn error(self, error: impl Into<ServiceError>) -> Self {
        self.step(responder::error(error.into()))
    }

    /// Responds with a status, or with a [`Reply`] of status, headers and body.
    pub fn http(self, reply: impl Into<Reply>) -> Self {
        self.step(responder::reply(reply.into()))
    }

    /// Fails as if there had been no response.
    pub fn fail(self, kind: HttpErrorKind) -> Self {
        self.http(Reply::failure(kind))
    }

    fn step(self, responder: Responder) -> Self {
        self.change(|rule| rule.steps.push(Step { responder, times: None, used: 0 }))
    }

    /// Gives the response before it this often, and no more.
    ///
    /// # Panics
    /// If there is no response before it.
    #[track_caller]
    pub fn times(self, times: usize) -> Self {
        let mut found = false;
        let rule = self.change(|rule| {
            let step = rule.steps.last_mut().map(|it| it.times = Some(times));
            found = step.is_some();
        });
        assert!(found, "`times` limits the response before it: there is none");
        rule
    }

    /// Lets [`Stub::verify`] pass if the rule is used less often, or never.
    pub fn optional(self) -> Self {
        self.change(|rule| rule.optional = true)
    }

    /// How often the rule has responded.
    pub fn calls(&self) -> usize {
        self.stub.state().rules[self.index].calls
    }
}

impl<O> std::fmt::Debug for Rule<O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rule").field("index", &self.index).finish_non_exhaustive()
    }
}

/// Whether an input has the members of `partial`.
fn contains(input: StructureView<'_>, partial: StructureView<'_>, path: &str) -> Result<(), String> {
    for (member, expected) in partial.members() {
        let path = format!("{path}{}", member.name);
        match (input.get(member), expected) {
            (Some(View::Structure(found)), View::Structure(expected)) => {
                contains(found, expected, &format!("{path}."))?
            }
            (found, expected) if equal_options(found, Some(expected)) => {}
            // Of a secret only the path is shown.
            (Some(_), _) if member.secret => return Err(format!("{path} has another value")),
            (Some(found), expected) => {
                return Err(format!("{path} is {:?}, expected {:?}", shown(found), shown(expected)));
            }
            (None, _) => return Err(format!("{path} is absent")),
        }
    }
    Ok(())
}
