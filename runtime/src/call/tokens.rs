//! Passwords made of credentials: a database takes a presigned URL, without its scheme, as a password. Nobody is asked;
//! the URL leads nowhere.

use std::time::Duration;

use super::core::Provider;
use crate::auth::{Payload, SigV4, Signer, SigningParams};
use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Method, Request, Url};
use crate::text::percent;

/// How long a token is good to log in with: what RDS allows, and what botocore asks of Aurora DSQL.
const LIFE: Duration = Duration::from_secs(900);

/// A password for a database of RDS or Aurora that lets IAM users in, good to log in with for 15 minutes.
///
/// `region` is that of the database, and by default the session's. The token is a secret. Only looks the credentials up.
///
/// ```no_run
/// # async fn example() -> aws_core::Result<()> {
/// let session = aws_core::Session::builder().region("eu-west-1").build()?;
/// let host = "db.cluster-cx.eu-west-1.rds.amazonaws.com";
/// let password = aws_core::call::tokens::db_auth_token(&session, host, 5432, "me", None).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`ErrorKind::Validation`] for a name that is no host's, [`ErrorKind::Config`] without a region,
/// [`ErrorKind::Credentials`] without credentials.
pub async fn db_auth_token(
    session: &dyn Provider,
    hostname: &str,
    port: u16,
    username: &str,
    region: Option<&str>,
) -> Result<String> {
    let query = format!("Action=connect&DBUser={}", percent::encode(username));
    token(session, &format!("{hostname}:{port}"), &query, "rds-db", region, LIFE).await
}

/// A password for a cluster of Aurora DSQL, for a role of the database's own; good for `expires`, by default 15 minutes.
///
/// # Errors
/// As [`db_auth_token`], and [`ErrorKind::Validation`] unless `expires` is between a second and seven days.
pub async fn db_connect_auth_token(
    session: &dyn Provider,
    hostname: &str,
    region: Option<&str>,
    expires: Option<Duration>,
) -> Result<String> {
    token(session, hostname, "Action=DbConnect", "dsql", region, expires.unwrap_or(LIFE)).await
}

/// A password for a cluster of Aurora DSQL, for its administrator; else as [`db_connect_auth_token`].
///
/// # Errors
/// As [`db_connect_auth_token`].
pub async fn db_connect_admin_auth_token(
    session: &dyn Provider,
    hostname: &str,
    region: Option<&str>,
    expires: Option<Duration>,
) -> Result<String> {
    token(session, hostname, "Action=DbConnectAdmin", "dsql", region, expires.unwrap_or(LIFE)).await
}

async fn token(
    session: &dyn Provider,
    authority: &str,
    query: &str,
    service: &str,
    region: Option<&str>,
    expires: Duration,
) -> Result<String> {
    const SCHEME: &str = "https://";
    let plain = |it: u8| it.is_ascii_alphanumeric() || b".-_:[]".contains(&it);
    if authority.is_empty() || authority.starts_with(':') || !authority.bytes().all(plain) {
        let why = format!("a database is named by its host alone, which {authority:?} is not");
        return Err(Error::new(ErrorKind::Validation, why));
    }
    let url = Url::parse(format!("{SCHEME}{authority}/?{query}"))?;
    let region = match region {
        Some(region) => region,
        None => session.config()?.region.as_deref().ok_or_else(|| {
            Error::new(ErrorKind::Config, "no region to sign the token for: name one, or give the session one")
        })?,
    };
    let credentials = credentials(session).await?;
    let mut request = Request::new(Method::GET, url);
    let params =
        SigningParams { payload: Payload::Empty, ..SigningParams::new(region, service, session.clock().now()) };
    SigV4::new().presign(&mut request, &credentials, &params, expires)?;
    Ok(request.url.as_str()[SCHEME.len()..].to_owned())
}

async fn credentials(session: &dyn Provider) -> Result<Credentials> {
    let provider = session.credentials()?;
    match provider.cached() {
        Some(credentials) => Ok(credentials),
        None => provider.provide().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Environment;
    use crate::credentials::Anonymous;
    use crate::session::{Session, SessionBuilder};
    use crate::test_util::FixedClock;

    fn session() -> SessionBuilder {
        Session::builder()
            .environment(Environment::empty())
            .region("us-east-1")
            .credentials(Credentials::new("akid", "skid"))
            // 2016-11-07T17:39:33Z.
            .clock(FixedClock::at_epoch(1_478_540_373).clock())
    }

    /// Made with botocore 1.44.5 from the same credentials at the same time.
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
    async fn as_botocore_makes_them() {
        let session = session().build().unwrap();
        let host = "prod-instance.us-east-1.rds.amazonaws.com";
        assert_eq!(db_auth_token(&session, host, 3306, "my user", None).await.unwrap(), RDS);
        assert_eq!(db_connect_auth_token(&session, "c.dsql.us-east-1.on.aws", None, None).await.unwrap(), DSQL);
        let (region, life) = (Some("eu-west-1"), Some(Duration::from_secs(60)));
        assert_eq!(db_connect_admin_auth_token(&session, "c.example", region, life).await.unwrap(), ADMIN);
    }

    #[tokio::test]
    async fn refusals() {
        let sound = session().build().unwrap();
        for host in ["a/b", "a b", "me@a", "a?b", ""] {
            let error = db_auth_token(&sound, host, 1, "u", None).await.unwrap_err();
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
        let error = db_connect_auth_token(&sound, "h", None, Some(Duration::ZERO)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Validation);
    }
}
