//! DynamoDB and its streams: tables, items, pages of a query, change records.

use aws_core::Result;
use aws_dynamodb::Client;
use aws_dynamodb::error::{ConditionalCheckFailedException, ResourceNotFoundException, TransactionCanceledException};
use aws_dynamodb::types::{
    AttributeDefinition, AttributeValue, KeySchemaElement, Put, StreamSpecification, TransactWriteItem,
};
use aws_dynamodb_resource::DynamoDB;

use crate::{on_every_server, unique_name};

pub(super) fn string(string: &str) -> AttributeValue {
    AttributeValue::S(string.to_owned())
}

pub(super) fn number(number: i32) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// Creates a table of items by `owner` and `at`.
pub(super) async fn create_table(dynamodb: &Client, name: &str) -> Result<()> {
    let key = |name: &str, kind: &str| KeySchemaElement {
        attribute_name: Some(name.to_owned()),
        key_type: Some(kind.into()),
        ..Default::default()
    };
    let attribute = |name: &str, kind: &str| AttributeDefinition {
        attribute_name: Some(name.to_owned()),
        attribute_type: Some(kind.into()),
        ..Default::default()
    };
    dynamodb
        .create_table(name)
        .key_schema([key("owner", "HASH"), key("at", "RANGE")])
        .attribute_definitions([attribute("owner", "S"), attribute("at", "N")])
        .billing_mode("PAY_PER_REQUEST")
        .stream_specification(StreamSpecification {
            stream_enabled: Some(true),
            stream_view_type: Some("NEW_IMAGE".into()),
            ..Default::default()
        })
        .send()
        .await?;
    dynamodb.wait_table_exists(name).await?;
    Ok(())
}

#[tokio::test]
async fn a_client_puts_gets_and_queries_items() {
    on_every_server(async |session| {
        let dynamodb = Client::new(&session);
        let name = &unique_name();
        create_table(&dynamodb, name).await?;
        assert!(dynamodb.list_tables().items().try_collect().await?.contains(name));
        for at in 0..7 {
            let item = [("owner", string("me")), ("at", number(at)), ("what", string(&format!("thing {at}")))];
            dynamodb.put_item(name, item).send().await?;
        }
        let found = dynamodb.get_item(name, [("owner", string("me")), ("at", number(3))]).send().await?.item;
        assert_eq!(found["what"], string("thing 3"));
        let none = dynamodb.get_item(name, [("owner", string("me")), ("at", number(99))]).send().await?.item;
        assert!(none.is_empty());

        let query = dynamodb
            .query(name)
            .key_condition_expression("#o = :me AND #a >= :least")
            .expression_attribute_names([("#o", "owner"), ("#a", "at")])
            .expression_attribute_values([(":me", string("me")), (":least", number(2))]);
        let found = query.items().page_size(2).try_collect().await?;
        let at: Vec<_> = found.iter().map(|it| it["at"].clone()).collect();
        assert_eq!(at, [2, 3, 4, 5, 6].map(number));

        let taken = dynamodb
            .put_item(name, [("owner", string("me")), ("at", number(1))])
            .condition_expression("attribute_not_exists(#a)")
            .expression_attribute_names([("#a", "at")])
            .send()
            .await
            .expect_err("the item is there");
        assert!(taken.is::<ConditionalCheckFailedException>(), "{taken}");
        let put = Put {
            table_name: Some(name.clone()),
            item: [("owner".to_owned(), string("me")), ("at".to_owned(), number(1))].into(),
            condition_expression: Some("attribute_not_exists(what)".to_owned()),
            ..Default::default()
        };
        let item = TransactWriteItem { put: Some(put), ..Default::default() };
        let error = dynamodb.transact_write_items([item]).send().await.expect_err("the condition fails");
        let canceled = error.get::<TransactionCanceledException>().expect("the exception");
        let codes: Vec<_> = canceled.cancellation_reasons.iter().filter_map(|it| it.code.as_deref()).collect();
        assert_eq!(codes, ["ConditionalCheckFailed"]);

        dynamodb.delete_table(name).send().await?;
        let gone = dynamodb.describe_table(name).send().await.expect_err("no such table");
        assert!(gone.is::<ResourceNotFoundException>(), "{gone}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_stream_has_the_record_of_a_put() {
    on_every_server(async |session| {
        let (dynamodb, streams) = (Client::new(&session), aws_dynamodbstreams::Client::new(&session));
        let name = &unique_name();
        create_table(&dynamodb, name).await?;
        dynamodb.put_item(name, [("owner", string("me")), ("at", number(1))]).send().await?;
        let stream = streams.list_streams().table_name(name).send().await?.streams.pop().expect("a stream");
        let arn = stream.stream_arn.expect("an ARN");
        let description = streams.describe_stream(&arn).send().await?.stream_description.expect("a description");
        let shard = description.shards[0].shard_id.clone().expect("an id");
        let iterator = streams.get_shard_iterator(&arn, shard, "TRIM_HORIZON").send().await?.shard_iterator;
        let records = streams.get_records(iterator.expect("an iterator")).send().await?.records;
        let image = records[0].dynamodb.as_ref().map(|it| &it.new_image).expect("an image");
        assert!(matches!(&image["at"], aws_dynamodbstreams::types::AttributeValue::N(it) if it == "1"));
        dynamodb.delete_table(name).send().await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_resource_puts_and_scans_items() {
    on_every_server(async |session| {
        let name = &unique_name();
        create_table(&Client::new(&session), name).await?;
        let table = DynamoDB::new(&session).table(name);
        table.put_item([("owner", string("me")), ("at", number(1))]).send().await?;
        let loaded = table.load().send().await?;
        assert_eq!((loaded.table_name(), loaded.item_count()), (&**name, Some(1)));
        assert_eq!(table.scan().send().await?.count, Some(1));
        table.delete().send().await?;
        table.wait_until_not_exists().await?;
        Ok(())
    })
    .await;
}
