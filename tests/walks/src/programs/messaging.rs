//! Messages and the small services around them: a worker that takes orders from a queue, which a topic fills; a function,
//! secrets, parameters, metrics, keys, names and state machines, each in the few calls that a program makes.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_core::config::Environment;
use aws_core::testing::{Reply, credentials};
use aws_core::{Result, Session, Timestamp, make};
use aws_sqs::types::{ChangeMessageVisibilityBatchRequestEntry, Message, MessageAttributeValue, QueueAttributeName};
use aws_sqs::types::{DeleteMessageBatchRequestEntry, SendMessageBatchRequestEntry};
use serde_json::{Value, json};
use tests::doubles::ScriptedClient;

use crate::{on_every_server, unique_name};

/// A session whose requests get these replies, and the client that records them.
fn scripted(replies: impl IntoIterator<Item = Reply>) -> (ScriptedClient, Session) {
    let http = ScriptedClient::new(replies);
    let session = Session::builder()
        .environment(Environment::empty())
        .region("eu-central-1")
        .credentials(credentials())
        .http_client(http.clone())
        .build();
    (http, session.expect("valid settings"))
}

/// The number of the order in a message.
fn order(message: &Message) -> Option<u64> {
    serde_json::from_str::<Value>(message.body.as_deref()?).ok()?["order"].as_u64()
}

/// Takes messages until there are none: what can be understood is deleted, all else is there again at once.
async fn work(sqs: &aws_sqs::Client, url: &str) -> Result<Vec<u64>> {
    let mut orders = Vec::new();
    loop {
        let received = sqs
            .receive_message(url)
            .max_number_of_messages(10)
            .message_system_attribute_names(["ApproximateReceiveCount"])
            .message_attribute_names(["All"])
            .await?
            .messages;
        if received.is_empty() {
            return Ok(orders);
        }
        let (done, failed): (Vec<_>, Vec<_>) = received.iter().partition(|it| order(it).is_some());
        orders.extend(done.iter().copied().filter_map(order));
        let delete = done
            .iter()
            .map(|it| make!(DeleteMessageBatchRequestEntry { id: &it.message_id, receipt_handle: &it.receipt_handle }));
        if !done.is_empty() {
            let deleted = sqs.delete_message_batch(url, delete).await?;
            assert!(deleted.failed.is_empty(), "{deleted:?}");
        }
        let again = failed.iter().map(|it| {
            make!(ChangeMessageVisibilityBatchRequestEntry {
                id: &it.message_id,
                receipt_handle: &it.receipt_handle,
                visibility_timeout: 0,
            })
        });
        if !failed.is_empty() {
            sqs.change_message_visibility_batch(url, again).await?;
        }
    }
}

