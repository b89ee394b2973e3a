//! CSV files of a diary: Cronometer's daily export, and a plain form of our own. It must never take half a file.

mod cronometer;
mod error;
mod generic;
mod table;

pub use cronometer::{is_cronometer, read_cronometer};
pub use error::CsvError;
pub use generic::{GenericRow, nutrient_column, read_generic, write_generic};
pub use table::{Table, read_table};

#[cfg(test)]
mod tests;
