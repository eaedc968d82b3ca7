//! Tokens that databases and caches accept as passwords, by IAM: presigned URLs without their scheme, which are never
//! requested. They are computed locally; the only I/O is fetching credentials.
//!
//! A token is the password of one new connection. It is valid for 15 minutes, though not longer than the credentials that
//! signed it, and a connection outlives it. So a pool needs a fresh token for the connections that it opens, not one for
//! itself. All of them require TLS.
//!
//! # With sqlx
//!
//! A pool has options for its new connections, which can be replaced:
//!
//! ```ignore
//! use std::time::Duration;
//!
//! use aws_core::Session;
//! use aws_core::signing::databases::db_auth_token;
//! use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgSslMode};
//!
//! const HOST: &str = "db.cluster-cx.eu-west-1.rds.amazonaws.com";
//!
//! async fn connect(session: Session) -> Result<PgPool, Box<dyn std::error::Error>> {
//!     let options = PgConnectOptions::new()
//!         .host(HOST)
//!         .port(5432)
//!         .username("app")
//!         .database("shop")
//!         .ssl_mode(PgSslMode::VerifyFull)
//!         .ssl_root_cert("global-bundle.pem"); // from truststore.pki.rds.amazonaws.com
//!     let token = db_auth_token(&session, HOST, 5432, "app", None).await?;
//!     let pool = PgPoolOptions::new().connect_with(options.clone().password(&token)).await?;
//!     let renewed = pool.clone();
//!     tokio::spawn(async move {
//!         while !renewed.is_closed() {
//!             tokio::time::sleep(Duration::from_secs(600)).await;
//!             match db_auth_token(&session, HOST, 5432, "app", None).await {
//!                 Ok(token) => renewed.set_connect_options(options.clone().password(&token)),
//!                 Err(error) => eprintln!("no token for the database: {error}"),
//!             }
//!         }
//!     });
//!     Ok(pool)
//! }
//! ```
//!
//! # With tokio-postgres
//!
//! The configuration is data, and a token is made right before each connection, also in the `connect` of a pool's manager:
//!
//! ```ignore
//! use aws_core::Session;
//! use aws_core::signing::databases::db_connect_admin_auth_token;
//! use tokio_postgres::config::SslMode;
//! use tokio_postgres::{Client, Config};
//!
//! async fn connect<T>(session: &Session, host: &str, tls: T) -> Result<Client, Box<dyn std::error::Error>>
//! where
//!     T: tokio_postgres::tls::MakeTlsConnect<tokio_postgres::Socket>,
//!     T::Stream: Send + 'static,
//! {
//!     let token = db_connect_admin_auth_token(session, host, None, None).await?;
//!     let mut config = Config::new();
//!     config.host(host).user("admin").dbname("postgres").ssl_mode(SslMode::Require).password(token);
//!     let (client, connection) = config.connect(tls).await?;
//!     tokio::spawn(connection);
//!     Ok(client)
//! }
//! ```
//!
//! # With Redis clients
//!
//! The token is the password of `AUTH user token`, for a user whose authentication mode is IAM. ElastiCache and MemoryDB
//! close a connection after 12 hours, unless it authenticates again.

use std::net::Ipv6Addr;
use std::time::Duration;

use crate::encoding::percent;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Method, Request, Url};
use crate::session::Session;

/// How long a token is valid: what RDS, ElastiCache and MemoryDB allow, and botocore's default for Aurora DSQL
/// (`signers.py`).
const DEFAULT_EXPIRES: Duration = Duration::from_secs(900);

/// Creates an IAM authentication token for a database of RDS or Aurora, valid for 15 minutes. The token is the password
/// of the user `username`, and a secret.
///
/// `region` is that of the database; by default the session's.
///
/// ```no_run
/// # async fn example() -> aws_core::Result<()> {
/// let session = aws_core::Session::builder().region("eu-west-1").build()?;
/// let host = "db.cluster-cx.eu-west-1.rds.amazonaws.com";
/// let password = aws_core::signing::databases::db_auth_token(&session, host, 5432, "me", None).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`ErrorKind::Validation`] if `hostname` is not a host name, [`ErrorKind::Config`] without a region,
/// [`ErrorKind::Credentials`] without credentials, [`ErrorKind::Timeout`] if the session's total timeout ends before there are
/// any.
pub async fn db_auth_token(
    session: &Session,
    hostname: &str,
    port: u16,
    username: &str,
    region: Option<&str>,
) -> Result<String> {
    let query = format!("Action=connect&DBUser={}", percent::encode(username));
    check_host(hostname)?;
    token(session, &format!("{hostname}:{port}"), &query, "rds-db", region, DEFAULT_EXPIRES).await
}

