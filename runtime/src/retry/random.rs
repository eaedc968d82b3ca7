//! Randomness, from the system or from a test.

use std::fmt;
use std::sync::{Arc, Mutex};

use crate::sync::lock;

/// Random numbers for jitter and ids. Not for secrets.
#[derive(Clone, Default)]
pub struct Random(Source);

#[derive(Clone, Default)]
enum Source {
    #[default]
    System,
    Seeded(Arc<Mutex<fastrand::Rng>>),
    Fixed(f64),
}

impl Random {
    /// Numbers that differ from run to run.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// Numbers that are the same in every run with this seed.
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded(Arc::new(Mutex::new(fastrand::Rng::with_seed(seed)))))
    }

    /// Always the same fraction, between 0 and 1; 1 gives the longest delays.
    pub fn fixed(fraction: f64) -> Self {
        Self(Source::Fixed(fraction))
    }

    /// Returns a fraction between 0 and 1.
    pub fn fraction(&self) -> f64 {
        match &self.0 {
            Source::System => fastrand::f64(),
            Source::Seeded(generator) => lock(generator).f64(),
            Source::Fixed(fraction) => *fraction,
        }
    }

    /// Returns 128 random bits.
    pub fn bits(&self) -> u128 {
        match &self.0 {
            Source::System => fastrand::u128(..),
            Source::Seeded(generator) => lock(generator).u128(..),
            Source::Fixed(fraction) => (fraction * u64::MAX as f64) as u128,
        }
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Source::System => "Random(system)",
            Source::Seeded(_) => "Random(seeded)",
            Source::Fixed(_) => "Random(fixed)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_numbers() {
        let draw = |random: Random| (random.fraction(), random.bits(), random.fraction());
        assert_eq!(draw(Random::seeded(1)), draw(Random::seeded(1)));
        assert_ne!(draw(Random::seeded(1)), draw(Random::seeded(2)));
        assert_ne!(draw(Random::system()), draw(Random::system()));
        assert_eq!(Random::fixed(0.25).fraction(), 0.25);
        assert!((0..100).all(|_| (0.0..1.0).contains(&Random::system().fraction())));
    }
}
