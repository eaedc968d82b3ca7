//! Stubs: a session whose calls get typed responses from rules instead of a service. Decides which rule responds, and
//! explains why none does. Knows no service.

use std::collections::BTreeSet;
use std::fmt;
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use super::responder::{Attempt, Input, Responder};
use super::{FixedClock, ReceivedRequest, RecordedSleep, ScriptedClient, credentials};
use crate::BoxFuture;
use crate::config::Environment;
use crate::credentials::Token;
use crate::error::{Error, ErrorKind, Result};
use crate::hooks::{Hook, HookContext, HookInput};
use crate::http::Request;
use crate::operation::{Operation, OperationPlan};
use crate::schema::debug::shown;
use crate::schema::{StructureView, View};
use crate::session::{Random, Session, SessionBuilder};
use crate::sync::lock;

/// The time that the clock of a stub shows at first: 2026-01-01T00:00:00Z. Our choice.
const START: u64 = 1_767_225_600;

/// A service that is not there: rules respond to the calls of its session, typed by the operation. Clones are the same stub.
///
/// ```
/// use aws_core::testing::{ServiceError, Stub};
/// # use aws_core::Operation;
/// # async fn test<GetObject: Operation<Output: Send>>(output: GetObject::Output, is_mine: fn(&GetObject::Input) -> bool) {
/// let stub = Stub::new();
/// stub.on::<GetObject>().when(is_mine).http(503).times(2).reply(output);
/// stub.on::<GetObject>().error(ServiceError::new("NoSuchKey"));
///
/// let session = stub.session(); // the client of any service is made of it
/// // … the code under test …
/// stub.verify();
/// # }
/// ```
///
/// A call takes every step of a real one: its input is validated, built and signed, failures are retried, and the response is
/// written as its service writes it and then read. So paginators, waiters, resources and streams work, and a response that the
/// wire cannot carry is an error. Pauses end at once, the clock stands still, and jitter is the same in each run.
///
/// The first rule responds that belongs to the operation, whose conditions hold, and which is not used up. Its last response
/// is given always unless [`times`](super::Rule::times) says how often. A call without a rule is an error of
/// [`ErrorKind::Hook`] that shows the input, the nearest rule, and why that does not match.
#[derive(Clone)]
pub struct Stub(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    clock: FixedClock,
    sleep: RecordedSleep,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) rules: Vec<RuleState>,
    in_order: bool,
    requests: Vec<(&'static OperationPlan, ReceivedRequest)>,
    unmatched: Vec<String>,
}

/// Checks an input; the error says why it does not match.
pub(super) type Condition = Arc<dyn Fn(StructureView<'_>) -> Result<(), String> + Send + Sync>;

/// Copies an input.
pub(super) type CopyInput = fn(StructureView<'_>) -> Box<Input>;

/// A rule and how often it has responded.
pub(super) struct RuleState {
    plan: &'static OperationPlan,
    /// Where the test has it.
    place: &'static Location<'static>,
    pub(super) conditions: Vec<Condition>,
    pub(super) steps: Vec<Step>,
    /// Set if a response is computed from the input.
    pub(super) copy_input: Option<CopyInput>,
    pub(super) optional: bool,
    pub(super) calls: usize,
}

/// One response of a rule, and how often it is given.
pub(super) struct Step {
    pub(super) responder: Responder,
    /// `None`: always if it is the last one, else once.
    pub(super) times: Option<usize>,
    pub(super) used: usize,
}

impl RuleState {
    pub(super) fn new(plan: &'static OperationPlan, place: &'static Location<'static>) -> Self {
        Self { plan, place, conditions: Vec::new(), steps: Vec::new(), copy_input: None, optional: false, calls: 0 }
    }

    /// The limit of a step; `None` for always.
    fn limit(&self, index: usize) -> Option<usize> {
        let is_last = index + 1 == self.steps.len();
        self.steps[index].times.or((!is_last).then_some(1))
    }

    /// The step that responds next; `None` if the rule is used up.
    fn next_step(&self) -> Option<usize> {
        (0..self.steps.len()).find(|&index| self.limit(index).is_none_or(|it| self.steps[index].used < it))
    }

    /// Whether the rule was used as often as it says; always means at least once. A rule without a response never is.
    fn is_satisfied(&self) -> bool {
        let is_used = |index: usize| self.steps[index].used >= self.limit(index).unwrap_or(1);
        self.optional || !self.steps.is_empty() && (0..self.steps.len()).all(is_used)
    }

    /// How often the rule must respond at least.
    fn expected(&self) -> usize {
        (0..self.steps.len()).map(|index| self.limit(index).unwrap_or(1)).sum()
    }
}

impl fmt::Display for RuleState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the rule for {} at {}:{}", self.plan.name, self.place.file(), self.place.line())
    }
}

