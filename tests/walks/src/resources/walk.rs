//! Runs a walk in Rust, records what it sends, and compares it with what boto3 does at each step. Knows no service.

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Debug;
use std::future::IntoFuture;
use std::sync::{Arc, Mutex, OnceLock};

use aws_core::config::ChecksumMode;
use aws_core::http::{HttpClient, HttpConfig, HttpError, HttpErrorKind, HyperClient, Request, Response};
use aws_core::testing::{RecordedSleep, Reply};
use aws_core::{BoxFuture, Credentials, Result, Session};
use tests::doubles::ScriptedClient;
use tests::moto::{self, Server};

use super::requests::{Renamed, Sent};
use super::{boto3, models};
use crate::secrets::{self, Kind};

/// The account of moto that boto3 walks in. Each of our walks has another one, so that all start with nothing.
const BOTO3S: &str = "222222222222";

/// One step, and what the Rust side did.
#[derive(Debug, Default)]
pub(super) struct Step {
    /// The code that boto3 runs.
    pub(super) python: String,
    /// The responses that it gets in place of moto's.
    pub(super) canned: Vec<Canned>,
    sent: Vec<Sent>,
    resources: Option<Vec<String>>,
    /// Why boto3 does something else.
    differs: Option<&'static str>,
    /// Whether both sides have to fail.
    fails: bool,
}

/// A response that moto does not give.
#[derive(Clone, Debug)]
pub(super) struct Canned {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, &'static str)>,
    pub(super) body: String,
}

/// A walk through one service's resources.
pub(super) struct Walk {
    service: &'static str,
    server: Server,
    session: Session,
    http: Recorder,
    steps: Vec<Step>,
    /// What holds for the next step.
    next: Step,
}

/// Runs `steps` with each kind of credentials, and with boto3 what ran with the first, and compares; without moto it does
/// nothing, and that was reported.
pub(super) async fn walk(service: &'static str, steps: impl AsyncFn(&mut Walk)) {
    let Some(server) = moto::moto() else { return };
    for mut watch in secrets::watches(&server) {
        let http = Recorder::new(watch.kind);
        let builder = server.builder("us-east-1").http_client(http.clone()).sleep(RecordedSleep::new().sleep());
        // Without that, a given URL means a server that may not know checksums.
        let builder = builder.max_attempts(1).request_checksum_calculation(ChecksumMode::WhenSupported);
        let (session, server) = (watch.session(builder).await, server.clone());
        let keys = session.credentials().expect("a provider").provide().await.expect("credentials");
        http.keys.set(keys).expect("not set before");
        let mut walk = Walk { service, server, session, http, steps: Vec::new(), next: Step::default() };
        steps(&mut walk).await;
        if watch.kind == Kind::Keys {
            walk.compare();
        }
        watch.check();
    }
}

impl Walk {
    /// The session whose requests are recorded.
    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    /// A request whose response is not compared; what happens to it is in the responses of later steps.
    pub(super) async fn call<T>(&mut self, python: &str, step: impl IntoFuture<Output = Result<T>>) -> T {
        let result = self.run(python, step).await;
        self.end(None);
        result
    }

    /// A request whose response becomes resources.
    pub(super) async fn get<T: Resources>(&mut self, python: &str, step: impl IntoFuture<Output = Result<T>>) -> T {
        let result = self.run(python, step).await;
        self.end(Some(result.names()));
        result
    }

    /// A request, or several, after which both sides fail.
    pub(super) async fn fails<T>(&mut self, python: &str, step: impl IntoFuture<Output = Result<T>>) {
        python.clone_into(&mut self.next.python);
        self.next.fails = true;
        self.http.prepare(&self.next.canned);
        let failed = step.into_future().await.is_err();
        assert!(failed, "{}: {python} has to fail\n{}", self.service, self.http.shown());
        self.end(None);
    }

    /// A waiter that gets one response which means to wait and one which ends it; as many of the former as it makes
    /// attempts, after which it fails; and one that means failure, if there is such.
    pub(super) async fn waits<T, W: IntoFuture<Output = Result<T>>>(
        &mut self,
        python: &str,
        waiter: impl Fn() -> W,
        attempts: usize,
        [wait, done]: [(u16, &str); 2],
        failure: Option<&str>,
    ) {
        self.response(wait.0, &[], wait.1).response(done.0, &[], done.1).call(python, waiter()).await;
        for _ in 0..attempts {
            self.response(wait.0, &[], wait.1);
        }
        self.fails(python, waiter()).await;
        if let Some(failure) = failure {
            self.canned(failure).fails(python, waiter()).await;
        }
    }

