//! Starts the components in the order of the data and stops them in the same order, so that nothing is lost on the way.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use tokio::sync::{Mutex, Notify, mpsc, watch};
use tokio::task::JoinHandle;
use tracing::{info, warn};

use super::backbone::{Backbone, LegView, REQUEST_QUEUE, STATE_QUEUE, system_now};
use super::id_key::id_key;
use super::leg::run_leg;
use super::model_choice::model_in_use;
use super::settings::{BrokerPort, DaemonSettings};
use super::smart_home::announced;
use super::sources::Play;
use super::supervisor::{Ran, Stop, supervise};
use super::unwritten::Unwritten;
use super::{DaemonError, advice, commands, diary, retention, watchdog};
use crate::config::{Config, MqttMode};
use crate::detect::Model;
use crate::mqtt::command::Listening;
use crate::mqtt::payload::{BridgeInfo, EventSource, MonitorState, WireTime};
use crate::mqtt::{
    Credentials, EmbeddedBroker, MqttError, MqttSettings, Outgoing, PortChoice, Tls, readable_by_everybody,
};
use crate::recording::repair_folder;
use crate::store::Store;
use crate::units::UtcMicros;

/// A running daemon.
#[derive(Debug)]
pub struct Daemon {
    store: Store,
    leg: String,
    view: watch::Receiver<LegView>,
    broker: Option<EmbeddedBroker>,
    stop_data: watch::Sender<bool>,
    stop_mqtt: watch::Sender<bool>,
    data: Vec<JoinHandle<Result<(), DaemonError>>>,
    leg_task: JoinHandle<Result<(), DaemonError>>,
    mqtt: Option<JoinHandle<()>>,
    /// Held for the lock on the data folder.
    _lock: File,
}

