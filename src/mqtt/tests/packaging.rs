//! packaging/mosquitto/ as it is, with its paths replaced: its certificates, its configuration, its access list.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use super::doors::Log;
use super::harness::{Client, Heard, INSTALL, Mosquitto, eventually, free_port};
use crate::mqtt::{Credentials, DiscoverySettings, LegDevice, MqttSettings, Outgoing, Tls, TlsFiles};

const README: &str = include_str!("../../../packaging/mosquitto/README.md");
const CONF: &str = include_str!("../../../packaging/mosquitto/crampwatch.conf");
const ACL: &str = include_str!("../../../packaging/mosquitto/crampwatch.acl");
const PEOPLE: [&str; 3] = ["crampwatch", "homeassistant", "dashboard"];
const EVENT: &str = "crampwatch/me_left/event";
const ADVICE: &str = "crampwatch/bridge/advice";
const COMMAND: &str = "crampwatch/me_left/cmd/acknowledge";
const STATUS: &str = "crampwatch/bridge/status";

/// The broker of the README.
struct Home {
    broker: Mosquitto,
    folder: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        Self::with(tempfile::tempdir().unwrap(), CONF)
    }

    fn with(folder: tempfile::TempDir, conf: &str) -> Self {
        make_certificates(folder.path());
        let place = |name: &str| folder.path().join(name).display().to_string();
        for (number, person) in PEOPLE.into_iter().enumerate() {
            let create: &[&str] = if number == 0 { &["-c"] } else { &[] };
            let made = Command::new("mosquitto_passwd")
                .args(create)
                .args(["-b", &place("crampwatch.passwd"), person, &password(person)])
                .status();
            assert!(made.expect(INSTALL).success());
        }
        std::fs::write(place("crampwatch.acl"), ACL).unwrap();
        std::fs::create_dir(place("conf.d")).unwrap();
        let port = free_port();
        let conf = [
            ("listener 8883".to_owned(), format!("listener {port} 127.0.0.1")),
            ("/etc/mosquitto/certs/broker.crt".to_owned(), place("broker.crt")),
            ("/etc/mosquitto/certs/broker.key".to_owned(), place("broker.key")),
            ("/etc/mosquitto/crampwatch.passwd".to_owned(), place("crampwatch.passwd")),
            ("/etc/mosquitto/crampwatch.acl".to_owned(), place("crampwatch.acl")),
        ]
        .iter()
        .fold(conf.to_owned(), |text, (from, to)| {
            assert!(text.contains(from.as_str()), "{from} is in crampwatch.conf");
            text.replace(from.as_str(), to)
        });
        std::fs::write(place("conf.d/crampwatch.conf"), conf).unwrap();
        // What Debian's mosquitto.conf holds, but for the log file.
        let main = format!(
            "user root\nlog_type none\npersistence true\npersistence_location {}/\ninclude_dir {}\n",
            folder.path().display(),
            place("conf.d")
        );
        Self { broker: Mosquitto::configured(port, &main), folder }
    }

    fn settings(&self, credentials: Option<Credentials>) -> MqttSettings {
        let leg = LegDevice {
            leg: "me_left".to_owned(),
            name: "Left leg".to_owned(),
            model: "Simulated sensor".to_owned(),
            sensor: None,
        };
        let discovery = DiscoverySettings { prefix: "homeassistant".to_owned(), legs: vec![leg], retired: vec![] };
        let tls = Tls::load(TlsFiles { ca: Some(self.authority()), ..TlsFiles::default() }).unwrap();
        MqttSettings {
            host: "localhost".to_owned(),
            port: self.broker.port,
            credentials,
            tls: Some(tls),
            discovery: Some(discovery),
            ..MqttSettings::default()
        }
    }

    fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.crt")
    }

    /// A command of mosquitto's, as `person`, or as nobody.
    fn command(&self, program: &str, person: Option<&str>) -> Command {
        let mut command = Command::new(program);
        command.args(["-h", "localhost", "-p", &self.broker.port.to_string(), "-V", "5", "-q", "1", "--cafile"]);
        command.arg(self.authority());
        if let Some(person) = person {
            command.args(["-u", person, "-P", &password(person)]);
        }
        command
    }

    /// Publishes; gives what was complained of.
    fn say(&self, person: Option<&str>, topic: &str, payload: &str) -> String {
        let output = self.command("mosquitto_pub", person).args(["-t", topic, "-m", payload]).output().expect(INSTALL);
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// What `person` hears of everything in two seconds, while `meanwhile` is done after one.
    fn hears(&self, person: &str, meanwhile: impl FnOnce()) -> Vec<Heard> {
        let mut command = self.command("mosquitto_sub", Some(person));
        command.args(["-t", "#", "-W", "2", "-F", "%r %t %p"]);
        let output = std::thread::scope(|scope| {
            let heard = scope.spawn(move || command.output().expect(INSTALL));
            std::thread::sleep(Duration::from_secs(1));
            meanwhile();
            heard.join().unwrap()
        });
        heard_in(&output)
    }
}

fn heard_in(output: &Output) -> Vec<Heard> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let parse = |line: &str| {
        let mut parts = line.splitn(3, ' ').map(str::to_owned);
        let mut next = || parts.next().unwrap_or_default();
        Heard { retained: next() == "1", topic: next(), payload: next() }
    };
    text.lines().map(parse).collect()
}

fn password(person: &str) -> String {
    format!("the secret of {person}")
}

