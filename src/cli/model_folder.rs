//! A folder that holds a model and its card: a model that stands there is never replaced by another.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::{UsageError, output};
use crate::detect::Model;

/// What became of a model that was to be written.
#[derive(Debug)]
pub(super) enum Placed {
    /// Written.
    New,
    /// It stood there already, the same to the last bit.
    Same,
    /// Another one stands there; untouched.
    Other,
}

/// The model file in `folder`.
pub(super) fn model_file(folder: &Path) -> PathBuf {
    folder.join("model.json")
}

/// Refuses a folder that holds something else than model `id`, before hours go into making it.
pub(super) fn may_hold(folder: &Path, id: &str) -> anyhow::Result<()> {
    let path = model_file(folder);
    if !path.exists() {
        return Ok(());
    }
    let found = match super::score::load_model(Some(&path)) {
        Ok(old) if old.id == id => return Ok(()),
        Ok(old) => format!("model `{}`", old.id),
        Err(error) => format!("what is no model for this version ({error:#})"),
    };
    let message =
        format!("{} holds {found}, expected none or model `{id}`: choose another --out or --id", path.display());
    Err(UsageError(message).into())
}

/// Writes the model and its card where no model stands.
pub(super) fn place(folder: &Path, model: &Model, card: &str) -> anyhow::Result<Placed> {
    let path = model_file(folder);
    if path.exists() {
        let there = super::score::load_model(Some(&path)).ok();
        let is_same = there.is_some_and(|there| there.sha256 == model.sha256);
        return Ok(if is_same { Placed::Same } else { Placed::Other });
    }
    replace(folder, model, card)?;
    Ok(Placed::New)
}

/// Writes the model and its card, whatever stands there.
pub(super) fn replace(folder: &Path, model: &Model, card: &str) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make {}: choose a folder that can be written", folder.display()))?;
    // The card first: a model without a card must never stand there.
    output::write_whole(&folder.join("card.md"), card)?;
    output::write_whole(&model_file(folder), &model.to_json()?)
}
