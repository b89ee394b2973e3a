//! One entry of the diary: what was taken in, done, felt or noted, as it is stored.

use std::fmt;

use uuid::Uuid;

use super::exposure::Exposure;
use super::item::{IntakeSource, Item, ItemKind};
use super::nutrient::{Nutrient, Nutrients};
use crate::units::UtcMicros;

/// A note longer than this is a text of its own.
pub const MAX_NOTE_CHARS: usize = 1000;
/// A name longer than this is a note.
pub const MAX_NAME_CHARS: usize = 120;

/// An import key that begins so is made of all that the row of the file says: the same key is the same row, whatever
/// became of the foods that it names. Other keys name a thing that may change, such as a day.
pub const CONTENT_KEY: &str = "generic ";

/// What kind of entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// Plain water.
    Water,
    /// A food or a recipe.
    Food,
    /// A drink other than plain water.
    Drink,
    /// A pill, powder or drops.
    Supplement,
    /// Something done or met; the name is the exposure.
    Exposure,
    /// What was tried against a cramp; the name says what.
    Relief,
    /// Words only.
    Note,
}

impl EntryKind {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Water, Self::Food, Self::Drink, Self::Supplement, Self::Exposure, Self::Relief, Self::Note];

    /// The stored form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Water => "water",
            Self::Food => "food",
            Self::Drink => "drink",
            Self::Supplement => "supplement",
            Self::Exposure => "exposure",
            Self::Relief => "relief",
            Self::Note => "note",
        }
    }

    /// Reads the stored form; case does not matter.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(text.trim()))
    }
}

/// What came of a relief.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The cramp ended.
    Worked,
    /// It helped a little.
    Helped,
    /// It did nothing.
    No,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Worked, Self::Helped, Self::No];

    /// The stored form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Worked => "worked",
            Self::Helped => "helped",
            Self::No => "no",
        }
    }

    /// Reads the stored form; case does not matter.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str().eq_ignore_ascii_case(text.trim()))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Worked => "worked",
            Self::Helped => "helped a little",
            Self::No => "did not help",
        })
    }
}

/// One entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// UUID v7.
    pub id: Uuid,
    /// What kind.
    pub kind: EntryKind,
    /// Its name, such as `spinach, raw`, an exposure's stored form, or empty for a note.
    pub name: String,
    /// The number as it was given.
    pub amount: Option<f64>,
    /// The unit as it was given; empty for a count.
    pub unit: Option<String>,
    /// Volume of water and drinks, in ml.
    pub amount_ml: Option<f64>,
    /// What all of it brought; `None` for water (its volume says all) and for what is not taken in.
    pub brings: Option<Nutrients>,
    /// Minutes, or 1 and 0 for yes and no; exposures only.
    pub exposure_amount: Option<f64>,
    /// What came of it; reliefs only.
    pub outcome: Option<Outcome>,
    /// The cramp that it was tried against; reliefs only.
    pub episode_id: Option<Uuid>,
    /// What the person added.
    pub note: Option<String>,
    /// When it happened.
    pub at: UtcMicros,
    /// When it was logged.
    pub logged_at: UtcMicros,
    /// The entry that this one replaces.
    pub edited_from: Option<Uuid>,
    /// Which row of which kind of file it was, so that a file imported twice counts once.
    pub import_key: Option<String>,
}

impl Entry {
    /// A new entry of which only kind, name and time are known.
    pub fn new(kind: EntryKind, name: &str, at: UtcMicros, logged_at: UtcMicros) -> Self {
        Self {
            id: Uuid::now_v7(),
            kind,
            name: name.to_owned(),
            amount: None,
            unit: None,
            amount_ml: None,
            brings: None,
            exposure_amount: None,
            outcome: None,
            episode_id: None,
            note: None,
            at,
            logged_at,
            edited_from: None,
            import_key: None,
        }
    }

    /// An exposure; `amount` in minutes, or 1 and 0 for yes and no.
    pub fn of_exposure(exposure: Exposure, amount: f64, at: UtcMicros, logged_at: UtcMicros) -> Self {
        Self { exposure_amount: Some(amount), ..Self::new(EntryKind::Exposure, exposure.as_str(), at, logged_at) }
    }

