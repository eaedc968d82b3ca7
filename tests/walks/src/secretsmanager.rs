//! Secrets Manager: a secret and its versions.

use aws_secretsmanager::Client;
use aws_secretsmanager::error::{ResourceExistsException, ResourceNotFoundException};

use crate::{on_every_server, unique_name};

#[tokio::test]
async fn a_secret_has_a_current_and_a_previous_version() {
    on_every_server(async |session| {
        let secrets = Client::new(&session);
        let name = unique_name();
        secrets.create_secret(&name).secret_string("first").send().await?;
        let twice = secrets.create_secret(&name).secret_string("x").send().await.expect_err("it is there");
        assert!(twice.is::<ResourceExistsException>(), "{twice}");
        secrets.put_secret_value(&name).secret_string("second").send().await?;
        let found = secrets.get_secret_value(&name).send().await?;
        assert_eq!(found.secret_string.as_deref(), Some("second"));
        assert!(!format!("{found:?}").contains("second"));
        let old = secrets.get_secret_value(&name).version_stage("AWSPREVIOUS").send().await?;
        assert_eq!(old.secret_string.as_deref(), Some("first"));
        let listed = secrets.list_secrets().items().try_collect().await?;
        assert!(listed.iter().any(|it| it.name.as_ref() == Some(&name)));
        secrets.delete_secret(&name).force_delete_without_recovery(true).send().await?;
        let gone = secrets.get_secret_value(&name).send().await.expect_err("no such secret");
        assert!(gone.is::<ResourceNotFoundException>(), "{gone}");
        Ok(())
    })
    .await;
}