/// Creates an IAM authentication token for a cluster of Aurora DSQL, for a database role other than `admin`. It is
/// valid for `expires`, by default 15 minutes. See [`db_auth_token`].
///
/// # Errors
/// As [`db_auth_token`], and [`ErrorKind::Validation`] unless `expires` is between a second and seven days.
pub async fn db_connect_auth_token(
    session: &Session,
    hostname: &str,
    region: Option<&str>,
    expires: Option<Duration>,
) -> Result<String> {
    check_host(hostname)?;
    token(session, hostname, "Action=DbConnect", "dsql", region, expires.unwrap_or(DEFAULT_EXPIRES)).await
}

/// Creates an IAM authentication token for a cluster of Aurora DSQL, for the role `admin`; otherwise the same as
/// [`db_connect_auth_token`].
///
/// # Errors
/// As [`db_connect_auth_token`].
pub async fn db_connect_admin_auth_token(
    session: &Session,
    hostname: &str,
    region: Option<&str>,
    expires: Option<Duration>,
) -> Result<String> {
    check_host(hostname)?;
    token(session, hostname, "Action=DbConnectAdmin", "dsql", region, expires.unwrap_or(DEFAULT_EXPIRES)).await
}

/// Creates an IAM authentication token for a replication group of ElastiCache, by its id, valid for 15 minutes. It is the
/// password of the user `user`. See [`elasticache_serverless_auth_token`] for a serverless cache.
///
/// # Errors
/// As [`db_auth_token`].
pub async fn elasticache_auth_token(
    session: &Session,
    cache_name: &str,
    user: &str,
    region: Option<&str>,
) -> Result<String> {
    check_host(cache_name)?;
    token(session, cache_name, &connect_query(user, ""), "elasticache", region, DEFAULT_EXPIRES).await
}

/// Creates an IAM authentication token for a serverless cache of ElastiCache, by its name; otherwise the same as
/// [`elasticache_auth_token`].
///
/// # Errors
/// As [`db_auth_token`].
pub async fn elasticache_serverless_auth_token(
    session: &Session,
    cache_name: &str,
    user: &str,
    region: Option<&str>,
) -> Result<String> {
    check_host(cache_name)?;
    let query = connect_query(user, "&ResourceType=ServerlessCache");
    token(session, cache_name, &query, "elasticache", region, DEFAULT_EXPIRES).await
}

/// Creates an IAM authentication token for a cluster of MemoryDB, by its name, valid for 15 minutes. It is the password of
/// the user `user`.
///
/// # Errors
/// As [`db_auth_token`].
pub async fn memorydb_auth_token(
    session: &Session,
    cluster_name: &str,
    user: &str,
    region: Option<&str>,
) -> Result<String> {
    check_host(cluster_name)?;
    token(session, cluster_name, &connect_query(user, ""), "memorydb", region, DEFAULT_EXPIRES).await
}

fn connect_query(user: &str, more: &str) -> String {
    format!("Action=connect&User={}{more}", percent::encode(user))
}

/// Checks a name of a host, a cluster or a cache: it becomes a part of a URL.
fn check_host(host: &str) -> Result<()> {
    let is_allowed = |it: u8| it.is_ascii_alphanumeric() || b".-_".contains(&it);
    let address = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    match address.map(str::parse::<Ipv6Addr>) {
        Some(address) if address.is_ok() => Ok(()),
        None if !host.is_empty() && host.bytes().all(is_allowed) => Ok(()),
        _ => {
            let why = format!("invalid host {host:?}: expected a name without scheme, user, port and path");
            Err(Error::new(ErrorKind::Validation, why))
        }
    }
}

