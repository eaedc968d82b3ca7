//! Recordings: the exchanges of a program with services, in a file, and responses from there. Decides what is recorded and
//! which exchange responds. Knows no service.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use super::drain;
use super::exchange::{Exchange, Redaction, Sanitizer, Tee, VERSION_LINE, mark};
use crate::BoxFuture;
use crate::encoding::percent;
use crate::error::{Error, ErrorKind, Result};
use crate::hooks::{Hook, HookContext, HookInput};
use crate::http::{Request, Response, header, is_secret_header};
use crate::schema::dynamic;
use crate::schema::redact::redacted;
use crate::schema::tree::document;
use crate::sync::lock;
use crate::types::ByteStream;

/// The environment variable of [`Mode::from_env`].
const VARIABLE: &str = "AWS_RECORDING";

/// What a [`Recording`] does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// Calls services, and writes a new file.
    Record,
    /// Responds from the file. Nothing is sent, and no credentials are needed.
    Replay,
    /// Calls services, without a file.
    Live,
    /// [`Replay`](Self::Replay) if there is a file, else [`Record`](Self::Record).
    Auto,
}

impl Mode {
    /// The mode in the environment variable `AWS_RECORDING`: `record`, `replay`, `live` or `auto`. If it is not set:
    /// `Replay`, so that a test calls no service by accident.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for any other value.
    pub fn from_env() -> Result<Self> {
        match crate::config::Environment::process().get(VARIABLE).as_deref() {
            None | Some("" | "replay") => Ok(Self::Replay),
            Some("record") => Ok(Self::Record),
            Some("live") => Ok(Self::Live),
            Some("auto") => Ok(Self::Auto),
            Some(other) => {
                let why =
                    format!("{VARIABLE}: `{other}` is not a mode of recordings: expected record, replay, live or auto");
                Err(Error::new(ErrorKind::Config, why))
            }
        }
    }
}

/// A file with the exchanges of a program: one readable line each. It is a [`Hook`] of a session. Clones are the same
/// recording.
///
/// ```no_run
/// # async fn test() -> aws_core::Result<()> {
/// use aws_core::Session;
/// use aws_core::testing::{Mode, Recording};
///
/// let recording = Recording::new("tests/recordings/listing.jsonl", Mode::from_env()?)?;
/// let session = Session::builder().region("us-east-1").hook(recording.clone()).build()?;
/// // … the code under test …
/// recording.verify();
/// # Ok(())
/// # }
/// ```
///
/// A call gets the first exchange of its operation and its input that was not used yet; signatures, dates and generated
/// tokens play no part. Streams keep their chunks, events their frames; of a stream that the program did not read to its end
/// there is the part that it read, and a replay that reads on fails there.
///
/// Secrets do not reach the file: no header of a request is recorded; the members that a model marks as sensitive, or whose
/// names say so, are `***` in inputs, outputs, events and exceptions, and a body that may have some but cannot be read is left
/// out; and wherever a key, a token or a signature of the request, or the value of such a member appears, it is replaced, if it
/// has six bytes or more: shorter ones are found where they are no secrets. In a recorded input the mark in its place, `***` or the `mark` of the line, stands for
/// any text; what the caller wrote himself is no mark. What else must not be there is removed by
/// [`redact_account_ids`](Self::redact_account_ids) and [`sanitize`](Self::sanitize).
#[derive(Clone)]
pub struct Recording(Arc<Shared>);

struct Shared {
    path: PathBuf,
    mode: Mode,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    exchanges: Vec<(Exchange, bool)>,
    sanitizers: Vec<Sanitizer>,
    unexpected: Vec<String>,
    failure: Option<String>,
}

/// A call without a response yet, and its secrets.
struct Pending {
    exchange: Exchange,
    secrets: Vec<String>,
}

impl Recording {
    /// A recording in the file `path`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the file cannot be read or written, has another version, or a line of it is not an exchange;
    /// with path and line.
    pub fn new(path: impl Into<PathBuf>, mode: Mode) -> Result<Self> {
        let path = path.into();
        let mode = match mode {
            Mode::Auto if path.exists() => Mode::Replay,
            Mode::Auto => Mode::Record,
            mode => mode,
        };
        let mut state = State::default();
        match mode {
            Mode::Replay => state.exchanges = read(&path)?.into_iter().map(|it| (it, false)).collect(),
            Mode::Record => {
                let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
                folder.and_then(|()| fs::write(&path, VERSION_LINE)).map_err(|it| failed(&path, &it))?;
            }
            Mode::Live | Mode::Auto => {}
        }
        Ok(Self(Arc::new(Shared { path, mode, state: Mutex::new(state) })))
    }

