//! The ways to have no credentials, and what is said of each. `hidden` is part of every secret.

use std::time::Duration;

use aws_core::sources::Process;
use aws_core::test_util::Reply;
use aws_core::{Credentials, ErrorKind};

use super::Case;

/// SHA-1 of `corp`.
const TOKEN: &str = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
/// SHA-256 of `me`.
const LOGIN: &str = ".aws/login/cache/2744ccd10c7533bd736ad890f9dd5cab2adb27b07d500b9493f29cdc420cb2e0.json";

const RENEWABLE: &str = r#"{"accessToken":"hidden","expiresAt":"2025-12-31T23:00:00Z","refreshToken":"hidden",
    "clientId":"c","clientSecret":"hidden","registrationExpiresAt":"2026-06-01T00:00:00Z"}"#;

const LOGIN_WITHOUT_KEY: &str = r#"{"accessToken":{"accessKeyId":"k","secretAccessKey":"hidden","sessionToken":"hidden",
    "accountId":"1","expiresAt":"2025-12-31T00:00:00Z"},"refreshToken":"hidden","clientId":"c","dpopKey":"hidden"}"#;

fn json(status: u16, body: &'static str) -> Reply {
    Reply::new(status).header("content-type", "application/json").body(body)
}

/// An error of STS.
fn fault(status: u16, code: &str, message: &str) -> Reply {
    let error = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    Reply::new(status).header("content-type", "text/xml").body(format!("<ErrorResponse>{error}</ErrorResponse>"))
}

/// A chain that ends before it asks the instance.
const NO_IMDS: (&str, &str) = ("AWS_EC2_METADATA_DISABLED", "true");

const SSO: &str = "[default]\n[profile dev]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = r\n\
                   [sso-session corp]\nsso_region = eu-north-1\nsso_start_url = https://corp\n";

const DEV: (&str, &str) = ("AWS_PROFILE", "dev");

const ROLE: &str = "arn:aws:iam::123456789012:role/r";

