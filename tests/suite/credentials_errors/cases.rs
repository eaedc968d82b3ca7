//! The reasons for missing credentials, and the message of each. `hidden` is part of every secret.

use std::time::Duration;

use aws_core::credential_providers::Process;
use aws_core::testing::Reply;
use aws_core::{Credentials, ErrorKind};

use super::Case;

/// SHA-1 of `corp`.
const TOKEN: &str = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
/// SHA-256 of `me`.
const LOGIN: &str = ".aws/login/cache/2744ccd10c7533bd736ad890f9dd5cab2adb27b07d500b9493f29cdc420cb2e0.json";

const REFRESHABLE: &str = r#"{"accessToken":"hidden","expiresAt":"2025-12-31T23:00:00Z","refreshToken":"hidden",
    "clientId":"c","clientSecret":"hidden","registrationExpiresAt":"2026-06-01T00:00:00Z"}"#;

const LOGIN_WITHOUT_KEY: &str = r#"{"accessToken":{"accessKeyId":"k","secretAccessKey":"hidden","sessionToken":"hidden",
    "accountId":"1","expiresAt":"2025-12-31T00:00:00Z"},"refreshToken":"hidden","clientId":"c","dpopKey":"hidden"}"#;

fn json(status: u16, body: &'static str) -> Reply {
    Reply::new(status).header("content-type", "application/json").body(body)
}

/// An error response of STS.
fn sts_error(status: u16, code: &str, message: &str) -> Reply {
    let error = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    Reply::new(status).header("content-type", "text/xml").body(format!("<ErrorResponse>{error}</ErrorResponse>"))
}

/// Disables IMDS, so that the chain ends before it.
const NO_IMDS: (&str, &str) = ("AWS_EC2_METADATA_DISABLED", "true");

const SSO: &str = "[default]\n[profile dev]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = r\n\
                   [sso-session corp]\nsso_region = eu-north-1\nsso_start_url = https://corp\n";

const DEV: (&str, &str) = ("AWS_PROFILE", "dev");

const ROLE: &str = "arn:aws:iam::123456789012:role/r";

