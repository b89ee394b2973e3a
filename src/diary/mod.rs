//! What was drunk, eaten and done. It must never guess an amount.

mod amount;
mod entry;
mod exposure;
mod foods;
mod intake;
mod item;
mod nutrient;
mod quantity;
mod when;

pub use amount::{Amount, AmountError, Measures, Unit, parse_amount};
pub use entry::{Entry, EntryKind, MAX_NAME_CHARS, MAX_NOTE_CHARS, Outcome};
pub(crate) use entry::item_of;
pub use exposure::Exposure;
pub use foods::{Food, Foods, Hit, Portion};
pub use intake::{Intake, IntakeError, IntakeKind};
pub use item::{IntakeSource, Item, ItemKind};
pub use nutrient::{Nutrient, Nutrients};
pub use quantity::{Given, Quantity, QuantityError, parse_quantity};
pub use when::{WhenError, parse_when};
