//! IAM: users, roles and their policies.

use aws_iam::Client;
use aws_iam::error::{EntityAlreadyExistsException, NoSuchEntityException};
use aws_iam_resource::IAM;

use crate::{on_every_server, unique_name};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

#[tokio::test]
async fn a_client_creates_users_and_roles_with_policies() {
    on_every_server(async |session| {
        let iam = Client::new(&session);
        let name = unique_name();
        let user = iam.create_user(&name).path("/walks/").send().await?.user.expect("a user");
        assert!(user.create_date.is_some());
        iam.wait_user_exists().user_name(&name).await?;
        let found = iam.list_users().path_prefix("/walks/").items().try_collect().await?;
        assert!(found.iter().any(|it| it.user_name.as_ref() == Some(&name)));
        let twice = iam.create_user(&name).send().await.expect_err("it is there");
        assert!(twice.is::<EntityAlreadyExistsException>(), "{twice}");

        iam.create_role(&name, TRUST).send().await?;
        let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
        iam.put_role_policy(&name, "all", policy).send().await?;
        let document = iam.get_role_policy(&name, "all").send().await?.policy_document.expect("a document");
        assert_eq!(document, policy);
        iam.delete_role_policy(&name, "all").send().await?;
        iam.delete_role(&name).send().await?;

        iam.delete_user(&name).send().await?;
        let gone = iam.get_user().user_name(&name).send().await.expect_err("no such user");
        assert!(gone.is::<NoSuchEntityException>(), "{gone}");
        assert_eq!(gone.code(), Some("NoSuchEntity"));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_resource_creates_loads_and_lists_users() {
    on_every_server(async |session| {
        let iam = IAM::new(&session);
        let user = iam.create_user(unique_name()).send().await?;
        assert_eq!(user.load().send().await?.path(), Some("/"));
        let users = iam.users().try_collect().await?;
        assert!(users.iter().any(|it| it.name() == user.name()));
        user.delete().send().await?;
        Ok(())
    })
    .await;
}