/// Runs the commands of the README's first section as they stand there, for this machine's name and address.
fn make_certificates(folder: &Path) {
    let section = README.split("\n## ").find(|section| section.starts_with("1. Certificates")).unwrap();
    let commands: String = section.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    assert!(commands.contains("DNS:pi.local") && commands.contains("IP:192.168.1.5"));
    let commands = commands.replace("pi.local", "localhost").replace("192.168.1.5", "127.0.0.1");
    let made = Command::new("sh").args(["-eu", "-c", &commands]).current_dir(folder).output().unwrap();
    assert!(made.status.success(), "this test needs openssl: {}", String::from_utf8_lossy(&made.stderr));
}

fn topics(heard: &[Heard]) -> Vec<&str> {
    heard.iter().map(|heard| heard.topic.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_works_and_everybody_may_do_only_what_the_list_says() {
    let home = Home::new();
    let login = Credentials { username: "crampwatch".to_owned(), password: password("crampwatch") };
    let client = Client::with(home.settings(Some(login))).await;
    client.states.send(Outgoing::Advice("Drink a glass of water with dinner.".to_owned())).await.unwrap();
    client.states.send(Outgoing::Armed { leg: "me_left".into(), armed: true }).await.unwrap();
    client.add_events(3).await;
    client.wait_for_empty_outbox().await;

    let home_assistant = home.hears("homeassistant", || {
        assert_eq!(home.say(Some("homeassistant"), COMMAND, "{}"), "");
    });
    let heard = topics(&home_assistant);
    let discovery = "homeassistant/device/crampwatch_me_left/config";
    for topic in [discovery, STATUS, ADVICE, "crampwatch/me_left/armed", COMMAND] {
        assert!(heard.contains(&topic), "{topic} is not among {heard:?}");
    }

    // What Home Assistant asks for reaches the daemon's user, and neither it nor the display can say what the daemon says.
    let daemon = home.hears("crampwatch", || {
        assert_eq!(home.say(Some("homeassistant"), COMMAND, "{}"), "");
        assert_eq!(home.say(Some("homeassistant"), "homeassistant/status", "online"), "");
    });
    assert!(topics(&daemon).contains(&COMMAND) && topics(&daemon).contains(&"homeassistant/status"), "{daemon:?}");
    assert!(topics(&daemon).iter().all(|topic| topic.contains("/cmd/") || *topic == "homeassistant/status"));

    let forged = r#"{"event_type":"cramp_started","forged":true}"#;
    let dashboard = home.hears("dashboard", || {
        for (person, topic) in [("homeassistant", EVENT), ("dashboard", EVENT), ("dashboard", COMMAND)] {
            let complaint = home.say(Some(person), topic, forged);
            assert!(complaint.contains("Not authorized"), "{person} {topic}: {complaint}");
        }
        let complaint = home.say(None, EVENT, forged);
        assert!(complaint.to_lowercase().contains("not authori"), "{complaint}");
    });
    let heard = topics(&dashboard);
    assert!(heard.contains(&STATUS) && heard.contains(&"crampwatch/me_left/armed"), "{heard:?}");
    assert!(!heard.iter().any(|topic| topic.contains("advice") || topic.contains("/cmd/")), "{heard:?}");
    assert!(!dashboard.iter().any(|heard| heard.payload.contains("forged")), "{dashboard:?}");
    client.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_display_hears_the_events_and_nobody_sends_what_is_too_large() {
    let home = Home::new();
    let login = Credentials { username: "crampwatch".to_owned(), password: password("crampwatch") };
    let client = Client::with(home.settings(Some(login))).await;
    let huge = "x".repeat(70_000);
    let runtime = tokio::runtime::Handle::current();
    let heard = tokio::task::block_in_place(|| {
        home.hears("dashboard", || {
            runtime.block_on(client.add_events(2));
            home.say(Some("homeassistant"), COMMAND, &huge);
        })
    });
    let events: Vec<i64> = heard.iter().filter(|heard| heard.topic == EVENT).map(Heard::seq).collect();
    assert_eq!(events, [1, 2]);
    let again = home.hears("crampwatch", || {
        home.say(Some("homeassistant"), COMMAND, &huge);
        assert_eq!(home.say(Some("homeassistant"), COMMAND, "small"), "");
    });
    assert_eq!(again.iter().map(|heard| heard.payload.as_str()).collect::<Vec<_>>(), ["small"]);
    client.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_client_certificates_the_daemon_shows_the_one_of_the_readme() {
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("ca.crt").display().to_string();
    let conf = CONF
        .replace("#cafile /etc/mosquitto/ca_certificates/ca.crt", &format!("cafile {authority}"))
        .replace("#require_certificate true", "require_certificate true");
    assert!(conf.contains("\nrequire_certificate true") && conf.contains(&authority));
    let home = Home::with(folder, &conf);
    let login = Credentials { username: "crampwatch".to_owned(), password: password("crampwatch") };
    let place = |name: &str| Some(home.folder.path().join(name));
    let files = TlsFiles {
        ca: place("ca.crt"),
        client_certificate: place("crampwatch.crt"),
        client_key: place("crampwatch.key"),
    };
    let settings = MqttSettings { tls: Some(Tls::load(files).unwrap()), ..home.settings(Some(login)) };
    let client = Client::with(settings).await;
    client.add_events(1).await;
    client.wait_for_empty_outbox().await;
    assert!(!home.say(Some("homeassistant"), COMMAND, "{}").is_empty(), "no certificate, no entry");
    client.stop().await;
}

#[tokio::test]
async fn a_daemon_without_its_password_is_refused_and_says_so() {
    let home = Home::new();
    let log = Log::listen();
    let _client = Client::with(home.settings(None)).await;
    eventually("the complaint", || log.text().contains("wants a user name and a password")).await;
    assert!(!log.text().contains("connected"), "{}", log.text());
}
