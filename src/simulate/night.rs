//! A night that is made second by second.

use std::collections::VecDeque;

use super::contraction::{Contraction, Pattern};
use super::cramp::Measured;
use super::decimate::Halver;
use super::dice::Dice;
use super::frame::{Frame, RENDER_HZ, SECOND};
use super::noise::Noise;
use super::options::NightOptions;
use super::part::{Part, Scheduled, Stage};
use super::person::Person;
use super::plan::Plan;
use super::pool::Pool;
use super::posture::Posture;
use super::second::Second;
use super::truth::TruthEvent;
use super::voluntary::Voluntary;

/// A simulated night. The whole night exists at 2000 Hz; lower rates are its decimations, so the same person, options
/// and seed give the same night at every rate. Memory does not grow with its length, but for the plan of its events.
#[derive(Debug)]
pub struct Night {
    options: NightOptions,
    quiet_uv: [f64; 2],
    pool: Pool,
    voluntary: Voluntary,
    noise: Noise,
    posture: Posture,
    frame: Frame,
    waiting: VecDeque<Scheduled>,
    running: Vec<Scheduled>,
    truth: Vec<TruthEvent>,
    measured: Vec<(usize, Measured)>,
    halvers: [Vec<Halver>; 2],
    scratch: [Vec<f32>; 2],
    made_s: u32,
    given_s: u32,
    emg_out: [Vec<f32>; 2],
    acc_out: Vec<f32>,
    flags: VecDeque<[bool; 3]>,
}

impl Night {
    /// The night of this person with this seed; options outside their ranges are clamped.
    pub fn new(person: &Person, options: &NightOptions, seed: u64) -> Self {
        let options = options.clamped();
        let seed = seed ^ person.seed.rotate_left(32);
        let pool = Pool::new(person);
        let plan = Plan::new(person, &options, seed);
        let halvings = (RENDER_HZ / options.emg_rate_hz).ilog2() as usize;
        let halvers = || vec![Halver::new(); halvings];
        Self {
            quiet_uv: person.noise.floor_uv,
            voluntary: Voluntary::new(&pool, person.anatomy.interval_variation, seed),
            noise: Noise::new(person, seed),
            posture: Posture::new(person, seed),
            frame: Frame::new(options.acc_rate_hz.unwrap_or(0) as usize),
            waiting: plan.parts.into(),
            running: Vec::new(),
            truth: plan.truth,
            measured: Vec::new(),
            halvers: [halvers(), halvers()],
            scratch: [Vec::new(), Vec::new()],
            made_s: 0,
            given_s: 0,
            emg_out: [Vec::new(), Vec::new()],
            acc_out: Vec::new(),
            flags: VecDeque::new(),
            pool,
            options,
        }
    }

    /// The options as they are used.
    pub fn options(&self) -> &NightOptions {
        &self.options
    }

    /// The quiet RMS of each channel in µV against which cramps are measured: the noise floor below 500 Hz.
    pub fn quiet_uv(&self) -> [f64; 2] {
        self.quiet_uv
    }

    /// What happens in this night, in the order of onset. Cramps have their planned times until the last second was
    /// given; then they have measured ones, and those that never rose above twice the quiet RMS are gone.
    pub fn truth(&self) -> &[TruthEvent] {
        &self.truth
    }

    /// The person contracts both heads as hard as `share` of their strongest, 0 to 1, for `seconds`, from the next second
    /// on that is made. Nothing of it stands in the truth.
    pub fn contract(&mut self, share: f64, seconds: f64) {
        let hold = Pattern::Hold { rise_s: 0.4, fall_s: 0.4, drift: 0.0 };
        let start_s = f64::from(self.made_s);
        self.running.push(Scheduled {
            start_s,
            end_s: start_s + seconds,
            part: Part::Contract(Contraction::new([share.clamp(0.0, 1.0); 2], hold, 0.05, 1.0)),
            dice: Dice::new(u64::from(self.made_s), 60),
        });
    }

