//! Stubs of paginators, waiters, resources, event streams in both directions, presigning and concurrent calls.

use std::future::IntoFuture;
use std::time::Duration;

use aws_core::testing::{ServiceError, Stub};
use aws_core::{ErrorKind, EventStream, make};
use aws_dynamodb::error::ConditionalCheckFailedException;
use aws_dynamodb::operation::{GetItem, GetItemOutput, PutItem};
use aws_dynamodb::types::AttributeValue;
use aws_listen::operation::{Listen, ListenOutput};
use aws_listen::types::{Sound, Sounds};
use aws_s3::operation::{
    DeleteObjects, DeleteObjectsOutput, HeadBucket, HeadBucketOutput, ListObjects, ListObjectsOutput, ListObjectsV2,
    ListObjectsV2Output,
};
use aws_s3::types::Object;
use aws_talk::error::ByeException;
use aws_talk::operation::Talk;
use aws_talk::types::{Phrase, TalkInput, TalkOutput};

/// Rules for a listing of two pages.
fn pages(stub: &Stub) {
    let first = make!(ListObjectsV2Output {
        is_truncated: true,
        next_continuation_token: "next",
        contents: [Object { key: "a" }, Object { key: "b" }]
    });
    stub.on::<ListObjectsV2>().when(|it| it.continuation_token.is_none()).reply(first);
    stub.on::<ListObjectsV2>()
        .when(|it| it.continuation_token.as_deref() == Some("next"))
        .reply(make!(ListObjectsV2Output { contents: [Object { key: "c d+e" }] }));
}

#[tokio::test]
async fn paginators_and_collections_of_resources_turn_pages() {
    let stub = Stub::new();
    pages(&stub);
    let (session, mut keys) = (stub.session(), Vec::new());
    let mut items = aws_s3::Client::new(&session).list_objects_v2("bucket").items();
    while let Some(object) = items.try_next().await.expect("a page") {
        keys.push(object.key.unwrap_or_default());
    }
    assert_eq!(keys, ["a", "b", "c d+e"]);

    stub.on::<ListObjects>().reply(make!(ListObjectsOutput { contents: [Object { key: "a" }] }));
    stub.on::<DeleteObjects>().reply(DeleteObjectsOutput::default());
    let bucket = aws_s3_resource::S3::new(&session).bucket("bucket");
    bucket.objects().all().delete().await.expect("deleted");
    assert_eq!((stub.calls::<ListObjects>(), stub.calls::<DeleteObjects>()), (1, 1));
    stub.verify();
}

#[tokio::test]
async fn waiters_poll_without_waiting() {
    let stub = Stub::new();
    stub.on::<HeadBucket>().error(ServiceError::new("NotFound")).times(3).reply(HeadBucketOutput::default());
    let outcome = aws_s3::Client::new(&stub.session()).wait_bucket_exists("bucket").await.expect("it exists");
    assert_eq!((outcome.attempts, stub.waits()), (4, vec![Duration::from_secs(5); 3]));
    stub.verify();
}

#[tokio::test]
async fn a_conditional_write_fails_with_the_item_that_is_there() {
    let stub = Stub::new();
    let there = make!(ConditionalCheckFailedException {
        message: "The conditional request failed",
        item: [("id", AttributeValue::S("a".to_owned()))]
    });
    stub.on::<PutItem>().when(|it| it.condition_expression.is_some()).error(there);
    stub.on::<GetItem>().reply(make!(GetItemOutput { item: [("id", AttributeValue::S("a".to_owned()))] }));
    let dynamodb = aws_dynamodb::Client::new(&stub.session());
    let put = dynamodb.put_item("t", [("id", AttributeValue::S("a".to_owned()))]);
    let error = put.condition_expression("attribute_not_exists(id)").send().await.expect_err("it exists");
    let exception = error.get::<ConditionalCheckFailedException>().expect("the exception");
    assert_eq!(exception.item["id"].as_s(), Some("a"));
    assert_eq!(error.message(), "The conditional request failed");
    let item = dynamodb.get_item("t", [("id", AttributeValue::S("a".to_owned()))]).send().await.expect("an item").item;
    assert_eq!(item["id"].as_s(), Some("a"));
    stub.verify();
}

