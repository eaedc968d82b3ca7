//! Deletes a stream of objects, a thousand by a request. Knows no listing.

use std::collections::HashMap;

use aws_core::make;
use aws_s3::types::{Delete, ObjectIdentifier};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use object_store::Result;
use object_store::path::Path;

use crate::S3Store;
use crate::error::{failure, generic, of_element};

/// The most keys of one request. Source: S3's `DeleteObjects`.
const BATCH: usize = 1000;
/// How many requests are sent at a time. Source: object_store's own store.
const REQUESTS: usize = 20;

impl S3Store {
    /// One result for each location, in their order. An error among the locations is passed on in its place.
    pub(crate) fn delete_all(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        let batches = locations.chunks(BATCH).map(move |batch| {
            let store = store.clone();
            async move { stream::iter(store.delete_batch(batch).await) }
        });
        batches.buffered(REQUESTS).flatten().boxed()
    }

    async fn delete_batch(&self, batch: Vec<Result<Path>>) -> Vec<Result<Path>> {
        let paths: Vec<&Path> = batch.iter().filter_map(|it| it.as_ref().ok()).collect();
        let mut errors = match paths.as_slice() {
            [] => HashMap::new(),
            [path] => self.delete_object(path).await.err().map(|it| (path.to_string(), it)).into_iter().collect(),
            paths => self.delete_many(paths).await,
        };
        batch.into_iter().map(|it| it.and_then(|path| errors.remove(path.as_ref()).map_or(Ok(path), Err))).collect()
    }

    pub(crate) async fn delete_object(&self, path: &Path) -> Result<()> {
        let request = self.client().delete_object(self.bucket(), path.as_ref());
        self.send(request, path.as_ref()).await.map(drop)
    }

    async fn delete_many(&self, paths: &[&Path]) -> HashMap<String, object_store::Error> {
        let objects = paths.iter().map(|it| make!(ObjectIdentifier { key: it.as_ref() }));
        let delete = make!(Delete { quiet: true, objects });
        let request = self.client().delete_objects(self.bucket(), delete);
        match request.with_options(self.0.options.clone()).send().await {
            Ok(output) => {
                let error = |it: aws_s3::types::Error| {
                    let (key, code) = (it.key?, it.code.unwrap_or_default());
                    let error = of_element(&key, &code, &it.message.unwrap_or_default());
                    Some((key, error))
                };
                output.errors.into_iter().filter_map(error).collect()
            }
            // The first object has the error with its kind and source, the others say what it was.
            Err(error) => {
                let why = format!("not deleted: the request for {} objects failed: {error}", paths.len());
                let mut errors: HashMap<_, _> = paths.iter().map(|it| (it.to_string(), generic(why.clone()))).collect();
                if let Some(first) = paths.first() {
                    errors.insert(first.to_string(), failure(first.as_ref(), error));
                }
                errors
            }
        }
    }
}
