//! What motion does to the electrodes: short pieces of slow voltage at the frame rate.

use super::course::smooth_step;
use super::slow::{FRAME_S, FRAMES};
use crate::simulate::dice::Dice;
use std::f64::consts::{PI, TAU};

/// A piece of artefact in µV, one value per frame.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) first_frame: i64,
    pub(super) values_uv: Vec<f32>,
}

impl Piece {
    fn new(start_s: f64, values: impl IntoIterator<Item = f64>) -> Self {
        let values_uv = values.into_iter().map(|value| value as f32).collect();
        Self { first_frame: (start_s * FRAMES as f64) as i64, values_uv }
    }

    /// A sub-movement of `duration_s`; a few end in a jump of the electrode's potential.
    pub(super) fn movement(start_s: f64, duration_s: f64, level_uv: f64, dice: &mut Dice) -> Self {
        let count = ((duration_s + 0.6) * FRAMES as f64) as usize;
        let keep = (-TAU * dice.uniform(1.0, 9.0) * FRAME_S).exp();
        let (mut first, mut second) = (0.0, 0.0);
        let mut noise = Vec::with_capacity(count);
        for _ in 0..count {
            first += (1.0 - keep) * (dice.normal() - first);
            second += (1.0 - keep) * (first - second);
            noise.push(second);
        }
        let deviation = (noise.iter().map(|x| x * x).sum::<f64>() / count.max(1) as f64).sqrt().max(1e-9);
        let jump = if dice.chance(0.06) { 5.0 * dice.normal() * level_uv } else { 0.0 };
        let fade_s = dice.uniform(0.05, 0.4);
        let value = |(index, noise): (usize, &f64)| {
            let share = index as f64 / count as f64;
            let after_s = (index as f64 - (count / 3) as f64) * FRAME_S;
            let jumps = if after_s >= 0.0 { (-after_s / fade_s).exp() * smooth_step(3.0 * (1.0 - share)) } else { 0.0 };
            2.0 * level_uv * noise / deviation * (PI * share).sin().powi(2) + jump * jumps
        };
        Self::new(start_s, noise.iter().enumerate().map(value).collect::<Vec<_>>())
    }

    /// A heel strike.
    pub(super) fn step(start_s: f64, level_uv: f64, dice: &mut Dice) -> Self {
        let count = FRAMES / 2;
        let mut slow = 0.0;
        let mut value = |index: usize| {
            slow += 0.1 * (dice.normal() - slow);
            2.0 * level_uv * slow * (PI * index as f64 / count as f64).sin().powi(2)
        };
        Self::new(start_s, (0..count).map(&mut value).collect::<Vec<_>>())
    }

    /// A hand or blanket that rubs `hz` times a second.
    pub(super) fn rub(start_s: f64, duration_s: f64, level_uv: f64, hz: f64, dice: &mut Dice) -> Self {
        let (mut wander, mut rough) = (0.0, 0.0);
        let mut value = |index: usize| {
            let at_s = index as f64 * FRAME_S;
            wander += 1.2 * FRAME_S.sqrt() * dice.normal();
            rough += 0.15 * (dice.normal() - rough);
            let phase = TAU * hz * at_s + wander;
            let saw = phase.sin() + 0.5 * (2.0 * phase + 1.0).sin() + 0.25 * (3.0 * phase).sin() + 0.5 * rough;
            level_uv * saw * smooth_step(at_s / 0.5) * smooth_step((duration_s - at_s) / 0.5)
        };
        Self::new(start_s, (0..(duration_s * FRAMES as f64) as usize).map(&mut value).collect::<Vec<_>>())
    }

    /// A loose electrode slides or pops.
    pub(super) fn pop(start_s: f64, level_uv: f64, dice: &mut Dice) -> Self {
        let count = (dice.uniform(0.1, 2.5) * FRAMES as f64) as usize;
        let pops = dice.chance(0.3);
        let mut sum = 0.0;
        let mut walk: Vec<f64> = Vec::with_capacity(count);
        for _ in 0..count {
            sum += dice.normal();
            walk.push(sum);
        }
        let first = walk.first().copied().unwrap_or(0.0);
        let value = |(index, walk): (usize, f64)| {
            let share = index as f64 / count as f64;
            let pop =
                if pops { 25.0 * (-(index as f64) * FRAME_S / 0.2).exp() * smooth_step(3.0 * share) } else { 0.0 };
            let bridge = walk - first - (sum - first) * share + pop;
            level_uv / 6.0 * bridge * (PI * share).sin().powi(2)
        };
        Self::new(start_s, walk.into_iter().enumerate().map(value).collect::<Vec<_>>())
    }

    /// The value in a frame of the night, 0 outside.
    pub(super) fn at(&self, frame: i64) -> f32 {
        usize::try_from(frame - self.first_frame)
            .ok()
            .and_then(|index| self.values_uv.get(index))
            .copied()
            .unwrap_or(0.0)
    }

    /// True when it ends before this frame.
    pub(super) fn is_over(&self, frame: i64) -> bool {
        self.first_frame + self.values_uv.len() as i64 <= frame
    }
}
