//! Credentials, tokens and account ids that never arrive: every call and every presigned request ends at its total timeout,
//! and the error names what it waited for.

use std::future::pending;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use aws_core::config::Environment;
use aws_core::credentials::{Credentials, ProvideCredentials};
use aws_core::http::{HttpClient, HttpError, Request, Response};
use aws_core::{BoxFuture, Error, ErrorKind, Options, Result, Session, SessionBuilder};

/// Long enough for a busy machine to reach the provider.
const TOTAL: Duration = Duration::from_millis(500);

/// No call may take longer. Far more than the total timeout, for busy machines, and far less than any other limit.
const MAX: Duration = Duration::from_secs(15);

/// A provider, or a server, that never responds.
#[derive(Clone, Copy, Debug)]
struct Silent;

impl ProvideCredentials for Silent {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(pending())
    }

    fn provider_name(&self) -> &'static str {
        "vault"
    }
}

impl HttpClient for Silent {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        Box::pin(pending())
    }
}

/// A session whose credentials never arrive, and the name of their provider.
type Hang = (&'static str, fn() -> SessionBuilder);

fn session(variables: &[(&str, &str)]) -> SessionBuilder {
    let environment = variables.iter().chain(&[("AWS_REGION", "eu-west-1"), ("BOTO_CONFIG", "/no/such")]).copied();
    Session::builder().environment(Environment::from_iter(environment)).http_client(Silent)
}

/// A session with this text as its config file.
fn with_config(name: &str, text: &str) -> SessionBuilder {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join(format!("limits-{name}"));
    if std::fs::read_to_string(&path).is_ok_and(|it| it == text) {
        return session(&[("AWS_CONFIG_FILE", path.to_str().expect("UTF-8"))]);
    }
    // Tests run at the same time, and none reads a file that another is writing.
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let number = FILES.fetch_add(1, Ordering::Relaxed);
    let written = folder.join(format!("limits-{name}-{}-{number}", std::process::id()));
    std::fs::write(&written, text).expect("temporary file");
    std::fs::rename(&written, &path).expect("the same folder");
    session(&[("AWS_CONFIG_FILE", path.to_str().expect("UTF-8"))])
}

const ROLE: &str = "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = keys\n\
                    [profile keys]\naws_access_key_id = k\naws_secret_access_key = s\n";
const PROCESS: &str = "[default]\ncredential_process = sleep 60\n";

const SSO: &str = "[default]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n\
                   [sso-session s]\nsso_region = eu-west-1\nsso_start_url = http://127.0.0.1/start\n";

const HANGS: &[Hang] = &[
    ("vault", || session(&[]).credentials(Silent)),
    ("custom-process", || with_config("process", PROCESS)),
    ("assume-role", || with_config("role", ROLE)),
    ("container-role", || session(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/a")])),
    ("iam-role", || session(&[])),
];

type Action = (&'static str, fn(Session, Options) -> BoxFuture<'static, Result<()>>);

const HOUR: Duration = Duration::from_secs(3600);

/// Everything that needs credentials. DynamoDB needs the account id before its endpoint is known.
const ACTIONS: &[Action] = &[
    ("S3", |session, options| {
        Box::pin(
            async move { aws_s3::Client::new(&session).list_buckets().with_options(options).send().await.map(drop) },
        )
    }),
    ("STS", |session, options| {
        Box::pin(async move {
            aws_sts::Client::new(&session).get_caller_identity().with_options(options).send().await.map(drop)
        })
    }),
    ("DynamoDB", |session, options| {
        Box::pin(async move {
            aws_dynamodb::Client::new(&session).list_tables().with_options(options).send().await.map(drop)
        })
    }),
    ("presigned S3", |session, options| {
        Box::pin(async move {
            aws_s3::Client::new(&session).get_object("b", "k").with_options(options).presign(HOUR).await.map(drop)
        })
    }),
    ("presigned DynamoDB", |session, options| {
        Box::pin(async move {
            aws_dynamodb::Client::new(&session).list_tables().with_options(options).presign(HOUR).await.map(drop)
        })
    }),
];

/// What needs credentials and has no options.
const WITHOUT_OPTIONS: &[Action] = &[
    ("presigned POST", |session, _| {
        Box::pin(async move { aws_s3::Client::new(&session).presigned_post("b", "k").send().await.map(drop) })
    }),
    ("database token", |session, _| {
        Box::pin(
            async move { aws_core::signing::databases::db_auth_token(&session, "h", 1, "u", None).await.map(drop) },
        )
    }),
];

async fn run(action: &Action, session: Session, options: Options, name: &str) -> Error {
    let begin = Instant::now();
    let error = tokio::time::timeout(MAX, action.1(session, options)).await;
    let error = error.unwrap_or_else(|_| panic!("{} with {name} has no limit", action.0)).expect_err(name);
    assert!(begin.elapsed() < MAX, "{} with {name}: {:?}", action.0, begin.elapsed());
    error
}

#[tokio::test]
async fn the_total_timeout_covers_credentials_and_names_their_provider() {
    for (name, builder) in HANGS {
        let mut runs = tokio::task::JoinSet::new();
        for action in ACTIONS.iter().chain(WITHOUT_OPTIONS) {
            let session = builder().total_timeout(TOTAL).build().expect("valid settings");
            runs.spawn(async move { (action.0, run(action, session, Options::new(), name).await) });
        }
        for action in ACTIONS {
            let session = builder().build().expect("valid settings");
            let options = Options::new().total_timeout(TOTAL);
            runs.spawn(async move { (action.0, run(action, session, options, name).await) });
        }
        for (action, error) in runs.join_all().await {
            let text = error.to_string();
            let expect = format!("the call timed out after 500ms while it waited for credentials from {name}");
            assert!(text.contains(&expect), "{action} with {name}: {text}");
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 0), "{text}");
        }
    }
}

#[tokio::test]
async fn a_silent_service_is_not_blamed_on_the_credentials() {
    for action in &ACTIONS[..3] {
        let session = session(&[]).credentials(Credentials::new("k", "s")).total_timeout(TOTAL).build();
        let error = run(action, session.expect("valid settings"), Options::new(), "keys").await;
        let text = error.to_string();
        assert!(text.contains("the call timed out after 500ms") && !text.contains("credentials"), "{text}");
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 1), "{text}");
    }
}

