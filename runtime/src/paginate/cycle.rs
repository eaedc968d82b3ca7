//! Detects tokens that repeat, at whatever distance, in the memory of one page's tokens. Knows no page.

use super::plan::Tokens;

/// Brent's cycle detection: the tokens of one page are kept and compared with those of every later page; which page
/// that is moves on after 1, 2, 4, … pages. A cycle is found after at most three times as many pages as it took to close
/// for the first time; a million pages cost no more memory than two.
#[derive(Debug, Default)]
pub(super) struct CycleDetector {
    kept: Tokens,
    /// How many pages have been received since the kept tokens.
    distance: u64,
    /// After how many pages the next tokens are kept.
    reach: u64,
}

impl CycleDetector {
    /// A detector for the pages that begin with these tokens.
    pub(super) fn starting_at(tokens: &Tokens) -> Self {
        Self { kept: tokens.clone(), distance: 0, reach: 1 }
    }

    /// Adds the tokens of the next page. Returns after how many pages they repeat, if they do.
    pub(super) fn add(&mut self, tokens: &Tokens) -> Option<u64> {
        self.distance += 1;
        if *tokens == self.kept {
            return Some(self.distance);
        }
        if self.distance >= self.reach {
            self.kept.clone_from(tokens);
            self.distance = 0;
            self.reach = self.reach.saturating_mul(2);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Document;

    fn token(page: u64) -> Tokens {
        vec![("Token", Document::from(page))]
    }

    #[test]
    fn cycles_of_any_length_after_any_start_are_found_in_bounded_time() {
        for start in 0..40 {
            for length in 1..40 {
                let mut detector = CycleDetector::starting_at(&Tokens::new());
                let page = |index: u64| if index < start { index } else { start + (index - start) % length };
                let limit = 3 * (start + length) + 3;
                let found = (0..limit).find_map(|index| detector.add(&token(page(index))).map(|it| (index, it)));
                let (_, distance) = found.unwrap_or_else(|| panic!("{length} after {start}: not within {limit} pages"));
                assert_eq!(distance % length, 0, "{length} after {start}");
            }
        }
    }

    #[test]
    fn a_million_different_tokens_are_no_cycle() {
        let mut detector = CycleDetector::starting_at(&Tokens::new());
        assert!((0..1_000_000).all(|page| detector.add(&token(page)).is_none()));
    }
}
