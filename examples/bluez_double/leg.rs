//! The reference leg sensor of `docs/ble-protocol.md`, worn through a simulated night.

use std::time::Duration;

use anyhow::Context as _;
use crampwatch::sensor::{FrameHeader, HEADER_BYTES, MOST_EMG_CHANNELS, MOST_FRAME_BYTES, Profile, Role, encode_frame};
use crampwatch::units::Rate;
use serde_json::Value;
use tokio::time::Instant;
use uuid::Uuid;

use super::behave::{Behave, Packet};
use super::gatt::Gatt;
use super::night::{NightMaker, NightPlan};

const EMG_HZ: u64 = 1000;
const ACC_HZ: u64 = 100;
/// The marker is repeated for so many samples after a press.
const MARKER_SAMPLES: u64 = EMG_HZ / 2;
/// Frames made up in one go when the machine was too busy: more would hold up everything else.
const MOST_FRAMES_AT_ONCE: usize = 200;
const MTU_NEEDED: u16 = 247;

const DONE: u8 = 0;
const UNKNOWN_COMMAND: u8 = 1;
const NOT_NOW: u8 = 2;
const DOES_NOT_FIT: u8 = 3;

/// Gain, band, lead-off, range: docs/ble-protocol.md.
const SETTINGS_BYTES: usize = 7;

