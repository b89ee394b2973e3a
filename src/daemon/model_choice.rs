//! Which model the daemon uses: the one the configuration names, else the one promoted for this leg, else the built-in one.

use std::fmt;
use std::path::{Path, PathBuf};

use tracing::warn;

use super::DaemonError;
use crate::config::Config;
use crate::detect::Model;

/// Where the model in use comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelOrigin {
    /// `model.path` of the configuration.
    Configured(PathBuf),
    /// `crampwatch train --personal --promote` put it there.
    Promoted(PathBuf),
    /// Compiled in.
    BuiltIn,
}

impl fmt::Display for ModelOrigin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configured(path) => write!(formatter, "{}, as model.path says", path.display()),
            Self::Promoted(path) => write!(formatter, "{}, promoted for this leg", path.display()),
            Self::BuiltIn => formatter.write_str("built in"),
        }
    }
}

/// Folder of the model promoted for a leg, such as `models/active/me_left` in the data folder.
pub fn promoted_folder(data_dir: &Path, leg: &str) -> PathBuf {
    data_dir.join("models").join("active").join(leg)
}

/// The model that this configuration leads to, with its own thresholds.
///
/// # Errors
/// When `model.path` cannot be read or used. A promoted model that cannot be used, as after an update of the program, must
/// not leave the leg unwatched: it is warned of, and the built-in one is taken.
pub fn model_in_use(config: &Config) -> Result<(Model, ModelOrigin), DaemonError> {
    if let Some(path) = &config.model.path {
        let path = if path.is_dir() { path.join("model.json") } else { path.clone() };
        return Ok((read(&path)?, ModelOrigin::Configured(path)));
    }
    let leg = config.leg.side.leg_name(&config.person.id);
    let path = promoted_folder(&config.storage.data_dir, &leg).join("model.json");
    if path.exists() {
        match read(&path) {
            Ok(model) => return Ok((model, ModelOrigin::Promoted(path))),
            Err(error) => warn!(
                path = %path.display(), %error,
                "The promoted model cannot be used; the built-in one is. Make it again with crampwatch train --personal --promote."
            ),
        }
    }
    Ok((Model::built_in()?, ModelOrigin::BuiltIn))
}

fn read(path: &Path) -> Result<Model, DaemonError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| DaemonError::ModelFile { path: path.to_owned(), source })?;
    Ok(Model::from_json(&text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(data_dir: &Path) -> Config {
        let mut config = Config::default();
        config.storage.data_dir = data_dir.to_owned();
        config
    }

    #[test]
    fn the_configured_model_goes_before_the_promoted_one_and_that_before_the_built_in_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = config(folder.path());
        assert_eq!(model_in_use(&config).unwrap().1, ModelOrigin::BuiltIn);
        let active = promoted_folder(folder.path(), "me_left");
        std::fs::create_dir_all(&active).unwrap();
        let mine = Model { id: "mine".to_owned(), ..Model::built_in().unwrap() };
        std::fs::write(active.join("model.json"), mine.to_json().unwrap()).unwrap();
        let (model, origin) = model_in_use(&config).unwrap();
        assert_eq!((model.id.as_str(), origin), ("mine", ModelOrigin::Promoted(active.join("model.json"))));
        let other = folder.path().join("other.json");
        std::fs::write(&other, Model::built_in().unwrap().to_json().unwrap()).unwrap();
        config.model.path = Some(other.clone());
        assert_eq!(model_in_use(&config).unwrap().1, ModelOrigin::Configured(other));
    }

    #[test]
    fn a_damaged_promoted_model_leaves_the_built_in_one_but_a_damaged_configured_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = config(folder.path());
        let active = promoted_folder(folder.path(), "me_left");
        std::fs::create_dir_all(&active).unwrap();
        std::fs::write(active.join("model.json"), "{}").unwrap();
        assert_eq!(model_in_use(&config).unwrap().1, ModelOrigin::BuiltIn);
        config.model.path = Some(active);
        assert!(matches!(model_in_use(&config), Err(DaemonError::Detect(_))));
    }
}
