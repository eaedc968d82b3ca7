//! Walks through the services of the manifest that moto, a local stand-in for AWS, has: things are made, listed, described
//! and removed again, with the generated clients as anyone would use them. One file a service. They are a package of their
//! own, since it takes all the services to compile them: `cargo test -p walks`.

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
mod route53;
mod s3control;
mod secretsmanager;
mod sns;
mod sqs;
mod ssm;
mod stepfunctions;
mod sts;

use aws_core::{Result, Session};
use tests::moto;

/// Takes a walk with every server there is.
async fn everywhere(walk: impl AsyncFn(Session) -> Result<()>) {
    for server in moto::servers() {
        if let Err(error) = walk(server.session("us-east-1")).await {
            panic!("{}: {error:?}", server.name);
        }
    }
}

/// A name that no other walk uses.
fn name() -> String {
    moto::unique("walk")
}
