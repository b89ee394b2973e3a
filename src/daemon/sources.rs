//! Makes the source that the settings ask for, as of now.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::DaemonError;
use super::backbone::system_now;
use crate::chunk::{Chunk, StreamLayout};
use crate::config::{BluetoothConfig, Config, SensorKind};
use crate::recording::{ChannelChoice, EdfStream, RecordingError};
use crate::sensor::ble::{BleSettings, BleSource, InfoCheck, Wanted};
use crate::sensor::{
    ChunkReader, LinkFaults, Pace, Profile, ReplaySource, SecondSource, SimulatedOptions, SimulatedSource, Source,
    SourceError,
};
use crate::simulate::{CrampCount, Night, NightOptions, Person, Second, TruthEvent};
use crate::units::UtcMicros;

/// What plays.
#[derive(Debug, Clone)]
pub enum Play {
    /// A simulated person through a simulated radio.
    Simulated(SimulatedPlay),
    /// A recording.
    Replay {
        /// The EDF file.
        file: PathBuf,
        /// How fast.
        pace: Pace,
    },
    /// A real sensor.
    Bluetooth(BluetoothPlay),
}

/// A real sensor over Bluetooth.
#[derive(Debug, Clone)]
pub struct BluetoothPlay {
    /// Which sensor.
    pub sensor: BluetoothConfig,
    /// Key of the sensor's id.
    pub id_key: Vec<u8>,
}

impl BluetoothPlay {
    /// The sensor itself: it is searched for from now on, until this is dropped.
    ///
    /// # Errors
    /// A profile that cannot be read.
    pub fn source(&self) -> Result<BleSource, DaemonError> {
        let profile = self.profile()?;
        let settings = BleSettings {
            wanted: Wanted::of_profile(&profile, self.sensor.address, self.sensor.name.clone()),
            dialogue: profile.dialogue(),
            check_info: Some(InfoCheck::of_profile(&profile)),
            id_key: self.id_key.clone(),
        };
        Ok(BleSource::open(settings, system_now(), |anchor| profile.decoder(anchor)))
    }

    /// The built-in profile of that name, else the file.
    ///
    /// # Errors
    /// A file that cannot be read, or is no profile.
    pub fn profile(&self) -> Result<Profile, SourceError> {
        let name = &self.sensor.profile;
        if let Some(built_in) = Profile::text_of(name) {
            return Ok(Profile::parse(built_in)?);
        }
        let unreadable = |error: std::io::Error| SourceError::ProfileFile { profile: name.clone(), source: error };
        Ok(Profile::parse(&std::fs::read_to_string(name).map_err(unreadable)?)?)
    }
}

/// A simulated night, and what became of it.
#[derive(Debug, Clone)]
pub struct SimulatedPlay {
    /// Seed of person, night and link; each further night takes the next.
    pub seed: u64,
    /// The night.
    pub options: NightOptions,
    /// The link.
    pub faults: LinkFaults,
    /// How fast.
    pub pace: Pace,
    /// UTC of the first sample; `None`: the moment it starts.
    pub start_at: Option<UtcMicros>,
    /// What truly happened in the last night that is over, by UTC onset. For people to compare; nothing else reads it.
    pub truth: Arc<Mutex<Vec<(UtcMicros, TruthEvent)>>>,
}

impl Play {
    /// What the configuration asks for.
    pub fn of_config(config: &Config) -> Self {
        let simulated = &config.sensor.simulated;
        match (config.sensor.kind, &config.sensor.replay.file) {
            (SensorKind::Replay, Some(file)) => {
                Self::Replay { file: file.clone(), pace: Pace::Realtime { speed: config.sensor.replay.speed } }
            }
            (SensorKind::Bluetooth, _) => Self::Bluetooth(BluetoothPlay {
                sensor: config.sensor.bluetooth.clone(),
                id_key: config.leg.side.leg_name(&config.person.id).into_bytes(),
            }),
            _ => Self::Simulated(SimulatedPlay {
                seed: simulated.seed,
                options: NightOptions {
                    duration_s: (simulated.night_h * 3600.0) as u32,
                    cramps: CrampCount::Exactly(simulated.cramps),
                    drop_out: simulated.drop_outs > 0,
                    loose_electrode: simulated.loose_electrodes > 0,
                    ..NightOptions::default()
                },
                faults: LinkFaults {
                    loss: simulated.loss_pct / 100.0,
                    drift_ppm: simulated.drift_ppm,
                    ..LinkFaults::bedroom()
                },
                pace: Pace::Realtime { speed: simulated.speed },
                start_at: None,
                truth: Arc::default(),
            }),
        }
    }

