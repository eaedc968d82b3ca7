//! EC2: networks, a firewall, instances.

use aws_core::config::Environment;
use aws_core::testing::Reply;
use aws_core::{Credentials, ErrorKind, Session};
use aws_ec2::Client;
use aws_ec2::operation::TerminateInstances;
use aws_ec2::types::{Filter, IpPermission, IpRange, Tag};
use aws_ec2_resource::EC2;
use tests::doubles::ScriptedClient;

use crate::{on_every_server, unique_name};

#[tokio::test]
async fn a_client_creates_networks_tags_and_firewall_rules() {
    on_every_server(async |session| {
        let ec2 = Client::new(&session);
        let vpc = ec2.create_vpc().cidr_block("10.7.0.0/16").send().await?.vpc.and_then(|it| it.vpc_id).expect("an id");
        let tag = Tag { key: Some("Name".to_owned()), value: Some("a <walk> & more".to_owned()), ..Default::default() };
        ec2.create_tags([&vpc], [tag.clone()]).send().await?;
        let filter = Filter { name: Some("vpc-id".to_owned()), values: vec![vpc.clone()].into(), ..Default::default() };
        let found = ec2.describe_vpcs().filters([filter]).items().try_collect().await?;
        assert_eq!((found.len(), &found[0].tags), (1, &[tag].into()));
        assert_eq!(found[0].cidr_block.as_deref(), Some("10.7.0.0/16"));

        let group =
            ec2.create_security_group(unique_name(), "a walk").vpc_id(&vpc).send().await?.group_id.expect("an id");
        let permission = IpPermission {
            ip_protocol: Some("tcp".to_owned()),
            from_port: Some(443),
            to_port: Some(443),
            ip_ranges: vec![IpRange { cidr_ip: Some("0.0.0.0/0".to_owned()), description: None, ..Default::default() }]
                .into(),
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
        ec2.wait_instance_running().instance_ids(&ids).await?;
        let found = ec2.describe_instances().instance_ids(&ids).items().try_collect().await?;
        let running = found.iter().flat_map(|it| &it.instances).filter_map(|it| it.state.as_ref()?.name.as_ref());
        assert!(running.clone().count() == 2 && running.clone().all(|it| it.as_str() == "running"));
        ec2.terminate_instances(&ids).send().await?;
        ec2.wait_instance_terminated().instance_ids(&ids).await?;
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

/// A resource whose requests get these responses.
fn scripted(replies: &[&str]) -> (ScriptedClient, EC2) {
    let http = ScriptedClient::new(replies.iter().map(|it| Reply::ok((*it).to_owned())));
    let session = Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
        .http_client(http.clone())
        .build()
        .expect("a session");
    (http, EC2::new(&session))
}

const INSTANCES: &str = "<DescribeInstancesResponse><reservationSet><item><instancesSet><item>\
                         <instanceId>i-1</instanceId></item></instancesSet></item></reservationSet></DescribeInstancesResponse>";

#[tokio::test]
async fn a_filter_is_added_to_that_of_the_collection() {
    let (http, ec2) = scripted(&[INSTANCES, "<TerminateInstancesResponse/>"]);
    let running = Filter {
        name: Some("instance-state-name".to_owned()),
        values: vec!["running".to_owned()].into(),
        ..Default::default()
    };
    let instances = ec2.vpc("vpc-1").instances().filter(|list| list.filters([running]));
    let also = |mut terminate: aws_ec2::Request<TerminateInstances>| {
        terminate.as_mut().input_mut().instance_ids = vec!["i-2".to_owned()].into();
        terminate
    };
    instances.terminate().with(also).await.expect("terminated");
    let sent: Vec<_> = http.requests().iter().map(|it| String::from_utf8_lossy(&it.body).into_owned()).collect();
    let list = "Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1&Filter.2.Name=instance-state-name&Filter.2.Value.1=running";
    assert!(sent[0].contains(list), "{sent:?}");
    let ids = "InstanceId.1=i-1&InstanceId.2=i-2";
    assert!(sent[1].contains(ids), "{sent:?}");
}

#[tokio::test]
async fn a_batch_over_an_empty_list_of_ids_is_rejected_before_anything_is_sent() {
    let (http, ec2) = scripted(&[]);
    let mut batch = ec2.instances().filter(|list| list.instance_ids(Vec::<String>::new())).terminate();
    let error = batch.try_next().await.expect_err("an empty list");
    assert_eq!(error.kind(), ErrorKind::Validation);
    assert!(error.to_string().contains("InstanceIds of the filter is an empty list"), "{error}");
    assert!(batch.try_next().await.expect("the batch has ended").is_none());
    assert!(http.requests().is_empty());
}
