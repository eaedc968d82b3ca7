//! What resources send and return, against scripted responses: parameters that a resource fills in, batches of any
//! resources, resources after creation, defaults.

use aws_cloudwatch::types::MetricDatum;
use aws_cloudwatch_resource::CloudWatch;
use aws_core::config::Environment;
use aws_core::testing::Reply;
use aws_core::{Credentials, Session};
use aws_ec2::operation::CreateTags;
use aws_ec2::types::Tag;
use aws_ec2_resource::{EC2, batch};
use aws_glacier::types::JobParameters;
use aws_glacier_resource::Glacier;
use aws_iam_resource::IAM;
use aws_sqs_resource::SQS;
use tests::doubles::ScriptedClient;

fn scripted(replies: &[&str]) -> (ScriptedClient, Session) {
    let http = ScriptedClient::new(replies.iter().map(|it| Reply::ok((*it).to_owned())));
    let session = Session::builder()
        .environment(Environment::empty())
        .region("us-east-1")
        .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
        .http_client(http.clone())
        .build()
        .expect("a session");
    (http, session)
}

/// The bodies that were sent, without the name and version of the operation.
fn sent(http: &ScriptedClient) -> Vec<String> {
    let body = |it: &aws_core::testing::ReceivedRequest| {
        let body = String::from_utf8_lossy(&it.body).into_owned();
        body.replace("%3A", ":").replace("%2F", "/")
    };
    http.requests().iter().map(body).collect()
}

fn has(sent: &str, pairs: &[&str]) {
    for pair in pairs {
        assert!(sent.split('&').any(|it| it == *pair), "{pair} is not in {sent}");
    }
}

fn tag(key: &str, value: &str) -> Tag {
    Tag { key: Some(key.to_owned()), value: Some(value.to_owned()), ..Default::default() }
}

#[tokio::test]
async fn every_datum_of_a_metric_has_its_name() {
    let (http, session) = scripted(&[""]);
    let datum = |value| MetricDatum { value: Some(value), ..Default::default() };
    let other = MetricDatum { metric_name: Some("other".to_owned()), ..Default::default() };
    let metric = CloudWatch::new(&session).metric("App", "latency");
    let _ = metric.put_data().metric_data([datum(1.0), datum(2.0), other]).send().await;
    let body = &sent(&http)[0];
    assert_eq!(body.matches("latency").count(), 2, "{body}");
    assert_eq!(body.matches("MetricName").count(), 3, "{body}");
}

#[tokio::test]
async fn lists_that_an_action_fills_in_are_merged_with_those_of_the_caller() {
    let (http, session) = scripted(&["<R/>"; 4]);
    let instance = EC2::new(&session).instance("i-1");
    // Required members have no setters.
    let of = |id: &str| aws_core::List::from([id.to_owned()]);
    for id in ["i-2", "i-1"] {
        let mut start = instance.start();
        start.as_mut().input_mut().instance_ids = of(id);
        start.await.expect("started");
    }
    let mut delete = instance.delete_tags().tags([tag("a", "b")]);
    delete.as_mut().input_mut().resources = of("i-2");
    delete.await.expect("deleted");
    let also = |mut create: aws_ec2::Request<CreateTags>| {
        create.as_mut().input_mut().resources = of("i-2");
        create
    };
    let tags = instance.create_tags([tag("a", "b")]).with(also).await.expect("created");
    assert_eq!(tags, [EC2::new(&session).tag("i-1", "a", "b")]);
    let sent = sent(&http);
    has(&sent[0], &["InstanceId.1=i-1", "InstanceId.2=i-2"]);
    assert!(!sent[1].contains("InstanceId.2"), "{}", sent[1]);
    for sent in &sent[2..] {
        has(sent, &["ResourceId.1=i-1", "ResourceId.2=i-2", "Tag.1.Key=a", "Tag.1.Value=b"]);
    }
}

#[tokio::test]
async fn a_tag_is_loaded_by_its_resource_too() {
    let found = "<R><tagSet><item><resourceId>i-1</resourceId><resourceType>instance</resourceType><key>a</key>\
                 <value>b</value></item></tagSet></R>";
    let (http, session) = scripted(&[found]);
    let loaded = EC2::new(&session).tag("i-1", "a", "b").load().await.expect("a tag");
    assert_eq!(loaded.resource_type().map(|it| it.as_str()), Some("instance"));
    has(&sent(&http)[0], &["Filter.3.Name=resource-id", "Filter.3.Value.1=i-1"]);
}

