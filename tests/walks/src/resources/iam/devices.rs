//! Devices for multi-factor authentication, certificates, identity providers.

use aws_iam_resource::IAM;

use crate::resources::Walk;

pub(super) async fn walk(walk: &mut Walk, iam: &IAM) {
    let user = walk.get("user = iam.create_user(UserName='walk')", iam.create_user("walk")).await;
    let device = walk
        .get(
            "device = iam.create_virtual_mfa_device(VirtualMFADeviceName='walk')",
            iam.create_virtual_mfa_device("walk"),
        )
        .await;
    walk.value("iam.VirtualMfaDevice('serial')", iam.virtual_mfa_device("serial"));
    let enabled = walk
        .get(
            "enabled = user.enable_mfa(SerialNumber=device.serial_number, AuthenticationCode1='123456', \
        AuthenticationCode2='654321')",
            user.enable_mfa(device.serial_number(), "123456", "654321"),
        )
        .await;
    walk.value("iam.MfaDevice('walk', 'serial')", iam.mfa_device("walk", "serial"));
    walk.value("enabled.User()", enabled.user());
    walk.get("list(user.mfa_devices.all())", user.mfa_devices().try_collect()).await;
    let devices =
        walk.get("devices = list(iam.virtual_mfa_devices.all())", iam.virtual_mfa_devices().try_collect()).await;
    walk.value("devices[0].user", devices[0].user());
    walk.canned("<Response/>")
        .call(
            "enabled.resync(AuthenticationCode1='123456', AuthenticationCode2='654321')",
            enabled.resync("123456", "654321"),
        )
        .await;
    walk.call("enabled.disassociate()", enabled.disassociate()).await;
    walk.call(
        "enabled.associate(AuthenticationCode1='123456', AuthenticationCode2='654321')",
        enabled.associate("123456", "654321"),
    )
    .await;
    walk.call("enabled.disassociate()", enabled.disassociate()).await;
    walk.call("device.delete()", device.delete()).await;
    let saml = walk
        .get(
            "saml = iam.create_saml_provider(Name='walk', SAMLMetadataDocument='a' * 1000)",
            iam.create_saml_provider("walk", "a".repeat(1000)),
        )
        .await;
    walk.value("iam.SamlProvider('arn')", iam.saml_provider("arn"));
    let saml = walk.call("saml.load()", saml.load()).await;
    walk.get("list(iam.saml_providers.all())", iam.saml_providers().try_collect()).await;
    walk.call("saml.update(SAMLMetadataDocument='b' * 1000)", saml.update().saml_metadata_document("b".repeat(1000)))
        .await;
    walk.call("saml.delete()", saml.delete()).await;
    let certificate = walk
        .get(
            "certificate = iam.create_server_certificate(ServerCertificateName='walk', CertificateBody='body', \
        PrivateKey='key')",
            iam.create_server_certificate("walk", "body", "key"),
        )
        .await;
    walk.value("iam.ServerCertificate('walk')", iam.server_certificate("walk"));
    let certificate = walk.call("certificate.load()", certificate.load()).await;
    walk.get("list(iam.server_certificates.all())", iam.server_certificates().try_collect()).await;
    walk.canned("<Response/>")
        .get(
            "renamed = certificate.update(NewServerCertificateName='renamed')",
            certificate.update().with(|it| it.new_server_certificate_name("renamed")),
        )
        .await;
    walk.canned("<Response/>")
        .differs("boto3 fails after the call without a new name (O14)")
        .get("same = certificate.update(NewPath='/other/')", certificate.update().with(|it| it.new_path("/other/")))
        .await;
    walk.call("certificate.delete()", certificate.delete()).await;
    walk.canned(
        "<UploadSigningCertificateResponse><UploadSigningCertificateResult><Certificate><UserName>walk</UserName>\
        <CertificateId>certificate-000000000001</CertificateId><Status>Active</Status></Certificate>\
        </UploadSigningCertificateResult></UploadSigningCertificateResponse>",
    )
    .differs("boto3 fails after the call, since it lacks the user's name (O15)")
    .get(
        "uploaded = iam.create_signing_certificate(UserName='walk', CertificateBody='body')",
        iam.create_signing_certificate("body").with(|it| it.user_name("walk")),
    )
    .await;
    let signing = walk.value(
        "signing = user.SigningCertificate('certificate-000000000001')",
        user.signing_certificate("certificate-000000000001"),
    );
    walk.value("iam.SigningCertificate('walk', 'id')", iam.signing_certificate("walk", "id"));
    walk.canned("<Response/>").call("signing.deactivate()", signing.deactivate()).await;
    walk.canned("<Response/>").call("signing.activate()", signing.activate()).await;
    walk.value("signing.User()", signing.user());
    walk.canned(
        "<ListSigningCertificatesResponse><ListSigningCertificatesResult><IsTruncated>false</IsTruncated>\
        <Certificates><member><UserName>walk</UserName><CertificateId>certificate-000000000001</CertificateId>\
        </member></Certificates></ListSigningCertificatesResult></ListSigningCertificatesResponse>",
    )
    .get("list(user.signing_certificates.all())", user.signing_certificates().try_collect())
    .await;
    walk.canned("<Response/>").call("signing.delete()", signing.delete()).await;
    walk.call("user.delete()", user.delete()).await;
}
