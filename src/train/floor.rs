//! Figures that a model may not fall below without somebody changing the table: the regression gate of `./check`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Evaluation, Figures, TrainError};

/// A stored table: limits by what the figures were measured on, which is `with acceleration`, `EMG alone`, or an EMG rate
/// with acceleration such as `250 Hz`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Floor {
    /// The command whose figures these are.
    pub command: String,
    /// Limits.
    #[serde(flatten)]
    pub limits: BTreeMap<String, Limits>,
}

/// Limits of figures; names are those of the fields of [`Figures`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Figures that must be at least this.
    pub least: BTreeMap<String, f64>,
    /// Figures that must be at most this.
    pub most: BTreeMap<String, f64>,
}

/// A figure on the wrong side of its limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Breach {
    /// What it was measured on.
    pub of: String,
    /// Its name.
    pub figure: String,
    /// What was found; not finite where nothing could be counted.
    pub found: f64,
    /// What the table asks for.
    pub limit: f64,
    /// Whether the limit is a least value.
    pub is_least: bool,
}

impl std::fmt::Display for Breach {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let side = if self.is_least { "least" } else { "most" };
        write!(formatter, "{}: {} is {:.3}, expected at {side} {:.3}", self.of, self.figure, self.found, self.limit)
    }
}

impl Floor {
    /// Reads a table.
    ///
    /// # Errors
    /// [`TrainError::Material`] when the text is no such table.
    pub fn from_json(text: &str) -> Result<Self, TrainError> {
        let no_table = |error| {
            TrainError::Material(format!(
                "no table of floors: {error}; expected `command`, and `with acceleration` with `least` and `most`"
            ))
        };
        serde_json::from_str(text).map_err(no_table)
    }

    /// Which figures are on the wrong side.
    ///
    /// # Errors
    /// [`TrainError::Material`] when the table names a figure that there is not.
    pub fn breaches(&self, evaluation: &Evaluation) -> Result<Vec<Breach>, TrainError> {
        let mut there_are = vec![
            ("with acceleration".to_owned(), &evaluation.with_motion),
            ("EMG alone".to_owned(), &evaluation.without_motion),
        ];
        there_are.extend(evaluation.by_rate.iter().map(|(rate_hz, figures)| (format!("{rate_hz} Hz"), figures)));
        let mut breaches = Vec::new();
        for (of, limits) in &self.limits {
            let Some((_, figures)) = there_are.iter().find(|(name, _)| name == of) else {
                let names: Vec<String> = there_are.iter().map(|(name, _)| format!("`{name}`")).collect();
                return Err(TrainError::Material(format!(
                    "the table names figures of `{of}`, which there is not; expected {}",
                    names.join(", ")
                )));
            };
            limits.check(of, figures, &mut breaches)?;
        }
        Ok(breaches)
    }
}

impl Limits {
    fn check(&self, of: &str, figures: &Figures, breaches: &mut Vec<Breach>) -> Result<(), TrainError> {
        let all = serde_json::to_value(figures).unwrap_or_default();
        for (is_least, limits) in [(true, &self.least), (false, &self.most)] {
            for (name, limit) in limits {
                let Some(figure) = all.get(name) else {
                    return Err(TrainError::Material(format!(
                        "the table names the figure `{name}`, which there is not; expected names such as `sensitivity`"
                    )));
                };
                // An interval without a value is null in JSON: nothing could be counted, which is no pass.
                let found = figure.get("value").and_then(serde_json::Value::as_f64).unwrap_or(f64::NAN);
                let holds = if is_least { found >= *limit } else { found <= *limit };
                if !holds {
                    breaches.push(Breach { of: of.to_owned(), figure: name.clone(), found, limit: *limit, is_least });
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::NightScore;
    use super::*;

    fn limits(least: f64, most: f64) -> Limits {
        let table = |name: &str, value| BTreeMap::from([(name.to_owned(), value)]);
        Limits { least: table("sensitivity", least), most: table("false_alarms_per_8h", most) }
    }

    fn breaches(limits: &Limits, night: &NightScore) -> Result<Vec<Breach>, TrainError> {
        let mut breaches = Vec::new();
        limits.check("500 Hz", &Figures::of(&[(0, night)], 1), &mut breaches)?;
        Ok(breaches)
    }

    #[test]
    fn figures_at_the_limit_pass_and_those_beyond_are_named() {
        let night = NightScore { cramps: 4, found: 3, false_alarms: 1, valid_s: 28_800.0, ..NightScore::default() };
        assert_eq!(breaches(&limits(0.75, 1.0), &night).unwrap(), []);
        let breaches = breaches(&limits(0.8, 0.9), &night).unwrap();
        assert_eq!(breaches.len(), 2);
        assert_eq!(breaches[0].to_string(), "500 Hz: sensitivity is 0.750, expected at least 0.800");
    }

    #[test]
    fn nothing_to_count_is_no_pass_and_an_unknown_figure_is_refused() {
        assert_eq!(breaches(&limits(0.5, 1.0), &NightScore::default()).unwrap().len(), 2);
        let strange = Limits { least: BTreeMap::from([("beauty".to_owned(), 1.0)]), ..Limits::default() };
        assert!(breaches(&strange, &NightScore::default()).is_err());
    }
}
