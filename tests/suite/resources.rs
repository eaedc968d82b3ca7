//! Resources: laws over every resource model of boto3, and the resources of S3 against scripted responses and servers.

mod automatic_parameters;
mod laws;
mod metadata;
mod pages;
mod walk;