impl Daemon {
    /// Opens the store, starts the broker and all components. Refuses what cannot work, before anything runs.
    ///
    /// # Errors
    /// An unwritable or used folder, a port in use, a model that cannot be used, a source that cannot be opened.
    pub async fn start(settings: DaemonSettings) -> Result<Self, DaemonError> {
        let config = settings.config;
        let model = Arc::new(load_model(&config)?);
        let store = Store::open(&config.storage.data_dir).await?;
        let lock = lock(&config.storage.data_dir)?;
        repair_nights(&config, &store).await?;
        let id_key = id_key(&config)?;
        let (mut mqtt_settings, broker) = broker(&config, &id_key, settings.broker_port)?;
        let leg = store.ensure_leg(&config.person.id, config.leg.side).await?;
        if let Some(what) = mqtt_settings.as_mut().and_then(|settings| settings.discovery.as_mut()) {
            what.retired = store.legs_of(&config.person.id).await?;
            what.retired.retain(|other| *other != leg);
        }
        let config_rev = store.config_rev(&config.hash()).await?;
        let source = match &settings.play {
            Play::Simulated(_) => EventSource::Simulated,
            Play::Replay { .. } => EventSource::Replay,
            Play::Bluetooth(_) => EventSource::Live,
        };
        let (states, state_receiver) = mpsc::channel(STATE_QUEUE);
        let (leg_requests, waiting_requests) = mpsc::channel(REQUEST_QUEUE);
        let (heard_sender, heard) = mpsc::channel(REQUEST_QUEUE);
        let (connected, broker_up) = watch::channel(false);
        let listening = Listening {
            person: config.person.id.clone(),
            legs: vec![leg.clone()],
            bed_presence_topic: config.alarm.bed_presence_topic.clone(),
            heard: heard_sender,
            connected,
        };
        let sensor_id = announced(&config, &id_key).legs.pop().and_then(|leg| leg.sensor);
        let (view, view_receiver) = watch::channel(LegView {
            now: UtcMicros(0),
            state: MonitorState::Waiting,
            ratio: 0.0,
            cramps: 0,
            watched_s: 0.0,
            monitored_s: 0.0,
            nights_over: 0,
            link: None,
        });
        let outbox_changed = Arc::new(Notify::new());
        let backbone = Arc::new(Backbone {
            config,
            store: store.clone(),
            model,
            config_rev,
            leg: leg.clone(),
            source,
            time_of_events: settings.time_of_events,
            states,
            outbox_changed: outbox_changed.clone(),
            states_dropped: AtomicU64::new(0),
            view,
            beats: AtomicU64::new(0),
            unwritten: Unwritten::default(),
            raw_changed: Notify::new(),
            diary_changed: Notify::new(),
            leg_requests,
            waiting_requests: Arc::new(Mutex::new(waiting_requests)),
            sensor_id,
            id_key,
            broker_up,
            bed: watch::channel(None).0,
        });
        // A replay that cannot be opened is a mistake to be told now, not a component to be restarted for ever.
        settings.play.check()?;
        let (stop_mqtt, stop_mqtt_receiver) = watch::channel(false);
        let mqtt = mqtt_settings.map(|mqtt_settings| {
            let store = store.clone();
            let stop = Stop(stop_mqtt_receiver);
            tokio::spawn(async move {
                let now = Arc::new(system_now);
                let shutdown = async move { stop.thrown().await };
                let run = crate::mqtt::run(
                    mqtt_settings,
                    Some(listening),
                    store,
                    state_receiver,
                    outbox_changed,
                    now,
                    shutdown,
                );
                if let Err(error) = run.await {
                    warn!(%error, "Nothing is published.");
                }
            })
        });
        say_hello(&backbone).await;
        let (stop_data, stop_receiver) = watch::channel(false);
        let stop = Stop(stop_receiver);
        let leg_task = tokio::spawn(run_component_leg(backbone.clone(), settings.play, settings.once, stop.clone()));
        let for_commands = backbone.clone();
        let heard = Arc::new(Mutex::new(heard));
        let for_diary = backbone.clone();
        let for_advice = backbone.clone();
        let for_retention = backbone.clone();
        let for_watchdog = backbone;
        let data = vec![
            tokio::spawn(supervise("commands", stop.clone(), move |stop| {
                commands::run_commands(for_commands.clone(), heard.clone(), stop)
            })),
            tokio::spawn(supervise("diary", stop.clone(), move |stop| diary::run_diary(for_diary.clone(), stop))),
            tokio::spawn(supervise("advice", stop.clone(), move |stop| advice::run_advice(for_advice.clone(), stop))),
            tokio::spawn(supervise("retention", stop.clone(), move |stop| {
                retention::run_retention(for_retention.clone(), stop)
            })),
            tokio::spawn(supervise("watchdog", stop, move |stop| watchdog::run_watchdog(for_watchdog.clone(), stop))),
        ];
        Ok(Self { store, leg, view: view_receiver, broker, stop_data, stop_mqtt, data, leg_task, mqtt, _lock: lock })
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Name of the leg, such as `me_left`.
    pub fn leg(&self) -> &str {
        &self.leg
    }

    /// What the leg does now; changes as it goes.
    pub fn view(&self) -> watch::Receiver<LegView> {
        self.view.clone()
    }

    /// Address of the embedded broker, if one runs.
    pub fn broker_address(&self) -> Option<std::net::SocketAddr> {
        self.broker.as_ref().map(|broker| broker.public_addr)
    }

    /// Waits until a source that plays once is over, or the leg cannot go on in this process. Stop the daemon in any case.
    ///
    /// # Errors
    /// What only a new process can cure, such as [`SourceError::BusDead`](crate::sensor::SourceError::BusDead).
    pub async fn finished(&mut self) -> Result<(), DaemonError> {
        (&mut self.leg_task).await.unwrap_or(Err(DaemonError::Panicked { component: "leg" }))
    }

    /// Stops the source, lets the leg write what it has, gives the broker two seconds for the rest, closes the store.
    pub async fn stop(self) {
        // Receivers may be gone already; then there is nothing to stop.
        let _ = self.stop_data.send(true);
        if !self.leg_task.is_finished() {
            let _ = self.leg_task.await;
        }
        for task in self.data {
            let _ = task.await;
        }
        let _ = self.stop_mqtt.send(true);
        if let Some(mqtt) = self.mqtt {
            let _ = mqtt.await;
        }
        self.store.close().await;
    }
}

/// The leg under its supervisor; counts the nights that the source has given.
async fn run_component_leg(backbone: Arc<Backbone>, play: Play, once: bool, stop: Stop) -> Result<(), DaemonError> {
    let nights = Arc::new(AtomicU32::new(0));
    supervise("leg", stop, move |stop| {
        let (backbone, play, nights) = (backbone.clone(), play.clone(), nights.clone());
        async move {
            let ran = run_leg(backbone, play, nights.load(Ordering::Relaxed), once, stop).await?;
            if ran == Ran::Again {
                nights.fetch_add(1, Ordering::Relaxed);
            }
            Ok(ran)
        }
    })
    .await
}

fn load_model(config: &Config) -> Result<Model, DaemonError> {
    let (model, origin) = model_in_use(config)?;
    info!(model = model.id, %origin, "Detecting.");
    Ok(match config.detection.enter_probability {
        Some(probability) => model.with_suspect_probability(probability)?,
        None => model,
    })
}

const LOCK_FILE: &str = "daemon.lock";

/// Whether a daemon has the data folder.
///
/// # Errors
/// The folder belongs to somebody else: it cannot be told.
pub fn is_running(folder: &Path) -> std::io::Result<bool> {
    match File::options().read(true).open(folder.join(LOCK_FILE)) {
        // A folder without the file never had one.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
        Ok(file) => Ok(matches!(file.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock))),
    }
}

