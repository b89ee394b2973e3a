//! What advice is made from: all of it values, nothing read here.

use jiff::civil::Date;

use super::link::{Factor, Link};
use super::night::NightSeen;
use super::person::Person;
use crate::diary::Nutrient;

/// The share of a nutrient that the log must know before it is compared with a reference.
pub const MIN_KNOWN_SHARE: f64 = 0.6;
/// The days that the log must hold before an average is compared with a reference.
pub const MIN_LOGGED_DAYS: u32 = 7;
/// The days that an average must be over before a level that is not to be exceeded is named.
pub const MIN_DAYS_FOR_LEVELS: u32 = 3;
/// A night counts as watched from this coverage on.
pub const MIN_COVERAGE: f64 = 0.7;

/// What the log averages of one nutrient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NutrientAverage {
    /// Of what.
    pub nutrient: Nutrient,
    /// Amount a day, in the unit of the nutrient; a lower bound where the log does not know all.
    pub average_per_day: f64,
    /// Share of what was logged whose content is known, 0 to 1.
    pub known_share: f64,
    /// Amount a day that came from supplements, in the same unit, over the days on which any supplement or food was logged.
    pub of_supplements: f64,
    /// Days with food that [`Self::average_per_day`] is over.
    pub days: u32,
    /// Days with any supplement or food that [`Self::of_supplements`] is over.
    pub supplement_days: u32,
}

impl NutrientAverage {
    /// Whether the log knows enough for a comparison with a reference.
    pub fn comparable(&self) -> bool {
        self.known_share >= MIN_KNOWN_SHARE && self.days >= MIN_LOGGED_DAYS && self.average_per_day.is_finite()
    }

    /// What supplements bring a day, if it was logged on enough days to be held against a level; days with food are not needed.
    pub fn supplements_for_levels(&self) -> Option<f64> {
        (self.supplement_days >= MIN_DAYS_FOR_LEVELS).then_some(self.of_supplements)
    }

    /// What everything together brings a day, if it was logged on enough days to be held against a level.
    pub fn total_for_levels(&self) -> Option<f64> {
        (self.days >= MIN_DAYS_FOR_LEVELS).then_some(self.average_per_day)
    }
}

/// How often something that was done in a cramp worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReliefOutcome {
    /// What was done, in the person's words.
    pub name: String,
    /// How often it worked.
    pub worked: u32,
    /// How often it was tried.
    pub tried: u32,
}

/// All that advice is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct AdviceInput {
    /// What the person said about themselves.
    pub person: Person,
    /// The local date.
    pub today: Date,
    /// Closed nights, in any order.
    pub nights: Vec<NightSeen>,
    /// Averages of the log.
    pub averages: Vec<NutrientAverage>,
    /// The most that was drunk within one hour of the last week, in ml.
    pub drinking_peak_ml_per_h: Option<f64>,
    /// What the nights show of each factor.
    pub links: Vec<Link>,
    /// Factors that mostly come together: a factor, and the one that most often comes with it.
    pub companions: Vec<(Factor, Factor)>,
    /// Factors that a running trial is about: what the nights show of them is not told while it runs.
    pub under_trial: Vec<Factor>,
    /// Id of the remedy that a running trial is about; it is not suggested while it runs.
    pub remedy_under_trial: Option<String>,
    /// What helped in a cramp.
    pub relief_outcomes: Vec<ReliefOutcome>,
    /// Id of the remedy that was suggested last, if any.
    pub previous_suggestion: Option<String>,
    /// The first day of the unbroken run of days on which that was suggested; `None` keeps it until something better is there.
    pub previous_since: Option<Date>,
}

impl AdviceInput {
    /// For a person of whom nothing is known yet.
    pub fn empty(today: Date) -> Self {
        Self {
            person: Person::default(),
            today,
            nights: Vec::new(),
            averages: Vec::new(),
            drinking_peak_ml_per_h: None,
            links: Vec::new(),
            companions: Vec::new(),
            under_trial: Vec::new(),
            remedy_under_trial: None,
            relief_outcomes: Vec::new(),
            previous_suggestion: None,
            previous_since: None,
        }
    }

    /// The calendar year that ages are counted in.
    pub fn year(&self) -> i16 {
        self.today.year()
    }

    /// Nights up to today that were watched, the oldest first.
    pub fn watched_nights(&self) -> Vec<&NightSeen> {
        let mut nights: Vec<_> =
            self.nights.iter().filter(|night| night.night <= self.today && night.coverage() >= MIN_COVERAGE).collect();
        nights.sort_by_key(|night| night.night);
        nights
    }

    /// The average of one nutrient, if the log has one.
    pub fn average(&self, nutrient: Nutrient) -> Option<&NutrientAverage> {
        self.averages.iter().find(|average| average.nutrient == nutrient)
    }
}
