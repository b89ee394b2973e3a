//! The loop that owns the connection.
//!
//! The event loop of `rumqttc` is polled here and never dropped half-way while the connection is to be kept, so what it holds
//! is always known: after a break its own list of messages to repeat is emptied and the [`Session`] alone decides what is
//! sent again.

use std::sync::Arc;
use std::time::Duration;

use rumqttc::v5::mqttbytes::v5::{Filter, Packet, SubscribeReasonCode};
use rumqttc::v5::{AsyncClient, ConnectionError, Event, EventLoop, Request, StateError};
use rumqttc::{Outgoing as Sent, v5::mqttbytes::QoS};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tracing::{info, warn};

use super::backoff::{BackOff, Complaints, pause_before_greeting};
use super::command::{Ear, Listening, Message};
use super::discovery::discovery;
use super::error::MqttError;
use super::outgoing::{Outgoing, online_word};
use super::payload::CommandResult;
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
/// With `listening`, commands and bed presence go to [`Listening::heard`]. Each command with an id comes once; whoever does it
/// answers with [`Outgoing::CommandResult`] under the same id, which is kept so that a repeat is answered alike. What is not
/// understood, too old, retained or too much is answered here, ten times a second at most.
///
/// `states` should be small and bounded: it is always emptied at once. `outbox_changed` is notified (`notify_one`) after
/// events were added to `store`. At `shutdown` what is left is sent for at most about 2 s, then `offline` is published and
/// the connection closed. If the future is dropped instead, the broker publishes the last will.
///
/// # Errors
/// Only settings that cannot work: [`MqttSettings::validate`], [`Listening::validate`].
pub async fn run(
    settings: MqttSettings,
    listening: Option<Listening>,
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
    // A task of its own, ended with this one: it and the publisher take turns at the store's only writer, and a desk that is not
    // polled while it is its turn would keep the publisher waiting for ever.
    let mut desk = JoinSet::new();
    let mut ear = match listening {
        Some(listening) => {
            let (ear, work) = Ear::new(listening, session.topics(), store.clone(), now.clone())?;
            desk.spawn(work);
            Some(ear)
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
    let mut asked: Vec<String> = Vec::new();
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
                let settled = ear.as_ref().is_none_or(Ear::settled);
                phase = advance(phase, settled, &mut publisher, &client);
                if phase != Phase::Leaving {
                    publisher.pump().await;
                }
                let give_up_line_at = publisher.waiting_since().map(|since| since + patience);
                tokio::select! {
                    result = &mut step => break result,
                    // The one place where a poll is dropped half-way: the error path empties the event loop.
                    () = until(give_up_line_at) => break Err(StateError::AwaitPingResp.into()),
                    state = states.recv(), if states_open => match state {
                        Some(state) => take_state(state, &mut publisher, ear.as_mut()),
                        None => states_open = false,
                    },
                    Some(answer) = reply(ear.as_mut()) => publisher.answer(answer),
                    () = outbox_changed.notified() => publisher.look_now(),
                    () = tokio::time::sleep_until(publisher.next_look()) => publisher.look_now(),
                    () = &mut shutdown, if phase == Phase::Running => {
                        while let Ok(state) = states.try_recv() {
                            take_state(state, &mut publisher, ear.as_mut());
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
            Ok(Event::Incoming(Packet::ConnAck(connection))) => {
                publisher.session.on_connected();
                publisher.look_now();
                greet_at = None;
                let mut filters: Vec<Filter> =
                    home_assistant.iter().map(|topic| Filter::new(topic.as_str(), QoS::AtMostOnce)).collect();
                if let Some(ear) = &mut ear {
                    ear.on_connected(connection.session_present, Instant::now());
                    filters.extend(ear.filters());
                }
                asked = filters.iter().map(|filter| filter.path.clone()).collect();
                publisher.subscribe(filters);
                line.connected(publisher.take_dropped());
            }
            Ok(Event::Incoming(Packet::PubAck(acknowledgement))) => {
                if publisher.on_acknowledged(acknowledgement.reason).await {
                    line.works();
                }
            }
            Ok(Event::Incoming(Packet::SubAck(answer))) => {
                publisher.session.on_subscribed();
                complain_of_refused(&asked, &answer.return_codes);
            }
            Ok(Event::Incoming(Packet::Publish(heard))) => {
                let topic = str::from_utf8(&heard.topic).unwrap_or_default();
                if home_assistant.as_deref() == Some(topic) {
                    // What was retained was said before this connection, and everything has been told since.
                    if !heard.retain && heard.payload == online_word(true) && greet_at.is_none() {
                        greet_at = Some(Instant::now() + pause_before_greeting(rand::random()));
                    }
                } else if let Some(ear) = &mut ear {
                    let (payload, retained, now) = (&heard.payload[..], heard.retain, publisher.now());
                    let message = Message { topic, payload, retained, now };
                    if let Some(answer) = ear.hear(&message, Instant::now()) {
                        publisher.answer(answer);
                    }
                }
            }
            Ok(Event::Outgoing(Sent::Disconnect)) if phase == Phase::Leaving => return Ok(()),
            Ok(_) => {}
            Err(error) => {
                publisher.session.on_disconnected(forget_requests(&mut eventloop));
                if let Some(ear) = &ear {
                    ear.on_disconnected();
                }
                if phase != Phase::Running {
                    return Ok(());
                }
                pause = Some(line.broken(&error));
            }
        }
    }
}

/// Takes an orderly stop to its next phase when this one is through.
fn advance(phase: Phase, settled: bool, publisher: &mut Publisher, client: &AsyncClient) -> Phase {
    match phase {
        Phase::Flushing(until) if (settled && publisher.done()) || Instant::now() >= until => {
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

/// An answer to a command is kept before it is published; all else goes as it is.
fn take_state(state: Outgoing, publisher: &mut Publisher, ear: Option<&mut Ear>) {
    match (state, ear) {
        (Outgoing::CommandResult(result), Some(ear)) => {
            if let Some(result) = ear.keep(result) {
                publisher.answer(result);
            }
        }
        (state, _) => publisher.take_state(&state),
    }
}

async fn reply(ear: Option<&mut Ear>) -> Option<CommandResult> {
    match ear {
        Some(ear) => ear.reply().await,
        None => std::future::pending().await,
    }
}

/// Says which of the topics that were asked for the broker keeps back.
fn complain_of_refused(asked: &[String], answers: &[SubscribeReasonCode]) {
    for (topic, answer) in asked.iter().zip(answers) {
        if !matches!(answer, SubscribeReasonCode::Success(_)) {
            warn!(topic, ?answer, "the broker refuses a subscription: does its access list let this user read it?");
        }
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
        let up_since = self.up_since.take();
        if up_since.is_some_and(|since| now.duration_since(since) >= HELD) {
            self.backoff.reset();
        }
        let pause = self.backoff.next(rand::random());
        let reason = plain_words(error, &self.settings, up_since.is_some());
        if let Some(unsaid) = self.complaints.let_through(&reason, now) {
            warn!(reason, unsaid, next_try_s = pause.as_secs_f64(), "no MQTT broker; events wait in the outbox");
        }
        pause
    }
}
