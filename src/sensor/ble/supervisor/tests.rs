//! The rows of the table of known troubles, as sentences.
