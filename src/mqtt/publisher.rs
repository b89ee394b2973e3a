//! Takes states and outbox rows to the client, one acknowledged message at a time.

use std::sync::Arc;
use std::time::Duration;

use rumqttc::v5::AsyncClient;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Filter, PubAckReason, PublishProperties};
use tokio::time::Instant;
use tracing::{debug, error, warn};

use super::backoff::Complaints;
use super::outgoing::{Delivery, EVENT_LIVE_S, Message, Outgoing};
use super::payload::CommandResult;
use super::session::{Session, Settled};
use crate::store::Store;
use crate::units::UtcMicros;

/// The outbox is looked at this often even if nobody says that it changed: another process may have added an event.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Pause after the store failed.
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// Pause after the broker refused an event, for example by its access list.
const REFUSED_PAUSE: Duration = Duration::from_secs(30);

/// Reads the time; given from outside so that tests and simulated nights have their own.
pub(crate) type Now = Arc<dyn Fn() -> UtcMicros + Send + Sync>;

pub(crate) struct Publisher {
    pub(crate) session: Session,
    client: AsyncClient,
    store: Store,
    now: Now,
    message_expiry: bool,
    look: bool,
    next_look: Instant,
    /// An event that has arrived but could not be deleted from the store yet; it must not be sent again.
    undeleted: Option<i64>,
    complaints: Complaints,
    dropped: u64,
    /// When the message or subscription under way was handed to the client.
    sent_at: Instant,
}

impl Publisher {
    pub(crate) fn new(session: Session, client: AsyncClient, store: Store, now: Now, message_expiry: bool) -> Self {
        let next_look = Instant::now() + LOOK_EVERY;
        let sent_at = Instant::now();
        Self {
            session,
            client,
            store,
            now,
            message_expiry,
            look: true,
            next_look,
            undeleted: None,
            complaints: Complaints::default(),
            dropped: 0,
            sent_at,
        }
    }

    /// The time.
    pub(crate) fn now(&self) -> UtcMicros {
        (self.now)()
    }

    /// When [`Self::look_now`] is due without a hint.
    pub(crate) fn next_look(&self) -> Instant {
        self.next_look
    }

    /// The outbox may have changed.
    pub(crate) fn look_now(&mut self) {
        self.look = true;
        self.next_look = Instant::now() + LOOK_EVERY;
    }

    /// Since when an answer of the broker has been due, if one is.
    pub(crate) fn waiting_since(&self) -> Option<Instant> {
        (self.session.connected() && !self.session.free()).then_some(self.sent_at)
    }

