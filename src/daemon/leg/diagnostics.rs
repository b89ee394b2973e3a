//! How the sensor is: battery, radio, electrodes, loss; said each minute while it is there.

use crate::mqtt::payload::{Diagnostics, OnOff, WireTime};
use crate::sensor::SensorStatus;
use crate::signal::Quality;
use crate::units::UtcMicros;

/// How often it is said, in seconds.
const EVERY_S: f64 = 60.0;
/// With less contact than this over a minute, in per cent, an electrode needs care.
const GOOD_CONTACT_PCT: f64 = 90.0;

/// Gathers a minute of the sensor's state.
#[derive(Debug, Default)]
pub(super) struct SensorMinute {
    since: Option<UtcMicros>,
    quarters: u32,
    in_contact: u32,
    samples_lost_before: u64,
    status: Option<SensorStatus>,
    /// Of the last full minute.
    contact_pct: Option<f64>,
}

impl SensorMinute {
    /// A quarter second was judged.
    pub(super) fn quarter(&mut self, quality: Quality) {
        self.quarters += 1;
        self.in_contact += u32::from(quality == Quality::Good);
    }

    /// The source said how the sensor is.
    pub(super) fn status(&mut self, status: SensorStatus) {
        self.status = Some(status);
    }

    /// Battery in per cent, as last heard.
    pub(super) fn battery_pct(&self) -> Option<u8> {
        self.status.and_then(|status| status.battery_pct)
    }

    /// Share of the last minute with good contact, 0 to 100.
    pub(super) fn contact_pct(&self) -> Option<f64> {
        self.contact_pct
    }

    /// The minute's message, when one is over. Nothing without a word of the sensor: what is not known expires.
    pub(super) fn due(&mut self, now: UtcMicros, samples_per_quarter: f64) -> Option<Diagnostics> {
        let since = *self.since.get_or_insert(now);
        let status = self.status?;
        if now.seconds_since(since) < EVERY_S || self.quarters == 0 {
            return None;
        }
        let lost = status.counters.samples_lost.saturating_sub(self.samples_lost_before) as f64;
        let arrived = f64::from(self.quarters) * samples_per_quarter;
        let contact_pct = round1(100.0 * f64::from(self.in_contact) / f64::from(self.quarters));
        *self = Self {
            since: Some(now),
            samples_lost_before: status.counters.samples_lost,
            status: Some(status),
            contact_pct: Some(contact_pct),
            ..Self::default()
        };
        Some(Diagnostics {
            battery_pct: status.battery_pct,
            rssi_dbm: status.rssi_dbm,
            contact_pct: Some(contact_pct),
            sample_loss_pct: Some(round1(100.0 * lost / (lost + arrived))),
            electrode_problem: OnOff::from(contact_pct < GOOD_CONTACT_PCT),
            at: WireTime(now),
        })
    }
}

fn round1(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sensor::LinkCounters;

    const T0: UtcMicros = UtcMicros(1_763_777_643_000_000);

    #[test]
    fn a_minute_tells_contact_and_loss_of_that_minute_only() {
        let mut minute = SensorMinute::default();
        let counters = LinkCounters { samples_lost: 6_000, ..LinkCounters::default() };
        let status = SensorStatus { battery_pct: Some(81), rssi_dbm: None, contact: true, counters };
        assert_eq!(minute.due(T0, 250.0), None, "nothing is known yet");
        minute.status(status);
        (0..216).for_each(|n| minute.quarter(if n < 54 { Quality::LeadOff } else { Quality::Good }));
        let said = minute.due(T0.plus_seconds(60.0), 250.0).unwrap();
        assert_eq!((said.battery_pct, said.contact_pct, said.sample_loss_pct), (Some(81), Some(75.0), Some(10.0)));
        assert_eq!(said.electrode_problem, OnOff::On);
        minute.status(status);
        (0..240).for_each(|_| minute.quarter(Quality::Good));
        assert_eq!(minute.due(T0.plus_seconds(90.0), 250.0), None);
        let said = minute.due(T0.plus_seconds(120.0), 250.0).unwrap();
        assert_eq!(
            (said.contact_pct, said.sample_loss_pct, said.electrode_problem),
            (Some(100.0), Some(0.0), OnOff::Off)
        );
    }
}