#[tokio::test]
async fn deleted_tags_are_those_of_their_own_resource() {
    let (http, session) = scripted(&["<R/>"; 2]);
    let ec2 = EC2::new(&session);
    let tags = [ec2.tag("i-1", "a", "1"), ec2.tag("i-2", "b", "2"), ec2.tag("i-1", "c", "3")];
    batch(tags).delete().await.expect("deleted");
    let sent = sent(&http);
    has(&sent[0], &["ResourceId.1=i-1", "Tag.1.Key=a", "Tag.1.Value=1", "Tag.2.Key=c", "Tag.2.Value=3"]);
    has(&sent[1], &["ResourceId.1=i-2", "Tag.1.Key=b", "Tag.1.Value=2"]);
    assert!(sent.iter().all(|it| !it.contains("ResourceId.2") && !it.contains("Tag.3")), "{sent:?}");
}

#[tokio::test]
async fn a_batch_of_instances_needs_no_collection() {
    let (http, session) = scripted(&["<R/>"; 2]);
    let ec2 = EC2::new(&session);
    batch(["i-1", "i-2"].map(|it| ec2.instance(it))).stop().with(|it| it.force(true)).await.expect("stopped");
    has(&sent(&http)[0], &["InstanceId.1=i-1", "InstanceId.2=i-2", "Force=true"]);
}

#[tokio::test]
async fn a_route_is_returned_if_it_has_the_identifier_of_routes() {
    let (http, session) = scripted(&["<R><return>true</return></R>"; 3]);
    let table = EC2::new(&session).route_table("rtb-1");
    let route = table.create_route().with(|it| it.destination_cidr_block("10.0.0.0/16").gateway_id("igw-1")).await;
    let route = route.expect("created").expect("a route");
    assert_eq!((route.route_table_id(), route.destination_cidr_block()), ("rtb-1", "10.0.0.0/16"));
    let route = table.create_route().with(|it| it.destination_ipv6_cidr_block("2001:db8::/32")).await;
    assert_eq!(route.expect("created"), None);
    let route = table.create_route().with(|it| it.destination_prefix_list_id("pl-1")).await;
    assert_eq!(route.expect("created"), None);
    let sent = sent(&http);
    has(&sent[1], &["RouteTableId=rtb-1", "DestinationIpv6CidrBlock=2001:db8::/32"]);
    has(&sent[2], &["RouteTableId=rtb-1", "DestinationPrefixListId=pl-1"]);
}

#[tokio::test]
async fn a_placement_group_needs_no_name() {
    let (_, session) = scripted(&["<R/>"; 2]);
    let ec2 = EC2::new(&session);
    let group = ec2.create_placement_group().with(|it| it.group_name("fast")).await.expect("created");
    assert_eq!(group, Some(ec2.placement_group("fast")));
    assert_eq!(ec2.create_placement_group().await.expect("created"), None);
}

#[tokio::test]
async fn tags_of_several_resources_are_resources_times_tags() {
    let (http, session) = scripted(&["<R/>"]);
    let ec2 = EC2::new(&session);
    let tags = ec2.create_tags(["i-1", "vpc-1"], [tag("a", "1"), tag("b", "2")]).await.expect("created");
    let expect = [("i-1", "a", "1"), ("i-1", "b", "2"), ("vpc-1", "a", "1"), ("vpc-1", "b", "2")];
    assert_eq!(tags, expect.map(|(resource, key, value)| ec2.tag(resource, key, value)));
    has(&sent(&http)[0], &["ResourceId.1=i-1", "ResourceId.2=vpc-1", "Tag.1.Key=a", "Tag.2.Key=b"]);
}

#[tokio::test]
async fn references_have_the_identifiers_and_data_of_their_own_element() {
    let table = "<R><routeTableSet><item><vpcId>vpc-1</vpcId><routeSet>\
                 <item><destinationIpv6CidrBlock>::/0</destinationIpv6CidrBlock><gatewayId>eigw-1</gatewayId></item>\
                 <item><destinationCidrBlock>10.0.0.0/8</destinationCidrBlock><gatewayId>local</gatewayId></item>\
                 </routeSet></item></routeTableSet></R>";
    let (_, session) = scripted(&[table]);
    let ec2 = EC2::new(&session);
    let table = ec2.route_table("rtb-1").load().await.expect("a table");
    assert_eq!(table.vpc(), Some(ec2.vpc("vpc-1")));
    let routes = table.routes();
    let found: Vec<_> = routes.iter().map(|it| (it.destination_cidr_block(), it.gateway_id())).collect();
    assert_eq!(found, [("10.0.0.0/8", Some("local"))]);
    assert!(table.associations().is_empty());
}

