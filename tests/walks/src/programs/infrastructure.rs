//! Infrastructure as a program handles it: instances by client and by resources, roles that are assumed one after the other,
//! two regions side by side, a stack and its events; errors of the program's own, and functions that know no service.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use aws_core::config::Environment;
use aws_core::credential_providers::AssumeRole;
use aws_core::testing::{RecordedSleep, Reply, ServiceError, credentials};
use aws_core::{Credentials, ErrorKind, Operation, Options, Paginated, Request, Session, SessionBuilder, make};
use aws_dynamodb::error::{ConditionalCheckFailedException, ResourceNotFoundException};
use aws_dynamodb::item;
use aws_ec2::types::{Filter, Instance, InstanceStateName, InstanceType, ResourceType, Tag, TagSpecification};
use aws_ec2_resource::EC2;
use tests::doubles::ScriptedClient;

use crate::{on_every_server, unique_name};

/// Sessions read nothing of this machine.
fn builder() -> SessionBuilder {
    Session::builder().environment(Environment::empty()).region("us-east-1").credentials(credentials())
}

fn state(instance: &Instance) -> &str {
    match instance.state.as_ref().and_then(|it| it.name.as_ref()) {
        Some(&InstanceStateName::PENDING | &InstanceStateName::RUNNING) => "up",
        Some(&InstanceStateName::SHUTTING_DOWN | &InstanceStateName::TERMINATED) => "down",
        _ => "?",
    }
}

