//! The loop that carries orders out: asks the supervisor what to do, does it, tells it what came of it.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use btleplug::platform::Peripheral;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tracing::{info, warn};

use super::failure::Failure;
use super::link::LinkState;
use super::queues::{Note, Queues, RadioEvent};
use super::radio::{Aim, Radio};
use super::supervisor::{Call, Input, Moment, Order, Phase, Supervisor};
use super::{ErrorClass, sensor_id};
use crate::clock::UtcAnchor;
use crate::sensor::{Decoder, LinkCounters, SourceError, SourceItem};
use crate::units::UtcMicros;

/// How often an item is given, whether anything has arrived or not.
const TICK: Duration = Duration::from_millis(200);
/// Another sensor that fits as well is not taken so soon after ours was heard.
const LOYAL: Duration = Duration::from_secs(15);
/// At the first search others that fit are listened for so long, unless the configuration names one.
const LISTEN_FOR_OTHERS: Duration = Duration::from_millis(1500);
/// Another sensor that was heard so long before a connection is still there.
const OTHER_IS_THERE: Duration = Duration::from_secs(30);
/// And one that was not heard any more for so long is not spoken of.
const OTHER_IS_FORGOTTEN: Duration = Duration::from_secs(600);
/// An orderly end may take this long.
const LEAVE: Duration = Duration::from_secs(5);

/// A clock that is slewed stays closer than this to the time that goes by.
const CLOCK_STEP_S: f64 = 3.0;

/// What a source gives at a time.
pub(super) type Item = Result<SourceItem, SourceError>;
type Running = Pin<Box<dyn Future<Output = Done> + Send>>;

/// A call that is over; opening gives a radio.
struct Done {
    call: Call,
    result: Result<(), Failure>,
    radio: Option<Radio>,
}

/// All that the loop owns.
pub(super) struct Shell {
    pub(super) aim: Aim,
    pub(super) id_key: Vec<u8>,
    pub(super) decoder: Box<dyn Decoder>,
    pub(super) anchor: UtcAnchor,
    pub(super) began: Instant,
    pub(super) speed: f64,
    pub(super) items: mpsc::Sender<Item>,
    pub(super) link: watch::Sender<LinkState>,
    pub(super) stop: oneshot::Receiver<()>,
}

/// A task that ends with its owner.
struct Ended<T>(JoinHandle<T>);

impl<T> Drop for Ended<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A sensor that was seen and may be connected to.
struct Candidate {
    peripheral: Peripheral,
    address: [u8; 6],
    rssi_dbm: Option<i16>,
}

struct Loop {
    shell: Shell,
    supervisor: Supervisor,
    queues: Queues,
    radio: Option<Radio>,
    running: Option<Running>,
    /// The handle that was seen last, taken up when it is used.
    candidate: Option<Candidate>,
    /// When the first one was seen, while others are listened for.
    listening_since: Option<Instant>,
    /// The sensor that streamed last, and when it was last heard of.
    ours: Option<([u8; 6], Instant)>,
    /// When another one that fits was last heard.
    other_at: Option<Instant>,
    /// What was said with the newest failure of this class.
    detail: Option<(ErrorClass, String)>,
    valid_frames: u64,
    /// Why it ends without being told to.
    end: Option<SourceError>,
}

