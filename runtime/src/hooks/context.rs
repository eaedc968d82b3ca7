//! What a hook sees of a call: the facts, the state that hooks keep for it, its input and its end. Knows no hook.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};
use crate::http::{HeaderMap, HttpError, Response};
use crate::jmespath::Expression;
use crate::operation::{Operation, OperationPlan};
use crate::protocol::Protocol;
use crate::schema::debug::shown;
use crate::schema::tree::{TypedTree, document, put};
use crate::schema::{StructureMut, StructureView, View};
use crate::types::Document;

/// The owner of what all hooks see. No hook has this address.
const SHARED: usize = 0;

/// A call, as its hooks see it: which operation of which service, which attempt, and the state that they keep for it.
pub struct HookContext {
    pub(crate) service: &'static str,
    pub(crate) plan: &'static OperationPlan,
    pub(crate) protocol: &'static dyn Protocol,
    pub(crate) region: Option<String>,
    pub(crate) credentials_source: Option<&'static str>,
    pub(crate) attempt: u32,
    /// What a hook responds with instead of sending the attempt.
    pub(crate) response: Option<Result<Response, HttpError>>,
    pub(crate) skips_signature: bool,
    started: Instant,
    /// By owner and type: [`SHARED`], or the address of the hook that keeps the value for itself.
    state: HashMap<(usize, TypeId), Box<dyn Any + Send + Sync>>,
}

impl HookContext {
    pub(crate) fn new(service: &'static str, protocol: &'static dyn Protocol, plan: &'static OperationPlan) -> Self {
        Self {
            service,
            plan,
            protocol,
            region: None,
            credentials_source: None,
            attempt: 0,
            response: None,
            skips_signature: false,
            started: Instant::now(),
            state: HashMap::new(),
        }
    }

    /// The id of the service: `S3`.
    pub fn service(&self) -> &'static str {
        self.service
    }

    /// The name of the operation: `GetObject`.
    pub fn operation(&self) -> &'static str {
        self.plan.name
    }

    /// Whether this is a call of the operation `O`.
    pub fn is<O: Operation>(&self) -> bool {
        std::ptr::eq(self.plan, OperationPlan::for_operation::<O>())
    }

    /// The region that the attempt is signed for; `None` before the first attempt, and for unsigned requests.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// The name of the provider whose credentials sign the attempt, as botocore names it: `env`, `assume-role`. `None`
    /// before the first attempt, and for unsigned requests.
    pub fn credentials_source(&self) -> Option<&'static str> {
        self.credentials_source
    }

    /// The number of the attempt: 1 for the first, 0 before it.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The time since the first place of the call. Before it a call may wait for credentials, if its endpoint depends on their
    /// account id.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Responds in the service's place: the attempt is neither signed nor sent, the response is read like any other. Takes
    /// effect in the places before an attempt is sent. An error response is retried like one of the service.
    pub fn respond(&mut self, response: Response) {
        self.response = Some(Ok(response));
    }

    /// Lets the attempt fail as if its request had got no response: it is retried like such a failure.
    pub fn fail_attempt(&mut self, failure: HttpError) {
        self.response = Some(Err(failure));
    }

    /// Leaves this attempt unsigned, or as the hook signed it: to be called in
    /// [`before_sign`](super::Hook::before_sign). No credentials are fetched for it.
    pub fn skip_signature(&mut self) {
        self.skips_signature = true;
    }

    /// Keeps a value for later places of the same call, for all hooks: one for each type. Returns the previous one.
    pub fn insert<T: Send + Sync + 'static>(&mut self, value: T) -> Option<T> {
        self.insert_of(SHARED, value)
    }

    /// The value of this type that a hook has kept.
    pub fn get<T: 'static>(&self) -> Option<&T> {
        self.get_of(SHARED)
    }

    /// The value of this type that a hook has kept, to change it.
    pub fn get_mut<T: 'static>(&mut self) -> Option<&mut T> {
        self.get_mut_of(SHARED)
    }

    /// As [`insert`](Self::insert), for one of several hooks of the same type: the owner is its address.
    pub(crate) fn insert_of<T: Send + Sync + 'static>(&mut self, owner: usize, value: T) -> Option<T> {
        let previous = self.state.insert((owner, TypeId::of::<T>()), Box::new(value))?;
        previous.downcast().ok().map(|it| *it)
    }

    /// What the owner keeps of this type.
    pub(crate) fn get_of<T: 'static>(&self, owner: usize) -> Option<&T> {
        self.state.get(&(owner, TypeId::of::<T>()))?.downcast_ref()
    }

    /// What the owner keeps of this type, to change it.
    pub(crate) fn get_mut_of<T: 'static>(&mut self, owner: usize) -> Option<&mut T> {
        self.state.get_mut(&(owner, TypeId::of::<T>()))?.downcast_mut()
    }
}

