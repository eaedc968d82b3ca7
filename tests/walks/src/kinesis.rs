//! Kinesis: a stream, a record in, a record out.

use aws_kinesis::Client;
use aws_kinesis::error::ResourceNotFoundException;

use crate::{on_every_server, unique_name};

#[tokio::test]
async fn a_record_is_put_and_read_back() {
    on_every_server(async |session| {
        let kinesis = Client::new(&session);
        let name = unique_name();
        kinesis.create_stream(&name).shard_count(1).send().await?;
        kinesis.wait_stream_exists().stream_name(&name).await?;
        assert!(kinesis.list_streams().items().try_collect().await?.contains(&name));
        let data = b"bytes \0 of any kind".as_slice();
        let put = kinesis.put_record(data).stream_name(&name).partition_key("k").send().await?;
        let shard = put.shard_id.expect("a shard");
        let iterator =
            kinesis.get_shard_iterator(shard, "TRIM_HORIZON").stream_name(&name).send().await?.shard_iterator;
        let records = kinesis.get_records(iterator.expect("an iterator")).send().await?.records;
        assert_eq!(records[0].data.as_deref(), Some(data));
        assert!(records[0].approximate_arrival_timestamp.is_some());
        kinesis.delete_stream().stream_name(&name).send().await?;
        let gone = kinesis.describe_stream().stream_name(&name).send().await.expect_err("no such stream");
        assert!(gone.is::<ResourceNotFoundException>(), "{gone}");
        Ok(())
    })
    .await;
}