    /// A resource that is created without a request.
    pub(super) fn value<T: Resources>(&mut self, python: &str, value: T) -> T {
        self.next.python = python.to_owned();
        self.end(Some(value.names()));
        value
    }

    /// Code that only boto3 needs: a variable of a later step.
    pub(super) fn python(&mut self, code: &str) {
        // The value is not compared.
        self.next.python = format!("{code}\npass");
        self.end(None);
    }

    /// A response to a request of the next step, which moto then does not get. A step may have several.
    pub(super) fn canned(&mut self, body: &str) -> &mut Self {
        self.response(200, &[], body)
    }

    /// The same with a status and headers.
    pub(super) fn response(&mut self, status: u16, headers: &[(&'static str, &'static str)], body: &str) -> &mut Self {
        let headers = headers.to_vec();
        self.next.canned.push(Canned { status, headers, body: body.to_owned() });
        self
    }

    /// The next step differs from boto3's for this reason. It is a failure if it does not.
    pub(super) fn differs(&mut self, why: &'static str) -> &mut Self {
        self.next.differs = Some(why);
        self
    }

    async fn run<T>(&mut self, python: &str, step: impl IntoFuture<Output = Result<T>>) -> T {
        self.next.python = python.to_owned();
        self.http.prepare(&self.next.canned);
        match step.into_future().await {
            Ok(result) => result,
            Err(error) => panic!("{}: {python}: {error}\n{}", self.service, self.http.shown()),
        }
    }

    fn end(&mut self, resources: Option<Vec<String>>) {
        let sent = self.http.take();
        let unused = self.http.unused();
        assert_eq!(unused, 0, "{}: {}: {unused} canned responses are left", self.service, self.next.python);
        self.steps.push(Step { sent, resources, ..std::mem::take(&mut self.next) });
    }

    fn compare(&self) {
        let theirs = boto3::run(self.service, &self.server, BOTO3S, &self.steps);
        let mut problems = Vec::new();
        let mut renamed = Renamed::default();
        let mut covered = BTreeSet::new();
        for (ours, theirs) in self.steps.iter().zip(&theirs) {
            covered.extend(theirs.covered.iter().map(|it| models::normalized(it)));
            let mut found = difference(ours, theirs, &mut renamed);
            match (ours.differs, found.is_empty()) {
                (Some(why), true) => found.push(format!("no longer differs: {why}")),
                (Some(_), false) => found.clear(),
                (None, _) => {}
            }
            problems.extend(found.into_iter().map(|it| format!("{}\n{it}", ours.python)));
        }
        let items = models::items(self.service);
        let missing = items.iter().filter(|it| !covered.contains(&models::normalized(it)));
        problems.extend(missing.map(|it| format!("{it}: no step uses it")));
        let canned = self.steps.iter().filter(|it| !it.canned.is_empty()).count();
        let differ = self.steps.iter().filter(|it| it.differs.is_some()).count();
        tests::say!(
            "{}: {} steps ({canned} with canned responses, {differ} differ from boto3) use all {} of the model's actions, \
             collections, references, batches and waiters",
            self.service,
            self.steps.len(),
            items.len()
        );
        assert!(problems.is_empty(), "{}: {} problems\n\n{}", self.service, problems.len(), problems.join("\n\n"));
    }
}

/// In what the two sides of a step differ.
fn difference(ours: &Step, theirs: &boto3::Outcome, renamed: &mut Renamed) -> Vec<String> {
    let mut found = Vec::new();
    match (ours.fails, &theirs.error) {
        (false, Some(error)) => found.push(format!("  boto3: {error}")),
        (true, None) => found.push("  boto3 does not fail".to_owned()),
        _ => {}
    }
    if ours.sent.len() != theirs.sent.len() {
        found.push(format!("  sent {} requests, boto3 {}", ours.sent.len(), theirs.sent.len()));
    }
    for (ours, theirs) in ours.sent.iter().zip(&theirs.sent) {
        found.extend(renamed.difference(&ours.lines(theirs), &theirs.lines(ours)));
    }
    let some = |it: &Option<Vec<String>>| it.clone().filter(|it| !it.is_empty()).unwrap_or_default();
    found.extend(renamed.difference(&some(&ours.resources), &some(&theirs.resources)));
    found
}

