//! ECR: a repository, and the token for logging in.

use aws_ecr::Client;
use aws_ecr::error::{RepositoryAlreadyExistsException, RepositoryNotFoundException};

use crate::{on_every_server, unique_name};

#[tokio::test]
async fn a_repository_is_created_found_and_deleted() {
    on_every_server(async |session| {
        let ecr = Client::new(&session);
        let name = unique_name();
        assert!(ecr.create_repository(&name).send().await?.repository.is_some_and(|it| it.created_at.is_some()));
        let twice = ecr.create_repository(&name).send().await.expect_err("it is there");
        assert!(twice.is::<RepositoryAlreadyExistsException>(), "{twice}");
        let found = ecr.describe_repositories().items().try_collect().await?;
        assert!(found.iter().any(|it| it.repository_name.as_ref() == Some(&name)));
        let token = ecr.get_authorization_token().send().await?.authorization_data.remove(0);
        assert!(token.authorization_token.is_some() && token.expires_at.is_some());
        ecr.delete_repository(&name).send().await?;
        let gone = ecr.describe_repositories().repository_names([&name]).send().await.expect_err("no such repository");
        assert!(gone.is::<RepositoryNotFoundException>(), "{gone}");
        Ok(())
    })
    .await;
}
