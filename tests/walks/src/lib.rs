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
mod programs;
mod resource_requests;
mod resources;
mod route53;
mod s3control;
mod secrets;
mod secretsmanager;
mod sensitive;
mod sns;
mod sqs;
mod ssm;
mod stepfunctions;
mod sts;

use aws_core::{Result, Session, SessionBuilder};
use tests::moto::{self, Server};

/// Runs a walk on every available server: on moto with each kind of credentials, whose logs and recordings must have no secret.
async fn on_every_server(walk: impl AsyncFn(Session) -> Result<()>) {
    with_settings(|_, builder| builder, walk).await;
}

/// The same with settings of the walk's own.
async fn with_settings(
    settings: impl Fn(&Server, SessionBuilder) -> SessionBuilder,
    walk: impl AsyncFn(Session) -> Result<()>,
) {
    for server in moto::servers() {
        let settings = |builder| settings(&server, builder);
        match server.verifies {
            true => {
                let session = settings(server.builder("us-east-1")).build().expect("valid settings");
                moto::finish(server.name, walk(session)).await;
            }
            false => secrets::for_every_kind(&server, &settings, &walk).await,
        }
    }
}

/// A name that no other walk uses.
fn unique_name() -> String {
    moto::unique("walk")
}