/// One daemon a folder: two would write the same segments.
pub(super) fn lock(folder: &Path) -> Result<File, DaemonError> {
    let path = folder.join(LOCK_FILE);
    let open = || {
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path)
    };
    let file = open().map_err(|source| DaemonError::Lock { path: path.clone(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(DaemonError::InUse { path }),
        Err(std::fs::TryLockError::Error(source)) => Err(DaemonError::Lock { path, source }),
    }
}

/// Segments that a kill left open are closed; the store learns how long they are.
async fn repair_nights(config: &Config, store: &Store) -> Result<(), DaemonError> {
    let folder = config.storage.data_dir.join("nights");
    if !folder.is_dir() {
        return Ok(());
    }
    let repair = repair_folder(&folder)?;
    for segment in &repair.repaired {
        info!(path = %segment.path.display(), "A segment left open was closed.");
        let n_samples = i64::try_from(segment.n_samples).unwrap_or(i64::MAX);
        // A file that the store could not be told of, such as on a full disk, is no reason not to watch.
        if let Err(error) = store.finish_segment(&segment.path.display().to_string(), n_samples).await {
            warn!(%error, "The store does not know of a segment.");
        }
    }
    for (path, error) in &repair.unreadable {
        warn!(path = %path.display(), %error, "A segment cannot be read and is left alone.");
    }
    Ok(())
}

fn broker(
    config: &Config,
    id_key: &[u8],
    port: BrokerPort,
) -> Result<(Option<MqttSettings>, Option<EmbeddedBroker>), DaemonError> {
    let mqtt = &config.mqtt;
    for secret in [&mqtt.client_key_file, &mqtt.password_file, &mqtt.embedded_password_file].into_iter().flatten() {
        if readable_by_everybody(secret) {
            warn!(file = %secret.display(), "Everybody on this machine can read this secret: chmod 600 it.");
        }
    }
    match mqtt.mode {
        MqttMode::Off => Ok((None, None)),
        MqttMode::External => {
            let settings = external_broker(config, id_key)?;
            if settings.tls.is_none() && settings.is_beyond_this_machine() {
                warn!(
                    host = mqtt.host,
                    "Password and nights go to the broker in the clear: whoever is in the network can read them. \
                     Set mqtt.tls = true if the broker can."
                );
            }
            Ok((Some(settings), None))
        }
        MqttMode::Embedded => {
            let mut settings = said_to_anybody(config, id_key);
            settings.validate()?;
            let choice = match port {
                BrokerPort::Exact => PortChoice::Exact(mqtt.embedded_port),
                BrokerPort::PreferOrFree => PortChoice::PreferOrFree(mqtt.embedded_port),
            };
            let login = mqtt.embedded_password.as_ref().map(|password| Credentials {
                username: mqtt.embedded_username.clone(),
                password: password.expose().to_owned(),
            });
            let broker = EmbeddedBroker::start_with(mqtt.embedded_address, choice, login.as_ref())?;
            broker.apply_to(&mut settings);
            Ok((Some(settings), Some(broker)))
        }
    }
}

/// What is said, wherever the broker is.
fn said_to_anybody(config: &Config, id_key: &[u8]) -> MqttSettings {
    MqttSettings {
        base_topic: config.mqtt.base_topic.clone(),
        discovery: config.mqtt.discovery.then(|| announced(config, id_key)),
        ..MqttSettings::default()
    }
}

/// How an external broker is spoken to; `id_key` is the key of the sensor ids that it is told.
///
/// # Errors
/// Settings or files for TLS that cannot work.
pub fn external_broker(config: &Config, id_key: &[u8]) -> Result<MqttSettings, MqttError> {
    let mqtt = &config.mqtt;
    let mut settings = said_to_anybody(config, id_key);
    settings.host.clone_from(&mqtt.host);
    settings.port = mqtt.port;
    settings.client_id = format!("crampwatch-{}", config.leg.side.leg_name(&config.person.id));
    settings.credentials = mqtt.username.clone().map(|username| Credentials {
        username,
        password: mqtt.password.as_ref().map(|p| p.expose().to_owned()).unwrap_or_default(),
    });
    if mqtt.tls {
        settings.tls = Some(Tls::load(mqtt.tls_files())?);
    }
    settings.validate()?;
    Ok(settings)
}

async fn say_hello(to: &Backbone) {
    let at = WireTime(system_now());
    to.say(Outgoing::BridgeInfo(BridgeInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        model_id: to.model.id.clone(),
        model_sha256: to.model.sha256.clone(),
        config_rev: to.config_rev,
        started_at: at,
    }))
    .await;
}

/// Resolves at SIGINT or SIGTERM.
pub async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let (interrupt, terminate) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    match (interrupt, terminate) {
        (Ok(mut interrupt), Ok(mut terminate)) => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        // Without handlers the signals' default action ends the process; nothing else to wait for.
        _ => std::future::pending().await,
    }
}
