//! Brief discharges that nobody willed: fasciculations, myoclonus, hypnic jerks.

use super::dice::Dice;
use super::frame::Frame;
use super::muap;
use super::pool::Pool;

/// Twitches at random instants. Each fires some units of a head within a short time.
#[derive(Debug, Clone)]
pub(crate) struct Twitches {
    /// Mean twitches per second.
    pub(crate) rate_hz: f64,
    /// Probability that the lateral head twitches (instead of or together with the medial one).
    pub(crate) lateral: f64,
    /// Both heads at once.
    pub(crate) both: bool,
    /// Share of a head's units that fire, from and to; at least one unit fires.
    pub(crate) share: (f64, f64),
    /// Within how many seconds they fire, from and to, at most 0.3.
    pub(crate) spread_s: (f64, f64),
    /// Discharges of each unit in one twitch, at most.
    pub(crate) discharges: usize,
    /// The same few units twitch again and again, as in fasciculation.
    pub(crate) favourite: Option<usize>,
    next_s: Option<f64>,
}

impl Twitches {
    /// Twitches `rate_hz` times a second of single units of the medial head, one discharge each; change the fields for
    /// other kinds.
    pub(crate) fn single(rate_hz: f64, lateral: f64) -> Self {
        Self {
            rate_hz,
            lateral,
            both: false,
            share: (0.0, 0.0),
            spread_s: (0.0, 0.01),
            discharges: 1,
            favourite: None,
            next_s: None,
        }
    }

    /// The first twitch comes exactly at `at_s`.
    #[must_use]
    pub(crate) fn first_at(mut self, at_s: f64) -> Self {
        self.next_s = Some(at_s);
        self
    }

    /// Adds the twitches of this second between `start_s` and `end_s`.
    pub(crate) fn step(
        &mut self,
        start_s: f64,
        end_s: f64,
        pool: &Pool,
        channels: usize,
        frame: &mut Frame,
        dice: &mut Dice,
    ) {
        let mean_s = 1.0 / self.rate_hz.max(1e-6);
        let mut next_s = self.next_s.unwrap_or_else(|| start_s + dice.exponential(mean_s));
        while next_s < end_s.min(frame.end_s()) {
            self.twitch(next_s, pool, channels, frame, dice);
            next_s += dice.exponential(mean_s).max(0.02);
        }
        self.next_s = Some(next_s);
    }

    fn twitch(&self, at_s: f64, pool: &Pool, channels: usize, frame: &mut Frame, dice: &mut Dice) {
        let lateral = dice.chance(self.lateral);
        let spread_s = dice.uniform(self.spread_s.0, self.spread_s.1).min(0.3);
        for (index, head) in pool.heads.iter().enumerate() {
            if !self.both && lateral != (index == 1) {
                continue;
            }
            let share = dice.uniform(self.share.0, self.share.1);
            let count = ((share * head.units.len() as f64).round() as usize).max(1);
            for _ in 0..count {
                let chosen = match self.favourite {
                    Some(unit) => unit + dice.index(3),
                    None => dice.index(head.units.len()),
                };
                let Some(unit) = head.units.get(chosen % head.units.len().max(1)) else { continue };
                for _ in 0..=dice.index(self.discharges) {
                    let at = frame.sample_at(at_s + dice.unit() * spread_s);
                    for (signal, gain) in frame.emg_uv.iter_mut().zip(unit.gain).take(channels) {
                        muap::add(signal, at, &unit.potential, gain);
                    }
                }
            }
        }
    }
}
