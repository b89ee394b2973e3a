//! What was drunk, eaten and done. It must never guess an amount.

mod amount;
mod intake;
mod when;

pub use amount::{Amount, AmountError, Measures, Unit, parse_amount};
pub use intake::{Intake, IntakeError, IntakeKind};
pub use when::{WhenError, parse_when};
