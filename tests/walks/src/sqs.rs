//! SQS: queues and messages.

use aws_sqs::Client;
use aws_sqs::error::QueueDoesNotExist;
use aws_sqs::types::SendMessageBatchRequestEntry;
use aws_sqs_resource::SQS;

use crate::{on_every_server, unique_name};

#[tokio::test]
async fn a_client_sends_receives_and_deletes_messages() {
    on_every_server(async |session| {
        let sqs = Client::new(&session);
        let name = unique_name();
        let url =
            sqs.create_queue(&name).attributes([("VisibilityTimeout", "5")]).send().await?.queue_url.expect("a URL");
        assert_eq!(sqs.get_queue_url(&name).send().await?.queue_url.as_ref(), Some(&url));
        let found = sqs.list_queues().queue_name_prefix(&name).items().try_collect().await?;
        assert_eq!(found, std::slice::from_ref(&url));

        sqs.send_message(&url, "one <&> ü").send().await?;
        let entry = |id: &str| SendMessageBatchRequestEntry {
            id: Some(id.to_owned()),
            message_body: Some(format!("body of {id}")),
            ..Default::default()
        };
        let sent = sqs.send_message_batch(&url, ["a", "b"].map(entry)).send().await?;
        assert_eq!((sent.successful.len(), sent.failed.len()), (2, 0));

        let received = sqs.receive_message(&url).max_number_of_messages(10).send().await?.messages;
        let mut bodies: Vec<_> = received.iter().filter_map(|it| it.body.as_deref()).collect();
        bodies.sort_unstable();
        assert_eq!(bodies, ["body of a", "body of b", "one <&> ü"]);
        for message in received {
            sqs.delete_message(&url, message.receipt_handle.unwrap_or_default()).send().await?;
        }
        let attributes = sqs.get_queue_attributes(&url).attribute_names(["All"]).send().await?.attributes;
        assert_eq!(attributes["VisibilityTimeout"], "5");

        sqs.delete_queue(&url).send().await?;
        let gone = sqs.get_queue_url(&name).send().await.expect_err("no such queue");
        assert!(gone.is::<QueueDoesNotExist>(), "{gone}");
        // SQS once used the query protocol; users still see the codes of that.
        assert_eq!(gone.code(), Some("AWS.SimpleQueueService.NonExistentQueue"));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_resource_sends_receives_and_deletes_messages() {
    on_every_server(async |session| {
        let sqs = SQS::new(&session);
        let queue = sqs.create_queue(unique_name()).send().await?;
        queue.send_message("hello").send().await?;
        let messages = queue.receive_messages().send().await?;
        assert_eq!(messages.iter().map(|it| it.body()).collect::<Vec<_>>(), [Some("hello")]);
        messages[0].delete().send().await?;
        queue.delete().send().await?;
        Ok(())
    })
    .await;
}
