//! object_store's own suite for the authors of stores, against moto, and against `VERIFY_ENDPOINT` if that is set, whose
//! server checks signatures.

use aws_core::make;
use aws_s3::Client;
use aws_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use aws_s3_object_store::S3Store;
use moto::{Endpoint, Moto};
use object_store::ObjectStoreExt;
use object_store::integration as suite;
use object_store::path::Path;

/// The stores to test: one bucket for each, one of them with versions.
async fn stores(name: &str) -> Vec<S3Store> {
    let moto = Endpoint::of(Moto::shared().expect("moto"));
    let mut stores = Vec::new();
    for endpoint in [moto].into_iter().chain(Endpoint::verifying()) {
        // One connection: moto looks at a condition and acts on it without a lock.
        let session = endpoint.builder("us-east-1").max_connections(1).build().expect("a session");
        let client = Client::new(&session);
        for versioned in [false, true] {
            let bucket = format!("{name}-{}-{}", std::process::id(), stores.len());
            moto::create_bucket(&session, &bucket, &[]).await.expect("a bucket");
            if versioned {
                let versions = make!(VersioningConfiguration { status: BucketVersioningStatus::ENABLED });
                client.put_bucket_versioning(&bucket, versions).send().await.expect("versions");
            }
            stores.push(S3Store::new(&client, bucket));
        }
    }
    stores
}

macro_rules! on_every_store {
    ($($name:ident: |$store:ident| $test:expr;)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            for $store in &stores(&stringify!($name).replace('_', "-")).await {
                $test;
            }
        }
    )*};
}

on_every_store! {
    put_get_delete_list: |store| suite::put_get_delete_list(store).await;
    conditional_reads: |store| suite::get_opts(store).await;
    conditional_writes: |store| suite::put_opts(store, true).await;
    attributes: |store| suite::put_get_attributes(store).await;
    folders: |store| suite::list_uses_directories_correctly(store).await;
    delimiters: |store| suite::list_with_delimiter(store).await;
    offsets: |store| suite::list_with_offset_exclusivity(store).await;
    pages: |store| suite::list_paginated(store, store).await;
    streams: |store| suite::stream_get(store).await;
    parts: |store| suite::multipart(store, store).await;
    parts_with_options: |store| suite::multipart_with_opts(store, store).await;
    parts_by_number: |store| suite::multipart_put_part_out_of_order(store, store).await;
    parts_out_of_order: |store| suite::multipart_out_of_order(store).await;
    two_uploads_of_one_object: |store| suite::multipart_race_condition(store, true).await;
    copies: |store| suite::rename_and_copy(store).await;
    conditional_copies: |store| suite::copy_if_not_exists(store).await;
    copies_of_nothing: |store| suite::copy_rename_nonexistent_object(store).await;
    reads_of_nothing: |store| {
        let error = suite::get_nonexistent_object(store, None).await.expect_err("no object");
        assert!(matches!(error, object_store::Error::NotFound { .. }), "{error}");
    };
    a_conditional_copy_keeps_attributes_and_tags: |store| keeps_attributes_and_tags(store).await;
    unusual_keys_are_written_read_renamed_and_listed: |store| unusual_keys(store).await;
}

async fn keeps_attributes_and_tags(store: &S3Store) {
    use object_store::{Attribute, Attributes, ObjectStore, PutOptions, TagSet};
    let attributes = Attributes::from_iter([
        (Attribute::ContentType, "text/csv"),
        (Attribute::CacheControl, "max-age=60"),
        (Attribute::Metadata("by".into()), "me"),
    ]);
    let mut tags = TagSet::default();
    tags.push("project", "a b+c");
    let options = PutOptions { attributes: attributes.clone(), tags, ..PutOptions::default() };
    let [from, empty, to, second] = ["from", "empty", "to", "second"].map(Path::from);
    store.put_opts(&from, "content".into(), options).await.expect("a put");
    store.put(&empty, "".into()).await.expect("a put");
    store.copy_if_not_exists(&from, &to).await.expect("a copy");
    store.copy_if_not_exists(&empty, &second).await.expect("a copy of nothing");
    let copy = store.get(&to).await.expect("the copy");
    assert_eq!(copy.attributes, attributes);
    assert_eq!(copy.bytes().await.expect("the content"), "content");
    assert_eq!(store.head(&second).await.expect("the copy").size, 0);
    let tags = store.client().get_object_tagging(store.bucket(), "to").send().await.expect("tags").tag_set;
    let tags: Vec<_> = tags.iter().map(|it| (it.key.as_deref(), it.value.as_deref())).collect();
    assert_eq!(tags, [(Some("project"), Some("a b+c"))]);
}

async fn unusual_keys(store: &S3Store) {
    use futures_util::TryStreamExt;
    use object_store::ObjectStore;
    let names =
        ["a b", "a+b", "a%20b", "a&b<c>d\"e'f", "ünï/日本語/🦀", "?q=1#frag", "semi;colon,comma:at@=", "(star*)!~"];
    let paths = names.map(|name| Path::parse(name).expect("a path"));
    for path in &paths {
        store.put(path, path.to_string().into()).await.expect("a put");
        let read = store.get(path).await.expect("a get").bytes().await.expect("the content");
        assert_eq!(read, path.as_ref());
        let copy = Path::from("copies").join(path.as_ref());
        store.rename(path, &copy).await.expect("a rename");
        store.rename(&copy, path).await.expect("a rename");
    }
    // The marker of a folder has no path.
    store.client().put_object(store.bucket(), "folder/").send().await.expect("a marker");
    let mut listed: Vec<_> = store.list(None).map_ok(|it| it.location).try_collect().await.expect("a listing");
    listed.sort();
    let mut expected = paths.to_vec();
    expected.sort();
    assert_eq!(listed, expected);
}
