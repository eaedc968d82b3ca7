//! A subscriber of `tracing` that keeps what is logged, for tests that read it. Knows no call.

use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

/// A subscriber that keeps the lines of spans and events up to a level. Clones share them.
#[derive(Clone, Debug)]
pub struct Log(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    level: Level,
    next: AtomicU64,
    formatted: AtomicUsize,
    lines: Mutex<Vec<String>>,
    entered: Mutex<Vec<u64>>,
}

impl Log {
    /// An empty log of what is at least as important as a level.
    pub fn new(level: Level) -> Self {
        let (next, formatted) = (AtomicU64::new(1), AtomicUsize::new(0));
        Self(Arc::new(Inner { level, next, formatted, lines: Mutex::default(), entered: Mutex::default() }))
    }

    /// How many fields were formatted.
    pub fn formatted(&self) -> usize {
        self.0.formatted.load(Ordering::Relaxed)
    }

    fn add(&self, line: String) {
        self.0.lines.lock().expect("the lines").push(line);
    }

    /// Forgets all, and counts spans from 1 again.
    pub fn clear(&self) {
        self.0.next.store(1, Ordering::Relaxed);
        self.0.lines.lock().expect("the lines").clear();
    }

    /// The lines; that of an event ends with the spans that it lies in.
    pub fn text(&self) -> String {
        self.0.lines.lock().expect("the lines").join("\n")
    }
}

struct Line<'a>(String, &'a AtomicUsize);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0 += &format!(" {}={value:?}", field.name());
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.0.level
    }
    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        let mut line = Line(format!("span {id} {}", attributes.metadata().name()), &self.0.formatted);
        attributes.record(&mut line);
        self.add(line.0);
        span::Id::from_u64(id)
    }
    fn record(&self, span: &span::Id, values: &span::Record<'_>) {
        let mut line = Line(format!("record {}", span.into_u64()), &self.0.formatted);
        values.record(&mut line);
        self.add(line.0);
    }
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().level().to_string(), &self.0.formatted);
        event.record(&mut line);
        let spans = self.0.entered.lock().expect("the spans").clone();
        self.add(format!("{} in {spans:?}", line.0));
    }
    fn enter(&self, span: &span::Id) {
        self.0.entered.lock().expect("the spans").push(span.into_u64());
    }
    fn exit(&self, _: &span::Id) {
        self.0.entered.lock().expect("the spans").pop();
    }
}
