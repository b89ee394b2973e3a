//! The link supervisor: decides, never acts. Time and randomness come in as values.
//!
//! It keeps one rule above all: a sensor is alive while valid frames are younger than [`ALIVE`], whatever events say,
//! calls return or BlueZ calls connected. Whatever ends that leads back here: disconnect, search, connect, and so on for
//! ever. One call is under way at a time, and none connects while a scan is on.

mod next;
mod words;

use std::time::Duration;

pub use words::{Call, Input, Moment, Order, Phase};

use super::ErrorClass;
use super::back_off::BackOff;

/// A sensor whose newest valid frame is older than this is not alive.
pub const ALIVE: Duration = Duration::from_secs(3);
/// A first frame may take so long after the start was written.
const FIRST_FRAME: Duration = Duration::from_secs(5);
/// A link that has given frames for so long was no failure.
const PROVEN: Duration = Duration::from_secs(10);
/// Least time between a failed connection and the next.
const PAUSE: Duration = Duration::from_secs(1);
/// A scan that has heard nothing for so long will not hear much.
const LISTEN: Duration = Duration::from_secs(5);
/// bluetoothd, adapter and link are looked at so often.
const PROBE_EVERY: Duration = Duration::from_secs(4);
/// An adapter that is not there is looked for so often.
const FIND_EVERY: Duration = Duration::from_secs(5);
/// A new connection to the bus that failed is tried again after this.
const OPEN_EVERY: Duration = Duration::from_secs(2);
/// bluetoothd needs a moment to export its adapters.
const OWNER_SETTLES: Duration = Duration::from_millis(500);
/// A scan that could not be begun is tried again after this, so many times before the manager is made anew.
const SCAN_AGAIN: Duration = Duration::from_secs(2);
const MOST_SCANS_FAILED: u32 = 5;
/// A search without any result for so long makes a new manager, at first; each further time twice as late.
const REBUILD_AFTER: Duration = Duration::from_secs(600);
const REBUILD_AT_MOST: Duration = Duration::from_secs(4 * 3600);
/// So does each time that so many connections in a row came to nothing.
const RENEW_AFTER: u32 = 6;
/// So many calls in a row that BlueZ should answer at once and does not: the connection to it is dead.
const MOST_TIMEOUTS: u32 = 2;
/// New connections that do not help, for so long and so many in a row: only a new process may. A bus that is started
/// anew is back sooner.
const REOPEN_FOR: Duration = Duration::from_secs(30);
const LEAST_REOPENED: u32 = 3;

/// The state of one sensor's link. See the [module](self).
#[derive(Debug, Clone)]
pub struct Supervisor {
    phase: Phase,
    running: Option<Call>,
    /// A connection to the bus is there.
    manager: bool,
    /// One was there before: what fails now has worked on this machine.
    had_manager: bool,
    /// When to look for manager or adapter again.
    look_at: Duration,
    scanning_since: Option<Duration>,
    /// BlueZ may be scanning, known or not.
    may_scan: bool,
    /// A scan that failed is not repeated before this.
    scan_at: Duration,
    scans_failed: u32,
    /// It has been searched for long enough since the last connection, or cannot be.
    listened: bool,
    /// A handle of the sensor is there.
    sensor: bool,
    seen_at: Option<Duration>,
    /// Nobody has disconnected since bluetoothd or this process began: a link may be left of before.
    unclean: bool,
    disconnect: bool,
    forget: Option<bool>,
    back_off: BackOff,
    /// No connection before this; and without being seen, none before `wait_until`.
    pause_until: Duration,
    wait_until: Duration,
    /// The start has been written on this connection.
    configured: bool,
    first_frame_at: Option<Duration>,
    /// The newest sign of life, or when it should have begun.
    alive_at: Duration,
    keep_awake_every: Option<Duration>,
    kept_awake_at: Duration,
    probe_at: Duration,
    timeouts: u32,
    reopened: u32,
    lost_at: Duration,
    missing: u32,
    rebuild_at: Option<Duration>,
    rebuild_after: Duration,
    /// The manager is to be made anew, without anything being known to be wrong with it; and that is under way.
    renew_due: bool,
    renewing: bool,
    /// The newest connection was tried without the sensor having been heard.
    blind: bool,
    problem: Option<ErrorClass>,
    /// It is to end; `true` once that was ordered.
    exited: Option<bool>,
}

