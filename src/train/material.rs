//! Nights to learn from and to be judged on: simulated ones, or EDF+ files with `cramp` annotations.

use std::path::PathBuf;
use std::sync::Arc;

use super::collect::{Seen, collect_seen};
use super::parallel::in_parallel;
use super::splice::Splices;
use super::{NightRows, OtherEvent, RealSet, TrainError, Truth};
use crate::chunk::StreamLayout;
use crate::simulate::judge::JudgeNight;
use crate::simulate::plain::PlainNight;
use crate::simulate::renewal::RenewalNight;
use crate::simulate::{
    Digitiser, EventKind, Night, NightOptions, OneChannelNight, OneChannelOptions, Person, Second, TruthEvent,
};
use crate::units::Rate;

/// Who makes the nights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Generator {
    /// [`crate::simulate`]: models learn from it.
    #[default]
    Main,
    /// [`crate::simulate::plain`], written apart with other assumptions: models learn from it too.
    Plain,
    /// [`crate::simulate::renewal`], written apart with other assumptions: models learn from it too.
    Renewal,
    /// [`crate::simulate::judge`], with the assumptions of somebody who knew none of them: for testing only.
    Judge,
}

/// The simulators that teach beside the first one, and where the seeds of their people begin after the first's: a number names
/// one person, and those of `evaluate` (from 1000001) are others. After, not before: folds go by rank, and the groups of
/// [`Material::spliced`] count on the ranks of the first simulator's people.
const OTHER_TEACHERS: [(Generator, u64); 2] = [(Generator::Plain, 20_000_000), (Generator::Renewal, 40_000_000)];

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
        Self { people: 1000, hours: 2.5, cramps_per_night: 5, density: 3.0, seed: 1, ..Self::default() }
    }

    /// The same kind of nights from each other simulator that teaches, with half as many people each: what all of them agree on
    /// is more likely to be about muscles.
    pub fn packed_others(&self) -> [Self; 2] {
        OTHER_TEACHERS.map(|(generator, seeds_after)| Self {
            generator,
            people: self.people.div_ceil(2),
            seed: self.seed + seeds_after,
            ..self.clone()
        })
    }

    /// The night of the `turn`-th person and night.
    fn night(&self, person_seed: u64, night_seed: u64, turn: usize) -> NightSource {
        let rates = if self.rates_hz.is_empty() { &[1000][..] } else { &self.rates_hz };
        let emg_rate_hz = rates[turn % rates.len()];
        // Every combination of rate, channels and acceleration rate comes up.
        let acc_rate_hz = Some([100, 50, 25, 200][(turn / 2) % 4]);
        let duration_s = (self.hours * 3600.0) as u32;
        let (cramps, density) = (self.cramps_per_night, self.density);
        let one_channel = OneChannelOptions { duration_s, emg_rate_hz, acc_rate_hz, cramps, density };
        match self.generator {
            Generator::Main => {
                let options = NightOptions {
                    duration_s,
                    emg_rate_hz,
                    emg_channels: 1 + u32::from(turn / rates.len() % 3 == 2),
                    acc_rate_hz,
                    cramps: crate::simulate::CrampCount::Exactly(cramps),
                    density,
                    drop_out: turn.is_multiple_of(5),
                    loose_electrode: turn % 5 == 1,
                };
                NightSource::Simulated { person_seed, night_seed, options }
            }
            Generator::Plain => NightSource::Plain { person_seed, night_seed, options: one_channel },
            Generator::Renewal => NightSource::Renewal { person_seed, night_seed, options: one_channel },
            Generator::Judge => NightSource::Judge { person_seed, night_seed, options: one_channel },
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
    /// Simulated, with real recordings without cramps at quiet places.
    Spliced {
        /// Seed of the simulated person, also its number.
        person_seed: u64,
        /// Seed of the night.
        night_seed: u64,
        /// What kind of night.
        options: NightOptions,
        /// What may be added.
        real: Arc<RealSet>,
    },
    /// Made by the second generator when it is asked for.
    Plain {
        /// Seed of the person, also its number.
        person_seed: u64,
        /// Seed of the night.
        night_seed: u64,
        /// What kind of night.
        options: OneChannelOptions,
    },
    /// Made by the renewal generator when it is asked for.
    Renewal {
        /// Seed of the person, also its number.
        person_seed: u64,
        /// Seed of the night.
        night_seed: u64,
        /// What kind of night.
        options: OneChannelOptions,
    },
    /// Made by the third generator when it is asked for: for testing only.
    Judge {
        /// Seed of the person, also its number.
        person_seed: u64,
        /// Seed of the night.
        night_seed: u64,
        /// What kind of night.
        options: OneChannelOptions,
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

    /// The nights of a simulated set with recordings of `real` in them. The i-th simulated person gets real people of group
    /// i mod `groups`: with twice as many groups as outer folds (each is halved within) no real person crosses a fold.
    /// Nights of the other simulators stay as they are.
    pub fn spliced(set: &SimulatedSet, real: &RealSet, groups: usize) -> Self {
        let groups = groups.max(1);
        let shares: Vec<Option<Arc<RealSet>>> =
            (0..groups).map(|group| real.group(group, groups).map(Arc::new)).collect();
        let mut material = Self::simulated(set);
        for night in &mut material.nights {
            if let NightSource::Simulated { person_seed, night_seed, options } = &*night
                && let Some(real) = &shares[(person_seed - set.seed) as usize % groups]
            {
                *night = NightSource::Spliced {
                    person_seed: *person_seed,
                    night_seed: *night_seed,
                    options: options.clone(),
                    real: Arc::clone(real),
                };
            }
        }
        material
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

    /// These nights and then `others`.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.nights.extend(others.nights);
        self
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
            Self::Simulated { person_seed, .. }
            | Self::Spliced { person_seed, .. }
            | Self::Plain { person_seed, .. }
            | Self::Renewal { person_seed, .. }
            | Self::Judge { person_seed, .. } => *person_seed as usize,
            Self::File { person, .. } => *person,
        }
    }

    /// Feature rows and labels of this night.
    ///
    /// # Errors
    /// When the night cannot be read or conditioned.
    pub fn collect(&self) -> Result<NightRows, TrainError> {
        match self {
            Self::Simulated { person_seed, night_seed, options } => simulated(*person_seed, *night_seed, options, None),
            Self::Spliced { person_seed, night_seed, options, real } => {
                simulated(*person_seed, *night_seed, options, Some(real))
            }
            Self::Plain { person_seed, night_seed, options } => {
                one_channel::<PlainNight>(*person_seed, *night_seed, options, "plain")
            }
            Self::Renewal { person_seed, night_seed, options } => {
                one_channel::<RenewalNight>(*person_seed, *night_seed, options, "renewal")
            }
            Self::Judge { person_seed, night_seed, options } => {
                one_channel::<JudgeNight>(*person_seed, *night_seed, options, "judge")
            }
            Self::File { path, .. } => super::files::collect_file(self.person(), path),
        }
    }
}

fn one_channel<N: OneChannelNight>(
    person_seed: u64,
    night_seed: u64,
    options: &OneChannelOptions,
    generator: &str,
) -> Result<NightRows, TrainError> {
    let mut night = N::new(person_seed, night_seed, options);
    let layout = StreamLayout::reference(Rate::hz(options.emg_rate_hz), 1, options.acc_rate_hz.map(Rate::hz));
    let mut digitiser = Digitiser::for_layout(layout.clone());
    let mut second = Second::default();
    let mut others = Vec::new();
    let name = format!("{generator} {night_seed}");
    let mut rows = collect_seen(Seen::FiveSeconds, person_seed as usize, &name, &layout, |sink| {
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

fn simulated(
    person_seed: u64,
    night_seed: u64,
    options: &NightOptions,
    real: Option<&RealSet>,
) -> Result<NightRows, TrainError> {
    let options = options.clamped();
    let mut night = Night::new(&Person::random(person_seed), &options, night_seed);
    let splices = real.map(|real| Splices::plan(real, &options, night.truth(), night_seed)).unwrap_or_default();
    let mut digitiser = Digitiser::new(&options);
    let layout = digitiser.layout().clone();
    let mut second = Second::default();
    let mut others = Vec::new();
    let name = format!("simulated {night_seed}");
    let mut rows = collect_seen(Seen::FiveSeconds, person_seed as usize, &name, &layout, |sink| {
        let mut number = 0;
        while night.next_second(&mut second) {
            splices.add_to(&mut second, number, &options);
            number += 1;
            if let Some(chunk) = digitiser.chunk(&second) {
                sink(&chunk);
            }
        }
        others = others_of(night.truth());
        others.extend(splices.events());
        Ok(cramps(night.truth()))
    })?;
    rows.others = others;
    rows.density = options.density.max(0.01);
    Ok(rows)
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

    #[test]
    fn a_number_names_one_person_of_all_simulators() {
        let main = SimulatedSet::packed();
        let [plain, renewal] = main.packed_others();
        let numbers = |set: &SimulatedSet| -> Vec<usize> {
            Material::simulated(set).nights.iter().map(NightSource::person).collect()
        };
        let judged = numbers(&SimulatedSet { people: 10_000, ..SimulatedSet::default() });
        let mut all = [numbers(&main), numbers(&plain), numbers(&renewal), judged].concat();
        let n = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), n);
        assert_eq!((plain.people, renewal.people), (500, 500));
    }

    #[test]
    fn real_people_stay_within_their_folds_and_become_events_that_are_no_cramps() {
        let folder = super::super::real::tests::folder();
        let real = RealSet::train(&folder).unwrap();
        let set = SimulatedSet { people: 24, hours: 0.5, cramps_per_night: 1, density: 1.0, ..SimulatedSet::packed() };
        let material = Material::spliced(&set, &real, 6);
        let mut seen: Vec<(usize, String)> = Vec::new();
        for (index, night) in material.nights.iter().enumerate() {
            let NightSource::Spliced { real, .. } = night else { panic!("{night:?}") };
            seen.extend(real.people().into_iter().map(|person| (index % 6, person.to_owned())));
        }
        seen.sort();
        seen.dedup();
        // Six groups decide both the outer fold (of three) and the inner half.
        assert_eq!(seen.len(), real.people().len());
        let with_real = |rows: &NightRows| rows.others.iter().any(|event| event.name.starts_with("real_"));
        let rows: Vec<NightRows> = material.nights[..3].iter().map(|night| night.collect().unwrap()).collect();
        assert!(rows.iter().any(with_real));
        let plain = Material::simulated(&set).nights[0].collect().unwrap();
        assert_eq!(plain.truth, rows[0].truth);
    }
}
