//! Randomised trials of a person on themselves: two-week blocks with and without a habit, in pairs whose order is drawn by lot. The
//! only honest way for a daily habit, of which ordinary nights have no contrast. It must never start what a safety rule forbids,
//! never ask for a new medicine or supplement, and never show the nights before the last block has ended.
//!
//! Block pairs, at least three, with the first days of each block left out as washout: Kravitz, Duan (eds.), Design and
//! Implementation of N-of-1 Trials: A User's Guide, AHRQ 2014.

mod adherence;
mod analysis;
mod forbidden;
mod habit;
mod summary;
mod words;

use jiff::ToSpan;
use jiff::civil::Date;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

pub use adherence::Adherence;
pub use habit::{Habit, Permission};
pub use summary::{Outcome, TrialSummary, Verdict};
pub use words::WHAT_IT_CAN_SHOW;

/// Pairs of blocks unless asked otherwise.
pub const USUAL_PAIRS: usize = 3;
/// Days of a block.
pub const BLOCK_DAYS: u16 = 14;
/// Days at the beginning of a block whose nights do not count.
pub const WASHOUT_DAYS: u16 = 3;

const MOST_PAIRS: usize = 12;

/// Why a trial cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrialError {
    /// A safety rule forbids it.
    #[error("no trial of {habit}: {reason}")]
    Forbidden {
        /// Of what.
        habit: String,
        /// The rule's own words.
        reason: String,
    },
    /// It would be something new.
    #[error("no trial of {habit}: only a supplement that you already take can be tried, with and without")]
    NotTakenYet {
        /// Of what.
        habit: String,
    },
    /// A clinician wants it taken.
    #[error(
        "no trial of {habit}: it was prescribed or recommended by a clinician; talk to them before you change anything"
    )]
    Prescribed {
        /// Of what.
        habit: String,
    },
    /// Too few or too many pairs.
    #[error(
        "{found} pairs of blocks: expected {USUAL_PAIRS} to {MOST_PAIRS}; fewer cannot tell an effect from a good fortnight"
    )]
    Pairs {
        /// How many were asked for.
        found: usize,
    },
    /// Blocks that cannot be.
    #[error(
        "blocks of {block_days} days with {washout_days} of washout: expected 7 to 56 days, and at least 4 of them after washout"
    )]
    Block {
        /// Length of a block, in days.
        block_days: u16,
        /// Days left out at its beginning.
        washout_days: u16,
    },
    /// The last day cannot be named.
    #[error("a trial from {start} would end after the last date there is; choose an earlier day")]
    Start {
        /// First day.
        start: Date,
    },
}

/// A trial as it was drawn. It is kept as JSON; what is read back is checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Kept")]
pub struct Plan {
    habit: Habit,
    start: Date,
    seed: u64,
    block_days: u16,
    washout_days: u16,
    with_first: Vec<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    habit: Habit,
    start: Date,
    seed: u64,
    block_days: u16,
    washout_days: u16,
    with_first: Vec<bool>,
}

/// Where a day stands in a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// From 0.
    pub number: usize,
    /// Whether the habit is to be kept.
    pub with: bool,
    /// Day of the block, from 1.
    pub day: u16,
    /// Whether the night of this day is left out of the comparison.
    pub washout: bool,
}

impl Plan {
    /// Draws the order of each pair of blocks. The same seed gives the same order.
    ///
    /// # Errors
    /// If the habit may not be tried, the number of pairs is not 3 to 12, or the trial would never end.
    pub fn draw(
        seed: u64,
        habit: Habit,
        start: Date,
        pairs: usize,
        permission: &Permission,
    ) -> Result<Self, TrialError> {
        permission.check(&habit)?;
        let mut dice = Xoshiro256PlusPlus::seed_from_u64(seed);
        let drawn = pairs.min(MOST_PAIRS + 1);
        let with_first = (0..drawn).map(|_| dice.random::<bool>()).collect();
        let plan = Self { habit, start, seed, block_days: BLOCK_DAYS, washout_days: WASHOUT_DAYS, with_first };
        if pairs == drawn { plan.checked() } else { Err(TrialError::Pairs { found: pairs }) }
    }

    /// The same plan with other blocks.
    ///
    /// # Errors
    /// If blocks are not 7 to 56 days, or fewer than 4 days are left after washout.
    pub fn with_blocks(self, block_days: u16, washout_days: u16) -> Result<Self, TrialError> {
        Self { block_days, washout_days, ..self }.checked()
    }

    fn checked(self) -> Result<Self, TrialError> {
        let (block_days, washout_days) = (self.block_days, self.washout_days);
        if !(USUAL_PAIRS..=MOST_PAIRS).contains(&self.with_first.len()) {
            return Err(TrialError::Pairs { found: self.with_first.len() });
        }
        if !(7..=56).contains(&block_days) || block_days.saturating_sub(washout_days) < 4 {
            return Err(TrialError::Block { block_days, washout_days });
        }
        match self.start.checked_add(i64::from(self.days()).days()) {
            Ok(_) => Ok(self),
            Err(_) => Err(TrialError::Start { start: self.start }),
        }
    }

    /// What is tried.
    pub const fn habit(&self) -> &Habit {
        &self.habit
    }

    /// First day.
    pub const fn start(&self) -> Date {
        self.start
    }

    /// Last day; its night counts.
    pub fn last(&self) -> Date {
        self.start.checked_add(i64::from(self.days() - 1).days()).unwrap_or(Date::MAX)
    }

    /// Length, in days.
    pub fn days(&self) -> u32 {
        // At most 12 pairs of 56 days.
        2 * self.with_first.len() as u32 * u32::from(self.block_days)
    }

    /// Number of blocks.
    pub fn blocks(&self) -> usize {
        2 * self.with_first.len()
    }

    /// Where `date` stands; `None` before the first and after the last day.
    pub fn block_of(&self, date: Date) -> Option<Block> {
        let since = date.duration_since(self.start).as_hours().div_euclid(24);
        let since = u32::try_from(since).ok().filter(|&since| since < self.days())?;
        let number = (since / u32::from(self.block_days)) as usize;
        let day = (since % u32::from(self.block_days)) as u16 + 1;
        let first_of_pair = number.is_multiple_of(2);
        let with = self.with_first[number / 2] == first_of_pair;
        Some(Block { number, with, day, washout: day <= self.washout_days })
    }

    /// All days of the trial up to and with `until`.
    fn days_until(&self, until: Date) -> impl Iterator<Item = Date> + '_ {
        self.start.series(1.day()).take_while(move |&date| date <= until && date <= self.last())
    }
}

impl TryFrom<Kept> for Plan {
    type Error = TrialError;

    fn try_from(kept: Kept) -> Result<Self, TrialError> {
        let Kept { habit, start, seed, block_days, washout_days, with_first } = kept;
        Self { habit, start, seed, block_days, washout_days, with_first }.checked()
    }
}

#[cfg(test)]
mod tests;