impl Shell {
    /// Runs until it is stopped, or only a new process can help.
    pub(super) async fn run(self) {
        let (queues, mut notes, mut events) = Queues::new(self.began, self.speed);
        let keep_awake = self.aim.dialogue.keep_awake.as_ref().map(|(_, every)| *every);
        let mut this = Loop {
            supervisor: Supervisor::new(keep_awake),
            queues,
            radio: None,
            running: None,
            candidate: None,
            listening_since: None,
            ours: None,
            other_at: None,
            detail: None,
            valid_frames: 0,
            end: None,
            shell: self,
        };
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while this.end.is_none() {
            let running = this.running.as_mut();
            tokio::select! {
                _ = &mut this.shell.stop => break,
                Some((generation, event)) = events.recv() => this.event(generation, event),
                Some(note) = notes.recv() => {
                    this.note(&note);
                    while let Ok(note) = notes.try_recv() {
                        this.note(&note);
                    }
                    this.signs_of_life();
                }
                done = finished(running) => {
                    this.running = None;
                    while let Ok(note) = notes.try_recv() {
                        this.note(&note);
                    }
                    this.done(done);
                }
                _ = ticks.tick() => {
                    this.input(Input::Tick);
                    this.end_listening();
                    this.give_item();
                }
            }
        }
        this.leave().await;
    }
}

/// The call under way; never, while there is none.
async fn finished(running: Option<&mut Running>) -> Done {
    match running {
        Some(running) => running.await,
        None => std::future::pending().await,
    }
}

impl Loop {
    fn input(&mut self, input: Input) {
        let before = (self.supervisor.phase(), self.supervisor.problem());
        let moment = Moment { at: self.shell.began.elapsed(), dice: rand::random() };
        let mut orders = Vec::new();
        self.supervisor.handle(moment, input, &mut orders);
        for order in orders {
            match order {
                Order::Begin { call, within } => self.begin(call, within),
                Order::Abandon => self.running = None,
                Order::Exit => self.end = Some(SourceError::BusDead),
            }
        }
        self.say(before);
    }

    fn begin(&mut self, call: Call, within: Duration) {
        if matches!(call, Call::Connect | Call::Disconnect)
            && let (Some(Candidate { peripheral, address, .. }), Some(radio)) = (self.candidate.take(), &self.radio)
        {
            radio.shared.take_sensor(peripheral);
            if call == Call::Connect || self.ours.is_none() {
                self.ours = Some((address, Instant::now()));
            }
        }
        let running: Running = match (&self.radio, call) {
            (Some(radio), call) if call != Call::OpenManager => {
                let mut task = Ended(radio.handle().spawn(radio.shared.clone().perform(call)));
                Box::pin(async move {
                    let result = match timeout(within, &mut task.0).await {
                        Err(_) => Err(Failure::timeout()),
                        Ok(Ok(result)) => result,
                        Ok(Err(error)) => Err(Failure::new(ErrorClass::Other, error.to_string())),
                    };
                    Done { call, result, radio: None }
                })
            }
            _ => {
                self.radio = None;
                (self.candidate, self.listening_since) = (None, None);
                self.queues = self.queues.next_generation();
                let open = Radio::open(self.shell.aim.clone(), self.queues.clone());
                Box::pin(async move {
                    let opened = timeout(within, open_and_find(open)).await;
                    let (result, radio) = opened.unwrap_or((Err(Failure::timeout()), None));
                    Done { call, result, radio }
                })
            }
        };
        self.running = Some(running);
    }

    fn done(&mut self, done: Done) {
        let Done { call, result, radio } = done;
        if radio.is_some() {
            self.radio = radio;
        }
        if let Err(failure) = &result {
            tracing::debug!(?call, class = failure.class.as_str(), error = failure.text, "A Bluetooth call failed.");
            if matches!(failure.class, ErrorClass::Refused | ErrorClass::MissingCharacteristic) {
                self.detail = Some((failure.class, failure.text.clone()));
                let refused = u64::from(failure.class == ErrorClass::Refused);
                self.shell.link.send_modify(|link| link.refusals += refused);
            }
        }
        if let (Call::Connect | Call::Discover | Call::Configure, Some((_, heard))) = (call, &mut self.ours) {
            // A call that hung is no sign that it has gone.
            *heard = Instant::now();
        }
        if call == Call::Connect && result.is_ok() {
            self.shell.decoder.connected();
            let address = self.ours.map(|(address, _)| address);
            let id = address.map(|address| sensor_id(&self.shell.id_key, address));
            let two_fit = self.other_at.is_some_and(|at| at.elapsed() < OTHER_IS_THERE);
            self.shell.link.send_modify(|link| {
                link.connections += 1;
                link.sensor_id = id;
                link.two_fit = two_fit;
            });
        }
        if matches!(call, Call::Forget(_)) {
            self.candidate = None;
        }
        self.input(Input::Finished(call, result.map_err(|failure| failure.class)));
    }