impl Supervisor {
    /// A link that is not there yet. `keep_awake_every`: how often the sensor wants to be told not to sleep.
    pub fn new(keep_awake_every: Option<Duration>) -> Self {
        Self {
            phase: Phase::AdapterLost,
            running: None,
            manager: false,
            had_manager: false,
            look_at: Duration::ZERO,
            scanning_since: None,
            may_scan: false,
            scan_at: Duration::ZERO,
            scans_failed: 0,
            listened: false,
            sensor: false,
            seen_at: None,
            unclean: true,
            disconnect: false,
            forget: None,
            back_off: BackOff::default(),
            pause_until: Duration::ZERO,
            wait_until: Duration::ZERO,
            configured: false,
            first_frame_at: None,
            alive_at: Duration::ZERO,
            keep_awake_every,
            kept_awake_at: Duration::ZERO,
            probe_at: Duration::ZERO,
            timeouts: 0,
            reopened: 0,
            lost_at: Duration::ZERO,
            missing: 0,
            rebuild_at: None,
            rebuild_after: REBUILD_AFTER,
            renew_due: false,
            renewing: false,
            blind: false,
            problem: None,
            exited: None,
        }
    }

    /// Where the link stands.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// What keeps it from streaming, if that is known.
    pub fn problem(&self) -> Option<ErrorClass> {
        self.problem
    }

    /// Connections that failed in a row.
    pub fn failures(&self) -> u32 {
        self.back_off.failures()
    }

    /// Takes what happened at `moment` and appends what is to be done to `orders`.
    pub fn handle(&mut self, moment: Moment, input: Input, orders: &mut Vec<Order>) {
        let now = moment.at;
        match input {
            Input::Tick => {}
            Input::Seen { connected } => self.seen(now, connected),
            Input::Finished(call, result) => {
                if self.running != Some(call) {
                    return;
                }
                self.running = None;
                self.finished(moment, call, result);
            }
            Input::ValidFrame => self.valid_frame(now),
            Input::Disconnected => self.disconnected(moment, orders),
            Input::AdapterOff => self.adapter_lost(now, ErrorClass::AdapterOff, now + FIND_EVERY, orders),
            Input::AdapterOn => self.look_again(now),
            Input::OwnerLost => self.adapter_lost(now, ErrorClass::NoBluetoothd, now + FIND_EVERY, orders),
            Input::OwnerBack => self.look_again(now + OWNER_SETTLES),
            Input::BusLost => self.bus_lost(now, orders),
        }
        self.watch(moment, orders);
        self.advance(now, orders);
    }

    fn seen(&mut self, now: Duration, connected: bool) {
        if !matches!(self.phase, Phase::Searching | Phase::BackingOff) {
            return;
        }
        self.sensor = true;
        (self.rebuild_at, self.rebuild_after) = (None, REBUILD_AFTER);
        if !connected {
            self.seen_at = Some(now);
        } else if matches!(self.running, None | Some(Call::Probe | Call::StartScan)) {
            // A device that is connected does not advertise: it would be searched for in vain.
            self.disconnect = true;
        }
    }

    fn valid_frame(&mut self, now: Duration) {
        if !matches!(self.phase, Phase::Configuring | Phase::Streaming) {
            return;
        }
        self.alive_at = now;
        let first = *self.first_frame_at.get_or_insert(now);
        // While the start is still being written, old notifications prove nothing about its answer.
        if self.phase == Phase::Configuring && self.configured {
            self.phase = Phase::Streaming;
            self.problem = None;
        }
        if self.phase == Phase::Streaming && now.saturating_sub(first) >= PROVEN {
            self.back_off.reset();
            self.missing = 0;
        }
    }

    fn disconnected(&mut self, moment: Moment, orders: &mut Vec<Order>) {
        match self.phase {
            Phase::Discovering | Phase::Configuring => {
                self.abandon(orders);
                self.fail(moment, ErrorClass::NotConnected);
            }
            Phase::Streaming => {
                self.abandon(orders);
                self.lost(moment.at, Phase::Searching, ErrorClass::NotConnected);
            }
            // Connect and Disconnect report themselves; elsewhere there is no link to lose.
            _ => {}
        }
    }

    /// The link is lost without anybody's failure: at once again.
    fn lost(&mut self, now: Duration, phase: Phase, why: ErrorClass) {
        self.phase = phase;
        self.problem = Some(why);
        self.disconnect = true;
        self.seen_at = None;
        self.listened = false;
        self.configured = false;
        self.first_frame_at = None;
        (self.pause_until, self.wait_until) = (now, now);
    }

