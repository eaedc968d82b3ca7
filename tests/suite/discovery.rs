//! What a session says of services, regions and partitions, against the models and against botocore's own answers
//! (`discovery/botocore.json`, which `discovery/botocore.py` prints).

use aws_core::Session;
use codegen::report::Report;
use codegen::source::Manifest;
use serde_json::{Value, json};
use tests::say;
use tests::suite::{read_json, workspace};

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn shared(name: &str) -> Value {
    read_json(&workspace().join("models/shared").join(name))
}

#[test]
fn answers_are_those_of_the_models() {
    let session = Session::default();
    let (services, regions) = (shared("services.json"), shared("regions.json"));
    let services = services.as_object().expect("services");
    assert_eq!(session.available_services(), services.keys().map(String::as_str).collect::<Vec<_>>());
    let with_resources = services.iter().filter(|it| it.1["resources"] == json!(true)).map(|it| it.0.as_str());
    assert_eq!(session.available_resources(), with_resources.collect::<Vec<_>>());
    let mut known = 0;
    for partition in session.available_partitions() {
        let facts = &regions[partition];
        let of_partition = texts(&facts["regions"]);
        for (service, it) in services {
            let prefix = it["endpointPrefix"].as_str().expect("a prefix");
            let all = texts(&facts["endpoints"][prefix]);
            let regional: Vec<_> = all.iter().copied().filter(|it| of_partition.contains(it)).collect();
            known += all.len();
            let found = |others| session.available_regions(service, partition, others).expect("a known partition");
            assert_eq!(found(false), regional, "{service} in {partition}");
            assert_eq!(found(true), all, "{service} in {partition}");
        }
        assert!(of_partition.iter().all(|it| session.partition_for_region(it).ok() == Some(partition)), "{partition}");
    }
    assert!(known > 5_000, "only {known} endpoints");
    assert_eq!(session.available_partitions().len(), regions.as_object().expect("partitions").len());
}

/// The services of the manifest are among those known, by the folder's name that is boto3's too.
#[test]
fn what_is_generated_is_known() {
    let mut report = Report::new();
    let manifest = Manifest::load(&workspace().join("models/manifest.toml"), &mut report).expect("a manifest");
    let known = Session::default().available_services();
    for service in manifest.services.keys() {
        assert!(known.contains(&service.as_str()), "{service}");
    }
}

#[test]
fn answers_are_those_of_botocore() {
    let session = Session::default();
    let vector = read_json(&workspace().join("tests/suite/discovery/botocore.json"));
    for (region, expect) in vector["partition_for_region"].as_object().expect("regions") {
        match (session.partition_for_region(region), expect.as_str()) {
            (Ok(found), expect) => assert_eq!(Some(found), expect, "{region}"),
            (Err(error), expect) => {
                assert_eq!(expect, None, "{error}");
                assert!(error.to_string().contains(&format!("`{region}`")), "{error}");
            }
        }
    }
    assert_eq!(session.available_partitions(), texts(&vector["partitions"]));
    assert_eq!(session.available_resources(), texts(&vector["resources"]));
    let mut report = Report::new();
    let manifest = Manifest::load(&workspace().join("models/manifest.toml"), &mut report).expect("a manifest");
    if vector["botocore"] != json!(manifest.botocore.version) {
        say!("discovery: botocore {} is pinned, the answers are of {}", manifest.botocore.version, vector["botocore"]);
        return;
    }
    assert_eq!(json!(session.available_services().len()), vector["services"]);
    for (service, partitions) in vector["available_regions"].as_object().expect("services") {
        for partition in session.available_partitions() {
            for (index, others) in [false, true].into_iter().enumerate() {
                let found = session.available_regions(service, partition, others).expect("a known partition");
                assert_eq!(found, texts(&partitions[partition][index]), "{service} in {partition}");
            }
        }
    }
}

/// Where this is better than botocore, on purpose.
#[test]
fn what_botocore_does_not_say() {
    let session = Session::default();
    let check = |region: &str, expect: &str| {
        assert_eq!(session.partition_for_region(region).ok(), Some(expect), "{region}");
    };
    check("aws-global", "aws");
    check("aws-cn-global", "aws-cn");
    check("aws-us-gov-global", "aws-us-gov");
    let error = session.available_regions("s3", "aws-china", false).expect_err("no such partition");
    assert_eq!(error.to_string().split(';').next(), Some("there is no partition `aws-china`"));
    let error = session.partition_for_region("").expect_err("no region");
    assert!(error.to_string().contains("``"), "{error}");
}
