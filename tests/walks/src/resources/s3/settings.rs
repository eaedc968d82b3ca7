//! Buckets and their settings.

use aws_s3::types::{
    BucketLifecycleConfiguration, BucketLoggingStatus, CorsConfiguration, CorsRule, EventBridgeConfiguration,
    IndexDocument, LifecycleConfiguration, LifecycleExpiration, LifecycleRule, LifecycleRuleFilter,
    NotificationConfiguration, RequestPaymentConfiguration, Rule, Tag, Tagging, VersioningConfiguration,
    WebsiteConfiguration,
};
use aws_s3_resource::S3;

use crate::resources::Walk;

pub(super) async fn walk(walk: &mut Walk, s3: &S3) {
    let bucket =
        walk.get("bucket = s3.create_bucket(Bucket='walk-of-resources')", s3.create_bucket("walk-of-resources")).await;
    walk.call("s3.Bucket('walk-of-resources').create()", s3.bucket("walk-of-resources").create()).await;
    walk.value("s3.Bucket('walk-of-resources')", s3.bucket("walk-of-resources"));
    walk.call("bucket.wait_until_exists()", bucket.wait_until_exists()).await;
    let bucket = walk.differs("we list only buckets with the prefix").call("bucket.load()", bucket.load()).await;
    walk.get("list(s3.buckets.all())", s3.buckets().try_collect()).await;
    walk.value("bucket.Acl()", bucket.acl());
    walk.value("bucket.Cors()", bucket.cors());
    walk.value("bucket.Lifecycle()", bucket.lifecycle());
    walk.value("bucket.LifecycleConfiguration()", bucket.lifecycle_configuration());
    walk.value("bucket.Logging()", bucket.logging());
    walk.value("bucket.Notification()", bucket.notification());
    walk.value("bucket.Object('key')", bucket.object("key"));
    walk.value("bucket.Policy()", bucket.policy());
    walk.value("bucket.RequestPayment()", bucket.request_payment());
    walk.value("bucket.Tagging()", bucket.tagging());
    walk.value("bucket.Versioning()", bucket.versioning());
    walk.value("bucket.Website()", bucket.website());
    let acl = walk.value("acl = s3.BucketAcl(bucket.name)", s3.bucket_acl(bucket.name()));
    let acl = walk.call("acl.load()", acl.load()).await;
    walk.call("acl.put(ACL='private')", acl.put().acl("private")).await;
    walk.value("acl.Bucket()", acl.bucket());
    let cors = walk.value("cors = s3.BucketCors(bucket.name)", s3.bucket_cors(bucket.name()));
    walk.call(
        "cors.put(CORSConfiguration={'CORSRules': [{'AllowedMethods': ['GET'], 'AllowedOrigins': ['*'], \
        'MaxAgeSeconds': 60}]})",
        cors.put(CorsConfiguration {
            cors_rules: vec![CorsRule {
                allowed_methods: vec!["GET".into()].into(),
                allowed_origins: vec!["*".into()].into(),
                max_age_seconds: Some(60),
                ..Default::default()
            }]
            .into(),
            ..Default::default()
        }),
    )
    .await;
    let cors = walk.call("cors.load()", cors.load()).await;
    walk.value("cors.Bucket()", cors.bucket());
    walk.call("cors.delete()", cors.delete()).await;
    let lifecycle = walk.value("lifecycle = s3.BucketLifecycle(bucket.name)", s3.bucket_lifecycle(bucket.name()));
    walk.call(
        "lifecycle.put(LifecycleConfiguration={'Rules': [{'Prefix': 'logs/', 'Status': 'Enabled', 'Expiration': \
        {'Days': 3}}]})",
        lifecycle.put().lifecycle_configuration(LifecycleConfiguration {
            rules: vec![Rule {
                prefix: Some("logs/".into()),
                status: Some("Enabled".into()),
                expiration: Some(LifecycleExpiration { days: Some(3), ..Default::default() }),
                ..Default::default()
            }]
            .into(),
            ..Default::default()
        }),
    )
    .await;
    let lifecycle = walk.call("lifecycle.load()", lifecycle.load()).await;
    walk.value("lifecycle.Bucket()", lifecycle.bucket());
    walk.call("lifecycle.delete()", lifecycle.delete()).await;
    let configuration = walk.value(
        "configuration = s3.BucketLifecycleConfiguration(bucket.name)",
        s3.bucket_lifecycle_configuration(bucket.name()),
    );
    walk.call(
        "configuration.put(LifecycleConfiguration={'Rules': [{'Filter': {'Prefix': 'logs/'}, 'Status': \
        'Enabled', 'Expiration': {'Days': 3}}]})",
        configuration.put().lifecycle_configuration(BucketLifecycleConfiguration {
            rules: vec![LifecycleRule {
                filter: Some(LifecycleRuleFilter { prefix: Some("logs/".into()), ..Default::default() }),
                status: Some("Enabled".into()),
                expiration: Some(LifecycleExpiration { days: Some(3), ..Default::default() }),
                ..Default::default()
            }]
            .into(),
            ..Default::default()
        }),
    )
    .await;
    let configuration = walk.call("configuration.load()", configuration.load()).await;
    walk.value("configuration.Bucket()", configuration.bucket());
    walk.call("configuration.delete()", configuration.delete()).await;
    let logging = walk.value("logging = s3.BucketLogging(bucket.name)", s3.bucket_logging(bucket.name()));
    let logging = walk.call("logging.load()", logging.load()).await;
    walk.call("logging.put(BucketLoggingStatus={})", logging.put(BucketLoggingStatus::default())).await;
    walk.value("logging.Bucket()", logging.bucket());
    let notification =
        walk.value("notification = s3.BucketNotification(bucket.name)", s3.bucket_notification(bucket.name()));
    walk.call(
        "notification.put(NotificationConfiguration={'EventBridgeConfiguration': {}})",
        notification.put(NotificationConfiguration {
            event_bridge_configuration: Some(EventBridgeConfiguration::default()),
            ..Default::default()
        }),
    )
    .await;
    let notification = walk.call("notification.load()", notification.load()).await;
    walk.value("notification.Bucket()", notification.bucket());
    let policy = walk.value("policy = s3.BucketPolicy(bucket.name)", s3.bucket_policy(bucket.name()));
    walk.call(
        r#"policy.put(Policy='{"Version": "2012-10-17", "Statement": []}')"#,
        policy.put(r#"{"Version": "2012-10-17", "Statement": []}"#),
    )
    .await;
    let policy = walk.call("policy.load()", policy.load()).await;
    walk.value("policy.Bucket()", policy.bucket());
    walk.call("policy.delete()", policy.delete()).await;
    let payment =
        walk.value("payment = s3.BucketRequestPayment(bucket.name)", s3.bucket_request_payment(bucket.name()));
    walk.call(
        "payment.put(RequestPaymentConfiguration={'Payer': 'Requester'})",
        payment.put(RequestPaymentConfiguration { payer: Some("Requester".into()), ..Default::default() }),
    )
    .await;
    let payment = walk.call("payment.load()", payment.load()).await;
    walk.value("payment.Bucket()", payment.bucket());
    let tagging = walk.value("tagging = s3.BucketTagging(bucket.name)", s3.bucket_tagging(bucket.name()));
    walk.call(
        "tagging.put(Tagging={'TagSet': [{'Key': 'a', 'Value': 'b & c'}]})",
        tagging.put(Tagging {
            tag_set: vec![Tag { key: Some("a".into()), value: Some("b & c".into()), ..Default::default() }].into(),
            ..Default::default()
        }),
    )
    .await;
    let tagging = walk.call("tagging.load()", tagging.load()).await;
    walk.value("tagging.Bucket()", tagging.bucket());
    walk.call("tagging.delete()", tagging.delete()).await;
    let versioning = walk.value("versioning = s3.BucketVersioning(bucket.name)", s3.bucket_versioning(bucket.name()));
    walk.call("versioning.enable()", versioning.enable()).await;
    walk.call("versioning.enable(MFA='serial 123456')", versioning.enable().mfa("serial 123456")).await;
    walk.call("versioning.suspend()", versioning.suspend()).await;
    walk.call(
        "versioning.put(VersioningConfiguration={'Status': 'Enabled'})",
        versioning.put(VersioningConfiguration { status: Some("Enabled".into()), ..Default::default() }),
    )
    .await;
    let versioning = walk.call("versioning.load()", versioning.load()).await;
    walk.value("versioning.Bucket()", versioning.bucket());
    let website = walk.value("website = s3.BucketWebsite(bucket.name)", s3.bucket_website(bucket.name()));
    walk.call(
        "website.put(WebsiteConfiguration={'IndexDocument': {'Suffix': 'index.html'}})",
        website.put(WebsiteConfiguration {
            index_document: Some(IndexDocument { suffix: Some("index.html".into()), ..Default::default() }),
            ..Default::default()
        }),
    )
    .await;
    let website = walk.call("website.load()", website.load()).await;
    walk.value("website.Bucket()", website.bucket());
    walk.call("website.delete()", website.delete()).await;
    walk.call("bucket.delete()", bucket.delete()).await;
    walk.call("bucket.wait_until_not_exists()", bucket.wait_until_not_exists()).await;
}
