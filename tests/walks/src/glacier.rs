//! Glacier: vaults and archives.

use aws_glacier::Client;
use aws_glacier::error::ResourceNotFoundException;
use aws_glacier_resource::Glacier;

use crate::{on_every_server, unique_name};

#[tokio::test]
async fn a_client_uploads_and_deletes_an_archive() {
    on_every_server(async |session| {
        let glacier = Client::new(&session);
        let name = unique_name();
        // The account defaults to the caller's own.
        glacier.create_vault(&name).send().await?;
        let vaults = glacier.list_vaults().items().try_collect().await?;
        assert!(vaults.iter().any(|it| it.vault_name.as_ref() == Some(&name)));
        let archive = glacier.upload_archive(&name).body("an archive").send().await?.archive_id.expect("an id");
        glacier.delete_archive(&name, archive).send().await?;
        assert!(glacier.describe_vault(&name).send().await?.vault_arn.is_some());
        glacier.delete_vault(&name).send().await?;
        // moto uses a code of its own.
        let gone = glacier.describe_vault(&name).send().await.expect_err("no such vault");
        assert!(gone.is::<ResourceNotFoundException>() || gone.code() == Some("VaultNotFound"), "{gone}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_resource_creates_loads_and_deletes_a_vault() {
    on_every_server(async |session| {
        let vault = Glacier::new(&session).account("-").vault(unique_name());
        vault.create().send().await?;
        assert_eq!(vault.load().send().await?.number_of_archives(), Some(0));
        vault.delete().send().await?;
        Ok(())
    })
    .await;
}
