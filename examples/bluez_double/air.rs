//! The radio link of one sensor: its ring buffer, what goes wrong on the way, and an account of it.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use uuid::Uuid;

use super::behave::Packet;

/// Frames that the sensor keeps while the link stalls: 2 s of the reference sensor.
const RING_FRAMES: usize = 40;

/// What shall go wrong. Numbers count down, one a frame.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Faults {
    /// Connected, and nothing comes: the firmware hangs.
    pub(crate) silence: bool,
    /// The radio stalls: the sensor keeps the last 2 s.
    pub(crate) stall: bool,
    pub(crate) lose: u32,
    pub(crate) duplicate: u32,
    pub(crate) reorder: u32,
    pub(crate) corrupt: u32,
}

/// What became of the notifications.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Account {
    /// Notifications that reached bluetoothd and a subscriber, by characteristic; frames damaged on the way not among them.
    pub(crate) sent: BTreeMap<Uuid, u64>,
    /// Device samples of those frames, `[from, up to)`, one pair a stretch without a hole.
    pub(crate) sent_samples: Vec<(u64, u64)>,
    /// Frames that the sensor itself gave up.
    pub(crate) silenced: u64,
    pub(crate) ring_dropped: u64,
    /// Frames lost on the way: by command, or in the air when the link went.
    pub(crate) lost: u64,
    pub(crate) corrupted: u64,
    /// Second copies, not counted in `sent`.
    pub(crate) duplicated: u64,
    pub(crate) reordered: u64,
    /// Arrived while bluetoothd was away or nobody had subscribed.
    pub(crate) unheard: u64,
    pub(crate) connects: u64,
    pub(crate) link_losses: u64,
    pub(crate) writes: u64,
    pub(crate) start_notifies: u64,
}

impl Account {
    pub(crate) fn heard(&mut self, packet: &Packet) {
        *self.sent.entry(packet.from).or_default() += 1;
        let Some((mut from, mut to)) = packet.span else { return };
        // A frame that was overtaken closes a hole: merge whatever it touches.
        self.sent_samples.retain(|&(other_from, other_to)| {
            let touches = other_to == from || other_from == to;
            if touches {
                (from, to) = (from.min(other_from), to.max(other_to));
            }
            !touches
        });
        self.sent_samples.push((from, to));
        self.sent_samples.sort_unstable();
    }
}

/// A packet as it arrives, and whether it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Arrival {
    Whole(Packet),
    Copy(Packet),
    Damaged(Packet),
}

/// The link.
#[derive(Debug, Default)]
pub(crate) struct Air {
    pub(crate) faults: Faults,
    pub(crate) account: Account,
    ring: VecDeque<Packet>,
    overtaken: Option<Packet>,
}

impl Air {
    /// The sensor hands over a packet.
    pub(crate) fn push(&mut self, packet: Packet) {
        if self.faults.silence && packet.frame {
            self.account.silenced += 1;
            return;
        }
        if self.ring.len() == RING_FRAMES {
            self.ring.pop_front();
            self.account.ring_dropped += 1;
        }
        self.ring.push_back(packet);
    }

    /// What arrives now, in this order.
    pub(crate) fn arrivals(&mut self) -> Vec<Arrival> {
        let mut arrivals = Vec::new();
        if self.faults.stall {
            return arrivals;
        }
        while let Some(packet) = self.ring.pop_front() {
            if !packet.frame {
                arrivals.push(Arrival::Whole(packet));
            } else if take_one(&mut self.faults.lose) {
                self.account.lost += 1;
            } else if take_one(&mut self.faults.corrupt) {
                self.account.corrupted += 1;
                arrivals.push(Arrival::Damaged(damaged(packet, self.account.corrupted)));
            } else if self.overtaken.is_none() && take_one(&mut self.faults.reorder) {
                self.account.reordered += 1;
                self.overtaken = Some(packet);
            } else {
                let twice = take_one(&mut self.faults.duplicate).then(|| packet.clone());
                arrivals.push(Arrival::Whole(packet));
                self.account.duplicated += u64::from(twice.is_some());
                arrivals.extend(twice.map(Arrival::Copy));
                arrivals.extend(self.overtaken.take().map(Arrival::Whole));
            }
        }
        arrivals
    }

    /// The link is gone, and what was on it.
    pub(crate) fn clear(&mut self) {
        let frames = self.ring.drain(..).chain(self.overtaken.take()).filter(|packet| packet.frame).count();
        self.account.lost += frames as u64;
    }
}

fn take_one(left: &mut u32) -> bool {
    let some = *left > 0;
    *left = left.saturating_sub(1);
    some
}

/// Wrong in turn: too short, too long, another version, an impossible counter.
fn damaged(mut packet: Packet, turn: u64) -> Packet {
    let bytes = &mut packet.bytes;
    match turn % 4 {
        1 => bytes.truncate(bytes.len() / 2),
        2 => bytes.push(0),
        3 => {
            if let Some(first) = bytes.first_mut() {
                *first ^= 0x80;
            }
        }
        _ => {
            // The counter's highest byte: half a year off.
            if let Some(counter) = bytes.get_mut(7) {
                *counter ^= 0x40;
            }
        }
    }
    packet
}