/// Without a region there is no endpoint: the metadata service is not asked for credentials before that is said.
#[tokio::test]
async fn a_missing_region_is_reported_before_credentials_are_fetched() {
    for action in &ACTIONS[2..] {
        if action.0 == "presigned S3" {
            continue; // It needs no region.
        }
        let environment = Environment::from_iter([("BOTO_CONFIG", "/no/such")]);
        let session = Session::builder().environment(environment).http_client(Silent).build();
        let error = run(action, session.expect("valid settings"), Options::new(), "no region").await;
        assert!(error.to_string().contains("no region: set it with"), "{error}");
        assert_eq!(error.kind(), ErrorKind::Config);
    }
}

/// Without a Tokio runtime nothing can be sent, and no timer and no process be started. Presigning with keys needs none.
#[test]
fn without_a_runtime_every_call_is_an_error() {
    let keys = || -> SessionBuilder {
        let environment = Environment::from_iter([("AWS_REGION", "eu-west-1"), ("BOTO_CONFIG", "/no/such")]);
        Session::builder().environment(environment).credentials(Credentials::new("k", "s"))
    };
    let more: [Hang; 2] = [("explicit", keys), ("sso", || with_config("sso", SSO))];
    let mut signed = 0;
    for (name, builder) in HANGS.iter().chain(&more) {
        for total in [None, Some(TOTAL)] {
            for (index, action) in ACTIONS.iter().chain(WITHOUT_OPTIONS).enumerate() {
                let builder = total.iter().fold(builder(), |it, total| it.total_timeout(*total));
                let mut running = action.1(builder.build().expect("valid settings"), Options::new());
                match running.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                    Poll::Ready(Err(error)) => {
                        assert!(error.to_string().contains("no Tokio runtime"), "{} with {name}: {error}", action.0);
                    }
                    Poll::Ready(Ok(())) if *name == "explicit" && index >= 3 => signed += 1,
                    other => panic!("{} with {name}: {other:?}", action.0),
                }
            }
        }
    }
    // At least the four that have no timeout.
    assert!(signed >= 4, "{signed}");
}
