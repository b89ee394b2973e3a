//! What the client subscribes to for others, and what it does with what it hears: never awaiting, never failing.

use std::collections::HashMap;
use std::time::Duration;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Filter, RetainForwardRule};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tracing::warn;

use super::bucket::Bucket;
use super::desk::Desk;
use super::parse::{Message, parse};
use super::presence::presence;
use super::refusal::{Reason, Refusal};
use super::{Heard, Request};
use crate::mqtt::backoff::Complaints;
use crate::mqtt::error::MqttError;
use crate::mqtt::payload::CommandResult;
use crate::mqtt::publisher::Now;
use crate::mqtt::topics::{Topics, listenable};
use crate::store::Store;

/// Commands that wait, and commands that the daemon is doing; one more is answered "busy".
pub(super) const QUEUE: usize = 64;
/// So long after a reconnect what comes may have waited at the broker: a command that does not say when it was sent is refused.
const LEFT_OVER: Duration = Duration::from_secs(2);

/// What the daemon wants to hear from others.
#[derive(Debug, Clone)]
pub struct Listening {
    /// The person in whose name answers are kept, such as `me`.
    pub person: String,
    /// The legs that take commands, such as `me_left`.
    pub legs: Vec<String>,
    /// Topic on which something says whether somebody lies in bed; not below the base topic.
    pub bed_presence_topic: Option<String>,
    /// Where it goes. Bounded: when it is full a command is answered "busy, try again", and of bed presence the latest word waits.
    pub heard: mpsc::Sender<Heard>,
    /// Set to whether the broker answers.
    pub connected: watch::Sender<bool>,
}

impl Listening {
    /// Checks legs and topic.
    ///
    /// # Errors
    /// [`MqttError::Id`] for a leg that cannot stand in a topic, [`MqttError::Setting`] for a topic that cannot be subscribed to.
    pub fn validate(&self, topics: &Topics) -> Result<(), MqttError> {
        for leg in &self.legs {
            topics.commands(leg)?;
        }
        match &self.bed_presence_topic {
            Some(topic) if !listenable(topic) || topics.holds(topic) => Err(MqttError::Setting {
                key: "bed_presence_topic",
                found: format!("{topic:?}"),
                expected: "one topic without + # or $ in front, at most 200 bytes long, not below mqtt.base_topic",
            }),
            _ => Ok(()),
        }
    }
}

/// Something to answer, from the desk.
#[derive(Debug)]
pub(crate) enum Reply {
    /// The daemon's answer.
    Done(CommandResult),
    /// The same answer again.
    Repeated(CommandResult),
    /// It was not taken.
    Refused(Refusal),
}

/// Takes what was heard to the daemon, or says why not.
pub(crate) struct Ear {
    topics: Topics,
    legs: Vec<String>,
    bed_presence_topic: Option<String>,
    requests: mpsc::Sender<Request>,
    results: mpsc::Sender<CommandResult>,
    presence: watch::Sender<Option<bool>>,
    connected: watch::Sender<bool>,
    replies: mpsc::Receiver<Reply>,
    answers: Bucket,
    complaints: Complaints,
    left_over_until: Option<Instant>,
    /// Answers of the daemon that are being kept.
    being_kept: usize,
    /// Messages that were refused.
    refused: u64,
    /// Of them, those that nobody was answered.
    unanswered: u64,
}

impl Ear {
    /// An ear, and the work beside it, to be polled as long as it hears.
    pub(crate) fn new(
        listening: Listening,
        topics: &Topics,
        store: Store,
        now: Now,
    ) -> Result<(Self, impl Future<Output = ()> + Send + use<>), MqttError> {
        listening.validate(topics)?;
        let Listening { person, legs, bed_presence_topic, heard, connected } = listening;
        let (requests, requests_taken) = mpsc::channel(QUEUE);
        let (results, results_taken) = mpsc::channel(QUEUE);
        // Each request and each result gives one reply at most.
        let (replies_given, replies) = mpsc::channel(2 * QUEUE);
        let (presence, presence_seen) = watch::channel(None);
        let desk = Desk {
            store,
            person,
            now,
            heard,
            requests: requests_taken,
            results: results_taken,
            presence: presence_seen,
            replies: replies_given,
            under_way: HashMap::new(),
        };
        let ear = Self {
            topics: topics.clone(),
            legs,
            bed_presence_topic,
            requests,
            results,
            presence,
            connected,
            replies,
            answers: Bucket::full(Instant::now()),
            complaints: Complaints::default(),
            left_over_until: None,
            being_kept: 0,
            refused: 0,
            unanswered: 0,
        };
        Ok((ear, desk.run()))
    }

    /// What to subscribe to.
    pub(crate) fn filters(&self) -> Vec<Filter> {
        let command = |topic| Filter {
            // A retained command is never done: it need not come at each connection, and one that comes must be known by its flag.
            preserve_retain: true,
            retain_forward_rule: RetainForwardRule::Never,
            ..Filter::new(topic, QoS::AtLeastOnce)
        };
        let legs = self.legs.iter().filter_map(|leg| self.topics.commands(leg).ok());
        let mut filters: Vec<Filter> =
            std::iter::once(self.topics.bridge_commands()).chain(legs).map(command).collect();
        filters.extend(self.bed_presence_topic.iter().map(|topic| Filter::new(topic.as_str(), QoS::AtLeastOnce)));
        filters
    }

