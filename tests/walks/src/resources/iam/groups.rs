//! Groups and their policies.

use aws_iam_resource::IAM;

use super::DOCUMENT;
use crate::resources::Walk;

pub(super) async fn walk(walk: &mut Walk, iam: &IAM) {
    let user = walk.get("user = iam.create_user(UserName='walk')", iam.create_user("walk")).await;
    let group = walk.get("group = iam.create_group(GroupName='walk')", iam.create_group("walk")).await;
    walk.value("iam.Group('walk')", iam.group("walk"));
    let spare = walk.value("spare = iam.Group('created')", iam.group("created"));
    walk.get("spare.create(Path='/walks/')", spare.create().with(|it| it.path("/walks/"))).await;
    let renamed = walk
        .get("renamed = spare.update(NewGroupName='renamed')", spare.update().with(|it| it.new_group_name("renamed")))
        .await;
    walk.canned("<Response/>")
        .differs("boto3 fails after the call without a new name (O14)")
        .get("same = renamed.update(NewPath='/other/')", renamed.update().with(|it| it.new_path("/other/")))
        .await;
    walk.call("renamed.delete()", renamed.delete()).await;
    let group = walk.call("group.load()", group.load()).await;
    walk.get("list(iam.groups.all())", iam.groups().try_collect()).await;
    walk.call("group.add_user(UserName='walk')", group.add_user("walk")).await;
    walk.get("list(group.users.all())", group.users().try_collect()).await;
    walk.get("list(user.groups.all())", user.groups().try_collect()).await;
    walk.call("group.remove_user(UserName='walk')", group.remove_user("walk")).await;
    walk.call("user.add_group(GroupName='walk')", user.add_group("walk")).await;
    walk.call("user.remove_group(GroupName='walk')", user.remove_group("walk")).await;
    walk.value("group.Policy('inline')", group.policy("inline"));
    let policy = walk
        .get(
            "policy = group.create_policy(PolicyName='inline', PolicyDocument=DOCUMENT)",
            group.create_policy("inline", DOCUMENT),
        )
        .await;
    walk.value("iam.GroupPolicy('walk', 'inline')", iam.group_policy("walk", "inline"));
    let policy = walk.call("policy.load()", policy.load()).await;
    walk.call("policy.put(PolicyDocument=DOCUMENT)", policy.put(DOCUMENT)).await;
    walk.value("policy.Group()", policy.group());
    walk.get("list(group.policies.all())", group.policies().try_collect()).await;
    walk.call("policy.delete()", policy.delete()).await;
    walk.call("group.delete()", group.delete()).await;
    walk.call("user.delete()", user.delete()).await;
}
