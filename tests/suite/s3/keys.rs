//! Keys with unusual characters, and listings of keys in pages.

use aws_core::make;
use aws_core::testing::Reply;
use aws_s3::types::{Delete, ObjectIdentifier};

use super::{Fixture, on_every_server, read_string};
use crate::lifecycle::ScriptedS3;

/// Keys with characters that must be escaped in a path, a query, a header or XML, each in another notation.
const UNUSUAL_KEYS: [&str; 14] = [
    "plain.txt",
    "a b",
    "a+b",
    "a%20b",
    "a&b<c>d\"e'f",
    "ünï/cödé/日本語/🦀",
    "a//b",
    "trailing/",
    "?q=1#frag",
    "semi;colon,comma:at@=",
    "~tilde*star(paren)!",
    "back\\slash|pipe^`{}[]",
    "tab\there",
    "dots.../..x/.y",
];

#[tokio::test]
async fn keys_with_unusual_characters_are_written_read_listed_and_deleted() {
    on_every_server(async |Fixture { s3, bucket, .. }| {
        for key in UNUSUAL_KEYS {
            s3.put_object(&bucket, key).body(key).send().await?;
            assert_eq!(read_string(&s3, &bucket, key).await?, key, "{key:?}");
            s3.head_object(&bucket, key).send().await?;
        }
        let mut listed: Vec<_> =
            s3.list_objects_v2(&bucket).send().await?.contents.into_iter().filter_map(|it| it.key).collect();
        listed.sort();
        let mut expect = UNUSUAL_KEYS.to_vec();
        expect.sort_unstable();
        assert_eq!(listed, expect);
        let listed_v1: Vec<_> =
            s3.list_objects(&bucket).send().await?.contents.into_iter().filter_map(|it| it.key).collect();
        assert_eq!(listed_v1.len(), UNUSUAL_KEYS.len());
        assert!(UNUSUAL_KEYS.iter().all(|key| listed_v1.iter().any(|it| it == key)), "{listed_v1:?}");

        let page = s3.list_objects_v2(&bucket).prefix("ünï/").delimiter("/").start_after("a b").send().await?;
        assert_eq!(page.common_prefixes.iter().map(|it| it.prefix.as_deref()).collect::<Vec<_>>(), [Some("ünï/cödé/")]);
        assert_eq!((page.prefix.as_deref(), page.delimiter.as_deref()), (Some("ünï/"), Some("/")));
        // A caller who sets the encoding decodes the keys too.
        let raw = s3.list_objects_v2(&bucket).prefix("a b").encoding_type("url").send().await?;
        assert!(
            raw.contents.iter().any(|object| object.key.as_deref().is_some_and(|it| it == "a+b" || it == "a%20b")),
            "{raw:?}"
        );

        let objects = UNUSUAL_KEYS.iter().map(|key| make!(ObjectIdentifier { key: *key }));
        let delete = make!(Delete { objects });
        let gone = s3.delete_objects(&bucket, delete).send().await?;
        assert!(gone.errors.is_empty(), "{:?}", gone.errors);
        assert_eq!(gone.deleted.len(), UNUSUAL_KEYS.len());
        let left: Vec<_> =
            s3.list_objects_v2(&bucket).send().await?.contents.into_iter().filter_map(|it| it.key).collect();
        assert_eq!(left, <[String; 0]>::default());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn pages_items_and_resumed_listings_return_every_key_once() {
    on_every_server(async |Fixture { s3, bucket, .. }| {
        let keys: Vec<String> = (0..7).map(|it| format!("k {it}")).collect();
        for key in &keys {
            s3.put_object(&bucket, key).body("x").send().await?;
        }
        let names = |items: Vec<aws_s3::types::Object>| items.into_iter().filter_map(|it| it.key).collect::<Vec<_>>();
        let list = || s3.list_objects_v2(&bucket);

        let mut pages = list().pages().page_size(3);
        let mut sizes = Vec::new();
        for _ in 0..4 {
            sizes.extend(pages.try_next().await?.map(|it| it.contents.len()));
        }
        assert_eq!(sizes, [3, 3, 1]);
        assert_eq!(names(list().items().page_size(2).try_collect().await?), keys);
        assert_eq!(names(list().max_keys(2).items().try_collect().await?), keys);
        assert_eq!(names(list().items().limit(4).page_size(3).try_collect().await?), keys[..4]);
        assert_eq!(names(list().items().limit(0).try_collect().await?), <[String; 0]>::default());
        // ListObjects returns a token for the next page only with a delimiter. Otherwise the last key is the token.
        let objects = s3.list_objects(&bucket).items().page_size(2).try_collect().await?;
        assert_eq!(names(objects), keys);
        let none = s3.list_objects_v2(&bucket).prefix("zzz").items().try_collect().await?;
        assert!(none.is_empty());

        // A listing that stops after every item and continues with the resume token returns every item.
        for size in [1, 2, 3, 100] {
            let mut found = Vec::new();
            let mut token: Option<String> = None;
            for _ in 0..=keys.len() {
                let mut items = list().items().page_size(size).limit(1);
                if let Some(token) = &token {
                    items = items.starting_token(token);
                }
                match items.try_next().await? {
                    Some(item) => found.extend(item.key),
                    None => break,
                }
                token = items.resume_token();
                if token.is_none() {
                    break;
                }
            }
            assert_eq!(found, keys, "pages of {size}");
        }
        let wrong = list().items().starting_token("no token").try_next().await.expect_err("an invalid token");
        assert_eq!(wrong.kind(), aws_core::ErrorKind::Pagination);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn keys_are_escaped_in_xml_requests_and_unescaped_in_responses() {
    let keys = ["a&b<c>\"'", "new\nline", "carriage\rreturn\r\n", "tab\t", " blanks ", "ünï🦀"];
    let objects = keys.iter().map(|key| make!(ObjectIdentifier { key: *key }));
    let delete = make!(Delete { objects });
    let response = "<DeleteResult><Deleted><Key>carriage&#xD;return&#13;&#10;</Key></Deleted>\
                  <Error><Key> &lt;a&gt; </Key><Code>AccessDenied</Code></Error></DeleteResult>";
    let scripted = ScriptedS3::new([Reply::ok(response)]);
    let output = scripted.s3.delete_objects("logs", delete).send().await.expect("a response");
    assert_eq!(output.deleted[0].key.as_deref(), Some("carriage\rreturn\r\n"));
    assert_eq!(output.errors[0].key.as_deref(), Some(" <a> "));
    let sent = String::from_utf8(scripted.only_request().body.to_vec()).expect("text");
    for escaped in ["a&amp;b&lt;c&gt;", "new&#xA;line", "carriage&#xD;return&#xD;&#xA;", "> blanks <", "ünï🦀"] {
        assert!(sent.contains(escaped), "{escaped}: {sent}");
    }
    assert!(!sent.contains('\r') && !sent.contains("new\nline"), "{sent}");
}