    /// The mode; never [`Mode::Auto`].
    pub fn mode(&self) -> Mode {
        self.0.mode
    }

    /// Replaces all numbers of twelve digits, which account ids are, by `000000000000`.
    #[must_use]
    pub fn redact_account_ids(self) -> Self {
        self.sanitize(without_account_ids)
    }

    /// Adds a function that changes inputs, headers and bodies in text before they are recorded, and the inputs of calls
    /// before they are compared with recorded ones.
    #[must_use]
    pub fn sanitize(self, sanitizer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.state().sanitizers.push(Arc::new(sanitizer));
        self
    }

    /// Checks that all exchanges were used, that each call had one, and that all were written.
    ///
    /// # Panics
    /// If not, with all that is missing.
    #[track_caller]
    pub fn verify(&self) {
        let problems = self.problems();
        assert!(problems.is_empty(), "the recording does not fit the program:\n{}", problems.join("\n"));
    }

    /// What [`verify`](Self::verify) panics with.
    pub fn problems(&self) -> Vec<String> {
        let state = self.state();
        let place = self.0.path.display();
        let unused = state.exchanges.iter().filter(|it| !it.1).map(|(it, _)| {
            format!("{place}:{}: this exchange was not used: {} with {}", it.line, it.operation, it.input)
        });
        unused.chain(state.unexpected.iter().cloned()).chain(state.failure.clone()).collect()
    }

    /// Appends an exchange to the file.
    fn append(&self, line: &str) {
        use std::io::Write;
        let path = &self.0.path;
        let line = format!("{line}\n");
        // Locked, and in one piece: calls end on several threads.
        let mut state = self.state();
        let file = fs::OpenOptions::new().append(true).open(path);
        if let Err(error) = file.and_then(|mut it| it.write_all(line.as_bytes())) {
            state.failure.get_or_insert_with(|| failed(path, &error).to_string());
        }
    }

    fn sanitizers(&self) -> Vec<Sanitizer> {
        self.state().sanitizers.clone()
    }

    /// Takes the exchange that responds to a call.
    fn take(&self, call: &Exchange) -> Result<Response> {
        let mut state = self.state();
        let mut open = state.exchanges.iter().enumerate().filter(|(_, (it, used))| !used && it.is_of(call));
        let same = open.clone().find(|(_, (it, _))| it.input == call.input);
        let found = same.or_else(|| open.find(|(_, (it, _))| it.has_input(&call.input)));
        if let Some(index) = found.map(|it| it.0) {
            let (exchange, used) = &mut state.exchanges[index];
            *used = true;
            return exchange.response();
        }
        let mut of_operation = state.exchanges.iter().filter(|(it, _)| it.is_of(call));
        let nearest = match of_operation.clone().find(|(_, used)| !used).or_else(|| of_operation.next()) {
            None => "it has none of this operation".to_owned(),
            Some((it, true)) => format!("that of line {} was used already: {}", it.line, it.input),
            Some((it, false)) => format!("the nearest is in line {}: {}", it.line, it.input),
        };
        let (path, Exchange { operation, input, .. }) = (self.0.path.display(), call);
        let why = format!("{path}: the recording has no exchange for {operation} with {input}; {nearest}");
        state.unexpected.push(why.clone());
        Err(Error::new(ErrorKind::Hook, why))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }

    /// Under which the state of calls is kept: they may have another recording, too.
    fn owner(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }
}

impl Hook for Recording {
    fn name(&self) -> &str {
        "Recording"
    }

    fn responds_always(&self) -> bool {
        self.0.mode == Mode::Replay
    }

    fn before_build(&self, call: &mut HookContext, input: &mut HookInput<'_>) -> Result<()> {
        // What the runtime itself asks of a service is not asked in replay.
        if self.0.mode != Mode::Live && !call.plan.is_internal {
            let (view, mut secrets) = (input.0.view(), Vec::new());
            let mark = mark(&document(view).to_string());
            let members = redacted(view, &mark, &mut secrets);
            let input = document(dynamic::view(&members, view.shape())).to_string();
            let input = self.sanitizers().iter().fold(input, |text, it| it(&text));
            let exchange = Exchange::new(call, input, mark);
            call.insert_of(self.owner(), Pending { exchange, secrets });
        }
        Ok(())
    }

