//! Credentials that a program prints: `credential_process`. Knows the format of its output, but no profile. Runs the
//! program without a shell, and limits its time and output.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

use super::chain_link::PROCESS as NAME;
use super::credentials_json::{self, Kind};
use super::{failed, shell_words};
use crate::BoxFuture;
use crate::Result;
use crate::codec::json;
use crate::credentials::{Credentials, ProvideCredentials, USER_TIMEOUT};
use crate::tokio_runtime;

/// The default timeout. Our choice: long enough for programs that prompt the user or open a browser. botocore has none.
const TIMEOUT: Duration = USER_TIMEOUT;
/// The most bytes that the program may print on standard output. Our choice: far more than credentials need.
const MAX_STDOUT_BYTES: u64 = 64 * 1024;
/// How much of standard error is quoted in messages. Our choice, to keep them readable.
const MAX_STDERR_CHARS: usize = 1000;

/// Provides the credentials that a program prints: a JSON object with `Version` 1, `AccessKeyId`, `SecretAccessKey`,
/// and optionally `SessionToken`, `Expiration` (RFC 3339) and `AccountId`.
///
/// The command line is split into arguments as a shell would, but there is no shell: no variables, pipes or `~`. The
/// program must end within five minutes, may print 64 KiB, and can prompt the user on the terminal. Credentials without
/// `Expiration` are fetched once.
#[derive(Clone)]
pub struct Process {
    command: Arc<str>,
    /// Where the command was set, for messages.
    origin: String,
    account_id: Option<String>,
    timeout: Duration,
}

impl Process {
    /// A provider that runs the command line `command`.
    pub fn new(command: impl Into<Arc<str>>) -> Self {
        Self { command: command.into(), origin: "credential_process".to_owned(), account_id: None, timeout: TIMEOUT }
    }

    /// Sets the account id of the credentials, used if the program does not print one.
    #[must_use]
    pub fn account_id(mut self, account_id: impl Into<String>) -> Self {
        self.account_id = Some(account_id.into());
        self
    }

    /// Sets the time after which the program is killed. By default 5 minutes.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    pub(super) fn origin(mut self, origin: String) -> Self {
        self.origin = origin;
        self
    }

    async fn run(&self) -> Result<Credentials> {
        tokio_runtime::current()?;
        let origin = &self.origin;
        let words = shell_words::split(&self.command).map_err(|it| failed(format!("{origin} {it}")))?;
        let (program, arguments) = words.split_first().ok_or_else(|| failed(format!("{origin} is empty")))?;
        let child = Command::new(program)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|it| failed(format!("{origin}: cannot run {program}: {it}")).with_source(it))?;
        let output = match tokio::time::timeout(self.timeout, output(child)).await {
            Ok(output) => output,
            Err(_) => return Err(failed(format!("{origin}: {program} did not end within {:?}", self.timeout))),
        };
        let output = output.map_err(|it| failed(format!("{origin}: {program}: {it}")).with_source(it))?;
        if !output.status.success() {
            let stderr = match &output.stderr[..] {
                "" => "with nothing on standard error".to_owned(),
                stderr => format!("standard error: {stderr}"),
            };
            return Err(failed(format!("{origin}: {program} failed with {}, {stderr}", output.status)));
        }
        if output.stdout.len() as u64 > MAX_STDOUT_BYTES {
            return Err(failed(format!("{origin}: {program} printed more than {MAX_STDOUT_BYTES} bytes")));
        }
        self.parse(&output.stdout).map_err(|it| failed(format!("{origin}: the output of {program} {it}")))
    }

    fn parse(&self, stdout: &[u8]) -> std::result::Result<Credentials, String> {
        // The parser's own message is dropped, since it could quote a secret.
        let value: Value = json::value(stdout).map_err(|_| "is not JSON".to_owned())?;
        match value.get("Version") {
            Some(version) if version.as_i64() == Some(1) => {}
            Some(Value::Number(version)) => return Err(format!("has Version {version}: expected 1")),
            Some(_) => return Err("has a Version that is not a number: expected 1".to_owned()),
            None => return Err("has no Version: expected 1".to_owned()),
        }
        let mut credentials = credentials_json::credentials(&value, Kind::Process)?.with_provider(NAME);
        if let (None, Some(account_id)) = (credentials.account_id(), &self.account_id) {
            credentials = credentials.with_account_id(account_id.clone());
        }
        credentials.checked(|_| "in it".to_owned()).map_err(|it| it.to_string())
    }
}

struct Output {
    status: std::process::ExitStatus,
    /// The start of standard output, complete unless it is longer than [`MAX_STDOUT_BYTES`].
    stdout: Vec<u8>,
    /// The start of standard error, trimmed.
    stderr: String,
}

