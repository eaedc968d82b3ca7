//! Smoke tests (walks) of the manifest's services that moto, a local stand-in for AWS, supports: they create, list,
//! describe and delete things with the generated clients, as a user's program does. One file per service. A separate
//! package, since compiling it takes all service crates: `cargo test -p walks`.

#![cfg(test)]

mod apigateway;
mod cloudformation;
mod cloudwatch;
mod cognito_idp;
mod dynamodb;
mod dynamodb_errors;
mod ec2;
mod ecr;
mod ecs;
mod events;
mod firehose;
mod glacier;
mod iam;
mod kinesis;
mod kms;
mod lambda;
mod logs;
mod polly;
#[cfg(test)]
mod programs;
mod resource_requests;
mod resources;
mod route53;
mod s3control;
mod secrets;
mod secretsmanager;
mod sns;
mod sqs;
mod ssm;
mod stepfunctions;
mod sts;

use aws_core::{Result, Session};
use tests::moto;

/// Runs a walk on every available server: on moto with each kind of credentials, whose logs must have no secret.
async fn on_every_server(walk: impl AsyncFn(Session) -> Result<()>) {
    for server in moto::servers() {
        match server.verifies {
            true => moto::finish(server.name, walk(server.session("us-east-1"))).await,
            false => secrets::walk_with_all(&server, &walk).await,
        }
    }
}

/// A name that no other walk uses.
fn unique_name() -> String {
    moto::unique("walk")
}
