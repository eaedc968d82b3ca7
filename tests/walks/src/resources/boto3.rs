//! Runs the steps of a walk with boto3, in the Python of moto's environment: `run_boto3.py` is the other side.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tests::moto::{self, Server};

use super::requests::Sent;
use super::walk::Step;

/// What boto3 did in a step.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) sent: Vec<Sent>,
    /// `None` if the value of the step is no resource.
    pub(super) resources: Option<Vec<String>>,
    /// The exception.
    pub(super) error: Option<String>,
    /// What was used of the descriptions of resources, by boto3's names.
    pub(super) covered: Vec<String>,
}

/// Runs the steps in order, in an account of moto.
pub(super) fn run(service: &str, server: &Server, account: &str, steps: &[Step]) -> Vec<Outcome> {
    let document = json!({
        "service": service,
        "region": "us-east-1",
        "url": server.endpoint.url,
        "account": account,
        "access_key": server.endpoint.credentials.access_key_id(),
        "steps": steps.iter().map(step).collect::<Vec<_>>(),
    });
    let python = moto::python().expect("moto runs, so its Python is installed");
    let mut child = Command::new(python)
        .args(["-c", include_str!("run_boto3.py")])
        .env_clear()
        .envs([("AWS_CONFIG_FILE", ""), ("AWS_SHARED_CREDENTIALS_FILE", ""), ("AWS_EC2_METADATA_DISABLED", "true")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    child.stdin.take().expect("a pipe").write_all(document.to_string().as_bytes()).expect("Python reads");
    let output = child.wait_with_output().expect("Python ends");
    assert!(output.status.success(), "boto3 failed: {}", output.status);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let outcomes: Vec<_> = report["steps"].as_array().expect("the steps").iter().map(outcome).collect();
    assert_eq!(outcomes.len(), steps.len());
    outcomes
}

fn step(step: &Step) -> Value {
    let replies = step.canned.iter().map(|it| json!({"status": it.status, "headers": it.headers, "body": it.body}));
    json!({"python": step.python, "replies": replies.collect::<Vec<_>>()})
}

fn outcome(step: &Value) -> Outcome {
    Outcome {
        sent: step["requests"].as_array().expect("requests").iter().map(sent).collect(),
        resources: step["resources"].is_array().then(|| strings(&step["resources"])),
        error: step["error"].as_str().map(str::to_owned),
        covered: strings(&step["covered"]),
    }
}

fn sent(request: &Value) -> Sent {
    let text = |it: &Value| it.as_str().expect("a string").to_owned();
    Sent {
        method: text(&request["method"]),
        url: text(&request["url"]),
        headers: request["headers"]
            .as_array()
            .expect("headers")
            .iter()
            .map(|it| (text(&it[0]), text(&it[1])))
            .collect(),
        body: text(&request["body"]).bytes_of_hex(),
    }
}

fn strings(list: &Value) -> Vec<String> {
    list.as_array().expect("a list").iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

trait Hex {
    fn bytes_of_hex(&self) -> Vec<u8>;
}

impl Hex for String {
    fn bytes_of_hex(&self) -> Vec<u8> {
        let pairs = self.as_bytes().chunks(2).map(|it| std::str::from_utf8(it).expect("ASCII"));
        pairs.map(|it| u8::from_str_radix(it, 16).expect("hexadecimal digits")).collect()
    }
}
