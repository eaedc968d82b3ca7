//! Bytes in: the files of one service version, parsed and with botocore's extras merged, and the manifest that says what
//! is made of them. The only place of the generator that reads the disk; what the files mean is not known here.

mod library;
pub mod manifest;
mod overlay;

pub use library::Library;
pub use manifest::{Manifest, Package, Plan};

use crate::json::Value;
use crate::report::Place;

/// A parsed file.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its name as problems show it.
    pub place: Place,
    /// What it holds, extras merged.
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
