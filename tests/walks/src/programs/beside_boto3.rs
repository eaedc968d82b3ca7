//! Five programs of different services beside the same programs of boto3: both run against moto and print the same, and
//! the Rust source is at most one and a half times as long. Knows no internals.

use std::process::Command;

use aws_core::{Result, Session, make};
use tests::moto;

use crate::{on_every_server, unique_name};

/// How many times as many bytes as boto3's the Rust source of a program may have.
const LIMIT: f64 = 1.5;

/// The bytes of the lines without white space around them.
fn bytes(source: &str) -> usize {
    source.lines().map(|it| it.trim().len()).sum()
}

/// The lines of this file between the markers of the program.
fn rust_source(program: &str) -> &'static str {
    let (_, after) =
        include_str!("beside_boto3.rs").split_once(&format!("    // begin {program}\n")).expect("a marker");
    after.split_once("    // end\n").expect("a marker").0
}

/// Runs boto3's program against moto, where that is there, and returns the list `result` of it, one element a line.
fn run_boto3(source: &str) -> Option<Vec<String>> {
    let server = moto::moto()?;
    let program = format!("import boto3\nname = '{}'\nresult = []\n{source}\nprint(*result, sep='\\n')", unique_name());
    let output = Command::new(moto::python().ok()?)
        .args(["-c", &program])
        .env_clear()
        .env("AWS_ENDPOINT_URL", &server.endpoint.url)
        .envs([("AWS_DEFAULT_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")])
        .envs(["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"].map(|it| (it, "/dev/null")))
        .output()
        .expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

/// Runs both programs, and compares what they return and how long they are.
async fn check(
    program: &str,
    boto3: &str,
    expect: &[&str],
    rust: impl AsyncFn(&Session, &str, &mut Vec<String>) -> Result<()>,
) {
    if let Some(found) = run_boto3(boto3) {
        assert_eq!(found, expect, "boto3's program `{program}`");
    }
    on_every_server(async |session| {
        let mut result = Vec::new();
        rust(&session, &unique_name(), &mut result).await?;
        assert_eq!(result, expect, "the program `{program}`");
        Ok(())
    })
    .await;
    let (ours, theirs) = (bytes(rust_source(program)), bytes(boto3));
    let ratio = ours as f64 / theirs as f64;
    println!("{program}: {ours} bytes of Rust, {theirs} of Python, {ratio:.2} times");
    assert!(ratio <= LIMIT, "`{program}` has {ours} bytes of Rust, {theirs} of Python: {ratio:.2} times, not {LIMIT}");
}

const S3: &str = r#"
s3 = boto3.client("s3")
s3.create_bucket(Bucket=name)
s3.put_bucket_lifecycle_configuration(
    Bucket=name,
    LifecycleConfiguration={"Rules": [{
        "ID": "logs",
        "Status": "Enabled",
        "Filter": {"Prefix": "logs/"},
        "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}],
        "Expiration": {"Days": 365},
    }]},
)
s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "team", "Value": "red"}]})
for key in ["logs/a", "logs/b"]:
    s3.put_object(Bucket=name, Key=key, Body=b"hello", ContentType="text/plain", Metadata={"from": "me"})
for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name, Prefix="logs/"):
    for found in page.get("Contents", []):
        response = s3.get_object(Bucket=name, Key=found["Key"])
        body = response["Body"].read().decode()
        result.append(f"{found['Key']} {body} {response['Metadata']['from']}")
s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "logs/a"}, {"Key": "logs/b"}]})
s3.delete_bucket(Bucket=name)
"#;

