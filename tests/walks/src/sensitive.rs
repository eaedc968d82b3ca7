//! The values of sensitive members that walks send and receive, as botocore's models name them: found beside our own
//! descriptions, so that a fault there is seen. Knows no credentials, no log and no recording.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};

use aws_core::hooks::{Hook, HookContext, HookInput};
use aws_core::http::Response;
use aws_core::{BoxFuture, Result};
use serde_json::Value;

/// Members that are secrets although no model says so.
const UNMARKED: [&str; 2] = ["SessionToken", "TokenCode"];

/// Shorter values would be found by chance: they are looked for in their own place only, by [`unmasked`]. The library does
/// not look for them in other places, either.
const SHORTEST: usize = 6;

/// A hook that collects the values. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Sensitive(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    values: BTreeSet<String>,
    responses: Vec<Received>,
}

/// What a program has read of the body of a response.
#[derive(Clone, Debug)]
struct Received {
    service: &'static str,
    operation: &'static str,
    body: Arc<Mutex<Vec<u8>>>,
}

impl Sensitive {
    /// The values so far.
    pub fn values(&self) -> BTreeSet<String> {
        let mut seen = self.0.lock().expect("the values");
        for Received { service, operation, body } in std::mem::take(&mut seen.responses) {
            if let (Some(model), Ok(body)) = (MODELS.get(service), std::str::from_utf8(&body.lock().expect("a body"))) {
                model.collect_response(operation, body, &mut seen.values);
            }
        }
        seen.values.retain(|it| it.len() >= SHORTEST);
        seen.values.clone()
    }
}

/// The sensitive values that a recording has in their own place, whatever their length: all but the masks.
pub fn unmasked(recording: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in recording.lines().skip(1) {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let string = |name: &str| line[name].as_str().unwrap_or_default();
        let (Some(model), operation) = (MODELS.get(string("service")), string("operation")) else { continue };
        let mut values = BTreeSet::new();
        model.collect(model.shape_of(operation, "input"), &line["input"], false, &mut values);
        let body: String = line["body"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        match line["status"].as_u64() {
            Some(200..300) => model.collect_response(operation, &body, &mut values),
            _ => model.collect_error(operation, &body, &mut values),
        }
        // Asterisks, also in base64, or what the line says.
        let masks = ["***", "Kioq", line["mark"].as_str().unwrap_or("***")];
        found.extend(values.into_iter().filter(|it| !masks.contains(&it.as_str()) && !it.is_empty()));
    }
    found
}

impl Hook for Sensitive {
    fn before_build(&self, call: &mut HookContext, input: &mut HookInput<'_>) -> Result<()> {
        if let Some(model) = MODELS.get(call.service()) {
            let input = serde_json::from_str(&input.to_document().to_string()).expect("JSON");
            let shape = model.shape_of(call.operation(), "input");
            model.collect(shape, &input, false, &mut self.0.lock().expect("the values").values);
        }
        Ok(())
    }

    fn after_response<'a>(
        &'a self,
        call: &'a mut HookContext,
        response: &'a mut Response,
    ) -> BoxFuture<'a, Result<()>> {
        // An error has a shape of its own.
        if response.status.is_success() {
            let (service, operation, body) = (call.service(), call.operation(), Arc::<Mutex<Vec<u8>>>::default());
            let received = Received { service, operation, body: Arc::clone(&body) };
            self.0.lock().expect("the responses").responses.push(received);
            response.body = std::mem::take(&mut response.body).inspect(move |chunk| {
                body.lock().expect("a body").extend(chunk.into_iter().flatten());
                Ok(())
            });
        }
        Box::pin(std::future::ready(Ok(())))
    }
}

/// botocore's models, by the ids of their services.
static MODELS: LazyLock<BTreeMap<String, Model>> = LazyLock::new(|| {
    let folders = subfolders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/botocore"));
    let versions = folders.iter().flat_map(|it| subfolders(it));
    let models = versions.map(|it| {
        let text = std::fs::read(it.join("service-2.json")).expect("a model");
        let mut model = Model { json: serde_json::from_slice(&text).expect("JSON"), sensitive_names: BTreeSet::new() };
        model.sensitive_names = model.sensitive_names();
        (model.json["metadata"]["serviceId"].as_str().expect("an id").to_owned(), model)
    });
    models.collect()
});

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|it| it.expect("an entry").path());
    entries.filter(|it| it.is_dir()).collect()
}

/// A service in botocore's words.
struct Model {
    json: Value,
    /// The names on the wire that only sensitive members have.
    sensitive_names: BTreeSet<String>,
}

impl Model {
    fn shape(&self, name: &Value) -> &Value {
        &self.json["shapes"][name.as_str().unwrap_or_default()]
    }

    fn shape_of(&self, operation: &str, direction: &str) -> &Value {
        self.shape(&self.json["operations"][operation][direction]["shape"])
    }

    fn is_sensitive(&self, name: &str, member: &Value) -> bool {
        member["sensitive"] == true || self.shape(&member["shape"])["sensitive"] == true || UNMARKED.contains(&name)
    }

