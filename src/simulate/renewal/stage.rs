//! What is being played: strips of muscle, artefact and acceleration, worked out when their event began.

use super::course::Band;
use super::person::Person;
use super::pool::Pool;
use super::pose::Pose;
use crate::simulate::dice::Dice;

/// Samples from a place of the night on.
#[derive(Debug)]
pub(super) struct Strip<T> {
    pub(super) start: i64,
    pub(super) samples: Vec<T>,
}

/// Shake of the shank.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shaking<'a> {
    pub(super) duration_s: f64,
    pub(super) strength_g: f64,
    pub(super) low_hz: f64,
    pub(super) high_hz: f64,
    /// Its course, as long as the shake.
    pub(super) course: &'a [f64],
}

/// The person, and all that goes on.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) person: Person,
    pub(super) pool: Pool,
    pub(super) rate_hz: usize,
    /// 0 without acceleration.
    pub(super) acc_rate_hz: usize,
    pub(super) muscle: Vec<Strip<f32>>,
    pub(super) wire: Vec<Strip<f32>>,
    pub(super) shakes: Vec<Strip<[f32; 3]>>,
    /// Pitch of the shank while walking, radians.
    pub(super) swings: Vec<Strip<f32>>,
    pub(super) pose: Pose,
}

impl Stage {
    pub(super) fn new(person: Person, pool: Pool, rate_hz: usize, acc_rate_hz: usize, seed: u64) -> Self {
        let (muscle, wire, shakes, swings) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { person, pool, rate_hz, acc_rate_hz, muscle, wire, shakes, swings, pose: Pose::new(seed) }
    }

    /// The sample at a time of the night.
    pub(super) fn sample(&self, at_s: f64) -> i64 {
        (at_s * self.rate_hz as f64).round() as i64
    }

    /// Shakes the shank in one direction more than in others.
    pub(super) fn shake(&mut self, at_s: f64, shaking: Shaking<'_>, dice: &mut Dice) {
        // Drawn even without an accelerometer: the muscle is the same with and without one.
        let mut dice = Dice::new(dice.seed(), 0x51a6);
        if self.acc_rate_hz == 0 {
            return;
        }
        let rate_hz = self.acc_rate_hz as f64;
        let count = ((shaking.duration_s * rate_hz) as usize).max(4);
        let direction = dice.direction();
        let mut bands: [Band; 4] =
            std::array::from_fn(|_| Band::new(shaking.low_hz, shaking.high_hz, rate_hz, shaking.duration_s, &mut dice));
        let samples = (0..count)
            .map(|index| {
                let loud = super::course::between(shaking.course, (index as f64 + 0.5) / count as f64);
                let common = bands[3].next();
                std::array::from_fn(|axis| {
                    (shaking.strength_g * loud * (common * direction[axis] + 0.4 * bands[axis].next())) as f32
                })
            })
            .collect();
        self.shakes.push(Strip { start: (at_s * rate_hz).round() as i64, samples });
    }
}

/// Adds what strips hold from sample `start` on to `out` (one place a sample); forgets those that are over.
pub(super) fn play<T: Copy>(strips: &mut Vec<Strip<T>>, start: i64, out: &mut [T], add: impl Fn(&mut T, T)) {
    let end = start + out.len() as i64;
    strips.retain(|strip| {
        let strip_end = strip.start + strip.samples.len() as i64;
        let (from, to) = (strip.start.max(start), strip_end.min(end));
        if from < to {
            let samples = &strip.samples[(from - strip.start) as usize..(to - strip.start) as usize];
            let places = &mut out[(from - start) as usize..(to - start) as usize];
            places.iter_mut().zip(samples).for_each(|(place, sample)| add(place, *sample));
        }
        strip_end > end
    });
}
