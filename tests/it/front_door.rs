//! Runs the real program as a user would.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sha2::Digest as _;

/// What a run of the program gave.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs `crampwatch` in `folder`, with a home of its own there and nothing of this user's environment.
pub(crate) fn crampwatch_in<S: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = S>) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crampwatch"));
    command.args(arguments).current_dir(folder).env_clear().env("HOME", folder).env("TZ", "UTC");
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    // A signal has no code; neither that nor a panic (101) is ever right.
    let ran = Ran { code: status.code().unwrap_or(-1), out: text(stdout), err: text(stderr) };
    assert!([0, 1, 2].contains(&ran.code) && !ran.err.contains("panicked"), "{ran:?}");
    ran
}

/// A file of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A small model that stays as it is when the built-in one is trained anew.
pub(crate) fn test_model() -> PathBuf {
    repository("tests/data/model")
}

/// Gives a model file that was changed the hash of its content.
pub(crate) fn rehash(model: &mut serde_json::Value) {
    let digest = sha2::Sha256::digest(model["model"].to_string());
    model["sha256"] = digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into();
}

/// Compares with the stored snapshot `tests/data/snapshots/<name>.snap`.
macro_rules! assert_stored {
    ($name:expr, $text:expr) => {{
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("../data/snapshots");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!($name, $text));
    }};
}
pub(crate) use assert_stored;
