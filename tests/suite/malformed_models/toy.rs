//! A small valid service that uses every kind of file.

use codegen::fixups;
use codegen::json::Value;
use codegen::model::{self, Models};
use codegen::report::{Report, SourceLocation};
use codegen::source::{Document, ServiceSource};
use serde_json::json;

/// A small valid service with every kind of file.
pub(super) fn toy() -> Toy {
    Toy {
        service: json!({
            "version": "2.0",
            "metadata": {"apiVersion": "2020-01-01", "protocol": "rest-json", "serviceId": "Toy"},
            "operations": {
                "GetThing": {
                    "name": "GetThing",
                    "http": {"method": "GET", "requestUri": "/things/{Name}"},
                    "input": {"shape": "GetThingRequest"},
                    "output": {"shape": "GetThingResponse"},
                    "errors": [{"shape": "NoSuchThing"}]
                },
                "ListThings": {
                    "name": "ListThings",
                    "http": {"method": "GET", "requestUri": "/things"},
                    "input": {"shape": "ListThingsRequest"},
                    "output": {"shape": "ListThingsResponse"}
                }
            },
            "shapes": {
                "GetThingRequest": {
                    "type": "structure",
                    "required": ["Name"],
                    "members": {"Name": {"shape": "Name", "location": "uri", "locationName": "Name"}}
                },
                "GetThingResponse": {
                    "type": "structure",
                    "members": {"Thing": {"shape": "Thing"}},
                    "payload": "Thing"
                },
                "ListThingsRequest": {
                    "type": "structure",
                    "members": {"Token": {"shape": "Name"}, "Size": {"shape": "Size"}}
                },
                "ListThingsResponse": {
                    "type": "structure",
                    "members": {"Things": {"shape": "Things"}, "Token": {"shape": "Name"}}
                },
                "Thing": {
                    "type": "structure",
                    "members": {"Name": {"shape": "Name"}, "Tags": {"shape": "Tags"}, "Parts": {"shape": "Things"}}
                },
                "Things": {"type": "list", "member": {"shape": "Thing"}, "max": 10},
                "Tags": {"type": "map", "key": {"shape": "Name"}, "value": {"shape": "Name"}},
                "Name": {"type": "string", "min": 1, "enum": ["a", "b"]},
                "Size": {"type": "integer", "box": true},
                "NoSuchThing": {"type": "structure", "members": {}, "exception": true, "error": {"httpStatusCode": 404}}
            }
        }),
        paginators: json!({"pagination": {
            "ListThings": {"input_token": "Token", "output_token": "Token", "result_key": "Things", "limit_key": "Size"}
        }}),
        waiters: json!({"version": 2, "waiters": {
            "ThingExists": {"operation": "GetThing", "delay": 1, "maxAttempts": 3, "acceptors": [
                {"matcher": "path", "argument": "Thing.Name", "expected": "a", "state": "success"},
                {"matcher": "error", "expected": "NoSuchThing", "state": "retry"}
            ]}
        }}),
        rules: json!({"version": "1.0", "parameters": {
            "Region": {"type": "string", "builtIn": "AWS::Region", "required": false, "documentation": "d"},
            "UseFIPS": {"type": "boolean", "builtIn": "AWS::UseFIPS", "required": true, "default": false, "documentation": "d"}
        }, "rules": [
            {"type": "tree", "conditions": [{"fn": "isSet", "argv": [{"ref": "Region"}]}], "rules": [
                {"type": "error", "conditions": [{"fn": "booleanEquals", "argv": [{"ref": "UseFIPS"}, true]}], "error": "no"},
                {"type": "endpoint", "conditions": [], "endpoint": {
                    "url": "https://toy.{Region}.example.com",
                    "properties": {"authSchemes": [{"name": "sigv4", "signingName": "toy"}]},
                    "headers": {"x-h": ["{Region}"]}
                }}
            ]}
        ]}),
        examples: json!({"version": "1.0", "examples": {"GetThing": [
            {"id": "one", "title": "t", "description": "d", "input": {"Name": "a"}, "comments": {"input": {}, "output": {}}}
        ]}}),
        resources: json!({
            "service": {"has": {"Thing": {"resource": {
                "type": "Thing", "identifiers": [{"target": "Name", "source": "input"}]
            }}}, "hasMany": {"Things": {"request": {"operation": "ListThings"}, "resource": {
                "type": "Thing", "path": "Things[]",
                "identifiers": [{"target": "Name", "source": "response", "path": "Things[].Name"}]
            }}}},
            "resources": {"Thing": {
                "identifiers": [{"name": "Name", "memberName": "Name"}],
                "shape": "Thing",
                "load": {"request": {"operation": "GetThing", "params": [
                    {"target": "Name", "source": "identifier", "name": "Name"}
                ]}, "path": "Thing"},
                "waiters": {"Exists": {"waiterName": "ThingExists", "params": [
                    {"target": "Name", "source": "identifier", "name": "Name"}
                ]}}
            }}
        }),
    }
}

#[derive(Clone)]
pub(super) struct Toy {
    pub(super) service: Value,
    pub(super) paginators: Value,
    pub(super) waiters: Value,
    pub(super) rules: Value,
    pub(super) examples: Value,
    pub(super) resources: Value,
}

impl Toy {
    pub(super) fn source(self) -> ServiceSource {
        let document = |name: &str, value| Document { location: SourceLocation::new(name), value };
        ServiceSource {
            name: "toy".to_string(),
            version: "2020-01-01".to_string(),
            service: document("service-2", self.service),
            paginators: Some(document("paginators-1", self.paginators)),
            waiters: Some(document("waiters-2", self.waiters)),
            rules: Some(document("endpoint-rule-set-1", self.rules)),
            examples: Some(document("examples-1", self.examples)),
            resources: Some(document("resources-1", self.resources)),
        }
    }

    /// The value at a location: a file's name, `#`, and a JSON pointer.
    pub(super) fn value_at(&mut self, location: &str) -> &mut Value {
        let (file, pointer) = location.split_once('#').unwrap_or((location, ""));
        let file = match file {
            "service-2" => &mut self.service,
            "paginators-1" => &mut self.paginators,
            "waiters-2" => &mut self.waiters,
            "endpoint-rule-set-1" => &mut self.rules,
            "examples-1" => &mut self.examples,
            _ => &mut self.resources,
        };
        file.pointer_mut(pointer).expect("the toy has this location")
    }
}

pub(super) fn read(source: &ServiceSource) -> (Option<Models>, Vec<String>) {
    let mut report = Report::new();
    let mut models = model::read(source, &mut report);
    if let Some(models) = &mut models {
        fixups::apply(models, &mut report);
    }
    (models, report.problems().iter().map(ToString::to_string).collect())
}
