//! CloudFormation: stacks, their events and resources.

use aws_cloudformation::types::Parameter;
use aws_cloudformation_resource::CloudFormation;

use super::Walk;
use super::walk::resources;

resources!(aws_cloudformation_resource: Event, Stack, StackResource, StackResourceSummary);

#[tokio::test]
async fn resources_send_what_boto3_sends() {
    super::walk("cloudformation", walk).await;
}

async fn walk(walk: &mut Walk) {
    let cloudformation = CloudFormation::new(walk.session());
    walk.get(
        "stack = cloudformation.create_stack(StackName='walk', TemplateBody='{\"Resources\": {\"Queue\": \
        {\"Type\": \"AWS::SQS::Queue\", \"Properties\": {\"QueueName\": \"of-a-stack\"}}}}')",
        cloudformation.create_stack("walk").with(|it| {
            it.template_body(
                r#"{"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "of-a-stack"}}}}"#,
            )
        }),
    )
    .await;
    walk.value("cloudformation.Stack('walk')", cloudformation.stack("walk"));
    walk.value("cloudformation.Event('id')", cloudformation.event("id"));
    walk.value("cloudformation.StackResource('walk', 'Queue')", cloudformation.stack_resource("walk", "Queue"));
    walk.value(
        "cloudformation.StackResourceSummary('walk', 'Queue')",
        cloudformation.stack_resource_summary("walk", "Queue"),
    );
    let found = walk.value("found = cloudformation.Stack('walk')", cloudformation.stack("walk"));
    let found = walk.call("found.load()", found.load()).await;
    walk.get("list(cloudformation.stacks.all())", cloudformation.stacks().try_collect()).await;
    walk.get(
        "list(cloudformation.stacks.filter(StackName='walk'))",
        cloudformation.stacks().filter(|it| it.stack_name("walk")).try_collect(),
    )
    .await;
    walk.get("list(found.events.all())", found.events().try_collect()).await;
    let summaries =
        walk.get("summaries = list(found.resource_summaries.all())", found.resource_summaries().try_collect()).await;
    let resource = walk.value("resource = found.Resource('Queue')", found.resource_subresource("Queue"));
    let resource = walk.call("resource.load()", resource.load()).await;
    walk.value("resource.Stack()", resource.stack());
    walk.differs("boto3 takes the identifiers in the description's order, and swaps them")
        .value("summaries[0].Resource()", summaries[0].resource_subresource());
    walk.call(
        "found.update(TemplateBody='{\"Resources\": {\"Queue\": {\"Type\": \"AWS::SQS::Queue\", \"Properties\": \
        {\"QueueName\": \"renamed\"}}}}', Parameters=[{'ParameterKey': 'a', 'ParameterValue': 'b'}])",
        found
            .update()
            .template_body(
                r#"{"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "renamed"}}}}"#,
            )
            .parameters([Parameter {
                parameter_key: Some("a".into()),
                parameter_value: Some("b".into()),
                ..Default::default()
            }]),
    )
    .await;
    walk.canned("<Response/>").call("found.cancel_update()", found.cancel_update()).await;
    walk.call("found.delete()", found.delete()).await;
    walk.fails("list(cloudformation.stacks.page_size(1))", cloudformation.stacks().page_size(1).try_collect()).await;
}
