//! CloudFormation: a stack with a queue in it.

use aws_cloudformation::Client;
use aws_cloudformation_resource::CloudFormation;

use crate::{on_every_server, unique_name};

const TEMPLATE: &str =
    r#"{"Resources":{"Queue":{"Type":"AWS::SQS::Queue"}},"Outputs":{"Url":{"Value":{"Ref":"Queue"}}}}"#;

#[tokio::test]
async fn a_client_creates_describes_and_deletes_a_stack() {
    on_every_server(async |session| {
        let cloudformation = Client::new(&session);
        let name = unique_name();
        cloudformation.create_stack(&name).template_body(TEMPLATE).send().await?;
        cloudformation.wait_stack_create_complete().stack_name(&name).await?;
        let stack = cloudformation.describe_stacks().stack_name(&name).send().await?.stacks.remove(0);
        assert_eq!(stack.outputs[0].output_key.as_deref(), Some("Url"));
        let resources = cloudformation.describe_stack_resources().stack_name(&name).send().await?.stack_resources;
        assert_eq!(resources[0].logical_resource_id.as_deref(), Some("Queue"));
        let mut stacks = cloudformation.list_stacks().items();
        let mut found = false;
        while let Some(it) = stacks.try_next().await? {
            found |= it.stack_name.as_ref() == Some(&name);
        }
        assert!(found);
        cloudformation.delete_stack(&name).send().await?;
        cloudformation.wait_stack_delete_complete().stack_name(stack.stack_id.as_deref().unwrap_or_default()).await?;
        let gone = cloudformation.describe_stacks().stack_name(&name).send().await.expect_err("no such stack");
        assert_eq!(gone.code(), Some("ValidationError"), "{gone}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_resource_creates_loads_and_deletes_a_stack() {
    on_every_server(async |session| {
        let name = unique_name();
        let stack =
            CloudFormation::new(&session).create_stack(&name).with(|it| it.template_body(TEMPLATE)).send().await?;
        let loaded = stack.load().send().await?;
        assert_eq!(loaded.stack_name(), name);
        let resources = stack.resource_summaries().try_collect().await?;
        assert_eq!(resources[0].logical_resource_id(), "Queue");
        stack.delete().send().await?;
        Ok(())
    })
    .await;
}
