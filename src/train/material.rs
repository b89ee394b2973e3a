//! Nights to learn from and to be judged on: simulated ones, or EDF+ files with `cramp` annotations.

use std::path::PathBuf;

use super::parallel::in_parallel;
use super::{NightRows, OtherEvent, TrainError, Truth, collect};
use crate::chunk::StreamLayout;
use crate::simulate::plain::{PlainNight, PlainOptions};
use crate::simulate::{Digitiser, EventKind, Night, NightOptions, Person, Second, TruthEvent};
use crate::units::Rate;

/// Who makes the nights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Generator {
    /// [`crate::simulate`]: models learn from it.
    #[default]
    Main,
    /// [`crate::simulate::plain`], written apart with other assumptions: for testing only.
    Plain,
}

/// Simulated people and their nights. Person and night follow from the seed alone.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedSet {
    /// Who makes them.
    pub generator: Generator,
    /// Number of people.
    pub people: usize,
    /// Nights of each person.
    pub nights_per_person: usize,
    /// Length of a night in hours.
    pub hours: f64,
    /// Cramps of each night.
    pub cramps_per_night: u32,
    /// EMG rates taken in turn, Hz.
    pub rates_hz: Vec<u32>,
    /// Factor on the rates of confounders.
    pub density: f64,
    /// First person's seed; the next person has the next seed.
    pub seed: u64,
}

impl Default for SimulatedSet {
    /// Natural nights for judging a model.
    fn default() -> Self {
        Self {
            generator: Generator::Main,
            people: 48,
            nights_per_person: 1,
            hours: 8.0,
            cramps_per_night: 4,
            rates_hz: vec![1000, 500, 2000, 250],
            density: 1.0,
            seed: 1_000_001,
        }
    }
}

impl SimulatedSet {
    /// Packed nights for learning: many people, and three times as much of everything that is no cramp in an hour, since
    /// quiet hours teach nothing.
    pub fn packed() -> Self {
        Self { people: 600, hours: 2.5, cramps_per_night: 5, density: 3.0, seed: 1, ..Self::default() }
    }

    /// The night of the `turn`-th person and night.
    fn night(&self, person_seed: u64, night_seed: u64, turn: usize) -> NightSource {
        let rates = if self.rates_hz.is_empty() { &[1000][..] } else { &self.rates_hz };
        let emg_rate_hz = rates[turn % rates.len()];
        // Every combination of rate, channels and acceleration rate comes up.
        let acc_rate_hz = Some([100, 50, 25, 200][(turn / 2) % 4]);
        let duration_s = (self.hours * 3600.0) as u32;
        match self.generator {
            Generator::Main => {
                let options = NightOptions {
                    duration_s,
                    emg_rate_hz,
                    emg_channels: 1 + u32::from(turn / rates.len() % 3 == 2),
                    acc_rate_hz,
                    cramps: crate::simulate::CrampCount::Exactly(self.cramps_per_night),
                    density: self.density,
                    drop_out: turn % 5 == 0,
                    loose_electrode: turn % 5 == 1,
                };
                NightSource::Simulated { person_seed, night_seed, options }
            }
            Generator::Plain => {
                let options = PlainOptions {
                    duration_s,
                    emg_rate_hz,
                    acc_rate_hz,
                    cramps: self.cramps_per_night,
                    density: self.density,
                };
                NightSource::Plain { person_seed, night_seed, options }
            }
        }
    }
}

/// One night.
#[derive(Debug, Clone, PartialEq)]
pub enum NightSource {
    /// Made when it is asked for.
    Simulated {
        /// Seed of the person, also its number.
        person_seed: u64,
        /// Seed of the night.
        night_seed: u64,
        /// What kind of night.
        options: NightOptions,
    },
    /// Made by the other generator when it is asked for.
    Plain {
        /// Seed of the person, also its number.
        person_seed: u64,
        /// Seed of the night.
        night_seed: u64,
        /// What kind of night.
        options: PlainOptions,
    },
    /// An EDF+ file; `person` comes from its name or header.
    File {
        /// Number of the person.
        person: usize,
        /// Where.
        path: PathBuf,
    },
}

/// Nights in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Material {
    /// The nights.
    pub nights: Vec<NightSource>,
}

