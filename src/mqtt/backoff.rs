//! How long to wait before the next try, and how often to complain.

use std::time::Duration;

const FIRST_S: f64 = 1.0;
const LONGEST_S: f64 = 30.0;

/// Doubling pauses from 1 to 30 s.
#[derive(Debug, Default)]
pub(crate) struct BackOff {
    failures: u32,
}

impl BackOff {
    /// The next pause. `random` in 0..1 spreads clients that lost the same broker over the upper half of the pause; never under 1 s.
    pub(crate) fn next(&mut self, random: f64) -> Duration {
        let full_s = (FIRST_S * 2_f64.powi(self.failures.min(10).cast_signed())).min(LONGEST_S);
        self.failures = self.failures.saturating_add(1);
        Duration::from_secs_f64((full_s * (0.5 + 0.5 * random)).max(FIRST_S))
    }

    /// A connection held: the next break begins with a short pause again.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

/// Pause before Home Assistant, which has just come up, is told everything again, 0 to 5 s. `random` in 0..1: all its devices
/// answering at once would be too much for it.
pub(crate) fn pause_before_greeting(random: f64) -> Duration {
    Duration::from_secs_f64(5.0 * random)
}

/// Lets a complaint through at once if it is new, and once a minute if it is not.
#[derive(Debug, Default)]
pub(crate) struct Complaints {
    last: Option<(String, tokio::time::Instant)>,
    swallowed: u64,
}

/// Pause between two equal complaints.
const COMPLAINT_EVERY: Duration = Duration::from_secs(60);
/// Different complaints that take turns must not fill the log either.
const ANY_COMPLAINT_EVERY: Duration = Duration::from_secs(5);

impl Complaints {
    /// `Some(swallowed)` if `words` should be logged now, with the number of complaints swallowed since the last.
    pub(crate) fn let_through(&mut self, words: &str, now: tokio::time::Instant) -> Option<u64> {
        if let Some((last, at)) = &self.last {
            let pause = if last == words { COMPLAINT_EVERY } else { ANY_COMPLAINT_EVERY };
            if now.duration_since(*at) < pause {
                self.swallowed += 1;
                return None;
            }
        }
        self.last = Some((words.to_owned(), now));
        Some(std::mem::take(&mut self.swallowed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_from_one_to_thirty_seconds_and_never_to_a_tight_loop() {
        let mut backoff = BackOff::default();
        let pauses: Vec<f64> = (0..8).map(|_| backoff.next(1.0).as_secs_f64()).collect();
        assert_eq!(pauses, [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]);
        assert!((backoff.next(0.0).as_secs_f64() - 15.0).abs() < 1e-9);
        backoff.reset();
        assert!((backoff.next(0.0).as_secs_f64() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_same_complaint_is_heard_once_a_minute() {
        let (mut complaints, start) = (Complaints::default(), tokio::time::Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(complaints.let_through("no broker", at(0)), Some(0));
        assert_eq!(complaints.let_through("no broker", at(20)), None);
        assert_eq!(complaints.let_through("no broker", at(59)), None);
        assert_eq!(complaints.let_through("no broker", at(60)), Some(2));
        assert_eq!(complaints.let_through("bad password", at(70)), Some(0));
    }
}
