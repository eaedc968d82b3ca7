//! The catalog of services, regions and partitions that a session returns, against the models and against botocore
//! (`catalog/botocore.json`, which `catalog/botocore.py` prints).

use aws_core::Session;
use codegen::report::Report;
use codegen::source::Manifest;
use serde_json::{Value, json};
use tests::say;
use tests::suite::{read_json, workspace};

fn strings(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// A file of `models/shared`.
fn shared(name: &str) -> Value {
    read_json(&workspace().join("models/shared").join(name))
}

#[test]
fn the_catalog_agrees_with_the_models() {
    let session = Session::default();
    let (services, regions) = (shared("services.json"), shared("regions.json"));
    let services = services.as_object().expect("services");
    assert_eq!(session.available_services(), services.keys().map(String::as_str).collect::<Vec<_>>());
    let with_resources = services.iter().filter(|it| it.1["resources"] == json!(true)).map(|it| it.0.as_str());
    assert_eq!(session.available_resources(), with_resources.collect::<Vec<_>>());
    let mut count = 0;
    for partition in session.available_partitions() {
        let facts = &regions[partition];
        let partition_regions = strings(&facts["regions"]);
        for (service, entry) in services {
            let prefix = entry["endpointPrefix"].as_str().expect("a prefix");
            let all = strings(&facts["endpoints"][prefix]);
            let regional: Vec<_> = all.iter().copied().filter(|it| partition_regions.contains(it)).collect();
            count += all.len();
            let found = |include_others| {
                session.available_regions(service, partition, include_others).expect("a known partition")
            };
            assert_eq!(found(false), regional, "{service} in {partition}");
            assert_eq!(found(true), all, "{service} in {partition}");
        }
        assert!(
            partition_regions.iter().all(|it| session.partition_for_region(it).ok() == Some(partition)),
            "{partition}"
        );
    }
    assert!(count > 5_000, "only {count} endpoints");
    assert_eq!(session.available_partitions().len(), regions.as_object().expect("partitions").len());
}

/// The catalog names services as boto3 does, which is the name of the model's folder.
#[test]
fn every_service_of_the_manifest_is_in_the_catalog() {
    let mut report = Report::new();
    let manifest = Manifest::load(&workspace().join("models/manifest.toml"), &mut report).expect("a manifest");
    let services = Session::default().available_services();
    for service in manifest.services.keys() {
        assert!(services.contains(&service.as_str()), "{service}");
    }
}

#[test]
fn the_catalog_agrees_with_botocore() {
    let session = Session::default();
    let expected = read_json(&workspace().join("tests/suite/catalog/botocore.json"));
    for (region, expect) in expected["partition_for_region"].as_object().expect("regions") {
        match (session.partition_for_region(region), expect.as_str()) {
            (Ok(found), expect) => assert_eq!(Some(found), expect, "{region}"),
            (Err(error), expect) => {
                assert_eq!(expect, None, "{error}");
                assert!(error.to_string().contains(&format!("`{region}`")), "{error}");
            }
        }
    }
    assert_eq!(session.available_partitions(), strings(&expected["partitions"]));
    assert_eq!(session.available_resources(), strings(&expected["resources"]));
    let mut report = Report::new();
    let manifest = Manifest::load(&workspace().join("models/manifest.toml"), &mut report).expect("a manifest");
    if expected["botocore"] != json!(manifest.botocore.version) {
        say!(
            "catalog: botocore {} is pinned, but botocore.json is of {}",
            manifest.botocore.version,
            expected["botocore"]
        );
        return;
    }
    assert_eq!(json!(session.available_services().len()), expected["services"]);
    for (service, partitions) in expected["available_regions"].as_object().expect("services") {
        for partition in session.available_partitions() {
            for (index, include_others) in [false, true].into_iter().enumerate() {
                let found = session.available_regions(service, partition, include_others).expect("a known partition");
                assert_eq!(found, strings(&partitions[partition][index]), "{service} in {partition}");
            }
        }
    }
}

/// Intended differences from botocore.
#[test]
fn pseudo_regions_have_partitions_and_unknown_partitions_are_errors() {
    let session = Session::default();
    let check = |region: &str, expect: &str| {
        assert_eq!(session.partition_for_region(region).ok(), Some(expect), "{region}");
    };
    check("aws-global", "aws");
    check("aws-cn-global", "aws-cn");
    check("aws-us-gov-global", "aws-us-gov");
    let error = session.available_regions("s3", "aws-china", false).expect_err("no such partition");
    assert_eq!(error.to_string().split(':').next(), Some("unknown partition `aws-china`"));
    let error = session.partition_for_region("").expect_err("no region");
    assert!(error.to_string().contains("``"), "{error}");
}
