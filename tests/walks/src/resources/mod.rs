//! Walks through the resource crates, each beside the same walk in boto3: a step is a line of Python and the same in
//! Rust. Every action, collection, batch, reference, sub-resource, `load` and waiter of boto3's resource descriptions has
//! a step, and the requests and the resources of each step have to be boto3's.
//!
//! ```text
//! let vpc = walk.get("vpc = ec2.create_vpc(CidrBlock='10.0.0.0/16')", ec2.create_vpc().with(|it| …)).await;
//! ```
//!
//! Both sides use moto, each in an account of its own. What moto lacks gets a canned response on both sides. A step that
//! differs from boto3 says why, and must still differ. What a new model adds fails as not walked, until a step uses it.

mod boto3;
mod models;
mod requests;
mod walk;

mod cloudformation;
mod cloudwatch;
mod dynamodb;
mod ec2;
mod glacier;
mod iam;
mod s3;
mod sns;
mod sqs;

use walk::{Walk, walk};