    /// A connection stands. `session_present`: the broker had kept what came in the meantime.
    pub(crate) fn on_connected(&mut self, session_present: bool, at: Instant) {
        self.left_over_until = session_present.then(|| at + LEFT_OVER);
        self.connected.send_replace(true);
    }

    /// The connection broke.
    pub(crate) fn on_disconnected(&self) {
        self.connected.send_replace(false);
    }

    /// A message came; gives what is to be answered at once.
    pub(crate) fn hear(&mut self, message: &Message<'_>, at: Instant) -> Option<CommandResult> {
        if self.bed_presence_topic.as_deref() == Some(message.topic) {
            match presence(message.payload) {
                Some(occupied) => {
                    self.presence.send_replace(Some(occupied));
                }
                None => self.count("not a word for bed presence", at),
            }
            return None;
        }
        if message.retained && message.payload.is_empty() {
            // Somebody clears a retained command away.
            return None;
        }
        match parse(message, &self.topics, &self.legs).and_then(|request| self.take(request, at)) {
            Ok(()) => None,
            Err(refusal) => self.refuse(&refusal, at),
        }
    }

    /// What is to be answered, from the desk.
    pub(crate) async fn reply(&mut self) -> Option<CommandResult> {
        // The desk lives as long as this ear.
        let Some(reply) = self.replies.recv().await else { return std::future::pending().await };
        match reply {
            Reply::Done(result) => {
                self.being_kept = self.being_kept.saturating_sub(1);
                Some(result)
            }
            Reply::Repeated(result) => {
                if self.answers.take(Instant::now()) {
                    return Some(result);
                }
                self.unanswered += 1;
                None
            }
            Reply::Refused(refusal) => self.refuse(&refusal, Instant::now()),
        }
    }

    /// The daemon answered: the answer is kept first, and comes back by [`Self::reply`]. Given back if that cannot be.
    pub(crate) fn keep(&mut self, result: CommandResult) -> Option<CommandResult> {
        match self.results.try_send(result) {
            Ok(()) => {
                self.being_kept += 1;
                None
            }
            Err(mpsc::error::TrySendError::Full(result) | mpsc::error::TrySendError::Closed(result)) => {
                let words = "too many answers at once: some were given without being kept";
                if let Some(unsaid) = self.complaints.let_through(words, Instant::now()) {
                    warn!(unsaid, "{words}");
                }
                Some(result)
            }
        }
    }

    /// Whether no answer is being kept.
    pub(crate) fn settled(&self) -> bool {
        self.being_kept == 0
    }

    fn take(&mut self, request: Request, at: Instant) -> Result<(), Refusal> {
        let refuse = |request: &Request, reason| {
            let (request_id, verb) = (request.request_id.clone(), request.command.verb().to_owned());
            Err(Refusal { request_id, verb, reason })
        };
        if request.sent_at.is_none() && self.left_over_until.is_some_and(|until| at < until) {
            return refuse(&request, Reason::AgeUnknown);
        }
        match self.requests.try_send(request) {
            Ok(()) => Ok(()),
            Err(mpsc::error::TrySendError::Full(request)) => refuse(&request, Reason::Busy),
            Err(mpsc::error::TrySendError::Closed(request)) => refuse(&request, Reason::Stopping),
        }
    }

    /// Counts a refusal, and gives the answer if not too many went before.
    fn refuse(&mut self, refusal: &Refusal, at: Instant) -> Option<CommandResult> {
        let answer = refusal.reason != Reason::Topic && self.answers.take(at);
        self.unanswered += u64::from(!answer);
        self.count("a command was refused", at);
        answer.then(|| refusal.answer())
    }

    fn count(&mut self, what: &'static str, at: Instant) {
        self.refused += 1;
        // One sentence for all, so that it comes once a minute; never what somebody sent.
        if self.complaints.let_through("refused", at).is_some() {
            warn!(
                last = what,
                refused = self.refused,
                unanswered = self.unanswered,
                "messages to Crampwatch were refused"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn listening(leg: &str, topic: Option<&str>) -> Listening {
        let (heard, _) = mpsc::channel(1);
        let bed_presence_topic = topic.map(str::to_owned);
        let connected = watch::channel(false).0;
        Listening { person: "me".to_owned(), legs: vec![leg.to_owned()], bed_presence_topic, heard, connected }
    }

    #[rstest]
    #[case("")]
    #[case("bed/+")]
    #[case("bed/#")]
    #[case("$SYS/uptime")]
    #[case("bed\n")]
    #[case("crampwatch/bridge/cmd/log_intake")]
    fn a_topic_that_is_none_or_our_own_is_refused(#[case] topic: &str) {
        let error = listening("me_left", Some(topic)).validate(&Topics::new("crampwatch").unwrap()).unwrap_err();
        assert!(error.to_string().contains("mqtt.bed_presence_topic"), "{error}");
    }

    #[test]
    fn what_people_name_their_topics_will_do() {
        let topics = Topics::new("crampwatch").unwrap();
        for topic in ["/esp32/bed occupied", "zigbee2mqtt/Bett/Präsenz", "crampwatch-bed"] {
            assert!(listening("me_left", Some(topic)).validate(&topics).is_ok(), "{topic}");
        }
        assert!(listening("bridge", None).validate(&topics).is_err(), "its commands would be the daemon's");
    }
}
