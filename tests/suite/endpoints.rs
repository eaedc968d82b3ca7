//! Endpoint rules, from the JSON of a rule set to the endpoint: small rule sets written here, and every service's
//! published endpoint tests.

use aws_core::internals::endpoint::{AuthScheme, Endpoint, EndpointError, Param, Property, RuleSet};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use tests::suite::{conformance, entries, read_json, unpacked};

/// Compiles a rule set as the generator does, and decodes its table as the runtime does.
pub(crate) fn compile(document: &Value) -> Result<RuleSet, String> {
    let compiled = codegen::expr::rules::compile(document).map_err(|it| format!("{it:#?}"))?;
    let rules = RuleSet::decode(Box::leak(compiled.table.into_boxed_str())).map_err(|it| it.to_string())?;
    let found: Vec<_> = rules.parameters().iter().map(|it| (it.name.to_owned(), it.required, it.read)).collect();
    let expect: Vec<_> = compiled.parameters.iter().map(|it| (it.name.clone(), it.required, it.read)).collect();
    if found == expect { Ok(rules) } else { Err(format!("parameters {found:?}, expected {expect:?}")) }
}

/// Resolves the endpoint for the parameters of a test case.
fn resolve(rules: &RuleSet, case_params: &Value) -> Result<Endpoint, EndpointError> {
    let mut params = rules.params();
    for (name, value) in case_params.as_object().into_iter().flatten() {
        // Cases may have parameters that the rule set lacks; those cannot change the result.
        let Some(parameter) = rules.parameter(name) else { continue };
        let value = match value {
            Value::Null => Param::Unset,
            Value::Bool(it) => Param::from(*it),
            Value::String(it) => Param::from(it.as_str()),
            Value::Array(elements) => {
                Param::from(elements.iter().map(|it| it.as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>())
            }
            other => panic!("invalid parameter value: {other}"),
        };
        params.set(parameter, value)?;
    }
    let endpoint = rules.resolve(&params);
    // Owned parameters resolve like borrowed ones.
    assert_eq!(rules.resolve(&params.into_owned()), endpoint);
    endpoint
}

/// Runs a case in the format of `endpoint-tests-1.json` against the rule engine.
pub(crate) fn run_case(rules: &RuleSet, case: &Value) -> Result<(), String> {
    let expect = &case["expect"];
    let found = resolve(rules, &case["params"]);
    let (found, expect) = match (found, &expect["error"]) {
        (Ok(endpoint), Value::Null) => {
            let expect = &expect["endpoint"];
            let or_empty = |key: &str| expect.get(key).cloned().unwrap_or_else(|| json!({}));
            (
                endpoint_json(&endpoint),
                json!({"url": expect["url"], "headers": or_empty("headers"), "properties": or_empty("properties")}),
            )
        }
        (Ok(endpoint), error) => (endpoint_json(&endpoint), error.clone()),
        (Err(EndpointError::Rejected(message)), error) => (json!(message), error.clone()),
        (Err(other), error) => (json!(other.to_string()), error.clone()),
    };
    if found == expect { Ok(()) } else { Err(format!("{}: expected {expect}, found {found}", case["documentation"])) }
}

fn endpoint_json(endpoint: &Endpoint) -> Value {
    let headers: Map<String, Value> =
        endpoint.headers.iter().map(|(name, values)| ((*name).to_owned(), json!(values))).collect();
    let mut properties = map(&endpoint.properties);
    if !endpoint.auth_schemes.is_empty() {
        properties.insert("authSchemes".to_owned(), endpoint.auth_schemes.iter().map(scheme_json).collect());
    }
    json!({"url": endpoint.url, "headers": headers, "properties": properties})
}

fn scheme_json(scheme: &AuthScheme) -> Value {
    let mut all = map(&scheme.other);
    let optional = [
        ("name", Some(json!(scheme.name))),
        ("signingName", scheme.signing_name.as_ref().map(|it| json!(it))),
        ("signingRegion", scheme.signing_region.as_ref().map(|it| json!(it))),
        ("signingRegionSet", scheme.signing_region_set.as_ref().map(|it| json!(it))),
        ("disableDoubleEncoding", scheme.disable_double_encoding.map(|it| json!(it))),
    ];
    all.extend(optional.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
    Value::Object(all)
}

fn map(properties: &[(&'static str, Property)]) -> Map<String, Value> {
    properties.iter().map(|(name, value)| ((*name).to_owned(), property(value))).collect()
}

fn property(value: &Property) -> Value {
    match value {
        Property::Boolean(it) => json!(it),
        Property::Integer(it) => json!(it),
        Property::String(it) => json!(it),
        Property::List(it) => it.iter().map(property).collect(),
        Property::Map(it) => Value::Object(map(it)),
    }
}

/// The latest rule set of a service: in the repository's models, else in `CORPUS_DIR`, else in the pinned botocore
/// package.
fn rule_set(service: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders = vec![root.join("models/botocore")];
    folders.extend(std::env::var_os("CORPUS_DIR").map(PathBuf::from));
    folders.extend(unpacked().map(|[botocore, _]| botocore.join("botocore/data")));
    folders.iter().find_map(|folder| {
        let mut versions = entries(&folder.join(service)).into_iter().rev();
        versions.find_map(|version| {
            ["endpoint-rule-set-1.json", "endpoint-rule-set-1.json.gz"]
                .iter()
                .map(|name| version.join(name))
                .find(|it| it.is_file())
        })
    })
}

/// Prints a suite's counts; fails if there are failures.
pub(crate) fn report(name: &str, passed: usize, failures: &[String], skipped: usize) {
    tests::say!("suite {name}: {passed} passed, {} failed, {skipped} skipped", failures.len());
    let first: Vec<_> = failures.iter().take(20).map(String::as_str).collect();
    assert!(failures.is_empty(), "{} failures, the first:\n{}", failures.len(), first.join("\n"));
}

#[test]
fn the_published_endpoint_tests_of_every_service_pass() {
    let Some(folder) = conformance("endpoint-tests") else { return };
    let (mut passed, mut skipped, mut failures) = (0, 0, Vec::new());
    for service in entries(&folder).into_iter().filter(|it| it.is_dir()) {
        let name = service.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let cases = read_json(&service.join("endpoint-tests-1.json"));
        let cases = cases["testCases"].as_array().unwrap_or_else(|| panic!("{name}: no testCases"));
        let Some(path) = rule_set(&name) else {
            skipped += cases.len();
            continue;
        };
        match compile(&read_json(&path)) {
            Ok(rules) => {
                for (index, case) in cases.iter().enumerate() {
                    match run_case(&rules, case) {
                        Ok(()) => passed += 1,
                        Err(why) => failures.push(format!("{name} {index} {why}")),
                    }
                }
            }
            Err(why) => failures.push(format!("{name}: {why}")),
        }
    }
    report("endpoint-tests", passed, &failures, skipped);
}

/// A rule set with these rules and a few parameters.
fn rules(rules: Value) -> Value {
    let parameters = json!({
        "Region": {"type": "String", "builtIn": "AWS::Region"},
        "Name": {"type": "string"},
        "Flag": {"type": "Boolean", "default": false, "required": true},
        "Maybe": {"type": "boolean"},
        "List": {"type": "stringArray"},
        "Unread": {"type": "string"},
    });
    json!({"version": "1.0", "parameters": parameters, "rules": rules})
}

#[track_caller]
fn check(document: &Value, params: Value, expect: Value) {
    let rules = compile(document).unwrap();
    run_case(&rules, &json!({"documentation": document, "params": params, "expect": expect})).unwrap();
}

/// Checks the string that `value` assigns to `found` for the parameters; `none` if it has no value. The conditions
/// `before` may assign what it uses.
#[track_caller]
fn check_value(before: Value, value: Value, params: Value, expect: &str) {
    let mut conditions = before.as_array().cloned().unwrap_or_default();
    conditions.push(value);
    let document = rules(json!([
        {"type": "error", "conditions": conditions, "error": "{found}"},
        {"type": "error", "conditions": [], "error": "none"},
    ]));
    check(&document, params, json!({"error": expect}));
}

#[test]
fn functions_have_values_or_none() {
    let call = |name: &str, argv: Value| json!({"fn": name, "argv": argv, "assign": "found"});
    let name = json!({"ref": "Name"});
    let none = json!([]);
    check_value(none.clone(), call("substring", json!([name, 0, 2, false])), json!({"Name": "abc"}), "ab");
    check_value(none.clone(), call("substring", json!([name, 0, 2, true])), json!({"Name": "abc"}), "bc");
    check_value(none.clone(), call("substring", json!([name, 0, 4, true])), json!({"Name": "abc"}), "none");
    check_value(none.clone(), call("uriEncode", json!([name])), json!({"Name": "a b/ü"}), "a%20b%2F%C3%BC");
    check_value(none.clone(), call("uriEncode", json!([name])), json!({}), "none");
    check_value(none.clone(), call("uriEncode", json!([name])), json!({"Name": ""}), "");
    check_value(none.clone(), call("getAttr", json!([{"ref": "List"}, "[1]"])), json!({"List": ["a", "b"]}), "b");
    check_value(none.clone(), call("getAttr", json!([{"ref": "List"}, "[1]"])), json!({"List": ["a"]}), "none");
    check_value(none.clone(), call("getAttr", json!([{"ref": "List"}, "[0]"])), json!({}), "none");
    let arn = json!([{"fn": "aws.parseArn", "argv": ["arn:{Name}"], "assign": "arn"}]);
    check_value(
        arn.clone(),
        call("getAttr", json!([{"ref": "arn"}, "resourceId[1]"])),
        json!({"Name": "aws:s3:::a/b:c"}),
        "b",
    );
    check_value(
        arn.clone(),
        call("getAttr", json!([{"ref": "arn"}, "resourceId[3]"])),
        json!({"Name": "aws:s3:::a/b:c"}),
        "none",
    );
    check_value(arn.clone(), call("getAttr", json!([{"ref": "arn"}, "region"])), json!({"Name": "aws:s3:::a"}), "");
    check_value(arn, call("getAttr", json!([{"ref": "arn"}, "service"])), json!({"Name": "aws::::a"}), "none");
    let partition = json!([{"fn": "aws.partition", "argv": [{"ref": "Region"}], "assign": "partition"}]);
    check_value(
        partition.clone(),
        call("getAttr", json!([{"ref": "partition"}, "name"])),
        json!({"Region": "cn-north-1"}),
        "aws-cn",
    );
    check_value(partition, call("getAttr", json!([{"ref": "partition"}, "dualStackDnsSuffix"])), json!({}), "api.aws");
    let url = json!([{"fn": "parseURL", "argv": ["{Name}"], "assign": "url"}]);
    check_value(
        url.clone(),
        call("getAttr", json!([{"ref": "url"}, "normalizedPath"])),
        json!({"Name": "http://h:1//a/../b"}),
        "/b/",
    );
    check_value(
        url.clone(),
        call("getAttr", json!([{"ref": "url"}, "authority"])),
        json!({"Name": "http://h:1//a/../b"}),
        "h:1",
    );
    check_value(
        url.clone(),
        call("getAttr", json!([{"ref": "url"}, "path"])),
        json!({"Name": "http://h:1//a/../b"}),
        "//a/../b",
    );
    check_value(url, call("getAttr", json!([{"ref": "url"}, "scheme"])), json!({"Name": "http://h?x"}), "none");
}

#[test]
fn conditions_hold_if_they_have_a_value_that_is_not_false() {
    let holds = |condition: Value, params: Value, expect: bool| {
        let document = rules(json!([
            {"type": "error", "conditions": [condition], "error": "true"},
            {"type": "error", "conditions": [], "error": "false"},
        ]));
        check(&document, params, json!({"error": expect.to_string()}));
    };
    let call = |name: &str, argv: Value| json!({"fn": name, "argv": argv});
    let name = json!({"ref": "Name"});
    holds(call("isSet", json!([name])), json!({"Name": ""}), true);
    holds(call("isSet", json!([name])), json!({}), false);
    holds(call("isSet", json!([name])), json!({"Name": null}), false);
    holds(call("isSet", json!([{"ref": "Maybe"}])), json!({"Maybe": false}), true);
    holds(call("not", json!([call("isSet", json!([name]))])), json!({}), true);
    holds(call("not", json!([call("parseURL", json!([name]))])), json!({"Name": "x"}), true);
    holds(call("stringEquals", json!(["{Name}-{Region}", "a-b"])), json!({"Name": "a", "Region": "b"}), true);
    holds(call("stringEquals", json!(["{{{Name}}}", "{{a}}"])), json!({"Name": "a"}), true);
    holds(call("booleanEquals", json!([{"ref": "Flag"}, false])), json!({}), true);
    holds(call("booleanEquals", json!([{"ref": "Flag"}, false])), json!({"Flag": true}), false);
    holds(call("isValidHostLabel", json!([name, false])), json!({"Name": "a.b"}), false);
    holds(call("isValidHostLabel", json!([name, true])), json!({"Name": "a.b"}), true);
    holds(call("isValidHostLabel", json!([name, true])), json!({}), false);
    holds(call("aws.isVirtualHostableS3Bucket", json!([name, true])), json!({"Name": "a.bucket"}), true);
    holds(call("aws.isVirtualHostableS3Bucket", json!([name, true])), json!({"Name": "1.2.3.4"}), false);
    // Any value but false makes a condition hold, the empty string too.
    holds(
        call("getAttr", json!([call("aws.parseArn", json!([name])), "region"])),
        json!({"Name": "arn:aws:s3:::x"}),
        true,
    );
    holds(call("getAttr", json!([call("aws.partition", json!([name])), "supportsFIPS"])), json!({"Name": "x"}), true);
}

#[test]
fn trees_without_a_matching_rule_are_left_and_failures_are_explained() {
    let set = |name: &str| json!({"fn": "isSet", "argv": [{"ref": name}]});
    let error = |message: &str, conditions: Value| json!({"type": "error", "conditions": conditions, "error": message});
    let document = rules(json!([
        {"type": "tree", "conditions": [set("Name")], "rules": [
            error("name and region", json!([set("Region")])),
            {"type": "tree", "conditions": [set("Maybe")], "rules": [error("name, maybe and list", json!([set("List")]))]},
        ]},
        error("maybe", json!([set("Maybe")])),
    ]));
    check(&document, json!({"Name": "", "Region": ""}), json!({"error": "name and region"}));
    check(&document, json!({"Name": "", "Maybe": false, "List": []}), json!({"error": "name, maybe and list"}));
    // If none of a tree's rules matches, evaluation continues after the tree.
    check(&document, json!({"Name": "", "Maybe": false}), json!({"error": "maybe"}));
    let expect = r#"no endpoint rule matches the parameters Region: unset, Name: "a", Maybe: unset, List: unset"#;
    check(&document, json!({"Name": "a", "Unread": "b"}), json!({"error": expect}));
    check(
        &document,
        json!({"Name": true}),
        json!({"error": "invalid type of the endpoint parameter `Name`: expected a string, found a boolean"}),
    );
    let required = json!({"version": "1.0", "parameters": {"R": {"type": "string", "required": true}}, "rules": [error("x", json!([]))]});
    check(&required, json!({}), json!({"error": "missing required endpoint parameter `R`"}));
    check(&required, json!({"R": ""}), json!({"error": "x"}));
    let absent = rules(json!([error("{Name}", json!([]))]));
    check(
        &absent,
        json!({}),
        json!({"error": "the endpoint rules have no value for an error message, which requires one"}),
    );
}

#[test]
fn endpoints_have_url_headers_and_properties_filled_in() {
    let schemes = json!([
        {"name": "sigv4", "signingName": "s3", "signingRegion": "{Region}", "disableDoubleEncoding": true},
        {"name": "sigv4a", "signingRegionSet": ["*", "{Region}"], "unknown": {"level": [1, "{Name}"]}},
    ]);
    let endpoint = json!({
        "url": "https://{Name}.{Region}",
        "headers": {"x-one": ["{Name}", "b", {"ref": "Region"}]},
        "properties": {"authSchemes": schemes, "backend": "S3", "deep": {"a": [true, {"b": "{Name}{Name}"}]}},
    });
    let filled = json!({
        "url": "https://n.r",
        "headers": {"x-one": ["n", "b", "r"]},
        "properties": {
            "authSchemes": [
                {"name": "sigv4", "signingName": "s3", "signingRegion": "r", "disableDoubleEncoding": true},
                {"name": "sigv4a", "signingRegionSet": ["*", "r"], "unknown": {"level": [1, "n"]}},
            ],
            "backend": "S3",
            "deep": {"a": [true, {"b": "nn"}]},
        },
    });
    let document = rules(json!([{"type": "endpoint", "conditions": [], "endpoint": endpoint}]));
    check(&document, json!({"Name": "n", "Region": "r"}), json!({"endpoint": filled}));
}

#[test]
fn parameters_that_no_rule_reads_do_not_distinguish_cache_keys() {
    let rules = compile(&rules(json!([{"type": "error", "conditions": [], "error": "{Name}"}]))).unwrap();
    let params = |name: &'static str, unread: &'static str| {
        let mut params = rules.params();
        params.set(rules.parameter("Name").unwrap(), name).unwrap();
        params.set(rules.parameter("Unread").unwrap(), unread).unwrap();
        params
    };
    assert_eq!(params("a", "x"), params("a", "y"));
    assert_ne!(params("a", "x"), params("b", "x"));
}
