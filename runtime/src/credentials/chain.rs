//! Providers in order: the first one that is configured decides. Knows no provider by name.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::{Credentials, FETCH_TIMEOUT, ProvideCredentials, limited};
use crate::BoxFuture;
use crate::{Error, ErrorKind, Result};

/// A provider that may or may not be configured: one link of a [`CredentialsChain`].
pub trait LookUpCredentials: Send + Sync + fmt::Debug {
    /// The name of the provider, as botocore names it: `env`, `assume-role`, `container-role`.
    fn name(&self) -> &'static str;

    /// Looks for credentials.
    ///
    /// # Errors
    /// If this provider is configured but fails. The chain then does not try the links after it.
    fn look_up(&self) -> BoxFuture<'_, Result<Lookup>>;

    /// The most time that a look-up may take: see [`ProvideCredentials::fetch_timeout`]. By default a minute.
    fn fetch_timeout(&self) -> Option<Duration> {
        Some(FETCH_TIMEOUT)
    }
}

/// The result of [`LookUpCredentials::look_up`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Lookup {
    /// Credentials.
    Found(Credentials),
    /// This provider is not configured. The string says why; it becomes part of the error message if no provider is.
    NotConfigured(String),
}

/// Tries providers in order until one is configured, and uses that one from then on.
///
/// A provider that is configured but fails ends the search with its error: falling through to another identity would
/// hide the mistake. Credentials are refreshed by the provider that was found first, for the same reason.
#[derive(Clone, Debug)]
pub struct CredentialsChain {
    links: Vec<Arc<dyn LookUpCredentials>>,
    /// The index of the link that returned credentials.
    found: OnceLock<usize>,
    /// The index of the link that is being looked up, for messages.
    current: Arc<AtomicUsize>,
}

impl CredentialsChain {
    /// A chain of `links`.
    pub fn new(links: impl IntoIterator<Item = Arc<dyn LookUpCredentials>>) -> Self {
        Self { links: links.into_iter().collect(), found: OnceLock::new(), current: Arc::default() }
    }

    /// The names of the links, in order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.links.iter().map(|it| it.name())
    }

    /// The links, to add, remove or reorder. Afterwards the search starts again at the first link.
    pub fn links_mut(&mut self) -> &mut Vec<Arc<dyn LookUpCredentials>> {
        self.found = OnceLock::new();
        &mut self.links
    }

    /// Adds a link before the one named `name`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if no link has this name; the message lists the names of all links.
    pub fn insert_before(&mut self, name: &str, link: impl LookUpCredentials + 'static) -> Result<()> {
        let index = self.position(name)?;
        self.links_mut().insert(index, Arc::new(link));
        Ok(())
    }

    /// Adds a link after the one named `name`.
    ///
    /// # Errors
    /// As [`insert_before`](Self::insert_before).
    pub fn insert_after(&mut self, name: &str, link: impl LookUpCredentials + 'static) -> Result<()> {
        let index = self.position(name)? + 1;
        self.links_mut().insert(index, Arc::new(link));
        Ok(())
    }

    /// Removes all links named `name`. Returns whether there were any.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.links.len();
        self.links_mut().retain(|it| it.name() != name);
        self.links.len() < before
    }

    fn position(&self, name: &str) -> Result<usize> {
        self.links.iter().position(|it| it.name() == name).ok_or_else(|| {
            let known = self.names().collect::<Vec<_>>().join(", ");
            Error::new(ErrorKind::Config, format!("the chain has no link {name:?}; its links: {known}"))
        })
    }

    async fn search(&self) -> Result<Credentials> {
        let mut tried = Vec::with_capacity(self.links.len());
        for (index, link) in self.links.iter().enumerate() {
            let name = link.name();
            self.current.store(index, Ordering::Relaxed);
            match limited_look_up(link).await {
                Ok(Lookup::Found(credentials)) => {
                    tracing::debug!(provider = name, "found credentials");
                    let _ = self.found.set(index);
                    return Ok(credentials);
                }
                Ok(Lookup::NotConfigured(reason)) => tried.push(format!("{name} ({reason})")),
                Err(error) => {
                    let mut message = with_name(name, &error);
                    if !tried.is_empty() {
                        message = format!("{message}; tried before: {}", tried.join(", "));
                    }
                    return Err(Error::new(error.kind(), message).with_source(error));
                }
            }
        }
        Err(Error::new(ErrorKind::Credentials, none_found(&tried)))
    }
}