    fn event(&mut self, generation: u32, event: RadioEvent) {
        if generation != self.queues.generation {
            return;
        }
        let input = match event {
            RadioEvent::Seen { peripheral, address, rssi_dbm, connected } => {
                let seen = Candidate { peripheral, address, rssi_dbm };
                if !self.is_ours(&seen) {
                    return;
                }
                if let Some(rssi_dbm) = rssi_dbm {
                    self.shell.link.send_modify(|link| link.rssi_dbm = Some(rssi_dbm));
                }
                self.candidate = Some(seen);
                if !connected && self.ours.is_none() && self.shell.aim.wanted.address.is_none() {
                    let since = *self.listening_since.get_or_insert_with(Instant::now);
                    if since.elapsed() < LISTEN_FOR_OTHERS {
                        return;
                    }
                }
                Input::Seen { connected }
            }
            RadioEvent::Disconnected => Input::Disconnected,
            RadioEvent::AdapterOff => Input::AdapterOff,
            RadioEvent::AdapterOn => Input::AdapterOn,
            RadioEvent::OwnerLost => Input::OwnerLost,
            RadioEvent::OwnerBack => Input::OwnerBack,
            RadioEvent::BusLost => Input::BusLost,
        };
        self.input(input);
    }

    /// Two sensors may fit a profile: the one in use stays in use while it is there, and at first the nearest is taken.
    fn is_ours(&mut self, seen: &Candidate) -> bool {
        let is_ours = match (&mut self.ours, &self.candidate) {
            (Some((ours, heard)), _) if *ours == seen.address => {
                *heard = Instant::now();
                return true;
            }
            (Some((_, heard)), _) => heard.elapsed() > LOYAL,
            (None, Some(other)) if other.address != seen.address => seen.rssi_dbm > other.rssi_dbm,
            (None, _) => return true,
        };
        self.other_at = Some(Instant::now());
        if !self.shell.link.borrow().two_fit {
            self.shell.link.send_modify(|link| link.two_fit = true);
            warn!("{}", self.shell.link.borrow().report().warning.unwrap_or_default());
        }
        is_ours
    }

    /// Others have been listened for long enough.
    fn end_listening(&mut self) {
        if self.listening_since.is_some_and(|since| since.elapsed() >= LISTEN_FOR_OTHERS) {
            self.listening_since = None;
            if self.candidate.is_some() {
                self.input(Input::Seen { connected: false });
            }
        }
    }

    fn note(&mut self, note: &Note) {
        self.shell.decoder.push(note.role, &note.bytes, note.arrival_micros);
    }

    fn signs_of_life(&mut self) {
        let valid_frames = self.shell.decoder.valid_frames();
        if valid_frames != self.valid_frames {
            self.valid_frames = valid_frames;
            if let Some((_, heard)) = &mut self.ours {
                *heard = Instant::now();
            }
            self.input(Input::ValidFrame);
        }
    }

