//! How bad a cramp was, from its level and its length.

use serde::{Deserialize, Serialize};

/// Three steps, as on every wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Weak or short.
    Mild,
    /// In between.
    Moderate,
    /// Strong and not short, or long and not weak.
    Severe,
}

impl Severity {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mild => "mild",
            Self::Moderate => "moderate",
            Self::Severe => "severe",
        }
    }
}

impl std::fmt::Display for Severity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Severity from the strongest second's RMS over the quiet level (`peak_ratio`), its share of the person's MVC where
/// a calibration knows it (0 to 1), and how long it has lasted. No source gives limits for spontaneous cramps: level
/// steps follow the 10 to 60 % MVC working range, lengths the 15 s to 5 min of evidence 1.2; both are judgement.
pub fn severity(peak_ratio: f64, share_of_mvc: Option<f64>, duration_s: f64) -> Severity {
    let step = |value: f64, first: f64, second: f64| u8::from(value >= first) + u8::from(value >= second);
    let level = share_of_mvc.map_or_else(|| step(peak_ratio, 6.0, 20.0), |share| step(share, 0.15, 0.4));
    match level + step(duration_s, 30.0, 120.0) {
        0 | 1 => Severity::Mild,
        2 => Severity::Moderate,
        _ => Severity::Severe,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn level_and_length_both_count() {
        assert_eq!(severity(4.0, None, 20.0), Severity::Mild);
        assert_eq!(severity(30.0, None, 10.0), Severity::Moderate);
        assert_eq!(severity(30.0, None, 60.0), Severity::Severe);
        assert_eq!(severity(30.0, Some(0.1), 60.0), Severity::Mild);
    }
}
