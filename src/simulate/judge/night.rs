//! The night, second by second.

use super::contact::{Contact, Span, contact_at};
use super::cramp::{Cramp, CrampPlan};
use super::deed::Stage;
use super::muscle::Muscle;
use super::person::Person;
use super::plan::Plan;
use super::pool::Pool;
use super::pose::Pose;
use super::potential::reach;
use super::slow::{Drift, FRAMES};
use super::wire::Wire;
use crate::simulate::dice::Dice;
use crate::simulate::{OneChannelNight, OneChannelOptions, Second, TruthEvent};
use std::f64::consts::TAU;

/// One night of one person: one EMG channel, and acceleration if asked for. Memory does not grow with the night beyond
/// its plan.
#[derive(Debug)]
pub struct JudgeNight {
    options: OneChannelOptions,
    person: Person,
    pool: Pool,
    muscle: Muscle,
    stage: Stage,
    spans: Vec<Span>,
    /// Coming, last first.
    cramps: Vec<CrampPlan>,
    cramping: Vec<Cramp>,
    wire: Wire,
    contact: Contact,
    /// Muscle in µV: this second and the tails of potentials into the next.
    samples: Vec<f32>,
    breath: (f64, Drift),
    truth: Vec<TruthEvent>,
    next_second: u32,
    dice: Dice,
}

impl OneChannelNight for JudgeNight {
    fn new(person_seed: u64, night_seed: u64, options: &OneChannelOptions) -> Self {
        let options = options.clamped();
        let rate_hz = options.emg_rate_hz as usize;
        let person = Person::random(person_seed);
        let pool = Pool::random(&person, person_seed, rate_hz);
        let seed = Dice::new(person_seed, 0x1d9e).seed() ^ night_seed.wrapping_mul(0xd134_2543_de82_ef95);
        let plan = Plan::draw(&person, seed, &options);
        let mut dice = Dice::new(seed, 0);
        let mut wire = Wire::new(&person, rate_hz, seed);
        let mut spans = plan.spans;
        let contact = contact_at(&mut spans, 0.0, wire.mains_uv(&person), &mut dice);
        Self {
            muscle: Muscle::new(&pool, seed),
            stage: Stage {
                efforts: Vec::new(),
                pose: Pose::new(Dice::new(seed, 0x905e)),
                shakes: Vec::new(),
                pieces: Vec::new(),
                discharges: Vec::new(),
                agenda: plan.deeds,
            },
            spans,
            cramps: plan.cramps,
            cramping: Vec::new(),
            wire,
            contact,
            samples: vec![0.0; rate_hz + reach(rate_hz)],
            breath: (0.0, Drift::new((-1.0_f64 / 13.0).exp(), 1.0, &mut dice)),
            truth: plan.truth,
            next_second: 0,
            options,
            person,
            pool,
            dice,
        }
    }

    fn next_second(&mut self, out: &mut Second) -> bool {
        if self.next_second >= self.options.duration_s {
            return false;
        }
        let second = self.next_second;
        self.next_second += 1;
        // A little early: a contraction may begin before its movement.
        self.stage.unfold(f64::from(second) + 2.0, &self.person, &self.pool);
        let mains_uv = self.wire.mains_uv(&self.person);
        let next = contact_at(&mut self.spans, f64::from(second + 1), mains_uv, &mut self.dice);
        self.emg(second, next, out);
        self.acceleration(second, out);
        self.contact = next;
        self.forget(f64::from(second + 1));
        (out.lead_off, out.link_down, out.marker) = (false, false, false);
        if self.next_second == self.options.duration_s {
            // A cramp that the end of the night cuts off counts as far as it came.
            for cramp in self.cramping.drain(..) {
                tell(&mut self.truth, &cramp);
            }
        }
        true
    }

    fn truth(&self) -> &[TruthEvent] {
        &self.truth
    }

    fn quiet_uv(&self) -> f64 {
        self.person.quiet_uv
    }
}

