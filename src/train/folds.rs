//! Which people are left out together: outer folds, and inner halves of what is left of each.

use super::{NightRows, TrainError};

/// People, split.
#[derive(Debug)]
pub(super) struct Folds {
    people: Vec<usize>,
    /// Outer folds.
    pub(super) n: usize,
}

impl Folds {
    /// # Errors
    /// When there are too few people for inner halves of each outer fold.
    pub(super) fn of(nights: &[NightRows], n: usize) -> Result<Self, TrainError> {
        let mut people: Vec<usize> = nights.iter().map(|night| night.person).collect();
        people.sort_unstable();
        people.dedup();
        // Inner folds halve what is left of each outer one.
        if people.len() < 2 * n {
            return Err(TrainError::TooFewPeople { found: people.len(), expected: 2 * n });
        }
        Ok(Self { people, n })
    }

    fn rank(&self, night: &NightRows) -> usize {
        self.people.binary_search(&night.person).unwrap_or(0)
    }

    /// Outer fold.
    pub(super) fn of_night(&self, night: &NightRows) -> Option<usize> {
        Some(self.rank(night) % self.n)
    }

    /// Inner half, independent of the outer fold.
    pub(super) fn half_of(&self, night: &NightRows) -> usize {
        self.rank(night) / self.n % 2
    }
    /// The people of all outer folds but one, and its inner halves.
    pub(super) fn inner<'a>(
        &self,
        all: &[&'a NightRows],
        fold: usize,
    ) -> (Vec<&'a NightRows>, [Vec<&'a NightRows>; 2]) {
        let rest: Vec<&NightRows> = all.iter().copied().filter(|night| self.of_night(night) != Some(fold)).collect();
        let halves = [0, 1].map(|half| rest.iter().copied().filter(|night| self.half_of(night) == half).collect());
        (rest, halves)
    }
}
