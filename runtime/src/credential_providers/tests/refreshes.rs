//! Refresh tokens that work once, against a server that replaces them: whatever happens to the caller, and however many
//! processes there are, no login is lost.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use super::Fixture;
use crate::BoxFuture;
use crate::doubles::ScriptedClient;
use crate::http::{HttpClient, HttpError, Request, Response};
use crate::retry::Sleep;
use crate::testing::Reply;
use crate::{Result, Session};

/// How long the server takes to respond.
const RESPONSE_TIME: Duration = Duration::from_millis(300);

/// A service that accepts only the newest refresh token, and replaces it.
#[derive(Clone, Debug)]
struct RotatingServer {
    kind: &'static Kind,
    /// The number of the newest refresh token, and those that were sent.
    state: Arc<Mutex<(u32, Vec<u32>)>>,
}

/// A provider that refreshes a file.
#[derive(Debug)]
struct Kind {
    config: &'static str,
    file: fn() -> String,
    /// The content of the file, with the number of its refresh token.
    content: fn(u32) -> Value,
    /// The response to a refresh, with the number of the next refresh token.
    refreshed: fn(u32) -> Reply,
    rejected: fn() -> Reply,
    provide: fn(&Session) -> BoxFuture<'_, Result<String>>,
    /// The refresh token in the file.
    stored: fn(&Value) -> &Value,
}

const SSO: Kind = Kind {
    config: "[default]\nsso_session = corp\n[sso-session corp]\nsso_region = eu-north-1\nsso_start_url = https://corp\n",
    file: || ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json".to_owned(),
    content: |number| {
        json!({
            "accessToken": "old", "expiresAt": "2025-12-31T23:00:00Z", "refreshToken": format!("refresh-{number}"),
            "clientId": "client", "clientSecret": "s", "registrationExpiresAt": "2027-01-01T00:00:00Z",
        })
    },
    refreshed: |number| {
        let token = json!({ "accessToken": "new", "expiresIn": 28800, "refreshToken": format!("refresh-{number}") });
        Reply::ok(token.to_string()).header("content-type", "application/json")
    },
    rejected: || Reply::new(400).header("x-amzn-errortype", "InvalidGrantException").body("{}"),
    provide: |session| {
        Box::pin(async { Ok(session.token_provider("codecatalyst")?.provide().await?.as_str().to_owned()) })
    },
    stored: |document| &document["refreshToken"],
};

#[cfg(feature = "login")]
const LOGIN: Kind = Kind {
    config: "[default]\nlogin_session = me\n",
    file: || {
        let name = crate::encoding::hex::encode(<sha2::Sha256 as sha2::Digest>::digest("me"));
        format!(".aws/login/cache/{name}.json")
    },
    content: |number| {
        let keys = json!({ "accessKeyId": "old", "secretAccessKey": "s", "sessionToken": "t", "expiresAt": "2025-12-31T23:00:00Z" });
        json!({
            "accessToken": keys, "refreshToken": format!("refresh-{number}"), "clientId": "client",
            "dpopKey": super::super::dpop::TEST_KEY,
        })
    },
    refreshed: |number| {
        let keys = json!({ "accessKeyId": "new", "secretAccessKey": "s", "sessionToken": "t" });
        let refresh_token = format!("refresh-{number}");
        let body =
            json!({ "accessToken": keys, "expiresIn": 900, "refreshToken": refresh_token, "tokenType": "aws_sigv4" });
        Reply::ok(body.to_string()).header("content-type", "application/json")
    },
    rejected: || {
        Reply::new(400).header("x-amzn-errortype", "AccessDeniedException").body(r#"{"error":"TOKEN_EXPIRED"}"#)
    },
    provide: |session| Box::pin(async { Ok(session.credentials()?.provide().await?.access_key_id().to_owned()) }),
    stored: |document| &document["refreshToken"],
};

static KINDS: &[(&str, Kind)] = &[
    ("sso", SSO),
    #[cfg(feature = "login")]
    ("login", LOGIN),
];

impl HttpClient for RotatingServer {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        Box::pin(async move {
            let body: Value = serde_json::from_slice(request.body.as_bytes().expect("in memory")).expect("JSON");
            let number = body["refreshToken"].as_str().and_then(|it| it.strip_prefix("refresh-")?.parse().ok());
            let number: u32 = number.expect("a refresh token");
            let reply = {
                let mut state = self.state.lock().expect("no panic");
                state.1.push(number);
                match number == state.0 {
                    true => {
                        state.0 += 1;
                        (self.kind.refreshed)(state.0)
                    }
                    false => (self.kind.rejected)(),
                }
            };
            tokio::time::sleep(RESPONSE_TIME).await;
            ScriptedClient::new([reply]).unverified().send(request).await
        })
    }
}

