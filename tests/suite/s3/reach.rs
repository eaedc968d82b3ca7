//! Ways to reach a server: presigned URLs, no credentials, names in the host.

use std::time::Duration;

use aws_core::config::{AddressingStyle, S3Settings};
use aws_core::credentials::Anonymous;
use aws_core::http::{Body, HttpClient, HttpSettings, Method, Request, ReqwestClient, Url};
use aws_core::{Options, PresignedRequest};
use aws_s3::Client;

use tests::moto::Server;

use super::{Scene, everywhere, text};

/// Sends a presigned request with a client that knows nothing of AWS.
async fn plain(server: &Server, presigned: &PresignedRequest, body: &'static str) -> (u16, String) {
    let url = Url::parse(presigned.url()).expect("a URL");
    let mut request = Request::new(presigned.method().clone(), url);
    request.headers = presigned.headers().clone();
    if presigned.method() == Method::PUT {
        request.body = Body::from(body);
    }
    let mut settings = HttpSettings::default();
    settings.ca_bundle.clone_from(&server.ca_bundle);
    let client = ReqwestClient::new(&settings).expect("a client");
    let answer = client.send(request).await.expect("an answer");
    let text = answer.body.collect().await.expect("a body").into_string().expect("text");
    (answer.status.as_u16(), text)
}

#[tokio::test]
async fn presigned() {
    everywhere(async |Scene { server, s3, bucket }| {
        let quarter = Duration::from_secs(900);
        for key in ["a b+c/ä", "plain"] {
            let put = s3
                .put_object(&bucket, key)
                .content_type("text/x-story")
                .metadata([("color", "red")])
                .presign(quarter)
                .await?;
            assert_eq!(plain(&server, &put, "by URL").await.0, 200, "{key}");
            assert_eq!(text(&s3, &bucket, key).await?, "by URL");
            let head = s3.head_object(&bucket, key).send().await?;
            assert_eq!(head.content_type.as_deref(), Some("text/x-story"));
            assert_eq!(head.metadata["color"], "red");
            let get = s3.get_object(&bucket, key).response_content_type("text/plain").presign(quarter).await?;
            assert_eq!(plain(&server, &get, "").await, (200, "by URL".to_owned()), "{key}");
            let head = s3.head_object(&bucket, key).presign(quarter).await?;
            assert_eq!((plain(&server, &head, "").await.0, head.method()), (200, &Method::HEAD), "{key}");
            let list = s3.list_objects_v2(&bucket).prefix(key).presign(quarter).await?;
            let (status, body) = plain(&server, &list, "").await;
            assert!(status == 200 && body.contains("<Contents>"), "{body}");
            let delete = s3.delete_object(&bucket, key).presign(quarter).await?;
            assert_eq!(plain(&server, &delete, "").await.0, 204, "{key}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn anonymous() {
    everywhere(async |Scene { server, s3, bucket }| {
        s3.put_object(&bucket, "k").body("for all").acl("public-read").send().await?;
        if server.verifies {
            return Ok(());
        }
        let session = server.builder("us-east-1").credentials(Anonymous).build()?;
        let nobody = Client::new(&session);
        assert_eq!(text(&nobody, &bucket, "k").await?, "for all");
        let error = nobody.get_object(&bucket, "k").presign(Duration::from_secs(60)).await.expect_err("no keys");
        assert_eq!(error.kind(), aws_core::ErrorKind::Credentials);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn names_in_the_host_or_in_the_path() {
    everywhere(async |Scene { mut server, bucket, .. }| {
        if server.verifies {
            return Ok(());
        }
        // moto takes BUCKET.s3.localhost for a bucket; resolvers find every name under localhost on the loopback.
        server.url = server.url.replace("127.0.0.1", "s3.localhost");
        let resolves = tokio::net::lookup_host(format!("{bucket}.s3.localhost:80")).await.is_ok();
        for style in [AddressingStyle::Path, AddressingStyle::Virtual] {
            if style == AddressingStyle::Virtual && !resolves {
                continue;
            }
            let mut one = server.clone();
            if style == AddressingStyle::Path {
                one.url = one.url.replace("s3.localhost", "127.0.0.1");
            }
            let settings = S3Settings { addressing_style: Some(style), ..Default::default() };
            let s3 = Client::new(&one.builder("us-east-1").s3(settings).build()?);
            s3.put_object(&bucket, "a/b c").body("x").send().await?;
            assert_eq!(text(&s3, &bucket, "a/b c").await?, "x", "{style:?}");
            let url = s3.get_object(&bucket, "a/b c").presign(Duration::from_secs(60)).await?;
            let place = match style {
                AddressingStyle::Path => format!("/{bucket}/a/b%20c?"),
                _ => format!("http://{bucket}.s3.localhost"),
            };
            assert!(url.url().contains(&place), "{style:?} {}", url.url());
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn what_comes_beside_an_answer() {
    everywhere(async |Scene { s3, bucket, .. }| {
        let options = Options::new().header("x-amz-meta-added", "by hand").query("x-id", "PutObject");
        let (_, beside) = s3.put_object(&bucket, "k").body("x").options(options).send_with_metadata().await?;
        assert_eq!((beside.status, beside.attempts), (200, 1));
        assert!(beside.headers.contains_key("etag"));
        assert_eq!(s3.head_object(&bucket, "k").send().await?.metadata["added"], "by hand");
        // A request is a future too.
        assert_eq!(s3.head_object(&bucket, "k").await?.content_length, Some(1));
        Ok(())
    })
    .await;
}
