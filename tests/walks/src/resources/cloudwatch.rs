//! CloudWatch: metrics and alarms.

use aws_cloudwatch::types::MetricDatum;
use aws_cloudwatch_resource::CloudWatch;
use aws_core::Timestamp;

use super::Walk;
use super::walk::resources;

resources!(aws_cloudwatch_resource: Alarm, Metric);

#[tokio::test]
async fn resources_send_what_boto3_sends() {
    super::walk("cloudwatch", walk).await;
}

async fn walk(walk: &mut Walk) {
    let cloudwatch = CloudWatch::new(walk.session());
    let metric = walk.value("metric = cloudwatch.Metric('walks', 'steps')", cloudwatch.metric("walks", "steps"));
    walk.differs("boto3 replaces the list that names the metric (O20), and the name is lost")
        .canned("{}")
        .call(
            "metric.put_data(MetricData=[{'Value': 1.5, 'Unit': 'Count'}])",
            metric.put_data().metric_data([MetricDatum {
                value: Some(1.5),
                unit: Some("Count".into()),
                ..Default::default()
            }]),
        )
        .await;
    walk.call(
        "metric.put_data(MetricData=[{'MetricName': 'steps', 'Value': 2.0}])",
        metric.put_data().metric_data([MetricDatum {
            metric_name: Some("steps".into()),
            value: Some(2.0),
            ..Default::default()
        }]),
    )
    .await;
    let metric = walk.call("metric.load()", metric.load()).await;
    walk.get("list(cloudwatch.metrics.all())", cloudwatch.metrics().try_collect()).await;
    walk.get(
        "list(cloudwatch.metrics.filter(Namespace='walks'))",
        cloudwatch.metrics().filter(|it| it.namespace("walks")).try_collect(),
    )
    .await;
    walk.call(
        "metric.get_statistics(StartTime=1577836800, EndTime=1577923200, Period=60, Statistics=['Average', 'Sum'])",
        metric
            .get_statistics()
            .start_time(Timestamp::from_secs(1577836800))
            .end_time(Timestamp::from_secs(1577923200))
            .period(60)
            .statistics(["Average", "Sum"]),
    )
    .await;
    let alarm = walk
        .get(
            "alarm = metric.put_alarm(AlarmName='walk', ComparisonOperator='GreaterThanThreshold', \
        EvaluationPeriods=1, Period=60, Threshold=3.5, Statistic='Sum')",
            metric.put_alarm("walk").with(|it| {
                it.comparison_operator("GreaterThanThreshold")
                    .evaluation_periods(1)
                    .period(60)
                    .threshold(3.5)
                    .statistic("Sum")
            }),
        )
        .await;
    walk.get(
        "metric.put_alarm(AlarmName='second', ComparisonOperator='GreaterThanThreshold', EvaluationPeriods=1, \
        Period=60, Threshold=3.0, Statistic='Sum')",
        metric.put_alarm("second").with(|it| {
            it.comparison_operator("GreaterThanThreshold")
                .evaluation_periods(1)
                .period(60)
                .threshold(3.0)
                .statistic("Sum")
        }),
    )
    .await;
    walk.get("list(metric.alarms.all())", metric.alarms().try_collect()).await;
    walk.call("metric.alarms.disable_actions()", metric.alarms().disable_actions()).await;
    walk.call("metric.alarms.enable_actions()", metric.alarms().enable_actions()).await;

    walk.value("cloudwatch.Alarm('walk')", cloudwatch.alarm("walk"));
    let alarm = walk.call("alarm.load()", alarm.load()).await;
    walk.value("alarm.metric", alarm.metric());
    walk.call("alarm.disable_actions()", alarm.disable_actions()).await;
    walk.call("alarm.enable_actions()", alarm.enable_actions()).await;
    walk.call(
        "alarm.set_state(StateValue='ALARM', StateReason='a walk', StateReasonData='{}')",
        alarm.set_state("ALARM", "a walk").state_reason_data("{}"),
    )
    .await;
    walk.canned("{}")
        .call(
            "alarm.describe_history(HistoryItemType='StateUpdate')",
            alarm.describe_history().history_item_type("StateUpdate"),
        )
        .await;
    walk.get("list(cloudwatch.alarms.all())", cloudwatch.alarms().try_collect()).await;
    walk.get(
        "list(cloudwatch.alarms.filter(AlarmNamePrefix='w'))",
        cloudwatch.alarms().filter(|it| it.alarm_name_prefix("w")).try_collect(),
    )
    .await;
    walk.call("cloudwatch.alarms.disable_actions()", cloudwatch.alarms().disable_actions()).await;
    walk.call("cloudwatch.alarms.enable_actions()", cloudwatch.alarms().enable_actions()).await;
    walk.call("alarm.delete()", alarm.delete()).await;
    walk.call("metric.alarms.delete()", metric.alarms().delete()).await;
    walk.get(
        "third = metric.put_alarm(AlarmName='third', ComparisonOperator='GreaterThanThreshold', \
        EvaluationPeriods=1, Period=60, Threshold=3.0, Statistic='Sum')",
        metric.put_alarm("third").with(|it| {
            it.comparison_operator("GreaterThanThreshold")
                .evaluation_periods(1)
                .period(60)
                .threshold(3.0)
                .statistic("Sum")
        }),
    )
    .await;
    walk.call("cloudwatch.alarms.delete()", cloudwatch.alarms().delete()).await;
    walk.get("list(cloudwatch.alarms.page_size(1))", cloudwatch.alarms().page_size(1).try_collect()).await;
}
