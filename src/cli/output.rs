//! Standard output and error: the only place that prints.

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tracing_subscriber::EnvFilter;

use crate::config::LogLevel;

/// Writes text to standard output as it is.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Says what failed, why, and what to do, on standard error.
pub(super) fn complain(error: &anyhow::Error) {
    let mut text = format!("error: {error}\n");
    let mut said = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        // Transparent errors repeat their source: say each thing once.
        if !said.contains(&cause) {
            text.push_str(&format!("  because: {cause}\n"));
        }
        said = cause;
    }
    // Nothing can be done if standard error is closed.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// `-250ml` looks like an option to the parser of the command line, whose own words would puzzle whoever typed it: what
/// to say instead.
pub(super) fn negative_amount(error: &clap::Error) -> Option<&'static str> {
    use clap::error::{ContextKind, ContextValue, ErrorKind};
    // Only the first letter of what looks like a bundle of options is named.
    let is_number = |text: &str| text.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit());
    let is_negative = error.kind() == ErrorKind::UnknownArgument
        && matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::String(found)) if is_number(found));
    is_negative.then_some("found a negative amount, expected one above zero; leave out what was not taken or done")
}

/// `crampwatch score … | head` is no error.
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|e| e.downcast_ref::<io::Error>()).any(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

/// Logs to standard error: from `level` on, or more with `-v`; `RUST_LOG` overrides.
pub(super) fn start_log(verbose: u8, level: LogLevel) {
    // rumqttd logs every ordinary disconnect as an error.
    let directives = match verbose {
        0 => format!("{},rumqttd=off", level.as_str()),
        1 => "info,rumqttd=off".to_owned(),
        _ => "debug,rumqttd=warn".to_owned(),
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(directives));
    let is_terminal = io::stderr().is_terminal();
    // A second start, as in tests, keeps the first.
    // A log that cannot be written must not end whoever logs: complaining of it on standard error would panic.
    let log = tracing_subscriber::fmt().log_internal_errors(false).with_env_filter(filter);
    let _ = log.with_writer(io::stderr).with_ansi(is_terminal).try_init();
}

/// A progress bar on standard error; invisible where that is no terminal.
pub(super) fn progress(length: u64, what: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}, {eta} left");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.set_message(what.to_owned());
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}

/// A spinner with a message and the time it has taken, for work of unknown length.
pub(super) fn waiting(what: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
        bar.set_style(style);
    }
    bar.set_message(what.to_owned());
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}

/// Writes a file whole or not at all: to a neighbour of a name that nobody has, synced, then renamed.
pub(super) fn write_whole(path: &Path, text: &str) -> anyhow::Result<()> {
    write_by_neighbour(path, text, &mut fs::OpenOptions::new())
}

/// The same for what is nobody else's business: only its owner may read the file.
pub(super) fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut options = fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    write_by_neighbour(path, text, &mut options)
}

fn write_by_neighbour(path: &Path, text: &str, options: &mut fs::OpenOptions) -> anyhow::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let neighbour = path.with_file_name(format!(".{name}.{}.tmp", uuid::Uuid::now_v7()));
    let mut write = || -> io::Result<()> {
        let mut file = options.write(true).create_new(true).open(&neighbour)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&neighbour, path)
    };
    let written = write();
    if written.is_err() {
        // What failed is told; a rest that cannot be removed either adds nothing to that.
        let _ = fs::remove_file(&neighbour);
    }
    written.with_context(|| format!("cannot write {}: choose a folder that can be written", path.display()))
}