impl ProvideCredentials for CredentialsChain {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials>> {
        Box::pin(async move {
            let Some(link) = self.found.get().and_then(|&index| self.links.get(index)) else {
                return self.search().await;
            };
            let name = link.name();
            let failed = |problem: String| Error::new(ErrorKind::Credentials, format!("{name}: {problem}"));
            match limited_look_up(link).await {
                Ok(Lookup::Found(credentials)) => Ok(credentials),
                Ok(Lookup::NotConfigured(reason)) => Err(failed(format!("no longer returns credentials: {reason}"))),
                Err(error) => Err(Error::new(error.kind(), with_name(name, &error)).with_source(error)),
            }
        })
    }

    /// The name of the link that is being looked up, or was last.
    fn provider_name(&self) -> &'static str {
        self.links.get(self.current.load(Ordering::Relaxed)).map_or("the empty chain", |it| it.name())
    }

    /// Each look-up of a link has its own.
    fn fetch_timeout(&self) -> Option<Duration> {
        None
    }
}

async fn limited_look_up(link: &Arc<dyn LookUpCredentials>) -> Result<Lookup> {
    limited("credentials", link.name(), link.fetch_timeout(), async { link.look_up().await }).await
}

/// The message of a link's error, which begins with the name of the link.
fn with_name(name: &str, error: &Error) -> String {
    let message = error.to_string();
    match message.strip_prefix(name).is_some_and(|it| it.starts_with(": ")) {
        true => message,
        false => format!("{name}: {message}"),
    }
}

fn none_found(tried: &[String]) -> String {
    let tried = if tried.is_empty() { "nothing".to_owned() } else { tried.join(", ") };
    format!(
        "no credentials found; tried: {tried}. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, configure a profile, \
         or set `SessionBuilder::credentials`; `Anonymous` sends requests unsigned"
    )
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::sync::atomic::AtomicBool;

    use super::*;

    #[derive(Debug)]
    struct TestLink(&'static str);

    impl LookUpCredentials for TestLink {
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
            let links = links.iter().map(|it| Arc::new(TestLink(it)) as Arc<dyn LookUpCredentials>);
            let found = CredentialsChain::new(links).provide().await;
            let found = found.map(|it| it.access_key_id().to_owned()).map_err(|it| it.to_string());
            match (&found, expect) {
                (Ok(found), Ok(expect)) => assert_eq!(found, expect),
                (Err(found), Err(expect)) => assert!(found.contains(expect), "{found}"),
                _ => panic!("{found:?} instead of {expect:?}"),
            }
        };
        check(&["one", "two"], Ok("one")).await;
        check(&["none", "two"], Ok("two")).await;
        check(&["broken", "two"], Err("broken: is broken")).await;
        check(&["none", "broken", "two"], Err("broken: is broken; tried before: none (is off)")).await;
        check(&["none", "none"], Err("no credentials found; tried: none (is off), none (is off). Set ")).await;
        check(&[], Err("tried: nothing.")).await;
    }

    /// Not configured at the first look-up, configured at later ones.
    #[derive(Debug, Default)]
    struct Late(AtomicBool);

    impl LookUpCredentials for Late {
        fn name(&self) -> &'static str {
            "late"
        }

        fn look_up(&self) -> BoxFuture<'_, Result<Lookup>> {
            let was = self.0.swap(true, Ordering::SeqCst);
            Box::pin(ready(Ok(match was {
                true => Lookup::Found(Credentials::new("late", "secret")),
                false => Lookup::NotConfigured("not yet".to_owned()),
            })))
        }
    }

    #[tokio::test]
    async fn credentials_are_refreshed_by_the_link_that_was_found() {
        let links: [Arc<dyn LookUpCredentials>; 2] = [Arc::new(Late::default()), Arc::new(TestLink("two"))];
        let mut chain = CredentialsChain::new(links);
        for _ in 0..2 {
            assert_eq!(chain.provide().await.expect("found").access_key_id(), "two");
        }
        chain.links_mut();
        assert_eq!(chain.provide().await.expect("found").access_key_id(), "late");
    }

    #[test]
    fn links_are_edited_by_name() {
        let mut chain =
            CredentialsChain::new(["a", "b"].map(|it| Arc::new(TestLink(it)) as Arc<dyn LookUpCredentials>));
        let names = |chain: &CredentialsChain| chain.names().collect::<Vec<_>>().join(" ");
        chain.insert_before("a", TestLink("x")).expect("there");
        chain.insert_after("a", TestLink("y")).expect("there");
        assert_eq!(names(&chain), "x a y b");
        let error = chain.insert_after("z", TestLink("y")).expect_err("not there");
        assert_eq!(error.to_string(), r#"the chain has no link "z"; its links: x, a, y, b"#);
        assert!(chain.remove("a") && !chain.remove("a"));
        assert_eq!(names(&chain), "x y b");
    }
}
