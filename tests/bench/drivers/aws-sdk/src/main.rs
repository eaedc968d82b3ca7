//! The driver of AWS's own SDK for Rust, with its default settings apart from static credentials and the endpoint.

mod settings;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::primitives::ByteStream;
use bench_driver::{AnyError, Arguments, operation};

fn main() -> Result<(), AnyError> {
    bench_driver::main(async |arguments| {
        let Arguments { case, url, file, .. } = arguments;
        let config = settings::load(&url).await;
        let s3 = settings::s3(&config);
        let dynamodb = aws_sdk_dynamodb::Client::new(&config);
        let sqs = aws_sdk_sqs::Client::new(&config);
        Ok(match case.as_str() {
            "listbuckets" => operation(move || {
                let list = s3.list_buckets();
                async move { Ok(list.send().await?.buckets().len() as u64) }
            }),
            "get1k" => operation(move || {
                let get = s3.get_object().bucket("bucket").key("small");
                async move { Ok(get.send().await?.body.collect().await?.into_bytes().len() as u64) }
            }),
            "get256m" => operation(move || {
                let get = s3.get_object().bucket("bucket").key("big");
                async move {
                    let (mut body, mut read) = (get.send().await?.body, 0);
                    while let Some(piece) = body.next().await {
                        read += piece?.len() as u64;
                    }
                    Ok(read)
                }
            }),
            "put1k" => operation(move || {
                let put = s3.put_object().bucket("bucket").key("small").body(ByteStream::from_static(&[7; 1024]));
                async move { Ok(put.send().await?.e_tag().map_or(0, |_| 1)) }
            }),
            "put256m" => operation(move || {
                let (put, file) = (s3.put_object().bucket("bucket").key("big"), file.clone());
                async move {
                    let len = std::fs::metadata(&file)?.len();
                    put.body(ByteStream::from_path(file).await?).send().await?;
                    Ok(len)
                }
            }),
            "list1000" => operation(move || {
                let list = s3.list_objects_v2().bucket("bucket");
                async move { Ok(list.send().await?.contents().len() as u64) }
            }),
            "sqs_send" => operation(move || {
                let queue = format!("{url}/123456789012/queue");
                let send = sqs.send_message().queue_url(queue).message_body("a message of the benchmark");
                async move { Ok(send.send().await?.message_id().map_or(0, |_| 1)) }
            }),
            "ddb_getitem" => operation(move || {
                let string = |it: &str| AttributeValue::S(it.to_owned());
                let get = dynamodb.get_item().table_name("orders");
                let get = get.key("pk", string("customer#1")).key("sk", string("order#1"));
                async move { Ok(get.send().await?.item().map_or(0, |it| it.len() as u64)) }
            }),
            "ddb_query1m" => operation(move || {
                let query = dynamodb.query().table_name("orders").key_condition_expression("pk = :pk");
                let query = query.expression_attribute_values(":pk", AttributeValue::S("customer#1".to_owned()));
                async move { Ok(query.send().await?.items().len() as u64) }
            }),
            #[cfg(feature = "ec2")]
            "ec2_describe200" => {
                let ec2 = aws_sdk_ec2::Client::new(&config);
                operation(move || {
                    let describe = ec2.describe_instances();
                    async move {
                        let output = describe.send().await?;
                        Ok(output.reservations().iter().map(|it| it.instances().len() as u64).sum())
                    }
                })
            }
            _ => None,
        })
    })
}