/// A folder with an expired token, and the server that refreshes it.
fn start(kind: &'static Kind, in_file: u32, newest: u32) -> (Fixture, RotatingServer) {
    let fixture = Fixture::new(kind.config);
    fixture.write(&(kind.file)(), &(kind.content)(in_file).to_string());
    (fixture, RotatingServer { kind, state: Arc::new(Mutex::new((newest, Vec::new()))) })
}

/// A session, as of a process of its own: it shares nothing with the others but the folder.
fn session(fixture: &Fixture, server: &RotatingServer) -> Session {
    let builder = fixture.builder(&[]).http_client(server.clone()).sleep(Sleep::system());
    // Those of the program's calls: they do not cut off the refresh itself.
    builder.total_timeout(RESPONSE_TIME / 2).attempt_timeout(RESPONSE_TIME / 2).build().expect("valid settings")
}

fn sent(server: &RotatingServer) -> Vec<u32> {
    server.state.lock().expect("no panic").1.clone()
}

#[tokio::test(start_paused = true)]
async fn six_processes_with_one_expired_token_all_succeed() {
    for (name, kind) in KINDS {
        let (fixture, server) = start(kind, 1, 1);
        let sessions: Vec<_> = (0..6).map(|_| session(&fixture, &server)).collect();
        let tasks = sessions.into_iter().map(|session| tokio::spawn(async move { (kind.provide)(&session).await }));
        for task in tasks.collect::<Vec<_>>() {
            let found = task.await.expect("no panic").unwrap_or_else(|it| panic!("{name}: {}", fixture.message(&it)));
            assert_eq!(found, "new", "{name}");
        }
        assert_eq!(*(kind.stored)(&fixture.read(&(kind.file)())), "refresh-2", "{name}");
        assert_eq!(sent(&server), [1; 6], "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refresh_is_finished_and_stored_if_its_caller_is_cancelled() {
    for (name, kind) in KINDS {
        let (fixture, server) = start(kind, 1, 1);
        let session = session(&fixture, &server);
        let cancelled = tokio::time::timeout(RESPONSE_TIME / 2, (kind.provide)(&session)).await;
        assert!(cancelled.is_err(), "{name}");
        // The next call waits for the refresh instead of sending the same token.
        assert_eq!((kind.provide)(&session).await.expect(name), "new");
        assert_eq!(*(kind.stored)(&fixture.read(&(kind.file)())), "refresh-2", "{name}");
        assert_eq!(sent(&server), [1], "{name}");
    }
}

/// The file changes while the rejection is on the way: to a token that works, or to a refresh token that does.
#[tokio::test(start_paused = true)]
async fn what_another_process_stored_is_used_before_the_user_must_log_in() {
    for (name, kind) in KINDS {
        let (fixture, server) = start(kind, 1, 5);
        let (path, session) = (fixture.home.join((kind.file)()), session(&fixture, &server));
        let other = async {
            tokio::time::sleep(RESPONSE_TIME + Duration::from_millis(700)).await;
            std::fs::write(&path, (kind.content)(5).to_string()).expect("temporary file");
        };
        let (found, ()) = tokio::join!((kind.provide)(&session), other);
        assert_eq!(found.expect(name), "new");
        assert_eq!(sent(&server), [1, 5], "{name}");
        // If no process does, the user must log in, soon.
        let (fixture, server) = start(kind, 1, 5);
        let begin = tokio::time::Instant::now();
        let session = self::session(&fixture, &server);
        let error = (kind.provide)(&session).await.expect_err(name);
        assert!(error.to_string().contains("; log in with `aws "), "{name}: {error}");
        assert!(begin.elapsed() < Duration::from_secs(5), "{name}: {:?}", begin.elapsed());
        assert_eq!(sent(&server), [1], "{name}");
    }
}