    /// Writes the next second to `out`; false, with `out` untouched, when the night is over.
    pub fn next_second(&mut self, out: &mut Second) -> bool {
        if self.given_s >= self.options.duration_s {
            return false;
        }
        let (rate, channels) = (self.options.emg_rate_hz as usize, self.options.emg_channels as usize);
        while self.emg_out[0].len() < rate {
            self.make_second();
        }
        out.emg_uv.clear();
        for index in 0..rate {
            out.emg_uv.extend(self.emg_out.iter().take(channels).map(|signal| signal[index]));
        }
        self.emg_out.iter_mut().take(channels).for_each(|signal| drop(signal.drain(..rate)));
        let acc_len = 3 * self.frame.shake_g.len();
        out.acc_g.clear();
        out.acc_g.extend(self.acc_out.drain(..acc_len));
        [out.lead_off, out.link_down, out.marker] = self.flags.pop_front().unwrap_or_default();
        self.given_s += 1;
        if self.given_s == self.options.duration_s {
            self.settle_truth();
        }
        true
    }

    /// Makes one second at 2000 Hz. Decimation looks ahead, so this runs up to one second before what is given.
    fn make_second(&mut self) {
        let channels = self.options.emg_channels as usize;
        self.frame.begin(f64::from(self.made_s));
        let end_s = self.frame.end_s();
        while self.waiting.front().is_some_and(|part| part.start_s < end_s) {
            self.running.extend(self.waiting.pop_front());
        }
        let mut stage = Stage {
            pool: &self.pool,
            channels,
            quiet_uv: self.quiet_uv,
            posture: &mut self.posture,
            frame: &mut self.frame,
        };
        self.running.iter_mut().for_each(|part| part.step(&mut stage));
        self.retire(end_s);
        self.voluntary.render(&self.pool, channels, &mut self.frame);
        self.noise.render(channels, &mut self.frame);
        if self.options.acc_rate_hz.is_some() {
            self.posture.render(&self.frame, &mut self.acc_out);
        }
        for channel in 0..channels {
            self.decimate(channel);
        }
        self.flags.push_back([self.frame.lead_off, self.frame.link_down, self.frame.marker]);
        self.made_s += 1;
    }

    /// Takes out parts that are over and keeps what their cramps were.
    fn retire(&mut self, end_s: f64) {
        let measured = &mut self.measured;
        self.running.retain(|part| {
            let runs = part.end_s > end_s;
            if let (false, Part::RunningCramp(cramp, truth)) = (runs, &part.part) {
                measured.push((*truth, cramp.measured));
            }
            runs
        });
    }

    fn decimate(&mut self, channel: usize) {
        let halvers = &mut self.halvers[channel];
        let made = &self.frame.emg_uv[channel][..SECOND];
        let Some((last, before)) = halvers.split_last_mut() else {
            self.emg_out[channel].extend_from_slice(made);
            return;
        };
        let [now, next] = &mut self.scratch;
        now.clear();
        now.extend_from_slice(made);
        for halver in before {
            next.clear();
            halver.push(now, next);
            std::mem::swap(now, next);
        }
        last.push(now, &mut self.emg_out[channel]);
    }

    fn settle_truth(&mut self) {
        let mut faint = vec![false; self.truth.len()];
        for (index, measured) in self.measured.drain(..) {
            let Some(event) = self.truth.get_mut(index) else { continue };
            event.level_uv = measured.peak_uv;
            if let Some((onset_s, end_s)) = measured.span_s {
                event.onset_s = onset_s;
                event.end_s = end_s.min(f64::from(self.options.duration_s));
            } else {
                faint[index] = true;
            }
        }
        let mut index = 0;
        self.truth.retain(|_| {
            index += 1;
            !faint[index - 1]
        });
        self.truth.sort_by(|one, other| one.onset_s.total_cmp(&other.onset_s));
    }
}
