//! EventBridge: a rule and its target.

use aws_events::Client;
use aws_events::error::ResourceNotFoundException;
use aws_events::types::{PutEventsRequestEntry, Target};

use crate::{on_every_server, unique_name};

#[tokio::test]
async fn a_rule_has_its_target_and_events_are_accepted() {
    on_every_server(async |session| {
        let events = Client::new(&session);
        let name = unique_name();
        events.put_rule(&name).schedule_expression("rate(5 minutes)").send().await?;
        let rules = events.list_rules().name_prefix(&name).items().try_collect().await?;
        assert_eq!(rules[0].schedule_expression.as_deref(), Some("rate(5 minutes)"));
        let arn = "arn:aws:logs:us-east-1:123456789012:log-group:walk";
        let target = Target { id: Some("one".to_owned()), arn: Some(arn.to_owned()), ..Default::default() };
        events.put_targets(&name, [target]).send().await?;
        let targets = events.list_targets_by_rule(&name).items().try_collect().await?;
        assert_eq!(targets[0].arn.as_deref(), Some(arn));
        events.remove_targets(&name, ["one"]).send().await?;
        let entry = PutEventsRequestEntry {
            source: Some("walk".to_owned()),
            detail_type: Some("step".to_owned()),
            detail: Some("{}".to_owned()),
            ..Default::default()
        };
        assert_eq!(events.put_events([entry]).send().await?.failed_entry_count, Some(0));
        events.delete_rule(&name).send().await?;
        let gone = events.describe_rule(&name).send().await.expect_err("no such rule");
        assert!(gone.is::<ResourceNotFoundException>(), "{gone}");
        Ok(())
    })
    .await;
}