    /// How many momentary states were dropped since this was last asked.
    pub(crate) fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }

    /// Whether nothing is left to say, as far as the last look at the outbox tells.
    pub(crate) fn done(&self) -> bool {
        self.session.free() && self.session.next((self.now)()).is_none() && !self.look && self.undeleted.is_none()
    }

    /// Takes a state from the daemon: keeps a retained one, sends a momentary one now or never.
    pub(crate) fn take_state(&mut self, state: &Outgoing) {
        let message = match state.message(self.session.topics()) {
            Ok(message) => message,
            Err(reason) => {
                error!(%reason, "a state cannot be published");
                return;
            }
        };
        match message.delivery {
            Delivery::MomentaryState => {
                if !self.session.connected() || !self.hand_over(&message) {
                    self.dropped += 1;
                    debug!(
                        dropped = self.dropped,
                        topic = message.topic,
                        "momentary state dropped: the broker is away"
                    );
                }
            }
            Delivery::Answer => {
                if !self.session.take_answer(message) {
                    self.dropped += 1;
                    debug!(dropped = self.dropped, "an answer to a command dropped: the broker is away or too slow");
                }
            }
            Delivery::RetainedState | Delivery::LiveEvent | Delivery::LateEvent => {
                if !self.session.keep(message.topic.clone(), message.payload) {
                    error!(topic = message.topic, "too many retained topics: this state is not published");
                }
            }
        }
    }

    /// Answers a command.
    pub(crate) fn answer(&mut self, result: CommandResult) {
        self.take_state(&Outgoing::CommandResult(result));
    }

    /// Asks the broker for all of `filters` in one packet, after a connection; for none: nothing.
    pub(crate) fn subscribe(&mut self, filters: Vec<Filter>) {
        if filters.is_empty() {
            return;
        }
        match self.client.try_subscribe_many(filters) {
            Ok(()) => {
                self.sent_at = Instant::now();
                self.session.on_subscribing();
            }
            Err(reason) => {
                warn!(%reason, "no subscription: commands and restarts of Home Assistant go unheard until the next connection");
            }
        }
    }

    /// Hands the next acknowledged message to the client, if one may go.
    pub(crate) async fn pump(&mut self) {
        if !self.session.free() {
            return;
        }
        if self.look && self.session.wants_event() {
            self.take_event().await;
        }
        if let Some(message) = self.session.next((self.now)())
            && self.hand_over(&message)
        {
            self.sent_at = Instant::now();
            self.session.on_sent(&message);
        }
    }

    /// The broker answered the message under way. True if that was an event and it has arrived.
    pub(crate) async fn on_acknowledged(&mut self, reason: PubAckReason) -> bool {
        let accepted = matches!(reason, PubAckReason::Success | PubAckReason::NoMatchingSubscribers);
        match self.session.on_acknowledged(accepted) {
            Settled::EventDelivered(seq) => {
                self.look_now();
                self.undeleted = Some(seq);
                self.delete_delivered().await;
                return true;
            }
            Settled::EventRefused => {
                warn!(
                    ?reason,
                    "the broker refuses an event: does its access list let this user write to it? It stays in the outbox"
                );
                self.pause(REFUSED_PAUSE);
            }
            Settled::StateRefused(topic) => {
                warn!(?reason, topic, "the broker refuses a state: does its access list let this user write to it?");
            }
            Settled::AnswerRefused => {
                if let Some(unsaid) = self.complaints.let_through("answer refused", Instant::now()) {
                    warn!(
                        ?reason,
                        unsaid,
                        "the broker refuses an answer to a command: does its access list let this user write to it?"
                    );
                }
            }
            Settled::Nothing => {}
        }
        false
    }

    fn pause(&mut self, pause: Duration) {
        self.look = false;
        self.next_look = Instant::now() + pause;
    }

    /// True if nothing delivered is left in the store.
    async fn delete_delivered(&mut self) -> bool {
        let Some(seq) = self.undeleted else { return true };
        match self.store.outbox_delivered(seq).await {
            Ok(()) => {
                self.undeleted = None;
                true
            }
            Err(reason) => {
                if let Some(unsaid) = self.complaints.let_through("not deleted", Instant::now()) {
                    error!(seq, %reason, unsaid, "a delivered event could not be deleted from the outbox; trying again");
                }
                self.pause(STORE_PAUSE);
                false
            }
        }
    }

    async fn take_event(&mut self) {
        if !self.delete_delivered().await {
            return;
        }
        match self.store.outbox_next((self.now)(), f64::from(EVENT_LIVE_S)).await {
            Ok(None) => self.look = false,
            Ok(Some((row, live))) => {
                let seq = row.seq;
                if let Err(reason) = self.session.take_event(row, live) {
                    // It can never be sent, and as long as it is first in the outbox no other alarm can.
                    error!(seq, %reason, "an event without a topic is given up");
                    self.undeleted = Some(seq);
                }
            }
            Err(reason) => {
                error!(%reason, "the outbox cannot be read; trying again");
                self.pause(STORE_PAUSE);
            }
        }
    }

    /// False if the client's queue is full.
    fn hand_over(&self, message: &Message) -> bool {
        let delivery = message.delivery;
        let qos = if delivery.acknowledged() { QoS::AtLeastOnce } else { QoS::AtMostOnce };
        let message_expiry_interval = if self.message_expiry { delivery.expiry_s() } else { None };
        let properties = PublishProperties { message_expiry_interval, ..PublishProperties::default() };
        self.client
            .try_publish_with_properties(
                message.topic.clone(),
                qos,
                delivery.retain(),
                message.payload.clone(),
                properties,
            )
            .is_ok()
    }
}
