//! Unit tests without AWS: of a function that turns pages, of a conditional write, and of a retry. In a program they are
//! `#[tokio::test]`s, and the feature `testing` of `aws-core` is a dev-dependency.

use aws_core::testing::{ServiceError, Stub};
use aws_core::{Result, make};
use aws_dynamodb::error::ConditionalCheckFailedException;
use aws_dynamodb::operation::PutItem;
use aws_s3::operation::{ListObjectsV2, ListObjectsV2Output};
use aws_s3::types::Object;

/// What the first program does: the sum of the sizes of all objects.
async fn total_size(s3: &aws_s3::Client, bucket: &str) -> Result<i64> {
    let (mut objects, mut total) = (s3.list_objects_v2(bucket).items(), 0);
    while let Some(object) = objects.try_next().await? {
        total += object.size.unwrap_or_default();
    }
    Ok(total)
}

/// What the second program does: whether the name was still free.
async fn claim(dynamodb: &aws_dynamodb::Client, name: &str) -> Result<bool> {
    let item = aws_dynamodb::item! { "name" => name };
    let put = dynamodb.put_item("names", item).condition_expression("attribute_not_exists(#n)");
    match put.expression_attribute_names([("#n", "name")]).send().await {
        Ok(_) => Ok(true),
        Err(error) if error.is::<ConditionalCheckFailedException>() => Ok(false),
        Err(error) => Err(error),
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let stub = Stub::new();
    stub.on::<ListObjectsV2>().when(|it| it.continuation_token.is_none()).reply(make!(ListObjectsV2Output {
        contents: [Object { key: "a", size: 1 }, Object { key: "b", size: 2 }],
        next_continuation_token: "more",
        is_truncated: true
    }));
    stub.on::<ListObjectsV2>().reply(make!(ListObjectsV2Output { contents: [Object { key: "c", size: 4 }] }));
    println!("total: {}", total_size(&aws_s3::Client::new(&stub.session()), "mybucket").await?);
    stub.verify();

    let stub = Stub::new();
    stub.on::<PutItem>().http(200).times(1).error(ConditionalCheckFailedException::default());
    let dynamodb = aws_dynamodb::Client::new(&stub.session());
    println!("free: {}, then {}", claim(&dynamodb, "ada").await?, claim(&dynamodb, "ada").await?);
    stub.verify();

    let stub = Stub::new();
    let slow = ServiceError::new("SlowDown").status(503);
    stub.on::<ListObjectsV2>().error(slow).times(2).reply(ListObjectsV2Output::default());
    total_size(&aws_s3::Client::new(&stub.session()), "mybucket").await?;
    println!("attempts: {}, pauses: {}", stub.calls::<ListObjectsV2>(), stub.waits().len());
    Ok(())
}
