//! STS: the caller's identity, and temporary credentials.

use aws_core::Session;
use aws_sts::Client;

use crate::on_every_server;

#[tokio::test]
async fn the_identity_of_the_caller_and_temporary_credentials_are_returned() {
    on_every_server(async |session: Session| {
        let sts = Client::new(&session);
        assert!(sts.get_caller_identity().send().await?.account.is_some_and(|it| it.len() == 12));
        let role = "arn:aws:iam::123456789012:role/walk";
        let assumed = sts.assume_role(role, "me").duration_seconds(900).send().await?;
        let credentials = assumed.credentials.expect("credentials");
        assert!(credentials.session_token.is_some() && credentials.expiration.is_some());
        assert!(!format!("{credentials:?}").contains(&credentials.secret_access_key.expect("a secret")));
        assert!(assumed.assumed_role_user.and_then(|it| it.arn).is_some_and(|it| it.ends_with("/me")));
        assert!(sts.get_session_token().send().await?.credentials.is_some());
        Ok(())
    })
    .await;
}