#[tokio::test]
async fn a_worker_takes_what_a_topic_sends_and_sets_aside_what_it_does_not_understand() {
    on_every_server(async |session| {
        let (sqs, sns) = (aws_sqs::Client::new(&session), aws_sns::Client::new(&session));
        let name = unique_name();
        let arn = async |url: &str| {
            let found = sqs.get_queue_attributes(url).attribute_names([QueueAttributeName::QUEUE_ARN]).await?;
            Ok::<_, aws_core::Error>(found.attributes["QueueArn"].clone())
        };
        let aside = sqs.create_queue(format!("{name}-aside")).await?.queue_url.expect("a URL");
        let redrive = json!({ "deadLetterTargetArn": arn(&aside).await?, "maxReceiveCount": 2 }).to_string();
        let url = sqs
            .create_queue(&name)
            .attributes([("VisibilityTimeout", "30"), ("RedrivePolicy", &redrive)])
            .tags([("team", "red")])
            .await?
            .queue_url
            .expect("a URL");

        let topic = sns.create_topic(&name).await?.topic_arn.expect("an ARN");
        let filter = json!({ "kind": ["order"] }).to_string();
        let subscription = sns
            .subscribe(&topic, "sqs")
            .endpoint(arn(&url).await?)
            .attributes([("RawMessageDelivery", "true"), ("FilterPolicy", &filter)])
            .return_subscription_arn(true)
            .await?
            .subscription_arn
            .expect("an ARN");
        let kind = |kind| make!(aws_sns::types::MessageAttributeValue { data_type: "String", string_value: kind });
        for (about, text) in [("order", json!({ "order": 1 })), ("order", json!("?")), ("noise", json!({ "order": 9 }))] {
            sns.publish(text.to_string()).topic_arn(&topic).message_attributes([("kind", kind(about))]).await?;
        }
        let entries = (2..5).map(|at| {
            make!(SendMessageBatchRequestEntry {
                id: at.to_string(),
                message_body: json!({ "order": at }).to_string(),
                message_attributes: { "source" => MessageAttributeValue { data_type: "String", string_value: "direct" } },
            })
        });
        let sent = sqs.send_message_batch(&url, entries).await?;
        assert_eq!((sent.successful.len(), sent.failed.len()), (3, 0));

        let mut orders = work(&sqs, &url).await?;
        orders.sort_unstable();
        assert_eq!(orders, [1, 2, 3, 4]);
        let aside = aws_sqs_resource::SQS::new(&session).queue(aside);
        let left = aside.receive_messages().with(|it| it.wait_time_seconds(1)).send().await?;
        assert_eq!(left.iter().map(|it| it.body()).collect::<Vec<_>>(), [Some("\"?\"")]);
        aws_sqs_resource::batch(left).delete().await?;

        sns.unsubscribe(subscription).await?;
        sns.delete_topic(topic).await?;
        sqs.delete_queue(url).await?;
        aside.delete().await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_function_is_invoked_with_json_and_its_failure_is_no_error_of_the_call() -> Result<()> {
    let failure = r#"{"errorMessage":"no such order","errorType":"KeyError"}"#;
    let (http, session) = scripted([
        Reply::ok(r#"{"total":12.5}"#),
        Reply::ok(failure).header("x-amz-function-error", "Unhandled"),
        Reply::new(202),
    ]);
    let lambda = aws_lambda::Client::new(&session);
    let response = lambda.invoke("price").payload(json!({ "order": 7 }).to_string()).await?;
    let price: Value = serde_json::from_slice(&response.payload.expect("a payload")).expect("JSON");
    assert_eq!((&response.function_error, price["total"].as_f64()), (&None, Some(12.5)));
    let failed = lambda.invoke("price").qualifier("beta").payload("{}").await?;
    assert_eq!(failed.function_error.as_deref(), Some("Unhandled"));
    assert_eq!(failed.payload.as_deref(), Some(failure.as_bytes()));
    lambda.invoke("price").invocation_type(aws_lambda::types::InvocationType::EVENT).await?;

    let sent = http.requests();
    assert_eq!((sent[0].path(), &*sent[0].body), ("/2015-03-31/functions/price/invocations", &br#"{"order":7}"#[..]));
    assert_eq!((sent[1].query(), sent[2].header("x-amz-invocation-type")), ("Qualifier=beta", "Event"));
    Ok(())
}

#[tokio::test]
async fn settings_of_a_program_come_from_secrets_and_parameters() {
    on_every_server(async |session| {
        let (secrets, ssm) = (aws_secretsmanager::Client::new(&session), aws_ssm::Client::new(&session));
        let name = &unique_name();
        let tags = [make!(aws_secretsmanager::types::Tag { key: "stage", value: "beta" })];
        secrets.create_secret(name).secret_string(json!({ "user": "me", "port": 5432 }).to_string()).tags(tags).await?;
        let text = secrets.get_secret_value(name).await?.secret_string.expect("a string");
        let secret: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!((secret["user"].as_str(), secret["port"].as_u64()), (Some("me"), Some(5432)));
        secrets.delete_secret(name).force_delete_without_recovery(true).await?;

        let path = |name_of: &str| format!("/{name}/{name_of}");
        for (key, value, kind) in [("url", "db.example", "String"), ("password", "hunter2", "SecureString")] {
            ssm.put_parameter(path(key), value).r#type(kind).description(None::<&str>).await?;
        }
        ssm.put_parameter(path("url"), "db2.example").overwrite(true).await?;
        let found = ssm.get_parameters_by_path(format!("/{name}")).recursive(true).with_decryption(true).items();
        let settings: BTreeMap<_, _> =
            found.try_collect().await?.into_iter().filter_map(|it| Some((it.name?, it.value?))).collect();
        assert_eq!(settings[&path("url")], "db2.example");
        assert_eq!(settings[&path("password")], "hunter2");
        let several = ssm.get_parameters([path("url"), path("none")]).await?;
        assert_eq!((several.parameters.len(), several.invalid_parameters), (1, [path("none")].into()));
        ssm.delete_parameters(settings.keys()).await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_key_encrypts_directly_and_by_a_key_of_its_own() {
    on_every_server(async |session| {
        let kms = aws_kms::Client::new(&session);
        let alias = format!("alias/{}", unique_name());
        let id = kms.create_key().await?.key_metadata.and_then(|it| it.key_id).expect("an id");
        kms.create_alias(&alias, &id).await?;
        let context = [("order", "7")];
        let secret = kms.encrypt(&alias, "a card number").encryption_context(context).await?.ciphertext_blob;
        let plain = kms.decrypt().ciphertext_blob(secret).encryption_context(context).await?.plaintext;
        assert_eq!(plain.as_deref(), Some(&b"a card number"[..]));
        let key = kms.generate_data_key(&alias).key_spec(aws_kms::types::DataKeySpec::AES_256).await?;
        let again = kms.decrypt().ciphertext_blob(&key.ciphertext_blob).await?;
        assert_eq!(again.plaintext, key.plaintext);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn metrics_are_written_and_summed_up() {
    use aws_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricDatum, MetricStat, StandardUnit};

    on_every_server(async |session| {
        let cloudwatch = aws_cloudwatch::Client::new(&session);
        let namespace = &unique_name();
        let now = Timestamp::now();
        // moto finds a metric by its dimensions, in whatever namespace.
        let host = |name: &str| make!(Dimension { name: "host", value: name });
        let datum = |value| {
            make!(MetricDatum {
                metric_name: "latency",
                dimensions: [host(namespace)],
                timestamp: now,
                value,
                unit: StandardUnit::MILLISECONDS,
            })
        };
        cloudwatch.put_metric_data(namespace).metric_data([1.5, 2.5, 4.0].map(datum)).await?;
        let query = make!(MetricDataQuery {
            id: "sum",
            metric_stat: MetricStat {
                metric: Metric { namespace, metric_name: "latency", dimensions: [host(namespace)] },
                period: 60,
                stat: "Sum",
            },
        });
        let minutes = Duration::from_secs(300);
        let (from, to) = (now.checked_sub(minutes).expect("a time"), now.checked_add(minutes).expect("a time"));
        let results = cloudwatch.get_metric_data([query], from, to).pages().try_merge().await?.metric_data_results;
        assert_eq!((results[0].id.as_deref(), results[0].values.iter().sum::<f64>()), (Some("sum"), 8.0));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn names_get_addresses() {
    use aws_route53::types::{Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType};

    on_every_server(async |session| {
        let route53 = aws_route53::Client::new(&session);
        let domain = format!("{}.example.", unique_name());
        let zone = route53.create_hosted_zone(&domain, unique_name()).await?.hosted_zone.and_then(|it| it.id);
        let zone = zone.expect("an id");
        let record = make!(ResourceRecordSet {
            name: format!("www.{domain}"),
            r#type: RrType::A,
            ttl: 300,
            resource_records: [ResourceRecord { value: "192.0.2.1" }, ResourceRecord { value: "192.0.2.2" }],
        });
        let batch = |action| make!(ChangeBatch { changes: [Change { action, resource_record_set: &record }] });
        route53.change_resource_record_sets(&zone, batch(ChangeAction::UPSERT)).await?;
        let records = route53.list_resource_record_sets(&zone).items().try_collect().await?;
        let addresses: Vec<_> = records.iter().filter(|it| it.r#type == Some(RrType::A)).collect();
        assert_eq!((addresses.len(), addresses[0].resource_records.len()), (1, 2));
        route53.change_resource_record_sets(&zone, batch(ChangeAction::DELETE)).await?;
        route53.delete_hosted_zone(zone).await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_state_machine_is_started_with_input() {
    use aws_stepfunctions::types::ExecutionStatus;

    on_every_server(async |session| {
        let machines = aws_stepfunctions::Client::new(&session);
        let definition = json!({ "StartAt": "Only", "States": { "Only": { "Type": "Pass", "End": true } } });
        let role = "arn:aws:iam::123456789012:role/machine";
        let created = machines.create_state_machine(unique_name(), definition.to_string(), role).await?;
        let machine = created.state_machine_arn.expect("an ARN");
        let started = machines.start_execution(&machine).input("{}").name("first").await?;
        let execution = machines.describe_execution(started.execution_arn.expect("an ARN")).await?;
        assert_eq!(execution.input.as_deref(), Some("{}"));
        match execution.status {
            Some(ExecutionStatus::RUNNING | ExecutionStatus::SUCCEEDED) => {}
            other => panic!("{other:?}"),
        }
        let names = machines.list_executions().state_machine_arn(&machine).pages().search("executions[].name")?;
        assert_eq!(names.try_collect().await?, ["first".into()]);
        machines.delete_state_machine(machine).await?;
        Ok(())
    })
    .await;
}
