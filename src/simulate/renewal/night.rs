//! The night, second by second.

use super::contact::{Span, contact_at};
use super::deed::Deed;
use super::person::Person;
use super::plan::Plan;
use super::pool::Pool;
use super::stage::{Stage, play};
use super::wire::Wire;
use crate::simulate::dice::Dice;
use crate::simulate::{OneChannelNight, OneChannelOptions, Second, TruthEvent};
use std::f64::consts::TAU;

/// What breathing moves, g.
const BREATH_G: f64 = 0.0008;

/// One night of one person: one EMG channel, and acceleration if asked for. Memory grows with it by its plan, and by a
/// number a minute for slow drifts.
#[derive(Debug)]
pub struct RenewalNight {
    options: OneChannelOptions,
    stage: Stage,
    wire: Wire,
    /// Coming, last first.
    agenda: Vec<Deed>,
    spans: Vec<Span>,
    truth: Vec<TruthEvent>,
    next_second: u32,
    artefact: Vec<f32>,
    felt: Vec<[f32; 3]>,
    swing: Vec<f32>,
    breath_hz: f64,
    /// Gain and offset in g of each axis of the accelerometer.
    axes: [(f64, f64); 3],
    dice: Dice,
}

impl OneChannelNight for RenewalNight {
    fn new(person_seed: u64, night_seed: u64, options: &OneChannelOptions) -> Self {
        let options = options.clamped();
        let (rate_hz, acc_rate_hz) = (options.emg_rate_hz as usize, options.acc_rate_hz.unwrap_or(0) as usize);
        let person = Person::random(person_seed);
        let pool = Pool::random(&person, person_seed, rate_hz);
        let seed = Dice::new(person_seed ^ night_seed.rotate_left(32), 0x2e4e).seed();
        let plan = Plan::draw(&person, &pool, seed, &options);
        let mut dice = Dice::new(seed, 0);
        Self {
            wire: Wire::new(&person, rate_hz, options.duration_s, seed),
            stage: Stage::new(person, pool, rate_hz, acc_rate_hz, seed),
            agenda: plan.deeds,
            spans: plan.spans,
            truth: plan.truth,
            next_second: 0,
            artefact: vec![0.0; rate_hz],
            felt: vec![[0.0; 3]; acc_rate_hz],
            swing: vec![0.0; acc_rate_hz],
            breath_hz: dice.uniform(0.2, 0.28),
            axes: std::array::from_fn(|_| (1.0 + 0.01 * dice.normal(), 0.015 * dice.normal())),
            options,
            dice,
        }
    }

    fn next_second(&mut self, out: &mut Second) -> bool {
        let second = self.next_second;
        if second >= self.options.duration_s {
            return false;
        }
        self.next_second = second + 1;
        while let Some(deed) = self.agenda.pop_if(|deed| deed.at_s < f64::from(second + 1)) {
            self.stage.unfold(deed);
        }
        self.emg(second, &mut out.emg_uv);
        self.acceleration(second, &mut out.acc_g);
        (out.lead_off, out.link_down, out.marker) = (false, false, false);
        true
    }

    fn truth(&self) -> &[TruthEvent] {
        &self.truth
    }

    fn quiet_uv(&self) -> f64 {
        self.stage.person.quiet_uv
    }
}

impl RenewalNight {
    fn emg(&mut self, second: u32, out: &mut Vec<f32>) {
        let rate_hz = self.stage.rate_hz;
        let start = i64::from(second) * rate_hz as i64;
        out.clear();
        out.resize(rate_hz, 0.0);
        self.artefact.fill(0.0);
        let add = |sum: &mut f32, value: f32| *sum += value;
        play(&mut self.stage.muscle, start, out, add);
        play(&mut self.stage.wire, start, &mut self.artefact, add);
        let contact = contact_at(&self.spans, second);
        self.wire.second(second, &self.stage.person, contact, &self.artefact, out);
    }

    fn acceleration(&mut self, second: u32, out: &mut Vec<f32>) {
        out.clear();
        let rate_hz = self.stage.acc_rate_hz;
        if rate_hz == 0 {
            self.stage.pose.clear();
            return;
        }
        let start = i64::from(second) * rate_hz as i64;
        self.felt.fill([0.0; 3]);
        self.swing.fill(0.0);
        play(&mut self.stage.shakes, start, &mut self.felt, |sum, value| {
            sum.iter_mut().zip(value).for_each(|(sum, value)| *sum += value);
        });
        play(&mut self.stage.swings, start, &mut self.swing, |sum, value| *sum += value);
        for (index, (felt, swing)) in self.felt.iter().zip(&self.swing).enumerate() {
            let at_s = f64::from(second) + index as f64 / rate_hz as f64;
            let mut moved = self.stage.pose.gravity(at_s, f64::from(*swing));
            moved.iter_mut().zip(felt).for_each(|(sum, value)| *sum += f64::from(*value));
            moved[1] += BREATH_G * (TAU * self.breath_hz * at_s).sin();
            let person = &self.stage.person;
            for (row, (gain, offset_g)) in person.mount.iter().zip(self.axes) {
                let turned: f64 = row.iter().zip(moved).map(|(share, value)| share * value).sum();
                let noise_g = person.acc_noise_g * f64::from(self.dice.normal_f32());
                out.push((gain * turned + offset_g + noise_g) as f32);
            }
        }
    }
}
