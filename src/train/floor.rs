//! Figures that a model may not fall below without somebody changing the table: the regression gate of `./check`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Figures, TrainError};

/// A stored table: names are those of the fields of [`Figures`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Floor {
    /// The command whose figures these are.
    pub command: String,
    /// Figures that must be at least this.
    pub least: BTreeMap<String, f64>,
    /// Figures that must be at most this.
    pub most: BTreeMap<String, f64>,
}

/// A figure on the wrong side of its limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Breach {
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
        write!(formatter, "{} is {:.3}, expected at {side} {:.3}", self.figure, self.found, self.limit)
    }
}

impl Floor {
    /// Reads a table.
    ///
    /// # Errors
    /// [`TrainError::Material`] when the text is no such table.
    pub fn from_json(text: &str) -> Result<Self, TrainError> {
        let no_table =
            |error| TrainError::Material(format!("no table of floors: {error}; expected command, least, most"));
        serde_json::from_str(text).map_err(no_table)
    }

    /// Which figures are on the wrong side.
    ///
    /// # Errors
    /// [`TrainError::Material`] when the table names a figure that there is not.
    pub fn breaches(&self, figures: &Figures) -> Result<Vec<Breach>, TrainError> {
        let all = serde_json::to_value(figures).unwrap_or_default();
        let mut breaches = Vec::new();
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
                    breaches.push(Breach { figure: name.clone(), found, limit: *limit, is_least });
                }
            }
        }
        Ok(breaches)
    }
}

#[cfg(test)]
mod tests {
    use super::super::NightScore;
    use super::*;

    fn floor(least: f64, most: f64) -> Floor {
        let table = |name: &str, value| BTreeMap::from([(name.to_owned(), value)]);
        Floor { command: String::new(), least: table("sensitivity", least), most: table("false_alarms_per_8h", most) }
    }

    #[test]
    fn figures_at_the_limit_pass_and_those_beyond_are_named() {
        let night = NightScore { cramps: 4, found: 3, false_alarms: 1, valid_s: 28_800.0, ..NightScore::default() };
        let figures = Figures::of(&[(0, &night)], 1);
        assert_eq!(floor(0.75, 1.0).breaches(&figures).unwrap(), []);
        let breaches = floor(0.8, 0.9).breaches(&figures).unwrap();
        assert_eq!(breaches.len(), 2);
        assert_eq!(breaches[0].to_string(), "sensitivity is 0.750, expected at least 0.800");
    }

    #[test]
    fn nothing_to_count_is_no_pass_and_an_unknown_figure_is_refused() {
        let figures = Figures::of(&[(0, &NightScore::default())], 1);
        assert_eq!(floor(0.5, 1.0).breaches(&figures).unwrap().len(), 2);
        let strange = Floor { least: BTreeMap::from([("beauty".to_owned(), 1.0)]), ..floor(0.5, 1.0) };
        assert!(strange.breaches(&figures).is_err());
    }
}
