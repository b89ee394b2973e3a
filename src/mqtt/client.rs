//! The loop that owns the connection.
//!
//! The event loop of `rumqttc` is polled here and never dropped half-way while the connection is to be kept, so what it holds
//! is always known: after a break its own list of messages to repeat is emptied and the [`Session`] alone decides what is
//! sent again.

use std::sync::Arc;
use std::time::Duration;

use rumqttc::v5::mqttbytes::v5::Packet;
use rumqttc::v5::{AsyncClient, ConnectionError, Event, EventLoop, Request, StateError};
use rumqttc::{Outgoing as Sent, v5::mqttbytes::QoS};
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;
use tracing::{info, warn};

use super::backoff::{BackOff, Complaints, pause_before_greeting};
use super::discovery::discovery;
use super::error::MqttError;
use super::outgoing::{Outgoing, online_word};
use super::publisher::{Now, Publisher};
use super::reason::plain_words;
use super::session::Session;
use super::settings::MqttSettings;
use crate::store::Store;

/// Messages on their way to the network: momentary states wait here while an acknowledgement is due.
const REQUEST_QUEUE: usize = 32;
/// How long an orderly stop may go on sending what is left.
const FLUSH: Duration = Duration::from_millis(1500);
/// And how long it may take altogether.
const STOP_WITHIN: Duration = Duration::from_millis(2500);
/// A connection that held so long makes the next pause a short one again.
const HELD: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Running,
    /// The daemon stops: send what is left, until then.
    Flushing(Instant),
    /// `offline` is being said.
    SayingGoodbye,
    /// The connection is being closed.
    Leaving,
}

/// Publishes states and events until `shutdown`; a broker that is away is waited for, with pauses of 1 to 30 s.
///
/// `states` should be small and bounded: it is always emptied at once. `outbox_changed` is notified (`notify_one`) after
/// events were added to `store`. At `shutdown` what is left is sent for at most about 2 s, then `offline` is published and
/// the connection closed. If the future is dropped instead, the broker publishes the last will.
///
/// # Errors
/// Only settings that cannot work: [`MqttSettings::validate`].
pub async fn run(
    settings: MqttSettings,
    store: Store,
    mut states: mpsc::Receiver<Outgoing>,
    outbox_changed: Arc<Notify>,
    now: Now,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), MqttError> {
    let topics = settings.validate()?;
    let (client, mut eventloop) = AsyncClient::new(settings.options(&topics), REQUEST_QUEUE);
    let mut session = Session::new(topics);
    let home_assistant = match &settings.discovery {
        Some(what) => {
            session.announce(discovery(what, session.topics())?);
            Some(what.status_topic())
        }
        None => None,
    };
    // As long as a dead line takes to be noticed; a broker that lives may still have lost what it should answer.
    let patience = Duration::from_secs(2 * u64::from(settings.keep_alive_s));
    let mut publisher = Publisher::new(session, client.clone(), store, now, settings.message_expiry);
    let mut line = Line::new(settings);
    let mut phase = Phase::Running;
    let mut give_up_at = None;
    let mut greet_at = None;
    let mut pause = None;
    let mut states_open = true;
    tokio::pin!(shutdown);

    loop {
        let result = {
            let wait: Option<Duration> = pause.take();
            let step = async {
                if let Some(wait) = wait {
                    tokio::time::sleep(wait).await;
                }
                eventloop.poll().await
            };
            tokio::pin!(step);
            loop {
                phase = advance(phase, &mut publisher, &client);
                if phase != Phase::Leaving {
                    publisher.pump().await;
                }
                let give_up_line_at = publisher.waiting_since().map(|since| since + patience);
                tokio::select! {
                    result = &mut step => break result,
                    // The one place where a poll is dropped half-way: the error path empties the event loop.
                    () = until(give_up_line_at) => break Err(StateError::AwaitPingResp.into()),
                    state = states.recv(), if states_open => match state {
                        Some(state) => publisher.take_state(&state),
                        None => states_open = false,
                    },
                    () = outbox_changed.notified() => publisher.look_now(),
                    () = tokio::time::sleep_until(publisher.next_look()) => publisher.look_now(),
                    () = &mut shutdown, if phase == Phase::Running => {
                        while let Ok(state) = states.try_recv() {
                            publisher.take_state(&state);
                        }
                        if !publisher.session.connected() {
                            return Ok(());
                        }
                        publisher.look_now();
                        phase = Phase::Flushing(Instant::now() + FLUSH);
                        give_up_at = Some(Instant::now() + STOP_WITHIN);
                    }
                    () = until(greet_at) => {
                        greet_at = None;
                        publisher.session.say_again();
                    }
                    () = until(give_up_at) => {
                        warn!("the broker does not answer: stopped without a goodbye, the rest stays in the outbox");
                        return Ok(());
                    }
                    () = flush_over(phase) => {}
                }
            }
        };
        match result {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                publisher.session.on_connected();
                publisher.look_now();
                greet_at = None;
                if let Some(topic) = &home_assistant {
                    publisher.subscribe(topic.clone());
                }
                line.connected(publisher.take_dropped());
            }
            Ok(Event::Incoming(Packet::PubAck(acknowledgement))) => {
                if publisher.on_acknowledged(acknowledgement.reason).await {
                    line.works();
                }
            }
            Ok(Event::Incoming(Packet::SubAck(_))) => publisher.session.on_subscribed(),
            // What was retained was said before this connection, and everything has been told since.
            Ok(Event::Incoming(Packet::Publish(heard))) if !heard.retain => {
                let is_from_home_assistant =
                    home_assistant.as_ref().is_some_and(|topic| heard.topic == topic.as_bytes());
                if is_from_home_assistant && heard.payload == online_word(true) && greet_at.is_none() {
                    greet_at = Some(Instant::now() + pause_before_greeting(rand::random()));
                }
            }
            Ok(Event::Outgoing(Sent::Disconnect)) if phase == Phase::Leaving => return Ok(()),
            Ok(_) => {}
            Err(error) => {
                publisher.session.on_disconnected(forget_requests(&mut eventloop));
                if phase != Phase::Running {
                    return Ok(());
                }
                pause = Some(line.broken(&error));
            }
        }
    }
}