/// What a stub keeps for a call: its input as a text, and the rules of the operation.
struct Matched {
    input: String,
    candidates: Vec<Candidate>,
}

/// A rule of the operation of a call.
struct Candidate {
    rule: usize,
    /// If a condition does not hold: how many hold before it, and why it does not.
    result: Result<(), (usize, String)>,
    /// What the rule computes its response from.
    input: Option<Box<Input>>,
}

impl Default for Stub {
    fn default() -> Self {
        Self::new()
    }
}

impl Stub {
    /// A stub without rules.
    pub fn new() -> Self {
        let clock = FixedClock::from_secs(START);
        let sleep = RecordedSleep::with_clock(clock.clone());
        Self(Arc::new(Shared { state: Mutex::default(), clock, sleep }))
    }

    /// A session of the stub: with test credentials in the region `us-east-1`, without environment and files. It opens no
    /// connection.
    pub fn session(&self) -> Session {
        self.builder().build_lazy()
    }

    /// The builder of [`session`](Self::session), to change settings. Another session uses the stub by
    /// [`SessionBuilder::hook`].
    pub fn builder(&self) -> SessionBuilder {
        Session::builder()
            .environment(Environment::empty())
            .region("us-east-1")
            .credentials(credentials())
            .token_provider(Token::new("test-token"))
            .auth_scheme_preference(["sigv4", "httpBearerAuth"])
            .clock(self.0.clock.clock())
            .sleep(self.0.sleep.sleep())
            .random(Random::seeded(START))
            .http_client(ScriptedClient::default())
            .hook(self.clone())
    }

    /// Requires that the rules respond in the order in which they were made: each as often as it says before the next.
    #[must_use]
    pub fn in_order(self) -> Self {
        self.state().in_order = true;
        self
    }

    /// The clock of the sessions.
    pub fn clock(&self) -> &FixedClock {
        &self.0.clock
    }

    /// The pauses between attempts and between polls so far.
    pub fn waits(&self) -> Vec<Duration> {
        self.0.sleep.waits()
    }

    /// How many requests of the operation `O` the stub has received: each attempt counts.
    pub fn calls<O: Operation>(&self) -> usize {
        let plan = OperationPlan::for_operation::<O>();
        self.state().requests.iter().filter(|it| std::ptr::eq(it.0, plan)).count()
    }

    /// The requests received so far, signed, with their bodies. The events of an input are not part of them.
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.state().requests.iter().map(|it| it.1.clone()).collect()
    }

    /// Checks that every rule responded as often as it says, at least once if it says nothing, and that every call had a
    /// rule.
    ///
    /// # Panics
    /// If not, with all that is missing.
    #[track_caller]
    pub fn verify(&self) {
        let problems = self.problems();
        assert!(problems.is_empty(), "the calls are not those of the stub's rules:\n{}", problems.join("\n"));
    }

    /// What [`verify`](Self::verify) panics with.
    pub fn problems(&self) -> Vec<String> {
        let state = self.state();
        let unused = state.rules.iter().filter(|it| !it.is_satisfied()).map(|it| match it.steps.is_empty() {
            true => format!("{it} has no response"),
            false => format!("{it} responded {} times, expected {}", it.calls, it.expected()),
        });
        unused.chain(state.unmatched.iter().cloned()).collect()
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }

    /// Under which the state of calls is kept: they may have another stub, too.
    fn owner(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }
}

