//! Connections of a session whose defaults mode is `auto`: before the first of them it is asked, once, where the program runs.
//! Knows what that changes, which is the limit for connecting.

use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::config::{DefaultsMode, ModeDefaults};
use crate::http::{BoxFuture, HttpClient, HttpError, HttpErrorKind, HttpSettings, Request, ReqwestClient, Response};
use crate::sources::{Imds, Surroundings};
use crate::{Error, ErrorKind, Result};

/// Asks the instance metadata service for its region before the first request: not when a session is made, for that asks
/// nobody. Its limits are those of `metadata_service_timeout` and `metadata_service_num_attempts`; without an answer, and
/// where `AWS_EC2_METADATA_DISABLED` is true, the limits of `standard` hold.
pub(super) struct Auto(Arc<Inner>);

struct Inner {
    around: Arc<dyn Surroundings>,
    /// Those of `standard`, which are those of `cross-region` too.
    settings: HttpSettings,
    client: Arc<dyn HttpClient>,
    chosen: OnceCell<(DefaultsMode, Arc<dyn HttpClient>)>,
}

impl Auto {
    /// Over settings with the limits of `standard`; `around` must not hold what this is held by.
    pub(super) fn new(around: Arc<dyn Surroundings>, settings: HttpSettings) -> Result<Self> {
        let environment = around.variables();
        let client = Arc::new(ReqwestClient::with_environment(&settings, environment)?);
        Ok(Self(Arc::new(Inner { around, settings, client, chosen: OnceCell::new() })))
    }
}

impl Inner {
    async fn choose(&self) -> Result<(DefaultsMode, Arc<dyn HttpClient>)> {
        let region = self.around.config()?.region.as_deref();
        let here = Imds::over(Arc::clone(&self.around)).region().await;
        let mode = match &here {
            Some(here) if Some(here.as_str()) == region => DefaultsMode::InRegion,
            Some(_) => DefaultsMode::CrossRegion,
            None => DefaultsMode::Standard,
        };
        tracing::debug!(mode = mode.as_str(), here, "the defaults mode that `auto` stands for");
        let limit = ModeDefaults::of(mode).map(|it| it.connect_timeout);
        if limit == self.settings.connect_timeout {
            return Ok((mode, Arc::clone(&self.client)));
        }
        let settings = HttpSettings { connect_timeout: limit, ..self.settings.clone() };
        let client = ReqwestClient::with_environment(&settings, self.around.variables())?;
        Ok((mode, Arc::new(client)))
    }
}

/// The client that was chosen. Asking outlives who waits for it: a call that gives up earlier does not make the next one
/// begin anew.
async fn chosen(inner: &Arc<Inner>) -> Result<Arc<dyn HttpClient>> {
    if let Some((_, client)) = inner.chosen.get() {
        return Ok(Arc::clone(client));
    }
    let inner = Arc::clone(inner);
    let asking = tokio::spawn(async move {
        let chosen = inner.chosen.get_or_try_init(|| inner.choose()).await?;
        Ok(Arc::clone(&chosen.1))
    });
    asking.await.map_err(|it| Error::new(ErrorKind::Config, "the defaults mode could not be found").with_source(it))?
}

impl HttpClient for Auto {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        Box::pin(async move {
            let client = chosen(&self.0).await.map_err(|it| HttpError::new(HttpErrorKind::Other, it.to_string()))?;
            client.send(request).await
        })
    }
}

impl std::fmt::Debug for Auto {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Auto").field("chosen", &self.0.chosen.get().map(|it| it.0)).finish_non_exhaustive()
    }
}