/// Waits until a program ends. Reads both outputs concurrently, so that the program never blocks on a full pipe.
async fn output(mut child: Child) -> std::io::Result<Output> {
    let (mut stdout, mut stderr) = (child.stdout.take(), child.stderr.take());
    let stderr = tokio_runtime::outcome(&tokio::runtime::Handle::current(), async move {
        // A character of UTF-8 has up to 4 bytes.
        let start = read_at_most(&mut stderr, 4 * MAX_STDERR_CHARS as u64).await?;
        if let Some(rest) = &mut stderr {
            tokio::io::copy(rest, &mut tokio::io::sink()).await?;
        }
        std::io::Result::Ok(start)
    });
    let stdout = read_at_most(&mut stdout, MAX_STDOUT_BYTES + 1).await?;
    if stdout.len() as u64 > MAX_STDOUT_BYTES {
        child.start_kill()?;
        child.wait().await?;
        return Ok(Output { status: Default::default(), stdout, stderr: String::new() });
    }
    let status = child.wait().await?;
    let stderr = stderr.await??;
    let stderr = String::from_utf8_lossy(&stderr).trim().chars().take(MAX_STDERR_CHARS).collect();
    Ok(Output { status, stdout, stderr })
}

/// The first bytes of a stream, at most `limit`.
async fn read_at_most(stream: &mut Option<impl AsyncRead + Unpin>, limit: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        stream.take(limit).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

impl ProvideCredentials for Process {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(self.run())
    }

    fn provider_name(&self) -> &'static str {
        NAME
    }

    /// It limits each of its steps.
    fn fetch_timeout(&self) -> Option<Duration> {
        None
    }
}

impl std::fmt::Debug for Process {
    /// Without the arguments, which may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let program = shell_words::split(&self.command).ok().and_then(|it| it.into_iter().next());
        f.debug_struct("Process").field("program", &program).field("origin", &self.origin).finish_non_exhaustive()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    async fn check(command: &str, expect: std::result::Result<&str, &str>) {
        let timeout = Duration::from_millis(if command.contains("60") { 30 } else { 60_000 });
        let found = Process::new(command).account_id("7").timeout(timeout).provide().await;
        let found = found.map(|credentials| {
            let parts = [Some(credentials.access_key_id()), credentials.session_token(), credentials.account_id()];
            let expiry = credentials.expiry().map_or(0, |it| it.as_secs());
            format!("{} {expiry}", parts.map(|it| it.unwrap_or("-")).join(" "))
        });
        match (found, expect) {
            (Ok(found), Ok(expect)) => assert_eq!(found, expect),
            (Err(error), Err(expect)) => {
                let text = format!("{error} {error:?}");
                assert!(text.contains(expect) && !text.contains("hidden"), "{text}");
            }
            (found, expect) => panic!("{found:?} instead of {expect:?}"),
        }
    }

    #[tokio::test]
    async fn credentials_are_read_from_the_output_and_failures_are_explained() {
        let pair = r#""AccessKeyId":"k","SecretAccessKey":"hidden""#;
        check(&format!(r#"echo '{{"Version":1,{pair}}}'"#), Ok("k - 7 0")).await;
        let more = r#""SessionToken":"t","Expiration":"1970-01-01T00:01:00Z","AccountId":"8""#;
        check(&format!(r#"echo '{{"Version":1,{pair},{more}}}'"#), Ok("k t 8 60")).await;
        check(&format!(r#"echo '{{{pair}}}'"#), Err("has no Version: expected 1")).await;
        check(&format!(r#"echo '{{"Version":2,{pair}}}'"#), Err("has Version 2: expected 1")).await;
        check(
            r#"echo '{"Version":1,"AccessKeyId":"k"}'"#,
            Err("credential_process: the output of echo has no SecretAccessKey"),
        )
        .await;
        check("echo hidden | cat", Err("the output of echo is not JSON")).await;
        check(
            "sh -c 'echo hidden; echo of  course >&2; exit 3'",
            Err("sh failed with exit status: 3, standard error: of course"),
        )
        .await;
        check("false", Err("false failed with exit status: 1, with nothing on standard error")).await;
        check("/no/such/program hidden", Err("cannot run /no/such/program: No such file")).await;
        check("'hidden", Err("credential_process has no closing quotation")).await;
        check("sleep 60", Err("sleep did not end within 30ms")).await;
        check("sh -c 'while :; do echo 0123456789; done'", Err("sh printed more than 65536 bytes")).await;
    }

    #[test]
    fn debug_hides_arguments() {
        let text = format!("{:?}", Process::new("program --password hidden"));
        assert!(text.contains("program") && !text.contains("hidden"), "{text}");
    }
}
