use super::*;
use crate::call::{LazyOperation, LazyRules};

static SERVICE: Service = Service {
    id: "Lex Runtime V2",
    api_version: "2020-08-07",
    endpoint_prefix: "x",
    signing_name: "x",
    s3_signature: false,
    retries: "",
    discovery: LazyOperation::new(""),
    protocol: &crate::protocol::RestJson,
    rules: LazyRules::new(""),
    sessions: LazyOperation::new(""),
};

fn linux() -> Machine {
    Machine {
        os: "linux",
        os_version: Some("6.8.0-45-generic\n".to_owned()),
        arch: "x86_64",
        rust_version: Some("1.95.0"),
    }
}

fn start() -> String {
    format!("aws-core-rust/{} ua/2.1", env!("CARGO_PKG_VERSION"))
}

#[test]
fn machine_is_described_by_system_architecture_and_compiler() {
    fn check(change: impl FnOnce(&mut Machine), expect: &str) {
        let mut machine = linux();
        change(&mut machine);
        assert_eq!(machine.prefix(), format!("{} {expect}", start()));
    }
    check(|_| {}, "os/linux#6.8.0-45-generic md/arch#x86_64 lang/rust#1.95.0");
    check(|it| it.os_version = None, "os/linux md/arch#x86_64 lang/rust#1.95.0");
    check(|it| it.os_version = Some("#1 SMP (x)".to_owned()), "os/linux##1-SMP--x- md/arch#x86_64 lang/rust#1.95.0");
    check(|it| it.rust_version = None, "os/linux#6.8.0-45-generic md/arch#x86_64 lang/rust");
    check(
        |it| (it.os, it.os_version, it.arch) = ("macos", None, "aarch64"),
        "os/macos md/arch#aarch64 lang/rust#1.95.0",
    );
    check(|it| it.os = "freebsd", "os/other md/freebsd#6.8.0-45-generic md/arch#x86_64 lang/rust#1.95.0");
}

#[test]
fn settings_and_features_appear_in_their_components() {
    fn check(variables: &[(&str, &str)], features: Features, change: impl FnOnce(&mut Config), expect: &str) {
        let mut config = Config::default();
        change(&mut config);
        let environment = Environment::from_iter(variables.iter().copied());
        let parts = ClientParts::new(&linux(), Some(&environment), &config, &SERVICE, false);
        let value = parts.header_value(features);
        let head = "os/linux#6.8.0-45-generic md/arch#x86_64 lang/rust#1.95.0 api/lex_runtime_v2#2020-08-07";
        assert_eq!(value.to_str().expect("ASCII"), format!("{} {head} {expect}", start()));
    }
    let none = Features::default();
    check(&[], none, |_| {}, "m/E,Z,b cfg/retry-mode#standard");
    check(&[], none, |it| it.retry.mode = RetryMode::Legacy, "m/D,Z,b cfg/retry-mode#legacy");
    check(&[], none, |it| it.retry.mode = RetryMode::Adaptive, "m/F,Z,b cfg/retry-mode#adaptive");
    check(
        &[],
        none,
        |it| {
            it.request_checksum_calculation = Some(ChecksumMode::WhenRequired);
            it.response_checksum_validation = Some(ChecksumMode::WhenRequired);
        },
        "m/E,a,c cfg/retry-mode#standard",
    );
    let url = |it: &mut Config| it.endpoint_urls.code = Some("http://localhost:9000".to_owned());
    check(&[], none, url, "m/E,N,a,b cfg/retry-mode#standard");
    check(
        &[("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023 (x)")],
        none.with(Feature::Waiter).with(Feature::Paginator).with(Feature::CredentialsLogin).with(None),
        |it| {
            it.app_id = Some("my app/1#2".to_owned());
            it.user_agent_extra = Some("MyTool/1.0 (beta)\r\nx: y é".to_owned());
        },
        "exec-env/AWS_Lambda_provided.al2023--x- m/B,C,E,Z,b,AD cfg/retry-mode#standard app/my-app-1#2 MyTool/1.0 (beta)--x: y -",
    );
    check(
        &[],
        none,
        |it| (it.app_id, it.user_agent_extra) = (Some(String::new()), Some(String::new())),
        "m/E,Z,b cfg/retry-mode#standard",
    );
    let all = FEATURES.iter().fold(none, |all, (feature, _)| all.with(*feature));
    let mut text = String::new();
    all.push(&mut text);
    assert!(text.starts_with(" m/B,C,D,E,F,J,L,M,N,P,Q,R,U") && text.ends_with(",AG,AH,AI,Ah"), "{text}");
    assert_eq!(text.split(',').count(), FEATURES.len());
    assert!(text.len() < 1024, "{}", text.len());
}

#[test]
fn account_id_mode_is_reported() {
    let codes = |mode| {
        let config = Config { account_id_endpoint_mode: mode, ..Config::default() };
        let mut text = String::new();
        config_features(&config, &SERVICE, true).push(&mut text);
        text
    };
    assert_eq!(codes(AccountIdEndpointMode::Preferred), " m/E,P,Z,b");
    assert_eq!(codes(AccountIdEndpointMode::Disabled), " m/E,Q,Z,b");
    assert_eq!(codes(AccountIdEndpointMode::Required), " m/E,R,Z,b");
}

#[test]
fn credentials_provider_is_reported() {
    let code = |provider: &'static str| {
        let credentials = Credentials::new("k", "s").with_provider(provider);
        let mut text = String::new();
        Features::default().with(Feature::from_credentials(&credentials)).push(&mut text);
        text
    };
    for (provider, expect) in [
        ("explicit", " m/e"),
        ("env", " m/g"),
        ("assume-role", " m/i"),
        ("assume-role-with-web-identity", " m/k"),
        ("shared-credentials-file", " m/n"),
        ("config-file", " m/n"),
        ("sso", " m/s"),
        ("login", " m/AD"),
        ("custom-process", " m/w"),
        ("boto-config", " m/x"),
        ("container-role", " m/z"),
        ("iam-role", " m/0"),
        ("mine", ""),
    ] {
        assert_eq!(code(provider), expect, "{provider}");
    }
}

#[test]
fn metadata_servers_receive_a_user_agent_without_a_service() {
    let value = for_metadata_server(&Environment::from_iter([("AWS_EXECUTION_ENV", "here")]));
    let text = value.to_str().expect("ASCII");
    assert!(text.starts_with(&start()) && text.ends_with(" exec-env/here"), "{text}");
    assert!(!text.contains("api/") && text.contains(" lang/rust#1."), "{text}");
}
