//! Why a file was refused.

/// Why a CSV file was refused; nothing of it is taken then.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CsvError {
    /// Not UTF-8.
    #[error(
        "found {found}, expected UTF-8; save the file again as \"CSV UTF-8\", or convert it: iconv -f {from} -t UTF-8 OLD.csv > NEW.csv"
    )]
    Encoding {
        /// What it looks like.
        found: String,
        /// Its name for iconv.
        from: &'static str,
    },
    /// Nothing in it.
    #[error("found an empty file, expected a line of column names and a line for each entry")]
    Empty,
    /// A column that must be there is not.
    #[error("found the columns {found}, expected {expected}")]
    Columns {
        /// Those that are there.
        found: String,
        /// What is needed.
        expected: &'static str,
    },
    /// The CSV itself is broken, such as a row with fewer fields.
    #[error(
        "line {line}: {detail}; expected as many fields as there are columns, with quotes around one that holds a separator"
    )]
    Broken {
        /// Line number, from 1.
        line: u64,
        /// What was found.
        detail: String,
    },
    /// A value that cannot be read.
    #[error("line {line}, {column}: found {found:?}, expected {expected}")]
    Value {
        /// Line number, from 1.
        line: u64,
        /// The column.
        column: String,
        /// The text.
        found: String,
        /// What is expected.
        expected: String,
    },
}
