//! A private bus with the BlueZ double on it (`examples/bluez_double`), stopped whatever happens.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::eventually;

/// A child that does not outlive its test: killed when dropped, and by the kernel when the thread that began it ends.
#[derive(Debug)]
struct Guarded(Child);

impl Drop for Guarded {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[derive(Debug)]
struct Double {
    process: Guarded,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// The bus and the double.
#[derive(Debug)]
pub(crate) struct Bluez {
    folder: TempDir,
    arguments: Vec<String>,
    bus: Option<Guarded>,
    double: Mutex<Double>,
}

impl Bluez {
    /// A bus and a double with these options of `bluez_double run`. Keep the thread that calls this: the processes end with it.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let bus = start_bus(folder.path());
        let double = Mutex::new(start_double(folder.path(), &arguments));
        Self { folder, arguments, bus: Some(bus), double }
    }

    /// With the sensors of a scenario; each file is a name and its content, the first is the scenario.
    pub(crate) fn with_files(files: &[(&str, &str)], arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        let scenario = folder.path().join(files[0].0).display().to_string();
        let all = ["--scenario", &scenario].into_iter().chain(arguments.iter().copied());
        let arguments: Vec<String> = all.map(str::to_owned).collect();
        let bus = start_bus(folder.path());
        let double = Mutex::new(start_double(folder.path(), &arguments));
        Self { folder, arguments, bus: Some(bus), double }
    }

    /// For `DBUS_SYSTEM_BUS_ADDRESS`.
    pub(crate) fn address(&self) -> String {
        address(self.folder.path())
    }

    /// Says a command to the double and gives its answer; panics if it refuses.
    pub(crate) fn command(&self, line: &str) -> Value {
        let mut double = self.double.lock().unwrap();
        writeln!(double.commands, "{line}").unwrap();
        let answer = read_answer(&mut double.answers);
        assert!(answer.get("error").is_none(), "{line}: {answer}");
        answer
    }

    /// What became of the notifications of a sensor.
    pub(crate) fn counters(&self, sensor: usize) -> Value {
        self.command("counters")[sensor].clone()
    }

    /// kill -9 of the whole double: sensors and all.
    pub(crate) fn kill_double(&self) {
        let mut double = self.double.lock().unwrap();
        double.process.0.kill().unwrap();
        double.process.0.wait().unwrap();
    }

    /// Starts it again: its sensors have just been switched on.
    pub(crate) fn restart_double(&self) {
        *self.double.lock().unwrap() = start_double(self.folder.path(), &self.arguments);
    }

    /// kill -9 of the bus; the double's sensors live on.
    pub(crate) fn kill_bus(&mut self) {
        self.bus = None;
    }

    /// A new bus at the same address, without bluetoothd: that is `command("bluetoothd start")`.
    pub(crate) fn restart_bus(&mut self) {
        self.bus = Some(start_bus(self.folder.path()));
    }
}

fn address(folder: &Path) -> String {
    format!("unix:path={}", folder.join("bus").display())
}

/// Beside the test binary: cargo and nextest build examples with the tests, unless told which targets to build.
fn program() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let profile = own.parent().and_then(Path::parent).unwrap();
    let program = profile.join("examples/bluez_double");
    assert!(program.exists(), "{} is missing: cargo build --example bluez_double", program.display());
    program
}

fn start_bus(folder: &Path) -> Guarded {
    let socket = folder.join("bus");
    let _ = std::fs::remove_file(&socket);
    let log = std::fs::File::options().create(true).append(true).open(folder.join("bus.log")).unwrap();
    let mut command = Command::new(program());
    command.arg("bus").arg(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    let mut bus = Guarded(command.spawn().unwrap());
    eventually("the private bus listens", Duration::from_secs(10), || {
        let log = || std::fs::read_to_string(folder.join("bus.log")).unwrap_or_default();
        assert!(bus.0.try_wait().unwrap().is_none(), "dbus-daemon ended: {}", log());
        socket.exists()
    });
    bus
}

fn start_double(folder: &Path, arguments: &[String]) -> Double {
    let log = std::fs::File::options().create(true).append(true).open(folder.join("double.log")).unwrap();
    let mut command = Command::new(program());
    command.arg("run").args(arguments).env("DBUS_SYSTEM_BUS_ADDRESS", address(folder));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
    let (commands, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    let mut double = Double { process: Guarded(child), commands, answers };
    assert_eq!(read_answer(&mut double.answers)["ready"], true);
    double
}

fn read_answer(answers: &mut BufReader<ChildStdout>) -> Value {
    let mut line = String::new();
    answers.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap_or_else(|_| panic!("the double ended or said {line:?}"))
}
