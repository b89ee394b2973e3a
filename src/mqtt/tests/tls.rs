//! TLS and passwords with a real mosquitto, and everything that a broker can do wrong: each has its words in the log, and the
//! client never tries more often than its pauses allow.

use std::process::Command;
use std::time::Duration;

use rstest::rstest;

use super::certificates::Authority;
use super::doors::{Behind, Door, Log};
use super::harness::{Client, Listener, Mosquitto, eventually, free_port};
use crate::mqtt::{Credentials, MqttSettings, Tls, TlsFiles};

const STATUS: &str = "crampwatch/bridge/status";
/// The pauses after the first tries are 1 s, 1 to 2 s and 2 to 4 s, so in this time there are two or three tries.
const WATCHED: Duration = Duration::from_millis(2500);

/// A mosquitto with a second listener, which speaks TLS with the certificate `broker` of `authority`.
struct TlsBroker {
    plain: Mosquitto,
    tls_port: u16,
}

impl TlsBroker {
    fn new(authority: &Authority, more: &str) -> Self {
        let tls_port = free_port();
        let (certificate, key) = (authority.path("broker.crt"), authority.path("broker.key"));
        let extra = format!(
            "listener {tls_port} 127.0.0.1\ncertfile {}\nkeyfile {}\n{more}",
            certificate.display(),
            key.display()
        );
        Self { plain: Mosquitto::new(&extra), tls_port }
    }
}

fn authority_with_broker() -> Authority {
    let authority = Authority::new();
    authority.sign("broker", &["localhost", "127.0.0.1", "::1"], 2100);
    authority
}

fn with_tls(tls: Tls) -> MqttSettings {
    MqttSettings { host: "localhost".to_owned(), tls: Some(tls), ..MqttSettings::default() }
}

/// What the log says when a client with these settings meets what is behind the door, and how often it tried.
#[derive(Debug)]
struct Met {
    log: String,
    tries: usize,
}

/// Blocks for as long as it watches, so that several can be met at a time, each on a thread of its own, as the log wants it.
fn meet(behind: Behind, settings: MqttSettings, watched: Duration) -> Met {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let log = Log::listen();
        let door = Door::to(behind).await;
        let client = Client::with(MqttSettings { port: door.port, ..settings }).await;
        tokio::time::sleep(watched).await;
        assert!(!client.task.is_finished(), "it goes on trying");
        Met { log: log.text(), tries: door.entered() }
    })
}

/// Each client meets this broker, and the log has all these words.
fn assert_turned_away(port: u16, cases: Vec<(MqttSettings, &[&str])>) {
    std::thread::scope(|scope| {
        for (settings, words) in cases {
            scope.spawn(move || assert_words_and_pauses(&meet(Behind::Port(port), settings, WATCHED), words));
        }
    });
}

fn assert_words_and_pauses(Met { log, tries }: &Met, words: &[&str]) {
    for part in words {
        assert!(log.contains(part), "{part:?} is not in {log}");
    }
    assert!((2..=3).contains(tries), "{tries} tries in {WATCHED:?}: {log}");
    assert_eq!(log.matches("no MQTT broker").count(), 1, "the same is said once a minute: {log}");
}

/// The client is on the broker.
async fn works(broker: &TlsBroker, settings: MqttSettings) {
    let listener = Listener::new(broker.plain.port, "listener").await;
    let client = Client::with(MqttSettings { port: broker.tls_port, ..settings }).await;
    let seqs = client.add_events(3).await;
    client.wait_for_empty_outbox().await;
    eventually("all events heard", || listener.seqs("crampwatch/me_left/event") == seqs).await;
    assert_eq!(listener.last(STATUS).as_deref(), Some("online"));
    client.stop().await;
    eventually("goodbye", || listener.last(STATUS).as_deref() == Some("offline")).await;
}

#[rstest]
#[case("localhost")]
#[case("127.0.0.1")]
#[tokio::test]
async fn an_authority_of_ones_own_works_by_name_and_by_address(#[case] host: &str) {
    let authority = authority_with_broker();
    let broker = TlsBroker::new(&authority, "");
    works(&broker, MqttSettings { host: host.to_owned(), ..with_tls(authority.trusted()) }).await;
}

