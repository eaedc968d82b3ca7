//! EC2: networks, a firewall, instances.

use aws_ec2::Client;
use aws_ec2::types::{Filter, IpPermission, IpRange, Tag};
use aws_ec2_resource::EC2;

use crate::{on_every_server, unique_name};

#[tokio::test]
async fn a_client_creates_networks_tags_and_firewall_rules() {
    on_every_server(async |session| {
        let ec2 = Client::new(&session);
        let vpc = ec2.create_vpc().cidr_block("10.7.0.0/16").send().await?.vpc.and_then(|it| it.vpc_id).expect("an id");
        let tag = Tag { key: Some("Name".to_owned()), value: Some("a <walk> & more".to_owned()) };
        ec2.create_tags([&vpc], [tag.clone()]).send().await?;
        let filter = Filter { name: Some("vpc-id".to_owned()), values: Some(vec![vpc.clone()]) };
        let found = ec2.describe_vpcs().filters([filter]).items().try_collect().await?;
        assert_eq!((found.len(), &found[0].tags), (1, &vec![tag]));
        assert_eq!(found[0].cidr_block.as_deref(), Some("10.7.0.0/16"));

        let group =
            ec2.create_security_group("a walk", unique_name()).vpc_id(&vpc).send().await?.group_id.expect("an id");
        let permission = IpPermission {
            ip_protocol: Some("tcp".to_owned()),
            from_port: Some(443),
            to_port: Some(443),
            ip_ranges: Some(vec![IpRange { cidr_ip: Some("0.0.0.0/0".to_owned()), description: None }]),
            ..Default::default()
        };
        ec2.authorize_security_group_ingress().group_id(&group).ip_permissions([permission]).send().await?;
        let groups = ec2.describe_security_groups().group_ids([&group]).send().await?.security_groups;
        assert_eq!(groups[0].ip_permissions[0].from_port, Some(443));
        ec2.delete_security_group().group_id(&group).send().await?;

        ec2.delete_vpc(&vpc).send().await?;
        let gone = ec2.describe_vpcs().vpc_ids([&vpc]).send().await.expect_err("no such network");
        assert_eq!(gone.code(), Some("InvalidVpcID.NotFound"), "{gone}");
        assert!(gone.request_id().is_some());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn instances_are_run_and_terminated() {
    on_every_server(async |session| {
        let ec2 = Client::new(&session);
        let image = ec2.describe_images().owners(["amazon"]).send().await?.images.remove(0).image_id.expect("an image");
        let instances = ec2.run_instances(2, 2).image_id(image).instance_type("t2.micro").send().await?.instances;
        let ids: Vec<_> = instances.into_iter().filter_map(|it| it.instance_id).collect();
        assert_eq!(ids.len(), 2);
        ec2.wait_instance_running().input(|it| it.instance_ids = Some(ids.clone())).await?;
        let found = ec2.describe_instances().instance_ids(&ids).items().try_collect().await?;
        let running = found.iter().flat_map(|it| &it.instances).filter_map(|it| it.state.as_ref()?.name.as_ref());
        assert!(running.clone().count() == 2 && running.clone().all(|it| it.as_str() == "running"));
        ec2.terminate_instances(&ids).send().await?;
        ec2.wait_instance_terminated().input(|it| it.instance_ids = Some(ids.clone())).await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_resource_creates_and_loads_a_network() {
    on_every_server(async |session| {
        let ec2 = EC2::new(&session);
        let vpc = ec2.create_vpc().with(|it| it.cidr_block("10.8.0.0/16")).send().await?;
        let loaded = vpc.load().send().await?;
        assert_eq!(loaded.cidr_block(), Some("10.8.0.0/16"));
        assert!(vpc.instances().try_collect().await?.is_empty());
        vpc.delete().send().await?;
        Ok(())
    })
    .await;
}
