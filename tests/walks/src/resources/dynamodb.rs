//! DynamoDB: tables and items.

use aws_dynamodb::custom::Item;
use aws_dynamodb::types::{
    AttributeDefinition, AttributeValue, DeleteRequest, KeySchemaElement, KeysAndAttributes, ProvisionedThroughput,
    PutRequest, WriteRequest,
};
use aws_dynamodb_resource::DynamoDB;

use super::Walk;
use super::walk::resources;

resources!(aws_dynamodb_resource: Table);

#[tokio::test]
async fn resources_send_what_boto3_sends() {
    super::walk("dynamodb", walk).await;
}

/// A string.
fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// A number.
fn n(text: &str) -> AttributeValue {
    AttributeValue::N(text.into())
}

/// The key of an item.
fn key(id: &str) -> [(&'static str, AttributeValue); 1] {
    [("id", s(id))]
}

/// An item with nothing but its key.
fn item(id: &str) -> Item {
    Item::from([("id".into(), s(id))])
}

async fn walk(walk: &mut Walk) {
    let dynamodb = DynamoDB::new(walk.session());
    let table = walk
        .get(
            "table = dynamodb.create_table(TableName='walk', AttributeDefinitions=[{'AttributeName': 'id', \
        'AttributeType': 'S'}], KeySchema=[{'AttributeName': 'id', 'KeyType': 'HASH'}], \
        BillingMode='PAY_PER_REQUEST')",
            dynamodb.create_table("walk").with(|it| {
                it.attribute_definitions([AttributeDefinition {
                    attribute_name: Some("id".into()),
                    attribute_type: Some("S".into()),
                    ..Default::default()
                }])
                .key_schema([KeySchemaElement {
                    attribute_name: Some("id".into()),
                    key_type: Some("HASH".into()),
                    ..Default::default()
                }])
                .billing_mode("PAY_PER_REQUEST")
            }),
        )
        .await;
    walk.value("dynamodb.Table('walk')", dynamodb.table("walk"));
    walk.call("table.wait_until_exists()", table.wait_until_exists()).await;
    let table = walk.call("table.load()", table.load()).await;
    walk.get("list(dynamodb.tables.all())", dynamodb.tables().try_collect()).await;
    walk.get("list(dynamodb.tables.page_size(1))", dynamodb.tables().page_size(1).try_collect()).await;

    let list = AttributeValue::from([AttributeValue::Bool(true), AttributeValue::Null(true)]);
    let values = [("id", s("1")), ("n", n("1")), ("set", AttributeValue::Ss(["b".into()].into())), ("list", list)];
    walk.call("table.put_item(Item={'id': '1', 'n': 1, 'set': {'b'}, 'list': [True, None]})", table.put_item(values))
        .await;
    let values = [("id", s("2")), ("bytes", AttributeValue::from(b"\x00\xff"))];
    walk.call(
        r#"table.put_item(Item={'id': '2', 'bytes': b'\x00\xff'}, ReturnValues='ALL_OLD')"#,
        table.put_item(values).return_values("ALL_OLD"),
    )
    .await;
    walk.call("table.get_item(Key={'id': '1'}, ConsistentRead=True)", table.get_item(key("1")).consistent_read(true))
        .await;
    let update = table.update_item(key("1")).update_expression("SET #n = :two");
    let update = update.expression_attribute_names([("#n", "n")]).expression_attribute_values([(":two", n("2"))]);
    walk.call(
        "table.update_item(Key={'id': '1'}, UpdateExpression='SET #n = :two', ExpressionAttributeNames={'#n': \
        'n'}, ExpressionAttributeValues={':two': 2})",
        update,
    )
    .await;
    walk.call(
        "table.query(KeyConditionExpression='id = :id', ExpressionAttributeValues={':id': '1'})",
        table.query().key_condition_expression("id = :id").expression_attribute_values([(":id", s("1"))]),
    )
    .await;
    walk.call("table.scan(Limit=1)", table.scan().limit(1)).await;
    let put = PutRequest { item: item("3"), ..Default::default() };
    let delete = DeleteRequest { key: item("2"), ..Default::default() };
    let writes = vec![
        WriteRequest { put_request: Some(put), ..Default::default() },
        WriteRequest { delete_request: Some(delete), ..Default::default() },
    ];
    walk.call(
        "dynamodb.batch_write_item(RequestItems={'walk': [{'PutRequest': {'Item': {'id': '3'}}}, \
        {'DeleteRequest': {'Key': {'id': '2'}}}]})",
        dynamodb.batch_write_item([("walk", writes)]),
    )
    .await;
    let keys = KeysAndAttributes { keys: vec![item("3")].into(), ..Default::default() };
    walk.call(
        "dynamodb.batch_get_item(RequestItems={'walk': {'Keys': [{'id': '3'}]}})",
        dynamodb.batch_get_item([("walk", keys)]),
    )
    .await;
    walk.call("table.delete_item(Key={'id': '3'})", table.delete_item(key("3"))).await;
    walk.get(
        "table.update(BillingMode='PROVISIONED', ProvisionedThroughput={'ReadCapacityUnits': 1, \
        'WriteCapacityUnits': 1})",
        table.update().with(|it| {
            it.billing_mode("PROVISIONED").provisioned_throughput(ProvisionedThroughput {
                read_capacity_units: Some(1),
                write_capacity_units: Some(1),
                ..Default::default()
            })
        }),
    )
    .await;
    walk.call("table.delete()", table.delete()).await;
    walk.call("table.wait_until_not_exists()", table.wait_until_not_exists()).await;

    let [creating, active] = ["CREATING", "ACTIVE"].map(|it| format!(r#"{{"Table": {{"TableStatus": "{it}"}}}}"#));
    let none = r#"{"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}"#;
    let table = dynamodb.table("walk");
    let (there, gone) = ([(200, &*creating), (200, &*active)], [(200, &*active), (400, none)]);
    walk.waits("dynamodb.Table('walk').wait_until_exists()", || table.wait_until_exists(), 25, there, None).await;
    let python = "dynamodb.Table('walk').wait_until_not_exists()";
    walk.waits(python, || table.wait_until_not_exists(), 25, gone, None).await;
    let tables = r#"{"TableNames": ["a", "b"], "LastEvaluatedTableName": "b"}"#;
    walk.canned(tables).get("list(dynamodb.tables.limit(1))", dynamodb.tables().limit(1).try_collect()).await;
}
