//! S3 Control: settings of an account. The account is part of the host name, so an HTTP client that ignores the name is
//! needed to reach a loopback server.

use aws_core::http::{HeaderValue, HttpClient, HttpConfig, HttpError, HyperClient, Request, Response, header};
use aws_core::{BoxFuture, Result, SessionBuilder};
use aws_s3control::Client;
use aws_s3control::error::NoSuchPublicAccessBlockConfiguration;
use aws_s3control::types::PublicAccessBlockConfiguration;
use tests::moto::Server;

use crate::with_settings;

/// Sends every request to one server, with the `Host` header that was signed.
#[derive(Debug)]
struct Loopback {
    client: HyperClient,
    authority: String,
}

impl HttpClient for Loopback {
    fn send(&self, mut request: Request) -> BoxFuture<'_, Result<Response, HttpError>> {
        let name = HeaderValue::from_str(request.url.authority()).expect("a host");
        request.headers.insert(header::HOST, name);
        request.url.set_authority(&self.authority).expect("an authority");
        self.client.send(request)
    }
}

#[tokio::test]
async fn the_public_access_block_of_an_account_is_set_and_deleted() {
    let http = |server: &Server, builder: SessionBuilder| {
        let client = HyperClient::new(&HttpConfig::default()).expect("an HTTP client");
        match server.endpoint.url.strip_prefix("http://") {
            Some(authority) => {
                builder.http_client(Loopback { client, authority: authority.trim_end_matches('/').to_owned() })
            }
            None => builder,
        }
    };
    with_settings(http, async |session| {
        let control = Client::new(&session);
        let account = aws_sts::Client::new(&session).get_caller_identity().send().await?.account.expect("an account");
        let block = PublicAccessBlockConfiguration { block_public_acls: Some(true), ..Default::default() };
        control.put_public_access_block(&account, block).send().await?;
        let found = control.get_public_access_block(&account).send().await?.public_access_block_configuration;
        assert_eq!(found.and_then(|it| it.block_public_acls), Some(true));
        control.delete_public_access_block(&account).send().await?;
        let gone = control.get_public_access_block(&account).send().await.expect_err("nothing is set");
        assert!(gone.is::<NoSuchPublicAccessBlockConfiguration>(), "{gone}");
        Ok(())
    })
    .await;
}
