//! The real daemon, a real broker and a real subscriber, each in a folder of its own, each stopped whatever happens.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rumqttc::{Client, Event, MqttOptions, Packet, QoS};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_crampwatch");

/// A port that nobody listens on at the moment.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// Asks until it is so; panics with `what` after `limit`.
pub(crate) fn eventually(what: &str, limit: Duration, mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + limit;
    while !holds() {
        assert!(Instant::now() < until, "not within {limit:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A process that does not outlive its test.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn of(child: Child) -> Self {
        Self(child)
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    pub(crate) fn kill_9(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// SIGTERM; gives the exit code.
    pub(crate) fn terminate(&mut self) -> Option<i32> {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.ends_within(Duration::from_secs(15))
    }

    /// Waits for its end; gives the exit code.
    pub(crate) fn ends_within(&mut self, limit: Duration) -> Option<i32> {
        let mut code = None;
        eventually("the process ends", limit, || {
            code = self.0.try_wait().unwrap().map(|status| status.code());
            code.is_some()
        });
        code.flatten()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A folder with a configuration in which daemons are started.
pub(crate) struct Home {
    folder: TempDir,
}

impl Home {
    pub(crate) fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("crampwatch.toml"), config).unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.path().join("data")
    }

    /// The binary in this folder, with nothing of the outer environment that could matter.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command.args(arguments).current_dir(self.path()).env("HOME", self.path()).env("TZ", "UTC");
        for name in ["STATE_DIRECTORY", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "CRAMPWATCH_MQTT_PASSWORD", "RUST_LOG"] {
            command.env_remove(name);
        }
        command
    }

    /// Starts `crampwatch run` and waits until it says that it watches.
    pub(crate) fn start(&self) -> Process {
        self.start_command(self.command(&["run"]))
    }

    /// The same on another system bus.
    pub(crate) fn start_on_bus(&self, address: &str) -> Process {
        let mut command = self.command(&["run"]);
        command.env("DBUS_SYSTEM_BUS_ADDRESS", address);
        self.start_command(command)
    }

    /// The same for a daemon whose files can be limited: the kernel then refuses a write instead of ending the process.
    pub(crate) fn start_past_file_limits(&self) -> Process {
        let command = self.command(&[]);
        let arguments = ["-c", "trap '' XFSZ; exec \"$0\" run", BINARY];
        let mut shell = Command::new("sh");
        shell.args(arguments).current_dir(self.path());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        self.start_command(shell)
    }

    fn start_command(&self, mut command: Command) -> Process {
        let log = std::fs::File::options().create(true).append(true).open(self.path().join("log.txt")).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let out = child.stdout.take().unwrap();
        let process = Process(child);
        let mut line = String::new();
        let mut out = BufReader::new(out);
        out.read_line(&mut line).unwrap();
        assert!(line.contains("watches"), "{line:?}, log: {}", self.log());
        // What it says later must not fill the pipe.
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        process
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.path().join("log.txt")).unwrap_or_default()
    }
}

/// A count of the link that the daemon's last words in its log tell.
pub(crate) fn counted(log: &str, what: &str) -> u64 {
    let line = log.lines().rfind(|line| line.contains("The sensor is left.")).unwrap_or_else(|| panic!("{log}"));
    let value = line.split_whitespace().find_map(|word| word.strip_prefix(what)?.strip_prefix('='));
    value.unwrap_or_else(|| panic!("no {what}: {line}")).parse().unwrap()
}

/// A real mosquitto with persistence.
pub(crate) struct Broker {
    folder: TempDir,
    pub(crate) port: u16,
    process: Option<Process>,
}

impl Broker {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let text = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\nuser root\npersistence true\npersistence_location {}/\n\
             autosave_interval 1\n",
            folder.path().display()
        );
        std::fs::write(folder.path().join("mosquitto.conf"), text).unwrap();
        let mut broker = Self { folder, port, process: None };
        broker.restart();
        broker
    }

    pub(crate) fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.terminate();
        }
    }

    pub(crate) fn restart(&mut self) {
        let config = self.folder.path().join("mosquitto.conf");
        let program = ["/usr/sbin/mosquitto", "/usr/bin/mosquitto"].into_iter().find(|path| Path::new(path).exists());
        let program = program.expect("mosquitto is missing: apt-get install mosquitto (./check does so)");
        let child = Command::new(program).arg("-c").arg(config).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.process = Some(Process(child.unwrap()));
        eventually("mosquitto listens", Duration::from_secs(10), || {
            std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok()
        });
    }
}

