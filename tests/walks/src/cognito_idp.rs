//! Cognito: a user pool, and users created by an administrator or by sign-up.

use aws_cognito_idp::Client;
use aws_cognito_idp::error::{ResourceNotFoundException, UserNotFoundException, UsernameExistsException};
use aws_cognito_idp::types::AttributeType;
use tests::moto;

use crate::secrets::for_every_kind;
use crate::{on_every_server, unique_name};

#[tokio::test]
async fn a_user_pool_and_its_users_are_created_and_found() {
    on_every_server(async |session| {
        let cognito = Client::new(&session);
        let name = unique_name();
        let pool = cognito.create_user_pool(&name).send().await?.user_pool.and_then(|it| it.id).expect("an id");
        let pools = cognito.list_user_pools(10).items().try_collect().await?;
        assert!(pools.iter().any(|it| it.id.as_ref() == Some(&pool)));
        let email = AttributeType {
            name: Some("email".to_owned()),
            value: Some("me@walk.example".to_owned()),
            ..Default::default()
        };
        cognito.admin_create_user(&pool, "me").user_attributes([email]).send().await?;
        let user = cognito.admin_get_user(&pool, "me").send().await?;
        assert_eq!(user.enabled, Some(true));
        assert!(user.user_create_date.is_some());
        assert_eq!(cognito.list_users(&pool).items().try_collect().await?.len(), 1);
        let none = cognito.admin_get_user(&pool, "unknown").send().await.expect_err("no such user");
        assert!(none.is::<UserNotFoundException>(), "{none}");
        cognito.delete_user_pool(&pool).send().await?;
        let gone = cognito.describe_user_pool(&pool).send().await.expect_err("no such pool");
        assert!(gone.is::<ResourceNotFoundException>(), "{gone}");
        Ok(())
    })
    .await;
}

/// Anyone may sign up: the request has no signature, so this does not run on a server that requires one.
#[tokio::test]
async fn sign_up_needs_no_signature() {
    let Some(server) = moto::moto() else { return };
    for_every_kind(&server, &|builder| builder, &async |session| {
        let cognito = Client::new(&session);
        let pool = cognito.create_user_pool(unique_name()).send().await?.user_pool.and_then(|it| it.id).expect("an id");
        let client = cognito.create_user_pool_client(&pool, "app").send().await?.user_pool_client.expect("a client");
        let id = client.client_id.expect("an id");
        cognito.sign_up(&id, "you").password("A-long-passw0rd!").send().await?;
        let twice =
            cognito.sign_up(&id, "you").password("A-long-passw0rd!").send().await.expect_err("the name is taken");
        assert!(twice.is::<UsernameExistsException>(), "{twice}");
        cognito.delete_user_pool(&pool).send().await?;
        Ok(())
    })
    .await;
}
