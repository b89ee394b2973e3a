//! What was drunk, eaten and done. It must never guess an amount.

mod amount;
mod check_in;
mod csv_files;
mod entry;
mod exposure;
mod foods;
mod intake;
mod item;
mod nutrient;
mod phrase;
mod quantity;
mod taken;
mod when;

pub use amount::{Amount, AmountError, Measures, Unit, parse_amount};
pub use check_in::{Answer, Question};
pub use csv_files::{
    CsvError, GenericRow, Table, is_cronometer, nutrient_column, read_cronometer, read_generic, read_table, write_generic,
};
pub use entry::{Entry, EntryKind, MAX_NAME_CHARS, MAX_NOTE_CHARS, Outcome};
pub(crate) use entry::item_of;
pub use exposure::Exposure;
pub use foods::{Food, Foods, Hit, Portion};
pub use intake::{Intake, IntakeError, IntakeKind};
pub use item::{IntakeSource, Item, ItemKind};
pub use nutrient::{Nutrient, Nutrients};
pub use phrase::{Phrase, split_phrase};
pub use quantity::{Given, Quantity, QuantityError, parse_quantity};
pub use taken::{Taken, TakenError, take_food};
pub use when::{WhenError, parse_when};
