//! Nights to learn from and to be judged on: simulated ones, or EDF+ files with `cramp` annotations.

use std::path::PathBuf;

use super::{NightRows, TrainError, Truth, collect};
use crate::simulate::{Digitiser, EventKind, Night, NightOptions, Person, Second};

/// Simulated people and their nights. Person and night follow from the seed alone.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedSet {
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
    fn default() -> Self {
        Self {
            people: 48,
            nights_per_person: 1,
            hours: 8.0,
            cramps_per_night: 6,
            rates_hz: vec![1000, 500, 2000, 250],
            density: 1.0,
            seed: 1,
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
                let turn = (person + night) as usize;
                let rates = if set.rates_hz.is_empty() { &[1000][..] } else { &set.rates_hz };
                let options = NightOptions {
                    duration_s: (set.hours * 3600.0) as u32,
                    emg_rate_hz: rates[turn % rates.len()],
                    emg_channels: 1 + (turn / rates.len() % 2) as u32,
                    cramps: crate::simulate::CrampCount::Exactly(set.cramps_per_night),
                    density: set.density,
                    drop_out: true,
                    loose_electrode: true,
                    ..NightOptions::default()
                };
                let person_seed = set.seed + person;
                nights.push(NightSource::Simulated { person_seed, night_seed: person_seed * 1000 + night, options });
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

    /// Collects all nights on two threads; `done` is told after each night.
    ///
    /// # Errors
    /// The first night's error.
    pub fn collect(&self, done: &(dyn Fn() + Sync)) -> Result<Vec<NightRows>, TrainError> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(self.nights.len().max(1));
        let next = std::sync::atomic::AtomicUsize::new(0);
        let work = || -> Result<Vec<(usize, NightRows)>, TrainError> {
            let mut mine = Vec::new();
            loop {
                let index = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let Some(night) = self.nights.get(index) else { return Ok(mine) };
                mine.push((index, night.collect()?));
                done();
            }
        };
        let parts: Vec<_> = std::thread::scope(|scope| {
            let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            handles.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
        });
        let mut all = Vec::new();
        for part in parts {
            let part = part.map_err(|_| TrainError::Material("a worker thread panicked".to_owned()))?;
            all.extend(part?);
        }
        all.sort_by_key(|(index, _)| *index);
        Ok(all.into_iter().map(|(_, night)| night).collect())
    }
}

impl NightSource {
    /// Number of the person.
    pub fn person(&self) -> usize {
        match self {
            Self::Simulated { person_seed, .. } => *person_seed as usize,
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
                collect(self.person(), &format!("simulated {night_seed}"), &layout, |sink| {
                    while night.next_second(&mut second) {
                        if let Some(chunk) = digitiser.chunk(&second) {
                            sink(&chunk);
                        }
                    }
                    Ok(cramps(&night))
                })
            }
            Self::File { path, .. } => super::files::collect_file(self.person(), path),
        }
    }
}

fn cramps(night: &Night) -> Vec<Truth> {
    let cramps = night.truth().iter().filter(|event| event.kind == EventKind::Cramp);
    cramps.map(|event| Truth { onset_s: event.onset_s, end_s: event.end_s }).collect()
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
