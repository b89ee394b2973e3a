//! Why a profile cannot be used: which key, where it stands, what was found, what was expected, what to do.

use toml::de::{DeTable, DeValue};

/// A profile that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Not TOML, an unknown or a missing key, a value of another type.
    #[error("sensor profile cannot be read: {source}; the keys stand in firmware-config/README.md")]
    Parse {
        /// Line, column and what was expected.
        #[from]
        source: toml::de::Error,
    },
    /// A value that no sensor of this kind can have.
    #[error("sensor profile {name:?}, line {line}, column {column}: {key} is {found}, expected {expected}; {remedy}")]
    Invalid {
        /// Name of the profile.
        name: Box<str>,
        /// Line of the key, or of the table that lacks it, from 1.
        line: usize,
        /// Column of it, from 1.
        column: usize,
        /// Key with its table.
        key: Box<str>,
        /// What stands there.
        found: Box<str>,
        /// What may stand there.
        expected: Box<str>,
        /// What to do.
        remedy: &'static str,
    },
    /// No profile of this name is compiled in.
    #[error("no built-in sensor profile {found:?}, expected one of {expected}; or give the path of a profile")]
    Unknown {
        /// The name asked for.
        found: String,
        /// All names.
        expected: String,
    },
}

/// A value that breaks a rule, before its place in the text is known.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) key: String,
    pub(super) found: String,
    pub(super) expected: String,
    pub(super) remedy: &'static str,
}

impl Fault {
    #[expect(clippy::needless_pass_by_value, reason = "numbers are passed as they are")]
    pub(super) fn new(key: impl Into<String>, found: impl ToString, expected: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            found: found.to_string(),
            expected: expected.into(),
            remedy: "correct it in the profile",
        }
    }

    pub(super) fn remedy(self, remedy: &'static str) -> Self {
        Self { remedy, ..self }
    }

    /// The error, with the place of its key in `text`.
    pub(super) fn at(self, name: &str, text: &str) -> ProfileError {
        let before = &text[..offset_of(text, &self.key).min(text.len())];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        let Self { key, found, expected, remedy } = self;
        ProfileError::Invalid {
            name: name.into(),
            line,
            column,
            key: key.into(),
            found: found.into(),
            expected: expected.into(),
            remedy,
        }
    }
}

/// Byte at which the value of `key`, such as `frame[0].emg.at`, begins; for a key that is not there, its nearest parent.
fn offset_of(text: &str, key: &str) -> usize {
    let Ok(table) = DeTable::parse(text) else { return 0 };
    let mut offset = 0;
    let mut value: Option<&DeValue<'_>> = None;
    for part in key.split(['.', '[']).map(|part| part.trim_end_matches(']')) {
        let next = match (value, part.parse::<usize>()) {
            (Some(DeValue::Array(array)), Ok(index)) => array.get(index),
            (Some(DeValue::Table(inner)), _) => inner.get(part),
            (None, _) if offset == 0 => table.get_ref().get(part),
            _ => None,
        };
        let Some(next) = next else { break };
        offset = next.span().start;
        value = Some(next.get_ref());
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_in_the_text_and_a_missing_one_by_its_table() {
        let text = "a = 1\n[[frame]]\nbytes = 2\n[frame.emg]\nat = 3\n";
        assert_eq!(&text[offset_of(text, "frame[0].emg.at")..][..1], "3");
        assert_eq!(&text[offset_of(text, "frame[0].emg.type")..][..5], "[fram");
        assert_eq!(offset_of(text, "nothing.here"), 0);
        let error = Fault::new("frame[0].bytes", 2, "3").at("it", text).to_string();
        assert!(error.contains("line 3, column 9: frame[0].bytes is 2, expected 3;"), "{error}");
    }
}
