//! Transfers, with the settings that they have by default at AWS: what is sent has CRC-64/NVME. The largest have less memory.

use aws_core::Session;
use aws_s3_transfer::{Checksum, Source, Target, Transfers, Verdict};
use bench_driver::transfer::{self, BUCKET};
use bench_driver::{AnyError, Arguments, Operation};
use tokio::io::AsyncReadExt;

/// The memory of the largest transfers, whose peak is measured.
const MEMORY: u64 = 128 << 20;

/// The operation of a case.
pub fn operation(session: &Session, arguments: Arguments) -> Result<Option<Operation>, AnyError> {
    let client = aws_s3::Client::new(session);
    let mut builder = Transfers::builder(&client).checksum(Checksum::Crc64Nvme);
    if arguments.case.ends_with("8g") {
        builder = builder.memory(MEMORY);
    }
    let transfers = builder.build()?;
    let size = transfer::size(&arguments.case);
    let download = move |transfers: &Transfers, target| transfers.download(BUCKET, size.to_string(), target);
    let upload = move |transfers: &Transfers, source| transfers.upload(BUCKET, size.to_string(), source);
    Ok(match arguments.case.as_str() {
        "download256m" | "download1m" => bench_driver::operation(move || {
            let download = download(&transfers, Target::memory());
            async move { Ok(download.send().await?.bytes.len() as u64) }
        }),
        "download_stream256m" => bench_driver::operation(move || {
            let stream = transfers.stream(BUCKET, size.to_string());
            async move {
                let (mut body, mut len) = (stream.send().await?.body, 0);
                while let Some(chunk) = body.next().await {
                    len += chunk?.len() as u64;
                }
                Ok(len)
            }
        }),
        "download_file256m" => bench_driver::operation(move || {
            let download = download(&transfers, Target::path(transfer::target(&arguments)));
            async move {
                let downloaded = download.send().await?;
                match downloaded.verdict {
                    Verdict::Validated(_) => Ok(downloaded.size),
                    verdict => Err(format!("not validated: {verdict:?}").into()),
                }
            }
        }),
        "download8g" => bench_driver::operation(move || {
            let download = download(&transfers, Target::writer(tokio::io::sink()));
            async move { Ok(download.send().await?.size) }
        }),
        "upload_file256m" => bench_driver::operation(move || {
            let upload = upload(&transfers, Source::path(&arguments.file));
            async move { Ok(upload.send().await?.size) }
        }),
        "upload1m" => {
            let body = bytes::Bytes::from_static(&[7; 1 << 20]);
            bench_driver::operation(move || {
                let upload = upload(&transfers, Source::bytes(body.clone()));
                async move { Ok(upload.send().await?.size) }
            })
        }
        "upload8g" => bench_driver::operation(move || {
            let upload = upload(&transfers, Source::reader(tokio::io::repeat(7).take(size)));
            async move { Ok(upload.send().await?.size) }
        }),
        "download_folder10k" => bench_driver::operation(move || {
            let download = transfers.download_dir(BUCKET, format!("{size}/"), transfer::target(&arguments));
            async move { Ok(download.send().await?.downloaded.bytes) }
        }),
        "upload_folder10k" => {
            let folder = transfer::source_folder(&arguments)?;
            bench_driver::operation(move || {
                let upload = transfers.upload_dir(&folder, BUCKET, format!("{size}/"));
                async move { Ok(upload.send().await?.uploaded.bytes) }
            })
        }
        _ => None,
    })
}
