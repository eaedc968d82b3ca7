//! Cognito: a pool of users, and how they come to be in it.

use aws_cognito_idp::Client;
use aws_cognito_idp::error::{ResourceNotFoundException, UserNotFoundException, UsernameExistsException};
use aws_cognito_idp::types::AttributeType;
use tests::moto;

use crate::{everywhere, name};

#[tokio::test]
async fn client() {
    everywhere(async |session| {
        let cognito = Client::new(&session);
        let name = name();
        let pool = cognito.create_user_pool(&name).send().await?.user_pool.and_then(|it| it.id).expect("an id");
        let pools = cognito.list_user_pools(10).items().try_collect().await?;
        assert!(pools.iter().any(|it| it.id.as_ref() == Some(&pool)));
        let email = AttributeType { name: Some("email".to_owned()), value: Some("me@walk.example".to_owned()) };
        cognito.admin_create_user(&pool, "me").user_attributes([email]).send().await?;
        let user = cognito.admin_get_user(&pool, "me").send().await?;
        assert_eq!(user.enabled, Some(true));
        assert!(user.user_create_date.is_some());
        assert_eq!(cognito.list_users(&pool).items().try_collect().await?.len(), 1);
        let none = cognito.admin_get_user(&pool, "nobody").send().await.expect_err("no such user");
        assert!(none.is::<UserNotFoundException>(), "{none}");
        cognito.delete_user_pool(&pool).send().await?;
        let gone = cognito.describe_user_pool(&pool).send().await.expect_err("no such pool");
        assert!(gone.is::<ResourceNotFoundException>(), "{gone}");
        Ok(())
    })
    .await;
}

/// Anyone may sign up: the call carries no signature, so that a server which insists on one is not asked.
#[tokio::test]
async fn without_a_signature() -> aws_core::Result<()> {
    let Some(server) = moto::moto() else { return Ok(()) };
    let cognito = Client::new(&server.session("us-east-1"));
    let pool = cognito.create_user_pool(name()).send().await?.user_pool.and_then(|it| it.id).expect("an id");
    let client = cognito.create_user_pool_client(&pool, "app").send().await?.user_pool_client.expect("a client");
    let id = client.client_id.expect("an id");
    cognito.sign_up(&id, "you").password("A-long-passw0rd!").send().await?;
    let twice = cognito.sign_up(&id, "you").password("A-long-passw0rd!").send().await.expect_err("the name is taken");
    assert!(twice.is::<UsernameExistsException>(), "{twice}");
    cognito.delete_user_pool(&pool).send().await?;
    Ok(())
}