#[tokio::test]
async fn a_certificate_for_an_ipv6_address_works() {
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        eprintln!("left out: this machine has no IPv6");
        return;
    }
    let authority = authority_with_broker();
    let broker = TlsBroker::new(&authority, "");
    let listener = Listener::new(broker.plain.port, "listener").await;
    for host in ["::1", "[::1]"] {
        let door = Door::at("::1", Behind::Port(broker.tls_port)).await;
        let settings = MqttSettings { host: host.to_owned(), port: door.port, ..with_tls(authority.trusted()) };
        let client = Client::with(settings).await;
        eventually("online", || listener.last(STATUS).as_deref() == Some("online")).await;
        client.stop().await;
        eventually("offline", || listener.last(STATUS).as_deref() == Some("offline")).await;
    }
}

#[test]
fn another_authority_is_refused() {
    let (authority, other) = (authority_with_broker(), Authority::new());
    let broker = TlsBroker::new(&authority, "");
    let file = other.path("ca.crt").display().to_string();
    let words: &[&str] = &["was not signed by mqtt.ca_file", &file];
    let unknown: &[&str] = &["signed by no authority that this machine knows", "mqtt.ca_file"];
    let of_the_system = with_tls(Tls::load(TlsFiles::default()).unwrap());
    assert_turned_away(broker.tls_port, vec![(with_tls(other.trusted()), words), (of_the_system, unknown)]);
}

#[test]
fn an_expired_certificate_is_refused_with_its_day() {
    let authority = Authority::new();
    authority.sign("broker", &["localhost"], 2021);
    let broker = TlsBroker::new(&authority, "");
    let words: &[&str] = &["the broker's certificate expired on 2021-01-01", "clock"];
    assert_turned_away(broker.tls_port, vec![(with_tls(authority.trusted()), words)]);
}

#[test]
fn a_certificate_for_another_host_is_refused_with_its_names() {
    let authority = Authority::new();
    authority.sign("broker", &["pi.local", "192.168.1.5"], 2100);
    let broker = TlsBroker::new(&authority, "");
    let by_name: &[&str] = &["is for pi.local, 192.168.1.5, not for localhost", "set mqtt.host"];
    let by_address: &[&str] = &["is for pi.local, 192.168.1.5, not for 127.0.0.1", "subjectAltName"];
    let settings = with_tls(authority.trusted());
    let address = MqttSettings { host: "127.0.0.1".to_owned(), ..settings.clone() };
    assert_turned_away(broker.tls_port, vec![(settings, by_name), (address, by_address)]);
}

#[test]
fn the_authority_itself_may_not_stand_for_the_broker() {
    let authority = Authority::new();
    let own = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost", "-keyout"])
        .arg(authority.path("broker.key"))
        .arg("-out")
        .arg(authority.path("broker.crt"))
        .output()
        .expect("this test needs openssl: apt-get install openssl");
    assert!(own.status.success());
    let broker = TlsBroker::new(&authority, "");
    let tls = Tls::load(TlsFiles { ca: Some(authority.path("broker.crt")), ..TlsFiles::default() }).unwrap();
    let words: &[&str] = &["is that of an authority", "packaging/mosquitto/README.md"];
    assert_turned_away(broker.tls_port, vec![(with_tls(tls), words)]);
}

#[rstest]
#[case("tlsv1.2")]
#[case("tlsv1.3")]
#[tokio::test]
async fn a_broker_that_wants_a_client_certificate_gets_it_or_says_so(#[case] version: &str) {
    let (authority, stranger) = (authority_with_broker(), Authority::new());
    authority.sign("client", &["crampwatch"], 2100);
    authority.sign("old", &["crampwatch"], 2021);
    stranger.sign("client", &["crampwatch"], 2100);
    let more =
        format!("cafile {}\nrequire_certificate true\ntls_version {version}", authority.path("ca.crt").display());
    let broker = TlsBroker::new(&authority, &more);
    works(&broker, with_tls(authority.trusted_by_holder(&authority, "client"))).await;
    // The end of a TLS 1.3 connection can overtake the alert with its reason, so there the words may be less exact.
    let none: &[&str] = &["wants a client certificate", "mqtt.client_certificate_file"];
    let strange: &[&str] = &["refuses mqtt.client_certificate_file"];
    let expired: &[&str] = if version == "tlsv1.2" {
        &["mqtt.client_certificate_file has expired"]
    } else {
        &["mqtt.client_certificate_file"]
    };
    let cases = vec![
        (with_tls(authority.trusted()), none),
        (with_tls(authority.trusted_by_holder(&stranger, "client")), strange),
        (with_tls(authority.trusted_by_holder(&authority, "old")), expired),
    ];
    assert_turned_away(broker.tls_port, cases);
}

