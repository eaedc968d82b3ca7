//! An object in one request.

use aws_core::{ByteStream, shared_members};
use aws_s3::Request;
use aws_s3::operation::PutObject;
use bytes::Bytes;

use super::Protection;
use super::source::Opened;
use crate::Result;
use crate::common::Common;
use crate::engine::gate::Permit;
use crate::handle::Job;
use crate::multipart::Stored;
use crate::observe;
use crate::sums::{Checksum, ChecksumMembers};

/// A request, ready except for its body.
pub(crate) struct Single {
    pub(crate) request: Request<PutObject>,
    pub(crate) protection: Protection,
    pub(crate) common: Common,
}

impl Single {
    /// Sends all of the source, which is small. `held` is the memory of one that was read.
    pub(crate) async fn send(mut self, job: &Job, source: Opened, held: Option<Permit>) -> Result<Stored> {
        let shared = job.transfers.shared();
        let size = source.size().unwrap_or_default();
        let sent = async {
            // Before it has a place, which others may need.
            let mut turn = shared.upload_rate.take(size, job.orders.priority()).await;
            let permit = match held {
                Some(mut permit) => {
                    permit.take_place().await;
                    permit
                }
                None => shared.gate.enter(source.held(size), job.orders.priority()).await,
            };
            let crc = self.protection.crc().filter(|_| !self.protection.has_value);
            // It is no stream: those are read before it is known that they are small.
            let (bytes, sum) = source.read(0, size, crc).await?;
            source.check_unchanged().await?;
            let options = self.protection.options(self.request.as_ref().options());
            let input = self.request.as_mut().input_mut();
            if let Some(sum) = sum {
                input.set_crc(sum.crc, sum.to_string());
                input.checksum_algorithm = None;
            } else if !self.protection.has_value {
                input.checksum_algorithm = self.protection.checksum.and_then(Checksum::algorithm);
            }
            input.body = Some(body(bytes));
            let request = self.request.with_options(options);
            turn.pass_all();
            observe(request.send_with_metadata().await, &permit, size, &job.meter)
        };
        let put = job.until_stopped(sent).await?;
        job.meter.add_part(size);
        Ok(Stored { size, parts: 1, output: shared_members(&put) })
    }
}

/// A body that can be sent again. Its SHA-256 is not part of the signature, as that of no stream is: it would cost more than
/// everything else, and a checksum protects the bytes.
pub(crate) fn body(bytes: Bytes) -> ByteStream {
    match bytes.len() {
        // Too small to wait for `100 Continue`.
        0..SIGNED => bytes.into(),
        _ => ByteStream::from(bytes).inspect(|_| Ok(())),
    }
}

/// Bodies below this are signed: our choice, since a round trip costs more than their hash.
const SIGNED: usize = 128 * 1024;
