//! Publishes today's advice, anew when a day begins or something was written.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::DaemonError;
use super::backbone::{Backbone, system_now};
use super::supervisor::{Ran, Stop};
use crate::clock::diary_day_of;
use crate::mqtt::Outgoing;
use crate::report::Counsel;

/// How often the store is asked whether somebody else has written, such as `crampwatch log`.
const EVERY: Duration = Duration::from_secs(60);
/// How long advice stands at most: what the daemon itself writes, such as a night that closed, is not counted as a change.
const STANDS_FOR: Duration = Duration::from_secs(600);

/// Watches the store's data version and the day until the stop.
pub(super) async fn run_advice(to: Arc<Backbone>, stop: Stop) -> Result<Ran, DaemonError> {
    let (person, zone) = (&to.config.person.id, &to.config.person.time_zone);
    let mut seen = None;
    let mut said = None;
    let mut made = Instant::now();
    loop {
        let now = system_now();
        let version = to.store.data_version().await?;
        let state = (diary_day_of(now, zone), version);
        if seen != Some(state) || made.elapsed() >= STANDS_FOR {
            let counsel = Counsel::gather(&to.store, person, now, zone).await?;
            let wire = counsel.wire(&counsel.advise(&to.store, person, now).await?);
            seen = Some(state);
            made = Instant::now();
            if said.as_ref() != Some(&wire) {
                to.say(Outgoing::Advice(wire.text.clone())).await;
                to.say(Outgoing::AdviceAttributes(Box::new(wire.clone()))).await;
                said = Some(wire);
            }
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.thrown() => return Ok(Ran::Done),
        }
    }
}
