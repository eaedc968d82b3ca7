//! Managed policies, roles, instance profiles.

use aws_iam_resource::IAM;

use super::{DOCUMENT, TRUST};
use crate::resources::Walk;

pub(super) async fn walk(walk: &mut Walk, iam: &IAM) {
    let user = walk.get("user = iam.create_user(UserName='walk')", iam.create_user("walk")).await;
    let group = walk.get("group = iam.create_group(GroupName='walk')", iam.create_group("walk")).await;
    let policy = walk
        .get(
            "policy = iam.create_policy(PolicyName='walk', PolicyDocument=DOCUMENT, Description='a walk')",
            iam.create_policy("walk", DOCUMENT).with(|it| it.description("a walk")),
        )
        .await;
    walk.value("iam.Policy('arn')", iam.policy("arn"));
    walk.get("list(iam.policies.filter(Scope='Local'))", iam.policies().filter(|it| it.scope("Local")).try_collect())
        .await;
    walk.call("group.attach_policy(PolicyArn=policy.arn)", group.attach_policy(policy.arn())).await;
    walk.get("list(group.attached_policies.all())", group.attached_policies().try_collect()).await;
    walk.call("group.detach_policy(PolicyArn=policy.arn)", group.detach_policy(policy.arn())).await;
    walk.call("user.attach_policy(PolicyArn=policy.arn)", user.attach_policy(policy.arn())).await;
    walk.get("list(user.attached_policies.all())", user.attached_policies().try_collect()).await;
    walk.call("user.detach_policy(PolicyArn=policy.arn)", user.detach_policy(policy.arn())).await;
    let role = walk
        .get(
            "role = iam.create_role(RoleName='walk', AssumeRolePolicyDocument=TRUST, MaxSessionDuration=3600)",
            iam.create_role("walk", TRUST).with(|it| it.max_session_duration(3600)),
        )
        .await;
    walk.value("iam.Role('walk')", iam.role("walk"));
    let role = walk.call("role.load()", role.load()).await;
    walk.get("list(iam.roles.all())", iam.roles().try_collect()).await;
    walk.call("role.attach_policy(PolicyArn=policy.arn)", role.attach_policy(policy.arn())).await;
    walk.get("list(role.attached_policies.all())", role.attached_policies().try_collect()).await;
    walk.call("role.detach_policy(PolicyArn=policy.arn)", role.detach_policy(policy.arn())).await;
    walk.call("policy.attach_group(GroupName='walk')", policy.attach_group("walk")).await;
    walk.call("policy.attach_role(RoleName='walk')", policy.attach_role("walk")).await;
    walk.call("policy.attach_user(UserName='walk')", policy.attach_user("walk")).await;
    walk.get("list(policy.attached_groups.all())", policy.attached_groups().try_collect()).await;
    walk.get("list(policy.attached_roles.all())", policy.attached_roles().try_collect()).await;
    walk.get("list(policy.attached_users.all())", policy.attached_users().try_collect()).await;
    walk.call("policy.detach_group(GroupName='walk')", policy.detach_group("walk")).await;
    walk.call("policy.detach_role(RoleName='walk')", policy.detach_role("walk")).await;
    walk.call("policy.detach_user(UserName='walk')", policy.detach_user("walk")).await;
    let version = walk
        .get(
            "version = policy.create_version(PolicyDocument=DOCUMENT, SetAsDefault=False)",
            policy.create_version(DOCUMENT).with(|it| it.set_as_default(false)),
        )
        .await;
    walk.value("iam.PolicyVersion('arn', 'v1')", iam.policy_version("arn", "v1"));
    let version = walk.call("version.load()", version.load()).await;
    walk.call("version.set_as_default()", version.set_as_default()).await;
    let policy = walk.call("policy.load()", policy.load()).await;
    walk.value("policy.default_version", policy.default_version());
    walk.get("list(policy.versions.all())", policy.versions().try_collect()).await;
    walk.call("iam.PolicyVersion(policy.arn, 'v1').delete()", iam.policy_version(policy.arn(), "v1").delete()).await;
    let trust = walk.value("trust = role.AssumeRolePolicy()", role.assume_role_policy());
    walk.value("iam.AssumeRolePolicy('walk')", iam.assume_role_policy("walk"));
    walk.call("trust.update(PolicyDocument=TRUST)", trust.update(TRUST)).await;
    walk.value("trust.Role()", trust.role());
    let inline = walk.value("inline = role.Policy('inline')", role.policy("inline"));
    walk.value("iam.RolePolicy('walk', 'inline')", iam.role_policy("walk", "inline"));
    walk.call("inline.put(PolicyDocument=DOCUMENT)", inline.put(DOCUMENT)).await;
    let inline = walk.call("inline.load()", inline.load()).await;
    walk.value("inline.Role()", inline.role());
    walk.get("list(role.policies.all())", role.policies().try_collect()).await;
    walk.call("inline.delete()", inline.delete()).await;
    let profile = walk
        .get("profile = iam.create_instance_profile(InstanceProfileName='walk')", iam.create_instance_profile("walk"))
        .await;
    walk.value("iam.InstanceProfile('walk')", iam.instance_profile("walk"));
    walk.call("profile.add_role(RoleName='walk')", profile.add_role("walk")).await;
    let profile = walk.call("profile.load()", profile.load()).await;
    walk.value("profile.roles", profile.roles());
    walk.get("list(role.instance_profiles.all())", role.instance_profiles().try_collect()).await;
    walk.get("list(iam.instance_profiles.all())", iam.instance_profiles().try_collect()).await;
    walk.call("profile.remove_role(RoleName='walk')", profile.remove_role("walk")).await;
    walk.call("profile.delete()", profile.delete()).await;
    walk.call("role.delete()", role.delete()).await;
    walk.call("policy.delete()", policy.delete()).await;
    walk.call("group.delete()", group.delete()).await;
    walk.call("user.delete()", user.delete()).await;
}