#[tokio::test]
async fn messages_of_any_queues_are_deleted_ten_at_a_time_and_failures_are_visible() {
    let messages = |queue: &str| {
        let message = |it| format!(r#"{{"MessageId":"{queue}{it}","ReceiptHandle":"handle-{queue}{it}"}}"#);
        format!(r#"{{"Messages":[{}]}}"#, (0..13).map(message).collect::<Vec<_>>().join(","))
    };
    let failed = r#"{"Successful":[{"Id":"a0"}],"Failed":[{"Id":"a1","Code":"InternalError","SenderFault":false}]}"#;
    let (http, session) = scripted(&[&messages("a"), &messages("b"), failed, "{}", "{}", "{}"]);
    let sqs = SQS::new(&session);
    let mut received = Vec::new();
    for queue in ["a", "b"] {
        let queue = sqs.queue(format!("https://sqs.us-east-1.amazonaws.com/1/{queue}"));
        received.extend(queue.receive_messages().await.expect("messages"));
    }
    // Mixed, as workers receive them.
    received.sort_by_key(|message| message.message_id().map(|it| it[1..].to_owned()));
    let responses = aws_sqs_resource::batch(received).delete().await.expect("responses");
    assert_eq!(responses.failed().map(|it| it.id.as_deref()).collect::<Vec<_>>(), [Some("a1")]);
    assert_eq!(responses.successful().count(), 1);
    let found: Vec<_> = sent(&http)[2..]
        .iter()
        .map(|it| {
            let queue = if it.contains("amazonaws.com/1/a") { "a" } else { "b" };
            assert_eq!(it.matches("handle-").count(), it.matches(&format!("handle-{queue}")).count(), "{it}");
            (queue, it.matches("handle-").count())
        })
        .collect();
    assert_eq!(found, [("a", 10), ("a", 3), ("b", 10), ("b", 3)]);
}

#[tokio::test]
async fn vaults_of_the_own_account_need_no_account_id() {
    let (http, session) = scripted(&["", "", ""]);
    let glacier = Glacier::new(&session);
    let vault = glacier.vault("photos");
    assert_eq!((vault.account_id(), vault.name()), ("-", "photos"));
    vault.delete().await.expect("deleted");
    glacier.archive("photos", "id").delete().await.expect("deleted");
    glacier.account("123").vault("photos").delete().await.expect("deleted");
    let requests = http.requests();
    let paths: Vec<_> = requests.iter().map(|it| it.path()).collect();
    assert_eq!(paths, ["/-/vaults/photos", "/-/vaults/photos/archives/id", "/123/vaults/photos"]);
}

#[tokio::test]
async fn the_type_of_a_glacier_job_is_kept() {
    let (http, session) = scripted(&[""]);
    let parameters = JobParameters { format: Some("CSV".to_owned()), ..Default::default() };
    let vault = Glacier::new(&session).vault("photos");
    let _ = vault.initiate_inventory_retrieval().with(|it| it.job_parameters(parameters)).await;
    let body = &sent(&http)[0];
    assert!(body.contains("inventory-retrieval") && body.contains("CSV"), "{body}");
}

#[tokio::test]
async fn an_update_without_a_new_name_returns_the_resource_itself() {
    let (_, session) = scripted(&["<R/>"; 6]);
    let iam = IAM::new(&session);
    let (user, group, certificate) = (iam.user("a"), iam.group("a"), iam.server_certificate("a"));
    assert_eq!(user.update().with(|it| it.new_path("/x/")).await.expect("updated"), user);
    assert_eq!(user.update().with(|it| it.new_user_name("b")).await.expect("updated"), iam.user("b"));
    assert_eq!(group.update().await.expect("updated"), group);
    assert_eq!(group.update().with(|it| it.new_group_name("b")).await.expect("updated"), iam.group("b"));
    assert_eq!(certificate.update().await.expect("updated"), certificate);
    let renamed = certificate.update().with(|it| it.new_server_certificate_name("b")).await;
    assert_eq!(renamed.expect("updated"), iam.server_certificate("b"));
}

#[tokio::test]
async fn a_new_signing_certificate_has_the_user_of_the_response() {
    let reply = "<UploadSigningCertificateResponse><UploadSigningCertificateResult><Certificate><UserName>anna</UserName>\
                 <CertificateId>C1</CertificateId><CertificateBody>b</CertificateBody><Status>Active</Status>\
                 </Certificate></UploadSigningCertificateResult></UploadSigningCertificateResponse>";
    let (_, session) = scripted(&[reply]);
    let certificate = IAM::new(&session).create_signing_certificate("b").await.expect("created");
    assert_eq!((certificate.user_name(), certificate.id()), ("anna", "C1"));
    assert_eq!(certificate.status().map(|it| it.as_str()), Some("Active"));
}