pub(super) const CASES: &[Case] = &[
    Case {
        name: "nothing at all",
        variables: &[NO_IMDS],
        expect: &[
            "no credentials found; tried: env (AWS_ACCESS_KEY_ID is not set), assume-role (no profile \
             \"default\"), ",
            "assume-role-with-web-identity (AWS_WEB_IDENTITY_TOKEN_FILE is not set, no profile \"default\"), \
             sso (no profile \"default\"), ",
            "shared-credentials-file (no profile \"default\" in ~/.aws/config and ~/.aws/credentials), login \
             (no profile \"default\"), ",
            "custom-process (no profile \"default\"), config-file (no profile \"default\"), \
             ec2-credentials-file (AWS_CREDENTIAL_FILE is not set), ",
            "boto-config (no file ~/no-boto), container-role (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and \
             AWS_CONTAINER_CREDENTIALS_FULL_URI are not set), ",
            "iam-role (AWS_EC2_METADATA_DISABLED is true). Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, \
             configure a profile, or ",
        ],
        ..Case::BASE
    },
    Case {
        name: "an access key without its secret in the environment",
        variables: &[("AWS_ACCESS_KEY_ID", "AKID")],
        expect: &["AWS_ACCESS_KEY_ID is set in the environment but AWS_SECRET_ACCESS_KEY is not: both are needed"],
        ..Case::BASE
    },
    Case {
        name: "a secret access key without its id in the environment",
        variables: &[("AWS_SECRET_ACCESS_KEY", "hidden"), ("AWS_SESSION_TOKEN", "hidden")],
        expect: &["AWS_SECRET_ACCESS_KEY is set in the environment but AWS_ACCESS_KEY_ID is not: both are needed"],
        ..Case::BASE
    },
    Case {
        name: "an access key without its secret in the credentials file",
        credentials: "[default]\naws_access_key_id = AKID\naws_session_token = hidden\n",
        expect: &["profile \"default\" has aws_access_key_id (~/.aws/credentials, line 2) but no \
             aws_secret_access_key in the same file"],
        ..Case::BASE
    },
    Case {
        name: "a secret access key without its id in the config file",
        config: "[default]\naws_secret_access_key = hidden\n",
        expect: &["profile \"default\" has aws_secret_access_key (~/.aws/config, line 2) but no aws_access_key_id \
             in the same file"],
        ..Case::BASE
    },
    Case {
        name: "an empty secret access key in code",
        code: |it| it.credentials(Credentials::new("AKID", "")),
        expect: &["the secret access key set in code is empty"],
        ..Case::BASE
    },
    Case {
        name: "an empty access key id in code",
        code: |it| it.credentials(Credentials::new("", "hidden").with_session_token("hidden")),
        expect: &["the access key id set in code is empty"],
        ..Case::BASE
    },
    Case {
        name: "a profile that does not exist, named by a variable",
        config: SSO,
        variables: &[("AWS_PROFILE", "devv")],
        kind: ErrorKind::Config,
        expect: &["profile \"devv\" (named by AWS_PROFILE) was not found; looked in ~/.aws/config and \
             ~/.aws/credentials; known profiles: default, dev"],
        ..Case::BASE
    },
    Case {
        name: "a profile that does not exist, named in code",
        code: |it| it.profile("production"),
        kind: ErrorKind::Config,
        expect: &["profile \"production\" (named by code) was not found; looked in ~/.aws/config and \
             ~/.aws/credentials; known profiles: none"],
        ..Case::BASE
    },
    Case {
        name: "profiles in a cycle",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = a\n[profile a]\nrole_arn = x\n\
                 source_profile = b\n[profile b]\nrole_arn = y\nsource_profile = a\n",
        expect: &[
            "assume-role: source_profile of profile \"b\" (~/.aws/config, line 9) is \"a\": ",
            "profiles refer to each other in a cycle: \"default\", then \"a\", then \"b\"; tried before: \
             env (AWS_ACCESS_KEY_ID is not set)",
        ],
        ..Case::BASE
    },
    Case {
        name: "an sso-session that is not defined",
        config: "[profile dev]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n",
        variables: &[DEV],
        expect: &[
            "sso: sso_session of profile \"dev\" (~/.aws/config, line 2) names sso-session \"corp\", which \
             is not defined; tried before: env ",
            "assume-role (profile \"dev\" has no role_arn), ",
        ],
        ..Case::BASE
    },
    Case {
        name: "no IAM Identity Center token",
        config: SSO,
        variables: &[DEV],
        expect: &[
            "sso: there is no token of sso-session \"corp\": no file ~/.aws/sso/cache/",
            "log in with `aws sso login --profile dev`; tried before: ",
        ],
        ..Case::BASE
    },
    Case {
        name: "an expired IAM Identity Center token without a refresh token",
        config: SSO,
        variables: &[DEV],
        files: &[(TOKEN, r#"{"accessToken":"hidden","expiresAt":"2025-12-31T23:00:00Z"}"#)],
        expect: &[
            "sso: the token of sso-session \"corp\" expired at 2025-12-31T23:00:00Z, and cannot be refreshed: \
             the file has no refreshToken, ",
            "log in with `aws sso login --profile dev`; tried before: ",
        ],
        ..Case::BASE
    },
    Case {
        name: "an IAM Identity Center token whose refresh is rejected",
        config: SSO,
        variables: &[DEV],
        files: &[(TOKEN, REFRESHABLE)],
        replies: || {
            vec![
                json(400, r#"{"error":"invalid_grant","error_description":"over"}"#)
                    .header("x-amzn-errortype", "InvalidGrantException"),
            ]
        },
        expect: &[
            "sso: the token of sso-session \"corp\" expired at 2025-12-31T23:00:00Z, and cannot be refreshed: An \
             error occurred (InvalidGrantException) when calling the CreateToken operation",
            "log in with `aws sso login --profile dev`; tried before: ",
        ],
        requests: 1,
        ..Case::BASE
    },
    Case {
        name: "an IAM Identity Center role that the user may not use",
        config: SSO,
        variables: &[DEV],
        files: &[(TOKEN, r#"{"accessToken":"hidden","expiresAt":"2026-01-02T00:00:00Z"}"#)],
        replies: || vec![json(403, r#"{"message":"No access"}"#).header("x-amzn-errortype", "ForbiddenException")],
        expect: &["sso: cannot get the credentials of role r in account 123456789012: An error occurred \
             (ForbiddenException) when calling the GetRoleCredentials operation: No access (status 403)"],
        requests: 1,
        ..Case::BASE
    },
    Case {
        name: "no `aws login` file",
        config: "[profile dev]\nlogin_session = me\n",
        variables: &[DEV],
        expect: &[
            "login: login session \"me\": no file ~/.aws/login/cache/",
            "log in with `aws login --profile dev`; tried before: ",
        ],
        ..Case::BASE
    },
    Case {
        name: "an `aws login` file that is not JSON",
        config: "[profile dev]\nlogin_session = me\n",
        variables: &[DEV],
        files: &[(LOGIN, "{\"refreshToken\": hidden")],
        expect: &[
            "login: login session \"me\": ~/.aws/login/cache/",
            ".json is not valid JSON (line 1); log in with `aws login --profile dev`",
        ],
        ..Case::BASE
    },
    Case {
        name: "an `aws login` file with an invalid DPoP key",
        config: "[profile dev]\nlogin_session = me\n",
        variables: &[DEV],
        files: &[(LOGIN, LOGIN_WITHOUT_KEY)],
        expect: &[
            "login: login session \"me\": dpopKey in ~/.aws/login/cache/",
            "is not a P-256 private key with its public key; log in with `aws login --profile dev`",
        ],
        ..Case::BASE
    },
    Case {
        name: "a process whose output is not JSON",
        config: "[default]\ncredential_process = echo hidden\n",
        expect: &[
            "custom-process: credential_process of profile \"default\" (~/.aws/config, line 2): the output of \
             echo is not JSON; tried before: ",
            "login (profile \"default\" has no login_session)",
        ],
        ..Case::BASE
    },
    Case {
        name: "a process whose output has no access key id",
        config: "[default]\ncredential_process = echo '{\"Version\":1,\"SecretAccessKey\":\"hidden\"}'\n",
        expect: &["custom-process: credential_process of profile \"default\" (~/.aws/config, line 2): the output of \
             echo has no AccessKeyId"],
        ..Case::BASE
    },
    Case {
        name: "a process that fails",
        config: "[default]\ncredential_process = sh ~/process\n",
        files: &[("process", "echo hidden; echo 'log in first' >&2; exit 1")],
        expect: &["custom-process: credential_process of profile \"default\" (~/.aws/config, line 2): sh failed \
             with exit status: 1, standard error: log in first; "],
        ..Case::BASE
    },
    Case {
        name: "a process that does not end",
        code: |it| it.credentials(Process::new("sleep 600").timeout(Duration::from_millis(20))),
        expect: &["credential_process: sleep did not end within 20ms"],
        ..Case::BASE
    },
    Case {
        name: "a process whose program does not exist",
        config: "[default]\ncredential_process = ~/no-such-program --quiet\n",
        expect: &["(~/.aws/config, line 2): cannot run ~/no-such-program: No such file or directory"],
        ..Case::BASE
    },
    Case {
        name: "a role without a source",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\n",
        expect: &["assume-role: profile \"default\" (~/.aws/config, line 2) has neither source_profile nor \
             credential_source: exactly one is required"],
        ..Case::BASE
    },
    Case {
        name: "a role with two sources",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = default\n\
                 credential_source = Environment\n",
        expect: &["assume-role: profile \"default\" (~/.aws/config, line 2) has both source_profile and \
             credential_source: exactly one is required"],
        ..Case::BASE
    },
    Case {
        name: "an unknown source",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\ncredential_source = Lambda\n",
        expect: &["assume-role: credential_source of profile \"default\" (~/.aws/config, line 3) is \"Lambda\": \
             expected one of Environment, Ec2InstanceMetadata, EcsContainer"],
        ..Case::BASE
    },
    Case {
        name: "a source without credentials",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\ncredential_source = Environment\n",
        expect: &[
            "assume-role: cannot assume role arn:aws:iam::123456789012:role/r of profile \"default\" (~/.aws/config, \
             line 2): ",
            "no credentials in the environment: AWS_ACCESS_KEY_ID is not set",
        ],
        ..Case::BASE
    },
    Case {
        name: "a role that STS rejects",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = keys\n",
        credentials: "[keys]\naws_access_key_id = AKID\naws_secret_access_key = hidden\n",
        replies: || vec![sts_error(403, "AccessDenied", "not yours")],
        expect: &["assume-role: cannot assume role arn:aws:iam::123456789012:role/r of profile \"default\" \
             (~/.aws/config, line 2): An error occurred (AccessDenied) when calling the AssumeRole operation: \
             not yours (status 403)"],
        requests: 1,
        ..Case::BASE
    },
    Case {
        name: "a container server on a host that is not allowed",
        variables: &[
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://evil.example.com/creds"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "hidden"),
        ],
        expect: &[
            "container-role: AWS_CONTAINER_CREDENTIALS_FULL_URI has the host \"evil.example.com\", which \
             is not allowed: expected https, a loopback address, or one of 169.254.170.2, ",
            "boto-config (no file ~/no-boto)",
        ],
        ..Case::BASE
    },
    Case {
        name: "a container server that fails",
        variables: &[
            ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/creds?hidden"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "hidden"),
        ],
        replies: || (0..3).map(|_| Reply::new(500).body("{\"message\":\"later\",\"Token\":\"hidden\"}")).collect(),
        expect: &["container-role: http://169.254.170.2/creds returned status 500: later (3 attempts); tried \
             before: "],
        requests: 3,
        ..Case::BASE
    },
    Case {
        name: "a web identity whose token file does not exist",
        variables: &[("AWS_ROLE_ARN", ROLE), ("AWS_WEB_IDENTITY_TOKEN_FILE", "~/no-such-token")],
        expect: &["assume-role-with-web-identity: token file ~/no-such-token named by \
             AWS_WEB_IDENTITY_TOKEN_FILE cannot be read: No such file or \
             directory"],
        ..Case::BASE
    },
    Case {
        name: "a region of IAM Identity Center that would become another host",
        config: "[default]\n[profile dev]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = r\n\
                 [sso-session corp]\nsso_region = us-east-1.evil.com:8080/x?\nsso_start_url = https://corp\n",
        files: &[(TOKEN, r#"{"accessToken":"hidden","expiresAt":"2026-01-01T08:00:00Z"}"#)],
        variables: &[DEV],
        expect: &[
            "sso_region of sso-session \"corp\" (~/.aws/config, line 7) is \"us-east-1.evil.com:8080/x?\": expected a region \
             such as us-east-1",
        ],
        ..Case::BASE
    },
    Case {
        name: "a web identity that STS rejects",
        variables: &[("AWS_ROLE_ARN", ROLE), ("AWS_WEB_IDENTITY_TOKEN_FILE", "~/token")],
        files: &[("token", "hidden")],
        replies: || vec![sts_error(400, "ExpiredTokenException", "over")],
        expect: &["assume-role-with-web-identity: cannot assume role arn:aws:iam::123456789012:role/r with the \
             token in ~/token: An error occurred (ExpiredTokenException) when calling the \
             AssumeRoleWithWebIdentity operation: over"],
        requests: 1,
        ..Case::BASE
    },
    Case {
        name: "an instance that stalls", // on the request for a token and on the one without: one second each
        replies: || vec![Reply::silence(), Reply::silence()],
        expect: &[
            "no credentials found; tried: env (",
            "iam-role (http://169.254.169.254/latest/meta-data/iam/security-credentials/: ",
        ],
        requests: 2,
        ..Case::BASE
    },
    Case {
        name: "an instance that stalls after it returned a token",
        replies: || {
            let stalled = Reply::ok("role").stalled(2);
            vec![Reply::ok("hidden"), stalled.clone(), stalled.clone(), stalled]
        },
        expect: &["iam-role (http://169.254.169.254/latest/meta-data/iam/security-credentials/: the response body \
             stalled)"],
        requests: 4,
        ..Case::BASE
    },
    Case {
        name: "an instance that fails",
        replies: || vec![Reply::new(500).body("hidden"); 6],
        expect: &["iam-role (http://169.254.169.254/latest/meta-data/iam/security-credentials/ returned \
             status 500)"],
        // Three for a token, three without.
        requests: 6,
        ..Case::BASE
    },
    Case {
        name: "an instance whose response is not JSON",
        replies: || vec![Reply::ok("hidden"), Reply::ok("role"), Reply::ok("<html>hidden</html>")],
        expect: &["iam-role (http://169.254.169.254/latest/meta-data/iam/security-credentials/role returned \
             a body that is not JSON)"],
        requests: 3,
        ..Case::BASE
    },
    Case {
        name: "an instance whose role has no credentials",
        replies: || {
            vec![
                Reply::ok("hidden"),
                Reply::ok("role"),
                Reply::ok(r#"{"Code":"Failed","Message":"no trust","Token":"hidden"}"#),
            ]
        },
        expect: &["iam-role (the response of http://169.254.169.254/latest/meta-data/iam/security-credentials/role \
             has no AccessKeyId and no SecretAccessKey and no Expiration: no trust)"],
        requests: 3,
        ..Case::BASE
    },
];
