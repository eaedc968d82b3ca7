//! SNS: topics, subscriptions, push notifications.

use aws_sns::types::MessageAttributeValue;
use aws_sns_resource::SNS;

use super::Walk;
use super::walk::resources;

resources!(aws_sns_resource: PlatformApplication, PlatformEndpoint, Subscription, Topic);

#[tokio::test]
async fn resources_send_what_boto3_sends() {
    super::walk("sns", walk).await;
}

async fn walk(walk: &mut Walk) {
    let sns = SNS::new(walk.session());
    let topic = walk
        .get(
            "topic = sns.create_topic(Name='walk', Attributes={'DisplayName': 'a walk'})",
            sns.create_topic("walk").with(|it| it.attributes([("DisplayName", "a walk")])),
        )
        .await;
    walk.value("sns.Topic('arn')", sns.topic("arn"));
    let topic = walk.call("topic.load()", topic.load()).await;
    walk.get("list(sns.topics.all())", sns.topics().try_collect()).await;
    walk.call(
        "topic.set_attributes(AttributeName='DisplayName', AttributeValue='another')",
        topic.set_attributes("DisplayName").attribute_value("another"),
    )
    .await;
    walk.call(
        "topic.add_permission(Label='walk', AWSAccountId=['123456789012'], ActionName=['Publish'])",
        topic.add_permission("walk").aws_account_id(["123456789012"]).action_name(["Publish"]),
    )
    .await;
    walk.call("topic.remove_permission(Label='walk')", topic.remove_permission("walk")).await;
    walk.call(
        "topic.publish(Message='a & b', Subject='walk', MessageAttributes={'a': {'DataType': 'String', \
        'StringValue': 'b'}})",
        topic.publish("a & b").subject("walk").message_attributes([(
            "a",
            MessageAttributeValue {
                data_type: Some("String".into()),
                string_value: Some("b".into()),
                ..Default::default()
            },
        )]),
    )
    .await;
    let subscription = walk
        .get(
            "subscription = topic.subscribe(Protocol='https', Endpoint='https://example.com/', \
        Attributes={'RawMessageDelivery': 'true'})",
            topic
                .subscribe("https")
                .with(|it| it.endpoint("https://example.com/").attributes([("RawMessageDelivery", "true")])),
        )
        .await;
    walk.value("sns.Subscription('arn')", sns.subscription("arn"));
    let subscription = walk.call("subscription.load()", subscription.load()).await;
    walk.call(
        "subscription.set_attributes(AttributeName='RawMessageDelivery', AttributeValue='false')",
        subscription.set_attributes("RawMessageDelivery").attribute_value("false"),
    )
    .await;
    walk.get("list(topic.subscriptions.all())", topic.subscriptions().try_collect()).await;
    walk.get("list(sns.subscriptions.all())", sns.subscriptions().try_collect()).await;
    walk.get(
        "topic.confirm_subscription(Token='token', AuthenticateOnUnsubscribe='true')",
        topic.confirm_subscription("token").with(|it| it.authenticate_on_unsubscribe("true")),
    )
    .await;
    walk.call("subscription.delete()", subscription.delete()).await;

    let application = walk
        .get(
            "application = sns.create_platform_application(Name='walk', Platform='GCM', \
        Attributes={'PlatformCredential': 'secret'})",
            sns.create_platform_application("walk", "GCM", [("PlatformCredential", "secret")]),
        )
        .await;
    walk.value("sns.PlatformApplication('arn')", sns.platform_application("arn"));
    let application = walk.call("application.load()", application.load()).await;
    walk.call(
        "application.set_attributes(Attributes={'SuccessFeedbackSampleRate': '100'})",
        application.set_attributes([("SuccessFeedbackSampleRate", "100")]),
    )
    .await;
    walk.get("list(sns.platform_applications.all())", sns.platform_applications().try_collect()).await;
    let endpoint = walk
        .get(
            "endpoint = application.create_platform_endpoint(Token='token', CustomUserData='data')",
            application.create_platform_endpoint("token").with(|it| it.custom_user_data("data")),
        )
        .await;
    walk.value("sns.PlatformEndpoint('arn')", sns.platform_endpoint("arn"));
    let endpoint = walk.call("endpoint.load()", endpoint.load()).await;
    walk.call(
        "endpoint.set_attributes(Attributes={'CustomUserData': 'other'})",
        endpoint.set_attributes([("CustomUserData", "other")]),
    )
    .await;
    walk.call("endpoint.publish(Message='a message')", endpoint.publish("a message")).await;
    walk.get("list(application.endpoints.all())", application.endpoints().try_collect()).await;
    walk.call("endpoint.delete()", endpoint.delete()).await;
    walk.call("application.delete()", application.delete()).await;
    walk.call("topic.delete()", topic.delete()).await;
    walk.fails("list(sns.topics.page_size(1))", sns.topics().page_size(1).try_collect()).await;
}
