//! Firehose: a delivery stream of records into a bucket.

use aws_core::Bytes;
use aws_firehose::Client;
use aws_firehose::error::ResourceNotFoundException;
use aws_firehose::types::{ExtendedS3DestinationConfiguration, Record};
use tests::moto;

use crate::{on_every_server, unique_name};

#[tokio::test]
async fn a_delivery_stream_accepts_a_record() {
    on_every_server(async |session| {
        let firehose = Client::new(&session);
        let name = unique_name();
        moto::create_bucket(&session, &name, &[]).await?;
        let destination = ExtendedS3DestinationConfiguration {
            role_arn: Some("arn:aws:iam::123456789012:role/walk".to_owned()),
            bucket_arn: Some(format!("arn:aws:s3:::{name}")),
            ..Default::default()
        };
        firehose.create_delivery_stream(&name).extended_s3_destination_configuration(destination).send().await?;
        assert!(firehose.list_delivery_streams().send().await?.delivery_stream_names.contains(&name));
        let record = Record { data: Some(Bytes::from_static(b"one record")), ..Default::default() };
        assert!(firehose.put_record(&name, record).send().await?.record_id.is_some());
        let description = firehose.describe_delivery_stream(&name).send().await?.delivery_stream_description;
        assert!(description.is_some_and(|it| it.delivery_stream_name.as_ref() == Some(&name)));
        firehose.delete_delivery_stream(&name).send().await?;
        let gone = firehose.describe_delivery_stream(&name).send().await.expect_err("no such stream");
        assert!(gone.is::<ResourceNotFoundException>(), "{gone}");
        Ok(())
    })
    .await;
}
