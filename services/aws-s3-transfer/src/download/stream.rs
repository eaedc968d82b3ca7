//! An object as a stream of bytes: ranges are fetched ahead of the reader, a broken response is continued by range, and
//! its end is an error unless the checksum is right.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use aws_core::ByteStream;
use aws_s3::Request;
use aws_s3::operation::{GetObject, GetObjectOutput};
use bytes::Bytes;
use futures_core::Stream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::first::First;
use super::in_order::InOrder;
use super::ranges::{Hold, Place, Ranges};
use crate::common::setters;
use crate::engine::command::Commander;
use crate::engine::meter::Meter;
use crate::handle::Job;
use crate::multipart::Parts;
use crate::{Error, ErrorKind, Result, Transfers};

/// A read of an object, created by [`Transfers::stream`] and [`Transfers::stream_of`].
///
/// ```no_run
/// # async fn example(transfers: aws_s3_transfer::Transfers) -> Result<(), Box<dyn std::error::Error>> {
/// let mut object = transfers.stream("mybucket", "log.gz").send().await?;
/// while let Some(chunk) = object.body.try_next().await? {
///     println!("{} bytes", chunk.len());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is read until it is sent"]
pub struct ObjectStream {
    transfers: Transfers,
    request: Request<GetObject>,
    validate: bool,
    read_ahead: Option<usize>,
    part_size: Option<u64>,
    meter: Meter,
}

impl Transfers {
    /// The object `key` as a stream of bytes, which is fetched in parallel ahead of its reader.
    pub fn stream(&self, bucket: impl Into<String>, key: impl Into<String>) -> ObjectStream {
        let (bucket, key): (String, String) = (bucket.into(), key.into());
        self.stream_of(self.client().get_object(bucket, key))
    }

    /// The same for a request of the caller's own. With [`read_ahead(0)`](ObjectStream::read_ahead) it is sent as it is, and
    /// only its body is another: one that goes on when its connection breaks.
    pub fn stream_of(&self, request: Request<GetObject>) -> ObjectStream {
        let transfers = self.clone();
        ObjectStream { transfers, request, validate: true, read_ahead: None, part_size: None, meter: Meter::new() }
    }
}

impl ObjectStream {
    /// Sets parameters of the request: all that `get_object` has, and its options.
    pub fn with(mut self, set: impl FnOnce(Request<GetObject>) -> Request<GetObject>) -> Self {
        self.request = set(self.request);
        self
    }

    setters! {
        /// Sets how many parts are fetched before the reader asks for them. They are held in memory, as part of the
        /// budget; what its reader leaves unread, no other transfer can use. 0: one response has everything, and is
        /// read as the reader asks for it. To upload the stream with the same transfers use 0: parts that are read
        /// ahead could leave the parts of the upload no memory. If not set here: that of the transfers.
        read_ahead(parts: usize) => read_ahead = Some(parts);

        /// Sets the size of parts in bytes, from 1 on. If not set here: that of the transfers.
        part_size(bytes: u64) => part_size = Some(bytes.max(1));

        /// Sets whether the bytes are checked against the checksum that S3 stores. Default: they are.
        validate(validate: bool) => validate = validate;

        /// Counts the bytes with `meter` too.
        meter(meter: &Meter) => meter = meter.child();
    }

    /// Sends the first request, and returns its output. The body is the whole that was asked for, whatever the range and
    /// the length in the output say. An error of a later request is an error of the body.
    ///
    /// # Errors
    /// Those of the first request.
    pub async fn send(self) -> Result<GetObjectOutput> {
        let settings = self.transfers.settings();
        let part_size = self.part_size.unwrap_or(settings.part_size);
        let read_ahead = self.read_ahead.unwrap_or(settings.read_ahead);
        let commander = Commander::default();
        let job = Job { transfers: self.transfers.clone(), meter: self.meter, orders: commander.orders() };
        let input = self.request.as_ref().input().clone();
        let options = self.request.as_ref().options().clone();
        let window = (read_ahead > 0).then_some((0, part_size));
        let permit = job.transfers.shared().gate.enter(if read_ahead > 0 { part_size } else { 0 }, 0).await;
        let mut first = First::request(&job, input, options, self.validate, window, &permit).await?;
        let size = first.end - first.start;
        job.meter.set_total(size);
        let is_paced = read_ahead == 0 || first.is_whole_body;
        let parts = if is_paced { Parts::whole(size) } else { Parts::of_size(size, part_size)? };
        let expected = first.expected(self.validate).await;
        let body = std::mem::take(&mut first.output.body);
        let ahead = Some(Arc::new(Semaphore::new(read_ahead)));
        let ranges = Ranges { ahead, is_paced, ..Ranges::new(&job, &first, parts, expected, part_size) };
        let in_order = Arc::new(InOrder::new(is_paced));
        let hold = Hold { permit, _ahead: None };
        let mut reading = JoinSet::new();
        reading.spawn(read(Arc::new(ranges), (1, body, hold), Arc::clone(&in_order), commander));
        first.output.body = ByteStream::from_stream(Chunks { in_order, _reading: reading }).with_len(size);
        Ok(first.output)
    }
}

/// Reads all ranges. `_commander` lives as long as the reading.
async fn read(ranges: Arc<Ranges>, first: (u32, ByteStream, Hold), in_order: Arc<InOrder>, _commander: Commander) {
    // Also if this task panics: a reader must not wait for chunks that cannot come.
    let in_order = EndOfStream(in_order);
    let pulled = ranges.pull(Place::Order(Arc::clone(&in_order.0)), first).await;
    in_order.0.end(pulled.and_then(|()| ranges.judge().map(drop)));
}

/// Ends the chunks when it is dropped, with an error unless they have ended.
struct EndOfStream(Arc<InOrder>);

impl Drop for EndOfStream {
    fn drop(&mut self) {
        self.0.end(Err(Error::new(ErrorKind::Aborted, "the task that reads the object has ended")));
    }
}

/// The chunks of a body.
struct Chunks {
    in_order: Arc<InOrder>,
    /// The task that reads them. It is aborted when this is dropped.
    _reading: JoinSet<()>,
}

impl Stream for Chunks {
    type Item = aws_core::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.in_order.poll_next(cx).map_err(|error| {
            let kind = match error.kind() {
                ErrorKind::Checksum => aws_core::ErrorKind::Checksum,
                _ => aws_core::ErrorKind::Io,
            };
            aws_core::Error::new(kind, error.to_string()).with_source(error)
        })
    }
}
