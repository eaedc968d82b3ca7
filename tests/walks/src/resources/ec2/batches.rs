//! Actions on all instances of a collection, in each collection of instances.

use aws_ec2_resource::EC2;

use super::{filter, tag};
use crate::resources::Walk;

const INSTANCES: &str = "<DescribeInstancesResponse><reservationSet><item><instancesSet><item><instanceId>i-1</instanceId></item>\
    <item><instanceId>i-2</instanceId></item></instancesSet></item></reservationSet></DescribeInstancesResponse>";

const PLACEMENT_GROUPS: &str = "<DescribePlacementGroupsResponse><placementGroupSet><item><groupName>walk</groupName>\
    <state>available</state></item></placementGroupSet></DescribePlacementGroupsResponse>";

pub(super) async fn walk(walk: &mut Walk, ec2: &EC2) {
    let vpc = walk
        .get("vpc = ec2.create_vpc(CidrBlock='10.2.0.0/16')", ec2.create_vpc().with(|it| it.cidr_block("10.2.0.0/16")))
        .await;
    let subnet = walk
        .get(
            "subnet = vpc.create_subnet(CidrBlock='10.2.1.0/24')",
            vpc.create_subnet().with(|it| it.cidr_block("10.2.1.0/24")),
        )
        .await;
    walk.get(
        "subnet.create_instances(ImageId='ami-12c6146b', InstanceType='t2.micro', MinCount=2, MaxCount=2)",
        subnet.create_instances(2, 2).with(|it| it.image_id("ami-12c6146b").instance_type("t2.micro")),
    )
    .await;
    let placement = walk
        .canned("<Response/>")
        .get(
            "placement = ec2.create_placement_group(GroupName='walk', Strategy='cluster')",
            ec2.create_placement_group().with(|it| it.group_name("walk").strategy("cluster")),
        )
        .await;
    let placement = placement.expect("it has a name");
    walk.value("ec2.PlacementGroup('walk')", ec2.placement_group("walk"));
    let placement = walk.canned(PLACEMENT_GROUPS).call("placement.load()", placement.load()).await;
    walk.canned(PLACEMENT_GROUPS).get("list(ec2.placement_groups.all())", ec2.placement_groups().try_collect()).await;
    walk.canned(INSTANCES).get("list(placement.instances.all())", placement.instances().try_collect()).await;
    walk.get("list(subnet.instances.all())", subnet.instances().try_collect()).await;
    walk.get(
        "list(vpc.instances.filter(Filters=[{'Name': 'instance-state-name', 'Values': ['running']}]))",
        vpc.instances().filter(|it| it.filters([filter("instance-state-name", "running")])).try_collect(),
    )
    .await;
    walk.call(
        "vpc.instances.create_tags(Tags=[{'Key': 'Batch', 'Value': '1'}])",
        vpc.instances().create_tags([tag("Batch", "1")]),
    )
    .await;
    walk.canned(INSTANCES).canned("<Response/>").call("vpc.instances.monitor()", vpc.instances().monitor()).await;
    walk.canned(INSTANCES).canned("<Response/>").call("vpc.instances.unmonitor()", vpc.instances().unmonitor()).await;
    walk.call("vpc.instances.reboot()", vpc.instances().reboot()).await;
    walk.call("vpc.instances.stop()", vpc.instances().stop()).await;
    walk.call("vpc.instances.start()", vpc.instances().start()).await;
    walk.call(
        "subnet.instances.create_tags(Tags=[{'Key': 'Batch', 'Value': '1'}])",
        subnet.instances().create_tags([tag("Batch", "1")]),
    )
    .await;
    walk.canned(INSTANCES).canned("<Response/>").call("subnet.instances.monitor()", subnet.instances().monitor()).await;
    walk.canned(INSTANCES)
        .canned("<Response/>")
        .call("subnet.instances.unmonitor()", subnet.instances().unmonitor())
        .await;
    walk.call("subnet.instances.reboot()", subnet.instances().reboot()).await;
    walk.call("subnet.instances.stop()", subnet.instances().stop()).await;
    walk.call("subnet.instances.start()", subnet.instances().start()).await;
    walk.canned(INSTANCES)
        .canned("<Response/>")
        .call(
            "placement.instances.create_tags(Tags=[{'Key': 'Batch', 'Value': '1'}])",
            placement.instances().create_tags([tag("Batch", "1")]),
        )
        .await;
    walk.canned(INSTANCES)
        .canned("<Response/>")
        .call("placement.instances.monitor()", placement.instances().monitor())
        .await;
    walk.canned(INSTANCES)
        .canned("<Response/>")
        .call("placement.instances.unmonitor()", placement.instances().unmonitor())
        .await;
    walk.canned(INSTANCES)
        .canned("<Response/>")
        .call("placement.instances.reboot()", placement.instances().reboot())
        .await;
    walk.canned(INSTANCES).canned("<Response/>").call("placement.instances.stop()", placement.instances().stop()).await;
    walk.canned(INSTANCES)
        .canned("<Response/>")
        .call("placement.instances.start()", placement.instances().start())
        .await;
    walk.canned(INSTANCES)
        .canned("<Response/>")
        .call("placement.instances.terminate()", placement.instances().terminate())
        .await;
    walk.call(
        "ec2.instances.create_tags(Tags=[{'Key': 'Batch', 'Value': '1'}])",
        ec2.instances().create_tags([tag("Batch", "1")]),
    )
    .await;
    walk.canned(INSTANCES).canned("<Response/>").call("ec2.instances.monitor()", ec2.instances().monitor()).await;
    walk.canned(INSTANCES).canned("<Response/>").call("ec2.instances.unmonitor()", ec2.instances().unmonitor()).await;
    walk.call("ec2.instances.reboot()", ec2.instances().reboot()).await;
    walk.call("ec2.instances.stop()", ec2.instances().stop()).await;
    walk.call("ec2.instances.start()", ec2.instances().start()).await;
    walk.call("subnet.instances.terminate()", subnet.instances().terminate()).await;
    walk.call("vpc.instances.terminate()", vpc.instances().terminate()).await;
    walk.call("ec2.instances.terminate()", ec2.instances().terminate()).await;
    walk.canned("<Response/>").call("placement.delete()", placement.delete()).await;

    // Two pages, the first of which has a token.
    let page = |id: &str, token: &str| {
        format!(
            "<R><reservationSet><item><instancesSet><item><instanceId>{id}</instanceId></item></instancesSet></item>\
             </reservationSet>{token}</R>"
        )
    };
    let (first, last) = (page("i-1", "<nextToken>more</nextToken>"), page("i-2", ""));
    walk.canned(&first).canned(&last).get("list(ec2.instances.all())", ec2.instances().try_collect()).await;
    let some = ec2.instances().page_size(5).limit(1).try_collect();
    walk.canned(&first).get("list(ec2.instances.page_size(5).limit(1))", some).await;
    let stop = ec2.instances().filter(|it| it.filters([filter("tag:a", "b")])).stop().with(|it| it.force(true));
    let python = "ec2.instances.filter(Filters=[{'Name': 'tag:a', 'Values': ['b']}]).stop(Force=True)";
    walk.canned(&first).canned("<R/>").canned(&last).canned("<R/>").call(python, stop).await;
    let twice = ec2.vpc("vpc-1").instances().filter(|it| it.filters([filter("a", "b")]));
    let twice = twice.filter(|it| it.filters([filter("c", "d")])).try_collect();
    let python = "list(ec2.Vpc('vpc-1').instances.filter(Filters=[{'Name': 'a', 'Values': ['b']}])\
                  .filter(Filters=[{'Name': 'c', 'Values': ['d']}]))";
    walk.canned("<R/>").get(python, twice).await;
}
