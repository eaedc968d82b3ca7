//! Instances: their network interfaces, their addresses, their tags.

use aws_ec2::types::{AttributeBooleanValue, Tag};
use aws_ec2_resource::EC2;

use super::tag;
use crate::resources::Walk;

const INTERFACES: &str = "<DescribeNetworkInterfacesResponse><networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId>\
    <association><allocationId>eipalloc-1</allocationId><associationId>eipassoc-1</associationId>\
    <publicIp>198.51.100.1</publicIp></association></item></networkInterfaceSet>\
    </DescribeNetworkInterfacesResponse>";

const ADDRESSES: &str = "<DescribeAddressesResponse><addressesSet><item><publicIp>198.51.100.1</publicIp><domain>standard</domain>\
    <instanceId>i-1</instanceId></item></addressesSet></DescribeAddressesResponse>";

pub(super) async fn walk(walk: &mut Walk, ec2: &EC2) {
    let vpc = walk
        .get("vpc = ec2.create_vpc(CidrBlock='10.1.0.0/16')", ec2.create_vpc().with(|it| it.cidr_block("10.1.0.0/16")))
        .await;
    let subnet = walk
        .get(
            "subnet = vpc.create_subnet(CidrBlock='10.1.1.0/24')",
            vpc.create_subnet().with(|it| it.cidr_block("10.1.1.0/24")),
        )
        .await;
    let interface = walk
        .get(
            "interface = subnet.create_network_interface(Description='a walk')",
            subnet.create_network_interface().with(|it| it.description("a walk")),
        )
        .await;
    walk.get("ec2.create_network_interface(SubnetId=subnet.id)", ec2.create_network_interface(subnet.id())).await;
    walk.value("ec2.NetworkInterface('eni-1')", ec2.network_interface("eni-1"));
    let interface = walk.call("interface.load()", interface.load()).await;
    walk.value("interface.subnet", interface.subnet());
    walk.value("interface.vpc", interface.vpc());
    walk.get(
        "interface.create_tags(Tags=[{'Key': 'Name', 'Value': 'walk'}])",
        interface.create_tags([tag("Name", "walk")]),
    )
    .await;
    walk.call(
        "interface.assign_private_ip_addresses(SecondaryPrivateIpAddressCount=1)",
        interface.assign_private_ip_addresses().secondary_private_ip_address_count(1),
    )
    .await;
    walk.call(
        "interface.unassign_private_ip_addresses(PrivateIpAddresses=['10.0.1.77'])",
        interface.unassign_private_ip_addresses().private_ip_addresses(["10.0.1.77"]),
    )
    .await;
    walk.call(
        "interface.describe_attribute(Attribute='description')",
        interface.describe_attribute().attribute("description"),
    )
    .await;
    walk.call(
        "interface.modify_attribute(SourceDestCheck={'Value': False})",
        interface
            .modify_attribute()
            .source_dest_check(AttributeBooleanValue { value: Some(false), ..Default::default() }),
    )
    .await;
    walk.canned("<Response/>")
        .call(
            "interface.reset_attribute(SourceDestCheck='true')",
            interface.reset_attribute().source_dest_check("true"),
        )
        .await;
    walk.get("list(subnet.network_interfaces.all())", subnet.network_interfaces().try_collect()).await;
    walk.get("list(vpc.network_interfaces.all())", vpc.network_interfaces().try_collect()).await;
    walk.get(
        "list(ec2.network_interfaces.filter(NetworkInterfaceIds=[interface.id]))",
        ec2.network_interfaces().filter(|it| it.network_interface_ids([interface.id()])).try_collect(),
    )
    .await;
    let instances = walk
        .get(
            "instances = subnet.create_instances(ImageId='ami-12c6146b', InstanceType='t2.micro', MinCount=2, \
        MaxCount=2)",
            subnet.create_instances(2, 2).with(|it| it.image_id("ami-12c6146b").instance_type("t2.micro")),
        )
        .await;
    let instance = &instances[0];
    walk.python("instance = instances[0]");
    walk.value("ec2.Instance('i-1')", ec2.instance("i-1"));
    walk.call("instance.wait_until_exists()", instance.wait_until_exists()).await;
    walk.call("instance.wait_until_running()", instance.wait_until_running()).await;
    let instance = walk.call("instance.load()", instance.load()).await;
    walk.value("instance.image", instance.image());
    walk.differs("boto3 takes the few attributes that an instance has of it for all (O3)")
        .value("instance.network_interfaces", instance.network_interfaces());
    walk.value("instance.subnet", instance.subnet());
    walk.value("instance.vpc", instance.vpc());
    let instance = walk
        .canned(
            "<DescribeInstancesResponse><reservationSet><item><instancesSet><item><instanceId>i-1</instanceId>\
        <keyName>walk</keyName><ipAddress>198.51.100.1</ipAddress><placement><groupName>walk</groupName>\
        </placement></item></instancesSet></item></reservationSet></DescribeInstancesResponse>",
        )
        .call("instance.load()", instance.load())
        .await;
    walk.value("instance.classic_address", instance.classic_address());
    walk.value("instance.key_pair", instance.key_pair());
    walk.value("instance.placement_group", instance.placement_group());
    walk.get("list(instance.volumes.all())", instance.volumes().try_collect()).await;
    walk.get(
        "instance.create_tags(Tags=[{'Key': 'Name', 'Value': 'walk'}])",
        instance.create_tags([tag("Name", "walk")]),
    )
    .await;
    walk.call(
        "instance.delete_tags(Tags=[{'Key': 'Name'}])",
        instance.delete_tags().tags([Tag { key: Some("Name".into()), ..Default::default() }]),
    )
    .await;
    walk.call("instance.delete_tags()", instance.delete_tags()).await;
    walk.call("instance.describe_attribute(Attribute='instanceType')", instance.describe_attribute("instanceType"))
        .await;
    walk.call(
        "instance.modify_attribute(SourceDestCheck={'Value': False})",
        instance
            .modify_attribute()
            .source_dest_check(AttributeBooleanValue { value: Some(false), ..Default::default() }),
    )
    .await;
    walk.canned("<Response/>").call("instance.monitor()", instance.monitor()).await;
    walk.canned("<Response/>").call("instance.unmonitor()", instance.unmonitor()).await;
    walk.call("instance.reboot()", instance.reboot()).await;
    walk.call("instance.console_output()", instance.console_output()).await;
    walk.call("instance.password_data()", instance.password_data()).await;
    walk.canned("<Response/>")
        .call(
            "instance.report_status(Status='impaired', ReasonCodes=['unresponsive', 'other'])",
            instance.report_status("impaired", ["unresponsive", "other"]),
        )
        .await;
    walk.canned("<Response/>")
        .call("instance.reset_attribute(Attribute='kernel')", instance.reset_attribute("kernel"))
        .await;
    walk.canned("<Response/>").call("instance.reset_kernel()", instance.reset_kernel()).await;
    walk.canned("<Response/>").call("instance.reset_ramdisk()", instance.reset_ramdisk()).await;
    walk.canned("<Response/>").call("instance.reset_source_dest_check()", instance.reset_source_dest_check()).await;
    walk.canned("<Response/>")
        .call(
            "instance.attach_classic_link_vpc(VpcId='vpc-1', Groups=['sg-1'])",
            instance.attach_classic_link_vpc("vpc-1", ["sg-1"]),
        )
        .await;
    walk.canned("<Response/>")
        .call("instance.detach_classic_link_vpc(VpcId='vpc-1')", instance.detach_classic_link_vpc("vpc-1"))
        .await;
    walk.call(
        "attachment = interface.attach(InstanceId=instance.id, DeviceIndex=1)",
        interface.attach(instance.id(), 1),
    )
    .await;
    let interface = walk.call("interface.load()", interface.load()).await;
    walk.call("interface.detach()", interface.detach()).await;
    walk.call("instance.stop()", instance.stop()).await;
    walk.call("instance.wait_until_stopped()", instance.wait_until_stopped()).await;
    walk.call("instance.start()", instance.start()).await;
    walk.get(
        "ec2.create_tags(Resources=[vpc.id, subnet.id], Tags=[{'Key': 'One', 'Value': '1'}, {'Key': 'Two', \
        'Value': '2'}])",
        ec2.create_tags([vpc.id(), subnet.id()], [tag("One", "1"), tag("Two", "2")]),
    )
    .await;
    let tag = walk.value("tag = ec2.Tag(vpc.id, 'One', '1')", ec2.tag(vpc.id(), "One", "1"));
    let tag = walk.differs("boto3 does not ask for the tag's own resource (O18)").call("tag.load()", tag.load()).await;
    walk.call("tag.delete()", tag.delete()).await;
    walk.get(
        "list(ec2.instances.filter(InstanceIds=[instance.id]))",
        ec2.instances().filter(|it| it.instance_ids([instance.id()])).try_collect(),
    )
    .await;
    let allocated = walk
        .call(
            "allocated = ec2.meta.client.allocate_address(Domain='vpc')",
            ec2.client().allocate_address().domain("vpc"),
        )
        .await;
    let address = walk.value(
        "address = ec2.VpcAddress(allocated['AllocationId'])",
        ec2.vpc_address(allocated.allocation_id.expect("an id")),
    );
    walk.call("address.associate(InstanceId=instance.id)", address.associate().instance_id(instance.id())).await;
    let address = walk.call("address.load()", address.load()).await;
    walk.value("address.association", address.association());
    let association = address.association().expect("an association");
    walk.python("association = address.association");
    walk.value("ec2.NetworkInterfaceAssociation('eipassoc-1')", ec2.network_interface_association("eipassoc-1"));
    let association = walk.canned(INTERFACES).call("association.load()", association.load()).await;
    walk.value("association.address", association.address());
    let interface = walk.canned(INTERFACES).call("interface.load()", interface.load()).await;
    walk.value("interface.association", interface.association());
    walk.get("list(instance.vpc_addresses.all())", instance.vpc_addresses().try_collect()).await;
    walk.get("list(ec2.vpc_addresses.all())", ec2.vpc_addresses().try_collect()).await;
    walk.call("association.delete()", association.delete()).await;
    walk.call("address.release()", address.release()).await;
    let classic = walk.value("classic = ec2.ClassicAddress('198.51.100.1')", ec2.classic_address("198.51.100.1"));
    let classic = walk.canned(ADDRESSES).call("classic.load()", classic.load()).await;
    walk.canned("<Response/>")
        .call("classic.associate(InstanceId='i-1')", classic.associate().instance_id("i-1"))
        .await;
    let classic = walk.canned(ADDRESSES).call("classic.load()", classic.load()).await;
    walk.canned("<Response/>").call("classic.disassociate()", classic.disassociate()).await;
    let classic = walk.canned(ADDRESSES).call("classic.load()", classic.load()).await;
    walk.canned("<Response/>").call("classic.release()", classic.release()).await;
    walk.get("list(ec2.classic_addresses.all())", ec2.classic_addresses().try_collect()).await;
    walk.call("instance.terminate()", instance.terminate()).await;
    walk.call("instance.wait_until_terminated()", instance.wait_until_terminated()).await;
    walk.call("interface.delete()", interface.delete()).await;
    // What is missing, or empty.
    let empty = "<R><reservationSet><item><instancesSet><item><instanceId>i-1</instanceId></item></instancesSet></item>\
                 </reservationSet></R>";
    walk.python("instance = ec2.Instance('i-1')");
    let instance = walk.canned(empty).call("instance.load()", ec2.instance("i-1").load()).await;
    walk.value("instance.vpc", instance.vpc());
    walk.value("instance.placement_group", instance.placement_group());
    walk.value("instance.network_interfaces", instance.network_interfaces());
    walk.canned("<R/>").get("list(instance.volumes.all())", instance.volumes().try_collect()).await;
    walk.canned("<R/>").differs("boto3 loads nothing, and fails when an attribute is read (O12)");
    walk.fails("ec2.Vpc('vpc-1').load()", ec2.vpc("vpc-1").load()).await;
}
