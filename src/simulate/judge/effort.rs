//! One voluntary or involuntary contraction: what drives the pool, frame by frame.

use super::course::Envelope;
use super::potential::VERSIONS;
use super::slow::{CommonDrive, FRAME_S};
use crate::simulate::dice::Dice;
use std::f64::consts::TAU;

/// A sine on the drive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Swing {
    pub(super) depth: f64,
    pub(super) hz: f64,
    pub(super) phase: f64,
}

/// How the drive wavers around its course.
#[derive(Debug, Clone)]
pub(super) struct Texture {
    pub(super) common: Option<CommonDrive>,
    pub(super) swings: Vec<Swing>,
    /// Level at five even places of the length.
    pub(super) creep: [f64; 5],
    /// Level at the end, beside 1 at the start.
    pub(super) slope: f64,
    /// Limits of the wavering.
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Default for Texture {
    fn default() -> Self {
        Self { common: None, swings: Vec::new(), creep: [1.0; 5], slope: 1.0, low: 0.0, high: 10.0 }
    }
}

impl Texture {
    /// Only the drive that the units share.
    pub(super) fn common(common: CommonDrive, low: f64, high: f64) -> Self {
        Self { common: Some(common), low, high, ..Self::default() }
    }

    fn at(&mut self, at_s: f64, duration_s: f64, dice: &mut Dice) -> f64 {
        let share = (at_s / duration_s).clamp(0.0, 1.0);
        let piece = ((4.0 * share) as usize).min(3);
        let creep = self.creep[piece] + (self.creep[piece + 1] - self.creep[piece]) * (4.0 * share - piece as f64);
        let common = self.common.as_mut().map_or(0.0, |common| common.next(dice));
        let swing = |swing: &Swing| swing.depth * (TAU * swing.hz * at_s + swing.phase).sin();
        let waver = 1.0 + common + self.swings.iter().map(swing).sum::<f64>();
        (creep * waver).clamp(self.low, self.high) * (1.0 + (self.slope - 1.0) * share)
    }
}

/// A contraction.
#[derive(Debug, Clone)]
pub(super) struct Effort {
    pub(super) start_s: f64,
    pub(super) duration_s: f64,
    /// RMS at the plateau, µV.
    pub(super) level_uv: f64,
    /// The part of the muscle that is favoured, 0 to 1 across.
    pub(super) region: Option<f64>,
    /// Width of the potentials at the start, and how many widths fatigue adds.
    pub(super) version: usize,
    pub(super) fatigue: f64,
    pub(super) envelope: Envelope,
    pub(super) texture: Texture,
}

impl Effort {
    /// Somewhere in the muscle, without texture.
    pub(super) fn new(start_s: f64, duration_s: f64, level_uv: f64, envelope: Envelope, dice: &mut Dice) -> Self {
        Self {
            start_s,
            duration_s,
            level_uv,
            region: dice.chance(0.6).then(|| dice.unit()),
            version: dice.index(VERSIONS),
            fatigue: 0.0,
            envelope,
            texture: Texture::default(),
        }
    }
}

/// What the pool is asked for in one frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Demand {
    pub(super) drive: f64,
    pub(super) region: Option<f64>,
    pub(super) version: usize,
}

/// A contraction on its way.
#[derive(Debug)]
pub(super) struct RunningEffort {
    effort: Effort,
    /// Drive at the plateau.
    drive: f64,
    dice: Dice,
}

impl RunningEffort {
    /// `drive` is what brings the pool to the effort's level.
    pub(super) fn new(effort: Effort, drive: f64, seed: u64) -> Self {
        Self { effort, drive, dice: Dice::new(seed, 0xeff0) }
    }

    /// The demand at a time of the night; `None` before and after. To be asked once per frame.
    pub(super) fn demand(&mut self, at_s: f64) -> Option<Demand> {
        let effort = &mut self.effort;
        let within_s = at_s - effort.start_s;
        if !(0.0..effort.duration_s).contains(&within_s) {
            return None;
        }
        let share = within_s / effort.duration_s;
        let version = effort.version as f64 + effort.fatigue * share;
        // Between two widths some potentials are of one, some of the other.
        let version = if effort.fatigue > 0.0 { version + self.dice.unit() } else { version };
        let course = effort.envelope.at(within_s, effort.duration_s);
        Some(Demand {
            drive: self.drive * course * effort.texture.at(within_s, effort.duration_s, &mut self.dice),
            region: effort.region,
            version: (version as usize).min(VERSIONS - 1),
        })
    }

    /// True when something may come at or after `at_s`.
    pub(super) fn goes_on(&self, at_s: f64) -> bool {
        self.effort.start_s + self.effort.duration_s > at_s + FRAME_S
    }
}
