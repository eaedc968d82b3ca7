//! The ranges of a download, pulled in parallel: each is read, hashed, and goes to its place.

use std::sync::Arc;

use aws_core::ByteStream;
use tokio::sync::mpsc::Sender;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::fetch::{Fetch, RangeBody};
use super::first::First;
use super::in_order::{Content, InOrder};
use super::target::{MemoryParts, Positions};
use super::verdict::Expected;
use crate::engine::gate::Permit;
use crate::engine::pull::pull;
use crate::engine::rate::Turn;
use crate::handle::Job;
use crate::multipart::{Done, DonePart, Parts};
use crate::sums::Crc;
use crate::{Result, Verdict};

/// How many bytes are collected before they are written to a file. Our choice: handing them to another thread costs as much
/// as writing some 100 KiB does. Twice as many save 5 % of the processor time, half as many cost 4 %.
const BATCH: u64 = 2 * 1024 * 1024;
/// What a range holds on its way to a file: a batch, and what its connection has read by then, some 400 KiB.
pub(crate) const HELD: u64 = BATCH + 512 * 1024;

/// Where the chunks of a range go.
#[derive(Clone)]
pub(crate) enum Place {
    File(Arc<Positions>),
    Memory(Arc<MemoryParts>),
    /// To what puts them in order.
    Order(Arc<InOrder>),
}

/// The room that a range takes.
pub(crate) struct Hold {
    pub(crate) permit: Permit,
    /// Its place among those that are read ahead.
    pub(crate) _ahead: Option<OwnedSemaphorePermit>,
}

/// A range of the object.
struct Range {
    number: u32,
    start: u64,
    len: u64,
    body: Option<ByteStream>,
    hold: Hold,
    /// Its turn at the limit of bytes.
    turn: Turn,
}

/// The ranges of a download.
pub(crate) struct Ranges {
    pub(crate) job: Job,
    pub(crate) fetch: Arc<Fetch>,
    /// The first byte that is wanted.
    pub(crate) start: u64,
    pub(crate) parts: Parts,
    pub(crate) expected: Expected,
    /// Limits how many ranges are read ahead of the reader of a stream.
    pub(crate) ahead: Option<Arc<Semaphore>>,
    /// So many bytes of a range have one turn at the limit.
    pub(crate) turn: u64,
    /// Whether one response has everything, and is read no faster than its chunks are taken.
    pub(crate) is_paced: bool,
    /// Ranges that are complete, with their sums.
    pub(crate) done: Done,
    /// Hears of each of them.
    pub(crate) noted: Notify,
}

impl Ranges {
    /// The ranges of the object in the first response, read in parallel.
    pub(crate) fn new(job: &Job, first: &First, parts: Parts, expected: Expected, turn: u64) -> Self {
        Self {
            job: job.clone(),
            fetch: Arc::clone(&first.fetch),
            start: first.start,
            parts,
            expected,
            ahead: None,
            turn,
            is_paced: false,
            done: Done::default(),
            noted: Notify::new(),
        }
    }

    /// Reads all ranges that are missing. `first` is the open response with the first bytes of the range of that number.
    pub(crate) async fn pull(self: &Arc<Self>, place: Place, mut first: (u32, ByteStream, Hold)) -> Result<()> {
        if self.is_paced {
            // Who takes the chunks may be slow, or need the place for requests of its own.
            first.2.permit.leave_place();
        }
        let run = |range: Range| {
            let (this, place) = (Arc::clone(self), place.clone());
            async move { this.read(range, place).await }
        };
        let held = match &place {
            Place::File(_) => HELD,
            Place::Memory(_) => 0,
            Place::Order(_) => self.parts.part_size,
        };
        pull(|jobs| self.feed(jobs, held, first), run).await
    }

    /// Sends the missing ranges, each once there is room for it.
    async fn feed(&self, jobs: Sender<Range>, held: u64, first: (u32, ByteStream, Hold)) -> Result<()> {
        let shared = self.job.transfers.shared();
        let mut first = Some(first);
        let mut number = 0;
        loop {
            number += 1;
            let Some((start, len)) = self.parts.range(number) else { return Ok(()) };
            if self.done.has(number) {
                continue;
            }
            let priority = self.job.orders.priority();
            let take = shared.download_rate.take(len.min(self.turn), priority);
            let (body, hold, turn) = match first.take_if(|it| it.0 == number) {
                Some((_, body, mut hold)) => {
                    let turn = hold.permit.without_place(take).await;
                    (Some(body), hold, turn)
                }
                None => {
                    let ahead = match &self.ahead {
                        Some(ahead) => Arc::clone(ahead).acquire_owned().await.ok(),
                        None => None,
                    };
                    // Before it has a place, which others may need. Another range begins when the bytes of this one have
                    // had their time.
                    let turn = take.await;
                    let permit = shared.gate.enter(held.min(len), priority).await;
                    (None, Hold { permit, _ahead: ahead }, turn)
                }
            };
            let range = Range { number, start: self.start + start, len, body, hold, turn };
            if jobs.send(range).await.is_err() {
                return Ok(());
            }
        }
    }

    async fn read(&self, range: Range, place: Place) -> Result<()> {
        let Range { number, start, len, body, mut hold, mut turn } = range;
        let shared = self.job.transfers.shared();
        let mut body = RangeBody::new(Arc::clone(&self.fetch), start, start + len, body);
        let mut hasher = self.expected.crc().map(Crc::hasher);
        let (mut at, mut batch, mut collected, mut passed) = (start - self.start, Vec::new(), 0, 0);
        while let Some(chunk) = body.next(&hold.permit).await? {
            let size = chunk.len() as u64;
            if !turn.has(size) {
                drop(std::mem::take(&mut turn));
                let next = self.turn.min(len - passed).max(size);
                let take = shared.download_rate.take(next, self.job.orders.priority());
                turn = hold.permit.without_place(take).await;
            }
            hold.permit.without_place(turn.pass(size)).await;
            passed += size;
            if let Some(hasher) = &mut hasher {
                hasher.update(&chunk);
            }
            match &place {
                Place::Memory(memory) => memory.append(number as usize - 1, &chunk),
                Place::Order(order) => order.push(number, Content::Chunk(chunk)).await,
                Place::File(file) => {
                    batch.push(chunk);
                    collected += size;
                    if collected >= BATCH {
                        file.write(at, std::mem::take(&mut batch)).await?;
                        at += std::mem::take(&mut collected);
                    }
                }
            }
            self.job.meter.add_bytes(size);
        }
        if let Place::File(file) = &place
            && !batch.is_empty()
        {
            file.write(at, batch).await?;
        }
        // While it has the place: what begins next may fail, and end all.
        let sum = hasher.map(|it| it.finish());
        self.done.lock().insert(number, DonePart { len, sum, ..DonePart::default() });
        // What was counted is in a checkpoint that is made later.
        self.job.meter.add_part(0);
        self.noted.notify_one();
        // How long one took that was paced says nothing about the server.
        if !self.is_paced {
            hold.permit.completed(len);
        }
        // What reads the stream may need the place for requests of its own.
        hold.permit.leave_place();
        if let Place::Order(order) = &place {
            order.push(number, Content::End(hold)).await;
        }
        Ok(())
    }

    /// Whether what has arrived is what was stored.
    pub(crate) fn judge(&self) -> Result<Verdict> {
        self.expected.judge(match self.done.count() {
            0 => self.expected.crc().map(|it| it.of(b"")),
            _ => self.done.sum(),
        })
    }
}
