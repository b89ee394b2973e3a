//! A process that is killed: the broker speaks in its place.

use std::process::{Child, Command, Stdio};

use super::harness::{Client, Mosquitto, eventually};
use super::subscriber::Subscriber;

const STATUS: &str = "crampwatch/bridge/status";
/// Set in the process that is to be killed: the port of the broker.
const PORT: &str = "CRAMPWATCH_TEST_WILL_PORT";

/// Not a test of its own: what the killed process runs. Without the variable it has nothing to do.
#[tokio::test]
async fn the_process_that_is_killed() {
    if let Ok(port) = std::env::var(PORT) {
        let _client = Client::start(port.parse().unwrap()).await;
        std::future::pending::<()>().await;
    }
}

struct Killed(Child);

impl Killed {
    fn start(port: u16) -> Self {
        let test = format!("{}::the_process_that_is_killed", module_path!().split_once("::").unwrap().1);
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([&test, "--exact"]).env(PORT, port.to_string()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        // SIGKILL: nothing of it runs any more.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_broker_says_offline_when_the_process_is_killed_and_online_when_it_is_back() {
    let broker = Mosquitto::new("");
    let subscriber = Subscriber::start(broker.port, "listener");
    subscriber.subscribed_after(0).await;
    for _ in 0..3 {
        let process = Killed::start(broker.port);
        eventually("online", || subscriber.last(STATUS).as_deref() == Some("online")).await;
        drop(process);
        eventually("the last will", || subscriber.last(STATUS).as_deref() == Some("offline")).await;
    }
    let newcomer = Subscriber::start(broker.port, "newcomer");
    eventually("the will is retained", || newcomer.last(STATUS).as_deref() == Some("offline")).await;
    assert!(newcomer.on(STATUS)[0].retained);
}