async fn s3(session: &Session, name: &str, result: &mut Vec<String>) -> Result<()> {
    use aws_s3::Client;
    use aws_s3::types::{
        BucketLifecycleConfiguration, Delete, LifecycleExpiration, LifecycleRule, LifecycleRuleFilter,
        ObjectIdentifier, Tag, Tagging, Transition,
    };
    // begin s3
    let s3 = Client::new(session);
    s3.create_bucket(name).send().await?;
    s3.put_bucket_lifecycle_configuration(name)
        .lifecycle_configuration(make!(BucketLifecycleConfiguration {
            rules: [LifecycleRule {
                id: "logs",
                status: "Enabled",
                filter: LifecycleRuleFilter { prefix: "logs/" },
                transitions: [Transition { days: 30, storage_class: "GLACIER" }],
                expiration: LifecycleExpiration { days: 365 },
            }],
        }))
        .send()
        .await?;
    s3.put_bucket_tagging(name, make!(Tagging { tag_set: [Tag { key: "team", value: "red" }] })).send().await?;
    for key in ["logs/a", "logs/b"] {
        s3.put_object(name, key).body("hello").content_type("text/plain").metadata([("from", "me")]).send().await?;
    }
    let mut objects = s3.list_objects_v2(name).prefix("logs/").items();
    while let Some(found) = objects.try_next().await? {
        let key = found.key.unwrap_or_default();
        let response = s3.get_object(name, &key).send().await?;
        let body = response.body.collect().await?.into_string()?;
        result.push(format!("{key} {body} {}", response.metadata["from"]));
    }
    let delete = make!(Delete { objects: [ObjectIdentifier { key: "logs/a" }, ObjectIdentifier { key: "logs/b" }] });
    s3.delete_objects(name, delete).send().await?;
    s3.delete_bucket(name).send().await?;
    // end
    Ok(())
}

#[tokio::test]
async fn s3_is_as_short_as_boto3() {
    check("s3", S3, &["logs/a hello me", "logs/b hello me"], s3).await;
}

const SQS: &str = r#"
sqs = boto3.client("sqs")
url = sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "5"})["QueueUrl"]
sqs.send_message(
    QueueUrl=url,
    MessageBody="hello",
    MessageAttributes={"kind": {"DataType": "String", "StringValue": "greeting"}},
)
entries = [{"Id": str(i), "MessageBody": f"message {i}"} for i in range(2)]
sqs.send_message_batch(QueueUrl=url, Entries=entries)
response = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
for message in response.get("Messages", []):
    kind = message.get("MessageAttributes", {}).get("kind", {}).get("StringValue", "none")
    result.append(f"{message['Body']} {kind}")
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
result.sort()
try:
    sqs.get_queue_url(QueueName=name + "-other")
except sqs.exceptions.QueueDoesNotExist:
    result.append("no such queue")
sqs.delete_queue(QueueUrl=url)
"#;

async fn sqs(session: &Session, name: &str, result: &mut Vec<String>) -> Result<()> {
    use aws_sqs::Client;
    use aws_sqs::error::QueueDoesNotExist;
    use aws_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};
    // begin sqs
    let sqs = Client::new(session);
    let created = sqs.create_queue(name).attributes([("VisibilityTimeout", "5")]).send().await?;
    let url = created.queue_url.unwrap_or_default();
    let kind = make!(MessageAttributeValue { data_type: "String", string_value: "greeting" });
    sqs.send_message(&url, "hello").message_attributes([("kind", kind)]).send().await?;
    let entries =
        (0..2).map(|i| make!(SendMessageBatchRequestEntry { id: i.to_string(), message_body: format!("message {i}") }));
    sqs.send_message_batch(&url, entries).send().await?;
    let response = sqs.receive_message(&url).max_number_of_messages(10).message_attribute_names(["All"]).send().await?;
    for message in response.messages {
        let kind = message.message_attributes.get("kind").and_then(|it| it.string_value.as_deref());
        result.push(format!("{} {}", message.body.unwrap_or_default(), kind.unwrap_or("none")));
        sqs.delete_message(&url, message.receipt_handle.unwrap_or_default()).send().await?;
    }
    result.sort();
    match sqs.get_queue_url(format!("{name}-other")).send().await {
        Err(e) if e.is::<QueueDoesNotExist>() => result.push("no such queue".into()),
        other => drop(other?),
    }
    sqs.delete_queue(&url).send().await?;
    // end
    Ok(())
}

#[tokio::test]
async fn sqs_is_as_short_as_boto3() {
    check("sqs", SQS, &["hello greeting", "message 0 none", "message 1 none", "no such queue"], sqs).await;
}