#[tokio::test]
async fn a_client_runs_tags_finds_and_terminates_instances() {
    on_every_server(async |session| {
        let ec2 = aws_ec2::Client::new(&session);
        let name = &unique_name();
        let image = ec2.describe_images().owners(["amazon"]).pages().search("Images[].ImageId")?.try_next().await?;
        let tags = make!(TagSpecification {
            resource_type: ResourceType::INSTANCE,
            tags: [Tag { key: "Name", value: name }, Tag { key: "stage", value: "beta" }],
        });
        let run = ec2.run_instances(2, 2).instance_type(InstanceType::T3_MICRO).tag_specifications([tags]);
        let started = run.image_id(image.as_ref().and_then(|it| it.as_str())).key_name(None::<String>).await?.instances;
        let ids: Vec<_> = started.iter().filter_map(|it| it.instance_id.as_deref()).collect();
        ec2.create_tags(ids.iter().copied(), [make!(Tag { key: "owner", value: "me" })]).await?;
        let waited = ec2
            .wait_instance_running()
            .instance_ids(&ids)
            .delay(Duration::from_millis(50))
            .max_wait(Duration::from_secs(20))
            .await?;
        assert!(waited.result.is_ok() && waited.attempts >= 1);

        let of_name = [
            make!(Filter { name: "tag:Name", values: [name] }),
            make!(Filter { name: "instance-state-name", values: ["running", "pending"] }),
        ];
        let mut reservations = ec2.describe_instances().filters(&of_name).items();
        let mut found = 0;
        while let Some(reservation) = reservations.try_next().await? {
            for instance in &reservation.instances {
                assert_eq!(state(instance), "up");
                assert!(instance.tags.iter().any(|it| it.key.as_deref() == Some("owner")));
                found += 1;
            }
        }
        assert_eq!(found, 2);
        let query = "Reservations[].Instances[].Tags[?Key == 'stage'][].Value";
        let stages = ec2.describe_instances().filters(&of_name).pages().search(query)?.try_collect().await?;
        assert_eq!(stages, ["beta".into(), "beta".into()]);

        let rehearsal = ec2.terminate_instances(ids.iter().copied()).dry_run(true).await.expect_err("a rehearsal");
        assert_eq!(rehearsal.code(), Some("DryRunOperation"));
        let changes = ec2.terminate_instances(ids.iter().copied()).await?.terminating_instances;
        assert_eq!(changes.len(), 2);
        ec2.wait_instance_terminated().instance_ids(&ids).delay(Duration::from_millis(50)).await?;
        let left = ec2.describe_instances().filters(of_name).items().try_collect().await?;
        assert!(left.is_empty());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn resources_run_tag_find_and_terminate_instances() {
    on_every_server(async |session| {
        let ec2 = EC2::new(&session);
        let name = &unique_name();
        let instances =
            ec2.create_instances(2, 2).with(|it| it.image_id("ami-12c6146b").instance_type("t3.micro")).send().await?;
        ec2.create_tags(instances.iter().map(|it| it.id()), [make!(Tag { key: "Name", value: name })]).send().await?;
        instances[0].wait_until_running().delay(Duration::from_millis(50)).await?;
        instances[1].create_tags([make!(Tag { key: "spare", value: "yes" })]).send().await?;

        let of_name = make!(Filter { name: "tag:Name", values: [name] });
        let mine = ec2.instances().filter(|it| it.filters([of_name]));
        let mut spare = 0;
        for instance in mine.clone().try_collect().await? {
            assert_eq!(instance.instance_type().map(|it| it.as_str()), Some("t3.micro"));
            spare += usize::from(instance.tags().iter().any(|it| it.key.as_deref() == Some("spare")));
        }
        assert_eq!(spare, 1);
        instances[1].stop().await?;
        instances[1].wait_until_stopped().delay(Duration::from_millis(50)).await?;
        mine.terminate().await?;
        instances[0].wait_until_terminated().delay(Duration::from_millis(50)).await?;
        let loaded = instances[1].load().send().await?;
        match loaded.state().and_then(|it| it.name.as_ref()) {
            Some(&InstanceStateName::TERMINATED) => Ok(()),
            other => panic!("{other:?}"),
        }
    })
    .await;
}

#[tokio::test]
async fn a_role_is_assumed_from_a_role_and_regions_stand_side_by_side() {
    on_every_server(async |base| {
        let iam = aws_iam::Client::new(&base);
        let (first, second) = (unique_name(), unique_name());
        let trust = serde_json::json!({
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "sts:AssumeRole" }],
        });
        // The endpoint of a session is not asked for the session's own credentials; that of STS is.
        let base = base.to_builder().service_endpoint_url("sts", iam.meta().endpoint_url()?).build()?;
        let mut session = base.clone();
        for name in [&first, &second] {
            let role = iam.create_role(name, trust.to_string()).max_session_duration(3600).await?.role.expect("a role");
            let role = AssumeRole::builder(role.arn.expect("an ARN")).session_name(name).build(&session)?;
            session = base.to_builder().credentials(role).build()?;
        }
        let caller = aws_sts::Client::new(&session).get_caller_identity().await?.arn.expect("an ARN");
        assert!(caller.ends_with(&format!(":assumed-role/{second}/{second}")), "{caller}");
        let key = session.credentials()?.provide().await?;
        assert!(key.session_token().is_some() && key.expiry().is_some());

        // The same by hand, for credentials of one call.
        let sts = aws_sts::Client::new(&base);
        let assumed = sts.assume_role(format!("arn:aws:iam::123456789012:role/{first}"), "by-hand").await?;
        let it = assumed.credentials.expect("credentials");
        let by_hand = Credentials::new(it.access_key_id.unwrap_or_default(), it.secret_access_key.unwrap_or_default())
            .with_session_token(it.session_token.unwrap_or_default());
        let caller = sts.get_caller_identity().with_options(Options::new().credentials(by_hand)).await?.arn;
        assert!(caller.is_some_and(|it| it.ends_with("/by-hand")));

        let west = base.to_builder().region("eu-west-1").build()?;
        let [here, there] = [&base, &west].map(aws_sqs::Client::new);
        let name = &unique_name();
        let url = there.create_queue(name).await?.queue_url.expect("a URL");
        let arn = there.get_queue_attributes(url).attribute_names(["QueueArn"]).await?.attributes;
        assert!(arn["QueueArn"].starts_with("arn:aws:sqs:eu-west-1:"), "{arn:?}");
        assert!(here.get_queue_url(name).await.is_err_and(|e| e.is::<aws_sqs::error::QueueDoesNotExist>()));
        let once = here.get_queue_url(name).with_options(Options::new().region("eu-west-1")).await?;
        there.delete_queue(once.queue_url.expect("a URL")).await?;
        for name in [first, second] {
            iam.delete_role(name).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_stack_is_created_watched_and_deleted() {
    use aws_cloudformation::types::{Parameter, ResourceStatus};

    on_every_server(async |session| {
        let cloudformation = aws_cloudformation::Client::new(&session);
        let name = &unique_name();
        let template = serde_json::json!({
            "Parameters": { "Name": { "Type": "String" } },
            "Resources": { "Queue": { "Type": "AWS::SQS::Queue", "Properties": { "QueueName": { "Ref": "Name" } } } },
            "Outputs": { "Url": { "Value": { "Ref": "Queue" } } },
        });
        cloudformation
            .create_stack(name)
            .template_body(template.to_string())
            .parameters([make!(Parameter { parameter_key: "Name", parameter_value: name })])
            .await?;
        let waiter = cloudformation.wait_stack_create_complete().stack_name(name).delay(Duration::from_millis(50));
        let stacks = waiter.max_attempts(20).await?.result?.stacks;
        assert!(stacks[0].outputs[0].output_value.as_ref().is_some_and(|it| it.ends_with(name)), "{stacks:?}");
        let events = cloudformation.describe_stack_events(name).items().try_collect().await?;
        let done = |it: &&aws_cloudformation::types::StackEvent| {
            matches!(it.resource_status, Some(ResourceStatus::CREATE_COMPLETE))
        };
        assert!(events.iter().filter(done).any(|it| it.stack_name.as_ref() == Some(name)));

        // Waits for what has already failed to come.
        let failed = cloudformation
            .wait_stack_delete_complete()
            .stack_name(name)
            .delay(Duration::from_millis(10))
            .max_attempts(2)
            .await
            .expect_err("it is there");
        let failure = failed.waiter_failure().expect("what it waited for");
        assert_eq!(
            (failed.kind(), failure.waiter(), failure.attempts()),
            (ErrorKind::Waiter, "StackDeleteComplete", 2)
        );
        cloudformation.delete_stack(name).await?;
        cloudformation.wait_stack_delete_complete().stack_name(name).delay(Duration::from_millis(50)).await?;
        Ok(())
    })
    .await;
}

/// What can happen when the program keeps its counts.
#[derive(Debug)]
enum CountError {
    NoTable(ResourceNotFoundException),
    Taken,
    Busy(aws_core::Error),
    Aws(aws_core::Error),
}

impl fmt::Display for CountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTable(_) => f.write_str("there is no table for the counts"),
            Self::Taken => f.write_str("another has counted"),
            Self::Busy(_) => f.write_str("the table is busy"),
            Self::Aws(_) => f.write_str("the count was not kept"),
        }
    }
}

impl StdError for CountError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::NoTable(it) => Some(it),
            Self::Taken => None,
            Self::Busy(it) | Self::Aws(it) => Some(it),
        }
    }
}

