//! No secret in any message, cause, `Debug` output or log of any provider.

use std::error::Error as _;

use super::Fixture;
use crate::credential_providers::{
    AssumeRole, CognitoIdentity, Container, Imds, Login, MfaPrompt, Process, SamlRole, Sso, SsoTokenProvider,
    WebIdentity,
};
use crate::credentials::{Credentials, LookUpCredentials as _, ProvideCredentials, ProvideToken as _, Token};
use crate::testing::Reply;

fn check(what: &str, text: &str) {
    assert!(!text.contains("hidden"), "{what}: {text}");
}

#[tokio::test]
async fn secrets_are_in_no_message_debug_output_or_log() {
    let log = Log::default();
    let _subscriber = tracing::subscriber::set_default(log.clone());
    let responses = [
        Reply::new(500).body("busy"),
        Reply::ok("{hidden"),
        Reply::ok(r#"{"AccessKeyId":"k","SecretAccessKey":"hidden","Token":7}"#),
        Reply::new(400).body(r#"{"Code":"x","Token":"hidden"}"#),
        Reply::ok(r#"{"AccessKeyId":"k","SecretAccessKey":"hidden","Token":"hidden","Expiration":"hidden"}"#),
        Reply::close(),
    ];
    for response in responses {
        let fixture = Fixture::new("");
        let variables = [
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "@/c?hidden"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "hidden"),
            ("AWS_SESSION_TOKEN", "hidden"),
        ];
        let session = fixture.builder(&variables).credentials(Credentials::new("k", "hidden")).build().expect("valid");
        let file = r#"{"accessToken":"hidden","expiresAt":"2027-01-01T00:00:00Z","refreshToken":"hidden"}"#;
        let name = crate::encoding::hex::encode(<sha1::Sha1 as sha1::Digest>::digest("corp"));
        fixture.write(&format!(".aws/sso/cache/{name}.json"), file);
        let token = fixture.write("token", "hidden");
        let arn = "arn:aws:iam::123456789012:role/r";
        let providers: Vec<(&str, Box<dyn ProvideCredentials>)> = vec![
            ("container", Box::new(Container::new(&session))),
            ("imds", Box::new(Imds::new(&session))),
            ("process", Box::new(Process::new(format!("echo hidden {}", fixture.home.display())))),
            ("role", Box::new(AssumeRole::builder(arn).build(&session).expect("a role"))),
            (
                "mfa",
                Box::new(
                    AssumeRole::builder(arn)
                        .mfa("serial-of-device", MfaPrompt::new(|_| Box::pin(async { Ok("hidden".to_owned()) })))
                        .build(&session)
                        .expect("a role"),
                ),
            ),
            ("web", Box::new(WebIdentity::builder(arn, token).build(&session))),
            ("saml", Box::new(SamlRole::builder(arn, arn, "hidden").build(&session))),
            ("cognito", Box::new(CognitoIdentity::builder("eu-west-1:x").login("a", "hidden").build(&session))),
            ("sso", Box::new(Sso::builder("1", "r", "eu-west-1", "corp").build(&session))),
            ("login", Box::new(Login::new(&session, "me"))),
            ("chain", Box::new(session.default_chain().expect("a chain"))),
        ];
        for (name, provider) in &providers {
            check(name, &format!("{provider:?}"));
            (0..4).for_each(|_| fixture.server.push(response.clone()));
            let Err(error) = provider.provide().await else { panic!("{name} returned credentials") };
            check(name, &format!("{error} {error:?}"));
            let mut cause = error.source();
            while let Some(inner) = cause {
                check(name, &format!("{inner} {inner:?}"));
                cause = inner.source();
            }
        }
        let token = SsoTokenProvider::new(&session, "corp", "eu-west-1", "corp");
        check("token", &format!("{token:?} {:?} {:?}", token.provide().await, Token::new("hidden")));
        check("session", &format!("{session:?} {:?}", Container::new(&session).look_up().await.err()));
    }
    let logged = log.0.lock().expect("no panic");
    assert!(logged.contains("no credentials from the container's server"), "{logged}");
    check("log", &logged);
}

/// Records all log messages and fields.
#[derive(Clone, Default)]
struct Log(std::sync::Arc<std::sync::Mutex<String>>);

impl tracing::field::Visit for Log {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        use std::fmt::Write as _;
        let _ = write!(self.0.lock().expect("no panic"), "{field}={value:?} ");
    }
}

impl tracing::Subscriber for Log {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        span.record(&mut self.clone());
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}
