//! The leg's night in the store: when it begins and ends, its gaps, its files, and what is kept for a restart.

use std::time::Instant;

use super::Leg;
use super::account::NightAccount;
use super::episodes::tell;
use crate::chunk::GapReason;
use crate::clock::night_of;
use crate::daemon::DaemonError;
use crate::detect::Stretch;
use crate::mqtt::Outgoing;
use crate::mqtt::payload::EventType;
use crate::store::GapRow;
use crate::units::UtcMicros;

/// Gaps shorter than this are lost frames: counted in coverage, not listed.
const SHORTEST_GAP_S: f64 = 1.0;

impl Leg {
    pub(super) async fn roll_night(&mut self, now: UtcMicros) -> Result<(), DaemonError> {
        let zone = &self.to.config.person.time_zone;
        let date = night_of(now, zone);
        if self.night.as_ref().is_some_and(|night| night.date() != date) {
            self.close_night().await?;
        }
        if self.night.is_none() {
            let account = match self.to.store.night(&self.to.leg, date).await? {
                Some(row) => {
                    let episodes = self.to.store.episodes_of_night(&self.to.leg, date).await?;
                    let ended =
                        episodes.iter().filter(|e| e.alarm_at.is_some()).filter_map(|e| Some((e.end_at?, e.onset_at)));
                    let total_s = ended.map(|(end, onset)| end.seconds_since(onset)).sum();
                    let (account, gap) = NightAccount::resume(row, total_s, now);
                    if let Some((from_at, to_at)) = gap {
                        self.add_gap(&account, from_at, to_at, GapReason::NoData).await?;
                    }
                    account
                }
                None => NightAccount::begin(&self.to.leg, &self.to.config.person.time_zone, now),
            };
            self.night = Some(account);
            self.say_availability(self.flags.available).await;
            self.to.say(Outgoing::Armed { leg: self.to.leg.clone(), armed: self.flags.armed }).await;
        }
        Ok(())
    }

    pub(super) async fn close_night(&mut self) -> Result<(), DaemonError> {
        let Some(mut night) = self.night.take() else { return Ok(()) };
        night.row.closed = true;
        self.to.noted(self.to.store.save_night(&night.row).await)?;
        self.to.raw_changed.notify_one();
        let line = crate::report::watched_line(night.row.cramp_count, night.row.valid_s, night.row.monitored_s);
        tell(&self.to, EventType::NightClosed, night.row.ended_at, vec![line]).await?;
        self.to.say(Outgoing::Night { leg: self.to.leg.clone(), payload: night.payload() }).await;
        Ok(())
    }

    pub(super) async fn note_gap(&mut self, gap: Stretch) -> Result<(), DaemonError> {
        let (from_at, to_at) = (self.utc(gap.from), self.utc(gap.to));
        if to_at.seconds_since(from_at) < SHORTEST_GAP_S {
            return Ok(());
        }
        if let Some(night) = &mut self.night {
            night.row.gap_count += 1;
        }
        match &self.night {
            Some(night) => self.add_gap(night, from_at, to_at, gap.reason).await,
            None => Ok(()),
        }
    }

    pub(super) async fn add_gap(
        &self,
        night: &NightAccount,
        from_at: UtcMicros,
        to_at: UtcMicros,
        reason: GapReason,
    ) -> Result<(), DaemonError> {
        let gap = GapRow { leg: self.to.leg.clone(), night: night.date(), from_at, to_at, reason };
        self.to.noted(self.to.store.add_gap(&gap).await)?;
        Ok(())
    }

    /// Keeps the night and the detector's state, and tells of the night.
    pub(super) async fn keep(&mut self) -> Result<(), DaemonError> {
        self.kept = Instant::now();
        self.to.write_again().await?;
        if let Some(night) = &self.night {
            self.to.noted(self.to.store.save_night(&night.row).await)?;
            self.to.say(Outgoing::Night { leg: self.to.leg.clone(), payload: night.payload() }).await;
        }
        if let (Some(now), true) = (self.now, self.detector.is_calibrated()) {
            let state = serde_json::to_value(self.detector.state())?;
            self.to.noted(self.to.store.save_leg_state(&self.to.leg, &state, now).await)?;
        }
        if let Some(now) = self.now {
            self.keep_alarms(now).await?;
        }
        Ok(())
    }
}
