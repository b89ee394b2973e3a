//! Whether the battery lasts until morning.
//!
//! How long it lasts is its level over its slope. Sensors say whole percent, and now and then a wrong number, so:
//! - the level is the median of the last three readings;
//! - a level is kept every five minutes, for four hours at most;
//! - the slope is the median of the slopes between all pairs of kept levels (Theil and Sen), which a few wrong ones do not move;
//! - it counts as known after 20 minutes and once the fall it stands for is 2 percent: less is lost in the rounding. What falls by less
//!   in four hours lasts longer than a night, unless it is at [`ALL_BUT_EMPTY_PCT`] or below;
//! - a level that rises by 5, or falls by 30 from one kept level to the next, is another battery or a charger: all starts anew.

use std::collections::VecDeque;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::action::AlarmAction;
use crate::units::UtcMicros;

const KEPT_EVERY_S: f64 = 300.0;
const KEPT: usize = 48;
const KNOWN_AFTER_S: f64 = 20.0 * 60.0;
const KNOWN_FALL_PCT: f64 = 2.0;
const RISE_PCT: f64 = 5.0;
const DROP_PCT: f64 = 30.0;
/// At or below this level the battery is short as long as its slope is not known.
const ALL_BUT_EMPTY_PCT: f64 = 5.0;
/// Once short, it is so until it lasts this many times as long as the night.
const ENOUGH: f64 = 1.25;

/// Readings of a battery and what was told of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Battery {
    newest: VecDeque<u8>,
    kept: VecDeque<(UtcMicros, u8)>,
    /// Percent a second, if known.
    fall: Option<f64>,
    short: bool,
    told: Option<Date>,
}

impl Battery {
    pub(super) fn reading(&mut self, pct: u8, at: UtcMicros) {
        self.newest.push_back(pct.min(100));
        if self.newest.len() > 3 {
            self.newest.pop_front();
        }
        let Some(level) = self.level() else { return };
        if let Some((last_at, last)) = self.kept.back().copied() {
            let rise = f64::from(level) - f64::from(last);
            if rise >= RISE_PCT || rise <= -DROP_PCT {
                self.kept.clear();
                self.short = false;
            } else if at.seconds_since(last_at) < KEPT_EVERY_S {
                return;
            }
        }
        self.kept.push_back((at, level));
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
        self.fall = self.fall();
    }

    /// Hours it will last; `None` as long as that is not known.
    pub(super) fn left_h(&self) -> Option<f64> {
        Some(f64::from(self.level()?) / self.fall? / 3600.0)
    }

    /// Percent an hour by which it falls; `None` as long as that is not known.
    pub(super) fn fall_pct_per_h(&self) -> Option<f64> {
        Some(self.fall? * 3600.0)
    }

    fn fall(&self) -> Option<f64> {
        let (first, last) = (self.kept.front()?.0, self.kept.back()?.0);
        let span_s = last.seconds_since(first);
        let later = |from: usize| self.kept.iter().skip(from + 1);
        let mut falls: Vec<f64> = Vec::with_capacity(self.kept.len() * self.kept.len() / 2);
        for (index, (from_at, from)) in self.kept.iter().enumerate() {
            falls.extend(
                later(index)
                    .filter(|(at, _)| at > from_at)
                    .map(|(at, pct)| (f64::from(*from) - f64::from(*pct)) / at.seconds_since(*from_at)),
            );
        }
        let fall = median(&mut falls)?;
        (span_s >= KNOWN_AFTER_S && fall * span_s >= KNOWN_FALL_PCT).then_some(fall)
    }

    /// Told once a night, if it will not last for `needed_h`.
    pub(super) fn time(&mut self, needed_h: Option<f64>, night: Date) -> Option<AlarmAction> {
        let needed_h = needed_h?;
        let pct = self.level()?;
        let left_h = self.left_h();
        self.short = match left_h {
            Some(left_h) if self.short => left_h < needed_h * ENOUGH,
            Some(left_h) => left_h < needed_h,
            None => f64::from(pct) <= ALL_BUT_EMPTY_PCT,
        };
        if !self.short || self.told == Some(night) {
            return None;
        }
        self.told = Some(night);
        Some(AlarmAction::BatteryShort { pct, left_h, needed_h })
    }

    pub(super) fn is_short(&self) -> bool {
        self.short
    }

    /// Starts anew, because the clock was set back.
    pub(super) fn forget(&mut self) {
        self.kept.clear();
        self.fall = None;
    }

    /// Median of the last three readings; `None` before there are three.
    fn level(&self) -> Option<u8> {
        let mut newest: Vec<u8> = self.newest.iter().copied().collect();
        newest.sort_unstable();
        (newest.len() == 3).then(|| newest[1])
    }
}

fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// A battery that falls by `fall_pct_h` an hour from `from_pct`, read each minute for `minutes`.
    fn falling(battery: &mut Battery, from_minute: u32, minutes: u32, from_pct: f64, fall_pct_h: f64) {
        for minute in 0..minutes {
            let pct = from_pct - f64::from(minute) / 60.0 * fall_pct_h;
            battery.reading(pct as u8, UtcMicros(i64::from(from_minute + minute) * 60_000_000));
        }
    }

    #[test]
    fn what_is_left_is_level_over_slope() {
        for fall_pct_h in [1.5, 3.0, 6.0, 12.0] {
            let mut battery = Battery::default();
            falling(&mut battery, 0, 180, 90.0, fall_pct_h);
            let (left_h, expected_h) = (battery.left_h().unwrap(), (90.0 - 3.0 * fall_pct_h) / fall_pct_h);
            assert!((left_h / expected_h - 1.0).abs() < 0.2, "{fall_pct_h}: {left_h} h, expected {expected_h} h");
        }
    }

    #[test]
    fn nothing_is_known_before_twenty_minutes_or_of_a_level_that_stays() {
        let mut battery = Battery::default();
        falling(&mut battery, 0, 20, 90.0, 30.0);
        assert_eq!(battery.left_h(), None);
        falling(&mut battery, 20, 6, 80.0, 30.0);
        assert!(battery.left_h().is_some());
        let mut battery = Battery::default();
        falling(&mut battery, 0, 600, 50.0, 0.0);
        assert_eq!(battery.left_h(), None);
        assert_eq!(battery.time(Some(10.0), date(2026, 11, 22)), None);
    }

    #[test]
    fn another_battery_begins_anew() {
        let mut battery = Battery::default();
        falling(&mut battery, 0, 120, 30.0, 10.0);
        assert!(battery.time(Some(8.0), date(2026, 11, 22)).is_some());
        falling(&mut battery, 120, 3, 100.0, 0.0);
        assert_eq!((battery.left_h(), battery.is_short()), (None, false));
        assert_eq!(battery.time(Some(8.0), date(2026, 11, 23)), None);
    }

    #[test]
    fn a_short_battery_stays_short_until_it_clearly_lasts() {
        let mut battery = Battery::default();
        falling(&mut battery, 0, 120, 60.0, 10.0);
        let left_h = battery.left_h().unwrap();
        for (needed_h, short) in
            [(left_h - 0.1, false), (left_h + 0.1, true), (left_h - 0.1, true), (left_h / 1.3, false)]
        {
            battery.time(Some(needed_h), date(2026, 11, 22));
            assert_eq!(battery.is_short(), short, "{needed_h} h of {left_h} h");
        }
    }
}
