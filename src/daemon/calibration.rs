//! A calibration on the sensor that the configuration names: opens it, feeds the session, stores what came of it.
//!
//! It takes the daemon's place: it holds the lock on the data folder, since a sensor serves one listener only.

use std::fs::File;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

use super::DaemonError;
use super::assembly::lock;
use super::backbone::system_now;
use super::sources::{Play, SimulatedPlay};
use crate::calibrate::{Calibrated, News, Outcome, Session, Step, View};
use crate::config::Config;
use crate::detect::DetectError;
use crate::sensor::ble::LinkState;
use crate::sensor::{Profile, SecondSource, SimulatedOptions, SimulatedSource, Source, SourceError};
use crate::simulate::{CrampCount, Night, NightOptions, Person, Second};
use crate::store::{CalibrationRow, Store, ensure_private_folder};

/// How hard a simulated person flexes, as a share of their strongest.
const SIMULATED_EFFORT: f64 = 0.95;
/// How long.
const SIMULATED_FLEX_S: f64 = 5.0;
/// A simulated session with all its repeats is over by then.
const SIMULATED_S: u32 = 3600;

/// A source, and its link if it has one.
type Opened = (Box<dyn Source>, Option<watch::Receiver<LinkState>>);

/// Who gives the samples of a calibration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// A person with a sensor.
    Live,
    /// A simulated person, who does what is asked.
    Simulated,
    /// A recording, in which nobody heard what is asked now.
    Replay,
}

/// The store, the leg and the sensor of a calibration. No daemon runs on the data folder while it is there.
#[derive(Debug)]
pub struct Bench {
    store: Store,
    person: String,
    leg: String,
    play: Play,
    /// Held for the lock on the data folder.
    _lock: File,
}

impl Bench {
    /// Takes the data folder and finds the leg that the configuration names.
    ///
    /// # Errors
    /// [`DaemonError::InUse`] beside a daemon; an unwritable folder or a damaged store.
    pub async fn open(config: &Config) -> Result<Self, DaemonError> {
        ensure_private_folder(&config.storage.data_dir)?;
        let lock = lock(&config.storage.data_dir)?;
        let store = Store::open(&config.storage.data_dir).await?;
        let leg = store.ensure_leg(&config.person.id, config.leg.side).await?;
        Ok(Self { store, person: config.person.id.clone(), leg, play: Play::of_config(config), _lock: lock })
    }

    /// Name of the leg, such as `me_left`.
    pub fn leg(&self) -> &str {
        &self.leg
    }

    /// Who gives the samples.
    pub fn source_kind(&self) -> SourceKind {
        match self.play {
            Play::Bluetooth(_) => SourceKind::Live,
            Play::Simulated(_) => SourceKind::Simulated,
            Play::Replay { .. } => SourceKind::Replay,
        }
    }

