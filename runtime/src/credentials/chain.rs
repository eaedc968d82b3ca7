//! Sources in order: the first that is configured decides. Knows no source by name.

use std::fmt;
use std::sync::Arc;

use super::{BoxFuture, Credentials, ProvideCredentials};
use crate::{Error, ErrorKind, Result};

/// A place where credentials may or may not be configured: one link of a [`Chain`].
pub trait CredentialSource: Send + Sync + fmt::Debug {
    /// The name of the source, in botocore's words: `env`, `assume-role`, `container-role`.
    fn name(&self) -> &'static str;

    /// Looks for credentials.
    ///
    /// # Errors
    /// If this source is configured but cannot give credentials; the links after it are then not asked.
    fn look_up(&self) -> BoxFuture<'_, Result<Lookup>>;
}

/// What a source answers.
#[derive(Clone, Debug)]
pub enum Lookup {
    /// Credentials.
    Found(Credentials),
    /// This source is not configured: what it looked for, for the message if no source is.
    NotConfigured(String),
}

/// Asks sources in order until one is configured.
///
/// A source that is configured but fails ends the search with its error: falling through to another identity would hide
/// the mistake.
#[derive(Clone, Debug)]
pub struct Chain {
    links: Vec<Arc<dyn CredentialSource>>,
}

impl Chain {
    /// A chain of `links`.
    pub fn new(links: impl IntoIterator<Item = Arc<dyn CredentialSource>>) -> Self {
        Self { links: links.into_iter().collect() }
    }

    /// The links, to be added to, removed or moved.
    pub fn links_mut(&mut self) -> &mut Vec<Arc<dyn CredentialSource>> {
        &mut self.links
    }
}

impl ProvideCredentials for Chain {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(async move {
            let mut tried = Vec::with_capacity(self.links.len());
            for link in &self.links {
                match link.look_up().await? {
                    Lookup::Found(credentials) => {
                        tracing::debug!(provider = link.name(), "found credentials");
                        return Ok(credentials);
                    }
                    Lookup::NotConfigured(reason) => {
                        tried.push(format!("{} ({reason})", link.name()));
                    }
                }
            }
            Err(Error::new(ErrorKind::Credentials, none_found(&tried)))
        })
    }
}

fn none_found(tried: &[String]) -> String {
    let tried = if tried.is_empty() { "nothing".to_owned() } else { tried.join(", ") };
    format!(
        "no credentials found; tried: {tried}. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, configure a profile, or \
         give the session credentials; `Anonymous` sends requests unsigned"
    )
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use super::*;

    #[derive(Debug)]
    struct Link(&'static str);

    impl CredentialSource for Link {
        fn name(&self) -> &'static str {
            self.0
        }

        fn look_up(&self) -> BoxFuture<'_, Result<Lookup>> {
            Box::pin(ready(match self.0 {
                "none" => Ok(Lookup::NotConfigured("is off".to_owned())),
                "broken" => Err(Error::new(ErrorKind::Credentials, "is broken")),
                key => Ok(Lookup::Found(Credentials::new(key, "secret"))),
            }))
        }
    }

    #[tokio::test]
    async fn the_first_configured_link_decides() {
        let check = async |links: &[&'static str], expect: Result<&str, &str>| {
            let links = links.iter().map(|it| Arc::new(Link(it)) as Arc<dyn CredentialSource>);
            let found = Chain::new(links).provide().await;
            let found = found.map(|it| it.access_key_id().to_owned()).map_err(|it| it.to_string());
            match (&found, expect) {
                (Ok(found), Ok(expect)) => assert_eq!(found, expect),
                (Err(found), Err(expect)) => assert!(found.contains(expect), "{found}"),
                _ => panic!("{found:?} instead of {expect:?}"),
            }
        };
        check(&["one", "two"], Ok("one")).await;
        check(&["none", "two"], Ok("two")).await;
        check(&["none", "broken", "two"], Err("is broken")).await;
        check(&["none", "none"], Err("no credentials found; tried: none (is off), none (is off). Set ")).await;
        check(&[], Err("tried: nothing.")).await;
    }
}
