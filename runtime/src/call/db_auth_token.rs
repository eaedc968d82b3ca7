//! IAM authentication tokens for databases: a presigned URL without its scheme, which the database accepts as a
//! password. The URL is never requested.

use std::time::Duration;

use super::deadline::Deadline;
use super::options::Options;
use super::session_parts::SessionParts;
use crate::auth::{Payload, SigV4, Signer, SigningParams};
use crate::credentials::Credentials;
use crate::encoding::percent;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Method, Request, Url};

/// How long a token is valid: what RDS allows, and botocore's default for Aurora DSQL (`signers.py`).
const DEFAULT_EXPIRES: Duration = Duration::from_secs(900);

/// Creates an IAM authentication token for a database of RDS or Aurora, valid for 15 minutes. The token is the password
/// of the user `username`, and a secret.
///
/// Computed locally; the only I/O is fetching credentials. `region` is that of the database; by default the session's.
///
/// ```no_run
/// # async fn example() -> aws_core::Result<()> {
/// let session = aws_core::Session::builder().region("eu-west-1").build()?;
/// let host = "db.cluster-cx.eu-west-1.rds.amazonaws.com";
/// let password = aws_core::db_auth_token(&session, host, 5432, "me", None).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`ErrorKind::Validation`] if `hostname` is not a host name, [`ErrorKind::Config`] without a region,
/// [`ErrorKind::Credentials`] without credentials.
pub async fn db_auth_token(
    session: &dyn SessionParts,
    hostname: &str,
    port: u16,
    username: &str,
    region: Option<&str>,
) -> Result<String> {
    let query = format!("Action=connect&DBUser={}", percent::encode(username));
    token(session, &format!("{hostname}:{port}"), &query, "rds-db", region, DEFAULT_EXPIRES).await
}

/// Creates an IAM authentication token for a cluster of Aurora DSQL, for a database role other than `admin`. It is
/// valid for `expires`, by default 15 minutes. See [`db_auth_token`].
///
/// # Errors
/// As [`db_auth_token`], and [`ErrorKind::Validation`] unless `expires` is between a second and seven days.
pub async fn db_connect_auth_token(
    session: &dyn SessionParts,
    hostname: &str,
    region: Option<&str>,
    expires: Option<Duration>,
) -> Result<String> {
    token(session, hostname, "Action=DbConnect", "dsql", region, expires.unwrap_or(DEFAULT_EXPIRES)).await
}

/// Creates an IAM authentication token for a cluster of Aurora DSQL, for the role `admin`; otherwise the same as
/// [`db_connect_auth_token`].
///
/// # Errors
/// As [`db_connect_auth_token`].
pub async fn db_connect_admin_auth_token(
    session: &dyn SessionParts,
    hostname: &str,
    region: Option<&str>,
    expires: Option<Duration>,
) -> Result<String> {
    token(session, hostname, "Action=DbConnectAdmin", "dsql", region, expires.unwrap_or(DEFAULT_EXPIRES)).await
}

async fn token(
    session: &dyn SessionParts,
    authority: &str,
    query: &str,
    service: &str,
    region: Option<&str>,
    expires: Duration,
) -> Result<String> {
    const SCHEME: &str = "https://";
    let is_allowed = |it: u8| it.is_ascii_alphanumeric() || b".-_:[]".contains(&it);
    if authority.is_empty() || authority.starts_with(':') || !authority.bytes().all(is_allowed) {
        let why = format!("invalid database host {authority:?}: expected a host name without scheme, user and path");
        return Err(Error::new(ErrorKind::Validation, why));
    }
    let url = Url::parse(format!("{SCHEME}{authority}/?{query}"))?;
    let region = match region {
        Some(region) => region,
        None => session.config()?.region.as_deref().ok_or_else(|| {
            Error::new(ErrorKind::Config, "no region to sign the token for: pass one, or set the region of the session")
        })?,
    };
    let credentials = credentials(session).await?;
    let mut request = Request::new(Method::GET, url);
    let params =
        SigningParams { payload: Payload::Empty, ..SigningParams::new(region, service, session.clock().now()) };
    SigV4::new().presign(&mut request, &credentials, &params, expires)?;
    Ok(request.url.as_str()[SCHEME.len()..].to_owned())
}

async fn credentials(session: &dyn SessionParts) -> Result<Credentials> {
    let provider = session.credentials()?;
    match provider.cached() {
        Some(credentials) => Ok(credentials),
        None => {
            let deadline = Deadline::start(session, &Options::default())?;
            deadline.limit_credentials(&**provider, provider.provide()).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Environment;
    use crate::credentials::Anonymous;
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

    #[tokio::test]
    async fn invalid_hosts_and_missing_regions_or_credentials_are_rejected() {
        let valid = session().build().unwrap();
        for host in ["a/b", "a b", "me@a", "a?b", ""] {
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
