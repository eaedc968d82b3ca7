//! Buckets and their settings.

use aws_s3::types::{
    BucketLifecycleConfiguration, CorsConfiguration, CorsRule, CreateBucketConfiguration, LifecycleExpiration,
    LifecycleRule, LifecycleRuleFilter, Tag, Tagging,
};
use tests::moto;

use super::{Scene, everywhere};

#[tokio::test]
async fn come_and_go() {
    everywhere(async |Scene { s3, bucket, .. }| {
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
async fn live_in_regions() {
    everywhere(async |Scene { server, bucket, .. }| {
        let west = aws_s3::Client::new(&server.session("us-west-2"));
        let east = aws_s3::Client::new(&server.session("us-east-1"));
        let theirs = moto::unique("west");
        let place = CreateBucketConfiguration { location_constraint: Some("us-west-2".into()), ..Default::default() };
        west.create_bucket(&theirs).create_bucket_configuration(place).send().await?;
        let location = west.get_bucket_location(&theirs).send().await?.location_constraint;
        assert_eq!(location.as_ref().map(|it| it.as_str()), Some("us-west-2"));
        // Both clients stay in use side by side.
        for (client, bucket) in [(&east, &bucket), (&west, &theirs), (&east, &bucket)] {
            client.put_object(bucket, "k").body(bucket.clone()).send().await?;
            assert_eq!(super::text(client, bucket, "k").await?, *bucket);
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn settings() {
    everywhere(async |Scene { s3, bucket, .. }| {
        let list = |items: &[&str]| Some(items.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>());
        let rule = CorsRule {
            allowed_methods: list(&["GET", "PUT"]),
            allowed_origins: list(&["https://a.example", "*"]),
            allowed_headers: list(&["*"]),
            max_age_seconds: Some(30),
            ..Default::default()
        };
        s3.put_bucket_cors(&bucket, CorsConfiguration { cors_rules: Some(vec![rule.clone(), rule]) }).send().await?;
        let rules = s3.get_bucket_cors(&bucket).send().await?.cors_rules;
        assert_eq!(rules.len(), 2);
        assert_eq!(rules[0].allowed_methods, list(&["GET", "PUT"]));
        assert_eq!(rules[1].max_age_seconds, Some(30));
        s3.delete_bucket_cors(&bucket).send().await?;
        let none = s3.get_bucket_cors(&bucket).send().await.expect_err("no rules");
        assert_eq!(none.code(), Some("NoSuchCORSConfiguration"));

        let rule = LifecycleRule {
            id: Some("old".into()),
            filter: Some(LifecycleRuleFilter { prefix: Some("logs/".into()), ..Default::default() }),
            expiration: Some(LifecycleExpiration { days: Some(7), ..Default::default() }),
            status: Some("Enabled".into()),
            ..Default::default()
        };
        let rules = BucketLifecycleConfiguration { rules: Some(vec![rule]) };
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

        let tags = vec![Tag { key: Some("team".into()), value: Some("a & b".into()) }];
        s3.put_bucket_tagging(&bucket, Tagging { tag_set: Some(tags.clone()) }).send().await?;
        assert_eq!(s3.get_bucket_tagging(&bucket).send().await?.tag_set, tags);

        s3.put_bucket_acl(&bucket).acl("public-read").send().await?;
        let acl = s3.get_bucket_acl(&bucket).send().await?;
        assert!(acl.owner.is_some() && acl.grants.len() == 2, "{acl:?}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn are_waited_for() {
    everywhere(async |Scene { s3, bucket, .. }| {
        assert_eq!(s3.wait_bucket_exists(&bucket).await?.attempts, 1);
        s3.put_object(&bucket, "k").body("x").send().await?;
        let waited = s3.wait_object_exists(&bucket, "k").await?;
        assert_eq!(waited.answer?.content_length, Some(1));
        let gone = s3.wait_object_not_exists(&bucket, "nope").await?;
        assert_eq!((gone.attempts, gone.answer.expect_err("gone").code()), (1, Some("NotFound")));
        let never = s3.wait_object_exists(&bucket, "nope").delay(std::time::Duration::ZERO).max_attempts(3).await;
        let never = never.expect_err("it never comes");
        assert_eq!(never.kind(), aws_core::ErrorKind::Waiter);
        assert!(
            never.to_string().starts_with("waiting for ObjectExists met the last attempt after 3 calls: "),
            "{never}"
        );
        Ok(())
    })
    .await;
}
