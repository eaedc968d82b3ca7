//! The driver of AWS's own manager of transfers for Rust, with its default settings apart from static credentials and the
//! endpoint.

#[path = "../../aws-sdk/src/settings.rs"]
#[allow(dead_code, reason = "what the other driver needs")]
mod settings;

use aws_sdk_s3_transfer_manager::Client;
use aws_sdk_s3_transfer_manager::config::Config;
use aws_sdk_s3_transfer_manager::io::InputStream;
use bench_driver::{AnyError, operation, transfer};
use bytes::{Buf, BufMut};

fn main() -> Result<(), AnyError> {
    bench_driver::main(async |arguments| {
        let config = aws_sdk_s3::config::Builder::from(&settings::load(&arguments.url).await).force_path_style(true);
        let client = Client::new(Config::builder().s3_config(config).build());
        let size = transfer::size(&arguments.case);
        let file = arguments.file.clone();
        let download = move |client: &Client| client.download().bucket(transfer::BUCKET).key(size.to_string());
        let upload = move |client: &Client| client.upload().bucket(transfer::BUCKET).key(size.to_string());
        Ok(match arguments.case.as_str() {
            "download256m" | "download1m" => operation(move || {
                let client = client.clone();
                async move {
                    let mut handle = download(&client).initiate()?;
                    let mut memory = Vec::with_capacity(size as usize);
                    while let Some(chunk) = handle.body_mut().next().await {
                        memory.put(chunk?.data);
                    }
                    handle.join().await?;
                    Ok(memory.len() as u64)
                }
            }),
            "download_stream256m" => operation(move || {
                let client = client.clone();
                async move {
                    let (mut handle, mut len) = (download(&client).initiate()?, 0);
                    while let Some(chunk) = handle.body_mut().next().await {
                        len += chunk?.data.remaining() as u64;
                    }
                    handle.join().await?;
                    Ok(len)
                }
            }),
            "download_file256m" => operation(move || {
                let (client, target) = (client.clone(), transfer::target(&arguments));
                async move {
                    download(&client).write_to_path(&target).await?.join().await?;
                    Ok(std::fs::metadata(target)?.len())
                }
            }),
            "upload_file256m" => operation(move || {
                let (client, file) = (client.clone(), file.clone());
                async move {
                    let body = InputStream::from_path(file)?;
                    upload(&client).body(body).initiate()?.join().await?;
                    Ok(size)
                }
            }),
            "upload1m" => operation(move || {
                let client = client.clone();
                async move {
                    upload(&client).body(InputStream::from_static(&[7; 1 << 20])).initiate()?.join().await?;
                    Ok(size)
                }
            }),
            "download_folder10k" => operation(move || {
                let (client, target) = (client.clone(), transfer::target(&arguments));
                async move {
                    std::fs::create_dir_all(&target)?;
                    let download = client.download_objects().bucket(transfer::BUCKET).key_prefix(format!("{size}/"));
                    Ok(download.destination(target).initiate()?.join().await?.objects_downloaded() * size)
                }
            }),
            "upload_folder10k" => {
                let folder = transfer::source_folder(&arguments)?;
                operation(move || {
                    let upload = client.upload_objects().bucket(transfer::BUCKET).key_prefix(format!("{size}/"));
                    let upload = upload.source(&folder);
                    async move { Ok(upload.initiate()?.join().await?.objects_uploaded() * size) }
                })
            }
            _ => None,
        })
    })
}
