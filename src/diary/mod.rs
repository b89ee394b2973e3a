//! What was drunk, eaten and done. It must never guess an amount.

mod amount;
mod drinks;
mod exposure;
mod foods;
mod intake;
mod item;
mod nutrient;
mod own_food;
mod quantity;
mod supplements;
mod totals;
mod when;

pub use amount::{Amount, AmountError, Measures, Unit, parse_amount};
pub use drinks::{Drink, DrinkError, alcohol_g, drinks, find_drink, parse_abv_percent, suggest_drinks};
pub use exposure::Exposure;
pub use foods::{Food, Foods, Hit, Portion};
pub use intake::{Intake, IntakeError, IntakeKind};
pub use item::{IntakeSource, Item, ItemKind};
pub use nutrient::{Nutrient, Nutrients};
pub use own_food::{Ingredient, OwnFood, OwnFoodError, OwnPortion, Recipe};
pub use quantity::{Given, Quantity, QuantityError, parse_quantity};
pub use supplements::{Meaning, Supplement, SupplementError};
pub use totals::{Total, Totals, totals};
pub use when::{WhenError, parse_when};
