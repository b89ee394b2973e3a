//! A trained model as a file: JSON with a format number and the hash of its content.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::{Classifier, DetectError, Thresholds};
use crate::signal::{FEATURE_SET, FeatureRow, feature_names};

/// Version of the model file that this program reads and writes.
pub const MODEL_FORMAT: u64 = 2;

/// The model that is compiled in.
const DEFAULT_MODEL: &str = include_str!("../../models/trees-6/model.json");

/// A trained detector: two classifiers (with and without acceleration) and the thresholds of the episode machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Name, such as `trees-6`; a new one for each new card.
    pub id: String,
    /// The feature set it was trained on.
    pub feature_set: String,
    /// For streams with acceleration.
    pub with_motion: Classifier,
    /// For streams without: a trained case, not zeros.
    pub without_motion: Classifier,
    /// When an episode begins and ends.
    pub thresholds: Thresholds,
    /// SHA-256 of the content, as hexadecimal digits. Not part of the content.
    #[serde(skip)]
    pub sha256: String,
}

/// The file around a model, whose text is kept for its hash.
#[derive(Deserialize)]
struct ModelFile<'text> {
    format: Option<u64>,
    sha256: Option<String>,
    #[serde(borrow)]
    model: Option<&'text RawValue>,
}

impl Model {
    /// The compiled-in model.
    ///
    /// # Errors
    /// Only if the program was built with a damaged model; a test reads it.
    pub fn built_in() -> Result<Self, DetectError> {
        Self::from_json(DEFAULT_MODEL)
    }

    /// Reads and checks a model file.
    ///
    /// # Errors
    /// When it is not a model, of another format or feature set, changed since it was written, or not sound.
    pub fn from_json(text: &str) -> Result<Self, DetectError> {
        let file: ModelFile<'_> = serde_json::from_str(text).map_err(|error| of_json(&error))?;
        let (Some(format), Some(sha256), Some(content)) = (file.format, file.sha256, file.model) else {
            let what = "`format`, `sha256` or `model` is missing".to_owned();
            return Err(DetectError::Unsound { what });
        };
        if format != MODEL_FORMAT {
            return Err(DetectError::Format { found: format, expected: MODEL_FORMAT });
        }
        // The text as it stands is nearly always in the form that is hashed; only then is it worth the time to bring it there.
        let mut expected = hash(content.get());
        if sha256 != expected {
            let value: serde_json::Value = serde_json::from_str(content.get()).map_err(|error| of_json(&error))?;
            expected = hash(&value.to_string());
        }
        if sha256 != expected {
            return Err(DetectError::Hash { found: sha256, expected });
        }
        let mut model: Self =
            serde_json::from_str(content.get()).map_err(|error| DetectError::Unsound { what: error.to_string() })?;
        model.sha256 = expected;
        model.check()?;
        Ok(model)
    }

    /// The text of the model's file.
    ///
    /// # Errors
    /// When the model is not sound.
    pub fn to_json(&self) -> Result<String, DetectError> {
        self.check()?;
        let unsound = |error: serde_json::Error| DetectError::Unsound { what: error.to_string() };
        // By way of text, where a 32-bit number is as short as it can be; by way of a value, where keys are sorted.
        let text = serde_json::to_string(self).map_err(unsound)?;
        let content: serde_json::Value = serde_json::from_str(&text).map_err(unsound)?;
        let file =
            serde_json::json!({ "format": MODEL_FORMAT, "sha256": hash(&content.to_string()), "model": content });
        serde_json::to_string(&file).map(|text| text + "\n").map_err(unsound)
    }

    /// The same model with another probability from which a cramp is suspected, as a person may set it.
    ///
    /// # Errors
    /// When it does not lie between the model's exit probability and 1.
    pub fn with_suspect_probability(mut self, suspect_probability: f64) -> Result<Self, DetectError> {
        let exit = self.thresholds.exit_probability;
        if !(suspect_probability > exit && suspect_probability < 1.0) {
            return Err(DetectError::SuspectProbability { found: suspect_probability, exit });
        }
        self.thresholds.suspect_probability = suspect_probability;
        Ok(self)
    }

    /// The part for streams with (or without) acceleration.
    pub fn part(&self, with_motion: bool) -> &Classifier {
        if with_motion { &self.with_motion } else { &self.without_motion }
    }

    fn check(&self) -> Result<(), DetectError> {
        if self.feature_set != FEATURE_SET {
            return Err(DetectError::FeatureSet { found: self.feature_set.clone(), expected: FEATURE_SET });
        }
        self.with_motion.check(feature_names())?;
        self.without_motion.check(&feature_names()[..FeatureRow::n_without_motion()])?;
        self.thresholds.check()
    }
}

/// SHA-256 of a model's compact JSON with sorted keys (serde_json's map is sorted; numbers round-trip exactly).
fn hash(content: &str) -> String {
    let digest = Sha256::digest(content.as_bytes());
    digest.iter().fold(String::with_capacity(64), |text, byte| text + &format!("{byte:02x}"))
}

fn of_json(error: &serde_json::Error) -> DetectError {
    if error.is_data() {
        return DetectError::Unsound { what: error.to_string() };
    }
    DetectError::Syntax { message: error.to_string(), line: error.line(), column: error.column() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_model_is_sound_and_survives_a_round_trip() {
        let model = Model::built_in().unwrap();
        assert_eq!(Model::from_json(&model.to_json().unwrap()).unwrap(), model);
    }

    #[test]
    fn a_changed_number_is_noticed() {
        let mut value: serde_json::Value = serde_json::from_str(DEFAULT_MODEL).unwrap();
        value["model"]["with_motion"]["platt"]["slope"] = 0.123.into();
        assert!(matches!(Model::from_json(&value.to_string()), Err(DetectError::Hash { .. })));
    }

    #[test]
    fn blanks_and_the_order_of_keys_change_no_model() {
        let value: serde_json::Value = serde_json::from_str(DEFAULT_MODEL).unwrap();
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        assert_eq!(Model::from_json(&pretty).unwrap(), Model::built_in().unwrap());
    }

    #[test]
    fn another_version_or_feature_set_is_refused_with_its_number() {
        let mut value: serde_json::Value = serde_json::from_str(DEFAULT_MODEL).unwrap();
        value["format"] = 7.into();
        assert!(matches!(Model::from_json(&value.to_string()), Err(DetectError::Format { found: 7, .. })));
        let mut model = Model::built_in().unwrap();
        model.feature_set = "other".to_owned();
        assert!(matches!(model.to_json(), Err(DetectError::FeatureSet { .. })));
    }

    #[test]
    fn a_person_may_move_suspicion_but_not_below_the_end_of_an_episode() {
        let exit = Model::built_in().unwrap().thresholds.exit_probability;
        let moved = Model::built_in().unwrap().with_suspect_probability(0.9).unwrap();
        assert_eq!(moved.thresholds.suspect_probability, 0.9);
        let refused = Model::built_in().unwrap().with_suspect_probability(exit).unwrap_err().to_string();
        assert!(refused.contains("detection.enter_probability"), "{refused}");
    }

    #[test]
    fn text_that_is_no_model_is_refused_with_its_place() {
        assert!(matches!(Model::from_json("{\n  oops"), Err(DetectError::Syntax { line: 2, .. })));
        assert!(matches!(Model::from_json("{}"), Err(DetectError::Unsound { .. })));
    }
}
