//! CloudWatch: metrics and alarms.

use std::time::Duration;

use aws_cloudwatch::Client;
use aws_cloudwatch::types::MetricDatum;
use aws_cloudwatch_resource::CloudWatch;
use aws_core::Timestamp;

use crate::{on_every_server, unique_name};

#[tokio::test]
async fn a_client_puts_metric_data_and_alarms() {
    on_every_server(async |session| {
        let cloudwatch = Client::new(&session);
        let namespace = unique_name();
        let now = Timestamp::now();
        let datum = |value| MetricDatum {
            metric_name: Some("Steps".to_owned()),
            timestamp: Some(now),
            value: Some(value),
            ..Default::default()
        };
        // Large enough to be compressed.
        let data = (0..400).map(|it| datum(f64::from(it) + 0.5));
        cloudwatch.put_metric_data(&namespace).metric_data(data).send().await?;
        let metrics = cloudwatch.list_metrics().namespace(&namespace).items().try_collect().await?;
        assert_eq!(metrics[0].metric_name.as_deref(), Some("Steps"));
        let hour = Duration::from_secs(3600);
        let (from, to) = (now.checked_sub(hour).expect("a time"), now.checked_add(hour).expect("a time"));
        let statistics = cloudwatch
            .get_metric_statistics(&namespace, "Steps")
            .start_time(from)
            .end_time(to)
            .period(7200)
            .statistics(["SampleCount", "Maximum"])
            .send()
            .await?
            .datapoints;
        assert_eq!((statistics[0].sample_count, statistics[0].maximum), (Some(400.0), Some(399.5)));

        cloudwatch
            .put_metric_alarm(&namespace)
            .namespace(&namespace)
            .metric_name("Steps")
            .comparison_operator("GreaterThanThreshold")
            .evaluation_periods(1)
            .period(60)
            .statistic("Sum")
            .threshold(1.5)
            .send()
            .await?;
        let alarms = cloudwatch.describe_alarms().alarm_names([&namespace]).send().await?.metric_alarms;
        assert_eq!(alarms[0].threshold, Some(1.5));
        cloudwatch.delete_alarms([&namespace]).send().await?;
        assert!(cloudwatch.describe_alarms().alarm_names([&namespace]).send().await?.metric_alarms.is_empty());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_resource_puts_metric_data() {
    on_every_server(async |session| {
        let cloudwatch = CloudWatch::new(&session);
        let namespace = unique_name();
        let metric = cloudwatch.metric(&namespace, "Steps");
        metric.put_data().send().await?;
        assert!(cloudwatch.alarms().filter(|it| it.alarm_name_prefix(&namespace)).try_collect().await?.is_empty());
        Ok(())
    })
    .await;
}
