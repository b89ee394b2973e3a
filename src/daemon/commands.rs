//! Carries out what is asked over MQTT, and answers. That each request id comes once is `mqtt`'s work.
//!
//! What concerns the daemon is done here; what concerns a leg goes through a bounded channel to the leg, which answers.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::sync::{Mutex, mpsc, oneshot};
use uuid::Uuid;

use super::DaemonError;
use super::backbone::Backbone;
use super::leg::LegRequest;
use super::supervisor::{Ran, Stop};
use crate::diary::{Amount, Intake, IntakeKind, Unit};
use crate::mqtt::Outgoing;
use crate::mqtt::command::{Command, Heard, Request, Water};
use crate::mqtt::payload::CommandResult;

/// A leg answers within this, or the caller hears that it did not.
const LEG_ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// Takes commands until the stop. The receiver outlives a run that fails.
pub(super) async fn run_commands(
    to: Arc<Backbone>,
    heard: Arc<Mutex<mpsc::Receiver<Heard>>>,
    stop: Stop,
) -> Result<Ran, DaemonError> {
    let mut heard = heard.lock().await;
    loop {
        let one = tokio::select! {
            one = heard.recv() => one,
            () = stop.thrown() => None,
        };
        match one {
            None => return Ok(Ran::Done),
            Some(Heard::BedPresence { occupied }) => drop(to.bed.send_replace(Some(occupied))),
            Some(Heard::Request(request)) => answer(&to, &request).await?,
        }
    }
}

async fn answer(to: &Backbone, request: &Request) -> Result<(), DaemonError> {
    let outcome = carry_out(to, request).await?;
    to.say(Outgoing::CommandResult(CommandResult {
        request_id: request.request_id.clone(),
        verb: request.command.verb().to_owned(),
        ok: outcome.is_ok(),
        error: outcome.err(),
    }))
    .await;
    Ok(())
}

/// Does it; the inner error is for the caller.
async fn carry_out(to: &Backbone, request: &Request) -> Result<Result<(), String>, DaemonError> {
    match &request.command {
        Command::LogIntake(water) => log_water(to, request, *water).await,
        Command::SetGlassSize { ml } => {
            to.store.set_glass_ml(&to.config.person.id, *ml, request.received_at).await?;
            to.diary_changed.notify_one();
            Ok(Ok(()))
        }
        command => Ok(ask_leg(to, command.clone()).await),
    }
}

async fn log_water(to: &Backbone, request: &Request, water: Water) -> Result<Result<(), String>, DaemonError> {
    let amount = match water {
        Water::Millilitres(ml) => Amount { value: ml, unit: Unit::Millilitre, millilitres: ml },
        Water::Glasses(glasses) => {
            let millilitres = glasses * to.glass_ml().await?;
            Amount { value: glasses, unit: Unit::Glass, millilitres }
        }
    };
    // Who presses a button on a bad network may be heard late: it was drunk when it was pressed.
    let at = request.sent_at.unwrap_or(request.received_at).min(request.received_at);
    let intake = Intake::new(&to.config.person.id, IntakeKind::Water, amount, at, request.received_at);
    let mut intake = match intake {
        Ok(intake) => intake,
        Err(refused) => return Ok(Err(refused.to_string())),
    };
    if let Some(id) = &request.request_id {
        intake.id = entry_id(id);
    }
    to.store.add_intake(&intake.to_row()).await?;
    to.diary_changed.notify_one();
    Ok(Ok(()))
}

/// The same request makes the same entry, even if the daemon died between writing it and keeping the answer.
fn entry_id(request_id: &str) -> Uuid {
    let digest = Sha256::digest(request_id.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

async fn ask_leg(to: &Backbone, command: Command) -> Result<(), String> {
    let (answer, answered) = oneshot::channel();
    let silent = || "the leg does not answer: it is being started again; try again in a minute".to_owned();
    to.leg_requests.try_send(LegRequest { command, answer }).map_err(|_| silent())?;
    match tokio::time::timeout(LEG_ANSWERS_WITHIN, answered).await {
        Ok(Ok(outcome)) => outcome,
        _ => Err(silent()),
    }
}