const DYNAMODB: &str = r##"
dynamodb = boto3.client("dynamodb")
dynamodb.create_table(
    TableName=name,
    KeySchema=[{"AttributeName": "owner", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
    AttributeDefinitions=[
        {"AttributeName": "owner", "AttributeType": "S"},
        {"AttributeName": "at", "AttributeType": "N"},
    ],
    BillingMode="PAY_PER_REQUEST",
)
dynamodb.get_waiter("table_exists").wait(TableName=name)
for at in range(3):
    dynamodb.put_item(TableName=name, Item={"owner": {"S": "me"}, "at": {"N": str(at)}, "amount": {"N": "5"}})
dynamodb.update_item(
    TableName=name,
    Key={"owner": {"S": "me"}, "at": {"N": "1"}},
    UpdateExpression="SET amount = amount + :more",
    ExpressionAttributeValues={":more": {"N": "2"}},
)
pages = dynamodb.get_paginator("query").paginate(
    TableName=name,
    KeyConditionExpression="#o = :me AND #a >= :least",
    ExpressionAttributeNames={"#o": "owner", "#a": "at"},
    ExpressionAttributeValues={":me": {"S": "me"}, ":least": {"N": "1"}},
)
for item in pages.search("Items[]"):
    result.append(f"{item['at']['N']} {item['amount']['N']}")
dynamodb.delete_table(TableName=name)
"##;

async fn dynamodb(session: &Session, name: &str, result: &mut Vec<String>) -> Result<()> {
    use aws_dynamodb::types::{AttributeDefinition, KeySchemaElement};
    use aws_dynamodb::{Client, item};
    // begin dynamodb
    let dynamodb = Client::new(session);
    dynamodb
        .create_table(name)
        .key_schema([
            make!(KeySchemaElement { attribute_name: "owner", key_type: "HASH" }),
            make!(KeySchemaElement { attribute_name: "at", key_type: "RANGE" }),
        ])
        .attribute_definitions([
            make!(AttributeDefinition { attribute_name: "owner", attribute_type: "S" }),
            make!(AttributeDefinition { attribute_name: "at", attribute_type: "N" }),
        ])
        .billing_mode("PAY_PER_REQUEST")
        .send()
        .await?;
    dynamodb.wait_table_exists(name).await?;
    for at in 0..3 {
        dynamodb.put_item(name, item! { "owner" => "me", "at" => at, "amount" => 5 }).send().await?;
    }
    dynamodb
        .update_item(name, item! { "owner" => "me", "at" => 1 })
        .update_expression("SET amount = amount + :more")
        .expression_attribute_values(item! { ":more" => 2 })
        .send()
        .await?;
    let mut items = dynamodb
        .query(name)
        .key_condition_expression("#o = :me AND #a >= :least")
        .expression_attribute_names([("#o", "owner"), ("#a", "at")])
        .expression_attribute_values(item! { ":me" => "me", ":least" => 1 })
        .items();
    while let Some(item) = items.try_next().await? {
        result.push(format!("{} {}", item["at"].as_n().unwrap_or("?"), item["amount"].as_n().unwrap_or("?")));
    }
    dynamodb.delete_table(name).send().await?;
    // end
    Ok(())
}

#[tokio::test]
async fn dynamodb_is_as_short_as_boto3() {
    check("dynamodb", DYNAMODB, &["1 7", "2 5"], dynamodb).await;
}

const EC2: &str = r#"
ec2 = boto3.client("ec2")
image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
run = ec2.run_instances(
    MinCount=2,
    MaxCount=2,
    ImageId=image,
    InstanceType="t3.micro",
    TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}]}],
)
ids = [instance["InstanceId"] for instance in run["Instances"]]
ec2.get_waiter("instance_running").wait(InstanceIds=ids)
filters = [{"Name": "tag:Name", "Values": [name]}, {"Name": "instance-state-name", "Values": ["running"]}]
pages = ec2.get_paginator("describe_instances").paginate(Filters=filters)
for instance in pages.search("Reservations[].Instances[]"):
    result.append(f"{instance['InstanceType']} {instance['State']['Name']}")
ec2.terminate_instances(InstanceIds=ids)
ec2.get_waiter("instance_terminated").wait(InstanceIds=ids, WaiterConfig={"Delay": 1})
"#;

