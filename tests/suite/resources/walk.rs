//! Smoke tests of every kind of resource of S3, on every available server.

use aws_core::{ErrorKind, make};
use aws_s3::types::{
    BucketCannedAcl, BucketLifecycleConfiguration, BucketLoggingStatus, CompletedMultipartUpload, CompletedPart,
    CorsConfiguration, CorsRule, ErrorDocument, ExpirationStatus, IndexDocument, LifecycleExpiration, LifecycleRule,
    LifecycleRuleFilter, NotificationConfiguration, ObjectCannedAcl, RequestPaymentConfiguration, Tag, Tagging,
    WebsiteConfiguration,
};
use aws_s3_resource::{Bucket, S3};
use tests::moto;

/// Runs a walk on every available server, with a new bucket.
async fn on_every_server(walk: impl AsyncFn(S3, Bucket) -> aws_core::Result<()>) {
    for server in moto::servers() {
        let s3 = S3::new(&server.session("us-east-1"));
        let bucket = s3.create_bucket(moto::unique("walk")).send().await.expect("a bucket");
        moto::finish(server.name, walk(s3, bucket)).await;
    }
}

#[tokio::test]
async fn buckets_and_objects_are_created_loaded_listed_and_deleted() {
    on_every_server(async |s3, bucket| {
        bucket.wait_until_exists().await?;
        let loaded = bucket.load().await?;
        assert!(loaded.creation_date().is_some());
        assert_eq!(loaded.name(), bucket.name());
        let mut buckets = s3.buckets();
        let mut found = false;
        while let Some(it) = buckets.try_next().await? {
            found |= it.resource() == &bucket && it.creation_date().is_some();
        }
        assert!(found);

        let object = bucket.put_object("a/1.txt").with(|it| it.body("one").content_type("text/x-one")).send().await?;
        assert_eq!((object.bucket_name(), object.key()), (bucket.name(), "a/1.txt"));
        assert_eq!(object, bucket.object("a/1.txt"));
        object.wait_until_exists().await?;
        let mut loaded = object.load().await?;
        assert_eq!((loaded.content_length(), loaded.content_type()), (Some(3), Some("text/x-one")));
        loaded.put().body("longer").send().await?;
        assert_eq!(loaded.content_length(), Some(3));
        loaded.reload().await?;
        assert_eq!(loaded.content_length(), Some(6));
        assert_eq!(object.get().send().await?.body.collect().await?.into_string()?, "longer");

        let copy = bucket.object("b.txt");
        copy.copy_from(format!("{}/a/1.txt", bucket.name())).send().await?;
        let summary = s3.object_summary(bucket.name(), "b.txt").load().await?;
        assert_eq!((summary.size(), summary.object()), (Some(6), copy.clone()));
        let found = bucket.objects().filter(|it| it.prefix("a/")).try_collect().await?;
        assert_eq!(found.iter().map(|it| (it.key(), it.size())).collect::<Vec<_>>(), [("a/1.txt", Some(6))]);

        let nothing = bucket.object("nothing").load().await;
        assert!(nothing.is_err_and(|it| it.is::<aws_s3::error::NotFound>()));
        copy.delete().send().await?;
        copy.wait_until_not_exists().await?;
        let acl = object.acl();
        acl.put().acl(ObjectCannedAcl::PUBLIC_READ).send().await?;
        assert!(acl.load().await?.grants().len() > 1);
        assert_eq!(acl.object(), object);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn versions_are_listed_and_batches_delete_across_pages() {
    on_every_server(async |_, bucket| {
        bucket.versioning().enable().send().await?;
        assert_eq!(bucket.versioning().load().await?.status().map(|it| it.as_str()), Some("Enabled"));
        for text in ["one", "two"] {
            bucket.put_object("key").with(|it| it.body(text)).await?;
        }
        bucket.object("key").delete().send().await?;
        let versions = bucket.object_versions().try_collect().await?;
        assert_eq!(versions.iter().filter(|it| it.is_delete_marker()).count(), 1);
        let oldest = versions.iter().rfind(|it| !it.is_delete_marker()).expect("a version");
        assert_eq!(oldest.get().send().await?.body.collect().await?.into_string()?, "one");
        assert_eq!(oldest.head().send().await?.content_length, Some(3));
        assert_eq!(oldest.object(), bucket.object("key"));

        let responses = bucket.object_versions().delete().await?;
        assert_eq!(responses.errors().count(), 0);
        bucket.versioning().suspend().send().await?;
        assert_eq!(bucket.versioning().load().await?.status().map(|it| it.as_str()), Some("Suspended"));
        assert_eq!(responses.deleted().count(), 3);
        for at in 0..5 {
            bucket.put_object(format!("tmp/{at}")).await?;
        }
        let responses = bucket.objects().filter(|it| it.prefix("tmp/")).page_size(2).delete().await?;
        assert_eq!((responses.len(), responses.deleted().count()), (3, 5));
        bucket.object_versions().delete().await?;
        bucket.delete().send().await?;
        bucket.wait_until_not_exists().await?;
        assert_eq!(bucket.load().await.map_err(|it| it.kind()).err(), Some(ErrorKind::NotFound));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn multipart_uploads_are_completed_or_aborted() {
    on_every_server(async |_, bucket| {
        let object = bucket.object("large");
        let upload = object.initiate_multipart_upload().send().await?;
        assert_eq!(bucket.multipart_uploads().try_collect().await?[0].id(), upload.id());
        let part = upload.part(1);
        part.upload().body(vec![b'x'; 5 << 20]).send().await?;
        bucket.put_object("piece").with(|it| it.body("piece")).await?;
        upload.part(2).copy_from(format!("{}/piece", bucket.name())).send().await?;
        let parts = upload.parts().try_collect().await?;
        assert_eq!(parts.iter().map(|it| it.part_number()).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(parts[0].resource(), &part);
        assert_eq!(part.multipart_upload(), upload);
        let completed_parts = parts.iter().map(|it| CompletedPart {
            part_number: Some(it.part_number()),
            e_tag: it.e_tag().map(str::to_owned),
            ..Default::default()
        });
        let list = make!(CompletedMultipartUpload { parts: completed_parts });
        let completed = upload.complete().with(|it| it.multipart_upload(list)).send().await?;
        assert_eq!(completed, object);
        assert_eq!(completed.load().await?.content_length(), Some((5 << 20) + 5));
        let other = object.initiate_multipart_upload().send().await?;
        other.abort().send().await?;
        assert_eq!(bucket.multipart_uploads().try_collect().await?.len(), 0);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn settings_of_a_bucket_are_put_loaded_and_deleted() {
    on_every_server(async |_, bucket| {
        let acl = bucket.acl();
        acl.put().acl(BucketCannedAcl::PRIVATE).send().await?;
        assert!(acl.load().await?.owner().is_some());

        let cors = bucket.cors();
        let rules = make!(CorsConfiguration {
            cors_rules: [CorsRule { allowed_methods: ["GET"], allowed_origins: ["*"] }],
        });
        cors.put(rules).send().await?;
        assert_eq!(cors.load().await?.cors_rules().len(), 1);
        cors.delete().send().await?;
        assert_eq!(cors.load().await.err().and_then(|it| it.status()), Some(404));

        let lifecycle = bucket.lifecycle_configuration();
        let rules = make!(BucketLifecycleConfiguration {
            rules: [LifecycleRule {
                id: "old",
                status: ExpirationStatus::ENABLED,
                filter: LifecycleRuleFilter { prefix: "tmp/" },
                expiration: LifecycleExpiration { days: 7 },
            }],
        });
        lifecycle.put().lifecycle_configuration(rules).send().await?;
        assert_eq!(lifecycle.load().await?.rules()[0].id.as_deref(), Some("old"));
        #[allow(deprecated)]
        let old = bucket.lifecycle().load().await?;
        assert_eq!(old.rules().len(), 1);
        lifecycle.delete().send().await?;

        let policy = bucket.policy();
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::{}/*"}}]}}"#,
            bucket.name()
        );
        policy.put(&*text).send().await?;
        assert_eq!(policy.load().await?.policy(), Some(&*text));
        policy.delete().send().await?;

        let tagging = bucket.tagging();
        tagging.put(make!(Tagging { tag_set: [Tag { key: "team", value: "red" }] })).send().await?;
        assert_eq!(tagging.load().await?.tag_set()[0].value.as_deref(), Some("red"));
        tagging.delete().send().await?;

        let website = bucket.website();
        let settings = make!(WebsiteConfiguration {
            index_document: IndexDocument { suffix: "index.html" },
            error_document: ErrorDocument { key: "error.html" },
        });
        website.put(settings).send().await?;
        let loaded = website.load().await?;
        assert_eq!(loaded.index_document().and_then(|it| it.suffix.as_deref()), Some("index.html"));
        website.delete().send().await?;

        let logging = bucket.logging();
        assert!(logging.load().await?.logging_enabled().is_none());
        logging.put(BucketLoggingStatus::default()).send().await?;

        let notification = bucket.notification();
        assert_eq!(notification.load().await?.queue_configurations().len(), 0);
        notification.put(NotificationConfiguration::default()).send().await?;

        let payment = bucket.request_payment();
        // moto does not implement this: it responds with a listing.
        assert!(payment.load().await?.payer().is_none_or(|it| it == "BucketOwner"));
        let put = payment.put(make!(RequestPaymentConfiguration { payer: "Requester" }));
        assert_eq!(put.as_ref().input().bucket.as_deref(), Some(bucket.name()));
        Ok(())
    })
    .await;
}
