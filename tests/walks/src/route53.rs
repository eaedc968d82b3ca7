//! Route 53: a zone and its records.

use aws_route53::Client;
use aws_route53::error::NoSuchHostedZone;
use aws_route53::types::{Change, ChangeBatch, ResourceRecord, ResourceRecordSet};

use crate::{on_every_server, unique_name};

#[tokio::test]
async fn a_record_is_created_and_found_in_its_zone() {
    on_every_server(async |session| {
        let route53 = Client::new(&session);
        let domain = format!("{}.example.", unique_name());
        let zone = route53.create_hosted_zone(&domain, unique_name()).send().await?.hosted_zone.expect("a zone");
        // `/hostedzone/Z…`, as responses have it; requests accept it with and without the prefix.
        let id = zone.id.expect("an id");
        let change = |action: &str, value: &str| ChangeBatch {
            comment: None,
            changes: vec![Change {
                action: Some(action.into()),
                resource_record_set: Some(ResourceRecordSet {
                    name: Some(format!("www.{domain}")),
                    r#type: Some("A".into()),
                    ttl: Some(60),
                    resource_records: vec![ResourceRecord { value: Some(value.to_owned()), ..Default::default() }]
                        .into(),
                    ..Default::default()
                }),
                ..Default::default()
            }]
            .into(),
            ..Default::default()
        };
        route53.change_resource_record_sets(&id, change("CREATE", "192.0.2.1")).send().await?;
        let records = route53.list_resource_record_sets(&id).items().try_collect().await?;
        let is_address = |it: &&ResourceRecordSet| it.r#type.as_ref().is_some_and(|ty| ty.as_str() == "A");
        let found = records.iter().find(is_address).expect("the record");
        assert_eq!((found.name.as_deref(), found.ttl), (Some(&*format!("www.{domain}")), Some(60)));
        let zones = route53.list_hosted_zones().items().try_collect().await?;
        assert!(zones.iter().any(|it| it.id.as_ref() == Some(&id)));
        route53.change_resource_record_sets(&id, change("DELETE", "192.0.2.1")).send().await?;
        route53.delete_hosted_zone(&id).send().await?;
        let gone = route53.get_hosted_zone(&id).send().await.expect_err("no such zone");
        assert!(gone.is::<NoSuchHostedZone>(), "{gone}");
        Ok(())
    })
    .await;
}
