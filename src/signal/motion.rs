//! Movement and posture of the shank from acceleration, without a fixed upright vector: the sensor may be worn anyhow.

use serde::{Deserialize, Serialize};

use super::quarter::AccQuarter;

/// What was the usual posture this long ago counts half, in quarters (40 min).
const HALF_LIFE_QUARTERS: f64 = 9600.0;
/// Below this the leg is still enough to tell gravity, in g.
const STILL_G: f64 = 0.02;

/// Second moment of gravity's direction while still: which postures this night has known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MotionState {
    /// xx, yy, zz, xy, xz, yz; weights decay.
    moment: [f64; 6],
    total: f64,
    /// ln of the movement in g that a lying leg stays below one sixth of the time: the sensor's own noise.
    #[serde(default)]
    ln_still_g: Option<f64>,
}

/// Share of quarters below the still level.
const STILL_SHARE: f64 = 0.15;
/// How far the still level moves a quarter (ln): by a factor of e in some minutes.
const STILL_STEP: f64 = 0.01;

impl Default for MotionState {
    fn default() -> Self {
        Self { moment: [0.0; 6], total: 0.0, ln_still_g: None }
    }
}

impl MotionState {
    /// Takes a quarter second; only still ones teach.
    pub(crate) fn add(&mut self, acc: &AccQuarter) {
        let ln_g = acc.dynamic_rms_g.max(1e-5).ln();
        let still = self.ln_still_g.get_or_insert(ln_g);
        // Stochastic approximation of a quantile (Robbins & Monro 1951).
        *still += STILL_STEP * (STILL_SHARE - f64::from(u8::from(ln_g < *still))) / STILL_SHARE;
        if acc.dynamic_rms_g > STILL_G {
            return;
        }
        let Some([x, y, z]) = unit(acc.mean_g) else { return };
        let decay = 0.5_f64.powf(1.0 / HALF_LIFE_QUARTERS);
        for (sum, product) in self.moment.iter_mut().zip([x * x, y * y, z * z, x * y, x * z, y * z]) {
            *sum = *sum * decay + product;
        }
        self.total = self.total * decay + 1.0;
    }

    /// Movement in g without the sensor's own noise, which adds in squares.
    pub(crate) fn beyond_still_g(&self, movement_g: f64) -> f64 {
        let still_g = self.ln_still_g.map_or(0.0, f64::exp);
        (movement_g * movement_g - still_g * still_g).max(0.0).sqrt()
    }

    /// How well a direction fits the night's postures: mean squared cosine with them, 0 (new) to 1 (always so).
    /// Standing up is new, since no lying posture points along the shank. `None` before a minute was heard.
    pub(crate) fn familiarity(&self, direction_g: [f64; 3]) -> Option<f64> {
        let [x, y, z] = unit(direction_g)?;
        let [xx, yy, zz, xy, xz, yz] = self.moment;
        let form = xx * x * x + yy * y * y + zz * z * z + 2.0 * (xy * x * y + xz * x * z + yz * y * z);
        (self.total >= 240.0).then(|| (form / self.total).clamp(0.0, 1.0))
    }

    /// Whether every number is finite, for states from the store.
    pub fn is_sound(&self) -> bool {
        self.ln_still_g.is_none_or(f64::is_finite)
            && self.total.is_finite()
            && self.total >= 0.0
            && self.moment.iter().all(|m| m.is_finite())
    }
}

/// The direction of a vector; `None` for something far from gravity's length, as in free fall or a broken sensor.
fn unit([x, y, z]: [f64; 3]) -> Option<[f64; 3]> {
    let length = (x * x + y * y + z * z).sqrt();
    (0.3..3.0).contains(&length).then(|| [x / length, y / length, z / length])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standing_up_is_new_whatever_way_the_sensor_is_worn() {
        let mut state = MotionState::default();
        for i in 0..2000 {
            let turn = f64::from(i / 500) * 0.7;
            state.add(&AccQuarter { mean_g: [turn.cos(), turn.sin(), 0.0], dynamic_rms_g: 0.002 });
        }
        assert!(state.familiarity([0.0, 0.0, 1.0]).unwrap() < 0.05);
        assert!(state.familiarity([0.9, 0.4, 0.0]).unwrap() > 0.4);
    }
}