    /// Adds the sensitive values of a shape's value, whose members have their names in the model or those on the wire.
    fn collect(&self, shape: &Value, value: &Value, on_wire: bool, values: &mut BTreeSet<String>) {
        match (shape["type"].as_str(), value) {
            (Some("structure"), Value::Object(map)) => {
                for (name, member) in shape["members"].as_object().into_iter().flatten() {
                    let key = member["locationName"].as_str().filter(|_| on_wire).unwrap_or(name);
                    match map.get(key) {
                        Some(value) if self.is_sensitive(name, member) => strings(value, values),
                        Some(value) => self.collect(self.shape(&member["shape"]), value, on_wire, values),
                        None => {}
                    }
                }
            }
            (Some("list"), Value::Array(items)) => {
                let element = self.shape(&shape["member"]["shape"]);
                items.iter().for_each(|it| self.collect(element, it, on_wire, values));
            }
            (Some("map"), Value::Object(map)) => {
                let element = self.shape(&shape["value"]["shape"]);
                map.values().for_each(|it| self.collect(element, it, on_wire, values));
            }
            _ => {}
        }
    }

    /// Adds the sensitive values of a response: in JSON by the shapes, in XML by the names that only sensitive members have.
    fn collect_response(&self, operation: &str, body: &str, values: &mut BTreeSet<String>) {
        let mut shape = self.shape_of(operation, "output");
        if let Some(payload) = shape["payload"].as_str() {
            let member = &shape["members"][payload];
            if self.is_sensitive(payload, member) {
                values.insert(body.to_owned());
            }
            shape = self.shape(&member["shape"]);
        }
        match serde_json::from_str(body) {
            Ok(value) => self.collect(shape, &value, true, values),
            Err(_) => {
                for name in &self.sensitive_names {
                    let start = format!("<{name}>");
                    let elements = body.split(&start).skip(1).filter_map(|it| it.split_once('<'));
                    values.extend(elements.map(|it| it.0.to_owned()));
                }
            }
        }
    }

    /// Adds the sensitive values of an error in JSON, as each exception of the operation has them.
    fn collect_error(&self, operation: &str, body: &str, values: &mut BTreeSet<String>) {
        let Ok(value) = serde_json::from_str(body) else { return };
        for error in self.json["operations"][operation]["errors"].as_array().into_iter().flatten() {
            self.collect(self.shape(&error["shape"]), &value, true, values);
        }
    }

    fn sensitive_names(&self) -> BTreeSet<String> {
        let (mut sensitive, mut others) = (BTreeSet::new(), BTreeSet::new());
        for shape in self.json["shapes"].as_object().into_iter().flatten().map(|it| it.1) {
            for (name, member) in shape["members"].as_object().into_iter().flatten() {
                let names = if self.is_sensitive(name, member) { &mut sensitive } else { &mut others };
                names.insert(member["locationName"].as_str().unwrap_or(name).to_owned());
            }
        }
        &sensitive - &others
    }
}

/// Adds all strings of a value.
pub fn strings(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::String(it) => drop(out.insert(it.clone())),
        Value::Array(items) => items.iter().for_each(|it| strings(it, out)),
        Value::Object(map) => map.values().for_each(|it| strings(it, out)),
        _ => {}
    }
}

mod tests {
    use super::*;

    #[test]
    fn sensitive_values_are_found_in_inputs_in_json_and_in_xml() {
        fn check(service: &str, operation: &str, response: &str, expect: &[&str]) {
            let mut found = BTreeSet::new();
            MODELS[service].collect_response(operation, response, &mut found);
            assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expect, "{service} {operation}");
        }
        check("Secrets Manager", "GetSecretValue", r#"{"Name":"n","SecretString":"hush"}"#, &["hush"]);
        check("Lambda", "GetFunctionConfiguration", r#"{"Environment":{"Variables":{"A":"b"}},"Role":"r"}"#, &["b"]);
        check("Lambda", "Invoke", r#"{"any":"thing"}"#, &[r#"{"any":"thing"}"#]);
        let keys =
            "<R><AccessKeyId>A</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken></R>";
        check("STS", "AssumeRole", keys, &["s", "t"]);
        check("S3", "GetObject", "any object", &[]);
        let line = |body: &str| {
            let start = r#"{"service":"SSM","operation":"GetParameter","input":{"Name":"n"},"status":200,"body":["#;
            unmasked(&format!("version\n{start}{}]}}\n", Value::from(body)))
        };
        assert_eq!(line(r#"{"Parameter":{"Name":"n","Value":"ab"}}"#), BTreeSet::from(["ab".to_owned()]));
        assert_eq!(line(r#"{"Parameter":{"Name":"n","Value":"***"}}"#), BTreeSet::new());
        let (model, mut found) = (&MODELS["SSM"], BTreeSet::new());
        let input = serde_json::json!({"Name": "n", "Value": "hush", "Tags": [{"Key": "k", "Value": "v"}]});
        model.collect(model.shape_of("PutParameter", "input"), &input, false, &mut found);
        assert_eq!(found, BTreeSet::from(["hush".to_owned()]));
    }
}
