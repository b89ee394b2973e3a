//! Our own streaming EDF and EDF+C reader and writer, 16 bit. It must never hold more than one record (and a read
//! buffer) and never trust a number of a header before it is checked.
//! Source of the format: Kemp et al. 1992 (EDF) and Kemp & Olivan 2003 (EDF+), edfplus.info.

mod annotation;
mod duration;
mod encode;
mod error;
mod field;
mod header;
mod reader;
mod repair;
#[cfg(test)]
mod test_files;
mod writer;

pub use annotation::{Annotation, GAP_TEXT, LEAD_OFF_TEXT, MARKER_TEXT};
pub use duration::RecordDuration;
pub use encode::EdfSetup;
pub(super) use encode::exact_scale;
pub use error::EdfError;
pub use header::{EdfHeader, EdfKind, EdfSignal};
pub use reader::{EdfReader, Record};
pub use repair::{Repaired, repair};
pub use writer::EdfWriter;
