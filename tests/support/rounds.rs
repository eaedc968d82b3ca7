//! A limit for loops over pages, events and attempts: a fault that makes one endless fails its test, instead of running
//! until someone stops it. Knows nothing of what is counted.

/// How many rounds a loop of a test may take. Our choice: the longest takes about a hundred.
const LIMIT: usize = 10_000;

/// Counts the rounds of one loop.
#[derive(Debug, Default)]
pub struct Rounds(usize);

impl Rounds {
    /// Counts one round.
    ///
    /// # Panics
    /// If there are more than any test needs.
    pub fn count(&mut self) {
        self.0 += 1;
        assert!(self.0 <= LIMIT, "a loop does not end");
    }
}