/// Takes an orderly stop to its next phase when this one is through.
fn advance(phase: Phase, publisher: &mut Publisher, client: &AsyncClient) -> Phase {
    match phase {
        Phase::Flushing(until) if publisher.done() || Instant::now() >= until => {
            publisher.session.set_online(false);
            Phase::SayingGoodbye
        }
        Phase::SayingGoodbye if publisher.session.free() && publisher.session.status_said() => {
            // A full queue empties by itself; the next round tries again.
            if client.try_disconnect().is_ok() { Phase::Leaving } else { phase }
        }
        _ => phase,
    }
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

async fn flush_over(phase: Phase) {
    if let Phase::Flushing(instant) = phase {
        tokio::time::sleep_until(instant).await;
    } else {
        std::future::pending::<()>().await;
    }
}

/// Empties what the event loop would repeat by itself. True if an acknowledged message among it had not been handed to the
/// network: the event loop numbers a message when it takes it from its queue.
fn forget_requests(eventloop: &mut EventLoop) -> bool {
    eventloop.clean();
    let never_left = eventloop.pending.iter().any(
        |request| matches!(request, Request::Publish(publish) if publish.qos != QoS::AtMostOnce && publish.pkid == 0),
    );
    eventloop.pending.clear();
    never_left
}

/// Keeps count of breaks: how long to wait, what to log.
struct Line {
    settings: MqttSettings,
    backoff: BackOff,
    complaints: Complaints,
    up_since: Option<Instant>,
}

impl Line {
    fn new(settings: MqttSettings) -> Self {
        Self { settings, backoff: BackOff::default(), complaints: Complaints::default(), up_since: None }
    }

    fn connected(&mut self, dropped: u64) {
        self.up_since = Some(Instant::now());
        info!(broker = self.settings.address(), dropped_states = dropped, "connected to the MQTT broker");
    }

    /// An event arrived: if this line breaks now, the next alarm should not wait for the long pauses of a dead broker.
    fn works(&mut self) {
        self.backoff.reset();
    }

    /// Logs why, not too often, and gives the pause before the next try.
    fn broken(&mut self, error: &ConnectionError) -> Duration {
        let now = Instant::now();
        if self.up_since.take().is_some_and(|since| now.duration_since(since) >= HELD) {
            self.backoff.reset();
        }
        let pause = self.backoff.next(rand::random());
        let reason = plain_words(error, &self.settings);
        if let Some(unsaid) = self.complaints.let_through(&reason, now) {
            warn!(reason, unsaid, next_try_s = pause.as_secs_f64(), "no MQTT broker; events wait in the outbox");
        }
        pause
    }
}
