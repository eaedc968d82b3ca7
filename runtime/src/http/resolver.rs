//! The addresses of hosts: from the system, or from a resolver of the program. Knows neither connections nor proxies.

use std::error::Error as StdError;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::BoxFuture;

/// Finds the addresses of hosts, in place of the system.
pub trait ResolveHost: Send + Sync + fmt::Debug {
    /// The addresses of `host`, a name without port; the first ones are tried first. The connect timeout limits it:
    /// dropping the future cancels the search. An error need not name `host`.
    fn resolve_host<'a>(&'a self, host: &'a str)
    -> BoxFuture<'a, Result<Vec<IpAddr>, Box<dyn StdError + Send + Sync>>>;
}

/// Who finds the addresses of hosts: the system by default. Two are equal if they are the same.
#[derive(Clone, Debug, Default)]
pub struct Resolver(Option<Arc<dyn ResolveHost>>);

impl PartialEq for Resolver {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

impl<R: ResolveHost + 'static> From<R> for Resolver {
    fn from(resolver: R) -> Self {
        Self(Some(Arc::new(resolver)))
    }
}

impl Resolver {
    /// The addresses of `host`, a name or an address without brackets; at least one. Their ports are 0.
    #[cfg(feature = "hyper")]
    pub(super) async fn resolve(&self, host: &str) -> Result<Vec<SocketAddr>, Unresolved> {
        let unresolved = |source| Unresolved { host: host.to_owned(), source };
        let found: Vec<SocketAddr> = match &self.0 {
            Some(resolver) if host.parse::<IpAddr>().is_err() => {
                let found = resolver.resolve_host(host).await.map_err(|it| unresolved(Some(it)))?;
                found.into_iter().map(|it| (it, 0).into()).collect()
            }
            _ => tokio::net::lookup_host((host, 0)).await.map_err(|it| unresolved(Some(it.into())))?.collect(),
        };
        if found.is_empty() { Err(unresolved(None)) } else { Ok(found) }
    }
}

/// The host that has no known address.
#[derive(Debug)]
pub(super) struct Unresolved {
    host: String,
    /// `None` if the resolver found no address.
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            None => write!(f, "the host {} has no address", self.host),
            Some(cause) => write!(f, "the address of the host {} was not found: {cause}", self.host),
        }
    }
}

impl StdError for Unresolved {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|it| it as _)
    }
}

#[cfg(all(test, feature = "hyper"))]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Fixed(Result<Vec<IpAddr>, &'static str>);

    impl ResolveHost for Fixed {
        fn resolve_host<'a>(
            &'a self,
            _: &'a str,
        ) -> BoxFuture<'a, Result<Vec<IpAddr>, Box<dyn StdError + Send + Sync>>> {
            let found = self.0.clone().map_err(Into::into);
            Box::pin(async move { found })
        }
    }

    #[tokio::test]
    async fn a_resolver_is_asked_for_names_only() {
        let check = async |resolver: Fixed, host: &str, expect: Result<&[&str], &str>| {
            let found = Resolver::from(resolver).resolve(host).await;
            let found = found.map(|all| all.iter().map(|it| it.to_string()).collect::<Vec<_>>());
            let expect = expect.map(|all| all.iter().map(|it| it.to_string()).collect()).map_err(str::to_owned);
            assert_eq!(found.map_err(|it| it.to_string()), expect, "{host}");
        };
        let addresses = || Fixed(Ok(vec![[10, 0, 0, 1].into(), [10, 0, 0, 2].into()]));
        let refused = || Fixed(Err("refused"));
        check(addresses(), "a.test", Ok(&["10.0.0.1:0", "10.0.0.2:0"])).await;
        check(Fixed(Ok(Vec::new())), "a.test", Err("the host a.test has no address")).await;
        check(refused(), "a.test", Err("the address of the host a.test was not found: refused")).await;
        check(refused(), "127.0.0.1", Ok(&["127.0.0.1:0"])).await;
        check(refused(), "::1", Ok(&["[::1]:0"])).await;
    }

    #[test]
    fn only_a_resolver_itself_is_equal_to_it() {
        let one = Resolver::from(Fixed(Ok(Vec::new())));
        assert_eq!(one, one.clone());
        assert_ne!(one, Resolver::from(Fixed(Ok(Vec::new()))));
        assert_ne!(one, Resolver::default());
        assert_eq!(Resolver::default(), Resolver::default());
    }
}
