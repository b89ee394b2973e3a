//! The account of one leg's night: monitored and watched time, gaps, cramps. Survives a restart through the store.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::clock::night_of;
use crate::mqtt::payload::{NightPayload, WireTime};
use crate::store::NightRow;
use crate::units::UtcMicros;

/// A pause of the daemon up to this long belongs to the night as a gap; a longer one was not to be watched.
const LONGEST_PAUSE_S: f64 = 3600.0;

/// One night under way.
#[derive(Debug, Clone)]
pub(super) struct NightAccount {
    pub(super) row: NightRow,
    pub(super) cramp_total_s: f64,
}

impl NightAccount {
    /// A night that begins at `at`.
    pub(super) fn begin(leg: &str, zone: &TimeZone, at: UtcMicros) -> Self {
        let row = NightRow {
            leg: leg.to_owned(),
            night: night_of(at, zone),
            time_zone: zone.iana_name().unwrap_or("local").to_owned(),
            started_at: at,
            ended_at: at,
            first_worn_at: None,
            monitored_s: 0.0,
            valid_s: 0.0,
            gap_count: 0,
            cramp_count: 0,
            closed: false,
        };
        Self { row, cramp_total_s: 0.0 }
    }

    /// Goes on with a night of the store at `at`; gives the gap that the pause was, if it belongs to the night.
    pub(super) fn resume(row: NightRow, cramp_total_s: f64, at: UtcMicros) -> (Self, Option<(UtcMicros, UtcMicros)>) {
        let mut account = Self { row, cramp_total_s };
        account.row.closed = false;
        let pause_s = at.seconds_since(account.row.ended_at);
        let gap = (1.0..=LONGEST_PAUSE_S).contains(&pause_s).then_some((account.row.ended_at, at));
        if gap.is_some() {
            account.row.monitored_s += pause_s;
            account.row.gap_count += 1;
        }
        account.row.ended_at = account.row.ended_at.max(at);
        (account, gap)
    }

    /// The night's date.
    pub(super) fn date(&self) -> Date {
        self.row.night
    }

    /// Time has come to `now`.
    pub(super) fn advance(&mut self, now: UtcMicros) {
        if now > self.row.ended_at {
            self.row.monitored_s += now.seconds_since(self.row.ended_at);
            self.row.ended_at = now;
        }
    }

    /// Time has come to `now`, and nobody wanted the leg watched meanwhile.
    pub(super) fn pass_unwatched(&mut self, now: UtcMicros) {
        self.row.ended_at = self.row.ended_at.max(now);
    }

    /// A quarter second was good and, if so, judged.
    pub(super) fn watched(&mut self, at: UtcMicros, judged: bool) {
        self.row.first_worn_at.get_or_insert(at);
        if judged {
            // Rounding of the stream's edges must not make more watched than monitored time.
            self.row.valid_s = (self.row.valid_s + 0.25).min(self.row.monitored_s.max(0.25));
        }
    }

    /// The message for the broker.
    pub(super) fn payload(&self) -> NightPayload {
        let row = &self.row;
        NightPayload {
            night: row.night.to_string(),
            night_started_at: WireTime(row.started_at),
            cramp_count: u32::try_from(row.cramp_count).unwrap_or(0),
            cramp_total_s: (self.cramp_total_s * 10.0).round() / 10.0,
            worn_h: (row.valid_s / 36.0).round() / 100.0,
            coverage_pct: (row.monitored_s > 0.0).then(|| (1000.0 * row.valid_s / row.monitored_s).round() / 10.0),
            gap_count: u32::try_from(row.gap_count).unwrap_or(0),
            closed: row.closed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NINE_PM: UtcMicros = UtcMicros(1_763_758_800_000_000);

    #[test]
    fn a_short_pause_is_a_gap_and_a_long_one_is_not() {
        let mut night = NightAccount::begin("me_left", &TimeZone::UTC, NINE_PM);
        night.advance(NINE_PM.plus_seconds(600.0));
        let (resumed, gap) = NightAccount::resume(night.row.clone(), 0.0, NINE_PM.plus_seconds(660.0));
        assert_eq!((resumed.row.monitored_s, resumed.row.gap_count), (660.0, 1));
        assert!(gap.is_some());
        let (resumed, gap) = NightAccount::resume(night.row, 0.0, NINE_PM.plus_seconds(9600.0));
        assert_eq!((resumed.row.monitored_s, resumed.row.gap_count, gap), (600.0, 0, None));
    }

    #[test]
    fn coverage_is_watched_over_monitored_time() {
        let mut night = NightAccount::begin("me_left", &TimeZone::UTC, NINE_PM);
        night.advance(NINE_PM.plus_seconds(100.0));
        (0..200).for_each(|_| night.watched(NINE_PM, true));
        assert_eq!(night.payload().coverage_pct, Some(50.0));
    }
}
