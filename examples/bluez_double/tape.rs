//! A sensor that plays notifications from a file. One line a statement, `#` begins a comment:
//!
//! ```text
//! service 4fafc201-1fb5-459e-8fcc-c5c9c331914b          UUIDs in full, or four digits of the Bluetooth base
//! char beb5483e-36e1-4688-b7f5-ea07361b26a8 notify       belongs to the service above; flags as BlueZ names them
//! char 0000ff01-0000-1000-8000-00805f9b34fb read,write,notify
//! read 0000ff01-0000-1000-8000-00805f9b34fb 53544F50     what reading gives
//! start 0000ff01-0000-1000-8000-00805f9b34fb 5354415254  a write that begins so starts the tape from its beginning
//! stop 0000ff01-0000-1000-8000-00805f9b34fb 53544F50     a write that begins so stops it
//! answer 0000ff01-0000-1000-8000-00805f9b34fb 57484F 4E50 47  a write that begins with the first is answered by the rest
//! 0.020 beb5483e-36e1-4688-b7f5-ea07361b26a8 00 11 22    a notification so many seconds after the start
//! repeat 1.0                                             plays again after so many seconds
//! ```
//! Without a `start` the tape starts when somebody subscribes to a characteristic that it plays on.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::time::Instant;
use uuid::Uuid;

use super::behave::{Behave, Packet};
use super::gatt::{Gatt, parse_hex, parse_uuid};

/// A write and what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    to: Uuid,
    begin: Vec<u8>,
    action: Action,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Action {
    Start,
    Stop,
    Answer(Vec<u8>),
}

/// The sensor.
#[derive(Debug, Clone)]
pub(crate) struct Tape {
    gatt: Gatt,
    reads: BTreeMap<Uuid, Vec<u8>>,
    rules: Vec<Rule>,
    notifications: Vec<(f64, Uuid, Vec<u8>)>,
    repeat_s: Option<f64>,
    speed: f64,
    /// When it was started, and which notification is next.
    playing: Option<(Instant, usize)>,
    made: u64,
}

impl Tape {
    pub(crate) fn parse(text: &str, speed: f64) -> anyhow::Result<Self> {
        let mut tape = Self {
            gatt: Gatt::default(),
            reads: BTreeMap::new(),
            rules: Vec::new(),
            notifications: Vec::new(),
            repeat_s: None,
            speed,
            playing: None,
            made: 0,
        };
        for (number, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or("").trim();
            if !line.is_empty() {
                tape.line(line).with_context(|| format!("line {}: {line:?}", number + 1))?;
            }
        }
        tape.notifications.sort_by(|a, b| a.0.total_cmp(&b.0));
        Ok(tape)
    }

    fn line(&mut self, line: &str) -> anyhow::Result<()> {
        let (word, rest) = line.split_once(char::is_whitespace).context("expected a word and a value")?;
        let rest = rest.trim();
        if word == "repeat" {
            self.repeat_s = Some(rest.parse().ok().filter(|period| *period > 0.0).context("expected seconds over 0")?);
            return Ok(());
        }
        let (uuid, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let uuid = parse_uuid(uuid).with_context(|| format!("{uuid:?} is no UUID"))?;
        let hex = |text: &str| parse_hex(text).with_context(|| format!("{text:?} is not bytes in hex"));
        let mut rule = |begin: &str, action| -> anyhow::Result<()> {
            self.rules.push(Rule { to: uuid, begin: hex(begin)?, action });
            Ok(())
        };
        match word {
            "service" => self.gatt.add_service(uuid),
            "char" if self.gatt.services.is_empty() => bail!("a service must stand before"),
            "char" => self.gatt.add(uuid, &rest.split(',').map(str::trim).collect::<Vec<_>>()),
            "read" => drop(self.reads.insert(uuid, hex(rest)?)),
            "start" => rule(rest, Action::Start)?,
            "stop" => rule(rest, Action::Stop)?,
            "answer" => {
                let (begin, answer) = rest.split_once(char::is_whitespace).context("expected two values")?;
                rule(begin, Action::Answer(hex(answer)?))?;
            }
            seconds => {
                let at = seconds.parse().with_context(|| format!("{seconds:?} is neither a statement nor seconds"))?;
                self.gatt.index_of(uuid).context("no such characteristic")?;
                self.notifications.push((at, uuid, hex(rest)?));
            }
        }
        Ok(())
    }

    fn due_of(&self, began: Instant, next: usize) -> Option<Instant> {
        let count = self.notifications.len();
        let round = next.checked_div(count)?;
        let start_s = match self.repeat_s {
            Some(period) => period * round as f64,
            None if round > 0 => return None,
            None => 0.0,
        };
        Some(began + Duration::from_secs_f64((start_s + self.notifications[next % count].0) / self.speed))
    }
}

impl Behave for Tape {
    fn gatt(&self) -> Gatt {
        self.gatt.clone()
    }

    fn due(&self) -> Option<Instant> {
        self.playing.and_then(|(began, next)| self.due_of(began, next))
    }

    fn tick(&mut self, now: Instant, out: &mut Vec<Packet>) {
        while let Some((began, next)) = self.playing
            && self.due_of(began, next).is_some_and(|due| due <= now)
        {
            let (_, from, bytes) = &self.notifications[next % self.notifications.len()];
            out.push(Packet { from: *from, bytes: bytes.clone(), frame: true, span: None });
            self.made += 1;
            self.playing = Some((began, next + 1));
        }
    }

    fn read(&self, from: Uuid) -> Vec<u8> {
        self.reads.get(&from).cloned().unwrap_or_default()
    }

    fn write(&mut self, to: Uuid, bytes: &[u8], _mtu: u16, now: Instant) -> Vec<Packet> {
        let mut answers = Vec::new();
        for rule in self.rules.iter().filter(|rule| rule.to == to && bytes.starts_with(&rule.begin)) {
            match &rule.action {
                Action::Start => self.playing = Some((now, 0)),
                Action::Stop => self.playing = None,
                Action::Answer(answer) => answers.push(Packet::answer(to, answer.clone())),
            }
        }
        answers
    }

    fn subscribed(&mut self, to: Uuid, now: Instant) {
        let has_start = self.rules.iter().any(|rule| rule.action == Action::Start);
        let plays_on = self.notifications.iter().any(|(_, from, _)| *from == to);
        if !has_start && plays_on && self.playing.is_none() {
            self.playing = Some((now, 0));
        }
    }

    fn link_lost(&mut self) {
        self.playing = None;
    }

    fn streaming(&self) -> bool {
        self.playing.is_some()
    }

    fn made(&self) -> u64 {
        self.made
    }
}
