//! The code of a multi-factor device, asked of whoever has it. Knows no terminal.

use std::fmt;
use std::sync::Arc;

use crate::Result;
use crate::credentials::BoxFuture;

type Ask = dyn Fn(&str) -> BoxFuture<'static, Result<String>> + Send + Sync;

/// Asks for the code of a device, given by its serial number or ARN.
///
/// It is asked at each fetch, that is also whenever credentials are renewed; return an error to refuse. In a program for a
/// terminal:
///
/// ```
/// use aws_core::sources::MfaPrompt;
///
/// let prompt = MfaPrompt::new(|serial| {
///     eprint!("Enter MFA code for {serial}: ");
///     let mut code = String::new();
///     let read = std::io::stdin().read_line(&mut code);
///     Box::pin(async move { read.map(|_| code).map_err(|it| aws_core::Error::new(aws_core::ErrorKind::Credentials, it.to_string())) })
/// });
/// # let _ = prompt;
/// ```
#[derive(Clone)]
pub struct MfaPrompt(Arc<Ask>);

impl MfaPrompt {
    /// A prompt that asks as `ask` does.
    pub fn new(ask: impl Fn(&str) -> BoxFuture<'static, Result<String>> + Send + Sync + 'static) -> Self {
        Self(Arc::new(ask))
    }

    pub(super) async fn ask(&self, serial: &str) -> Result<String> {
        Ok((self.0)(serial).await?.trim().to_owned())
    }
}

impl fmt::Debug for MfaPrompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MfaPrompt")
    }
}
