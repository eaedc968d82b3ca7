//! The HTTP client of a session whose defaults mode is `auto`: before its first request it determines, once, in which
//! region the program runs. Knows the one setting that depends on it, the connect timeout.

use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::BoxFuture;
use crate::config::{DefaultsMode, ModeDefaults};
use crate::credential_providers::{Imds, ProviderContext};
use crate::http::{HttpClient, HttpConfig, HttpError, HttpErrorKind, Request, Response, default_client};
use crate::{Error, ErrorKind, Result, tokio_runtime};

/// Asks the instance metadata service for its region before the first request, because building a session sends no
/// request. `metadata_service_timeout` and `metadata_service_num_attempts` limit the lookup. Without a response, and if
/// `AWS_EC2_METADATA_DISABLED` is true, the timeouts of `standard` apply.
pub(super) struct AutoModeClient(Arc<Inner>);

struct Inner {
    context: Arc<dyn ProviderContext>,
    /// With the timeouts of `standard`, which are also those of `cross-region`.
    settings: HttpConfig,
    client: Arc<dyn HttpClient>,
    chosen: OnceCell<(DefaultsMode, Arc<dyn HttpClient>)>,
}

impl AutoModeClient {
    /// Wraps a client with `settings`, which have the timeouts of `standard`. `context` must not hold the owner of this
    /// client: that would be a reference cycle.
    pub(super) fn new(context: Arc<dyn ProviderContext>, settings: HttpConfig) -> Result<Self> {
        let environment = context.variables();
        let client = default_client(&settings, environment)?;
        Ok(Self(Arc::new(Inner { context, settings, client, chosen: OnceCell::new() })))
    }
}

impl Inner {
    async fn choose(&self) -> Result<(DefaultsMode, Arc<dyn HttpClient>)> {
        let region = self.context.config()?.region.as_deref();
        let instance_region = Imds::from_context(Arc::clone(&self.context)).region().await;
        let mode = match &instance_region {
            Some(found) if Some(found.as_str()) == region => DefaultsMode::InRegion,
            Some(_) => DefaultsMode::CrossRegion,
            None => DefaultsMode::Standard,
        };
        tracing::debug!(mode = mode.as_str(), instance_region, "resolved the defaults mode `auto`");
        let connect_timeout = ModeDefaults::for_mode(mode).map(|it| it.connect_timeout);
        if connect_timeout == self.settings.connect_timeout {
            return Ok((mode, Arc::clone(&self.client)));
        }
        let settings = HttpConfig { connect_timeout, ..self.settings.clone() };
        Ok((mode, default_client(&settings, self.context.variables())?))
    }
}

/// Returns the chosen client. The lookup runs in a task of its own, so that it continues if the call that started it is
/// cancelled, and the next call need not start over.
async fn chosen_client(inner: &Arc<Inner>) -> Result<Arc<dyn HttpClient>> {
    if let Some((_, client)) = inner.chosen.get() {
        return Ok(Arc::clone(client));
    }
    let inner = Arc::clone(inner);
    let lookup = tokio_runtime::outcome(&tokio_runtime::current()?, async move {
        let chosen = inner.chosen.get_or_try_init(|| inner.choose()).await?;
        Ok(Arc::clone(&chosen.1))
    });
    lookup
        .await
        .map_err(|it| Error::new(ErrorKind::Config, "the defaults mode could not be resolved").with_source(it))?
}

impl HttpClient for AutoModeClient {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        Box::pin(async move {
            let client =
                chosen_client(&self.0).await.map_err(|it| HttpError::new(HttpErrorKind::Other, it.to_string()))?;
            client.send(request).await
        })
    }
}

impl std::fmt::Debug for AutoModeClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AutoModeClient").field("chosen", &self.0.chosen.get().map(|it| it.0)).finish_non_exhaustive()
    }
}
