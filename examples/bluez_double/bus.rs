//! The private bus, and bluetoothd's connection to it.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use futures_util::StreamExt;
use tokio::sync::mpsc::unbounded_channel;
use zbus::MessageStream;
use zbus::connection::Builder;

use super::daemon::Daemon;
use super::objects::Place;
use super::world::{Shared, lock};

const CONFIG: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>custom</type>
  <listen>unix:path=@SOCKET@</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*" eavesdrop="false"/>
    <allow receive_sender="*" eavesdrop="false"/>
  </policy>
</busconfig>
"#;

/// Becomes a dbus-daemon that listens on `bus` in `folder` and dies with its parent.
pub(crate) fn become_bus(folder: &Path) -> anyhow::Result<()> {
    let socket = std::path::absolute(folder)?.join("bus");
    let config = folder.join("bus.conf");
    let text = CONFIG.replace("@SOCKET@", &socket.display().to_string());
    std::fs::write(&config, text).with_context(|| format!("cannot write {}", config.display()))?;
    // A bus that was killed leaves its socket; there may be none.
    let _ = std::fs::remove_file(&socket);
    die_with_parent()?;
    // exec gives back only an error.
    let error = Command::new("dbus-daemon")
        .arg("--nofork")
        .arg("--nopidfile")
        .arg(format!("--config-file={}", config.display()))
        .exec();
    Err(error).context("dbus-daemon cannot be started: apt-get install dbus (./check does so)")
}

/// A test that is killed takes its helpers along.
pub(crate) fn die_with_parent() -> anyhow::Result<()> {
    Ok(rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?)
}

/// Starts bluetoothd: a connection of its own to `DBUS_SYSTEM_BUS_ADDRESS`, with the name `org.bluez`.
pub(crate) async fn start_bluetoothd(shared: &Shared, run: u64) -> anyhow::Result<()> {
    let connection = Builder::system()?.max_queued(4096).build().await.context("no bus")?;
    // Before the name is asked for: no call is missed.
    let stream = MessageStream::from(&connection);
    let (outbox, mut waiting) = unbounded_channel();
    {
        let mut world = lock(shared);
        let daemon = Daemon::new(outbox, run, &world.peripherals, world.adapter.present);
        world.daemon = Some(daemon);
    }
    let writer = connection.clone();
    tokio::spawn(async move {
        while let Some(message) = waiting.recv().await {
            if writer.send(&message).await.is_err() {
                break;
            }
        }
        // Killed, or the bus is gone: either way the connection ends.
        let _ = writer.close().await;
    });
    let reader = Shared::clone(shared);
    tokio::spawn(async move { read(stream, &reader, run).await });
    let rule = "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'";
    let bus = "org.freedesktop.DBus";
    connection.call_method(Some(bus), "/org/freedesktop/DBus", Some(bus), "AddMatch", &rule).await?;
    let request = ("org.bluez", 4_u32);
    let answer = connection.call_method(Some(bus), "/org/freedesktop/DBus", Some(bus), "RequestName", &request).await?;
    match answer.body().deserialize()? {
        1_u32 => Ok(()),
        _ => bail!("org.bluez is taken on this bus; DBUS_SYSTEM_BUS_ADDRESS must name a private one"),
    }
}

/// Returns when the bus has let bluetoothd go: a call that meets it before is told `NoReply` instead of `ServiceUnknown`.
pub(crate) async fn await_no_bluetoothd() -> anyhow::Result<()> {
    // A dead bus has let everybody go.
    let Ok(connection) = Builder::system()?.build().await else { return Ok(()) };
    let bus = "org.freedesktop.DBus";
    loop {
        let answer =
            connection.call_method(Some(bus), "/org/freedesktop/DBus", Some(bus), "NameHasOwner", &"org.bluez").await?;
        if !answer.body().deserialize::<bool>()? {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

async fn read(mut stream: MessageStream, shared: &Shared, run: u64) {
    while let Some(message) = stream.next().await {
        let mut world = lock(shared);
        let Some(daemon) = world.daemon.as_ref().filter(|daemon| daemon.run == run) else { return };
        let Ok(message) = message else { continue };
        let _ = daemon;
        world.take(&message);
    }
    let mut world = lock(shared);
    if world.daemon.as_ref().is_some_and(|daemon| daemon.run == run) {
        tracing::warn!("the bus is gone");
        world.daemon = None;
    }
}

/// Objects that are there when bluetoothd starts are told of, as by the real one.
pub(crate) fn announce(shared: &Shared) {
    let world = lock(shared);
    for place in world.places() {
        if matches!(place, Place::Adapter | Place::Device(_)) {
            world.added(place);
        }
    }
}
