//! Which averages of the log are over an upper level of the person.

use crate::advice::input::AdviceInput;
use crate::advice::reference::{Scope, UpperLevel, upper_levels};
use crate::advice::texts::amount;
use crate::diary::Nutrient;

/// An average over an upper level.
#[derive(Debug, Clone, PartialEq)]
pub struct Exceeded {
    /// Of what.
    pub nutrient: Nutrient,
    /// What counts towards the level, a day, in the unit of the nutrient.
    pub average: f64,
    /// The level.
    pub level: UpperLevel,
}

/// Every average over an upper level; of a nutrient with several, the lowest only.
///
/// An average of which the log knows a part only is a lower bound, so that what it exceeds is exceeded for certain.
pub fn exceeded(input: &AdviceInput) -> Vec<Exceeded> {
    let mut found: Vec<Exceeded> = Vec::new();
    for average in &input.averages {
        let over = upper_levels(average.nutrient, &input.person, input.year()).into_iter().filter_map(|level| {
            let counted = match level.scope {
                Scope::Total => average.average_per_day,
                Scope::SupplementsOnly => average.of_supplements,
            };
            (counted.is_finite() && counted > level.value).then_some(Exceeded {
                nutrient: average.nutrient,
                average: counted,
                level,
            })
        });
        found.extend(over.min_by(|a, b| a.level.value.total_cmp(&b.level.value)));
    }
    found
}

/// The levels in words, such as `magnesium from supplements averages 380 mg a day, EFSA upper level 250 mg`.
pub(super) fn words(exceeded: &[Exceeded]) -> String {
    let one = |over: &Exceeded| {
        let from = match over.level.scope {
            Scope::Total => "",
            Scope::SupplementsOnly => " from supplements",
        };
        format!(
            "{}{from} averages {} a day, {} {}",
            over.nutrient,
            amount(over.nutrient, over.average),
            over.level.name,
            amount(over.nutrient, over.level.value)
        )
    };
    exceeded.iter().map(one).collect::<Vec<_>>().join("; ")
}