impl Material {
    /// The nights of a simulated set.
    pub fn simulated(set: &SimulatedSet) -> Self {
        let mut nights = Vec::new();
        for person in 0..set.people as u64 {
            for night in 0..set.nights_per_person as u64 {
                let person_seed = set.seed + person;
                nights.push(set.night(person_seed, person_seed * 1000 + night, (person + night) as usize));
            }
        }
        Self { nights }
    }

    /// Nights in EDF+ files. A person is what stands before the first `_` of a file's name, numbered in the order of
    /// appearance; the files are read when they are collected.
    pub fn files(paths: &[PathBuf]) -> Self {
        let mut people: Vec<String> = Vec::new();
        let nights = paths.iter().map(|path| {
            let name = super::files::person_name(path);
            let person = people.iter().position(|known| *known == name).unwrap_or_else(|| {
                people.push(name);
                people.len() - 1
            });
            NightSource::File { person, path: path.clone() }
        });
        Self { nights: nights.collect() }
    }

    /// Collects all nights on all cores; `done` is told after each night.
    ///
    /// # Errors
    /// The first night's error.
    pub fn collect(&self, done: &(dyn Fn() + Sync)) -> Result<Vec<NightRows>, TrainError> {
        let night = |index: usize| {
            let rows = self.nights[index].collect();
            done();
            rows
        };
        in_parallel(self.nights.len(), night).into_iter().collect()
    }
}

impl NightSource {
    /// Number of the person.
    pub fn person(&self) -> usize {
        match self {
            Self::Simulated { person_seed, .. } | Self::Plain { person_seed, .. } => *person_seed as usize,
            Self::File { person, .. } => *person,
        }
    }

    /// Feature rows and labels of this night.
    ///
    /// # Errors
    /// When the night cannot be read or conditioned.
    pub fn collect(&self) -> Result<NightRows, TrainError> {
        match self {
            Self::Simulated { person_seed, night_seed, options } => {
                let options = options.clamped();
                let mut night = Night::new(&Person::random(*person_seed), &options, *night_seed);
                let mut digitiser = Digitiser::new(&options);
                let layout = digitiser.layout().clone();
                let mut second = Second::default();
                let mut others = Vec::new();
                let name = format!("simulated {night_seed}");
                let mut rows = collect(self.person(), &name, &layout, |sink| {
                    while night.next_second(&mut second) {
                        if let Some(chunk) = digitiser.chunk(&second) {
                            sink(&chunk);
                        }
                    }
                    others = others_of(night.truth());
                    Ok(cramps(night.truth()))
                })?;
                rows.others = others;
                rows.density = options.density.max(0.01);
                Ok(rows)
            }
            Self::Plain { person_seed, night_seed, options } => {
                let mut night = PlainNight::new(*person_seed, *night_seed, options);
                let layout =
                    StreamLayout::reference(Rate::hz(options.emg_rate_hz), 1, options.acc_rate_hz.map(Rate::hz));
                let mut digitiser = Digitiser::for_layout(layout.clone());
                let mut second = Second::default();
                let mut others = Vec::new();
                let name = format!("plain {night_seed}");
                let mut rows = collect(self.person(), &name, &layout, |sink| {
                    while night.next_second(&mut second) {
                        if let Some(chunk) = digitiser.chunk(&second) {
                            sink(&chunk);
                        }
                    }
                    others = others_of(night.truth());
                    Ok(cramps(night.truth()))
                })?;
                rows.others = others;
                rows.density = options.density.max(0.01);
                Ok(rows)
            }
            Self::File { path, .. } => super::files::collect_file(self.person(), path),
        }
    }
}

fn cramps(truth: &[TruthEvent]) -> Vec<Truth> {
    let cramps = truth.iter().filter(|event| event.kind == EventKind::Cramp);
    cramps.map(|event| Truth { onset_s: event.onset_s, end_s: event.end_s }).collect()
}

fn others_of(truth: &[TruthEvent]) -> Vec<OtherEvent> {
    let others = truth.iter().filter(|event| event.kind != EventKind::Cramp);
    let of = |event: &TruthEvent| OtherEvent {
        name: event.kind.name().to_owned(),
        from_s: event.onset_s,
        to_s: event.end_s,
    };
    others.map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nights_of_one_person_keep_one_number() {
        let paths = ["b_1.edf", "other/a_1.edf", "b_2.edf"].map(PathBuf::from);
        let people: Vec<usize> = Material::files(&paths).nights.iter().map(NightSource::person).collect();
        assert_eq!(people, [0, 1, 0]);
    }
}