    /// When a stream that may choose its time begins: never before what is `known` already, so that time does not run
    /// back. A night with a start of its own begins at that time of a later day.
    fn start_at(play: &SimulatedPlay, known: Option<UtcMicros>) -> UtcMicros {
        const DAY_MICROS: i64 = 86_400_000_000;
        let known = known.unwrap_or(UtcMicros(i64::MIN / 2));
        match play.start_at {
            Some(start) if known >= start => {
                let days = (known.0 - start.0) / DAY_MICROS + 1;
                start.plus_micros(days * DAY_MICROS)
            }
            Some(start) => start,
            None if play.pace == (Pace::Realtime { speed: 1.0 }) => system_now(),
            None => system_now().max(known.plus_seconds(1.0)),
        }
    }

    /// Whether its time is the time of the clock on the wall.
    pub fn is_real_time(&self) -> bool {
        match self {
            Self::Simulated(SimulatedPlay { pace: Pace::Realtime { speed }, start_at: None, .. }) => *speed == 1.0,
            Self::Bluetooth(_) => true,
            _ => false,
        }
    }

    /// Opens the source of night `night` (0, 1, …); `known` is the end of what the store knows.
    pub(super) fn open(&self, night: u32, known: Option<UtcMicros>) -> Result<Box<dyn Source>, DaemonError> {
        match self {
            Self::Replay { file, pace } => {
                let stream = EdfStream::open(file, &ChannelChoice::default())?;
                let started_at = stream.started_at().unwrap_or_else(system_now);
                let reader = Recording { stream, started_at };
                Ok(Box::new(ReplaySource::new(file.display().to_string(), reader, *pace)))
            }
            Self::Bluetooth(play) => Ok(Box::new(play.source()?)),
            Self::Simulated(play) => {
                let seed = play.seed.wrapping_add(u64::from(night));
                let start_at = Self::start_at(play, known);
                let profile = Profile::leg_sensor().map_err(SourceError::from)?;
                let options = SimulatedOptions {
                    id: format!("simulated-{seed}"),
                    start_at,
                    pace: play.pace,
                    faults: play.faults,
                    seed,
                    battery_pct: 90,
                };
                let made = Made {
                    night: Night::new(&Person::random(seed), &play.options, seed),
                    options: options.clone(),
                    truth: play.truth.clone(),
                };
                Ok(Box::new(SimulatedSource::new(&profile, Box::new(made), options)?))
            }
        }
    }
}

/// A night whose truth is handed over at its end.
#[derive(Debug)]
struct Made {
    night: Night,
    options: SimulatedOptions,
    truth: Arc<Mutex<Vec<(UtcMicros, TruthEvent)>>>,
}

impl SecondSource for Made {
    fn next_second(&mut self, out: &mut Second) -> bool {
        let more = self.night.next_second(out);
        if !more && let Ok(mut truth) = self.truth.lock() {
            let timed = |event: &TruthEvent| (self.options.true_utc(event.onset_s), event.clone());
            *truth = self.night.truth().iter().map(timed).collect();
        }
        more
    }
}

/// A recording as the replay wants it.
#[derive(Debug)]
struct Recording {
    stream: EdfStream,
    started_at: UtcMicros,
}

impl ChunkReader for Recording {
    fn layout(&self) -> &StreamLayout {
        self.stream.layout()
    }

    fn started_at(&self) -> UtcMicros {
        self.started_at
    }

    fn next_chunks(&mut self, out: &mut Vec<Chunk>) -> Result<bool, SourceError> {
        let unreadable = |error: RecordingError| SourceError::Read { id: "replay".to_owned(), source: Box::new(error) };
        self.stream.next_chunks(out).map_err(unreadable)
    }
}
