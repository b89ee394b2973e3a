//! What the data folder says: whether a daemon runs, whether the store is whole, how the last night went.

use std::time::Duration;

use tokio::time::timeout;

use super::finding::Finding;
use super::judge;
use crate::alarm::AlarmPolicy;
use crate::config::Config;
use crate::daemon::free_mb;
use crate::store::{DATABASE_FILE, NightRow, Store};
use crate::units::UtcMicros;

/// What a check of the whole database may take.
const CHECK: Duration = Duration::from_secs(12);
/// The daemon keeps its night each half minute.
const FRESH_S: f64 = 120.0;

/// What the store knows that other checks need.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) findings: Vec<Finding>,
    /// End of the newest night.
    pub(super) newest: Option<UtcMicros>,
    /// How fast the battery fell when it was last worn, in percent an hour.
    pub(super) fall_pct_per_h: Option<f64>,
}

/// Reads the store, if there is one.
pub(super) async fn store(config: &Config, runs: bool, now: UtcMicros) -> Known {
    let folder = &config.storage.data_dir;
    if !folder.join(DATABASE_FILE).exists() {
        let found = format!("{} has none yet; the first run makes it", folder.display());
        return Known { findings: vec![Finding::ok("store", found)], ..Known::default() };
    }
    let mut known = Known::default();
    let store = match timeout(CHECK, Store::open(folder)).await {
        Ok(Ok(store)) => store,
        Ok(Err(error)) => {
            known.findings.push(Finding::refused("store", &error.to_string()));
            return known;
        }
        Err(_) => {
            let found = format!("it could not be opened within {} s", CHECK.as_secs());
            known.findings.push(Finding::failed(
                "store",
                found,
                "is the disk failing (dmesg), or something holding the database?",
            ));
            return known;
        }
    };
    known.findings.push(match timeout(CHECK, store.integrity_check()).await {
        Ok(Ok(())) => Finding::ok("store", format!("{}, every page is in order", store.path().display())),
        Ok(Err(error)) => Finding::refused("store", &error.to_string()),
        Err(_) => Finding::skipped(
            "store",
            format!("opened; the check of its pages takes longer than {} s and was ended", CHECK.as_secs()),
        ),
    });
    let leg = config.leg.side.leg_name(&config.person.id);
    let night = store.nights(&leg, 1).await.ok().and_then(|nights| nights.into_iter().next());
    known.newest = night.as_ref().map(|night| night.ended_at);
    if runs {
        known.findings.push(last_night(night.as_ref(), now));
    }
    if let Ok(Some((state, _))) = store.alarm_state(&leg).await
        && let Ok(state) = serde_json::from_value(state)
    {
        let zone = config.person.time_zone.clone();
        let policy = AlarmPolicy::restored(config.alarm.policy.clone(), zone, state, now);
        known.fall_pct_per_h = policy.battery_fall_pct_per_h();
    }
    let bytes = raw_bytes(&store, config).await;
    let rules = config.storage.retention();
    known.findings.push(judge::raw_nights(bytes, rules.budget_bytes, rules.keep_days));
    store.close().await;
    known
}

async fn raw_bytes(store: &Store, config: &Config) -> u64 {
    let segments = store.segments().await.unwrap_or_default();
    let files = segments.iter().map(|segment| segment.file(&config.storage.data_dir));
    files.filter_map(|file| std::fs::metadata(file).ok()).map(|about| about.len()).sum()
}

/// What the daemon has written of its night.
fn last_night(night: Option<&NightRow>, now: UtcMicros) -> Finding {
    let remedy = "see its log (journalctl -u crampwatch) and the self-test on MQTT";
    let Some(night) = night else {
        return Finding::warning("night", "the daemon has not written of a night yet", remedy);
    };
    let age_s = now.seconds_since(night.ended_at);
    let coverage = match night.monitored_s {
        monitored_s if monitored_s > 0.0 => format!("{:.0} % of it watched", 100.0 * night.valid_s / monitored_s),
        _ => "nothing watched yet".to_owned(),
    };
    let found = format!("the night of {}: {coverage}, {} gaps", night.night, night.gap_count);
    if age_s > FRESH_S {
        return Finding::warning("night", format!("{found}; nothing was written for {age_s:.0} s"), remedy);
    }
    Finding::ok("night", found)
}

/// Room on the disk of the data folder, or of the folder that it will be made in.
pub(super) fn disk(config: &Config) -> Finding {
    let storage = &config.storage;
    let free = storage.data_dir.ancestors().find_map(free_mb);
    judge::disk(free, storage.keep_raw, storage.record_above_mb())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::doctor::State;

    const NOW: UtcMicros = UtcMicros(1_795_384_800_000_000);

    #[test]
    fn the_night_of_a_daemon_that_runs_is_told_with_its_coverage_and_age() {
        let night = NightRow {
            leg: "me_left".to_owned(),
            night: date(2026, 11, 22),
            time_zone: "UTC".to_owned(),
            started_at: NOW.plus_seconds(-1000.0),
            ended_at: NOW.plus_seconds(-10.0),
            first_worn_at: None,
            monitored_s: 990.0,
            valid_s: 960.0,
            gap_count: 2,
            cramp_count: 0,
            closed: false,
        };
        assert_eq!(last_night(Some(&night), NOW).found, "the night of 2026-11-22: 97 % of it watched, 2 gaps");
        let stale = last_night(Some(&night), NOW.plus_seconds(600.0));
        assert_eq!(stale.state, State::Warning);
        assert!(stale.found.ends_with("nothing was written for 610 s"), "{}", stale.found);
        assert_eq!(last_night(None, NOW).state, State::Warning);
    }
}
