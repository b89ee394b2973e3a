//! How fast a stored or simulated stream is played.

use std::time::Duration;

use tokio::time::Instant;

/// How fast a stream is played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// Stream time goes `speed` times as fast as the clock on the wall; 1.0 is live. Kept within 0.001 to 1,000,000.
    Realtime {
        /// Seconds of stream a second.
        speed: f64,
    },
    /// As fast as the receiver takes it.
    AsFastAsPossible,
}

impl Pace {
    /// Microseconds of stream in one item: 50 ms to 1 s, about ten items a second of wall time at low speed.
    pub(crate) fn item_micros(self) -> u64 {
        match self {
            Self::Realtime { speed } => (speed * 100_000.0).clamp(50_000.0, 1_000_000.0) as u64,
            Self::AsFastAsPossible => 1_000_000,
        }
    }
}

/// Keeps a [`Pace`] from the first wait on.
#[derive(Debug)]
pub(crate) struct Pacer {
    pace: Pace,
    began: Option<Instant>,
}

impl Pacer {
    pub(crate) fn new(pace: Pace) -> Self {
        Self { pace, began: None }
    }

    /// Waits until stream time `micros` after the beginning is due. Late streams are not slowed down to catch up.
    pub(crate) async fn wait_for(&mut self, micros: u64) {
        if let Pace::Realtime { speed } = self.pace {
            let began = *self.began.get_or_insert_with(Instant::now);
            let wait = Duration::from_micros((micros as f64 / speed.clamp(1e-3, 1e6)) as u64);
            if let Some(due) = began.checked_add(wait).filter(|due| *due > Instant::now()) {
                return tokio::time::sleep_until(due).await;
            }
        }
        tokio::task::yield_now().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_short_live_and_a_second_at_most() {
        assert_eq!(Pace::Realtime { speed: 1.0 }.item_micros(), 100_000);
        assert_eq!(Pace::Realtime { speed: 0.0 }.item_micros(), 50_000);
        assert_eq!(Pace::Realtime { speed: 3600.0 }.item_micros(), 1_000_000);
        assert_eq!(Pace::AsFastAsPossible.item_micros(), 1_000_000);
    }

    #[tokio::test]
    async fn a_minute_at_speed_600_takes_a_tenth_of_a_second() {
        let mut pacer = Pacer::new(Pace::Realtime { speed: 600.0 });
        let began = Instant::now();
        for second in 0..=60 {
            pacer.wait_for(second * 1_000_000).await;
        }
        assert!(began.elapsed() >= Duration::from_millis(99));
    }
}
