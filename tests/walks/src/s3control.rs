//! S3 Control: what holds for an account. The account is part of the host's name, so that a server on the loopback has to
//! be reached by an HTTP client that goes there whatever the name.

use aws_core::Result;
use aws_core::http::{
    BoxFuture, HeaderValue, HttpClient, HttpError, HttpSettings, Request, ReqwestClient, Response, header,
};
use aws_s3control::Client;
use aws_s3control::error::NoSuchPublicAccessBlockConfiguration;
use aws_s3control::types::PublicAccessBlockConfiguration;
use tests::moto;

/// Sends every request to one server, under the name that it was signed for.
#[derive(Debug)]
struct Loopback {
    client: ReqwestClient,
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
async fn client() -> Result<()> {
    for server in moto::servers() {
        let Some(authority) = server.url.strip_prefix("http://") else { continue };
        let client = ReqwestClient::new(&HttpSettings::default())?;
        let http = Loopback { client, authority: authority.trim_end_matches('/').to_owned() };
        let session = server.builder("us-east-1").http_client(http).build()?;
        let control = Client::new(&session);
        let account = aws_sts::Client::new(&session).get_caller_identity().send().await?.account.expect("an account");
        let block = PublicAccessBlockConfiguration { block_public_acls: Some(true), ..Default::default() };
        control.put_public_access_block(block, &account).send().await?;
        let found = control.get_public_access_block(&account).send().await?.public_access_block_configuration;
        assert_eq!(found.and_then(|it| it.block_public_acls), Some(true));
        control.delete_public_access_block(&account).send().await?;
        let gone = control.get_public_access_block(&account).send().await.expect_err("nothing is set");
        assert!(gone.is::<NoSuchPublicAccessBlockConfiguration>(), "{gone}");
    }
    Ok(())
}