    /// A connection failed: disconnect first, then wait.
    fn fail(&mut self, moment: Moment, why: ErrorClass) {
        let wait = self.back_off.next(moment.dice);
        self.lost(moment.at, Phase::BackingOff, why);
        self.wait_until = moment.at + wait;
        self.pause_until = if why.will_be_repeated() { self.wait_until } else { moment.at + PAUSE };
        // A sensor that is heard and never streams: what we hear may be deaf to it.
        let is_heard = !self.blind && !why.will_be_repeated();
        self.renew_due = is_heard && self.back_off.failures().is_multiple_of(RENEW_AFTER);
        match why {
            ErrorClass::UnknownObject => self.forget_sensor(false),
            ErrorClass::MissingCharacteristic => {
                self.missing += 1;
                if self.missing >= 2 {
                    // BlueZ may have cached the services of an older firmware.
                    self.missing = 0;
                    self.forget = Some(true);
                }
            }
            _ => {}
        }
    }

    fn forget_sensor(&mut self, in_cache: bool) {
        self.forget = Some(in_cache);
        self.disconnect = false;
        self.seen_at = None;
    }

    fn adapter_lost(&mut self, now: Duration, why: ErrorClass, look_at: Duration, orders: &mut Vec<Order>) {
        if !self.manager {
            return;
        }
        self.abandon(orders);
        self.lost(now, Phase::AdapterLost, why);
        self.disconnect = false;
        self.scanning_since = None;
        self.unclean = true;
        self.look_at = look_at;
        self.rebuild_at = None;
        if matches!(why, ErrorClass::NoBluetoothd | ErrorClass::NoAdapter) && self.sensor {
            self.forget_sensor(false);
        }
    }

    fn bus_lost(&mut self, now: Duration, orders: &mut Vec<Order>) {
        if !self.manager {
            return;
        }
        self.adapter_lost(now, ErrorClass::BusLost, now, orders);
        self.manager = false;
        self.lost_at = now;
        // The handle goes with the manager that it came from.
        (self.sensor, self.forget, self.timeouts) = (false, None, 0);
        // BlueZ ends the scan of a client that leaves the bus.
        self.may_scan = false;
    }

    /// A new connection to the bus. Nothing is known to be wrong, so nothing else is said.
    fn renew(&mut self, now: Duration, orders: &mut Vec<Order>) {
        let problem = self.problem;
        self.bus_lost(now, orders);
        (self.phase, self.problem) = (Phase::Searching, problem);
        (self.renew_due, self.renewing) = (false, true);
    }

    fn look_again(&mut self, at: Duration) {
        if self.phase == Phase::AdapterLost && self.manager {
            self.look_at = at;
        }
    }

    fn abandon(&mut self, orders: &mut Vec<Order>) {
        if self.running.take().is_some() {
            orders.push(Order::Abandon);
        }
    }

    fn finished(&mut self, moment: Moment, call: Call, result: Result<(), ErrorClass>) {
        let now = moment.at;
        self.probe_at = now + PROBE_EVERY;
        match (call, result) {
            (Call::OpenManager, result) => return self.opened(now, result),
            (Call::FindAdapter, Ok(())) => self.found_adapter(now),
            (Call::StartScan, Ok(())) => {
                self.scanning_since = Some(now);
                self.scans_failed = 0;
                self.rebuild_at.get_or_insert(now + self.rebuild_after);
            }
            (Call::StopScan, result) => {
                self.scanning_since = None;
                self.may_scan = result == Err(ErrorClass::Timeout);
            }
            (Call::Connect, Ok(())) => {
                self.unclean = false;
                self.phase = Phase::Discovering;
            }
            (Call::Disconnect, result) => self.is_disconnected(now, result),
            (Call::Discover, Ok(())) => self.phase = Phase::Configuring,
            (Call::Configure, Ok(())) => {
                self.alive_at = now + FIRST_FRAME - ALIVE;
                (self.configured, self.first_frame_at) = (true, None);
                self.kept_awake_at = now;
            }
            (Call::Forget(_), _) => (self.sensor, self.seen_at) = (false, None),
            (Call::KeepAwake | Call::Probe, Ok(())) => {}
            (Call::Connect | Call::Discover | Call::Configure, Err(why)) if !speaks_of_adapter(why) => {
                self.fail(moment, why);
            }
            (Call::Probe, Err(ErrorClass::NotConnected | ErrorClass::UnknownObject)) => {
                if matches!(self.phase, Phase::Streaming | Phase::Configuring) {
                    self.lost(now, Phase::Searching, ErrorClass::NotConnected);
                }
            }
            (Call::StartScan, Err(why)) => {
                self.problem = Some(why);
                self.scans_failed += 1;
                self.scan_at = now + SCAN_AGAIN;
                if self.scans_failed >= MOST_SCANS_FAILED && !speaks_of_adapter(why) {
                    self.scans_failed = 0;
                    self.renew(now, &mut Vec::new());
                }
            }
            (Call::FindAdapter, Err(_)) => self.look_at = now + FIND_EVERY,
            // Whatever it was: frames decide.
            (Call::KeepAwake | Call::Probe, Err(_)) => {}
            (Call::Connect | Call::Discover | Call::Configure, Err(_)) => {}
        }
        self.judge(moment, call, result);
    }

