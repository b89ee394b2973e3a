//! What this person's own nights show of one factor.

use std::fmt;

use crate::diary::{Exposure, Nutrient};

/// A daily factor that is paired with the night.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Factor {
    /// Something taken in.
    Nutrient(Nutrient),
    /// Something done or met.
    Exposure(Exposure),
}

impl Factor {
    /// The stored form, such as `magnesium` or `hard_exercise`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nutrient(nutrient) => nutrient.as_str(),
            Self::Exposure(exposure) => exposure.as_str(),
        }
    }

    /// Reads the stored form.
    pub fn parse(text: &str) -> Option<Self> {
        Nutrient::parse(text).map(Self::Nutrient).or_else(|| Exposure::parse(text).map(Self::Exposure))
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nutrient(nutrient) => nutrient.fmt(formatter),
            Self::Exposure(exposure) => exposure.fmt(formatter),
        }
    }
}

/// How much may be said of a factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Strength {
    /// Fewer than 60 valid nights, 10 cramp nights, 10 exposed or 10 unexposed nights.
    TooEarly,
    /// Enough nights, and nothing that could be told from chance.
    NoClearLink,
    /// P(OR > 1.25) or P(OR < 0.8) is at least 0.9, and it holds against the number of factors that were looked at.
    PossibleLink,
    /// As before, and the case-crossover check says the same.
    ConsistentLink,
}

impl Strength {
    /// The words that the person reads.
    pub const fn words(self) -> &'static str {
        match self {
            Self::TooEarly => "too early",
            Self::NoClearLink => "no clear link",
            Self::PossibleLink => "possible link",
            Self::ConsistentLink => "consistent link",
        }
    }
}

/// Nights with a cramp out of nights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Nights with at least one cramp.
    pub cramp_nights: u32,
    /// All valid nights of this kind.
    pub nights: u32,
}

/// An odds ratio with its credible intervals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OddsRatio {
    /// Posterior mode.
    pub estimate: f64,
    /// 80 % interval.
    pub interval_80: (f64, f64),
    /// 95 % interval.
    pub interval_95: (f64, f64),
    /// Probability that it is above 1.25.
    pub p_raises: f64,
    /// Probability that it is below 0.8.
    pub p_lowers: f64,
}

/// What this person's nights show of one factor.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Of what.
    pub factor: Factor,
    /// How much may be said.
    pub strength: Strength,
    /// After days with it (or with more of it than this person's usual).
    pub exposed: Share,
    /// After days without it (or with no more than usual).
    pub unexposed: Share,
    /// For a factor with an amount: above what a day counts as exposed, in the factor's own unit.
    pub threshold: Option<f64>,
    /// `None` while it is too early.
    pub odds_ratio: Option<OddsRatio>,
    /// About how many more valid nights would tell, if what was seen goes on; `None` when nobody can say.
    pub more_nights: Option<u32>,
}
