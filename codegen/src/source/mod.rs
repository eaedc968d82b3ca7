//! The generator's input: the parsed files of one version of a service, with botocore's extras merged in, the
//! manifest of what is generated from them, and the signatures that are not left to the rule. The only module of the generator that reads the disk. Knows nothing about
//! the files' content.

pub mod manifest;
mod model_store;
mod overlay;
mod signatures;

pub use manifest::{Manifest, Package, ServicePlan};
pub use model_store::ModelStore;
pub use signatures::{Order, Published, Signatures, parse_published, print_published};

use crate::json::Value;
use crate::report::SourceLocation;

/// A parsed file.
#[derive(Debug, Clone)]
pub struct Document {
    /// The name of the file, as problems print it.
    pub location: SourceLocation,
    /// The content, with extras merged in.
    pub value: Value,
}

/// The files of one version of one service.
#[derive(Debug, Clone)]
pub struct ServiceSource {
    /// The service's folder name (`s3`).
    pub name: String,
    /// The version's folder name (`2006-03-01`).
    pub version: String,
    /// `service-2.json`.
    pub service: Document,
    /// `paginators-1.json`.
    pub paginators: Option<Document>,
    /// `waiters-2.json`.
    pub waiters: Option<Document>,
    /// `endpoint-rule-set-1.json`.
    pub rules: Option<Document>,
    /// `examples-1.json`.
    pub examples: Option<Document>,
    /// boto3's `resources-1.json`.
    pub resources: Option<Document>,
}
