//! How many answers may go to those whose commands are refused.

use std::time::Duration;

use tokio::time::Instant;

/// Answers at once after a quiet second, and answers a second.
const ANSWERS: f64 = 10.0;

/// A token bucket: 10 answers at once, then 10 a second.
#[derive(Debug)]
pub(crate) struct Bucket {
    tokens: f64,
    filled_at: Instant,
}

impl Bucket {
    pub(crate) fn full(now: Instant) -> Self {
        Self { tokens: ANSWERS, filled_at: now }
    }

    /// True if one more answer may go.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        let passed: Duration = now.saturating_duration_since(self.filled_at);
        self.filled_at = now;
        self.tokens = (self.tokens + passed.as_secs_f64() * ANSWERS).min(ANSWERS);
        if self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_answers_go_at_once_and_then_ten_a_second_however_many_are_asked_for() {
        let start = Instant::now();
        let mut bucket = Bucket::full(start);
        let mut given = |from_ms: u64, to_ms: u64| {
            (from_ms..to_ms).filter(|ms| bucket.take(start + Duration::from_millis(*ms))).count()
        };
        assert_eq!(given(0, 100), 10);
        assert!((19..=21).contains(&given(100, 2100)));
        assert_eq!(given(60_000, 60_001), 1);
    }
}