impl From<aws_core::Error> for CountError {
    fn from(error: aws_core::Error) -> Self {
        if error.is::<ConditionalCheckFailedException>() {
            Self::Taken
        } else if let Some(it) = error.get::<ResourceNotFoundException>() {
            Self::NoTable(it)
        } else if error.is_throttling() {
            Self::Busy(error)
        } else {
            Self::Aws(error)
        }
    }
}

async fn count(dynamodb: &aws_dynamodb::Client) -> Result<(), CountError> {
    let request = dynamodb.update_item("counts", item! { "id" => "a" }).update_expression("ADD n :one");
    request.expression_attribute_values(item! { ":one" => 1 }).await?;
    Ok(())
}

async fn program(dynamodb: &aws_dynamodb::Client) -> Result<(), Box<dyn StdError + Send + Sync>> {
    count(dynamodb).await?;
    dynamodb.describe_table("counts").await?;
    Err("it ends here")?
}

#[tokio::test]
async fn errors_become_those_of_the_program() {
    let refusal = |code: &str, text: &str| {
        let body = format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"{text}"}}"#);
        Reply::new(400).body(body).header("x-amzn-requestid", "R1")
    };
    let throttled = refusal("ProvisionedThroughputExceededException", "slow down");
    let mut replies = vec![throttled; 3];
    replies.push(refusal("ResourceNotFoundException", "no counts"));
    replies.push(refusal("ConditionalCheckFailedException", "taken"));
    replies.push(refusal("AccessDeniedException", "not you"));
    replies.extend([Reply::ok("{}"), refusal("ResourceNotFoundException", "gone")]);
    let sleep = RecordedSleep::new();
    let session = builder().http_client(ScriptedClient::new(replies)).max_attempts(3).sleep(sleep.sleep()).build();
    let dynamodb = aws_dynamodb::Client::new(&session.expect("valid settings"));

    match count(&dynamodb).await {
        Err(CountError::Busy(e)) => {
            assert!(e.is_retryable() && e.max_attempts_reached(), "{e}");
            assert_eq!((e.attempts(), sleep.waits().len(), e.request_id()), (3, 2, Some("R1")));
        }
        other => panic!("{other:?}"),
    }
    let none = count(&dynamodb).await.expect_err("no table");
    assert_eq!(none.source().map(ToString::to_string).as_deref(), Some("ResourceNotFoundException: no counts"));
    assert!(matches!(count(&dynamodb).await, Err(CountError::Taken)));
    let denied = count(&dynamodb).await.expect_err("denied");
    let source = denied.source().expect("a source").to_string();
    assert_eq!(
        source,
        "An error occurred (AccessDeniedException) when calling the UpdateItem operation: not you (status 400, request id R1)"
    );
    let gone = program(&dynamodb).await.expect_err("gone");
    let gone = gone.downcast::<aws_core::Error>().expect("an error of the SDK");
    assert_eq!((gone.operation(), gone.service()), (Some("DescribeTable"), Some("DynamoDB")));
    let exception: Box<dyn StdError> = gone.get::<ResourceNotFoundException>().expect("the exception").into();
    assert_eq!(exception.to_string(), "ResourceNotFoundException: gone");

    // An error that no server has to make.
    let taken = ServiceError::of(make!(ConditionalCheckFailedException { message: "taken" })).build();
    assert!(matches!(CountError::from(taken), CountError::Taken));
}

