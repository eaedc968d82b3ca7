//! EC2: networks, instances, batches of them, storage.

#![allow(deprecated, reason = "what is deprecated is walked, too")]

mod batches;
mod instances;
mod network;
mod storage;
mod waiters;

use aws_ec2::types::{Filter, Tag};
use aws_ec2_resource::EC2;

use super::walk::resources;

resources!(
    aws_ec2_resource:
    ClassicAddress, DhcpOptions, Image, Instance, InternetGateway, KeyPair, KeyPairInfo, NetworkAcl, NetworkInterface,
    NetworkInterfaceAssociation, PlacementGroup, Route, RouteTable, RouteTableAssociation, SecurityGroup, Snapshot,
    Subnet, Tag, Volume, Vpc, VpcAddress, VpcPeeringConnection,
);

#[tokio::test]
async fn resources_send_what_boto3_sends() {
    super::walk("ec2", async |walk| {
        let ec2 = EC2::new(walk.session());
        network::walk(walk, &ec2).await;
        instances::walk(walk, &ec2).await;
        batches::walk(walk, &ec2).await;
        storage::walk(walk, &ec2).await;
        waiters::walk(walk, &ec2).await;
    })
    .await;
}

fn tag(key: &str, value: &str) -> Tag {
    Tag { key: Some(key.into()), value: Some(value.into()), ..Default::default() }
}

fn filter(name: &str, value: &str) -> Filter {
    Filter { name: Some(name.into()), values: vec![value.into()].into(), ..Default::default() }
}
