//! Programs as users of boto3 and of other SDKs write them, each against a local server or scripted responses. They hold
//! that what such a program needs is there and short. Know no internals.

mod applications;
mod beside_boto3;
mod data;
mod infrastructure;
mod messaging;
mod objects;
