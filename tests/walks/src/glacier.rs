//! Glacier: vaults and archives.

use aws_glacier::Client;
use aws_glacier::error::ResourceNotFoundException;
use aws_glacier_resource::Glacier;

use crate::{everywhere, name};

#[tokio::test]
async fn client() {
    everywhere(async |session| {
        let glacier = Client::new(&session);
        let name = name();
        // The account is the caller's own unless another is given.
        glacier.create_vault(&name).send().await?;
        let vaults = glacier.list_vaults().items().try_collect().await?;
        assert!(vaults.iter().any(|it| it.vault_name.as_ref() == Some(&name)));
        let archive = glacier.upload_archive(&name).body("what is kept").send().await?.archive_id.expect("an id");
        glacier.delete_archive(&name, archive).send().await?;
        assert!(glacier.describe_vault(&name).send().await?.vault_arn.is_some());
        glacier.delete_vault(&name).send().await?;
        // moto has a code of its own for it.
        let gone = glacier.describe_vault(&name).send().await.expect_err("no such vault");
        assert!(gone.is::<ResourceNotFoundException>() || gone.code() == Some("VaultNotFound"), "{gone}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn resource() {
    everywhere(async |session| {
        let vault = Glacier::new(&session).account("-").vault(name());
        vault.create().send().await?;
        assert_eq!(vault.load().send().await?.number_of_archives(), Some(0));
        vault.delete().send().await?;
        Ok(())
    })
    .await;
}
