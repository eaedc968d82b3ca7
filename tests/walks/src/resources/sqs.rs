//! SQS: queues and messages.

use aws_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, MessageAttributeValue,
    SendMessageBatchRequestEntry,
};
use aws_sqs_resource::SQS;

use super::Walk;
use super::walk::resources;

resources!(aws_sqs_resource: Message, Queue);

#[tokio::test]
async fn resources_send_what_boto3_sends() {
    super::walk("sqs", walk).await;
}

async fn walk(walk: &mut Walk) {
    let sqs = SQS::new(walk.session());
    let dead = walk.get("dead = sqs.create_queue(QueueName='dead-letters')", sqs.create_queue("dead-letters")).await;
    let queue = walk
        .get(
            "queue = sqs.create_queue(QueueName='walk', Attributes={'VisibilityTimeout': '7'})",
            sqs.create_queue("walk").with(|it| it.attributes([("VisibilityTimeout", "7")])),
        )
        .await;
    walk.value("sqs.Queue('https://queue')", sqs.queue("https://queue"));
    walk.value("sqs.Message('https://queue', 'handle')", sqs.message("https://queue", "handle"));
    walk.get("sqs.get_queue_by_name(QueueName='walk')", sqs.get_queue_by_name("walk")).await;
    walk.get("list(sqs.queues.all())", sqs.queues().try_collect()).await;
    walk.get(
        "list(sqs.queues.filter(QueueNamePrefix='w'))",
        sqs.queues().filter(|it| it.queue_name_prefix("w")).try_collect(),
    )
    .await;
    walk.get("list(sqs.queues.page_size(1))", sqs.queues().page_size(1).try_collect()).await;
    let dead = walk.call("dead.load()", dead.load()).await;
    let queue = walk.call("queue.load()", queue.load()).await;
    let arn = &dead.attributes()["QueueArn"];
    walk.python("arn = dead.attributes['QueueArn']");
    let redrive = format!(r#"{{"deadLetterTargetArn": "{arn}", "maxReceiveCount": 3}}"#);
    walk.call(
        "queue.set_attributes(Attributes={'RedrivePolicy': '{\"deadLetterTargetArn\": \"' + arn + '\", \
        \"maxReceiveCount\": 3}'})",
        queue.set_attributes([("RedrivePolicy", redrive)]),
    )
    .await;
    walk.get("list(dead.dead_letter_source_queues.all())", dead.dead_letter_source_queues().try_collect()).await;
    walk.call(
        "queue.add_permission(Label='walk', AWSAccountIds=['123456789012'], Actions=['ReceiveMessage'])",
        queue.add_permission("walk").aws_account_ids(["123456789012"]).actions(["ReceiveMessage"]),
    )
    .await;
    walk.call("queue.remove_permission(Label='walk')", queue.remove_permission("walk")).await;
    walk.call(
        "queue.send_message(MessageBody='one', MessageAttributes={'a': {'DataType': 'String', 'StringValue': 'b'}})",
        queue.send_message("one").message_attributes([(
            "a",
            MessageAttributeValue {
                data_type: Some("String".into()),
                string_value: Some("b".into()),
                ..Default::default()
            },
        )]),
    )
    .await;
    walk.call(
        "queue.send_messages(Entries=[{'Id': '1', 'MessageBody': 'two'}, {'Id': '2', 'MessageBody': 'three', \
        'DelaySeconds': 0}])",
        queue.send_messages([
            SendMessageBatchRequestEntry {
                id: Some("1".into()),
                message_body: Some("two".into()),
                ..Default::default()
            },
            SendMessageBatchRequestEntry {
                id: Some("2".into()),
                message_body: Some("three".into()),
                delay_seconds: Some(0),
                ..Default::default()
            },
        ]),
    )
    .await;
    let messages = walk
        .get(
            "messages = queue.receive_messages(MaxNumberOfMessages=3, WaitTimeSeconds=0)",
            queue.receive_messages().with(|it| it.max_number_of_messages(3).wait_time_seconds(0)),
        )
        .await;
    walk.call("messages[0].change_visibility(VisibilityTimeout=0)", messages[0].change_visibility(0)).await;
    walk.value("messages[0].Queue()", messages[0].queue());
    walk.value("queue.Message('handle')", queue.message("handle"));
    walk.call(
        "queue.change_message_visibility_batch(Entries=[{'Id': '1', 'ReceiptHandle': messages[1].receipt_handle, \
        'VisibilityTimeout': 0}])",
        queue.change_message_visibility_batch([ChangeMessageVisibilityBatchRequestEntry {
            id: Some("1".into()),
            receipt_handle: Some(messages[1].receipt_handle().into()),
            visibility_timeout: Some(0),
            ..Default::default()
        }]),
    )
    .await;
    let messages = walk
        .get(
            "messages = queue.receive_messages(MaxNumberOfMessages=3, AttributeNames=['All'])",
            queue.receive_messages().with(|it| it.max_number_of_messages(3).attribute_names(["All"])),
        )
        .await;
    walk.call("messages[0].delete()", messages[0].delete()).await;
    walk.call(
        "queue.delete_messages(Entries=[{'Id': '1', 'ReceiptHandle': messages[1].receipt_handle}])",
        queue.delete_messages([DeleteMessageBatchRequestEntry {
            id: Some("1".into()),
            receipt_handle: Some(messages[1].receipt_handle().into()),
            ..Default::default()
        }]),
    )
    .await;
    walk.canned("{}").get("queue.receive_messages()", queue.receive_messages()).await;
    walk.call("queue.purge()", queue.purge()).await;
    walk.call("queue.delete()", queue.delete()).await;
    walk.call("dead.delete()", dead.delete()).await;
}
