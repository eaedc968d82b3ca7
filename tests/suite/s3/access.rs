//! Access to a server by presigned URLs, without credentials, and with the bucket in the host or in the path.

use std::time::Duration;

use aws_core::config::{AddressingStyle, S3Config};
use aws_core::credentials::Anonymous;
use aws_core::http::{Body, HttpClient, HttpConfig, HyperClient, Method, Request, Url};
use aws_core::{Options, PresignedRequest};
use aws_s3::Client;

use tests::moto::Server;

use super::{Fixture, on_every_server, read_string};

/// Sends a presigned request with a plain HTTP client. Returns the status and the body of the response.
async fn send_plain(server: &Server, presigned: &PresignedRequest, body: &'static str) -> (u16, String) {
    let url = Url::parse(presigned.url()).expect("a URL");
    let mut request = Request::new(presigned.method().clone(), url);
    request.headers = presigned.headers().clone();
    if presigned.method() == Method::PUT {
        request.body = Body::from(body);
    }
    let mut settings = HttpConfig::default();
    settings.ca_bundle.clone_from(&server.endpoint.ca_bundle);
    settings.http2 = server.http2;
    let client = HyperClient::new(&settings).expect("a client");
    let response = client.send(request).await.expect("a response");
    let text = response.body.collect().await.expect("a body").into_string().expect("text");
    (response.status.as_u16(), text)
}

#[tokio::test]
async fn presigned_urls_work_with_a_plain_http_client() {
    on_every_server(async |Fixture { server, s3, bucket }| {
        let expires = Duration::from_secs(900);
        for key in ["a b+c/ä", "plain"] {
            let put = s3
                .put_object(&bucket, key)
                .content_type("text/x-story")
                .metadata([("color", "red")])
                .presign(expires)
                .await?;
            assert_eq!(send_plain(&server, &put, "by URL").await.0, 200, "{key}");
            assert_eq!(read_string(&s3, &bucket, key).await?, "by URL");
            let head = s3.head_object(&bucket, key).send().await?;
            assert_eq!(head.content_type.as_deref(), Some("text/x-story"));
            assert_eq!(head.metadata["color"], "red");
            let get = s3.get_object(&bucket, key).response_content_type("text/plain").presign(expires).await?;
            assert_eq!(send_plain(&server, &get, "").await, (200, "by URL".to_owned()), "{key}");
            let head = s3.head_object(&bucket, key).presign(expires).await?;
            assert_eq!((send_plain(&server, &head, "").await.0, head.method()), (200, &Method::HEAD), "{key}");
            let list = s3.list_objects_v2(&bucket).prefix(key).presign(expires).await?;
            let (status, body) = send_plain(&server, &list, "").await;
            assert!(status == 200 && body.contains("<Contents>"), "{body}");
            let delete = s3.delete_object(&bucket, key).presign(expires).await?;
            assert_eq!(send_plain(&server, &delete, "").await.0, 204, "{key}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn anonymous_clients_read_public_objects_and_cannot_presign() {
    on_every_server(async |Fixture { server, s3, bucket }| {
        s3.put_object(&bucket, "k").body("for all").acl("public-read").send().await?;
        if server.verifies {
            return Ok(());
        }
        let session = server.builder("us-east-1").credentials(Anonymous).build()?;
        let anonymous = Client::new(&session);
        assert_eq!(read_string(&anonymous, &bucket, "k").await?, "for all");
        let error =
            anonymous.get_object(&bucket, "k").presign(Duration::from_secs(60)).await.expect_err("no credentials");
        assert_eq!(error.kind(), aws_core::ErrorKind::Credentials);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn buckets_are_reached_in_the_host_and_in_the_path() {
    on_every_server(async |Fixture { mut server, bucket, .. }| {
        if server.verifies {
            return Ok(());
        }
        // moto reads the bucket from the host BUCKET.s3.localhost. Most resolvers map every name under localhost to the
        // loopback address.
        server.endpoint.url = server.endpoint.url.replace("127.0.0.1", "s3.localhost");
        let resolves = tokio::net::lookup_host(format!("{bucket}.s3.localhost:80")).await.is_ok();
        for style in [AddressingStyle::Path, AddressingStyle::Virtual] {
            if style == AddressingStyle::Virtual && !resolves {
                continue;
            }
            let mut styled = server.clone();
            if style == AddressingStyle::Path {
                styled.endpoint.url = styled.endpoint.url.replace("s3.localhost", "127.0.0.1");
            }
            let settings = S3Config::new().addressing_style(style);
            let s3 = Client::new(&styled.builder("us-east-1").s3(settings).build()?);
            s3.put_object(&bucket, "a/b c").body("x").send().await?;
            assert_eq!(read_string(&s3, &bucket, "a/b c").await?, "x", "{style:?}");
            let url = s3.get_object(&bucket, "a/b c").presign(Duration::from_secs(60)).await?;
            let expect = match style {
                AddressingStyle::Path => format!("/{bucket}/a/b%20c?"),
                _ => format!("http://{bucket}.s3.localhost"),
            };
            assert!(url.url().contains(&expect), "{style:?} {}", url.url());
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn send_with_metadata_returns_status_attempts_and_headers() {
    on_every_server(async |Fixture { s3, bucket, .. }| {
        let options = Options::new().header("x-amz-meta-added", "by hand").query("x-id", "PutObject");
        let (_, metadata) = s3.put_object(&bucket, "k").body("x").with_options(options).send_with_metadata().await?;
        assert_eq!((metadata.status, metadata.attempts), (200, 1));
        assert!(metadata.headers.contains_key("etag"));
        assert_eq!(s3.head_object(&bucket, "k").send().await?.metadata["added"], "by hand");
        // A request is a future too.
        assert_eq!(s3.head_object(&bucket, "k").await?.content_length, Some(1));
        Ok(())
    })
    .await;
}
