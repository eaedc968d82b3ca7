//! Networks: VPCs, subnets, gateways, access control lists, routes, security groups, peerings.

use aws_core::make;
use aws_ec2::types::{AttributeBooleanValue, IpPermission, IpRange, NewDhcpConfiguration, PortRange};
use aws_ec2_resource::EC2;

use super::{filter, tag};
use crate::resources::Walk;

pub(super) async fn walk(walk: &mut Walk, ec2: &EC2) {
    let vpc = walk
        .get("vpc = ec2.create_vpc(CidrBlock='10.0.0.0/16')", ec2.create_vpc().with(|it| it.cidr_block("10.0.0.0/16")))
        .await;
    walk.value("ec2.Vpc('vpc-1')", ec2.vpc("vpc-1"));
    walk.call("vpc.wait_until_exists()", vpc.wait_until_exists()).await;
    walk.call("vpc.wait_until_available()", vpc.wait_until_available()).await;
    let vpc = walk.call("vpc.load()", vpc.load()).await;
    walk.value("vpc.dhcp_options", vpc.dhcp_options());
    let options = walk
        .get(
            "options = ec2.create_dhcp_options(DhcpConfigurations=[{'Key': 'domain-name', 'Values': ['example.com']}])",
            ec2.create_dhcp_options([NewDhcpConfiguration {
                key: Some("domain-name".into()),
                values: vec!["example.com".into()].into(),
                ..Default::default()
            }]),
        )
        .await;
    let spare = walk
        .get(
            "spare = ec2.create_dhcp_options(DhcpConfigurations=[{'Key': 'domain-name', 'Values': ['example.org']}])",
            ec2.create_dhcp_options([NewDhcpConfiguration {
                key: Some("domain-name".into()),
                values: vec!["example.org".into()].into(),
                ..Default::default()
            }]),
        )
        .await;
    walk.call("spare.delete()", spare.delete()).await;
    walk.value("ec2.DhcpOptions('dopt-1')", ec2.dhcp_options("dopt-1"));
    let options = walk.call("options.load()", options.load()).await;
    walk.get(
        "options.create_tags(Tags=[{'Key': 'Name', 'Value': 'walk'}])",
        options.create_tags([tag("Name", "walk")]),
    )
    .await;
    walk.call("options.associate_with_vpc(VpcId=vpc.id)", options.associate_with_vpc(vpc.id())).await;
    walk.call("vpc.associate_dhcp_options(DhcpOptionsId=options.id)", vpc.associate_dhcp_options(options.id())).await;
    walk.get(
        "list(ec2.dhcp_options_sets.filter(DhcpOptionsIds=[options.id]))",
        ec2.dhcp_options_sets().filter(|it| it.dhcp_options_ids([options.id()])).try_collect(),
    )
    .await;
    walk.get(
        "vpc.create_tags(Tags=[{'Key': 'Name', 'Value': 'walk'}, {'Key': 'Stage', 'Value': 'a & b'}])",
        vpc.create_tags([tag("Name", "walk"), tag("Stage", "a & b")]),
    )
    .await;
    walk.call("vpc.describe_attribute(Attribute='enableDnsSupport')", vpc.describe_attribute("enableDnsSupport")).await;
    walk.call(
        "vpc.modify_attribute(EnableDnsHostnames={'Value': True})",
        vpc.modify_attribute().enable_dns_hostnames(AttributeBooleanValue { value: Some(true), ..Default::default() }),
    )
    .await;
    walk.get("list(ec2.vpcs.filter(VpcIds=[vpc.id]))", ec2.vpcs().filter(|it| it.vpc_ids([vpc.id()])).try_collect())
        .await;
    let subnet = walk
        .get(
            "subnet = vpc.create_subnet(CidrBlock='10.0.1.0/24', AvailabilityZone='us-east-1a')",
            vpc.create_subnet().with(|it| it.cidr_block("10.0.1.0/24").availability_zone("us-east-1a")),
        )
        .await;
    let second = walk
        .get(
            "second = ec2.create_subnet(VpcId=vpc.id, CidrBlock='10.0.2.0/24', AvailabilityZone='us-east-1b')",
            ec2.create_subnet(vpc.id()).with(|it| it.cidr_block("10.0.2.0/24").availability_zone("us-east-1b")),
        )
        .await;
    walk.value("ec2.Subnet('subnet-1')", ec2.subnet("subnet-1"));
    let subnet = walk.call("subnet.load()", subnet.load()).await;
    walk.value("subnet.vpc", subnet.vpc());
    walk.get("subnet.create_tags(Tags=[{'Key': 'Name', 'Value': 'walk'}])", subnet.create_tags([tag("Name", "walk")]))
        .await;
    walk.get("list(vpc.subnets.all())", vpc.subnets().try_collect()).await;
    walk.get(
        "list(vpc.subnets.filter(Filters=[{'Name': 'availability-zone', 'Values': ['us-east-1b']}]))",
        vpc.subnets().filter(|it| it.filters([filter("availability-zone", "us-east-1b")])).try_collect(),
    )
    .await;
    walk.get(
        "list(ec2.subnets.filter(SubnetIds=[second.id]))",
        ec2.subnets().filter(|it| it.subnet_ids([second.id()])).try_collect(),
    )
    .await;
    walk.call("second.delete()", second.delete()).await;
    let gateway = walk.get("gateway = ec2.create_internet_gateway()", ec2.create_internet_gateway()).await;
    walk.value("ec2.InternetGateway('igw-1')", ec2.internet_gateway("igw-1"));
    walk.call("gateway.attach_to_vpc(VpcId=vpc.id)", gateway.attach_to_vpc(vpc.id())).await;
    let gateway = walk.call("gateway.load()", gateway.load()).await;
    walk.get(
        "gateway.create_tags(Tags=[{'Key': 'Name', 'Value': 'walk'}])",
        gateway.create_tags([tag("Name", "walk")]),
    )
    .await;
    walk.get("list(vpc.internet_gateways.all())", vpc.internet_gateways().try_collect()).await;
    walk.get(
        "list(ec2.internet_gateways.filter(InternetGatewayIds=[gateway.id]))",
        ec2.internet_gateways().filter(|it| it.internet_gateway_ids([gateway.id()])).try_collect(),
    )
    .await;
    walk.call("gateway.detach_from_vpc(VpcId=vpc.id)", gateway.detach_from_vpc(vpc.id())).await;
    walk.call("vpc.attach_internet_gateway(InternetGatewayId=gateway.id)", vpc.attach_internet_gateway(gateway.id()))
        .await;
    let acl = walk.get("acl = vpc.create_network_acl()", vpc.create_network_acl()).await;
    let spare = walk.get("spare = ec2.create_network_acl(VpcId=vpc.id)", ec2.create_network_acl(vpc.id())).await;
    walk.call("spare.delete()", spare.delete()).await;
    walk.value("ec2.NetworkAcl('acl-1')", ec2.network_acl("acl-1"));
    let acl = walk.call("acl.load()", acl.load()).await;
    walk.value("acl.vpc", acl.vpc());
    walk.get("acl.create_tags(Tags=[{'Key': 'Name', 'Value': 'walk'}])", acl.create_tags([tag("Name", "walk")])).await;
    walk.call(
        "acl.create_entry(CidrBlock='10.0.0.0/8', Egress=False, Protocol='6', RuleAction='allow', \
        RuleNumber=100, PortRange={'From': 80, 'To': 81})",
        acl.create_entry(100)
            .protocol("6")
            .rule_action("allow")
            .cidr_block("10.0.0.0/8")
            .egress(false)
            .port_range(make!(PortRange { from: 80, to: 81 })),
    )
    .await;
    walk.call(
        "acl.replace_entry(CidrBlock='10.0.0.0/8', Egress=False, Protocol='6', RuleAction='deny', \
        RuleNumber=100, PortRange={'From': 80, 'To': 82})",
        acl.replace_entry(100)
            .protocol("6")
            .rule_action("deny")
            .cidr_block("10.0.0.0/8")
            .egress(false)
            .port_range(make!(PortRange { from: 80, to: 82 })),
    )
    .await;
    walk.call("acl.delete_entry(Egress=False, RuleNumber=100)", acl.delete_entry(100).egress(false)).await;
    walk.get("list(vpc.network_acls.all())", vpc.network_acls().try_collect()).await;
    walk.get(
        "list(ec2.network_acls.filter(NetworkAclIds=[acl.id]))",
        ec2.network_acls().filter(|it| it.network_acl_ids([acl.id()])).try_collect(),
    )
    .await;
    let found = walk
        .get(
            "found = list(vpc.network_acls.filter(Filters=[{'Name': 'default', 'Values': ['true']}]))",
            vpc.network_acls().filter(|it| it.filters([filter("default", "true")])).try_collect(),
        )
        .await;
    let association = found[0].associations()[0].network_acl_association_id.clone().expect("an id");
    walk.call(
        "acl.replace_association(AssociationId=found[0].associations[0]['NetworkAclAssociationId'])",
        acl.replace_association(association),
    )
    .await;
    let table = walk.get("table = vpc.create_route_table()", vpc.create_route_table()).await;
    walk.get("spare = ec2.create_route_table(VpcId=vpc.id)", ec2.create_route_table(vpc.id())).await;
    walk.value("ec2.RouteTable('rtb-1')", ec2.route_table("rtb-1"));
    walk.get("table.create_tags(Tags=[{'Key': 'Name', 'Value': 'walk'}])", table.create_tags([tag("Name", "walk")]))
        .await;
    let route = walk
        .get(
            "route = table.create_route(DestinationCidrBlock='0.0.0.0/0', GatewayId=gateway.id)",
            table.create_route().with(|it| it.destination_cidr_block("0.0.0.0/0").gateway_id(gateway.id())),
        )
        .await;
    let route = route.expect("it has an IPv4 block");
    walk.value("ec2.Route('rtb-1', '10.0.0.0/8')", ec2.route("rtb-1", "10.0.0.0/8"));
    walk.value("route.RouteTable()", route.route_table());
    walk.call("route.replace(GatewayId=gateway.id)", route.replace().gateway_id(gateway.id())).await;
    let association = walk
        .get(
            "association = table.associate_with_subnet(SubnetId=subnet.id)",
            table.associate_with_subnet().with(|it| it.subnet_id(subnet.id())),
        )
        .await;
    walk.value("ec2.RouteTableAssociation('rtbassoc-1')", ec2.route_table_association("rtbassoc-1"));
    let table = walk.call("table.load()", table.load()).await;
    walk.value("table.vpc", table.vpc());
    walk.value("table.routes", table.routes());
    walk.value("table.associations", table.associations());
    walk.value("table.associations[0].subnet", table.associations()[0].subnet());
    walk.value("table.associations[0].route_table", table.associations()[0].route_table());
    let association = walk
        .get("association = association.replace_subnet(RouteTableId=table.id)", association.replace_subnet(table.id()))
        .await;
    walk.call("association.delete()", association.delete()).await;
    let association = walk
        .get(
            "association = table.associate_with_subnet(SubnetId=subnet.id)",
            table.associate_with_subnet().with(|it| it.subnet_id(subnet.id())),
        )
        .await;
    walk.call(
        "ec2.disassociate_route_table(AssociationId=association.id)",
        ec2.disassociate_route_table(association.id()),
    )
    .await;
    walk.get("list(vpc.route_tables.all())", vpc.route_tables().try_collect()).await;
    walk.get(
        "list(ec2.route_tables.filter(RouteTableIds=[table.id]))",
        ec2.route_tables().filter(|it| it.route_table_ids([table.id()])).try_collect(),
    )
    .await;
    walk.call("route.delete()", route.delete()).await;
    walk.call("table.delete()", table.delete()).await;
    let group = walk
        .get(
            "group = vpc.create_security_group(GroupName='walk', Description='a walk')",
            vpc.create_security_group("walk", "a walk"),
        )
        .await;
    let other = walk
        .get(
            "other = ec2.create_security_group(GroupName='other', Description='another', VpcId=vpc.id)",
            ec2.create_security_group("other", "another").with(|it| it.vpc_id(vpc.id())),
        )
        .await;
    walk.value("ec2.SecurityGroup('sg-1')", ec2.security_group("sg-1"));
    let group = walk.call("group.load()", group.load()).await;
    walk.get("group.create_tags(Tags=[{'Key': 'Name', 'Value': 'walk'}])", group.create_tags([tag("Name", "walk")]))
        .await;
    walk.call(
        "group.authorize_ingress(IpPermissions=[{'IpProtocol': 'tcp', 'FromPort': 443, 'ToPort': 443, \
        'IpRanges': [{'CidrIp': '10.0.0.0/8'}]}])",
        group.authorize_ingress().ip_permissions([IpPermission {
            ip_protocol: Some("tcp".into()),
            from_port: Some(443),
            to_port: Some(443),
            ip_ranges: vec![IpRange { cidr_ip: Some("10.0.0.0/8".into()), ..Default::default() }].into(),
            ..Default::default()
        }]),
    )
    .await;
    walk.call(
        "group.authorize_egress(IpPermissions=[{'IpProtocol': 'tcp', 'FromPort': 80, 'ToPort': 80, 'IpRanges': \
        [{'CidrIp': '10.0.0.0/8'}]}])",
        group.authorize_egress().ip_permissions([IpPermission {
            ip_protocol: Some("tcp".into()),
            from_port: Some(80),
            to_port: Some(80),
            ip_ranges: vec![IpRange { cidr_ip: Some("10.0.0.0/8".into()), ..Default::default() }].into(),
            ..Default::default()
        }]),
    )
    .await;
    walk.call(
        "group.revoke_ingress(IpPermissions=[{'IpProtocol': 'tcp', 'FromPort': 443, 'ToPort': 443, 'IpRanges': \
        [{'CidrIp': '10.0.0.0/8'}]}])",
        group.revoke_ingress().ip_permissions([IpPermission {
            ip_protocol: Some("tcp".into()),
            from_port: Some(443),
            to_port: Some(443),
            ip_ranges: vec![IpRange { cidr_ip: Some("10.0.0.0/8".into()), ..Default::default() }].into(),
            ..Default::default()
        }]),
    )
    .await;
    walk.call(
        "group.revoke_egress(IpPermissions=[{'IpProtocol': 'tcp', 'FromPort': 80, 'ToPort': 80, 'IpRanges': \
        [{'CidrIp': '10.0.0.0/8'}]}])",
        group.revoke_egress().ip_permissions([IpPermission {
            ip_protocol: Some("tcp".into()),
            from_port: Some(80),
            to_port: Some(80),
            ip_ranges: vec![IpRange { cidr_ip: Some("10.0.0.0/8".into()), ..Default::default() }].into(),
            ..Default::default()
        }]),
    )
    .await;
    walk.get("list(vpc.security_groups.all())", vpc.security_groups().try_collect()).await;
    walk.get(
        "list(ec2.security_groups.filter(GroupIds=[group.id]))",
        ec2.security_groups().filter(|it| it.group_ids([group.id()])).try_collect(),
    )
    .await;
    walk.call("other.delete()", other.delete()).await;
    let peer = walk
        .get("peer = ec2.create_vpc(CidrBlock='10.9.0.0/16')", ec2.create_vpc().with(|it| it.cidr_block("10.9.0.0/16")))
        .await;
    let peering = walk
        .get(
            "peering = vpc.request_vpc_peering_connection(PeerVpcId=peer.id)",
            vpc.request_vpc_peering_connection().with(|it| it.peer_vpc_id(peer.id())),
        )
        .await;
    walk.value("ec2.VpcPeeringConnection('pcx-1')", ec2.vpc_peering_connection("pcx-1"));
    walk.call("peering.wait_until_exists()", peering.wait_until_exists()).await;
    let peering = walk.call("peering.load()", peering.load()).await;
    walk.value("peering.accepter_vpc", peering.accepter_vpc());
    walk.value("peering.requester_vpc", peering.requester_vpc());
    walk.call("peering.accept()", peering.accept()).await;
    walk.get(
        "list(vpc.requested_vpc_peering_connections.all())",
        vpc.requested_vpc_peering_connections().try_collect(),
    )
    .await;
    walk.get(
        "list(peer.accepted_vpc_peering_connections.all())",
        peer.accepted_vpc_peering_connections().try_collect(),
    )
    .await;
    walk.get(
        "list(ec2.vpc_peering_connections.filter(VpcPeeringConnectionIds=[peering.id]))",
        ec2.vpc_peering_connections().filter(|it| it.vpc_peering_connection_ids([peering.id()])).try_collect(),
    )
    .await;
    walk.call("peering.delete()", peering.delete()).await;
    let peering = walk
        .get(
            "peering = ec2.create_vpc_peering_connection(VpcId=vpc.id, PeerVpcId=peer.id)",
            ec2.create_vpc_peering_connection(vpc.id()).with(|it| it.peer_vpc_id(peer.id())),
        )
        .await;
    walk.call("peering.reject()", peering.reject()).await;
    walk.canned("<Response/>")
        .call(
            "vpc.attach_classic_link_instance(InstanceId='i-1', Groups=['sg-1'])",
            vpc.attach_classic_link_instance("i-1", ["sg-1"]),
        )
        .await;
    walk.canned("<Response/>")
        .call("vpc.detach_classic_link_instance(InstanceId='i-1')", vpc.detach_classic_link_instance("i-1"))
        .await;
    walk.call("vpc.enable_classic_link()", vpc.enable_classic_link()).await;
    walk.call("vpc.disable_classic_link()", vpc.disable_classic_link()).await;
    walk.call("vpc.detach_internet_gateway(InternetGatewayId=gateway.id)", vpc.detach_internet_gateway(gateway.id()))
        .await;
    walk.call("gateway.delete()", gateway.delete()).await;
    walk.call("group.delete()", group.delete()).await;
    let spare = walk
        .get(
            "spare = ec2.create_vpc(CidrBlock='10.8.0.0/16')",
            ec2.create_vpc().with(|it| it.cidr_block("10.8.0.0/16")),
        )
        .await;
    walk.call("spare.delete()", spare.delete()).await;
}