    /// Plays a session through, and shows how it stands after each item of the source; `None` if `stop` came first. It
    /// stores nothing.
    ///
    /// # Errors
    /// A source that cannot be opened or read, or one whose channels cannot be conditioned.
    pub async fn measure(
        &self,
        stop: impl Future<Output = ()>,
        mut show: impl FnMut(&View<'_>, &[News], Option<&LinkState>),
    ) -> Result<Option<Outcome>, DaemonError> {
        let asked = Arc::new(AtomicBool::new(false));
        let (mut source, link) = self.open_source(&asked)?;
        let mut session = Session::new(source.layout()).map_err(DetectError::from)?;
        tokio::pin!(stop);
        let outcome = loop {
            let item = tokio::select! {
                biased;
                () = &mut stop => break None,
                item = source.next() => item,
            };
            let item = match item {
                Ok(item) => item,
                Err(error) => {
                    source.leave().await;
                    return Err(error.into());
                }
            };
            match item {
                Some(item) => {
                    session.time_is(item.now);
                    item.chunks.iter().for_each(|timed| session.push(&timed.chunk));
                }
                None => session.stream_is_over(),
            }
            let news = session.take_news();
            let flexes = news.iter().any(|news| matches!(news, News::Begins(Step::Flex(_), _)));
            asked.fetch_or(flexes, Ordering::Relaxed);
            let state = link.as_ref().map(|link| link.borrow().clone());
            show(&session.view(), &news, state.as_ref());
            if let Some(outcome) = session.outcome() {
                break Some(outcome.clone());
            }
        };
        // A sensor that is only dropped stays connected, and the daemon would not find it.
        source.leave().await;
        Ok(outcome)
    }

    /// Stores what was measured, all channels or none.
    ///
    /// # Errors
    /// What the store says.
    pub async fn keep(&self, calibrated: &Calibrated) -> Result<(), DaemonError> {
        let row = |channel: &crate::calibrate::ChannelCalibration| CalibrationRow {
            person_id: self.person.clone(),
            leg: self.leg.clone(),
            channel: channel.label.clone(),
            rest_rms_uv: channel.rest_rms_uv,
            mvc_rms_uv: channel.mvc_rms_uv,
            at: calibrated.at,
        };
        Ok(self.store.add_calibrations(&calibrated.channels.iter().map(row).collect::<Vec<_>>()).await?)
    }

    /// Closes the store and frees the data folder.
    pub async fn close(self) {
        self.store.close().await;
    }

    fn open_source(&self, asked: &Arc<AtomicBool>) -> Result<Opened, DaemonError> {
        match &self.play {
            Play::Bluetooth(play) => {
                let source = play.look()?;
                let link = source.link();
                Ok((Box::new(source), Some(link)))
            }
            Play::Simulated(play) => Ok((Box::new(obedient(play, asked)?), None)),
            Play::Replay { .. } => Ok((self.play.open(0, None, &[])?, None)),
        }
    }
}

/// The simulated person of the configuration, lying still but for what is asked, with an undisturbed link.
fn obedient(play: &SimulatedPlay, asked: &Arc<AtomicBool>) -> Result<SimulatedSource, DaemonError> {
    let profile = Profile::leg_sensor().map_err(SourceError::from)?;
    let options = NightOptions {
        duration_s: SIMULATED_S,
        cramps: CrampCount::Exactly(0),
        density: 0.0,
        drop_out: false,
        loose_electrode: false,
        ..play.options.clone()
    };
    let person =
        Obedient { night: Night::new(&Person::random(play.seed), &options, play.seed), asked: Arc::clone(asked) };
    let sensor = SimulatedOptions {
        id: format!("simulated-{}", play.seed),
        start_at: system_now(),
        pace: play.pace,
        faults: play.faults,
        seed: play.seed,
        battery_pct: 90,
    };
    Ok(SimulatedSource::new(&profile, Box::new(person), sensor)?)
}

/// Somebody who flexes when it is asked for, a second or so late, and lies still otherwise.
#[derive(Debug)]
struct Obedient {
    night: Night,
    asked: Arc<AtomicBool>,
}

impl SecondSource for Obedient {
    fn next_second(&mut self, out: &mut Second) -> bool {
        if self.asked.swap(false, Ordering::Relaxed) {
            self.night.contract(SIMULATED_EFFORT, SIMULATED_FLEX_S);
        }
        self.night.next_second(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SensorKind;

    async fn bench(folder: &std::path::Path, seed: u64, speed: f64) -> Bench {
        let mut config = Config::default();
        config.storage.data_dir = folder.to_owned();
        config.sensor.kind = SensorKind::Simulated;
        (config.sensor.simulated.seed, config.sensor.simulated.speed) = (seed, speed);
        Bench::open(&config).await.unwrap()
    }

    #[tokio::test]
    async fn a_simulated_person_who_does_what_is_asked_is_measured_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let person = Person::random(4);
        let bench = bench(folder.path(), 4, 1e6).await;
        let mut steps = Vec::new();
        let outcome = bench
            .measure(std::future::pending(), |_, news, _| {
                steps.extend(news.iter().filter_map(|news| match news {
                    News::Begins(step, _) => Some(*step),
                    News::Says(_) => None,
                }));
            })
            .await
            .unwrap();
        let Some(Outcome::Done(calibrated)) = outcome else { panic!("{outcome:?}") };
        assert_eq!(steps.len(), 11, "{steps:?}");
        for (channel, (mvc_uv, floor_uv)) in
            calibrated.channels.iter().zip(person.anatomy.mvc_uv.into_iter().zip(person.noise.floor_uv))
        {
            let (mvc, rest) = (channel.mvc_rms_uv.unwrap(), channel.rest_rms_uv);
            assert!((0.6..1.5).contains(&(mvc / mvc_uv)), "{}: {mvc} of {mvc_uv}", channel.label);
            assert!((0.6..1.4).contains(&(rest / floor_uv)), "{}: {rest} of {floor_uv}", channel.label);
        }
        assert_eq!(bench.store.calibrations(bench.leg()).await.unwrap(), []);
        bench.keep(&calibrated).await.unwrap();
        let rows = bench.store.calibrations(bench.leg()).await.unwrap();
        assert!(rows.len() == 2 && rows.iter().all(|row| row.at == calibrated.at && row.mvc_rms_uv.is_some()));
    }

    #[tokio::test]
    async fn a_stop_leaves_nothing_and_two_benches_do_not_share_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let bench = bench(folder.path(), 4, 1.0).await;
        let mut config = Config::default();
        config.storage.data_dir = folder.path().to_owned();
        assert!(matches!(Bench::open(&config).await, Err(DaemonError::InUse { .. })));
        let outcome = bench.measure(std::future::ready(()), |_, _, _| {}).await.unwrap();
        assert_eq!(outcome, None);
        assert_eq!(bench.store.all_calibrations(bench.leg()).await.unwrap(), []);
    }
}
