//! Glacier: vaults, archives, jobs, uploads in parts.

use aws_glacier::types::VaultNotificationConfig;
use aws_glacier_resource::Glacier;

use super::Walk;
use super::walk::resources;

resources!(aws_glacier_resource: Account, Archive, Job, MultipartUpload, Notification, Vault);

#[tokio::test]
async fn resources_send_what_boto3_sends() {
    super::walk("glacier", walk).await;
}

async fn walk(walk: &mut Walk) {
    let glacier = Glacier::new(walk.session());
    walk.get("vault = glacier.create_vault(vaultName='walk')", glacier.create_vault("walk")).await;
    let account = walk.value("account = glacier.Account('-')", glacier.account("-"));
    walk.get("account.create_vault(vaultName='second')", account.create_vault("second")).await;
    walk.value("account.Vault('walk')", account.vault("walk"));
    walk.value("glacier.Vault('-', 'walk')", glacier.vault("walk"));
    walk.get("list(glacier.vaults.all())", glacier.vaults().try_collect()).await;
    walk.get("list(account.vaults.all())", account.vaults().try_collect()).await;
    let vault = walk.value("vault = glacier.Vault('-', 'third')", glacier.vault("third"));
    walk.call("vault.create()", vault.create()).await;
    let vault = walk.call("vault.load()", vault.load()).await;
    walk.value("vault.Account()", vault.account());
    walk.value("vault.Archive('id')", vault.archive("id"));
    walk.value("vault.Job('id')", vault.job("id"));
    walk.value("vault.MultipartUpload('id')", vault.multipart_upload("id"));
    walk.value("vault.Notification()", vault.notification());
    walk.value("glacier.Archive('-', 'third', 'id')", glacier.archive("third", "id"));
    walk.value("glacier.Job('-', 'third', 'id')", glacier.job("third", "id"));
    walk.value("glacier.MultipartUpload('-', 'third', 'id')", glacier.multipart_upload("third", "id"));
    walk.value("glacier.Notification('-', 'third')", glacier.notification("third"));

    let archive = walk
        .get(
            "archive = vault.upload_archive(archiveDescription='a walk', body=b'an archive')",
            vault.upload_archive().with(|it| it.archive_description("a walk").body("an archive")),
        )
        .await;
    walk.value("archive.Vault()", archive.vault());
    let job = walk.get("job = archive.initiate_archive_retrieval()", archive.initiate_archive_retrieval()).await;
    walk.get("inventory = vault.initiate_inventory_retrieval()", vault.initiate_inventory_retrieval()).await;
    let job = walk.call("job.load()", job.load()).await;
    walk.value("job.Vault()", job.vault());
    walk.canned("an archive").call("job.get_output()", job.get_output()).await;
    walk.get("list(vault.jobs.all())", vault.jobs().try_collect()).await;
    walk.get("list(vault.completed_jobs.all())", vault.completed_jobs().try_collect()).await;
    walk.get("list(vault.failed_jobs.all())", vault.failed_jobs().try_collect()).await;
    walk.get("list(vault.jobs_in_progress.all())", vault.jobs_in_progress().try_collect()).await;
    walk.get("list(vault.succeeded_jobs.all())", vault.succeeded_jobs().try_collect()).await;
    let notification = walk.value("notification = vault.Notification()", vault.notification());
    walk.response(204, &[], "")
        .call(
            "notification.set(vaultNotificationConfig={'SNSTopic': 'arn:aws:sns:us-east-1:123456789012:walk', \
        'Events': ['ArchiveRetrievalCompleted']})",
            notification.set().vault_notification_config(VaultNotificationConfig {
                sns_topic: Some("arn:aws:sns:us-east-1:123456789012:walk".into()),
                events: vec!["ArchiveRetrievalCompleted".into()].into(),
                ..Default::default()
            }),
        )
        .await;
    let notification = walk
        .canned(r#"{"SNSTopic": "arn:aws:sns:us-east-1:123456789012:walk", "Events": ["ArchiveRetrievalCompleted"]}"#)
        .call("notification.load()", notification.load())
        .await;
    walk.value("notification.Vault()", notification.vault());
    walk.response(204, &[], "").call("notification.delete()", notification.delete()).await;
    let upload = walk
        .response(201, &[("x-amz-multipart-upload-id", "upload-1")], "")
        .get(
            "upload = vault.initiate_multipart_upload(archiveDescription='a walk', partSize='1048576')",
            vault.initiate_multipart_upload().with(|it| it.archive_description("a walk").part_size("1048576")),
        )
        .await;
    walk.value("upload.Vault()", upload.vault());
    walk.response(204, &[("x-amz-sha256-tree-hash", "abc")], "")
        .call(
            "upload.upload_part(range='bytes 0-9/*', body=b'an archive')",
            upload.upload_part().range("bytes 0-9/*").body("an archive"),
        )
        .await;
    walk.canned(r#"{"MultipartUploadId": "upload-1", "Parts": []}"#).call("upload.parts()", upload.parts()).await;
    walk.canned(r#"{"UploadsList": [{"MultipartUploadId": "upload-1", "PartSizeInBytes": 1048576}]}"#)
        .get("list(vault.multipart_uploads.all())", vault.multipart_uploads().try_collect())
        .await;
    walk.canned(r#"{"UploadsList": [{"MultipartUploadId": "upload-1"}]}"#)
        .get("list(vault.multipart_uplaods.all())", vault.multipart_uplaods().try_collect())
        .await;
    walk.response(201, &[("x-amz-archive-id", "archive-1")], "")
        .call("upload.complete(archiveSize='10', checksum='abc')", upload.complete().archive_size("10").checksum("abc"))
        .await;
    walk.response(204, &[], "").call("upload.abort()", upload.abort()).await;
    walk.call("archive.delete()", archive.delete()).await;
    walk.call("vault.delete()", vault.delete()).await;
    let some = glacier.vaults().page_size(1).try_collect();
    walk.canned(r#"{"VaultList": []}"#).get("list(glacier.vaults.page_size(1))", some).await;
}
