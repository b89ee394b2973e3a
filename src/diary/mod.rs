//! What was drunk, eaten and done. It must never guess an amount.

mod amount;
mod day;
mod intake;
mod when;

pub use amount::{Amount, AmountError, Measures, Unit, parse_amount};
pub use day::{DIARY_DAY_STARTS_AT_HOUR, diary_day, diary_day_span};
pub use intake::{Intake, IntakeError, IntakeKind};
pub use when::{WhenError, parse_when};
