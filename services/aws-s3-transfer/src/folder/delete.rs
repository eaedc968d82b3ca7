//! Deletes objects in batches. Knows neither why nor what else is done.

use std::collections::HashMap;
use std::sync::Arc;

use aws_core::{Error as CallError, List, make};
use aws_s3::operation::DeleteObjects;
use aws_s3::types::{Delete, ObjectIdentifier};
use aws_s3::{Client, Request};

use crate::{Error, ErrorKind, Result};

/// Keys of a request, at most ("DeleteObjects" in the API reference).
pub(crate) const BATCH: usize = 1000;

pub(crate) type DeleteTransform = Arc<dyn Fn(Request<DeleteObjects>) -> Request<DeleteObjects> + Send + Sync>;

/// Deletes `keys`, at most [`BATCH`]. Returns what became of each, in order. A key that does not exist is deleted.
pub(crate) async fn delete_objects(
    client: &Client,
    bucket: &str,
    keys: &[&str],
    transform: Option<&DeleteTransform>,
) -> Vec<Result<()>> {
    let in_xml = keys.iter().filter(|key| is_xml(key));
    let objects: List<_> = in_xml.map(|key| make!(ObjectIdentifier { key: *key })).collect();
    let mut failures = HashMap::new();
    let mut failed = None;
    if !objects.is_empty() {
        let request = client.delete_objects(bucket, make!(Delete { quiet: true, objects: objects }));
        let request = match transform {
            Some(transform) => transform(request),
            None => request,
        };
        match request.send().await {
            Ok(output) => {
                for error in output.errors {
                    let key = error.key.clone().unwrap_or_default();
                    failures.insert(key, error);
                }
            }
            Err(e) => failed = Some(e),
        }
    }
    let mut results = Vec::with_capacity(keys.len());
    for key in keys {
        let what = format!("cannot delete s3://{bucket}/{key}");
        results.push(match (is_xml(key), failures.remove(*key), &failed) {
            (false, ..) => {
                let deleted = client.delete_object(bucket, *key).send().await;
                deleted.map(drop).map_err(|e| Error::of_call(e).within(&what))
            }
            (_, Some(error), _) => {
                let (code, message) = (error.code.unwrap_or_default(), error.message.unwrap_or_default());
                Err(Error::new(ErrorKind::Call, format!("{what}: {message} ({code})")))
            }
            (_, None, Some(error)) => Err(of_batch(error).within(&what)),
            (_, None, None) => Ok(()),
        });
    }
    results
}

/// The error of a request that deletes many keys, for one of them.
fn of_batch(error: &CallError) -> Error {
    Error::new(ErrorKind::Call, error.to_string())
}

/// Whether a key can stand in XML. Others are deleted one by one.
fn is_xml(key: &str) -> bool {
    !key.chars().any(|c| c < ' ' && !matches!(c, '\t' | '\n' | '\r') || matches!(c, '\u{fffe}' | '\u{ffff}'))
}
