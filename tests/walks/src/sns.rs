//! SNS: topics, subscriptions, and messages that arrive in a queue.

use aws_sns::Client;
use aws_sns::error::NotFoundException;
use aws_sns_resource::SNS;

use crate::{on_every_server, unique_name};

#[tokio::test]
async fn a_published_message_arrives_in_a_queue() {
    on_every_server(async |session| {
        let (sns, sqs) = (Client::new(&session), aws_sqs::Client::new(&session));
        let name = unique_name();
        let queue = sqs.create_queue(&name).send().await?.queue_url.expect("a URL");
        let attributes = sqs.get_queue_attributes(&queue).attribute_names(["QueueArn"]).send().await?.attributes;

        let topic = sns.create_topic(&name).send().await?.topic_arn.expect("an ARN");
        sns.subscribe(&topic, "sqs").endpoint(&attributes["QueueArn"]).send().await?;
        let mut topics = sns.list_topics().items();
        let mut found = false;
        while let Some(it) = topics.try_next().await? {
            found |= it.topic_arn.as_ref() == Some(&topic);
        }
        assert!(found);
        let subscriptions = sns.list_subscriptions_by_topic(&topic).send().await?.subscriptions;
        assert_eq!(subscriptions.len(), 1);
        sns.publish("something happened").topic_arn(&topic).send().await?;
        let message = sqs.receive_message(&queue).send().await?.messages.pop().expect("a message");
        assert!(message.body.is_some_and(|it| it.contains("something happened")));

        sns.delete_topic(&topic).send().await?;
        let gone = sns.get_topic_attributes(&topic).send().await.expect_err("no such topic");
        assert!(gone.is::<NotFoundException>(), "{gone}");
        sqs.delete_queue(&queue).send().await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_resource_creates_loads_and_deletes_a_topic() {
    on_every_server(async |session| {
        let topic = SNS::new(&session).create_topic(unique_name()).send().await?;
        let loaded = topic.load().send().await?;
        assert_eq!(loaded.attributes()["TopicArn"], topic.arn());
        topic.delete().send().await?;
        Ok(())
    })
    .await;
}
