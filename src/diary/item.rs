//! One thing of the diary with what it brings: the form in which the diary reaches the advice.

use super::exposure::Exposure;
use super::nutrient::Nutrients;
use crate::units::UtcMicros;

/// Where nutrients came from; an upper level may count supplements only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IntakeSource {
    /// Plain water.
    Water,
    /// A food or a recipe.
    Food,
    /// A drink other than plain water.
    Drink,
    /// A pill, powder or drops.
    Supplement,
}

/// What happened.
// Most are intakes: a box for each would cost more than it saves.
#[allow(clippy::large_enum_variant)]
#[derive(Debug, Clone, PartialEq)]
pub enum ItemKind {
    /// Something was taken in.
    Intake {
        /// From what.
        source: IntakeSource,
        /// Its name, such as `spinach, raw`.
        name: String,
        /// All that it brought, not per 100 g.
        brings: Nutrients,
    },
    /// A factor of the day was there (amount above zero) or was said not to be (zero).
    Exposure {
        /// Which.
        exposure: Exposure,
        /// In minutes, or 1 and 0 for yes and no; see [`Exposure::in_minutes`].
        amount: f64,
    },
}

/// One thing of the diary.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// When it happened.
    pub at: UtcMicros,
    /// What happened.
    pub kind: ItemKind,
}
