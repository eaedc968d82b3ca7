//! CloudWatch Logs: groups, streams, events.

use aws_core::Timestamp;
use aws_logs::Client;
use aws_logs::error::{ResourceAlreadyExistsException, ResourceNotFoundException};
use aws_logs::types::InputLogEvent;

use crate::{on_every_server, unique_name};

#[tokio::test]
async fn log_events_are_put_and_read_back() {
    on_every_server(async |session| {
        let logs = Client::new(&session);
        let name = unique_name();
        logs.create_log_group(&name).send().await?;
        let twice = logs.create_log_group(&name).send().await.expect_err("it is there");
        assert!(twice.is::<ResourceAlreadyExistsException>(), "{twice}");
        logs.create_log_stream(&name, "stream").send().await?;
        let now = Timestamp::now().as_millis();
        let event =
            |at| InputLogEvent { timestamp: Some(now + at), message: Some(format!("line {at}")), ..Default::default() };
        logs.put_log_events(&name, "stream", (0..5).map(event)).send().await?;
        let events = logs.get_log_events("stream").log_group_name(&name).start_from_head(true).send().await?.events;
        assert_eq!(events.iter().filter_map(|it| it.message.as_deref()).collect::<Vec<_>>()[4], "line 4");
        let groups = logs.describe_log_groups().log_group_name_prefix(&name).items().try_collect().await?;
        assert_eq!(groups.len(), 1);
        logs.delete_log_group(&name).send().await?;
        let gone = logs.delete_log_group(&name).send().await.expect_err("no such group");
        assert!(gone.is::<ResourceNotFoundException>(), "{gone}");
        Ok(())
    })
    .await;
}
