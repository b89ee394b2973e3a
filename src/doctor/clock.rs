//! Whether the system's clock can be believed.

use std::path::Path;
use std::time::Duration;

use super::finding::Finding;
use super::program::said;
use crate::alarm::clock_trouble;
use crate::units::UtcMicros;

/// systemd-timesyncd touches it once the clock is set.
const TIMESYNC: &str = "/run/systemd/timesync/synchronized";

/// Asks whether the clock is synchronised; `newest` is the newest instant that the store knows.
pub(super) async fn clock(now: UtcMicros, newest: Option<UtcMicros>) -> Finding {
    let said = said("timedatectl", &["show", "--property=NTPSynchronized", "--value"], Duration::from_secs(3)).await;
    let synchronised = match said.as_deref().map(str::trim) {
        Some("yes") => Some(true),
        Some("no") => Some(false),
        _ => Path::new(TIMESYNC).exists().then_some(true),
    };
    judge(now, newest, synchronised)
}

fn judge(now: UtcMicros, newest: Option<UtcMicros>, synchronised: Option<bool>) -> Finding {
    if let Some(words) = clock_trouble(now, newest) {
        return match words.rsplit_once(": ") {
            Some((found, remedy)) => Finding::failed("clock", found, remedy),
            None => Finding::failed("clock", words, "set it"),
        };
    }
    match synchronised {
        Some(true) => Finding::ok("clock", "kept by network time"),
        Some(false) => Finding::warning(
            "clock",
            "not synchronised: times of cramps may be off",
            "let the system keep it: sudo timedatectl set-ntp true",
        ),
        None => Finding::ok("clock", "plausible; whether network time keeps it is unknown"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    #[test]
    fn a_clock_that_was_never_set_or_runs_behind_the_store_fails() {
        let now = UtcMicros(1_795_384_800_000_000);
        assert_eq!(judge(now, None, Some(true)).state, State::Ok);
        assert_eq!(judge(now, Some(now), None).state, State::Ok);
        assert_eq!(judge(now, Some(now), Some(false)).state, State::Warning);
        let behind = judge(now, Some(now.plus_seconds(3600.0)), Some(true));
        assert_eq!(behind.state, State::Failed);
        assert_eq!(behind.remedy.as_deref(), Some("set it, or let the system keep it by network time."));
        assert!(behind.found.ends_with("earlier than what is already recorded"), "{}", behind.found);
    }
}