    fn give_item(&mut self) {
        let now_micros = self.queues.now_micros();
        let chunks = self.shell.decoder.take(now_micros);
        let rssi_dbm = self.shell.link.borrow().rssi_dbm;
        if self.other_at.is_some_and(|at| at.elapsed() > OTHER_IS_FORGOTTEN) {
            self.other_at = None;
            self.shell.link.send_modify(|link| link.two_fit = false);
        }
        let status = Some(self.shell.decoder.status(rssi_dbm));
        let now = self.shell.anchor.utc_of(now_micros);
        if self.shell.speed == 1.0
            && let Some(by_s) = stepped(now, UtcMicros::from_timestamp(jiff::Timestamp::now()))
        {
            self.end = Some(SourceError::ClockStepped { by_s });
            return;
        }
        if let Err(mpsc::error::TrySendError::Full(_)) =
            self.shell.items.try_send(Ok(SourceItem { chunks, status, now }))
        {
            self.shell.link.send_modify(|link| link.items_dropped += 1);
        }
    }

    /// Says where the link stands, when that has changed; in the log each problem once.
    fn say(&mut self, before: (Phase, Option<ErrorClass>)) {
        let (phase, problem) = (self.supervisor.phase(), self.supervisor.problem());
        let (failures, notes_dropped) = (self.supervisor.failures(), self.queues.dropped());
        let detail = self.detail.as_ref().filter(|(class, _)| Some(*class) == problem).map(|(_, text)| text.clone());
        let mut said_otherwise = false;
        self.shell.link.send_if_modified(|link| {
            said_otherwise = link.detail != detail;
            let changed = (link.phase, link.problem, link.failures, link.notes_dropped)
                != (phase, problem, failures, notes_dropped);
            (link.phase, link.problem, link.failures, link.notes_dropped) = (phase, problem, failures, notes_dropped);
            link.detail = detail;
            changed || said_otherwise
        });
        if before == (phase, problem) && !said_otherwise {
            return;
        }
        match problem {
            Some(problem) if before.1 != Some(problem) || said_otherwise => {
                let trouble = self.shell.link.borrow().report().trouble;
                warn!(link = %phase, "{}", trouble.map_or(problem.to_string(), |trouble| trouble.words));
            }
            _ if phase == Phase::Streaming => info!("The sensor streams."),
            _ => tracing::debug!(link = %phase, "The link has changed."),
        }
    }

    /// Stops the sensor and gives what is left.
    async fn leave(mut self) {
        self.running = None;
        if let Some(radio) = &self.radio {
            let leave = Ended(radio.handle().spawn(radio.shared.clone().take_leave()));
            let mut leave = leave;
            let _ = timeout(LEAVE, &mut leave.0).await;
        }
        let chunks = self.shell.decoder.finish();
        let now = self.shell.anchor.utc_of(self.queues.now_micros());
        let status = self.shell.decoder.status(None);
        let LinkCounters { received, decoded, duplicate, late, gaps, samples_lost, .. } = status.counters;
        let notes_dropped = self.queues.dropped();
        info!(received, decoded, duplicate, late, gaps, samples_lost, notes_dropped, "The sensor is left.");
        let status = Some(status);
        // The daemon that would take it may be gone.
        let _ = self.shell.items.try_send(Ok(SourceItem { chunks, status, now }));
        if let Some(error) = self.end {
            let _ = timeout(LEAVE, self.shell.items.send(Err(error))).await;
        }
    }
}

/// How far the clock has moved away from the time that went by, in seconds, if it was set.
fn stepped(now: UtcMicros, clock: UtcMicros) -> Option<f64> {
    let by_s = clock.seconds_since(now);
    (by_s.abs() > CLOCK_STEP_S).then_some(by_s)
}

/// A new radio, and what it found; it is kept even if it found no adapter, for it will see one come.
async fn open_and_find(open: impl Future<Output = Result<Radio, Failure>>) -> (Result<(), Failure>, Option<Radio>) {
    match open.await {
        Err(failure) => (Err(failure), None),
        Ok(radio) => {
            let mut task = Ended(radio.handle().spawn(radio.shared.clone().perform(Call::FindAdapter)));
            let found = (&mut task.0).await;
            let found = found.unwrap_or_else(|error| Err(Failure::new(ErrorClass::Other, error.to_string())));
            (found, Some(radio))
        }
    }
}
