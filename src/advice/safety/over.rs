//! Which averages of the log are over an upper level of the person.

use crate::advice::input::AdviceInput;
use crate::advice::reference::{LevelKind, Scope, UpperLevel, upper_levels};
use crate::advice::texts::amount;
use crate::diary::Nutrient;

/// An average over an upper level.
#[derive(Debug, Clone, PartialEq)]
pub struct Exceeded {
    /// Of what.
    pub nutrient: Nutrient,
    /// What counts towards the level, a day, in the unit of the nutrient.
    pub average: f64,
    /// Whether that came from supplements alone.
    pub of_supplements: bool,
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
            let total = average.total_for_levels().filter(|_| level.scope == Scope::Total);
            // Of days without food only the supplements are known: what they bring is a lower bound of the total.
            let counted = [(total, false), (average.supplements_for_levels(), true)];
            let most = counted
                .into_iter()
                .filter_map(|(counted, of_supplements)| Some((counted.filter(|n| n.is_finite())?, of_supplements)))
                .reduce(|total, supplements| if supplements.0 > total.0 { supplements } else { total });
            most.filter(|(counted, _)| *counted > level.value).map(|(counted, of_supplements)| Exceeded {
                nutrient: average.nutrient,
                average: counted,
                of_supplements,
                level,
            })
        });
        found.extend(over.min_by(|a, b| a.level.value.total_cmp(&b.level.value)));
    }
    found
}

/// Whether an average is over a level of this kind.
pub(super) fn any(input: &AdviceInput, kind: LevelKind) -> bool {
    exceeded(input).iter().any(|over| over.level.kind == kind)
}

/// The levels of one kind in words, such as `magnesium from supplements averages 380 mg a day, EFSA upper level 250 mg`.
pub(super) fn words(exceeded: &[Exceeded], kind: LevelKind) -> String {
    let one = |over: &Exceeded| {
        let from = if over.of_supplements { " from supplements" } else { "" };
        format!(
            "{}{from} averages {} a day, {} {}",
            over.nutrient,
            amount(over.nutrient, over.average),
            over.level.name,
            amount(over.nutrient, over.level.value)
        )
    };
    exceeded.iter().filter(|over| over.level.kind == kind).map(one).collect::<Vec<_>>().join("; ")
}
