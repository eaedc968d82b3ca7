//! Credentials that a program prints: `credential_process`. Knows its JSON; runs it without a shell, within limits.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

use super::document::{self, Kind};
use super::{failed, words};
use crate::Result;
use crate::credentials::{BoxFuture, Credentials, ProvideCredentials};

pub(super) const NAME: &str = "custom-process";

/// For programs that ask a person, or open a browser.
const LIMIT: Duration = Duration::from_secs(5 * 60);
/// Of standard output.
const MOST_BYTES: u64 = 64 * 1024;
/// Of standard error, in messages.
const MOST_CHARS: usize = 1000;

/// Runs a program and reads the credentials it prints: a JSON object with `Version` 1, `AccessKeyId`, `SecretAccessKey`,
/// and optionally `SessionToken`, `Expiration` (RFC 3339) and `AccountId`.
///
/// The line is split into words as a shell would, but there is no shell: no variables, pipes or `~`. The program has five
/// minutes, may print 64 KiB, and can ask the user on the terminal. Output without expiry is kept for ever.
#[derive(Clone)]
pub struct Process {
    line: Arc<str>,
    /// Where the line stands, for messages.
    place: String,
    account_id: Option<String>,
    limit: Duration,
}

impl Process {
    /// A source that runs `line`.
    pub fn new(line: impl Into<Arc<str>>) -> Self {
        Self { line: line.into(), place: "credential_process".to_owned(), account_id: None, limit: LIMIT }
    }

    /// The same, of an account that the program does not tell.
    #[must_use]
    pub fn account_id(mut self, account_id: impl Into<String>) -> Self {
        self.account_id = Some(account_id.into());
        self
    }

    /// The same with another time limit; 5 minutes by default. The program is killed when it is over.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    pub(super) fn at(mut self, place: String) -> Self {
        self.place = place;
        self
    }

    async fn run(&self) -> Result<Credentials> {
        let place = &self.place;
        let words = words::split(&self.line).map_err(|it| failed(format!("{place} {it}")))?;
        let (program, arguments) = words.split_first().ok_or_else(|| failed(format!("{place} is empty")))?;
        let child = Command::new(program)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|it| failed(format!("{place}: {program} cannot be run: {it}")).with_source(it))?;
        let output = match tokio::time::timeout(self.limit, output(child)).await {
            Ok(output) => output,
            Err(_) => return Err(failed(format!("{place}: {program} did not end within {:?}", self.limit))),
        };
        let output = output.map_err(|it| failed(format!("{place}: {program}: {it}")).with_source(it))?;
        if !output.status.success() {
            let said = match &output.said[..] {
                "" => "and said nothing on standard error".to_owned(),
                said => format!("and said: {said}"),
            };
            return Err(failed(format!("{place}: {program} ended with {}, {said}", output.status)));
        }
        if output.printed.len() as u64 > MOST_BYTES {
            return Err(failed(format!("{place}: {program} printed more than {MOST_BYTES} bytes")));
        }
        self.read(&output.printed).map_err(|it| failed(format!("{place}: what {program} printed {it}")))
    }

    fn read(&self, printed: &[u8]) -> std::result::Result<Credentials, String> {
        // The parser's own message could quote what it met.
        let value: Value = serde_json::from_slice(printed).map_err(|_| "is no JSON".to_owned())?;
        match value.get("Version") {
            Some(version) if version.as_i64() == Some(1) => {}
            Some(Value::Number(version)) => return Err(format!("has Version {version}: expected 1")),
            Some(_) => return Err("has a Version that is no number: expected 1".to_owned()),
            None => return Err("has no Version: expected 1".to_owned()),
        }
        let mut credentials = document::credentials(&value, Kind::Process)?.with_provider(NAME);
        if let (None, Some(account_id)) = (credentials.account_id(), &self.account_id) {
            credentials = credentials.with_account_id(account_id.clone());
        }
        credentials.checked(|_| "in it".to_owned()).map_err(|it| it.to_string())
    }
}

struct Output {
    status: std::process::ExitStatus,
    printed: Vec<u8>,
    /// The end of standard error, trimmed.
    said: String,
}

/// Waits for the end of a program. Reads both outputs at once, lest it stand still with one of them full.
async fn output(mut child: Child) -> std::io::Result<Output> {
    let (mut printed, mut said) = (child.stdout.take(), child.stderr.take());
    let said = tokio::spawn(async move {
        let start = start(&mut said, 4 * MOST_CHARS as u64).await?;
        if let Some(rest) = &mut said {
            tokio::io::copy(rest, &mut tokio::io::sink()).await?;
        }
        std::io::Result::Ok(start)
    });
    let printed = start(&mut printed, MOST_BYTES + 1).await?;
    if printed.len() as u64 > MOST_BYTES {
        child.start_kill()?;
        child.wait().await?;
        return Ok(Output { status: Default::default(), printed, said: String::new() });
    }
    let status = child.wait().await?;
    let said = said.await.map_err(std::io::Error::other)??;
    let said = String::from_utf8_lossy(&said).trim().chars().take(MOST_CHARS).collect();
    Ok(Output { status, printed, said })
}

/// At most `most` bytes of a stream.
async fn start(stream: &mut Option<impl AsyncRead + Unpin>, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        stream.take(most).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

impl ProvideCredentials for Process {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(self.run())
    }
}

impl std::fmt::Debug for Process {
    /// Without the arguments, which may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let program = words::split(&self.line).ok().and_then(|it| it.into_iter().next());
        f.debug_struct("Process").field("program", &program).field("place", &self.place).finish_non_exhaustive()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    async fn check(line: &str, expect: std::result::Result<&str, &str>) {
        let source = Process::new(line).account_id("7").timeout(Duration::from_millis(if line.contains("60") {
            30
        } else {
            60_000
        }));
        let found = source.provide().await;
        let found = found.map(|it| {
            let told = [Some(it.access_key_id()), it.session_token(), it.account_id()].map(|it| it.unwrap_or("-"));
            format!("{} {}", told.join(" "), it.expiry().map_or(0, |it| it.as_secs()))
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
    async fn programs() {
        let pair = r#""AccessKeyId":"k","SecretAccessKey":"hidden""#;
        check(&format!(r#"echo '{{"Version":1,{pair}}}'"#), Ok("k - 7 0")).await;
        let more = r#""SessionToken":"t","Expiration":"1970-01-01T00:01:00Z","AccountId":"8""#;
        check(&format!(r#"echo '{{"Version":1,{pair},{more}}}'"#), Ok("k t 8 60")).await;
        check(&format!(r#"echo '{{{pair}}}'"#), Err("has no Version: expected 1")).await;
        check(&format!(r#"echo '{{"Version":2,{pair}}}'"#), Err("has Version 2: expected 1")).await;
        check(
            r#"echo '{"Version":1,"AccessKeyId":"k"}'"#,
            Err("credential_process: what echo printed has no SecretAccessKey"),
        )
        .await;
        check("echo hidden | cat", Err("what echo printed is no JSON")).await;
        check(
            "sh -c 'echo hidden; echo of  course >&2; exit 3'",
            Err("sh ended with exit status: 3, and said: of course"),
        )
        .await;
        check("false", Err("and said nothing on standard error")).await;
        check("/no/such/program hidden", Err("/no/such/program cannot be run: No such file")).await;
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
