//! ECS: a cluster and a task definition.

use aws_ecs::Client;
use aws_ecs::error::ClusterNotFoundException;
use aws_ecs::types::ContainerDefinition;

use crate::{on_every_server, unique_name};

#[tokio::test]
async fn a_cluster_and_a_task_definition_are_created_and_found() {
    on_every_server(async |session| {
        let ecs = Client::new(&session);
        let name = unique_name();
        let arn = ecs.create_cluster().cluster_name(&name).send().await?.cluster.and_then(|it| it.cluster_arn);
        let arn = arn.expect("an ARN");
        assert!(ecs.list_clusters().items().try_collect().await?.contains(&arn));
        let clusters = ecs.describe_clusters().clusters([&name]).send().await?.clusters;
        assert_eq!(clusters[0].status.as_deref(), Some("ACTIVE"));
        let container = ContainerDefinition {
            name: Some("web".to_owned()),
            image: Some("nginx".to_owned()),
            memory: Some(128),
            ..Default::default()
        };
        let task =
            ecs.register_task_definition(&name, [container]).send().await?.task_definition.expect("a definition");
        assert_eq!(task.revision, Some(1));
        let definitions = ecs.list_task_definitions().family_prefix(&name).items().try_collect().await?;
        assert_eq!(definitions.len(), 1);
        ecs.delete_cluster(&name).send().await?;
        let none = ecs.list_services().cluster("nowhere").send().await.expect_err("no such cluster");
        assert!(none.is::<ClusterNotFoundException>(), "{none}");
        Ok(())
    })
    .await;
}