impl fmt::Debug for HookContext {
    /// Without the state, which may hold anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HookContext")
            .field("service", &self.service)
            .field("operation", &self.plan.name)
            .field("region", &self.region)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

/// The input of a call before it is validated.
pub struct HookInput<'a>(pub(crate) StructureMut<'a>);

impl HookInput<'_> {
    /// The input, if it is that of the operation `O`.
    pub fn of<O: Operation>(&self) -> Option<&O::Input> {
        self.0.downcast_ref()
    }

    /// The input, to change it, if it is that of the operation `O`.
    pub fn of_mut<O: Operation>(&mut self) -> Option<&mut O::Input> {
        self.0.downcast_mut()
    }

    /// The input as a value: the members that are set, by their names in the model. It contains secrets. Streams are null.
    pub fn to_document(&self) -> Document {
        document(self.0.view())
    }

    /// The result of a JMESPath expression on the input: `Bucket`, `Tagging.TagSet[].Key`.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] for an invalid expression.
    pub fn search(&self, expression: &str) -> Result<Document> {
        let invalid = |why: &dyn fmt::Display| {
            Error::new(ErrorKind::Validation, format!("invalid expression {expression:?}: {why}"))
        };
        let parsed = Expression::parse(expression).map_err(|it| invalid(&it))?;
        let found = parsed.evaluate(TypedTree::from_structure(self.0.view())).map_err(|it| invalid(&it))?;
        Ok(found.to_document())
    }

    /// Sets a member by its name in the model, or makes it absent by [`Document::Null`].
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] if there is no such member, or the value does not fit its type.
    pub fn set(&mut self, member: &str, value: impl Into<Document>) -> Result<()> {
        let (shape, value) = (self.0.shape(), value.into());
        let invalid = |why: &str| Error::new(ErrorKind::Validation, format!("{}.{member}: {why}", shape.name));
        let found = shape.member(member).ok_or_else(|| invalid("there is no such member"))?;
        self.0.clear(found);
        if !value.is_null() && !put(self.0.slot(found), &value) {
            self.0.clear(found);
            return Err(invalid("the value does not fit the type of the member"));
        }
        Ok(())
    }
}

impl fmt::Debug for HookInput<'_> {
    /// The members that are set; secrets as `***`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        shown(View::Structure(self.0.view())).fmt(f)
    }
}

/// What a hook decides about an attempt that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryDecision {
    /// Send the request once more after this pause, whatever the retry mode says about the failure. The maximum number of
    /// attempts holds, and a body that can be read only once is not sent again.
    Retry(Duration),
    /// Do not retry.
    Stop,
}

/// The end of a call.
pub struct HookOutcome<'a> {
    pub(crate) status: Option<u16>,
    pub(crate) request_id: Option<&'a str>,
    pub(crate) headers: Option<&'a HeaderMap>,
    pub(crate) attempts: u32,
    pub(crate) result: Result<StructureView<'a>, &'a Error>,
}

impl<'a> HookOutcome<'a> {
    pub(crate) fn failure(error: &'a Error) -> Self {
        Self {
            status: error.status(),
            request_id: error.request_id(),
            headers: error.response().map(|it| &it.headers),
            attempts: error.attempts(),
            result: Err(error),
        }
    }

    /// Why the call failed; `None` if it succeeded.
    pub fn error(&self) -> Option<&Error> {
        self.result.as_ref().err().copied()
    }

    /// Whether the call succeeded.
    pub fn is_success(&self) -> bool {
        self.result.is_ok()
    }

    /// The HTTP status, if there was a response.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// The id that the service gave the request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id
    }

    /// The headers of the response, if there was one.
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.headers
    }

    /// How many times the request was sent.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The output of a call of the operation `O` that succeeded.
    pub fn output<O: Operation>(&self) -> Option<&O::Output> {
        self.result.as_ref().ok()?.downcast_ref()
    }
}

impl fmt::Debug for HookOutcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HookOutcome")
            .field("status", &self.status)
            .field("request_id", &self.request_id)
            .field("error", &self.error())
            .finish_non_exhaustive()
    }
}
