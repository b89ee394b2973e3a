//! Republishes what is written into the store, by the command line or a command: today's water and the size of a glass.

use std::sync::Arc;
use std::time::Duration;

use super::DaemonError;
use super::backbone::{Backbone, system_now};
use super::supervisor::{Ran, Stop};
use crate::clock::{diary_day_bounds, diary_day_of};
use crate::mqtt::Outgoing;
use crate::mqtt::payload::{GlassSize, IntakeToday, WireTime};

/// How often the store is asked whether somebody else has written.
const EVERY: Duration = Duration::from_secs(1);

/// Watches the store's data version and the diary day until the stop.
pub(super) async fn run_diary(to: Arc<Backbone>, stop: Stop) -> Result<Ran, DaemonError> {
    let mut seen = None;
    loop {
        let day = diary_day_of(system_now(), &to.config.person.time_zone);
        let version = to.store.data_version().await?;
        if seen != Some((day, version)) {
            seen = Some((day, version));
            let (from, until) = diary_day_bounds(day, &to.config.person.time_zone);
            let water_ml = to.store.water_ml_between(&to.config.person.id, from, until).await?;
            let payload = IntakeToday { water_ml: water_ml.round() as u32, day_started_at: WireTime(from) };
            to.say(Outgoing::IntakeToday(payload)).await;
            to.say(Outgoing::GlassSize(GlassSize(to.glass_ml().await?))).await;
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = to.diary_changed.notified() => seen = None,
            () = stop.thrown() => return Ok(Ran::Done),
        }
    }
}