#[tokio::test]
async fn wrong_settings_say_what_is_wrong() {
    let check = async |builder: SessionBuilder, kind: ErrorKind, words: &[&str]| {
        let error = match builder.build() {
            Ok(session) => aws_sqs::Client::new(&session).list_queues().await.expect_err("an error"),
            Err(error) => error,
        };
        let text = error.to_string();
        assert!(
            error.kind() == kind && words.iter().all(|it| text.contains(it)),
            "{kind:?} {words:?}: {error:?} {text}"
        );
    };
    let of = |variables: &[(&'static str, &'static str)]| {
        Session::builder().environment(variables.iter().copied().collect()).http_client(ScriptedClient::new([]))
    };
    let keys = || of(&[("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", "secret")]);
    check(
        of(&[("AWS_REGION", "us-east-1"), ("AWS_EC2_METADATA_DISABLED", "true")]),
        ErrorKind::Credentials,
        &["AWS_ACCESS_KEY_ID"],
    )
    .await;
    check(
        of(&[("AWS_RETRY_MODE", "fast"), ("AWS_MAX_ATTEMPTS", "many")]),
        ErrorKind::Config,
        &["AWS_RETRY_MODE", "AWS_MAX_ATTEMPTS", "expected standard"],
    )
    .await;
    check(of(&[("AWS_PROFILE", "production")]), ErrorKind::Config, &["production"]).await;
    check(keys(), ErrorKind::Config, &["region"]).await;
    check(keys().region("us east 1"), ErrorKind::Config, &["us east 1"]).await;
    check(keys().region("us-east-1").endpoint_url("localhost:4566"), ErrorKind::Config, &["localhost:4566"]).await;
    check(builder().ca_bundle("/none/ca.pem"), ErrorKind::Config, &["/none/ca.pem"]).await;
}

/// Sends a request of any service, and says what it was.
async fn traced<O: Operation>(request: impl Into<Request<O>>, log: &mut Vec<String>) -> aws_core::Result<O::Output> {
    let request = request.into().with_options(Options::new().header("x-trace", "t1"));
    let name = format!("{}.{}", request.service(), request.operation());
    let result = request.send_with_metadata().await;
    let outcome = result.as_ref().map_or_else(|e| e.code().unwrap_or("?").to_owned(), |it| it.1.status.to_string());
    log.push(format!("{name} {outcome}"));
    Ok(result?.0)
}

/// The number of pages that a listing of any service has.
async fn pages<O: Paginated>(request: impl Into<Request<O>>) -> aws_core::Result<usize> {
    let mut pages = request.into().pages();
    let mut count = 0;
    while pages.try_next().await?.is_some() {
        count += 1;
    }
    Ok(count)
}

#[tokio::test]
async fn functions_of_a_program_are_generic_over_services() -> aws_core::Result<()> {
    let http = ScriptedClient::new([
        Reply::ok(r#"{"QueueUrls":["https://q/1"],"NextToken":"more"}"#),
        Reply::ok(r#"{"QueueUrls":["https://q/2"]}"#),
        Reply::ok(r#"{"TableNames":["t"]}"#),
        Reply::new(400).body(r#"{"__type":"ResourceNotFoundException"}"#),
        Reply::ok(r#"{"QueueUrls":[]}"#),
    ]);
    let session = builder().http_client(http.clone()).build()?;
    let (sqs, dynamodb) = (aws_sqs::Client::new(&session), aws_dynamodb::Client::new(&session));
    assert_eq!(pages(sqs.list_queues()).await?, 2);
    assert_eq!(pages(dynamodb.list_tables()).await?, 1);
    let mut log = Vec::new();
    assert!(traced(dynamodb.describe_table("t"), &mut log).await.is_err_and(|e| e.is::<ResourceNotFoundException>()));
    assert!(traced(sqs.list_queues().queue_name_prefix("a"), &mut log).await?.queue_urls.is_empty());
    assert_eq!(log, ["DynamoDB.DescribeTable ResourceNotFoundException", "SQS.ListQueues 200"]);
    assert_eq!(http.requests().iter().filter(|it| it.header("x-trace") == "t1").count(), 2);
    Ok(())
}
