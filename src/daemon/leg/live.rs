//! What the leg does now: the live state for the broker and the view for a terminal, and where in UTC the stream is.

use std::time::Instant;

use super::{EVERY, Leg};
use crate::alarm::AlarmInput;
use crate::daemon::DaemonError;
use crate::daemon::backbone::LegView;
use crate::detect::EpisodePhase;
use crate::mqtt::Outgoing;
use crate::mqtt::payload::{LivePayload, MonitorState, OnOff, WireTime};
use crate::sensor::LinkReport;
use crate::units::UtcMicros;

impl Leg {
    pub(super) async fn say_availability(&self, online: bool) {
        self.to.say(Outgoing::Availability { leg: self.to.leg.clone(), online }).await;
    }

    /// Says how the sensor is, each minute, and tells the alarm policy of its battery.
    pub(super) async fn say_diagnostics(&mut self, now: UtcMicros) -> Result<(), DaemonError> {
        let Some(sensor) = self.to.sensor_id.clone() else { return Ok(()) };
        let samples_per_quarter = self.layout.emg.rate.as_hz() / 4.0;
        let Some(payload) = self.minute.due(now, samples_per_quarter) else { return Ok(()) };
        self.to.say(Outgoing::Diagnostics { sensor, payload }).await;
        if let Some(pct) = self.minute.battery_pct() {
            self.alarm(AlarmInput::Battery { pct }, now).await?;
        }
        Ok(())
    }

    /// Says the live state when it has changed, or half a minute after it was said, or at once.
    pub(super) async fn say_live(&mut self, at_once: bool) {
        let state = self.monitor_state();
        let now = self.now.or(self.place.map(|(_, utc)| utc)).unwrap_or(UtcMicros(0));
        self.show(state, now);
        let due = self.said.is_none_or(|(said, when)| said != state || when.elapsed() >= EVERY);
        if !(due || at_once) {
            return;
        }
        self.said = Some((state, Instant::now()));
        self.live_seq += 1;
        let payload = LivePayload {
            cramp: OnOff::from(state == MonitorState::Cramp),
            state,
            probability: self.hop.as_ref().and_then(|hop| hop.probability).map(|p| (p * 100.0).round() / 100.0),
            muted: OnOff::from(self.flags.muted),
            seq: self.live_seq,
            at: WireTime(now),
        };
        self.to.say(Outgoing::Live { leg: self.to.leg.clone(), payload }).await;
    }

    pub(super) fn show(&self, state: MonitorState, now: UtcMicros) {
        let row = self.night.as_ref().map(|night| &night.row);
        self.to.view.send_replace(LegView {
            now,
            state,
            ratio: self.hop.as_ref().map_or(0.0, |hop| hop.row.ratio),
            cramps: row.map_or(0, |row| row.cramp_count),
            watched_s: row.map_or(0.0, |row| row.valid_s),
            monitored_s: row.map_or(0.0, |row| row.monitored_s),
            nights_over: self.nights_over,
            link: self.link.as_ref().and_then(LinkReport::line),
        });
    }

    pub(super) fn monitor_state(&self) -> MonitorState {
        match (self.detector.phase(), self.place) {
            _ if !self.flags.armed => MonitorState::Off,
            (EpisodePhase::Started, _) => MonitorState::Cramp,
            (_, None) => MonitorState::Waiting,
            _ if self.policy.is_worn() == Some(false) => MonitorState::NotWorn,
            _ if !self.flags.available => MonitorState::NoData,
            (EpisodePhase::Suspected, _) => MonitorState::Suspected,
            _ if !self.detector.is_calibrated() => MonitorState::Calibrating,
            _ => MonitorState::Monitoring,
        }
    }

    /// UTC of the start of a quarter, seen from the newest chunk.
    pub(super) fn utc(&self, quarter: u64) -> UtcMicros {
        let Some((index, utc)) = self.place else { return UtcMicros(0) };
        let rate = self.layout.emg.rate;
        let (at, place) = (rate.micros_of(rate.quarter_start(quarter)), rate.micros_of(index));
        utc.plus_micros(at as i64 - place as i64)
    }

    /// The quarter of an instant, seen from the newest chunk.
    pub(super) fn quarter_at(&self, now: UtcMicros) -> u64 {
        let Some((index, utc)) = self.place else { return 0 };
        let micros = self.layout.emg.rate.micros_of(index) as i64 + (now.0 - utc.0);
        u64::try_from(micros / 250_000).unwrap_or(0)
    }
}