    /// All that was taken in with it; `None` if it is nothing that is taken in.
    pub fn nutrients(&self) -> Option<Nutrients> {
        nutrients_of(self.kind, self.amount_ml, self.brings)
    }

    /// The form that the advice reads; `None` for reliefs and notes.
    pub fn item(&self) -> Option<Item> {
        item_of(self.kind, &self.name, self.at, self.nutrients(), self.exposure_amount)
    }

    /// The amount as it was given, such as `250 ml` or `45 min`; empty without one.
    pub fn amount_text(&self) -> String {
        let (Some(value), unit) = (self.amount, self.unit.as_deref().unwrap_or_default()) else {
            return match self.exposure_amount {
                Some(0.0) => "no".to_owned(),
                // A yes without a length counts as one minute, but nobody said so.
                Some(_) if Exposure::parse(&self.name).is_some_and(Exposure::in_minutes) => "yes".to_owned(),
                _ => String::new(),
            };
        };
        if unit.is_empty() { value.to_string() } else { format!("{value} {unit}") }
    }
}

/// What an entry of that kind brought, out of what is stored.
pub(crate) fn nutrients_of(kind: EntryKind, amount_ml: Option<f64>, brings: Option<Nutrients>) -> Option<Nutrients> {
    match kind {
        EntryKind::Water => Some(Nutrients::none_of_any().with(Nutrient::Water, amount_ml)),
        EntryKind::Food | EntryKind::Drink | EntryKind::Supplement => Some(brings.unwrap_or_default()),
        EntryKind::Exposure | EntryKind::Relief | EntryKind::Note => None,
    }
}

/// An item out of what is stored; `None` for reliefs, notes, and exposures that this version does not know.
pub(crate) fn item_of(
    kind: EntryKind,
    name: &str,
    at: UtcMicros,
    nutrients: Option<Nutrients>,
    exposure_amount: Option<f64>,
) -> Option<Item> {
    let source = match kind {
        EntryKind::Water => IntakeSource::Water,
        EntryKind::Food => IntakeSource::Food,
        EntryKind::Drink => IntakeSource::Drink,
        EntryKind::Supplement => IntakeSource::Supplement,
        EntryKind::Exposure => {
            let (exposure, amount) = (Exposure::parse(name)?, exposure_amount?);
            return Some(Item { at, kind: ItemKind::Exposure { exposure, amount } });
        }
        EntryKind::Relief | EntryKind::Note => return None,
    };
    let brings = nutrients.unwrap_or_default();
    Some(Item { at, kind: ItemKind::Intake { source, name: name.to_owned(), brings } })
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: UtcMicros = UtcMicros(1_763_777_643_000_000);

    #[test]
    fn water_brings_its_volume_and_nothing_else_and_that_is_known() {
        let water = Entry { amount_ml: Some(250.0), ..Entry::new(EntryKind::Water, "water", AT, AT) };
        let brings = water.nutrients().unwrap();
        assert_eq!((brings.get(Nutrient::Water), brings.get(Nutrient::Magnesium)), (Some(250.0), Some(0.0)));
    }

    #[test]
    fn a_food_of_which_nothing_is_known_brings_unknown_amounts_not_zero() {
        let food = Entry::new(EntryKind::Food, "soup", AT, AT);
        assert_eq!(food.nutrients().unwrap().get(Nutrient::Magnesium), None);
    }

    #[test]
    fn exposures_become_items_and_notes_do_not() {
        let stretch = Entry::of_exposure(Exposure::Stretch, 3.0, AT, AT);
        let kind = ItemKind::Exposure { exposure: Exposure::Stretch, amount: 3.0 };
        assert_eq!(stretch.item(), Some(Item { at: AT, kind }));
        assert_eq!(stretch.amount_text(), "yes");
        let given = Entry { amount: Some(3.0), unit: Some("min".to_owned()), ..stretch };
        assert_eq!(given.amount_text(), "3 min");
        assert_eq!(Entry::of_exposure(Exposure::Heat, 0.0, AT, AT).amount_text(), "no");
        assert_eq!(Entry::new(EntryKind::Note, "", AT, AT).item(), None);
    }

    #[test]
    fn every_kind_and_outcome_is_read_back() {
        for kind in EntryKind::ALL {
            assert_eq!(EntryKind::parse(kind.as_str()), Some(kind));
        }
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::parse(outcome.as_str()), Some(outcome));
        }
    }
}