/// One message as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) topic: String,
    pub(crate) retain: bool,
    pub(crate) json: Value,
    pub(crate) text: String,
}

/// Everything below `crampwatch/`, from a session that the broker remembers.
pub(crate) struct Subscriber {
    messages: Arc<Mutex<Vec<Message>>>,
}

impl Subscriber {
    pub(crate) fn start(port: u16) -> Self {
        let mut options = MqttOptions::new("test-subscriber", "127.0.0.1", port);
        options.set_clean_session(false).set_keep_alive(Duration::from_secs(5)).set_max_packet_size(1 << 20, 1 << 20);
        let (client, mut connection) = Client::new(options, 100);
        let messages = Arc::new(Mutex::new(Vec::new()));
        let (to, ready) = (Arc::clone(&messages), Arc::new(Mutex::new(false)));
        let subscribed = Arc::clone(&ready);
        std::thread::spawn(move || {
            for event in connection.iter() {
                match event {
                    Ok(Event::Incoming(Packet::ConnAck(_))) => {
                        client.try_subscribe("crampwatch/#", QoS::AtLeastOnce).unwrap();
                    }
                    Ok(Event::Incoming(Packet::SubAck(_))) => *subscribed.lock().unwrap() = true,
                    Ok(Event::Incoming(Packet::Publish(publish))) => {
                        let text = String::from_utf8_lossy(&publish.payload).into_owned();
                        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
                        let message = Message { topic: publish.topic.clone(), retain: publish.retain, json, text };
                        to.lock().unwrap().push(message);
                    }
                    Ok(_) => {}
                    // The broker is away: try again until the test is over.
                    Err(_) => std::thread::sleep(Duration::from_millis(100)),
                }
            }
        });
        eventually("the subscription", Duration::from_secs(10), || *ready.lock().unwrap());
        Self { messages }
    }

    pub(crate) fn messages(&self) -> Vec<Message> {
        self.messages.lock().unwrap().clone()
    }

    /// Messages on `event` and `event_late`, in the order of their arrival.
    pub(crate) fn events(&self) -> Vec<Message> {
        let is_event = |m: &Message| m.topic.ends_with("/event") || m.topic.ends_with("/event_late");
        self.messages().into_iter().filter(is_event).collect()
    }

    /// Ids of the episodes of which an event of this type arrived.
    pub(crate) fn episodes(&self, event_type: &str) -> Vec<String> {
        let of_type = |m: &Message| m.json["event_type"] == event_type;
        self.events().iter().filter(|m| of_type(m)).map(|m| m.json["episode_id"].as_str().unwrap().to_owned()).collect()
    }
}

/// A configuration with a simulated night that is full of cramps, played fast, and an external broker.
pub(crate) fn busy_config(port: u16, speed: f64) -> String {
    format!(
        "[person]\ntime_zone = \"UTC\"\n[sensor]\nkind = \"simulated\"\n[sensor.simulated]\nseed = 3\nspeed = {speed:.1}\n\
         night_h = 0.5\ncramps = 6\ndrop_outs = 0\nloose_electrodes = 0\n\
         [storage]\ndata_dir = \"data\"\n[mqtt]\nmode = \"external\"\nhost = \"127.0.0.1\"\nport = {port}\n"
    )
}
