//! What was drunk, eaten and done. It must never guess an amount.

mod amount;
mod check_in;
mod csv_files;
mod drinks;
mod entry;
mod exposure;
mod foods;
mod intake;
mod item;
mod limits;
mod nutrient;
mod own_food;
mod phrase;
mod quantity;
mod supplements;
mod taken;
mod taken_food;
mod totals;
mod when;

pub use amount::{Amount, AmountError, Measures, Unit, parse_amount};
pub use check_in::{ALCOHOL_NOT_SAID, Answer, NO_ALCOHOL, Question, speaks_of_alcohol_only};
pub use csv_files::{
    CsvError, GenericRow, Table, is_cronometer, nutrient_column, read_cronometer, read_generic, read_table,
    write_generic,
};
pub use drinks::{Drink, DrinkError, alcohol_g, drinks, find_drink, parse_abv_percent, suggest_drinks};
pub use entry::{CONTENT_KEY, Entry, EntryKind, MAX_NAME_CHARS, MAX_NOTE_CHARS, Outcome};
pub(crate) use entry::{item_of, nutrients_of};
pub use exposure::Exposure;
pub use foods::{Everyday, Food, Foods, Hit, Portion};
pub use intake::{Intake, IntakeError, IntakeKind};
pub use item::{IntakeSource, Item, ItemKind};
pub use limits::{LimitError, check_limits, most_in_one_entry};
pub use nutrient::{Nutrient, Nutrients};
pub use own_food::{Ingredient, OwnFood, OwnFoodError, OwnPortion, Recipe};
pub use phrase::{Phrase, split_phrase};
pub use quantity::{Given, Quantity, QuantityError, parse_quantity};
pub use supplements::{Meaning, Supplement, SupplementError};
pub use taken::{Taken, TakenError, take_drink, take_supplement};
pub use taken_food::take_food;
pub use totals::{Total, Totals, totals};
pub use when::{WhenError, parse_when};