pub(super) const CASES: &[Case] = &[
    Case {
        name: "nothing at all",
        variables: &[NO_IMDS],
        words: &[
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
        name: "half a pair in the environment: no secret",
        variables: &[("AWS_ACCESS_KEY_ID", "AKID")],
        words: &["AWS_ACCESS_KEY_ID is set in the environment but AWS_SECRET_ACCESS_KEY is not: both are needed"],
        ..Case::BASE
    },
    Case {
        name: "half a pair in the environment: no id",
        variables: &[("AWS_SECRET_ACCESS_KEY", "hidden"), ("AWS_SESSION_TOKEN", "hidden")],
        words: &["AWS_SECRET_ACCESS_KEY is set in the environment but AWS_ACCESS_KEY_ID is not: both are needed"],
        ..Case::BASE
    },
    Case {
        name: "half a pair in the credentials file",
        credentials: "[default]\naws_access_key_id = AKID\naws_session_token = hidden\n",
        words: &["profile \"default\" has aws_access_key_id (~/.aws/credentials, line 2) but no \
             aws_secret_access_key in the same file"],
        ..Case::BASE
    },
    Case {
        name: "half a pair in the config file",
        config: "[default]\naws_secret_access_key = hidden\n",
        words: &["profile \"default\" has aws_secret_access_key (~/.aws/config, line 2) but no aws_access_key_id \
             in the same file"],
        ..Case::BASE
    },
    Case {
        name: "half a pair in code",
        code: |it| it.credentials(Credentials::new("AKID", "")),
        words: &["the secret access key given in code is empty"],
        ..Case::BASE
    },
    Case {
        name: "a session token alone in code",
        code: |it| it.credentials(Credentials::new("", "hidden").with_session_token("hidden")),
        words: &["the access key id given in code is empty"],
        ..Case::BASE
    },
    Case {
        name: "a profile that does not exist, by a variable",
        config: SSO,
        variables: &[("AWS_PROFILE", "devv")],
        kind: ErrorKind::Config,
        words: &["profile \"devv\" (named by AWS_PROFILE) was not found; looked in ~/.aws/config and \
             ~/.aws/credentials; known profiles: default, dev"],
        ..Case::BASE
    },
    Case {
        name: "a profile that does not exist, by code",
        code: |it| it.profile("production"),
        kind: ErrorKind::Config,
        words: &["profile \"production\" (named by code) was not found; looked in ~/.aws/config and \
             ~/.aws/credentials; known profiles: none"],
        ..Case::BASE
    },
    Case {
        name: "profiles in a circle",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = a\n[profile a]\nrole_arn = x\n\
                 source_profile = b\n[profile b]\nrole_arn = y\nsource_profile = a\n",
        words: &[
            "assume-role: source_profile of profile \"b\" (~/.aws/config, line 9) is \"a\": ",
            "profiles refer to each other in a circle: \"default\", then \"a\", then \"b\"; tried before: \
             env (AWS_ACCESS_KEY_ID is not set)",
        ],
        ..Case::BASE
    },
    Case {
        name: "an sso-session that is not defined",
        config: "[profile dev]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n",
        variables: &[DEV],
        words: &[
            "sso: sso_session of profile \"dev\" (~/.aws/config, line 2) names sso-session \"corp\", which \
             is not defined; tried before: env ",
            "assume-role (profile \"dev\" has no role_arn), ",
        ],
        ..Case::BASE
    },
    Case {
        name: "no login at IAM Identity Center",
        config: SSO,
        variables: &[DEV],
        words: &[
            "sso: there is no token of sso-session \"corp\": no file ~/.aws/sso/cache/",
            "log in with `aws sso login --profile dev`; tried before: ",
        ],
        ..Case::BASE
    },
    Case {
        name: "a login at IAM Identity Center that is over",
        config: SSO,
        variables: &[DEV],
        files: &[(TOKEN, r#"{"accessToken":"hidden","expiresAt":"2025-12-31T23:00:00Z"}"#)],
        words: &[
            "sso: the token of sso-session \"corp\" expired at 2025-12-31T23:00:00Z, and cannot be renewed: \
             the file has no refreshToken, ",
            "log in with `aws sso login --profile dev`; tried before: ",
        ],
        ..Case::BASE
    },
    Case {
        name: "a login that is not renewed",
        config: SSO,
        variables: &[DEV],
        files: &[(TOKEN, RENEWABLE)],
        replies: || {
            vec![
                json(400, r#"{"error":"invalid_grant","error_description":"over"}"#)
                    .header("x-amzn-errortype", "InvalidGrantException"),
            ]
        },
        words: &[
            "sso: the token of sso-session \"corp\" expired at 2025-12-31T23:00:00Z, and was not renewed: An \
             error occurred (InvalidGrantException) when calling the CreateToken operation",
            "log in with `aws sso login --profile dev`; tried before: ",
        ],
        requests: 1,
        ..Case::BASE
    },
    Case {
        name: "a role of IAM Identity Center that the user has not",
        config: SSO,
        variables: &[DEV],
        files: &[(TOKEN, r#"{"accessToken":"hidden","expiresAt":"2026-01-02T00:00:00Z"}"#)],
        replies: || vec![json(403, r#"{"message":"No access"}"#).header("x-amzn-errortype", "ForbiddenException")],
        words: &["sso: the role r in the account 123456789012 was not given: An error occurred \
             (ForbiddenException) when calling the GetRoleCredentials operation: No access (status 403)"],
        requests: 1,
        ..Case::BASE
    },
    Case {
        name: "no `aws login`",
        config: "[profile dev]\nlogin_session = me\n",
        variables: &[DEV],
        words: &[
            "login: login session \"me\": no file ~/.aws/login/cache/",
            "log in with `aws login --profile dev`; tried before: ",
        ],
        ..Case::BASE
    },
    Case {
        name: "an `aws login` that is no JSON",
        config: "[profile dev]\nlogin_session = me\n",
        variables: &[DEV],
        files: &[(LOGIN, "{\"refreshToken\": hidden")],
        words: &[
            "login: login session \"me\": ~/.aws/login/cache/",
            ".json is no JSON, line 1; log in with `aws login --profile dev`",
        ],
        ..Case::BASE
    },
    Case {
        name: "an `aws login` with a key that is none",
        config: "[profile dev]\nlogin_session = me\n",
        variables: &[DEV],
        files: &[(LOGIN, LOGIN_WITHOUT_KEY)],
        words: &[
            "login: login session \"me\": dpopKey in ~/.aws/login/cache/",
            "is no private key on P-256 with its public part; log in with `aws login --profile dev`",
        ],
        ..Case::BASE
    },
    Case {
        name: "a process that prints no JSON",
        config: "[default]\ncredential_process = echo hidden\n",
        words: &[
            "custom-process: credential_process of profile \"default\" (~/.aws/config, line 2): what echo \
             printed is no JSON; tried before: ",
            "login (profile \"default\" has no login_session)",
        ],
        ..Case::BASE
    },
    Case {
        name: "a process that prints half",
        config: "[default]\ncredential_process = echo '{\"Version\":1,\"SecretAccessKey\":\"hidden\"}'\n",
        words: &["custom-process: credential_process of profile \"default\" (~/.aws/config, line 2): what echo \
             printed has no AccessKeyId"],
        ..Case::BASE
    },
    Case {
        name: "a process that fails",
        config: "[default]\ncredential_process = sh ~/process\n",
        files: &[("process", "echo hidden; echo 'log in first' >&2; exit 1")],
        words: &["custom-process: credential_process of profile \"default\" (~/.aws/config, line 2): sh ended \
             with exit status: 1, and said: log in first; "],
        ..Case::BASE
    },
    Case {
        name: "a process that does not end",
        code: |it| it.credentials(Process::new("sleep 600").timeout(Duration::from_millis(20))),
        words: &["credential_process: sleep did not end within 20ms"],
        ..Case::BASE
    },
    Case {
        name: "a process that is not there",
        config: "[default]\ncredential_process = ~/no-such-program --quiet\n",
        words: &["(~/.aws/config, line 2): ~/no-such-program cannot be run: No such file or directory"],
        ..Case::BASE
    },
    Case {
        name: "a role without a source",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\n",
        words: &["assume-role: profile \"default\" (~/.aws/config, line 2) has neither source_profile nor \
             credential_source: one is needed"],
        ..Case::BASE
    },
    Case {
        name: "a role with two sources",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = default\n\
                 credential_source = Environment\n",
        words: &["assume-role: profile \"default\" (~/.aws/config, line 2) has both source_profile and \
             credential_source: one is needed"],
        ..Case::BASE
    },
    Case {
        name: "an unknown source",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\ncredential_source = Lambda\n",
        words: &["assume-role: credential_source of profile \"default\" (~/.aws/config, line 3) is \"Lambda\": \
             expected one of Environment, Ec2InstanceMetadata, EcsContainer"],
        ..Case::BASE
    },
    Case {
        name: "a source that has nothing",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\ncredential_source = Environment\n",
        words: &[
            "assume-role: the role arn:aws:iam::123456789012:role/r of profile \"default\" (~/.aws/config, \
             line 2) was not given: ",
            "the environment gave no credentials: AWS_ACCESS_KEY_ID is not set",
        ],
        ..Case::BASE
    },
    Case {
        name: "a role that is refused",
        config: "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = keys\n",
        credentials: "[keys]\naws_access_key_id = AKID\naws_secret_access_key = hidden\n",
        replies: || vec![fault(403, "AccessDenied", "not yours")],
        words: &["assume-role: the role arn:aws:iam::123456789012:role/r of profile \"default\" (~/.aws/config, \
             line 2) was not given: An error occurred (AccessDenied) when calling the AssumeRole operation: \
             not yours (status 403)"],
        requests: 1,
        ..Case::BASE
    },
    Case {
        name: "a container server elsewhere",
        variables: &[
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://evil.example.com/creds"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "hidden"),
        ],
        words: &[
            "container-role: AWS_CONTAINER_CREDENTIALS_FULL_URI names the host \"evil.example.com\", which \
             may not be asked: expected https, a loopback address, or one of 169.254.170.2, ",
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
        words: &["container-role: http://169.254.170.2/creds answered with status 500: later (3 tries); tried \
             before: "],
        requests: 3,
        ..Case::BASE
    },
    Case {
        name: "a web identity without its file",
        variables: &[("AWS_ROLE_ARN", ROLE), ("AWS_WEB_IDENTITY_TOKEN_FILE", "~/no-such-token")],
        words: &["assume-role-with-web-identity: the token's file ~/no-such-token cannot be read: No such file or \
             directory"],
        ..Case::BASE
    },
    Case {
        name: "a web identity that is refused",
        variables: &[("AWS_ROLE_ARN", ROLE), ("AWS_WEB_IDENTITY_TOKEN_FILE", "~/token")],
        files: &[("token", "hidden")],
        replies: || vec![fault(400, "ExpiredTokenException", "over")],
        words: &["assume-role-with-web-identity: the role arn:aws:iam::123456789012:role/r was not given for the \
             token in ~/token: An error occurred (ExpiredTokenException) when calling the \
             AssumeRoleWithWebIdentity operation: over"],
        requests: 1,
        ..Case::BASE
    },
    Case {
        name: "an instance that stalls", // asked for a token, and then without one: a second each
        replies: || vec![Reply::silence(), Reply::silence()],
        words: &[
            "no credentials found; tried: env (",
            "iam-role (http://169.254.169.254/latest/meta-data/iam/security-credentials/: ",
        ],
        requests: 2,
        ..Case::BASE
    },
    Case {
        name: "an instance that stalls behind its token",
        replies: || vec![Reply::ok("hidden"), Reply::ok("role").stalled(2)],
        words: &["iam-role (http://169.254.169.254/latest/meta-data/iam/security-credentials/: the response body \
             stands still)"],
        requests: 2,
        ..Case::BASE
    },
    Case {
        name: "an instance that fails",
        replies: || vec![Reply::new(500).body("hidden"), Reply::new(500).body("hidden")],
        words: &["iam-role (http://169.254.169.254/latest/meta-data/iam/security-credentials/ answered with \
             status 500)"],
        requests: 2,
        ..Case::BASE
    },
    Case {
        name: "an instance that talks nonsense",
        replies: || vec![Reply::ok("hidden"), Reply::ok("role"), Reply::ok("<html>hidden</html>")],
        words: &["iam-role (http://169.254.169.254/latest/meta-data/iam/security-credentials/role answered with \
             no JSON)"],
        requests: 3,
        ..Case::BASE
    },
    Case {
        name: "an instance whose role has nothing",
        replies: || {
            vec![
                Reply::ok("hidden"),
                Reply::ok("role"),
                Reply::ok(r#"{"Code":"Failed","Message":"no trust","Token":"hidden"}"#),
            ]
        },
        words: &["iam-role (the answer of http://169.254.169.254/latest/meta-data/iam/security-credentials/role \
             has no AccessKeyId and no SecretAccessKey and no Expiration: no trust)"],
        requests: 3,
        ..Case::BASE
    },
];
