//! Cramp discharge: units that fire fast and unevenly without order of size, in a territory that moves.

use super::course::{CrampCourse, Ending};
use super::cramp_train::CrampTrain;
use super::dice::{Dice, Wander};
use super::frame::{Frame, SECOND, STEP_S, STEPS, TAIL, carry_tail};
use super::muap;
use super::pool::{Pool, Unit};

#[cfg(test)]
mod tests;

/// Quarters of a second in which truth is measured.
const QUARTER: usize = SECOND / 4;

#[derive(Debug, Clone)]
struct CrampUnit {
    potential: Vec<f32>,
    gain: [f32; 2],
    place_mm: [f64; 2],
    train: CrampTrain,
    /// When it joins in the ramp, if it is among the first.
    joins_s: Option<f64>,
    /// Start of the present activity and next discharge.
    active: Option<(f64, f64)>,
}

/// A cramp as it runs.
#[derive(Debug, Clone)]
pub(crate) struct Cramp {
    course: CrampCourse,
    units: Vec<CrampUnit>,
    centre_mm: [f64; 2],
    velocity_mm_s: [f64; 2],
    depth_mm: (f64, f64),
    wander: Wander,
    signal_uv: [Vec<f32>; 2],
    /// What the cramp alone has been so far.
    pub(crate) measured: Measured,
}

/// Where a cramp was above twice the quiet RMS.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Measured {
    /// Start of the first quarter second above, end of the last.
    pub(crate) span_s: Option<(f64, f64)>,
    /// Highest quarter second on any channel in µV RMS.
    pub(crate) peak_uv: f64,
}

impl Cramp {
    /// Starts a cramp in this pool; its level is reached on its strongest of the first `channels` channels.
    pub(crate) fn new(course: CrampCourse, pool: &Pool, channels: usize, dice: &mut Dice) -> Self {
        let units = &pool.heads[course.head].units;
        let depths = || units.iter().map(|unit| unit.place_mm[1]);
        let depth_mm = (depths().fold(f64::INFINITY, f64::min), depths().fold(0.0, f64::max));
        let centre_mm = units.get(dice.index(units.len())).map_or([0.0, 10.0], |unit| unit.place_mm);
        let heading = dice.uniform(0.0, std::f64::consts::TAU);
        let velocity_mm_s = [course.speed_mm_s * heading.cos(), 0.3 * course.speed_mm_s * heading.sin()];
        let wander = Wander::new(course.drift.0, STEPS as f64);
        let mut cramp = Self {
            units: Vec::with_capacity(units.len()),
            centre_mm,
            velocity_mm_s,
            depth_mm,
            wander,
            signal_uv: [vec![0.0; SECOND + TAIL], vec![0.0; SECOND + TAIL]],
            measured: Measured::default(),
            course,
        };
        cramp.widen_to_hold_units(units);
        cramp.units = units.iter().map(|unit| cramp.unit(unit, dice)).collect();
        cramp.scale_to_level(channels);
        cramp
    }

    /// A territory between few units would be no cramp: it grows until it holds eight, or half of a small muscle.
    fn widen_to_hold_units(&mut self, units: &[Unit]) {
        for _ in 0..40 {
            if units.iter().filter(|unit| distance(unit.place_mm, self.centre_mm) < self.course.radius_mm).count()
                >= 8.min(units.len() / 2)
            {
                return;
            }
            self.course.radius_mm *= 1.1;
        }
    }

    fn unit(&self, unit: &Unit, dice: &mut Dice) -> CrampUnit {
        let course = &self.course;
        let away = distance(unit.place_mm, self.centre_mm) / course.radius_mm;
        let first = away < 1.0 && dice.chance(course.active_share);
        // It spreads from the centre, not in step.
        let joins_s = first.then(|| course.start_s + course.ramp_s * (0.5 * away + 0.5 * dice.unit()));
        let potential = unit.shape.potential(course.potential_factor);
        let train = CrampTrain::random(course, dice);
        CrampUnit { potential, gain: unit.gain, place_mm: unit.place_mm, train, joins_s, active: None }
    }

    /// Scales the potentials (how near the territory is) so that the mean power on its way is the asked level.
    fn scale_to_level(&mut self, channels: usize) {
        let (start, stops) = ((self.centre_mm, self.velocity_mm_s), 5);
        let mut power = [0.0_f64; 2];
        for _ in 0..stops {
            for unit in &self.units {
                if distance(unit.place_mm, self.centre_mm) < self.course.radius_mm {
                    for (channel, gain) in unit.gain.into_iter().enumerate().take(channels) {
                        power[channel] += self.course.active_share * unit.train.rate_pps * f64::from(gain).powi(2);
                    }
                }
            }
            let steps = (self.course.length_s / f64::from(stops) / STEP_S) as usize;
            (0..steps).for_each(|_| self.travel());
        }
        (self.centre_mm, self.velocity_mm_s) = start;
        let strongest = power[0].max(power[1]) / f64::from(stops);
        let scale = (self.course.level_uv / strongest.sqrt().max(1e-9)) as f32;
        self.units.iter_mut().for_each(|unit| unit.gain = unit.gain.map(|gain| gain * scale));
    }