/// Both rates as CONFIGURE and the info characteristic write them.
fn rates_in_bytes() -> Vec<u8> {
    [EMG_HZ as u16, 1, ACC_HZ as u16, 1].iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// The sensor.
#[derive(Debug)]
pub(crate) struct Leg {
    profile: Profile,
    night: NightMaker,
    speed: f64,
    powered_on: Instant,
    /// Device counter of the next frame's first sample.
    first: u64,
    channels: usize,
    samples: usize,
    streaming: bool,
    sequence: u16,
    made: u64,
    battery: u8,
    press_until: u64,
    lead_off: bool,
    stubborn: bool,
    service: Uuid,
    /// As in CONFIGURE from its byte 11 on.
    settings: [u8; SETTINGS_BYTES],
}

impl Leg {
    pub(crate) fn new(plan: NightPlan, speed: f64, battery: u8) -> anyhow::Result<Self> {
        let profile = Profile::leg_sensor()?;
        Ok(Self {
            night: NightMaker::start(plan)?,
            speed,
            powered_on: Instant::now(),
            first: 0,
            channels: profile.layout().emg.channels.len(),
            samples: profile.emg_samples_per_frame,
            streaming: false,
            sequence: 0,
            made: 0,
            battery,
            press_until: 0,
            lead_off: false,
            stubborn: false,
            service: *profile.find.services.first().context("the reference profile names no service")?,
            settings: [0; SETTINGS_BYTES],
            profile,
        })
    }

    fn uuid(&self, role: Role) -> Uuid {
        // The reference profile has each of them; a test of the profile says so.
        self.profile.uuid(role).unwrap_or_default()
    }

    fn next_due(&self) -> Instant {
        let seconds = (self.first + self.samples as u64) as f64 / EMG_HZ as f64;
        self.powered_on + Duration::from_secs_f64(seconds / self.speed)
    }

    /// Takes the samples of one frame from the night; gives the frame if it streams.
    fn frame(&mut self) -> Option<Packet> {
        let end = self.first + self.samples as u64;
        let at_acc = |index| Rate::hz(EMG_HZ as u32).convert(index, Rate::hz(ACC_HZ as u32));
        let acc_first = at_acc(self.first);
        let taken = self.night.take(self.samples, (at_acc(end) - acc_first) as usize)?;
        if taken.marker {
            self.press_until = end + MARKER_SAMPLES;
        }
        let span = (self.first, end);
        self.first = end;
        if !self.streaming {
            return None;
        }
        let header = FrameHeader {
            sequence: self.sequence,
            emg_first: span.0 as u32,
            acc_first: acc_first as u16,
            battery_pct: (self.battery <= 100).then_some(self.battery),
            lead_off: taken.lead_off || self.lead_off,
            marker: span.0 < self.press_until,
        };
        let emg: Vec<i16> = taken.emg.chunks(2).flat_map(|pair| (0..self.channels).map(|n| pair[n % 2])).collect();
        let mut bytes = Vec::with_capacity(MOST_FRAME_BYTES);
        encode_frame(&header, self.channels, &emg, &taken.acc, &mut bytes).ok()?;
        self.sequence = self.sequence.wrapping_add(1);
        self.made += 1;
        Some(Packet { from: self.uuid(Role::Data(0)), bytes, frame: true, span: Some(span) })
    }

    fn fits(channels: usize, samples: usize) -> bool {
        let acc_samples = Rate::hz(EMG_HZ as u32).convert(samples as u64, Rate::hz(ACC_HZ as u32)) as usize;
        let bytes = HEADER_BYTES + 2 * channels * samples + 6 * acc_samples;
        (1..=MOST_EMG_CHANNELS).contains(&channels) && samples > 0 && bytes <= MOST_FRAME_BYTES
    }

    fn obey(&mut self, bytes: &[u8], mtu: u16) -> u8 {
        match *bytes {
            [1] if self.streaming => DONE,
            [1] if mtu < MTU_NEEDED => DOES_NOT_FIT,
            [1] => {
                (self.streaming, self.sequence) = (true, 0);
                DONE
            }
            [2] => {
                self.streaming = false;
                DONE
            }
            [3, ..] if self.streaming => NOT_NOW,
            [3, channels, samples, ref how @ ..]
                if how.len() == 8 + SETTINGS_BYTES && Self::fits(channels.into(), samples.into()) =>
            {
                let (rates, settings) = how.split_at(8);
                if rates != rates_in_bytes() {
                    return DOES_NOT_FIT;
                }
                if !self.stubborn {
                    self.settings.copy_from_slice(settings);
                }
                (self.channels, self.samples) = (channels.into(), samples.into());
                DONE
            }
            [3, channels, samples] if Self::fits(channels.into(), samples.into()) => {
                (self.channels, self.samples) = (channels.into(), samples.into());
                DONE
            }
            [3, _, _] => DOES_NOT_FIT,
            [4] => DONE,
            _ => UNKNOWN_COMMAND,
        }
    }

    fn info(&self) -> Vec<u8> {
        let mut info = vec![1, self.channels as u8, self.samples as u8, 3];
        info.extend(rates_in_bytes());
        info.extend((self.profile.emg_microvolts_per_count as f32).to_le_bytes());
        info.extend((self.profile.acc_g_per_count as f32).to_le_bytes());
        // Firmware 1.0, settings version 1, reserved, serial number.
        info.extend(0x0100_u16.to_le_bytes());
        info.extend([1, 0]);
        info.extend(1_u64.to_le_bytes());
        info.extend(self.settings);
        info.push(0);
        info
    }
}

impl Behave for Leg {
    fn gatt(&self) -> Gatt {
        let mut gatt = Gatt::default();
        gatt.add_service(self.service);
        gatt.add(self.uuid(Role::Data(0)), &["notify"]);
        gatt.add(self.uuid(Role::Control), &["write", "notify"]);
        gatt.add(self.uuid(Role::Info), &["read"]);
        gatt.add(self.uuid(Role::Battery), &["read", "notify"]);
        gatt
    }

    fn due(&self) -> Option<Instant> {
        Some(self.next_due())
    }

    fn tick(&mut self, now: Instant, out: &mut Vec<Packet>) {
        for _ in 0..MOST_FRAMES_AT_ONCE {
            if self.next_due() > now {
                break;
            }
            out.extend(self.frame());
        }
    }

    fn read(&self, from: Uuid) -> Vec<u8> {
        if from == self.uuid(Role::Info) {
            self.info()
        } else if from == self.uuid(Role::Battery) {
            vec![self.battery]
        } else {
            Vec::new()
        }
    }

    fn write(&mut self, to: Uuid, bytes: &[u8], mtu: u16, _now: Instant) -> Vec<Packet> {
        if to != self.uuid(Role::Control) {
            return Vec::new();
        }
        let status = self.obey(bytes, mtu);
        let command = bytes.first().copied().unwrap_or(0);
        vec![Packet::answer(to, vec![command | 0x80, status])]
    }

    fn link_lost(&mut self) {
        self.streaming = false;
    }

    fn set_battery(&mut self, percent: u8) -> Option<Packet> {
        self.battery = percent;
        Some(Packet::answer(self.uuid(Role::Battery), vec![percent]))
    }

    fn press(&mut self) {
        self.press_until = self.first + MARKER_SAMPLES;
    }

    fn set_lead_off(&mut self, off: bool) {
        self.lead_off = off;
    }

    fn set_stubborn(&mut self, stubborn: bool) {
        self.stubborn = stubborn;
    }

    fn streaming(&self) -> bool {
        self.streaming
    }

    fn made(&self) -> u64 {
        self.made
    }

    fn truth(&self) -> Value {
        self.night.truth()
    }
}
