//! Runs a component until it is done; when it fails or panics, starts it again after a pause. What only a new process can
//! cure is not tried again but handed up.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tracing::{error, info};

use super::DaemonError;

/// First pause after a failure; doubles up to [`LONGEST`]. Tests do not wait a second.
const FIRST: Duration = Duration::from_millis(if cfg!(test) { 10 } else { 1000 });
/// Longest pause between starts.
const LONGEST: Duration = Duration::from_secs(60);
/// A component that ran this long was healthy: the next pause is short again.
const HEALTHY: Duration = Duration::from_secs(300);

/// A switch that is thrown once; components watch it.
#[derive(Debug, Clone)]
pub(super) struct Stop(pub(super) watch::Receiver<bool>);

impl Stop {
    /// Waits until the switch is thrown (or its owner is gone).
    pub(super) async fn thrown(&self) {
        let mut receiver = self.0.clone();
        // An error means that the owner is gone, which is a stop as well.
        let _ = receiver.wait_for(|stop| *stop).await;
    }

    pub(super) fn is_thrown(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }
}

/// What a component's run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ran {
    /// It has nothing more to do.
    Done,
    /// It wants to be started again at once.
    Again,
}

/// Keeps the component `name` running until it is done or `stop` is thrown. `start` makes one run of it. Gives the failure
/// that another run in this process cannot cure.
pub(super) async fn supervise<F>(
    name: &'static str,
    stop: Stop,
    mut start: impl FnMut(Stop) -> F,
) -> Result<(), DaemonError>
where
    F: Future<Output = Result<Ran, DaemonError>> + Send + 'static,
{
    let mut pause = FIRST;
    loop {
        let began = tokio::time::Instant::now();
        // A task of its own, so that a panic ends the run and not the daemon.
        let run = tokio::spawn(start(stop.clone())).await;
        let outcome = run.unwrap_or(Err(DaemonError::Panicked { component: name }));
        match outcome {
            Ok(Ran::Done) => return Ok(()),
            Ok(Ran::Again) if stop.is_thrown() => return Ok(()),
            Ok(Ran::Again) => continue,
            Err(_) if stop.is_thrown() => return Ok(()),
            Err(failure) if failure.needs_new_process() => return Err(failure),
            Err(failure) => {
                if began.elapsed() > HEALTHY {
                    pause = FIRST;
                }
                error!(component = name, error = %failure, pause_s = pause.as_secs(), "A component failed.");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => info!(component = name, "The component starts again."),
            () = stop.thrown() => return Ok(()),
        }
        pause = (pause * 2).min(LONGEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sensor::SourceError;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn a_component_that_panics_or_fails_is_started_again_until_it_is_done() {
        let (_owner, receiver) = watch::channel(false);
        let runs = Arc::new(AtomicU32::new(0));
        let counted = runs.clone();
        supervise("test", Stop(receiver), move |_| {
            let run = counted.fetch_add(1, Ordering::SeqCst);
            async move {
                match run {
                    0 => panic!("as btleplug's streams do"),
                    1 => Err(DaemonError::Panicked { component: "inner" }),
                    2 => Ok(Ran::Again),
                    _ => Ok(Ran::Done),
                }
            }
        })
        .await
        .unwrap();
        assert_eq!(runs.load(Ordering::SeqCst), 4);
    }

    #[tokio::test]
    async fn what_only_a_new_process_can_cure_is_not_tried_again() {
        let (_owner, receiver) = watch::channel(false);
        let ended = supervise("test", Stop(receiver), |_| async { Err(SourceError::BusDead.into()) }).await;
        assert!(matches!(ended, Err(DaemonError::Source(SourceError::BusDead))), "{ended:?}");
    }

    #[tokio::test]
    async fn a_stop_ends_the_pause() {
        let (owner, receiver) = watch::channel(false);
        let task = tokio::spawn(supervise("test", Stop(receiver), |_| async {
            Err(DaemonError::Panicked { component: "inner" })
        }));
        tokio::time::sleep(Duration::from_millis(10)).await;
        owner.send(true).unwrap();
        tokio::time::timeout(Duration::from_secs(5), task).await.unwrap().unwrap().unwrap();
    }
}
