//! Prompts the user for the code of an MFA device. Knows no terminal.

use std::fmt;
use std::sync::Arc;

use super::failed;
use crate::BoxFuture;
use crate::Result;
use crate::credentials::{USER_TIMEOUT, limited, small_file};

type PromptFn = dyn Fn(&str) -> BoxFuture<'static, Result<String>> + Send + Sync;

/// A callback that returns the current code of an MFA device, which is identified by its serial number or ARN.
///
/// It is called at each fetch, so also whenever credentials are refreshed, on a thread where it may wait for the user. If it
/// returns an error, or after five minutes, the fetch fails. In a terminal program:
///
/// ```
/// use aws_core::credential_providers::MfaPrompt;
///
/// let prompt = MfaPrompt::new(|serial| {
///     eprint!("Enter MFA code for {serial}: ");
///     let mut code = String::new();
///     let read = std::io::stdin().read_line(&mut code);
///     Box::pin(async move {
///         read.map(|_| code).map_err(|it| aws_core::Error::new(aws_core::ErrorKind::Credentials, it.to_string()))
///     })
/// });
/// # let _ = prompt;
/// ```
#[derive(Clone)]
pub struct MfaPrompt(Arc<PromptFn>);

impl MfaPrompt {
    /// A prompt that calls `prompt` with the serial number or ARN of the device.
    pub fn new(prompt: impl Fn(&str) -> BoxFuture<'static, Result<String>> + Send + Sync + 'static) -> Self {
        Self(Arc::new(prompt))
    }

    /// The code for the device. A prompt may read from a terminal, so it begins on a thread that may wait.
    pub(super) async fn code(&self, serial: &str) -> Result<String> {
        let (prompt, device) = (Arc::clone(&self.0), serial.to_owned());
        let code = async {
            let begun = small_file::in_background(move || prompt(&device)).await;
            begun.map_err(|it| failed(it.to_string()).with_source(it))?.await
        };
        let code = limited("the code", "MFA prompt", Some(USER_TIMEOUT), code).await?;
        Ok(code.trim().to_owned())
    }
}

impl fmt::Debug for MfaPrompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MfaPrompt")
    }
}