impl JudgeNight {
    fn emg(&mut self, second: u32, next: Contact, out: &mut Second) {
        let rate_hz = self.options.emg_rate_hz as usize;
        self.samples.copy_within(rate_hz.., 0);
        let tail = self.samples.len() - rate_hz;
        self.samples[tail..].fill(0.0);
        self.muscle.second(second, &self.pool, &mut self.stage.efforts, rate_hz, &mut self.samples);
        let (begin_s, end_s) = (f64::from(second), f64::from(second + 1));
        let samples = &mut self.samples;
        let pool = &self.pool;
        self.stage.discharges.retain(|discharge| {
            if discharge.at_s >= begin_s && discharge.at_s < end_s {
                let at = (discharge.at_s - begin_s) * rate_hz as f64;
                pool.units[discharge.unit].potential.add(at, discharge.version, discharge.strength, samples);
            }
            discharge.at_s >= end_s
        });
        let gain = (self.contact.gain, next.gain);
        let step = (gain.1 - gain.0) / rate_hz as f64;
        let through = |(index, sample): (usize, &f32)| (gain.0 + step * index as f64) as f32 * sample;
        out.emg_uv.clear();
        out.emg_uv.extend(self.samples[..rate_hz].iter().enumerate().map(through));
        while let Some(plan) = self.cramps.pop_if(|plan| plan.start_s < end_s) {
            self.cramping.push(Cramp::new(plan, &self.pool, &self.person.cramps, rate_hz));
        }
        let (truth, quiet_uv) = (&mut self.truth, self.person.quiet_uv);
        self.cramping.retain_mut(|cramp| {
            let goes_on = cramp.second(second, pool, gain, quiet_uv, &mut out.emg_uv);
            if !goes_on {
                tell(truth, cramp);
            }
            goes_on
        });
        self.wire.second(second, &self.person, (self.contact, next), &self.stage.pieces, &mut out.emg_uv);
    }

    fn acceleration(&mut self, second: u32, out: &mut Second) {
        out.acc_g.clear();
        let Some(rate) = self.options.acc_rate_hz else { return };
        let rate_hz = f64::from(rate);
        let pace = TAU * self.person.breath_hz + 0.3 * self.breath.1.next(&mut self.dice);
        for index in 0..rate {
            let at_s = f64::from(second) + f64::from(index) / rate_hz;
            let (mut felt, mut swing) = ([0.0; 3], 0.0);
            for shake in &mut self.stage.shakes {
                let (shaken, pitch) = shake.at(at_s);
                felt.iter_mut().zip(shaken).for_each(|(sum, part)| *sum += part);
                swing += pitch;
            }
            let gravity = self.stage.pose.gravity(at_s, rate_hz, swing);
            self.breath.0 += pace / rate_hz;
            let breath = self.breath.0.sin();
            for (axis, sum) in felt.iter_mut().enumerate() {
                *sum += gravity[axis] + breath * self.person.breath_g[axis];
            }
            for (row, bias) in self.person.mount.iter().zip(self.person.acc_bias_g) {
                let turned: f64 = row.iter().zip(felt).map(|(part, value)| part * value).sum();
                let value = turned + bias + self.person.acc_noise_g * f64::from(self.dice.normal_f32());
                let step = self.person.acc_step_g;
                out.acc_g.push(if step > 0.0 { (value / step).round() * step } else { value } as f32);
            }
        }
    }

    /// Drops what is over.
    fn forget(&mut self, now_s: f64) {
        self.stage.efforts.retain(|effort| effort.goes_on(now_s));
        self.stage.shakes.retain(|shake| shake.end_s() > now_s);
        self.stage.pieces.retain(|piece| !piece.is_over((now_s * FRAMES as f64) as i64));
        self.stage.pose.settle(now_s);
    }
}

fn tell(truth: &mut Vec<TruthEvent>, cramp: &Cramp) {
    if let Some(event) = cramp.truth() {
        let at = truth.partition_point(|other| other.onset_s <= event.onset_s);
        truth.insert(at, event);
    }
}
