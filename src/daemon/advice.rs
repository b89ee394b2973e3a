//! Publishes today's advice, anew when a day begins or something was written.

use std::sync::Arc;
use std::time::Duration;

use super::DaemonError;
use super::backbone::{Backbone, system_now};
use super::supervisor::{Ran, Stop};
use crate::advice::wire::AdviceWire;
use crate::clock::diary_day_of;
use crate::mqtt::Outgoing;
use crate::report::Counsel;

/// Advice changes by the day, not by the second; a night writes to the store all the time.
const EVERY: Duration = Duration::from_secs(60);

/// Watches the store's data version and the day until the stop.
pub(super) async fn run_advice(to: Arc<Backbone>, stop: Stop) -> Result<Ran, DaemonError> {
    let (person, zone) = (&to.config.person.id, &to.config.person.time_zone);
    let mut seen = None;
    let mut said = None;
    loop {
        let now = system_now();
        let version = to.store.data_version().await?;
        let state = (diary_day_of(now, zone), version);
        if seen != Some(state) {
            let advice = Counsel::gather(&to.store, person, now, zone).await?.advise(&to.store, person, now).await?;
            seen = Some(state);
            let wire = AdviceWire::from(&advice);
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