impl State {
    /// The candidate that responds to a call, and its response; or why none does.
    fn choose<'a>(&mut self, call: &HookContext, matched: &'a Matched) -> Result<(&'a Candidate, Responder), String> {
        let is_open = |it: &&Candidate| it.result.is_ok() && self.rules[it.rule].next_step().is_some();
        let first = matched.candidates.iter().find(is_open);
        let is_its_turn = |it: &&Candidate| !self.in_order || self.rules[..it.rule].iter().all(RuleState::is_satisfied);
        let Some(candidate) = first.filter(is_its_turn) else { return Err(self.explain(call, matched)) };
        let rule = &mut self.rules[candidate.rule];
        let step = rule.next_step().expect("checked above");
        rule.calls += 1;
        rule.steps[step].used += 1;
        Ok((candidate, Arc::clone(&rule.steps[step].responder)))
    }

    /// Why no rule responds: the input, the nearest rule, and what is wrong with it.
    fn explain(&self, call: &HookContext, matched: &Matched) -> String {
        // The nearest is the first of those of which most conditions hold.
        let holds = |it: &&Candidate| it.result.as_ref().err().map_or(usize::MAX, |it| it.0);
        let nearest = match matched.candidates.iter().rev().max_by_key(holds) {
            Some(it) => format!("the nearest is {}: {}", self.rules[it.rule], self.explain_candidate(it)),
            None if self.rules.is_empty() => "it has no rules".to_owned(),
            None => {
                let names: BTreeSet<_> = self.rules.iter().map(|it| it.plan.name).collect();
                format!("it has rules for {} only", names.into_iter().collect::<Vec<_>>().join(", "))
            }
        };
        format!("no rule of the stub responds to {} with {}; {nearest}", call.operation(), matched.input)
    }

    fn explain_candidate(&self, candidate: &Candidate) -> String {
        let rule = &self.rules[candidate.rule];
        match &candidate.result {
            Err((_, why)) => why.clone(),
            Ok(()) if rule.steps.is_empty() => "it has no response".to_owned(),
            Ok(()) if rule.next_step().is_none() => format!("it is used up after {} responses", rule.calls),
            Ok(()) => {
                let first = self.rules.iter().find(|it| !it.is_satisfied());
                first.map_or_else(String::new, |it| format!("it is not its turn: {it} comes first"))
            }
        }
    }
}

impl Hook for Stub {
    fn name(&self) -> &str {
        "Stub"
    }

    fn responds_always(&self) -> bool {
        true
    }

    fn before_build(&self, call: &mut HookContext, input: &mut HookInput<'_>) -> Result<()> {
        let view = input.0.view();
        // The conditions are closures of the test, which may use the stub: they are called without the lock.
        let rules: Vec<_> = {
            let state = self.state();
            let of_operation = state.rules.iter().enumerate().filter(|(_, it)| std::ptr::eq(it.plan, call.plan));
            of_operation.map(|(index, it)| (index, it.conditions.clone(), it.copy_input)).collect()
        };
        let candidates = rules.into_iter().map(|(rule, conditions, copy_input)| {
            let result = conditions.iter().enumerate().try_for_each(|(holds, it)| it(view).map_err(|why| (holds, why)));
            let input = copy_input.filter(|_| result.is_ok()).map(|copy| copy(view));
            Candidate { rule, result, input }
        });
        let candidates = candidates.collect();
        let input = format!("{:?}", shown(View::Structure(view)));
        call.insert_of(self.owner(), Arc::new(Matched { input, candidates }));
        Ok(())
    }

    fn before_send<'a>(&'a self, call: &'a mut HookContext, request: &'a mut Request) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let Some(matched) = call.get_of::<Arc<Matched>>(self.owner()).map(Arc::clone) else { return Ok(()) };
            let received = match ReceivedRequest::receive(request).await {
                Ok(received) => received,
                // As of an HTTP client that cannot send the body.
                Err(failure) => {
                    call.fail_attempt(failure);
                    return Ok(());
                }
            };
            let chosen = {
                let mut state = self.state();
                state.requests.push((call.plan, received));
                let chosen = state.choose(call, &matched);
                state.unmatched.extend(chosen.as_ref().err().cloned());
                chosen
            };
            let (candidate, responder) = chosen.map_err(|why| Error::new(ErrorKind::Hook, why))?;
            let (protocol, plan, input) = (call.protocol, call.plan, candidate.input.as_deref());
            let response = responder(&Attempt { protocol, plan, host: request.url.host(), input });
            call.response = Some(response.map_err(|error| {
                let why = format!("{} cannot respond: {error}", self.state().rules[candidate.rule]);
                Error::new(ErrorKind::Hook, why).with_source(error)
            })?);
            Ok(())
        })
    }
}

impl fmt::Debug for Stub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_list().entries(state.rules.iter().map(|it| format!("{it}: {} responses", it.calls))).finish()
    }
}