async fn token(
    session: &Session,
    authority: &str,
    query: &str,
    service: &str,
    region: Option<&str>,
    expires: Duration,
) -> Result<String> {
    const SCHEME: &str = "https://";
    let mut request = Request::new(Method::GET, Url::parse(format!("{SCHEME}{authority}/?{query}"))?);
    let signer = session.signer(service);
    match region {
        Some(region) => signer.region(region),
        None => signer,
    }
    .presign(&mut request, expires)
    .await?;
    Ok(request.url.as_str()[SCHEME.len()..].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Environment;
    use crate::credentials::Anonymous;
    use crate::credentials::Credentials;
    use crate::session::{Session, SessionBuilder};
    use crate::testing::FixedClock;

    fn session() -> SessionBuilder {
        Session::builder()
            .environment(Environment::empty())
            .region("us-east-1")
            .credentials(Credentials::new("akid", "skid"))
            // 2016-11-07T17:39:33Z.
            .clock(FixedClock::from_secs(1_478_540_373).clock())
    }

    /// Created with botocore 1.44.5 from the same credentials at the same time.
    const RDS: &str = "prod-instance.us-east-1.rds.amazonaws.com:3306/?Action=connect&DBUser=my%20user\
        &X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=akid%2F20161107%2Fus-east-1%2Frds-db%2Faws4_request\
        &X-Amz-Date=20161107T173933Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host\
        &X-Amz-Signature=a54e5f618dcebdf81ddf3b39287f77fa06335286f762723641be3405376854e6";
    const DSQL: &str = "c.dsql.us-east-1.on.aws/?Action=DbConnect\
        &X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=akid%2F20161107%2Fus-east-1%2Fdsql%2Faws4_request\
        &X-Amz-Date=20161107T173933Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host\
        &X-Amz-Signature=8349190b7d985c7214d34ce58643cf2678dd0a98d7508f5f9ebef5dd0ee621b7";
    const ADMIN: &str = "c.example/?Action=DbConnectAdmin\
        &X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=akid%2F20161107%2Feu-west-1%2Fdsql%2Faws4_request\
        &X-Amz-Date=20161107T173933Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host\
        &X-Amz-Signature=eccc123f57f3d9d57ecfe8c9d597e533809a22d2f6534bd1866df10a7a24fd7c";

    #[tokio::test]
    async fn tokens_are_equal_to_those_of_botocore() {
        let session = session().build().unwrap();
        let host = "prod-instance.us-east-1.rds.amazonaws.com";
        assert_eq!(db_auth_token(&session, host, 3306, "my user", None).await.unwrap(), RDS);
        assert_eq!(db_connect_auth_token(&session, "c.dsql.us-east-1.on.aws", None, None).await.unwrap(), DSQL);
        let (region, expires) = (Some("eu-west-1"), Some(Duration::from_secs(60)));
        assert_eq!(db_connect_admin_auth_token(&session, "c.example", region, expires).await.unwrap(), ADMIN);
    }

    /// Created with botocore's `RequestSigner` as ElastiCache's documentation shows it, at the same time.
    const CACHES: [&str; 3] = [
        "my-cache/?Action=connect&User=me\
         &X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=akid%2F20161107%2Fus-east-1%2Felasticache%2Faws4_request\
         &X-Amz-Date=20161107T173933Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host\
         &X-Amz-Signature=b3b4e6ca47e9aea9daafe59bd6d505ab5c8462d4bcadfdbd1c0ceb3ff590114e",
        "my-cache/?Action=connect&User=me&ResourceType=ServerlessCache\
         &X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=akid%2F20161107%2Fus-east-1%2Felasticache%2Faws4_request\
         &X-Amz-Date=20161107T173933Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host\
         &X-Amz-Signature=2e73a31cb56b60219d55fb982ace1e68d77ea798194c5dcbff3cba829f6c6a4a",
        "my-cluster/?Action=connect&User=a%20b\
         &X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=akid%2F20161107%2Feu-west-1%2Fmemorydb%2Faws4_request\
         &X-Amz-Date=20161107T173933Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host\
         &X-Amz-Security-Token=the%2Ftoken%2B%3D\
         &X-Amz-Signature=c21ddea6b95936c548a2d7c96446f8c289c1c62e61ad61a7141f784fd9a2c63a",
    ];

    #[tokio::test]
    async fn tokens_of_caches_are_equal_to_those_of_botocore() {
        let temporary = Credentials::new("akid", "skid").with_session_token("the/token+=");
        let (plain, temporary) = (session().build().unwrap(), session().credentials(temporary).build().unwrap());
        let tokens = [
            elasticache_auth_token(&plain, "my-cache", "me", None).await.unwrap(),
            elasticache_serverless_auth_token(&plain, "my-cache", "me", None).await.unwrap(),
            memorydb_auth_token(&temporary, "my-cluster", "a b", Some("eu-west-1")).await.unwrap(),
        ];
        assert_eq!(tokens, CACHES);
    }

    #[tokio::test]
    async fn invalid_hosts_and_missing_regions_or_credentials_are_rejected() {
        let valid = session().build().unwrap();
        db_auth_token(&valid, "[::1]", 1, "u", None).await.unwrap();
        for host in ["a/b", "a b", "me@a", "a?b", "", "a:1", "[a", "[]", "::1", "a[::1]"] {
            let error = db_auth_token(&valid, host, 1, "u", None).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Validation, "{host}: {error}");
        }
        let no_region = Session::builder()
            .environment(Environment::empty())
            .credentials(Credentials::new("a", "s"))
            .build()
            .unwrap();
        let error = db_auth_token(&no_region, "h", 1, "u", None).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        let anonymous = session().credentials(Anonymous).build().unwrap();
        let error = db_connect_auth_token(&anonymous, "h", None, None).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials);
        let error = db_connect_auth_token(&valid, "h", None, Some(Duration::ZERO)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Validation);
    }
}
