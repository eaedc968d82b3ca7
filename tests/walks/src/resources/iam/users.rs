//! The account, users, their keys and passwords, the caller.

use aws_iam::types::Tag;
use aws_iam_resource::IAM;

use super::{DOCUMENT, TRUST};
use crate::resources::Walk;

pub(super) async fn walk(walk: &mut Walk, iam: &IAM) {
    walk.canned("<Response/>")
        .call(
            "iam.change_password(OldPassword='old & secret', NewPassword='new & secret')",
            iam.change_password("old & secret", "new & secret"),
        )
        .await;
    walk.call("iam.create_account_alias(AccountAlias='walk')", iam.create_account_alias("walk")).await;
    let passwords = walk
        .get(
            "passwords = iam.create_account_password_policy(MinimumPasswordLength=12, RequireNumbers=True)",
            iam.create_account_password_policy().with(|it| it.minimum_password_length(12).require_numbers(true)),
        )
        .await;
    walk.value("iam.AccountPasswordPolicy()", iam.account_password_policy());
    let passwords = walk.call("passwords.load()", passwords.load()).await;
    walk.call("passwords.update(MinimumPasswordLength=14)", passwords.update().minimum_password_length(14)).await;
    walk.call("passwords.delete()", passwords.delete()).await;
    let summary = walk.value("summary = iam.AccountSummary()", iam.account_summary());
    walk.call("summary.load()", summary.load()).await;
    walk.python(&format!("DOCUMENT = {DOCUMENT:?}"));
    walk.python(&format!("TRUST = {TRUST:?}"));
    let user = walk
        .get(
            "user = iam.create_user(UserName='walk', Path='/walks/', Tags=[{'Key': 'a', 'Value': 'b'}])",
            iam.create_user("walk").with(|it| {
                it.path("/walks/").tags([Tag { key: Some("a".into()), value: Some("b".into()), ..Default::default() }])
            }),
        )
        .await;
    walk.value("iam.User('walk')", iam.user("walk"));
    walk.get("iam.User('created').create()", iam.user("created").create()).await;
    let user = walk.call("user.load()", user.load()).await;
    walk.get("list(iam.users.all())", iam.users().try_collect()).await;
    walk.get(
        "list(iam.users.filter(PathPrefix='/walks/'))",
        iam.users().filter(|it| it.path_prefix("/walks/")).try_collect(),
    )
    .await;
    walk.get("list(iam.users.page_size(1))", iam.users().page_size(1).try_collect()).await;
    let renamed = walk
        .get(
            "renamed = iam.User('created').update(NewUserName='renamed')",
            iam.user("created").update().with(|it| it.new_user_name("renamed")),
        )
        .await;
    walk.canned("<Response/>")
        .differs("boto3 fails after the call without a new name (O14)")
        .get(
            "same = iam.User('renamed').update(NewPath='/other/')",
            iam.user("renamed").update().with(|it| it.new_path("/other/")),
        )
        .await;
    walk.call("renamed.delete()", renamed.delete()).await;
    let pair = walk.get("pair = user.create_access_key_pair()", user.create_access_key_pair()).await;
    walk.value("iam.AccessKeyPair('walk', 'AKIA', 'secret')", iam.access_key_pair("walk", "AKIA", "secret"));
    walk.call("pair.deactivate()", pair.deactivate()).await;
    walk.call("pair.activate()", pair.activate()).await;
    walk.get("list(user.access_keys.all())", user.access_keys().try_collect()).await;
    let key = walk.value("key = user.AccessKey(pair.id)", user.access_key(pair.id()));
    walk.value("iam.AccessKey('walk', 'AKIA')", iam.access_key("walk", "AKIA"));
    walk.call("key.deactivate()", key.deactivate()).await;
    walk.call("key.activate()", key.activate()).await;
    walk.value("key.User()", key.user());
    walk.call("key.delete()", key.delete()).await;
    let spare = walk.get("spare = user.create_access_key_pair()", user.create_access_key_pair()).await;
    walk.call("spare.delete()", spare.delete()).await;
    let login = walk
        .get(
            "login = user.create_login_profile(Password='secret & more', PasswordResetRequired=False)",
            user.create_login_profile().with(|it| it.password("secret & more").password_reset_required(false)),
        )
        .await;
    walk.value("user.LoginProfile()", user.login_profile());
    walk.value("iam.LoginProfile('walk')", iam.login_profile("walk"));
    let login = walk.call("login.load()", login.load()).await;
    walk.value("login.User()", login.user());
    walk.call("login.update(Password='another & more')", login.update().password("another & more")).await;
    walk.call("login.delete()", login.delete()).await;
    walk.get("login.create(Password='secret & more')", login.create().with(|it| it.password("secret & more"))).await;
    walk.call("login.delete()", login.delete()).await;
    walk.value("user.MfaDevice('serial')", user.mfa_device("serial"));
    walk.value("user.SigningCertificate('id')", user.signing_certificate("id"));
    walk.value("user.Policy('inline')", user.policy("inline"));
    let policy = walk
        .get(
            "policy = user.create_policy(PolicyName='inline', PolicyDocument=DOCUMENT)",
            user.create_policy("inline", DOCUMENT),
        )
        .await;
    walk.value("iam.UserPolicy('walk', 'inline')", iam.user_policy("walk", "inline"));
    let policy = walk.call("policy.load()", policy.load()).await;
    walk.call("policy.put(PolicyDocument=DOCUMENT)", policy.put(DOCUMENT)).await;
    walk.value("policy.User()", policy.user());
    walk.get("list(user.policies.all())", user.policies().try_collect()).await;
    walk.call("policy.delete()", policy.delete()).await;
    let me = walk.value("me = iam.CurrentUser()", iam.current_user());
    let me = walk
        .canned(
            "<GetUserResponse><GetUserResult><User><UserName>walk</UserName></User></GetUserResult></GetUserResponse>",
        )
        .call("me.load()", me.load())
        .await;
    walk.value("me.user", me.user());
    walk.canned(
        "<ListAccessKeysResponse><ListAccessKeysResult><IsTruncated>false</IsTruncated><AccessKeyMetadata>\
        <member><UserName>walk</UserName><AccessKeyId>AKIA</AccessKeyId></member></AccessKeyMetadata>\
        </ListAccessKeysResult></ListAccessKeysResponse>",
    )
    .get("list(me.access_keys.all())", me.access_keys().try_collect())
    .await;
    walk.canned(
        "<ListMFADevicesResponse><ListMFADevicesResult><IsTruncated>false</IsTruncated><MFADevices><member>\
        <UserName>walk</UserName><SerialNumber>serial</SerialNumber></member></MFADevices>\
        </ListMFADevicesResult></ListMFADevicesResponse>",
    )
    .get("list(me.mfa_devices.all())", me.mfa_devices().try_collect())
    .await;
    walk.canned(
        "<ListSigningCertificatesResponse><ListSigningCertificatesResult><IsTruncated>false</IsTruncated>\
        <Certificates><member><UserName>walk</UserName><CertificateId>certificate-000000000001</CertificateId>\
        </member></Certificates></ListSigningCertificatesResult></ListSigningCertificatesResponse>",
    )
    .get("list(me.signing_certificates.all())", me.signing_certificates().try_collect())
    .await;
    walk.call("user.delete()", user.delete()).await;
}
