//! Buckets and their settings.

use aws_core::make;
use aws_s3::types::{
    BucketLifecycleConfiguration, CorsConfiguration, CorsRule, CreateBucketConfiguration, LifecycleExpiration,
    LifecycleRule, LifecycleRuleFilter, Tag, Tagging,
};
use tests::moto;

use super::{Fixture, on_every_server};

#[tokio::test]
async fn buckets_are_created_listed_and_deleted_when_empty() {
    on_every_server(async |Fixture { s3, bucket, .. }| {
        let buckets = s3.list_buckets().send().await?;
        let found = buckets.buckets.iter().find(|it| it.name.as_deref() == Some(&*bucket)).expect("the bucket");
        assert!(found.creation_date.is_some());
        assert!(buckets.owner.is_some_and(|it| it.id.is_some()));
        s3.head_bucket(&bucket).send().await?;
        assert_eq!(s3.get_bucket_location(&bucket).send().await?.location_constraint, None);

        s3.put_object(&bucket, "k").body("x").send().await?;
        let full = s3.delete_bucket(&bucket).send().await.expect_err("not empty");
        assert_eq!((full.code(), full.status()), (Some("BucketNotEmpty"), Some(409)));
        s3.delete_object(&bucket, "k").send().await?;
        s3.delete_bucket(&bucket).send().await?;
        let gone = s3.head_bucket(&bucket).send().await.expect_err("no bucket");
        assert_eq!((gone.code(), gone.status()), (Some("NotFound"), Some(404)));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn buckets_are_created_in_their_region_and_used_by_clients_of_both_regions() {
    on_every_server(async |Fixture { server, bucket, .. }| {
        let west = aws_s3::Client::new(&server.session("us-west-2"));
        let east = aws_s3::Client::new(&server.session("us-east-1"));
        let west_bucket = moto::unique("west");
        let configuration =
            CreateBucketConfiguration { location_constraint: Some("us-west-2".into()), ..Default::default() };
        west.create_bucket(&west_bucket).create_bucket_configuration(configuration).send().await?;
        let location = west.get_bucket_location(&west_bucket).send().await?.location_constraint;
        assert_eq!(location.as_ref().map(|it| it.as_str()), Some("us-west-2"));
        // Both clients are used alternately.
        for (client, bucket) in [(&east, &bucket), (&west, &west_bucket), (&east, &bucket)] {
            client.put_object(bucket, "k").body(bucket.clone()).send().await?;
            assert_eq!(super::read_string(client, bucket, "k").await?, *bucket);
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn bucket_settings_are_read_back_as_written() {
    on_every_server(async |Fixture { s3, bucket, .. }| {
        let rule = make!(CorsRule {
            allowed_methods: ["GET", "PUT"],
            allowed_origins: ["https://a.example", "*"],
            allowed_headers: ["*"],
            max_age_seconds: 30,
        });
        let rules = make!(CorsConfiguration { cors_rules: [rule.clone(), rule] });
        s3.put_bucket_cors(&bucket, rules).send().await?;
        let rules = s3.get_bucket_cors(&bucket).send().await?.cors_rules;
        assert_eq!(rules.len(), 2);
        assert_eq!(rules[0].allowed_methods, ["GET", "PUT"]);
        assert_eq!(rules[1].max_age_seconds, Some(30));
        s3.delete_bucket_cors(&bucket).send().await?;
        let none = s3.get_bucket_cors(&bucket).send().await.expect_err("no rules");
        assert_eq!(none.code(), Some("NoSuchCORSConfiguration"));

        let rules = make!(BucketLifecycleConfiguration {
            rules: [LifecycleRule {
                id: "old",
                filter: LifecycleRuleFilter { prefix: "logs/" },
                expiration: LifecycleExpiration { days: 7 },
                status: "Enabled",
            }],
        });
        s3.put_bucket_lifecycle_configuration(&bucket).lifecycle_configuration(rules).send().await?;
        let rules = s3.get_bucket_lifecycle_configuration(&bucket).send().await?.rules;
        assert_eq!(rules[0].expiration.as_ref().and_then(|it| it.days), Some(7));
        assert_eq!(rules[0].filter.as_ref().and_then(|it| it.prefix.as_deref()), Some("logs/"));

        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::{bucket}/x*"}}]}}"#
        );
        s3.put_bucket_policy(&bucket, &policy).send().await?;
        assert_eq!(s3.get_bucket_policy(&bucket).send().await?.policy, Some(policy));
        s3.delete_bucket_policy(&bucket).send().await?;

        let tagging = make!(Tagging { tag_set: [Tag { key: "team", value: "a & b" }] });
        s3.put_bucket_tagging(&bucket, tagging.clone()).send().await?;
        assert_eq!(s3.get_bucket_tagging(&bucket).send().await?.tag_set, tagging.tag_set);

        s3.put_bucket_acl(&bucket).acl("public-read").send().await?;
        let acl = s3.get_bucket_acl(&bucket).send().await?;
        assert!(acl.owner.is_some() && acl.grants.len() == 2, "{acl:?}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn waiters_end_when_buckets_and_objects_exist_or_are_gone_or_after_max_attempts() {
    on_every_server(async |Fixture { s3, bucket, .. }| {
        assert_eq!(s3.wait_bucket_exists(&bucket).await?.attempts, 1);
        s3.put_object(&bucket, "k").body("x").send().await?;
        let outcome = s3.wait_object_exists(&bucket, "k").await?;
        assert_eq!(outcome.result?.content_length, Some(1));
        let gone = s3.wait_object_not_exists(&bucket, "nope").await?;
        assert_eq!((gone.attempts, gone.result.expect_err("gone").code()), (1, Some("NotFound")));
        let outcome = s3.wait_object_exists(&bucket, "nope").delay(std::time::Duration::ZERO).max_attempts(3).await;
        let error = outcome.expect_err("the object never exists");
        assert_eq!(error.kind(), aws_core::ErrorKind::Waiter);
        assert!(error.to_string().starts_with("waiter ObjectExists gave up after 3 attempts: "), "{error}");
        Ok(())
    })
    .await;
}