    /// What a result says about bluetoothd and adapter, whichever call it came from.
    fn judge(&mut self, moment: Moment, call: Call, result: Result<(), ErrorClass>) {
        let now = moment.at;
        let mut none = Vec::new();
        match result {
            Err(ErrorClass::Timeout) if call != Call::Connect => {
                self.timeouts += 1;
                if self.timeouts >= MOST_TIMEOUTS {
                    self.bus_lost(now, &mut none);
                } else {
                    // The second opinion is asked for at once.
                    (self.probe_at, self.look_at) = (now, now);
                }
            }
            Err(ErrorClass::BusLost) => self.bus_lost(now, &mut none),
            Err(why) if speaks_of_adapter(why) => {
                self.timeouts = 0;
                self.adapter_lost(now, why, now + FIND_EVERY, &mut none);
            }
            Err(ErrorClass::Timeout) => {}
            _ => (self.timeouts, self.reopened) = (0, 0),
        }
    }

    fn opened(&mut self, now: Duration, result: Result<(), ErrorClass>) {
        self.timeouts = 0;
        match result {
            Ok(()) => {
                (self.manager, self.had_manager, self.reopened) = (true, true, 0);
                self.found_adapter(now);
            }
            Err(ErrorClass::Timeout | ErrorClass::BusLost) => {
                self.phase = Phase::AdapterLost;
                self.problem = Some(ErrorClass::BusLost);
                self.reopened += 1;
                let lasts = now.saturating_sub(self.lost_at) >= REOPEN_FOR;
                if self.had_manager && lasts && self.reopened >= LEAST_REOPENED {
                    self.exited = Some(false);
                }
                self.look_at = now + if self.had_manager { OPEN_EVERY } else { FIND_EVERY };
            }
            Err(why) => {
                // The bus is there, so this manager will see what comes.
                (self.manager, self.had_manager) = (true, true);
                self.phase = Phase::AdapterLost;
                self.problem = Some(why);
                self.look_at = now + FIND_EVERY;
            }
        }
    }

    fn found_adapter(&mut self, now: Duration) {
        self.phase = Phase::Searching;
        if !self.renewing {
            self.problem = None;
        }
        self.scanning_since = None;
        self.scan_at = now;
        if !std::mem::take(&mut self.renewing) {
            self.back_off.reset();
        }
        (self.pause_until, self.wait_until) = (now, now);
        self.rebuild_at = None;
    }

    fn is_disconnected(&mut self, now: Duration, result: Result<(), ErrorClass>) {
        self.disconnect = false;
        self.unclean = false;
        match result {
            // There was a link: the sensor advertises only now.
            Ok(()) => self.seen_at = None,
            Err(ErrorClass::UnknownObject) => self.forget_sensor(false),
            Err(_) => {}
        }
        if self.phase == Phase::Silent {
            self.phase = Phase::Searching;
            (self.pause_until, self.wait_until) = (now, now);
        }
    }

    /// What no event tells: silence, and time gone by.
    fn watch(&mut self, moment: Moment, orders: &mut Vec<Order>) {
        let now = moment.at;
        self.listened |= self.scans_failed > 0 || self.scanning_since.is_some_and(|since| now >= since + LISTEN);
        match self.phase {
            Phase::Streaming if now.saturating_sub(self.alive_at) > ALIVE => {
                self.abandon(orders);
                self.lost(now, Phase::Silent, ErrorClass::Silent);
            }
            Phase::Configuring if self.configured && now.saturating_sub(self.alive_at) > ALIVE => {
                self.abandon(orders);
                self.fail(moment, ErrorClass::Silent);
            }
            Phase::BackingOff if now >= self.wait_until && !self.sensor => self.phase = Phase::Searching,
            _ => {}
        }
        let searches = matches!(self.phase, Phase::Searching | Phase::BackingOff) && self.running.is_none();
        let in_vain = self.rebuild_at.is_some_and(|at| now >= at);
        if searches && self.manager && (in_vain || self.renew_due) && !self.disconnect {
            if in_vain {
                self.rebuild_after = (self.rebuild_after * 2).min(REBUILD_AT_MOST);
            }
            self.renew(now, orders);
        }
    }
}

/// Errors that are no fault of the sensor or its link.
fn speaks_of_adapter(why: ErrorClass) -> bool {
    matches!(
        why,
        ErrorClass::AdapterOff
            | ErrorClass::NoAdapter
            | ErrorClass::NoBluetoothd
            | ErrorClass::NoPermission
            | ErrorClass::BusLost
    )
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
