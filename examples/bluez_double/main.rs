//! A double of BlueZ on a private bus, with sensors around it, for tests. `README.md` beside this file says how it is used.

mod air;
mod behave;
mod bus;
mod calls;
mod control;
mod daemon;
mod discovery;
mod failure;
mod gatt;
mod leg;
mod link;
mod night;
mod objects;
mod scenario;
mod tape;
mod world;

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use serde_json::json;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::Instant;

use control::Outcome;
use night::NightPlan;
use scenario::Scenario;
use world::{Shared, Timings, World, lock};

/// A sensor that waits is looked at so often, should it be woken unheard.
const IDLE: Duration = Duration::from_secs(1);

/// A BlueZ double with sensors, for tests.
#[derive(Debug, Parser)]
enum Arguments {
    /// Become a private dbus-daemon with its socket at FOLDER/bus.
    Bus {
        /// An empty folder.
        folder: PathBuf,
    },
    /// Be bluetoothd on `DBUS_SYSTEM_BUS_ADDRESS`; commands on stdin, ends with it.
    Run(Run),
}

#[derive(Debug, clap::Args)]
struct Run {
    /// Sensors, in TOML; without it one reference leg sensor.
    #[arg(long)]
    scenario: Option<PathBuf>,
    /// Sensors live so many times faster than the clock: 1 to 60.
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// Seed of person and night.
    #[arg(long, default_value_t = 3)]
    seed: u64,
    /// Length of the night; then the next one begins.
    #[arg(long, default_value_t = 8.0)]
    night_h: f64,
    /// Cramps in it.
    #[arg(long, default_value_t = 4)]
    cramps: u32,
    /// Factor on everything in the night that is no cramp.
    #[arg(long, default_value_t = 1.0)]
    density: f64,
    /// An object that was never connected to vanishes so long after its last advertisement.
    #[arg(long, default_value_t = 30.0)]
    temporary_s: f64,
    /// Milliseconds that a Disconnect takes.
    #[arg(long, default_value_t = 2000)]
    disconnect_ms: u64,
    /// Log calls on stderr.
    #[arg(long)]
    log: bool,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    match Arguments::parse() {
        Arguments::Bus { folder } => bus::become_bus(&folder),
        Arguments::Run(run) => serve(run).await,
    }
}

async fn serve(run: Run) -> anyhow::Result<()> {
    bus::die_with_parent()?;
    if run.log {
        tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::INFO).init();
    }
    let scenario = run.scenario.as_deref().map_or_else(|| Ok(Scenario::one_leg()), Scenario::read)?;
    let plan = NightPlan { seed: run.seed, hours: run.night_h, cramps: run.cramps, density: run.density };
    let peripherals = scenario.peripherals(plan, run.speed.clamp(1.0, 60.0))?;
    let timings = Timings {
        temporary: Duration::try_from_secs_f64(run.temporary_s)?,
        disconnect: Duration::from_millis(run.disconnect_ms),
        ..Timings::default()
    };
    let count = peripherals.len();
    let shared = World::new("00:AA:01:00:00:42".to_owned(), timings, peripherals);
    bus::start_bluetoothd(&shared, 0).await?;
    for index in 0..count {
        tokio::spawn(live(Shared::clone(&shared), index));
    }
    let air = Shared::clone(&shared);
    tokio::spawn(async move {
        let mut rounds = tokio::time::interval(timings.advertising);
        loop {
            rounds.tick().await;
            lock(&air).advertise(Instant::now());
        }
    });
    say(&json!({"ready": true, "pid": std::process::id(), "sensors": count}))?;
    let mut lines = lines_of_stdin()?;
    let mut runs = 0;
    while let Some(line) = lines.recv().await {
        let outcome = control::obey(&mut lock(&shared), &line);
        let answer = match outcome {
            Ok((answer, Some(Outcome::StartBluetoothd))) => {
                runs += 1;
                match bus::start_bluetoothd(&shared, runs).await {
                    Ok(()) => {
                        bus::announce(&shared);
                        answer
                    }
                    Err(error) => json!({"error": format!("{error:#}")}),
                }
            }
            Ok((answer, Some(Outcome::KillBluetoothd))) => match bus::await_no_bluetoothd().await {
                Ok(()) => answer,
                Err(error) => json!({"error": format!("{error:#}")}),
            },
            Ok((answer, None)) => answer,
            Err(error) => json!({"error": format!("{error:#}")}),
        };
        say(&answer)?;
    }
    Ok(())
}

/// Lines with something in them; ends with stdin.
fn lines_of_stdin() -> anyhow::Result<Receiver<String>> {
    let (to, lines) = channel(16);
    let read = move || {
        for line in std::io::stdin().lines().map_while(Result::ok).filter(|line| !line.trim().is_empty()) {
            if to.blocking_send(line).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().name("stdin".to_owned()).spawn(read).context("cannot start a thread")?;
    Ok(lines)
}

fn say(answer: &serde_json::Value) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{answer}")?;
    out.flush()?;
    Ok(())
}

/// A sensor does what is due, for ever.
async fn live(shared: Shared, index: usize) {
    loop {
        let (due, wake) = {
            let world = lock(&shared);
            let peripheral = &world.peripherals[index];
            (peripheral.behaviour.due(), std::sync::Arc::clone(&peripheral.wake))
        };
        let until = due.unwrap_or_else(|| Instant::now() + IDLE);
        tokio::select! {
            () = tokio::time::sleep_until(until) => {}
            () = wake.notified() => {}
        }
        lock(&shared).tick(index, Instant::now());
    }
}
