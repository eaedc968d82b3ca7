//! Sends the parts of an upload: reads, hashes and sends one each.

use std::sync::Arc;

use aws_core::config::ChecksumMode;
use aws_core::{Options, copy_shared};
use aws_s3::operation::{PutObjectInput, UploadPart, UploadPartInput};
use aws_s3::types::{ChecksumAlgorithm, CompletedPart};
use bytes::Bytes;

use super::single::body;
use super::source::FileParts;
use crate::engine::gate::Permit;
use crate::engine::rate::Turn;
use crate::handle::Job;
use crate::multipart::{Done, DonePart, note_part};
use crate::observe;
use crate::sums::{Crc, CrcMembers};
use crate::{Error, ErrorKind, Result};

/// A part, the room it takes, and its turn at the limit of bytes.
pub(crate) struct PartJob {
    pub(crate) number: u32,
    pub(crate) content: Content,
    pub(crate) permit: Permit,
    pub(crate) turn: Turn,
}

pub(crate) enum Content {
    Bytes(Bytes),
    File { file: Arc<FileParts>, start: u64, len: u64 },
}

/// What all parts have in common.
pub(crate) struct PartSender {
    pub(crate) job: Job,
    pub(crate) put: PutObjectInput,
    pub(crate) options: Options,
    pub(crate) upload_id: String,
    pub(crate) crc: Option<Crc>,
    pub(crate) algorithm: Option<ChecksumAlgorithm>,
    pub(crate) done: Arc<Done>,
}

impl PartSender {
    /// Sends a part, and notes it.
    pub(crate) async fn send(self: Arc<Self>, part: PartJob) -> Result<()> {
        let PartJob { number, content, permit, mut turn } = part;
        let (bytes, sum) = match content {
            Content::File { file, start, len } => file.read(start, len, self.crc).await?,
            Content::Bytes(bytes) => {
                let sum = self.crc.map(|it| it.of(&bytes));
                (bytes, sum)
            }
        };
        let len = bytes.len() as u64;
        let mut input = UploadPartInput::default();
        copy_shared(&self.put, &mut input);
        input.clear_checksums();
        (input.content_length, input.content_md5, input.checksum_algorithm) = (None, None, None);
        input.upload_id = Some(self.upload_id.clone());
        input.part_number = i32::try_from(number).ok();
        input.body = Some(body(bytes));
        let mut options = self.options.clone();
        match (sum, &self.algorithm) {
            (Some(sum), _) => input.set_crc(sum.crc, sum.to_string()),
            (None, Some(algorithm)) => input.checksum_algorithm = Some(algorithm.clone()),
            (None, None) => options = options.request_checksum_calculation(ChecksumMode::WhenRequired),
        }
        let request = self.job.transfers.client().request::<UploadPart>(input).with_options(options);
        turn.pass_all();
        let output = observe(request.send_with_metadata().await, &permit, len, &self.job.meter)?;
        let mut completed = CompletedPart::default();
        copy_shared(&output, &mut completed);
        completed.part_number = i32::try_from(number).ok();
        if let Some(sum) = sum
            && let Some(stored) = completed.crc(sum.crc)
            && stored != sum.to_string()
        {
            let why = format!("part {number} arrived with the {} {stored} instead of {sum}", sum.crc.name());
            return Err(Error::new(ErrorKind::Checksum, why));
        }
        note_part(&self.job.meter, &self.done, number, DonePart { len, sum, completed });
        Ok(())
    }
}
