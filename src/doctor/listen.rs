//! The sensor itself: who is heard, and what it sends. It goes the daemon's own way to it.

use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};

use super::finding::Finding;
use super::judge::{self, Heard};
use crate::daemon::{BluetoothPlay, leg_profiles};
use crate::sensor::ble::supervisor::Phase;
use crate::sensor::ble::{ErrorClass, FoundDevice, LinkState, Wanted, scan};
use crate::sensor::{Source as _, SourceItem};

/// How long to hear who is there.
const LOOK: Duration = Duration::from_secs(3);
/// How much longer than asked for it may take to connect.
const CONNECT: Duration = Duration::from_secs(3);
/// A sensor that was stopped and let go is found by the daemon at once.
const GOODBYE: Duration = Duration::from_secs(2);

/// What was found.
pub(super) struct Listened {
    pub(super) findings: Vec<Finding>,
    /// Samples came.
    pub(super) streams: bool,
    /// Battery in percent, if the sensor said it.
    pub(super) battery_pct: Option<u8>,
}

/// Looks for the sensor of `play` and listens to it for `seconds`.
pub(super) async fn listen(play: &BluetoothPlay, seconds: Duration, say: &(dyn Fn(&str) + Sync)) -> Listened {
    match search(play, say).await {
        Ok((found, Some(battery_pct))) => {
            let mut listened = hear(play, seconds, say).await;
            listened.findings.push(found);
            listened.battery_pct = listened.battery_pct.or(battery_pct);
            listened
        }
        Ok((found, None)) | Err(found) => Listened::silent(vec![found]),
    }
}

impl Listened {
    /// No samples came; the checks of them that are not among `findings` are left out.
    pub(super) fn silent(mut findings: Vec<Finding>) -> Self {
        for check in ["bond", "frame rate", "loss", "contact"] {
            if findings.iter().all(|finding| finding.check != check) {
                findings.push(Finding::skipped(check, "the sensor sent no samples"));
            }
        }
        Self { findings, streams: false, battery_pct: None }
    }
}

/// The line of the sensor; with what its advertisement says of the battery, if one fits.
async fn search(play: &BluetoothPlay, say: &(dyn Fn(&str) + Sync)) -> Result<(Finding, Option<Option<u8>>), Finding> {
    let profile = leg_profiles(&play.sensor)
        .map(|of| of.profile)
        .map_err(|error| Finding::refused("sensor", &error.to_string()))?;
    let wanted = Wanted::of_profile(&profile, play.sensor.address, play.sensor.name.clone());
    say("listening who is there");
    let heard = scan(LOOK, &[(profile.name.clone(), wanted)], |_| {}).await;
    let heard = heard.map_err(|error| Finding::refused("sensor", &error.class().to_string()))?;
    let fitting: Vec<&FoundDevice> = heard.iter().filter(|device| device.profile.is_some()).collect();
    let others = heard.len() - fitting.len();
    Ok(match fitting[..] {
        [] => {
            let found = format!("no {} was heard, nor one connected ({others} other devices)", profile.name);
            let remedy =
                "is it on, charged, within a few metres and not connected to a phone? crampwatch scan shows all";
            (Finding::failed("sensor", found, remedy), None)
        }
        // A program that has it would lose it.
        [one] if one.rssi_dbm.is_none() => {
            let remedy = "does a daemon with another data folder run? ask as its user (docs/doctor.md); else switch the sensor off and on";
            (Finding::warning("sensor", format!("{}: left alone", described(one)), remedy), None)
        }
        [one] => (Finding::ok("sensor", described(one)), Some(one.battery_pct)),
        [first, ..] => {
            let all: Vec<String> = fitting.iter().map(|device| described(device)).collect();
            let remedy = format!("say which: sensor.bluetooth.address = \"{}\"", first.address);
            let found = format!("{} fit, and the first that answers is taken: {}", all.len(), all.join(" | "));
            (Finding::warning("sensor", found, remedy), Some(first.battery_pct))
        }
    })
}

fn described(device: &FoundDevice) -> String {
    let name = device.name.as_deref().unwrap_or("(no name)");
    let profile = device.profile.as_deref().unwrap_or("no profile");
    let signal = match device.rssi_dbm {
        Some(dbm) => format!("{dbm} dBm"),
        None => "connected already".to_owned(),
    };
    format!("{name} at {}, {signal}, profile {profile}", device.address)
}

/// Connects and listens.
async fn hear(play: &BluetoothPlay, seconds: Duration, say: &(dyn Fn(&str) + Sync)) -> Listened {
    let mut source = match play.look() {
        Ok(source) => source,
        Err(error) => return Listened::silent(vec![Finding::refused("frame rate", &error.to_string())]),
    };
    let layout = source.layout().clone();
    let (group, has_emg) = match &layout.acc {
        Some(acc) if layout.emg.channels.is_empty() => (acc, false),
        _ => (&layout.emg, true),
    };
    let mut counted = Heard { rate_hz: group.rate.as_hz(), has_emg, ..Heard::default() };
    let link = source.link();
    let (mut until, mut first, mut worst) = (Instant::now() + seconds + CONNECT, None, None);
    say("connecting to the sensor");
    while let Ok(Ok(Some(item))) = timeout_at(until, source.next()).await {
        worst = link.borrow().problem.or(worst);
        if count(&mut counted, &item, group.channels.len()) {
            let begun = *first.get_or_insert_with(|| {
                say("listening to the sensor");
                until = until.min(Instant::now() + seconds);
                // The first samples came at once: what was made before is not counted.
                counted.samples = 0;
                counted.in_contact = 0;
                Instant::now()
            });
            counted.listened_s = begun.elapsed().as_secs_f64();
        }
    }
    let state = link.borrow().clone();
    // Left alone after that: it lets go by itself.
    let _ = timeout(GOODBYE, Box::new(source).leave()).await;
    if counted.samples == 0 {
        return Listened::silent(vec![no_stream(&state, worst)]);
    }
    let mut findings = vec![Finding::ok("bond", "none is missing: the sensor lets us read and write")];
    findings.extend(judge::stream(&counted));
    Listened { findings, streams: true, battery_pct: counted.battery_pct }
}

/// Adds an item; gives whether it had samples.
fn count(counted: &mut Heard, item: &SourceItem, channels: usize) -> bool {
    let mut some = false;
    for timed in &item.chunks {
        let values = if counted.has_emg { timed.chunk.emg.len() } else { timed.chunk.acc.len() };
        let samples = (values / channels.max(1)) as u64;
        counted.samples += samples;
        counted.in_contact += if timed.chunk.lead_off { 0 } else { samples };
        some |= samples > 0;
    }
    if let Some(status) = item.status {
        counted.lost = status.counters.samples_lost;
        counted.malformed = status.counters.malformed.total();
        counted.battery_pct = status.battery_pct.or(counted.battery_pct);
    }
    some
}

fn no_stream(state: &LinkState, worst: Option<ErrorClass>) -> Finding {
    let class = state.problem.or(worst).unwrap_or(match state.phase {
        Phase::Streaming | Phase::Silent => ErrorClass::Silent,
        _ => ErrorClass::Timeout,
    });
    if class == ErrorClass::NeedsPairing {
        return Finding::refused("bond", &class.to_string());
    }
    let words = class.to_string();
    let (found, remedy) = words.split_once("; ").unwrap_or((&words, ""));
    Finding::failed("frame rate", format!("no samples came ({}): {found}", state.phase), remedy)
}
