//! The test before sleep, looked at every minute: one green or red word, and what is wrong.

use super::Leg;
use crate::alarm::{LegFacts, SelfTestFacts, self_test};
use crate::daemon::disk;
use crate::mqtt::Outgoing;
use crate::mqtt::payload::{SelfTest, WireTime};
use crate::sensor::LinkReport;
use crate::units::UtcMicros;

/// A raw night of 8 h, two channels of EMG at 1000 Hz and acceleration, takes so much (MB).
const NIGHT_MB: f64 = 150.0;
/// How often it is looked at, in seconds.
const EVERY_S: f64 = 60.0;

impl Leg {
    /// Says the self-test when its result has changed; looks once a minute, when the broker or the disk's room comes or goes,
    /// and when somebody must do something about the link.
    pub(super) async fn test_self(&mut self, now: UtcMicros) {
        let broker_reachable = *self.to.broker_up.borrow();
        let (recording_trouble, unwritten) = (self.raw.trouble(), self.to.unwritten.trouble());
        let seen = [broker_reachable, recording_trouble.is_some(), unwritten.is_some()];
        let lately = |at: UtcMicros| (0.0..EVERY_S).contains(&now.seconds_since(at));
        let link_troubles = self.link.as_ref().map(LinkReport::needs_somebody).unwrap_or_default();
        let same = |(at, before, troubles): &(UtcMicros, [bool; 3], Vec<String>)| {
            lately(*at) && *before == seen && *troubles == link_troubles
        };
        if self.tested.as_ref().is_some_and(same) {
            return;
        }
        self.tested = Some((now, seen, link_troubles.clone()));
        let config = &self.to.config;
        let policy = &config.alarm.policy;
        let facts = SelfTestFacts {
            broker_reachable,
            disk_free_mb: disk::free_mb(&config.storage.data_dir),
            disk_needed_mb: if config.storage.keep_raw { config.storage.record_above_mb() + NIGHT_MB } else { 0.0 },
            store_trouble: self.store_trouble.clone(),
            recording_trouble,
            unwritten,
            now,
            // Simulated and replayed streams have times of their own, which say nothing of the clock.
            newest_stored: None,
            until_morning_h: policy.sleep.next_end(now, &config.person.time_zone).seconds_since(now) / 3600.0,
            stale_after_s: policy.stale_after_s,
            legs: vec![LegFacts {
                leg: self.to.leg.clone(),
                armed: self.flags.armed,
                sample_age_s: self.newest_at.map(|newest| now.seconds_since(newest).max(0.0)),
                contact_pct: self.minute.contact_pct(),
                battery_left_h: self.policy.battery_left_h(),
                link_troubles,
            }],
        };
        let failed = self_test(&facts);
        if self.failed.as_ref() != Some(&failed) {
            self.to
                .say(Outgoing::SelfTest(SelfTest { ok: failed.is_empty(), failed: failed.clone(), at: WireTime(now) }))
                .await;
            self.failed = Some(failed);
        }
    }
}
