//! The driver of the crate object_store. It has neither other services nor an upload of one streamed request, and leaves it
//! to its callers to transfer parts at the same time: with files, this one does as the bare loop.

use std::fs::File;

use bench_driver::transfer::{self, BUCKET, IN_FLIGHT};
use bench_driver::{AnyError, operation};
use futures_util::{StreamExt, TryStreamExt, stream};
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
            .with_bucket_name(if transfer::is_transfer(&arguments.case) { BUCKET } else { "bucket" })
            .build()?;
        let store = Arc::new(store);
        let size = transfer::size(&arguments.case);
        let key = Path::from(size.to_string());
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
            "download1m" | "download256m" => operation(move || {
                let (store, key) = (store.clone(), key.clone());
                async move { Ok(store.get(&key).await?.bytes().await?.len() as u64) }
            }),
            "download_stream256m" => operation(move || {
                let (store, key) = (store.clone(), key.clone());
                async move {
                    let (mut body, mut len) = (store.get(&key).await?.into_stream(), 0);
                    while let Some(chunk) = body.next().await {
                        len += chunk?.len() as u64;
                    }
                    Ok(len)
                }
            }),
            "download_file256m" => operation(move || {
                let (store, key, target) = (store.clone(), key.clone(), transfer::target(&arguments));
                async move {
                    let (size, file) = (store.head(&key).await?.size, File::create(&target)?);
                    let parts = stream::iter(transfer::parts(size)).map(|range| {
                        let (store, key, file) = (&store, &key, &file);
                        async move {
                            let bytes = store.get_range(key, range.clone()).await?;
                            transfer::write_at(file, &bytes, range.start)?;
                            Ok::<_, AnyError>(bytes.len() as u64)
                        }
                    });
                    parts.buffer_unordered(IN_FLIGHT).try_fold(0, async |sum, len| Ok(sum + len)).await
                }
            }),
            "upload1m" => operation(move || {
                let (store, key) = (store.clone(), key.clone());
                async move {
                    store.put(&key, PutPayload::from_static(&[7; 1 << 20])).await?;
                    Ok(size)
                }
            }),
            "upload_file256m" => operation(move || {
                let (store, key, file) = (store.clone(), key.clone(), arguments.file.clone());
                async move {
                    let file = File::open(file)?;
                    let mut upload = store.put_multipart(&key).await?;
                    let mut running = stream::iter(transfer::parts(file.metadata()?.len()))
                        .map(|range| {
                            let read = transfer::read_at(&file, range);
                            let part = read.map(|it| upload.put_part(it.into()));
                            async move { Ok::<_, AnyError>(part?.await?) }
                        })
                        .buffer_unordered(IN_FLIGHT);
                    while running.try_next().await?.is_some() {}
                    drop(running);
                    upload.complete().await?;
                    Ok(size)
                }
            }),
            _ => None,
        })
    })
}
