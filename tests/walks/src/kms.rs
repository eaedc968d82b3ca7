//! KMS: a key that encrypts and decrypts.

use aws_core::Bytes;
use aws_kms::Client;
use aws_kms::error::NotFoundException;

use crate::on_every_server;

#[tokio::test]
async fn a_key_encrypts_and_decrypts_in_its_context_only() {
    on_every_server(async |session| {
        let kms = Client::new(&session);
        let key = kms.create_key().description("a walk").send().await?.key_metadata.expect("a key");
        let id = key.key_id.expect("an id");
        assert!(key.creation_date.is_some());
        let mut keys = kms.list_keys().items();
        let mut found = false;
        while let Some(it) = keys.try_next().await? {
            found |= it.key_id.as_ref() == Some(&id);
        }
        assert!(found);
        let secret = Bytes::from_static(b"\0 secret \xff");
        let encrypted = kms.encrypt(&id, secret.clone()).encryption_context([("walk", "yes")]).send().await?;
        let blob = encrypted.ciphertext_blob.expect("a blob");
        let plain = kms.decrypt().ciphertext_blob(blob.clone()).encryption_context([("walk", "yes")]).send().await?;
        assert_eq!(plain.plaintext, Some(secret));
        assert!(kms.decrypt().ciphertext_blob(blob).send().await.is_err(), "another context");
        let data = kms.generate_data_key(&id).key_spec("AES_256").send().await?;
        assert_eq!(data.plaintext.map(|it| it.len()), Some(32));
        kms.schedule_key_deletion(&id).pending_window_in_days(7).send().await?;
        let state = kms.describe_key(&id).send().await?.key_metadata.and_then(|it| it.key_state).expect("a state");
        assert_eq!(state.as_str(), "PendingDeletion");
        let none = kms.describe_key("00000000-0000-0000-0000-000000000000").send().await.expect_err("no such key");
        assert!(none.is::<NotFoundException>(), "{none}");
        Ok(())
    })
    .await;
}