/// What is a resource, or several.
pub(super) trait Resources {
    /// Each as `Debug` shows it, after `loaded` if it has attributes.
    fn names(&self) -> Vec<String>;
}

impl<T: Resources> Resources for Vec<T> {
    fn names(&self) -> Vec<String> {
        self.iter().flat_map(Resources::names).collect()
    }
}

impl<T: Resources> Resources for Option<T> {
    fn names(&self) -> Vec<String> {
        self.iter().flat_map(Resources::names).collect()
    }
}

/// The name of a resource.
pub(super) fn shown(resource: &impl Debug) -> Vec<String> {
    vec![format!("{resource:?}")]
}

/// Makes the resources of a crate known to the walks: `resources!(aws_sqs_resource: Message, Queue)`.
macro_rules! resources {
    ($krate:ident: $($name:ident),* $(,)?) => {
        $(impl $crate::resources::walk::Resources for $krate::$name {
            fn names(&self) -> Vec<String> {
                $crate::resources::walk::shown(self)
            }
        })*

        impl<R: aws_core::resource::Attributes + $crate::resources::walk::Resources>
            $crate::resources::walk::Resources for $krate::Loaded<R>
        {
            fn names(&self) -> Vec<String> {
                self.resource().names().into_iter().map(|it| format!("loaded {it}")).collect()
            }
        }
    };
}
pub(super) use resources;

/// Sends requests to moto, or to a script, and records them.
#[derive(Clone, Debug)]
struct Recorder {
    client: HyperClient,
    account: String,
    /// What must sign the requests that the script responds to.
    keys: Arc<OnceLock<Credentials>>,
    script: Arc<Mutex<VecDeque<Reply>>>,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Recorder {
    fn new(kind: Kind) -> Self {
        let client = HyperClient::new(&HttpConfig::default()).expect("an HTTP client");
        Self {
            client,
            account: format!("11111111111{}", kind as u8),
            keys: Arc::default(),
            script: Arc::default(),
            sent: Arc::default(),
        }
    }

    fn prepare(&self, canned: &[Canned]) {
        let reply = |it: &Canned| {
            let reply = Reply::new(it.status).body(it.body.clone());
            it.headers.iter().fold(reply, |reply, (name, value)| reply.header(name, value))
        };
        *self.script.lock().expect("a lock") = canned.iter().map(reply).collect();
    }

    fn take(&self) -> Vec<Sent> {
        std::mem::take(&mut *self.sent.lock().expect("a lock"))
    }

    fn shown(&self) -> String {
        self.take().iter().flat_map(|it| it.lines(it)).collect::<Vec<_>>().join("\n")
    }

    fn unused(&self) -> usize {
        self.script.lock().expect("a lock").len()
    }

    async fn record(&self, mut request: Request) -> Result<Response, HttpError> {
        let body = std::mem::take(&mut request.body).into_stream().collect().await;
        let body = body.map_err(|it| HttpError::new(HttpErrorKind::Body, it.to_string()))?.into_bytes();
        let text = |it: &aws_core::http::HeaderValue| String::from_utf8_lossy(it.as_bytes()).into_owned();
        self.sent.lock().expect("a lock").push(Sent {
            method: request.method.to_string(),
            url: request.url.as_str().to_owned(),
            headers: request.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            body: body.to_vec(),
        });
        request.body = body.into();
        request
            .headers
            .insert("x-moto-account-id", aws_core::http::HeaderValue::try_from(&self.account).expect("digits"));
        let reply = self.script.lock().expect("a lock").pop_front();
        match reply {
            Some(reply) => {
                let keys = self.keys.get().cloned().expect("set before the walk");
                ScriptedClient::new([reply]).signed_by(keys).send(request).await
            }
            None => self.client.send(request).await,
        }
    }
}

impl HttpClient for Recorder {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        Box::pin(self.record(request))
    }
}
