//! Where commands wait between the network and the daemon: each id is handed on once, each answer is kept before it is given.
//!
//! It runs beside the connection, so that the database never delays an event.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tracing::{error, warn};

use super::ear::{QUEUE, Reply};
use super::refusal::{Reason, Refusal};
use super::{Heard, Request};
use crate::mqtt::payload::CommandResult;
use crate::mqtt::publisher::Now;
use crate::store::{CommandAnswerRow, Store};
use crate::units::UtcMicros;

/// A command that the daemon has not answered after so long may be sent again under the same id.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(60);

pub(super) struct Desk {
    pub(super) store: Store,
    pub(super) person: String,
    pub(super) now: Now,
    pub(super) heard: mpsc::Sender<Heard>,
    /// What was understood.
    pub(super) requests: mpsc::Receiver<Request>,
    /// What the daemon answers.
    pub(super) results: mpsc::Receiver<CommandResult>,
    /// Whether somebody lies in bed; only the latest word counts.
    pub(super) presence: watch::Receiver<Option<bool>>,
    pub(super) replies: mpsc::Sender<Reply>,
    /// Ids that the daemon has and has not answered.
    pub(super) under_way: HashMap<String, UnderWay>,
}

pub(super) struct UnderWay {
    verb: &'static str,
    received_at: UtcMicros,
    since: Instant,
}

impl Desk {
    /// Works until those who send to it are gone.
    pub(super) async fn run(mut self) {
        let heard = self.heard.clone();
        let mut presence_waits = false;
        loop {
            tokio::select! {
                Some(result) = self.results.recv() => {
                    self.keep(&result).await;
                    self.reply(Reply::Done(result));
                }
                Some(request) = self.requests.recv() => {
                    if let Some(reply) = self.take(request).await {
                        self.reply(reply);
                    }
                }
                Ok(()) = self.presence.changed() => presence_waits = true,
                Ok(place) = heard.reserve(), if presence_waits => {
                    presence_waits = false;
                    if let Some(occupied) = *self.presence.borrow_and_update() {
                        place.send(Heard::BedPresence { occupied });
                    }
                }
                else => break,
            }
        }
    }

    fn reply(&self, reply: Reply) {
        // If nobody fetches them the daemon is stopping, and the answer is kept for a repeat.
        let _ = self.replies.try_send(reply);
    }

    /// Hands a request on; or gives its answer, if there is one already.
    async fn take(&mut self, request: Request) -> Option<Reply> {
        let verb = request.command.verb();
        if let Some(id) = request.request_id.clone() {
            self.under_way.retain(|_, under_way| under_way.since.elapsed() < FORGOTTEN_AFTER);
            match self.under_way.get(&id) {
                // Its answer comes when it is done, once.
                Some(under_way) if under_way.verb == verb => return None,
                Some(under_way) => {
                    return Some(refused(&request, Reason::IdUsed { verb: under_way.verb.to_owned() }));
                }
                None => {}
            }
            match self.store.command_answer(&id).await {
                Ok(None) => {}
                Ok(Some(row)) if row.verb == verb => {
                    let CommandAnswerRow { verb, ok, error, .. } = row;
                    return Some(Reply::Repeated(CommandResult { request_id: Some(id), verb, ok, error }));
                }
                Ok(Some(row)) => return Some(refused(&request, Reason::IdUsed { verb: row.verb })),
                Err(reason) => {
                    warn!(%reason, "a command was refused: nobody knows whether it was done before");
                    return Some(refused(&request, Reason::Store));
                }
            }
            if self.under_way.len() >= QUEUE {
                return Some(refused(&request, Reason::Busy));
            }
            let since = Instant::now();
            self.under_way.insert(id, UnderWay { verb, received_at: request.received_at, since });
        }
        match self.heard.try_send(Heard::Request(request)) {
            Ok(()) => None,
            Err(unsent) => {
                let reason =
                    if matches!(unsent, mpsc::error::TrySendError::Full(_)) { Reason::Busy } else { Reason::Stopping };
                let (mpsc::error::TrySendError::Full(heard) | mpsc::error::TrySendError::Closed(heard)) = unsent;
                let Heard::Request(request) = heard else { return None };
                if let Some(id) = &request.request_id {
                    self.under_way.remove(id);
                }
                Some(refused(&request, reason))
            }
        }
    }

    /// Keeps the answer to a command that had an id.
    async fn keep(&mut self, result: &CommandResult) {
        let Some(request_id) = result.request_id.clone() else { return };
        let received_at =
            self.under_way.get(&request_id).map_or_else(|| (self.now)(), |under_way| under_way.received_at);
        let row = CommandAnswerRow {
            request_id: request_id.clone(),
            verb: result.verb.clone(),
            ok: result.ok,
            error: result.error.clone(),
            received_at,
        };
        match self.store.keep_command_answer(&self.person, &row).await {
            Ok(()) => {
                self.under_way.remove(&request_id);
            }
            // It stays under way, so that a repeat in the next minute is not done again.
            Err(reason) => {
                error!(%reason, "the answer to a command could not be kept: a late repeat would be done again");
            }
        }
    }
}

fn refused(request: &Request, reason: Reason) -> Reply {
    let (request_id, verb) = (request.request_id.clone(), request.command.verb().to_owned());
    Reply::Refused(Refusal { request_id, verb, reason })
}