#[test]
fn tls_on_a_plain_port_and_plain_on_a_tls_port_are_named() {
    let authority = authority_with_broker();
    let broker = TlsBroker::new(&authority, "");
    assert_turned_away(
        broker.plain.port,
        vec![(with_tls(authority.trusted()), &["before TLS was agreed on", "mqtt.tls = false"])],
    );
    assert_turned_away(broker.tls_port, vec![(MqttSettings::default(), &["before it answered", "mqtt.tls = true"])]);
}

#[test]
fn a_wrong_password_and_none_are_told_apart_and_never_logged() {
    let folder = tempfile::tempdir().unwrap();
    let passwords = folder.path().join("passwords");
    let mut made = Command::new("mosquitto_passwd");
    made.args(["-b", "-c"]).arg(&passwords).args(["crampwatch", "right one"]);
    assert!(made.status().expect("these tests need mosquitto").success());
    let broker = Mosquitto::new(&format!("password_file {}\nallow_anonymous false", passwords.display()));
    let with = |password: &str| MqttSettings {
        credentials: Some(Credentials { username: "crampwatch".to_owned(), password: password.to_owned() }),
        ..MqttSettings::default()
    };
    assert_turned_away(
        broker.port,
        vec![(MqttSettings::default(), &["wants a user name and a password: set mqtt.username"])],
    );
    let wrong = meet(Behind::Port(broker.port), with("open sesame"), WATCHED);
    assert_words_and_pauses(&wrong, &["refuses this user name or password", "mqtt.username"]);
    assert!(!wrong.log.contains("sesame"), "{wrong:?}");
    let right = meet(Behind::Port(broker.port), with("right one"), Duration::from_secs(1));
    assert!(right.log.contains("connected to the MQTT broker") && !right.log.contains("right one"), "{right:?}");
}

/// CONNACK of MQTT 5: welcome.
const WELCOME: &[u8] = &[0x20, 3, 0, 0, 0];
/// The same with `not authorised`.
const NOT_AUTHORISED: &[u8] = &[0x20, 3, 0, 0x87, 0];
/// A welcome and a message of 256 MiB on its way.
const ENDLESS: &[u8] = &[0x20, 3, 0, 0, 0, 0x30, 0xFF, 0xFF, 0xFF, 0x7F, 0];
const HTTP: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 40\r\n\r\n\
    <html><body>Bad Request</body></html>...";

#[test]
fn a_broken_broker_is_never_tried_in_a_tight_loop() {
    let not_mqtt = "is mqtt.port the broker's MQTT port?";
    let (no_tls, before_tls) = ("does not speak TLS", "before TLS was agreed on");
    // What is behind the door, what is said of it, and what with TLS.
    let cases = [
        (Behind::Nobody, "before it answered", before_tls),
        (Behind::Farewell(NOT_AUTHORISED), "wants a user name and a password", no_tls),
        // The complaint comes after the 5 s, and a client in the middle of its first try has none.
        (Behind::Silence, "", ""),
        (Behind::Words(HTTP), not_mqtt, no_tls),
        (Behind::Words(&[0; 64]), not_mqtt, no_tls),
        (Behind::Farewell(WELCOME), "the broker closed the connection", no_tls),
        (Behind::Words(ENDLESS), "more than the 262144 that are taken", no_tls),
    ];
    let authority = Authority::new();
    let assert_bounded = |behind, settings: MqttSettings, words| {
        let met = meet(behind, MqttSettings { host: "127.0.0.1".to_owned(), ..settings }, Duration::from_millis(4800));
        // Pauses of 1 s, 1 to 2 s and 2 to 4 s: at most four tries.
        assert!((1..=4).contains(&met.tries), "{behind:?}: {met:?}");
        assert!(met.log.contains(words), "{behind:?}: {words:?} is not in {met:?}");
    };
    std::thread::scope(|scope| {
        for (behind, plain, with_tls_on) in cases {
            scope.spawn(move || assert_bounded(behind, MqttSettings::default(), plain));
            let settings = with_tls(authority.trusted());
            scope.spawn(move || assert_bounded(behind, settings, with_tls_on));
        }
    });
}

#[tokio::test]
async fn a_broker_that_never_answers_is_given_up_after_five_seconds() {
    let log = Log::listen();
    let door = Door::to(Behind::Silence).await;
    let _client = Client::with(MqttSettings { port: door.port, ..MqttSettings::default() }).await;
    eventually("the complaint", || log.text().contains("does not answer")).await;
    assert_eq!(door.entered(), 1);
}