#[tokio::test]
async fn events_of_a_response_are_framed_and_end_with_an_exception() {
    let stub = Stub::new();
    let sound = |word: &str| Sounds::Sound(make!(Sound { word: word }));
    let events = EventStream::from_results([Ok(sound("a")), Ok(sound("b"))]);
    stub.on::<Listen>().reply(make!(ListenOutput { session: "s1", events: events }));
    // The same response twice: the events were written when they were first sent.
    for _ in 0..2 {
        let mut response =
            aws_listen::Client::new(&stub.session()).listen().channel("one").send().await.expect("events");
        assert_eq!(response.session.as_deref(), Some("s1"));
        for expect in ["a", "b"] {
            let event = response.events.try_next().await.expect("an event");
            assert!(matches!(&event, Some(Sounds::Sound(it)) if it.word.as_deref() == Some(expect)), "{event:?}");
        }
        assert!(response.events.try_next().await.expect("the end").is_none());
    }
    stub.verify();
}

#[tokio::test]
async fn events_in_both_directions_take_turns() {
    let stub = Stub::new();
    let heard = TalkOutput::Phrase(make!(Phrase { words: ["hello"] }));
    let bye = ServiceError::of(make!(ByeException { seconds: 3 }));
    let events = EventStream::from_results([Ok(heard), Err(bye.build())]);
    stub.on::<Talk>()
        .when(|it| it.room.as_deref() == Some("r"))
        .reply(make!(aws_talk::operation::TalkOutput { session: "s2", events: events }));
    let (sender, input) = aws_core::EventInput::<TalkInput>::channel(1);
    let mut response = aws_talk::Client::new(&stub.session()).talk("r", input).send().await.expect("a response");
    // More events than the channel holds: the stub takes them.
    for _ in 0..3 {
        sender.send(TalkInput::Phrase(make!(Phrase { words: ["x"] }))).await.expect("taken");
    }
    assert_eq!(response.session.as_deref(), Some("s2"));
    assert!(matches!(response.events.try_next().await.expect("an event"), Some(TalkOutput::Phrase(_))));
    let error = response.events.try_next().await.expect_err("the exception");
    assert_eq!(error.get::<ByeException>().and_then(|it| it.seconds), Some(3));
    stub.verify();
}

#[tokio::test]
async fn presigning_needs_no_rule_and_calls_share_a_stub() {
    let stub = Stub::new();
    let s3 = aws_s3::Client::new(&stub.session());
    let url = s3.get_object("bucket", "k").presign(Duration::from_secs(60)).await.expect("a URL");
    assert!(url.url().contains("X-Amz-Signature=") && url.url().contains("X-Amz-Date=20260101T000000Z"));
    stub.verify();

    stub.on::<HeadBucket>().reply(HeadBucketOutput::default());
    let calls = (0..20).map(|_| tokio::spawn(s3.head_bucket("bucket").into_future()));
    for call in calls.collect::<Vec<_>>() {
        call.await.expect("a task").expect("a response");
    }
    assert_eq!(stub.calls::<HeadBucket>(), 20);
}

#[tokio::test]
async fn a_session_of_the_program_takes_the_stub_as_a_hook() {
    let stub = Stub::new();
    stub.on::<HeadBucket>().reply(HeadBucketOutput::default());
    let session = stub.builder().region("eu-west-1").max_attempts(1).build().expect("settings");
    aws_s3::Client::new(&session).head_bucket("bucket").send().await.expect("a response");
    assert!(stub.requests()[0].url.contains("eu-west-1"), "{}", stub.requests()[0].url);
    let error = aws_s3::Client::new(&session).list_buckets().send().await.expect_err("no rule");
    assert_eq!(error.kind(), ErrorKind::Hook);
}