    fn travel(&mut self) {
        for (axis, (low, high)) in [(-22.0, 22.0), self.depth_mm].into_iter().enumerate() {
            let next = self.centre_mm[axis] + self.velocity_mm_s[axis] * STEP_S;
            if next < low.min(self.centre_mm[axis]) || next > high.max(self.centre_mm[axis]) {
                self.velocity_mm_s[axis] = -self.velocity_mm_s[axis];
            } else {
                self.centre_mm[axis] = next;
            }
        }
    }

    /// Adds this second and measures the cramp alone against `quiet_uv`, the quiet RMS of each channel.
    pub(crate) fn step(&mut self, quiet_uv: [f64; 2], channels: usize, frame: &mut Frame, dice: &mut Dice) {
        self.signal_uv.iter_mut().take(channels).for_each(|signal| carry_tail(signal));
        for step in 0..STEPS {
            let from_s = frame.start_s + step as f64 * STEP_S;
            let drift = self.wander.next(dice) * self.course.drift.1;
            self.travel();
            self.discharge(from_s, drift, channels, frame, dice);
        }
        for (target, own) in frame.emg_uv.iter_mut().zip(&self.signal_uv).take(channels) {
            for (sample, value) in target.iter_mut().zip(&own[..SECOND]) {
                *sample += value;
            }
        }
        self.measure(frame.start_s, quiet_uv, channels);
    }

    fn discharge(&mut self, from_s: f64, drift: f64, channels: usize, frame: &Frame, dice: &mut Dice) {
        let course = &self.course;
        let to_s = from_s + STEP_S;
        let since_s = from_s - course.start_s;
        let plateau = since_s >= course.ramp_s && since_s < course.length_s;
        let off_hz = match course.ending {
            _ if since_s < course.length_s => 1.0 / course.active_s,
            Ending::Taper(taper_s) => 1.0 / taper_s,
            Ending::Stretch => 10.0,
        };
        let on_hz = course.active_share / (1.0 - course.active_share) / course.active_s;
        for unit in &mut self.units {
            let inside = distance(unit.place_mm, self.centre_mm) < course.radius_mm;
            let Some((active_since_s, mut next_s)) = unit.active else {
                let joins = unit.joins_s.is_some_and(|joins_s| joins_s < to_s);
                if joins || (plateau && inside && dice.chance(on_hz * STEP_S)) {
                    unit.joins_s = None;
                    unit.active = Some((from_s, from_s + dice.unit() / unit.train.rate_pps));
                }
                continue;
            };
            let leaving = if inside { off_hz } else { off_hz.max(0.2) };
            if dice.chance(leaving * STEP_S) {
                unit.active = None;
                continue;
            }
            while next_s < to_s {
                let at = frame.sample_at(next_s);
                for (signal, gain) in self.signal_uv.iter_mut().zip(unit.gain).take(channels) {
                    muap::add(signal, at, &unit.potential, gain);
                }
                next_s += unit.train.interval_s(drift, next_s - active_since_s, dice);
            }
            unit.active = Some((active_since_s, next_s));
        }
    }

    fn measure(&mut self, start_s: f64, quiet_uv: [f64; 2], channels: usize) {
        for (own, quiet_uv) in self.signal_uv.iter().zip(quiet_uv).take(channels) {
            for (quarter, samples) in own[..SECOND].chunks_exact(QUARTER).enumerate() {
                let power = samples.iter().map(|sample| sample * sample).sum::<f32>() / QUARTER as f32;
                let rms_uv = f64::from(power).sqrt();
                self.measured.peak_uv = self.measured.peak_uv.max(rms_uv);
                if rms_uv > 2.0 * quiet_uv {
                    let from_s = start_s + quarter as f64 * 0.25;
                    let (first_s, last_s) = self.measured.span_s.unwrap_or((from_s, from_s + 0.25));
                    self.measured.span_s = Some((first_s.min(from_s), last_s.max(from_s + 0.25)));
                }
            }
        }
    }
}

fn distance(one: [f64; 2], other: [f64; 2]) -> f64 {
    (one[0] - other[0]).hypot(one[1] - other[1])
}
