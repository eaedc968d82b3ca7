//! Keys of every kind, and listings of them in pages.

use aws_s3::types::{Delete, ObjectIdentifier};

use super::{Scene, everywhere, text};

/// Keys that paths, queries, headers and XML each spoil in their own way.
const ODD: [&str; 14] = [
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
async fn odd_keys() {
    everywhere(async |Scene { s3, bucket, .. }| {
        for key in ODD {
            s3.put_object(&bucket, key).body(key).send().await?;
            assert_eq!(text(&s3, &bucket, key).await?, key, "{key:?}");
            s3.head_object(&bucket, key).send().await?;
        }
        let mut listed: Vec<_> =
            s3.list_objects_v2(&bucket).send().await?.contents.into_iter().filter_map(|it| it.key).collect();
        listed.sort();
        let mut expect = ODD.to_vec();
        expect.sort_unstable();
        assert_eq!(listed, expect);
        let old: Vec<_> = s3.list_objects(&bucket).send().await?.contents.into_iter().filter_map(|it| it.key).collect();
        assert_eq!(old.len(), ODD.len());
        assert!(ODD.iter().all(|it| old.iter().any(|old| old == it)), "{old:?}");

        let page = s3.list_objects_v2(&bucket).prefix("ünï/").delimiter("/").start_after("a b").send().await?;
        assert_eq!(page.common_prefixes.iter().map(|it| it.prefix.as_deref()).collect::<Vec<_>>(), [Some("ünï/cödé/")]);
        assert_eq!((page.prefix.as_deref(), page.delimiter.as_deref()), (Some("ünï/"), Some("/")));
        // The caller asked for the encoding: then decoding is the caller's too.
        let raw = s3.list_objects_v2(&bucket).prefix("a b").encoding_type("url").send().await?;
        assert!(
            raw.contents.iter().any(|it| it.key.as_deref().is_some_and(|it| it == "a+b" || it == "a%20b")),
            "{raw:?}"
        );

        let objects = ODD.iter().map(|key| ObjectIdentifier { key: Some((*key).to_owned()), ..Default::default() });
        let delete = Delete { objects: Some(objects.collect()), ..Default::default() };
        let gone = s3.delete_objects(&bucket, delete).send().await?;
        assert!(gone.errors.is_empty(), "{:?}", gone.errors);
        assert_eq!(gone.deleted.len(), ODD.len());
        let left: Vec<_> =
            s3.list_objects_v2(&bucket).send().await?.contents.into_iter().filter_map(|it| it.key).collect();
        assert_eq!(left, <[String; 0]>::default());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn pages() {
    everywhere(async |Scene { s3, bucket, .. }| {
        let keys: Vec<String> = (0..7).map(|it| format!("k {it}")).collect();
        for key in &keys {
            s3.put_object(&bucket, key).body("x").send().await?;
        }
        let names = |items: Vec<aws_s3::types::Object>| items.into_iter().filter_map(|it| it.key).collect::<Vec<_>>();
        let list = || s3.list_objects_v2(&bucket);

        let mut pages = list().pages().page_size(3);
        let mut sizes = Vec::new();
        while let Some(page) = pages.try_next().await? {
            sizes.push(page.contents.len());
        }
        assert_eq!(sizes, [3, 3, 1]);
        assert_eq!(names(list().items().page_size(2).try_collect().await?), keys);
        assert_eq!(names(list().max_keys(2).items().try_collect().await?), keys);
        assert_eq!(names(list().items().limit(4).page_size(3).try_collect().await?), keys[..4]);
        assert_eq!(names(list().items().limit(0).try_collect().await?), <[String; 0]>::default());
        // The old operation names its next page only with a delimiter: else the last key leads on.
        let old = s3.list_objects(&bucket).items().page_size(2).try_collect().await?;
        assert_eq!(names(old), keys);
        let none = s3.list_objects_v2(&bucket).prefix("zzz").items().try_collect().await?;
        assert!(none.is_empty());

        // Stopping after every single item, and going on with the token, loses none.
        for size in [1, 2, 3, 100] {
            let mut found = Vec::new();
            let mut token: Option<String> = None;
            loop {
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
        let wrong = list().items().starting_token("no token").try_next().await.expect_err("no token");
        assert_eq!(wrong.kind(), aws_core::ErrorKind::Pagination);
        Ok(())
    })
    .await;
}
