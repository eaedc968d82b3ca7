//! Step Functions: a state machine with one state.

use aws_stepfunctions::Client;
use aws_stepfunctions::error::StateMachineDoesNotExist;

use crate::{on_every_server, unique_name};

#[tokio::test]
async fn a_state_machine_is_created_found_and_started() {
    on_every_server(async |session| {
        let machines = Client::new(&session);
        let name = unique_name();
        let definition = r#"{"StartAt":"Only","States":{"Only":{"Type":"Pass","End":true}}}"#;
        let role = "arn:aws:iam::123456789012:role/walk";
        let arn =
            machines.create_state_machine(&name, definition, role).send().await?.state_machine_arn.expect("an ARN");
        let found = machines.list_state_machines().items().try_collect().await?;
        assert!(found.iter().any(|it| it.name.as_ref() == Some(&name)));
        assert_eq!(machines.describe_state_machine(&arn).send().await?.definition.as_deref(), Some(definition));
        assert!(machines.start_execution(&arn).input("{}").send().await?.start_date.is_some());
        machines.delete_state_machine(&arn).send().await?;
        let gone = machines.describe_state_machine(&arn).send().await.expect_err("no such machine");
        assert!(gone.is::<StateMachineDoesNotExist>(), "{gone}");
        Ok(())
    })
    .await;
}
