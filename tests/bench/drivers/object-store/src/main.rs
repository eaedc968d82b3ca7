//! The driver of the crate object_store. It has neither other services nor an upload of one streamed request.

use bench_driver::{AnyError, operation};
use futures_util::{StreamExt, TryStreamExt};
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use std::sync::Arc;

fn main() -> Result<(), AnyError> {
    bench_driver::main(async |arguments| {
        let store = AmazonS3Builder::new()
            .with_allow_http(true)
            .with_endpoint(&arguments.url)
            .with_region("us-east-1")
            .with_access_key_id("AKIDEXAMPLE")
            .with_secret_access_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
            .with_bucket_name("bucket")
            .build()?;
        let store = Arc::new(store);
        Ok(match arguments.case.as_str() {
            "get1k" => operation(move || {
                let store = store.clone();
                async move { Ok(store.get(&Path::from("small")).await?.bytes().await?.len() as u64) }
            }),
            "get256m" => operation(move || {
                let store = store.clone();
                async move {
                    let (mut body, mut read) = (store.get(&Path::from("big")).await?.into_stream(), 0);
                    while let Some(piece) = body.next().await {
                        read += piece?.len() as u64;
                    }
                    Ok(read)
                }
            }),
            "put1k" => operation(move || {
                let store = store.clone();
                async move {
                    let put = store.put(&Path::from("small"), PutPayload::from_static(&[7; 1024])).await?;
                    Ok(put.e_tag.map_or(0, |_| 1))
                }
            }),
            "list1000" => operation(move || {
                let store = store.clone();
                async move { Ok(store.list(None).try_collect::<Vec<_>>().await?.len() as u64) }
            }),
            _ => None,
        })
    })
}
