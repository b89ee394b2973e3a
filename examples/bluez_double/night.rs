//! A simulated night as counts of the sensor's converter, made ahead by a thread of its own.

use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use crampwatch::simulate::{CrampCount, Night, NightOptions, Person, Second, TruthEvent};
use serde_json::{Value, json};

const EMG_COUNTS_PER_UV: f32 = 10.0;
const ACC_COUNTS_PER_G: f32 = 4096.0;
/// Seconds made ahead: enough to ride over a busy moment, too few to matter for memory.
const SECONDS_AHEAD: usize = 8;

/// Which night.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct NightPlan {
    /// Of person and first night; each further night takes the next.
    pub(crate) seed: u64,
    pub(crate) hours: f64,
    pub(crate) cramps: u32,
    /// Factor on everything that is no cramp.
    pub(crate) density: f64,
}

/// Samples of one frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Two channels, interleaved.
    pub(crate) emg: Vec<i16>,
    /// X, Y, Z, interleaved.
    pub(crate) acc: Vec<i16>,
    pub(crate) lead_off: bool,
    pub(crate) marker: bool,
}

/// Gives the samples of night after night.
#[derive(Debug)]
pub(crate) struct NightMaker {
    seconds: Receiver<Second>,
    truth: Arc<Mutex<Vec<TruthEvent>>>,
    emg: Vec<i16>,
    acc: Vec<i16>,
    lead_off: bool,
    marker: bool,
}

impl NightMaker {
    pub(crate) fn start(plan: NightPlan) -> anyhow::Result<Self> {
        let (to, seconds) = sync_channel(SECONDS_AHEAD);
        let truth = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&truth);
        let make = move || {
            let person = Person::random(plan.seed);
            let options = NightOptions {
                duration_s: (plan.hours * 3600.0) as u32,
                cramps: CrampCount::Exactly(plan.cramps),
                density: plan.density,
                ..NightOptions::default()
            };
            for seed in plan.seed.. {
                let mut night = Night::new(&person, &options, seed);
                let tell = |night: &Night| {
                    night.truth().clone_into(&mut told.lock().unwrap_or_else(PoisonError::into_inner));
                };
                tell(&night);
                let mut second = Second::default();
                while night.next_second(&mut second) {
                    if to.send(second.clone()).is_err() {
                        return;
                    }
                }
                // Only now the cramps have their measured times.
                tell(&night);
            }
        };
        std::thread::Builder::new().name("night".to_owned()).spawn(make).context("cannot start a thread")?;
        Ok(Self { seconds, truth, emg: Vec::new(), acc: Vec::new(), lead_off: false, marker: false })
    }

    /// The next samples; `None` if the maker is gone.
    pub(crate) fn take(&mut self, emg_samples: usize, acc_samples: usize) -> Option<Taken> {
        while self.emg.len() < 2 * emg_samples || self.acc.len() < 3 * acc_samples {
            let second = self.seconds.recv().ok()?;
            self.emg.extend(second.emg_uv.iter().map(|&value| count(value * EMG_COUNTS_PER_UV)));
            self.acc.extend(second.acc_g.iter().map(|&value| count(value * ACC_COUNTS_PER_G)));
            self.lead_off = second.lead_off;
            self.marker |= second.marker;
        }
        let emg = self.emg.drain(..2 * emg_samples).collect();
        let acc = self.acc.drain(..3 * acc_samples).collect();
        Some(Taken { emg, acc, lead_off: self.lead_off, marker: std::mem::take(&mut self.marker) })
    }

    /// Events of the night that is played: planned ones, cramps as measured once it is over.
    pub(crate) fn truth(&self) -> Value {
        let events = self.truth.lock().unwrap_or_else(PoisonError::into_inner);
        let event =
            |event: &TruthEvent| json!({"kind": event.kind.name(), "onset_s": event.onset_s, "end_s": event.end_s});
        events.iter().map(event).collect()
    }
}

/// Rounded and clipped like the converter: −32768 is not used.
fn count(value: f32) -> i16 {
    (value.round() as i16).max(-32767)
}
