//! A call that failed: its class, by which is decided, and its words, which are logged.

use super::ErrorClass;

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) class: ErrorClass,
    pub(super) text: String,
}

impl Failure {
    pub(super) fn new(class: ErrorClass, text: impl Into<String>) -> Self {
        Self { class, text: text.into() }
    }

    pub(super) fn timeout() -> Self {
        Self::new(ErrorClass::Timeout, "no answer within the time limit")
    }
}

impl From<btleplug::Error> for Failure {
    fn from(error: btleplug::Error) -> Self {
        Self::new(ErrorClass::of(&error), error.to_string())
    }
}

impl From<dbus::Error> for Failure {
    fn from(error: dbus::Error) -> Self {
        Self::new(ErrorClass::of_text(&format!("{error:?}")), error.to_string())
    }
}
