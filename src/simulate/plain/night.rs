//! The night, second by second.

use super::background::Background;
use super::body::Body;
use super::cramp::{Cramp, CrampPlan};
use super::motion::{Pose, any_lying};
use super::part::{Mix, Part};
use super::plan::Plan;
use crate::simulate::dice::Dice;
use crate::simulate::{OneChannelNight, OneChannelOptions, Second, TruthEvent};
use std::f64::consts::TAU;

/// One night of one person: one EMG channel, and acceleration if asked for. Memory does not grow with the night
/// beyond the list of its events.
#[derive(Debug)]
pub struct PlainNight {
    options: OneChannelOptions,
    body: Body,
    mount: [[f64; 3]; 3],
    mix: Mix,
    background: Background,
    /// Coming, last first.
    parts: Vec<(f64, Box<dyn Part>)>,
    cramps: Vec<CrampPlan>,
    running: Vec<Box<dyn Part>>,
    cramping: Vec<Cramp>,
    truth: Vec<TruthEvent>,
    gain: f64,
    next_second: u32,
    dice: Dice,
}

impl OneChannelNight for PlainNight {
    fn new(person_seed: u64, night_seed: u64, options: &OneChannelOptions) -> Self {
        let options = options.clamped();
        let body = Body::random(person_seed);
        let seed = Dice::new(person_seed, 0x0196).seed() ^ night_seed.wrapping_mul(0xd134_2543_de82_ef95);
        let mut plan = Plan::draw(&body, seed, &options);
        plan.parts.reverse();
        plan.cramps.reverse();
        let mut dice = Dice::new(seed, 0);
        let rate_hz = options.emg_rate_hz as usize;
        let pose = Pose::new(any_lying(&mut dice));
        Self {
            mix: Mix::new(&body, rate_hz, options.acc_rate_hz.unwrap_or(0) as usize, pose),
            background: Background::new(&body, person_seed, night_seed, rate_hz),
            mount: worn(&body.mount, &mut dice),
            body,
            parts: plan.parts,
            cramps: plan.cramps,
            running: Vec::new(),
            cramping: Vec::new(),
            truth: plan.truth,
            gain: 1.0,
            next_second: 0,
            options,
            dice,
        }
    }

    fn next_second(&mut self, out: &mut Second) -> bool {
        if self.next_second >= self.options.duration_s {
            self.finish();
            return false;
        }
        self.mix.begin(self.next_second);
        self.next_second += 1;
        let end_s = f64::from(self.next_second);
        while self.parts.last().is_some_and(|part| part.0 < end_s) {
            self.running.extend(self.parts.pop().map(|part| part.1));
        }
        let mix = &mut self.mix;
        self.running.retain_mut(|part| part.second(mix));
        while let Some(plan) = self.cramps.pop_if(|cramp| cramp.start_s < end_s) {
            self.cramping.push(Cramp::new(plan, &mix.tissue, &mix.grid, mix.rate_hz));
        }
        let gain = (self.gain, mix.gain);
        let truth = &mut self.truth;
        let quiet_uv = self.body.quiet_uv;
        self.cramping.retain_mut(|cramp| {
            let goes_on = cramp.second(mix, gain, quiet_uv);
            if !goes_on {
                tell(truth, cramp);
            }
            goes_on
        });
        self.background.second(&mut self.mix.wire);
        self.emg(gain, out);
        self.acceleration(out);
        self.gain = gain.1;
        (out.lead_off, out.link_down, out.marker) = (false, false, false);
        if self.next_second == self.options.duration_s {
            self.finish();
        }
        true
    }

    fn truth(&self) -> &[TruthEvent] {
        &self.truth
    }

    fn quiet_uv(&self) -> f64 {
        self.body.quiet_uv
    }
}

impl PlainNight {
    /// A cramp that the end of the night cuts off counts as far as it came.
    fn finish(&mut self) {
        for cramp in self.cramping.drain(..) {
            tell(&mut self.truth, &cramp);
        }
    }

    fn emg(&self, gain: (f64, f64), out: &mut Second) {
        let rate = self.mix.rate_hz;
        let slope = (gain.1 - gain.0) / rate as f64;
        let sample =
            |(index, (wire, muscle)): (usize, (&f32, &f32))| wire + (gain.0 + slope * index as f64) as f32 * muscle;
        out.emg_uv.clear();
        out.emg_uv.extend(self.mix.wire.iter().zip(&self.mix.muscle).enumerate().map(sample));
    }

    fn acceleration(&mut self, out: &mut Second) {
        out.acc_g.clear();
        let rate = self.mix.acc_rate_hz as f64;
        for index in 0..self.mix.acc_rate_hz {
            let at_s = f64::from(self.mix.second) + index as f64 / rate;
            let up = self.mix.pose.at(at_s);
            let breath =
                self.body.breathing_g * (TAU * self.body.breathing_hz * at_s + 0.8 * (0.05 * at_s).sin()).sin();
            let shake = self.mix.shake[index];
            let felt: [f64; 3] = std::array::from_fn(|axis| up[axis] + f64::from(shake[axis]));
            for (row, bias) in self.mount.iter().zip(self.body.acc_bias_g) {
                let turned: f64 = row.iter().zip(felt).map(|(part, value)| part * value).sum();
                let noise = self.body.acc_noise_g * f64::from(self.dice.normal_f32());
                out.acc_g.push((turned + breath * row[1] + bias + noise) as f32);
            }
        }
    }
}

/// The sensor is put on a little differently each evening.
fn worn(mount: &[[f64; 3]; 3], dice: &mut Dice) -> [[f64; 3]; 3] {
    // About the shank's own axis, which is where a strap slips.
    let (sin, cos) = (0.3 * dice.normal()).sin_cos();
    mount.map(|row| [row[0] * cos - row[1] * sin, row[0] * sin + row[1] * cos, row[2]])
}

fn tell(truth: &mut Vec<TruthEvent>, cramp: &Cramp) {
    if let Some(event) = cramp.truth() {
        let at = truth.partition_point(|other| other.onset_s <= event.onset_s);
        truth.insert(at, event);
    }
}
