//! The driver of this project's crates, with the settings that a program has by default, apart from static credentials and
//! the endpoint. `BENCH_CHECKSUMS` sends checksums as to AWS, `BENCH_SIGNED` signs files too.

mod session;
mod transfers;

use aws_core::ByteStream;
use aws_dynamodb::types::AttributeValue;
use bench_driver::{AnyError, Arguments, operation, transfer};
use session::session;

fn main() -> Result<(), AnyError> {
    bench_driver::main(async |arguments| {
        let session = session(&arguments)?;
        if transfer::is_transfer(&arguments.case) {
            return transfers::operation(&session, arguments);
        }
        let s3 = aws_s3::Client::new(&session);
        let dynamodb = aws_dynamodb::Client::new(&session);
        let sqs = aws_sqs::Client::new(&session);
        let ec2 = aws_ec2::Client::new(&session);
        let Arguments { case, url, file, .. } = arguments;
        Ok(match case.as_str() {
            "listbuckets" => operation(move || {
                let s3 = s3.clone();
                async move { Ok(s3.list_buckets().send().await?.buckets.len() as u64) }
            }),
            "get1k" => operation(move || {
                let s3 = s3.clone();
                async move {
                    let body = s3.get_object("bucket", "small").send().await?.body;
                    Ok(body.collect().await?.into_bytes().len() as u64)
                }
            }),
            "get256m" => operation(move || {
                let s3 = s3.clone();
                async move {
                    let (mut body, mut read) = (s3.get_object("bucket", "big").send().await?.body, 0);
                    while let Some(piece) = body.next().await {
                        read += piece?.len() as u64;
                    }
                    Ok(read)
                }
            }),
            "put1k" => operation(move || {
                let put = s3.put_object("bucket", "small").body(ByteStream::from_static(&[7; 1024]));
                async move { Ok(put.send().await?.e_tag.map_or(0, |_| 1)) }
            }),
            "put256m" => operation(move || {
                let (s3, file) = (s3.clone(), file.clone());
                async move {
                    let body = ByteStream::from_path(file).await?;
                    let len = body.len().ok_or("a file of unknown length")?;
                    s3.put_object("bucket", "big").body(body).send().await?;
                    Ok(len)
                }
            }),
            "list1000" => operation(move || {
                let s3 = s3.clone();
                async move { Ok(s3.list_objects_v2("bucket").send().await?.contents.len() as u64) }
            }),
            "sqs_send" => operation(move || {
                let send = sqs.send_message(format!("{url}/123456789012/queue"), "a message of the benchmark");
                async move { Ok(send.send().await?.message_id.map_or(0, |_| 1)) }
            }),
            "ddb_getitem" => operation(move || {
                let string = |it: &str| AttributeValue::S(it.to_owned());
                let get = dynamodb.get_item("orders", [("pk", string("customer#1")), ("sk", string("order#1"))]);
                async move { Ok(get.send().await?.item.len() as u64) }
            }),
            "ddb_query1m" => operation(move || {
                let values = [(":pk", AttributeValue::S("customer#1".to_owned()))];
                let query = dynamodb.query("orders").key_condition_expression("pk = :pk");
                let query = query.expression_attribute_values(values);
                async move { Ok(query.send().await?.items.len() as u64) }
            }),
            "ec2_describe200" => operation(move || {
                let ec2 = ec2.clone();
                async move {
                    let reservations = ec2.describe_instances().send().await?.reservations;
                    Ok(reservations.iter().map(|it| it.instances.len() as u64).sum())
                }
            }),
            _ => None,
        })
    })
}
