//! All checks of one run, at the same time where they do not need each other.

use std::path::Path;
use std::time::Duration;

use tokio::time::timeout;

use super::broker::broker;
use super::clock::clock;
use super::finding::{Finding, Report};
use super::kept::{self, disk};
use super::listen::{Listened, listen};
use super::{judge, radio};
use crate::config::{Config, SensorKind};
use crate::daemon::{ModelOrigin, Play, is_running, model_in_use, promoted_folder};
use crate::units::UtcMicros;

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// The sensor is looked for and listened to.
    pub sensor: bool,
    /// How long it is listened to.
    pub listen: Duration,
}

/// The checks of Bluetooth, from the bus to the electrodes.
const RADIO: [&str; 8] = ["system bus", "bluetoothd", "adapter", "sensor", "bond", "frame rate", "loss", "contact"];

/// What Bluetooth may take longer than it is listened to.
const PATIENCE: Duration = Duration::from_secs(9);

/// Looks at everything that the configuration at `path` (else where it is looked for) leads to. `say` is told what is being
/// done, several times.
pub async fn examine(path: Option<&Path>, plan: Plan, now: UtcMicros, say: &(dyn Fn(&str) + Sync)) -> Report {
    let config = match Config::load(path) {
        Ok(config) => config,
        Err(error) => {
            let mut finding = Finding::refused("configuration", &error.to_string());
            finding.found += "; nothing else was looked at";
            return Report::new(vec![finding]);
        }
    };
    say("looking around");
    let read = config.origin.as_ref().map_or("no file: the defaults".to_owned(), |path| path.display().to_string());
    let runs = match is_running(&config.storage.data_dir) {
        Ok(runs) => runs,
        Err(error) => {
            let found = format!("{} cannot be looked into: {error}", config.storage.data_dir.display());
            let remedy = "ask as the daemon's user (docs/doctor.md); its sensor was left alone";
            return Report::new(vec![Finding::ok("configuration", read), Finding::failed("daemon", found, remedy)]);
        }
    };
    let mut findings = vec![Finding::ok("configuration", read), daemon(&config, runs), model(&config), disk(&config)];
    let stored = async {
        let known = kept::store(&config, runs, now).await;
        // A night that is simulated or replayed has times of its own, which say nothing of the clock.
        let newest = known.newest.filter(|_| config.sensor.kind == SensorKind::Bluetooth);
        let clock = clock(now, newest).await;
        (known, clock)
    };
    let (bluetooth, broker, (known, clock)) =
        tokio::join!(bluetooth(&config, plan, runs, say), broker(&config, runs), stored);
    findings.extend([broker, clock]);
    findings.extend(known.findings);
    let Listened { findings: heard, streams, battery_pct } = bluetooth;
    findings.push(if streams || battery_pct.is_some() {
        let morning = config.alarm.policy.sleep.next_end(now, &config.person.time_zone);
        judge::battery(battery_pct, known.fall_pct_per_h, morning.seconds_since(now) / 3600.0)
    } else {
        Finding::skipped("battery", "the sensor was not listened to")
    });
    findings.extend(heard);
    Report::new(findings)
}

fn daemon(config: &Config, runs: bool) -> Finding {
    let folder = config.storage.data_dir.display();
    Finding::ok("daemon", if runs { format!("runs on {folder}") } else { format!("does not run on {folder}") })
}

async fn bluetooth(config: &Config, plan: Plan, runs: bool, say: &(dyn Fn(&str) + Sync)) -> Listened {
    let none = |findings| Listened { findings, streams: false, battery_pct: None };
    let skipped = |from: usize, why: &str| -> Vec<Finding> {
        RADIO[from..].iter().map(|check| Finding::skipped(check, why)).collect()
    };
    let play = match (config.sensor.kind, Play::of_config(config)) {
        (SensorKind::Bluetooth, Play::Bluetooth(play)) => play,
        (kind, _) => return none(skipped(0, &format!("not used: sensor.kind is {:?}", kind.as_str()))),
    };
    let look = async {
        let (mut findings, usable) = radio::radio().await;
        let why = if runs {
            "the daemon holds the sensor: see `night`, and the leg's diagnostics on MQTT"
        } else if !plan.sensor {
            "left out: --no-sensor"
        } else if !usable {
            "not looked at: see above"
        } else {
            let heard = listen(&play, plan.listen, say).await;
            findings.extend(heard.findings);
            return Listened { findings, ..heard };
        };
        findings.extend(skipped(3, why));
        none(findings)
    };
    let most = if plan.sensor { plan.listen + PATIENCE } else { PATIENCE };
    timeout(most, look).await.unwrap_or_else(|_| {
        let mut findings = skipped(0, "not looked at: it took too long");
        let restart = "restart it: systemctl restart bluetooth";
        findings.retain(|finding| finding.check != "bluetoothd");
        findings.push(Finding::failed("bluetoothd", format!("no end within {} s", most.as_secs()), restart));
        none(findings)
    })
}

/// The model that the daemon would use; loading compares it with its hash.
fn model(config: &Config) -> Finding {
    let leg = config.leg.side.leg_name(&config.person.id);
    let promoted = promoted_folder(&config.storage.data_dir, &leg).join("model.json");
    match model_in_use(config) {
        Ok((model, origin)) => {
            let sha256: String = model.sha256.chars().take(12).collect();
            let found = format!("{}, {origin}, sha256 {sha256}…", model.id);
            match &origin {
                ModelOrigin::BuiltIn if promoted.exists() => Finding::warning(
                    "model",
                    format!("{found}; {} cannot be used", promoted.display()),
                    "make it again: crampwatch train --personal --promote",
                ),
                ModelOrigin::Configured(path) | ModelOrigin::Promoted(path) if !has_card(path) => Finding::warning(
                    "model",
                    format!("{found}, without its card"),
                    "put card.md beside model.json: it says how the model was made and how good it is",
                ),
                _ => Finding::ok("model", found),
            }
        }
        Err(error) => {
            let remedy = "check model.path, or leave it out for the built-in model".to_owned();
            let finding = Finding::refused("model", &error.to_string());
            Finding { remedy: finding.remedy.or(Some(remedy)), ..finding }
        }
    }
}

fn has_card(model: &Path) -> bool {
    model.parent().is_some_and(|folder| folder.join("card.md").exists())
}
