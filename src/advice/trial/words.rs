//! A trial in words.

use jiff::civil::Date;

use super::{Adherence, Habit, Outcome, Plan, TrialSummary, Verdict};
use crate::advice::Share;

/// Stands beside the offer of a trial; the figures are those of the simulation in `analysis.rs`.
pub const WHAT_IT_CAN_SHOW: &str = "Three pairs of blocks show strong effects only. If every second night has a cramp, a habit that \
halves the odds is found in about 2 of 10 trials, one that lowers them to a fifth in 7 of 10; with six pairs in about 5 and 10. With \
fewer cramps it is found less often.";

impl Plan {
    /// What the person is reminded of on `date`; `None` outside the trial.
    pub fn reminder(&self, date: Date) -> Option<String> {
        let block = self.block_of(date)?;
        let (number, of, habit) = (block.number + 1, self.blocks(), self.habit());
        let how = match habit {
            Habit::Supplement { .. } if block.with => " as you usually take it",
            Habit::Supplement { .. } => ". If a clinician told you to take it, take it and end the trial",
            _ => "",
        };
        let with = if block.with { "with" } else { "without" };
        let first = if block.day == 1 && block.number > 0 { " It changes today." } else { "" };
        Some(format!(
            "Trial, block {number} of {of}, day {}: today {with} {habit}{how}.{first} Feeling worse? End the trial at any time.",
            block.day
        ))
    }

    /// The summary as the person reads it.
    pub fn text(&self, summary: &TrialSummary) -> String {
        let habit = self.habit();
        match summary {
            TrialSummary::NotBegun { in_days: 1 } => format!("The trial of {habit} begins tomorrow."),
            TrialSummary::NotBegun { in_days } => format!("The trial of {habit} begins in {in_days} days."),
            TrialSummary::Running { day, of, adherence } => format!(
                "Trial of {habit}, day {day} of {of}. {} What the nights show is told at the end, so that chance does not end it early.",
                kept(adherence)
            ),
            TrialSummary::Ended(outcome) => format!("The trial of {habit} has ended. {}", ended(outcome)),
        }
    }
}

fn ended(outcome: &Outcome) -> String {
    let left_out = format!(
        "{} days of changing over and {} nights that were not watched well enough are left out.",
        outcome.washout, outcome.not_watched
    );
    let counts = format!(
        "With it there was a cramp in {}, without in {}; {left_out} {}",
        share(outcome.with),
        share(outcome.without),
        kept(&outcome.adherence)
    );
    let Some((ratio, fewer)) = outcome.odds_ratio.zip(outcome.chance_of_fewer) else {
        return format!("{counts} These are too few nights or cramps to compare.");
    };
    let verdict = match outcome.verdict() {
        Verdict::FewerCramps => "Fewer cramps with it",
        Verdict::MoreCramps => "More cramps with it",
        Verdict::NotKept => "The plan was not kept, or nobody said, on too many days, so this says little",
        Verdict::NoClearEffect | Verdict::TooFewNights => {
            "No clear effect; a trial as short as this shows strong effects only"
        }
    };
    format!(
        "{counts} {verdict}: estimated {:.2} times the odds, 80 % interval {:.2}–{:.2}, 95 % {:.2}–{:.2}; chance of fewer \
         {:.0} %. You knew which days were which, and that alone can change how one sleeps.",
        ratio.estimate,
        ratio.interval_80.0,
        ratio.interval_80.1,
        ratio.interval_95.0,
        ratio.interval_95.1,
        fewer * 100.0
    )
}

fn kept(adherence: &Adherence) -> String {
    let known = adherence.as_planned + adherence.otherwise;
    format!("Kept as planned on {} of {known} days, {} unknown.", adherence.as_planned, adherence.unknown)
}

fn share(share: Share) -> String {
    let percent = 100.0 * f64::from(share.cramp_nights) / f64::from(share.nights.max(1));
    format!("{} of {} nights ({percent:.0} %)", share.cramp_nights, share.nights)
}
