//! What is wrong with a configuration, where, and what to do.

use std::ops::Range;
use std::path::{Path, PathBuf};

/// Why a configuration was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}: {source}; {remedy}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
        /// What to do.
        remedy: &'static str,
    },
    /// A place in the file is wrong.
    #[error("{}:{line}:{column}: found {found}, expected {expected}; {remedy}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// What stands there.
        found: String,
        /// What should stand there.
        expected: String,
        /// What to do.
        remedy: String,
    },
    /// An environment variable is wrong. Its value is not shown.
    #[error("the environment variable {variable} is {found}, expected {expected}; {remedy}")]
    Environment {
        /// Its name.
        variable: &'static str,
        /// What is wrong with it.
        found: &'static str,
        /// What was expected.
        expected: &'static str,
        /// What to do.
        remedy: &'static str,
    },
}

impl ConfigError {
    /// An error at a span of `text`, in bytes.
    pub(crate) fn at(
        path: &Path,
        text: &str,
        span: &Range<usize>,
        found: impl Into<String>,
        expected: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let (line, column) = position(text, span.start);
        let (found, expected, remedy) = (found.into(), expected.into(), remedy.into());
        Self::Invalid { path: path.to_owned(), line, column, found, expected, remedy }
    }
}

/// Line and column, both from 1, the column in characters.
pub(crate) fn position(text: &str, offset: usize) -> (usize, usize) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}
