//! Tells systemd that the daemon is ready, alive and stopping. Alive means that the leg works, not that a timer runs.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sd_notify::NotifyState;

use super::DaemonError;
use super::backbone::Backbone;
use super::supervisor::{Ran, Stop};

/// Sends the proof of life while items are worked through; a source gives one at least each second.
pub(super) async fn run_watchdog(to: Arc<Backbone>, stop: Stop) -> Result<Ran, DaemonError> {
    notify(&[NotifyState::Ready]);
    let every = sd_notify::watchdog_enabled().map_or(Duration::from_secs(10), |limit| limit / 3);
    let (mut last, mut said) = (u64::MAX, None);
    loop {
        let beats = to.beats.load(Ordering::Relaxed);
        if beats != last {
            last = beats;
            notify(&[NotifyState::Watchdog]);
        }
        let link = to.view.borrow().link.clone();
        if link != said {
            let status = link.as_deref().map_or_else(String::new, |words| format!("{}: {words}", to.leg));
            notify(&[NotifyState::Status(&status)]);
            said = link;
        }
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = stop.thrown() => {
                notify(&[NotifyState::Stopping]);
                return Ok(Ran::Done);
            }
        }
    }
}

/// Without systemd there is nobody to tell, and that is no error.
fn notify(states: &[NotifyState<'_>]) {
    let _ = sd_notify::notify(states);
}