    fn before_sign<'a>(&'a self, call: &'a mut HookContext, _: &'a mut Request) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            if self.0.mode == Mode::Replay
                && let Some(pending) = call.get_of::<Pending>(self.owner())
            {
                let response = self.take(&pending.exchange)?;
                call.respond(response);
            }
            Ok(())
        })
    }

    fn before_send<'a>(&'a self, call: &'a mut HookContext, request: &'a mut Request) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            match (self.0.mode, call.get_mut_of::<Pending>(self.owner())) {
                (Mode::Record, Some(pending)) => pending.secrets.extend(secrets_of(request)),
                (Mode::Replay, Some(_)) if request.duplex => drain(std::mem::take(&mut request.body)),
                _ => {}
            }
            Ok(())
        })
    }

    fn after_response<'a>(
        &'a self,
        call: &'a mut HookContext,
        response: &'a mut Response,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            if self.0.mode == Mode::Record
                && let Some(Pending { exchange, secrets }) = call.get_of(self.owner())
            {
                let body = std::mem::take(&mut response.body);
                let len = body.len();
                let (status, headers) = (response.status.as_u16(), response.headers.clone());
                let exchange = Exchange { status, headers, ..exchange.clone() };
                let mut redaction = Redaction { secrets: secrets.clone(), plan: call.plan, protocol: call.protocol };
                let recording = self.clone();
                let tee = Tee::new(body, call.plan, exchange, move |mut exchange| {
                    redaction.redact(&mut exchange, &recording.sanitizers());
                    recording.append(&exchange.to_line());
                });
                response.body = ByteStream::received(tee, len);
            }
            Ok(())
        })
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording").field("path", &self.0.path).field("mode", &self.0.mode).finish_non_exhaustive()
    }
}

fn failed(path: &Path, why: &dyn fmt::Display) -> Error {
    Error::new(ErrorKind::Config, format!("the recording {}: {why}", path.display()))
}

fn read(path: &Path) -> Result<Vec<Exchange>> {
    let text = fs::read_to_string(path).map_err(|it| {
        let hint = format!("run the test once with {VARIABLE}=record to make it");
        failed(path, &format_args!("{it}; {hint}")).with_source(it)
    })?;
    let Some(rest) = text.strip_prefix(VERSION_LINE) else {
        let first: String = text.lines().next().unwrap_or_default().chars().take(80).collect();
        let why = format!("line 1 is {first:?}, expected {:?}: it has another version", VERSION_LINE.trim_end());
        return Err(failed(path, &why));
    };
    let lines = rest.lines().enumerate().filter(|(_, it)| !it.trim().is_empty());
    let parsed = lines.map(|(index, line)| {
        let number = index + 2;
        Exchange::parse(line, number).map_err(|why| failed(path, &format_args!("line {number}: {why}")))
    });
    parsed.collect()
}

/// The secrets of a signed request: keys, tokens and signatures in its headers and its query.
fn secrets_of(request: &Request) -> Vec<String> {
    let authorization = request.headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let secret = request.headers.iter().filter(|(name, value)| is_secret_header(name, value));
    let mut secrets: Vec<_> = secret.filter_map(|it| it.1.to_str().ok()).map(str::to_owned).collect();
    if let Some((_, token)) = authorization.split_once("Bearer ") {
        secrets.push(token.to_owned());
    }
    for (name, ends) in [("Credential=", '/'), ("Signature=", ',')] {
        let value = authorization.split(name).nth(1).and_then(|it| it.split(ends).next());
        secrets.extend(value.map(str::to_owned));
    }
    secrets.extend(request.url.secret_parameters().map(|(name, value)| {
        let value = percent::decode(value);
        let key_id = value.split('/').next().filter(|_| name.eq_ignore_ascii_case("x-amz-credential"));
        key_id.unwrap_or(&value).to_owned()
    }));
    secrets.retain(|it| !it.is_empty());
    secrets
}

/// Replaces all numbers of twelve digits.
fn without_account_ids(text: &str) -> String {
    let (mut out, mut digits) = (String::with_capacity(text.len()), String::new());
    for c in text.chars().map(Some).chain([None]) {
        if let Some(digit) = c.filter(char::is_ascii_digit) {
            digits.push(digit);
            continue;
        }
        let number = std::mem::take(&mut digits);
        out.push_str(if number.len() == 12 { "000000000000" } else { &number });
        out.extend(c);
    }
    out
}
