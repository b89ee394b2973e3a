//! What is told of a trial: while it runs only how it is kept, at its end what the nights showed.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Adherence, Plan};
use crate::advice::{NightSeen, OddsRatio, Share};
use crate::diary::Item;

/// Least chance that there are fewer cramps, or more: one question, asked beforehand and drawn by lot, needs less than a link does.
const LEAST_PROBABILITY: f64 = 0.95;
/// A plan that was kept on a smaller share of the known days tested something else.
const LEAST_ADHERENCE: f64 = 0.7;

/// Where a trial stands. The nights are not told before its end, so that nobody stops at a lucky moment.
#[derive(Debug, Clone, PartialEq)]
pub enum TrialSummary {
    /// It begins in some days.
    NotBegun {
        /// In how many.
        in_days: u32,
    },
    /// It runs.
    Running {
        /// Which day, from 1.
        day: u32,
        /// Of how many.
        of: u32,
        /// How it was kept up to yesterday.
        adherence: Adherence,
    },
    /// Its last day and night are over.
    Ended(Outcome),
}

/// What a whole trial showed.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Nights of blocks with the habit, after washout.
    pub with: Share,
    /// Nights of blocks without, after washout.
    pub without: Share,
    /// Odds of a cramp night with the habit against without; `None` with fewer than 14 nights of either kind or 5 cramp nights.
    pub odds_ratio: Option<OddsRatio>,
    /// Probability that the odds ratio is below 1.
    pub chance_of_fewer: Option<f64>,
    /// Days of washout, left out.
    pub washout: u32,
    /// Other days whose night was not watched well enough, left out.
    pub not_watched: u32,
    /// How the plan was kept.
    pub adherence: Adherence,
}

/// What may be said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Too few nights or cramps.
    TooFewNights,
    /// The plan was kept on fewer than 70 % of the days that are known, or no day is known.
    NotKept,
    /// P(OR < 1) is at least 0.95.
    FewerCramps,
    /// P(OR > 1) is at least 0.95.
    MoreCramps,
    /// Neither.
    NoClearEffect,
}

impl Outcome {
    /// What may be said.
    pub fn verdict(&self) -> Verdict {
        let kept = self.adherence.share().is_some_and(|share| share >= LEAST_ADHERENCE);
        match self.chance_of_fewer {
            None => Verdict::TooFewNights,
            Some(_) if !kept => Verdict::NotKept,
            Some(fewer) if fewer >= LEAST_PROBABILITY => Verdict::FewerCramps,
            Some(fewer) if 1.0 - fewer >= LEAST_PROBABILITY => Verdict::MoreCramps,
            Some(_) => Verdict::NoClearEffect,
        }
    }
}

impl Plan {
    /// Where the trial stands on the morning or evening of `today`, a local date. `marks` say whether the habit was kept on a day.
    pub fn summary(
        &self,
        today: Date,
        nights: &[NightSeen],
        items: &[Item],
        marks: &BTreeMap<Date, bool>,
        zone: &TimeZone,
    ) -> TrialSummary {
        let since = today.duration_since(self.start()).as_hours().div_euclid(24);
        if since < 0 {
            return TrialSummary::NotBegun { in_days: u32::try_from(-since).unwrap_or(u32::MAX) };
        }
        let since = u32::try_from(since).unwrap_or(u32::MAX);
        if since < self.days() {
            // Today is not over: what was not done yet is not left out yet.
            let yesterday = today.yesterday().unwrap_or(today);
            let adherence = self.adherence(items, marks, zone, yesterday);
            return TrialSummary::Running { day: since + 1, of: self.days(), adherence };
        }
        TrialSummary::Ended(self.outcome(nights, self.adherence(items, marks, zone, self.last())))
    }
}