async fn ec2(session: &Session, name: &str, result: &mut Vec<String>) -> Result<()> {
    use aws_ec2::Client;
    use aws_ec2::types::{Filter, Tag, TagSpecification};
    use std::time::Duration;
    // begin ec2
    let ec2 = Client::new(session);
    let images = ec2.describe_images().owners(["amazon"]).send().await?.images;
    let run = ec2
        .run_instances(2, 2)
        .image_id(images[0].image_id.as_deref())
        .instance_type("t3.micro")
        .tag_specifications([make!(TagSpecification {
            resource_type: "instance",
            tags: [Tag { key: "Name", value: name }],
        })])
        .send()
        .await?;
    let ids: Vec<_> = run.instances.into_iter().filter_map(|it| it.instance_id).collect();
    ec2.wait_instance_running().instance_ids(&ids).await?;
    let filters = [
        make!(Filter { name: "tag:Name", values: [name] }),
        make!(Filter { name: "instance-state-name", values: ["running"] }),
    ];
    let mut reservations = ec2.describe_instances().filters(filters).items();
    while let Some(reservation) = reservations.try_next().await? {
        for instance in reservation.instances {
            let state = instance.state.and_then(|it| it.name).unwrap_or_default();
            result.push(format!("{} {state}", instance.instance_type.unwrap_or_default()));
        }
    }
    ec2.terminate_instances(&ids).send().await?;
    ec2.wait_instance_terminated().instance_ids(&ids).delay(Duration::from_secs(1)).await?;
    // end
    Ok(())
}

#[tokio::test]
async fn ec2_is_as_short_as_boto3() {
    check("ec2", EC2, &["t3.micro running", "t3.micro running"], ec2).await;
}

const CLOUDWATCH: &str = r#"
cloudwatch = boto3.client("cloudwatch")
dimensions = [{"Name": "Host", "Value": "a"}]
data = [
    {"MetricName": "Load", "Dimensions": dimensions, "Value": value, "Unit": "Percent"} for value in [1.5, 2.5]
]
cloudwatch.put_metric_data(Namespace=name, MetricData=data)
cloudwatch.put_metric_alarm(
    AlarmName=name,
    Namespace=name,
    MetricName="Load",
    Dimensions=dimensions,
    Statistic="Average",
    Period=60,
    EvaluationPeriods=2,
    Threshold=80.0,
    ComparisonOperator="GreaterThanThreshold",
    Tags=[{"Key": "team", "Value": "red"}],
)
for page in cloudwatch.get_paginator("list_metrics").paginate(Namespace=name):
    for metric in page["Metrics"]:
        result.append(f"{metric['MetricName']} {metric['Dimensions'][0]['Value']}")
for alarm in cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]:
    result.append(f"{alarm['Threshold']:.1f} {alarm['Statistic']}")
cloudwatch.delete_alarms(AlarmNames=[name])
"#;

async fn cloudwatch(session: &Session, name: &str, result: &mut Vec<String>) -> Result<()> {
    use aws_cloudwatch::Client;
    use aws_cloudwatch::types::{Dimension, MetricDatum, Tag};
    // begin cloudwatch
    let cloudwatch = Client::new(session);
    let dimensions = [make!(Dimension { name: "Host", value: "a" })];
    let data = [1.5, 2.5]
        .map(|value| make!(MetricDatum { metric_name: "Load", dimensions: &dimensions, value, unit: "Percent" }));
    cloudwatch.put_metric_data(name).metric_data(data).send().await?;
    cloudwatch
        .put_metric_alarm(name)
        .namespace(name)
        .metric_name("Load")
        .dimensions(dimensions)
        .statistic("Average")
        .period(60)
        .evaluation_periods(2)
        .threshold(80.0)
        .comparison_operator("GreaterThanThreshold")
        .tags([make!(Tag { key: "team", value: "red" })])
        .send()
        .await?;
    let mut metrics = cloudwatch.list_metrics().namespace(name).items();
    while let Some(metric) = metrics.try_next().await? {
        let host = metric.dimensions[0].value.as_deref().unwrap_or_default();
        result.push(format!("{} {host}", metric.metric_name.unwrap_or_default()));
    }
    for alarm in cloudwatch.describe_alarms().alarm_names([name]).send().await?.metric_alarms {
        let statistic = alarm.statistic.unwrap_or_default();
        result.push(format!("{:.1} {statistic}", alarm.threshold.unwrap_or_default()));
    }
    cloudwatch.delete_alarms([name]).send().await?;
    // end
    Ok(())
}

#[tokio::test]
async fn cloudwatch_is_as_short_as_boto3() {
    check("cloudwatch", CLOUDWATCH, &["Load a", "80.0 Average"], cloudwatch).await;
}
