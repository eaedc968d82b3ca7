//! Resources: laws over every resource model of boto3, and the resources of S3 against answers and a server.

mod laws;
mod pages;
mod walk;
