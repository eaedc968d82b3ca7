//! IAM: users, groups, policies, roles, devices and certificates.

mod devices;
mod groups;
mod policies;
mod users;

use aws_iam_resource::IAM;

use super::walk::resources;

resources!(
    aws_iam_resource:
    AccessKey, AccessKeyPair, AccountPasswordPolicy, AccountSummary, AssumeRolePolicy, CurrentUser, Group,
    GroupPolicy, InstanceProfile, LoginProfile, MfaDevice, Policy, PolicyVersion, Role, RolePolicy, SamlProvider,
    ServerCertificate, SigningCertificate, User, UserPolicy, VirtualMfaDevice,
);

#[tokio::test]
async fn resources_send_what_boto3_sends() {
    super::walk("iam", async |walk| {
        let iam = IAM::new(walk.session());
        users::walk(walk, &iam).await;
        groups::walk(walk, &iam).await;
        policies::walk(walk, &iam).await;
        devices::walk(walk, &iam).await;
    })
    .await;
}

/// A policy.
const DOCUMENT: &str =
    r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}"#;

/// A policy that lets EC2 assume a role.
const TRUST: &str = "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRole\", \
    \"Principal\": {\"Service\": \"ec2.amazonaws.com\"}}]}";
