//! What was published stays: the arguments of a toy's methods in a newer release, generated after the older one was
//! recorded, and the problems of orders that a person wrote down.

use codegen::compare::ResolvedService;
use codegen::ir::Operation;
use codegen::report::{Report, SourceLocation};
use codegen::source::{Document, Order, Published, ServicePlan, ServiceSource, Signatures};
use serde_json::{Value, json};

/// A toy with one operation, whose input has members of several types.
fn toy(required: &[&str], without: &[&str], more_operations: &[&str]) -> ServiceSource {
    let mut members = json!({
        "Name": {"shape": "Text"}, "Owner": {"shape": "Text"}, "Count": {"shape": "Number"}, "Force": {"shape": "Flag"},
        "Tags": {"shape": "Texts"}, "Id": {"shape": "Text", "location": "uri", "locationName": "id"},
        "Token": {"shape": "Text", "idempotencyToken": true}
    });
    members.as_object_mut().expect("an object").retain(|name, _| !without.contains(&name.as_str()));
    let operation = |name: &str| {
        json!({
            "name": name, "http": {"method": "PUT", "requestUri": "/toys/{id}"}, "input": {"shape": "PutToyRequest"}
        })
    };
    let names = ["PutToy"].iter().chain(more_operations);
    let operations: serde_json::Map<String, Value> = names.map(|it| ((*it).to_owned(), operation(it))).collect();
    let service = json!({
        "version": "2.0",
        "metadata": {
            "apiVersion": "2020-01-01", "endpointPrefix": "toy", "protocol": "rest-json", "protocols": ["rest-json"],
            "serviceFullName": "Toy", "serviceId": "Toy", "signatureVersion": "v4", "uid": "toy-2020-01-01"
        },
        "operations": operations,
        "shapes": {
            "PutToyRequest": {"type": "structure", "required": required, "members": members},
            "Text": {"type": "string"}, "Number": {"type": "integer"}, "Flag": {"type": "boolean"},
            "Texts": {"type": "list", "member": {"shape": "Text"}}
        }
    });
    ServiceSource {
        name: "toy".to_owned(),
        version: "2020-01-01".to_owned(),
        service: Document { location: SourceLocation::new("toy"), value: service },
        paginators: None,
        waiters: None,
        rules: None,
        examples: None,
        resources: None,
    }
}

fn resolve(source: ServiceSource, published: Published) -> ResolvedService {
    let plan = ServicePlan::default_for("toy");
    let signatures = plan.signatures.after(published);
    let resolved = ResolvedService::new(source, &ServicePlan { signatures, ..plan });
    assert_eq!(resolved.problems, Vec::<String>::new());
    resolved
}

/// The arguments of an operation, and what is also required.
fn signature(resolved: &ResolvedService, operation: &str) -> (String, String) {
    let client = resolved.client.as_ref().expect("a client");
    let operation: &Operation = client.operations.iter().find(|it| it.name == operation).expect("the operation");
    let names = |all: &[usize]| {
        all.iter().map(|index| operation.input.fields[*index].ident.as_str()).collect::<Vec<_>>().join(" ")
    };
    (names(&operation.arguments), names(&operation.also_required))
}

#[test]
fn arguments_are_those_that_cannot_be_confused() {
    let check = |required: &[&str], arguments: &str, also: &str| {
        let found = signature(&resolve(toy(required, &[], &[]), Published::new()), "PutToy");
        assert_eq!((&*found.0, &*found.1), (arguments, also), "{required:?}");
    };
    check(&["Id"], "id", "");
    check(&["Tags", "Id", "Count"], "id count tags", "");
    check(&["Tags", "Id", "Name"], "id", "tags name");
    check(&["Id", "Force"], "id", "force");
    check(&["Id", "Token"], "id", "");
    // Without the label, as other protocols are.
    check(&["Name"], "name", "");
    check(&["Force"], "force", "");
    check(&["Force", "Name"], "name", "force");
    check(&["Name", "Owner"], "", "name owner");
    check(&["Count", "Name", "Tags"], "name count tags", "");
}

#[test]
fn a_published_signature_stays_whatever_the_model_requires() {
    let old = resolve(toy(&["Id", "Count", "Tags"], &[], &[]), Published::new());
    assert_eq!(signature(&old, "PutToy"), ("id count tags".to_owned(), String::new()));
    let check = |required: &[&str], without: &[&str], arguments: &str, also: &str| {
        let new = resolve(toy(required, without, &["CutToy"]), old.signatures());
        let found = signature(&new, "PutToy");
        assert_eq!((&*found.0, &*found.1), (arguments, also), "{required:?} without {without:?}");
        new
    };
    check(&["Tags", "Count", "Id"], &[], "id count tags", "");
    check(&["Id", "Count", "Tags", "Name"], &[], "id count tags", "name");
    check(&["Id"], &[], "id count tags", "");
    // What AWS took away is gone, and what is left is what is published next.
    let without = check(&["Id", "Tags"], &["Count"], "id tags", "");
    let again = resolve(toy(&["Id", "Count", "Tags"], &[], &[]), without.signatures());
    assert_eq!(signature(&again, "PutToy"), ("id tags".to_owned(), "count".to_owned()));
    // An operation that was not published follows the rule.
    let new = check(&["Id", "Name"], &[], "id count tags", "name");
    assert_eq!(signature(&new, "CutToy"), ("id".to_owned(), "name".to_owned()));
}

/// The problems of generating the toy with an order in line 7.
fn problems(members: &[&str], operation: &str, published: Published) -> String {
    let members = members.iter().map(|it| (*it).to_owned()).collect();
    let order = Order { members, location: SourceLocation::new("signatures.toml:7") };
    let signatures = Signatures { orders: [(operation.to_owned(), order)].into(), published };
    let plan = ServicePlan { signatures, ..ServicePlan::default_for("toy") };
    let mut report = Report::new();
    codegen::generate(&toy(&["Id", "Name", "Owner", "Token"], &[], &[]), &plan, &mut report);
    report.problems().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn orders_name_required_members_that_exist_and_what_was_published() {
    let check = |members: &[&str], operation: &str, expect: &str| {
        assert_eq!(problems(members, operation, Published::new()), expect);
    };
    check(&["Id", "Owner", "Name"], "PutToy", "");
    check(&["Id"], "PutToys", "signatures.toml:7: there is no operation `PutToys` (did you mean `PutToy`?)");
    check(&["Id", "Nam"], "PutToy", "signatures.toml:7: there is no member of `PutToy` `Nam` (did you mean `Name`?)");
    check(&["Id", "Count"], "PutToy", "signatures.toml:7: `Count` of `PutToy` is not required");
    check(&["Token"], "PutToy", "signatures.toml:7: `Token` of `PutToy` is filled in: it is an idempotency token");
    let published = || Published::from([("PutToy".to_owned(), vec!["Id".to_owned(), "Count".to_owned()])]);
    assert_eq!(problems(&["Id", "Count"], "PutToy", published()), "");
    // AWS removed a member: no call of it may compile on without a word.
    let gone = Published::from([("PutToy".to_owned(), vec!["Id".to_owned(), "Size".to_owned()])]);
    assert_eq!(
        problems(&["Id", "Size"], "PutToy", gone),
        "models/signatures/toy.txt: `PutToy` was published with (Id, Size), but can no longer take `Size` (`cargo xtask \
         models update --to pinned` records what is left; programs that call it break)"
    );
    assert_eq!(
        problems(&["Count", "Id"], "PutToy", published()),
        "signatures.toml:7: `PutToy` was published with (Id, Count), so it has no other order"
    );
}
