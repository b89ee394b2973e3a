//! Plays a recording as if it were live, at any speed.

use crate::chunk::{Chunk, StreamLayout};
use crate::sensor::counters::LinkCounters;
use crate::sensor::pace::{Pace, Pacer};
use crate::sensor::source::{NextItem, SensorStatus, Source, SourceError, SourceItem, TimedChunk};
use crate::units::UtcMicros;

/// A gap is played in steps of a second, and of a longer gap at most so many to its end at a time.
const GAP_STEPS: u64 = 3600;

/// Reads a recording chunk by chunk.
pub trait ChunkReader: Send {
    /// What the chunks carry.
    fn layout(&self) -> &StreamLayout;
    /// UTC of the recording's sample 0.
    fn started_at(&self) -> UtcMicros;
    /// Appends the next chunks, in order, about a second of them; `false` when there are none left.
    ///
    /// # Errors
    /// [`SourceError::Read`] if the recording cannot be read on.
    fn next_chunks(&mut self, out: &mut Vec<Chunk>) -> Result<bool, SourceError>;
}

/// A [`Source`] that replays what a [`ChunkReader`] reads.
#[derive(Debug)]
pub struct ReplaySource<R> {
    id: String,
    reader: R,
    pacer: Pacer,
    /// Microseconds since the recording's sample 0.
    now_micros: u64,
    /// Read, and not due yet.
    ahead: Vec<Chunk>,
    contact: bool,
    counters: LinkCounters,
    /// Index after the last EMG sample given.
    end: Option<u64>,
}

impl<R: ChunkReader + std::fmt::Debug> ReplaySource<R> {
    /// Replays `reader` under the name `id`.
    pub fn new(id: impl Into<String>, reader: R, pace: Pace) -> Self {
        Self {
            id: id.into(),
            reader,
            pacer: Pacer::new(pace),
            now_micros: 0,
            ahead: Vec::new(),
            contact: false,
            counters: LinkCounters::default(),
            end: None,
        }
    }

    async fn next_item(&mut self) -> Result<Option<SourceItem>, SourceError> {
        while self.ahead.is_empty() {
            if !self.reader.next_chunks(&mut self.ahead)? && self.ahead.is_empty() {
                return Ok(None);
            }
        }
        let layout = self.reader.layout();
        let (rate, channels) = (layout.emg.rate, layout.emg.channels.len());
        let micros_at = |index: Option<u64>| rate.micros_of(index.unwrap_or(0));
        let begins = micros_at(self.ahead.first().map(|chunk| chunk.emg_first));
        let ends = micros_at(self.ahead.last().map(|chunk| chunk.emg_first + chunk.emg_len(channels)));
        // Through a gap time goes on without samples, as it would live. A gap of months must not take months of steps.
        let gap_micros = begins.saturating_sub(self.now_micros);
        let in_gap = gap_micros > 1_000_000;
        let until_micros = if in_gap { self.now_micros + (gap_micros / GAP_STEPS).max(1_000_000) } else { ends };
        self.pacer.wait_for(until_micros).await;
        self.now_micros = self.now_micros.max(until_micros);
        let started_at = self.reader.started_at();
        let chunks = if in_gap { Vec::new() } else { std::mem::take(&mut self.ahead) };
        for chunk in &chunks {
            let gap = chunk.emg_first.saturating_sub(self.end.unwrap_or(chunk.emg_first));
            self.counters.gaps += u64::from(gap > 0);
            self.counters.samples_lost += gap;
            self.counters.markers += u64::from(chunk.marker);
            self.contact = !chunk.lead_off;
            self.end = Some(chunk.emg_first + chunk.emg_len(channels));
        }
        let timed = |chunk: Chunk| TimedChunk {
            start_at: started_at.plus_micros(rate.micros_of(chunk.emg_first) as i64),
            chunk,
        };
        let status = SensorStatus { contact: self.contact, counters: self.counters, ..SensorStatus::default() };
        let now = started_at.plus_micros(self.now_micros as i64);
        Ok(Some(SourceItem { chunks: chunks.into_iter().map(timed).collect(), status: Some(status), now }))
    }
}

impl<R: ChunkReader + std::fmt::Debug> Source for ReplaySource<R> {
    fn layout(&self) -> &StreamLayout {
        self.reader.layout()
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn next(&mut self) -> NextItem<'_> {
        Box::pin(self.next_item())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Rate;

    #[derive(Debug)]
    struct Recording {
        layout: StreamLayout,
        starts: Vec<u64>,
        at: usize,
    }

    fn recording(starts: &[u64]) -> Recording {
        let layout = StreamLayout::reference(Rate::hz(1000), 1, Some(Rate::hz(100)));
        Recording { layout, starts: starts.to_vec(), at: 0 }
    }

    impl ChunkReader for Recording {
        fn layout(&self) -> &StreamLayout {
            &self.layout
        }

        fn started_at(&self) -> UtcMicros {
            UtcMicros(1_000_000)
        }

        fn next_chunks(&mut self, out: &mut Vec<Chunk>) -> Result<bool, SourceError> {
            let Some(&emg_first) = self.starts.get(self.at) else { return Ok(false) };
            self.at += 1;
            let (emg, acc) = (vec![self.at as i16; 1000], vec![0; 300]);
            out.push(Chunk { emg_first, emg, acc_first: emg_first / 10, acc, ..Chunk::default() });
            Ok(true)
        }
    }

    async fn play(reader: Recording, pace: Pace) -> Vec<SourceItem> {
        let mut source = ReplaySource::new("replay", reader, pace);
        let mut items = Vec::new();
        while let Some(item) = source.next().await.unwrap() {
            items.push(item);
        }
        items
    }

    #[tokio::test]
    async fn chunks_come_back_with_their_times() {
        let items = play(recording(&[0, 1000]), Pace::AsFastAsPossible).await;
        let starts: Vec<_> = items.iter().flat_map(|item| &item.chunks).map(|timed| timed.start_at.0).collect();
        assert_eq!(starts, [1_000_000, 2_000_000]);
        assert_eq!(items[1].now, UtcMicros(3_000_000));
        assert!(items[1].status.unwrap().contact);
    }

    #[tokio::test]
    async fn time_goes_on_through_a_gap() {
        let items = play(recording(&[0, 61_000]), Pace::AsFastAsPossible).await;
        assert_eq!(items.len(), 1 + 59 + 1);
        assert!(items[1..60].iter().all(|item| item.chunks.is_empty()));
        assert!(items.windows(2).all(|pair| pair[0].now < pair[1].now));
        assert_eq!(items[60].status.unwrap().counters.samples_lost, 60_000);
    }

    #[tokio::test]
    async fn a_gap_of_a_year_is_not_played_second_by_second() {
        let items = play(recording(&[0, 31_536_000_000]), Pace::AsFastAsPossible).await;
        assert!(items.len() < 50_000, "{}", items.len());
        assert_eq!(items.last().unwrap().chunks.len(), 1);
    }

    #[tokio::test]
    async fn the_speed_is_kept_and_a_dropped_future_loses_nothing() {
        let starts: Vec<u64> = (0..20).map(|second| second * 1000).collect();
        let mut source = ReplaySource::new("replay", recording(&starts), Pace::Realtime { speed: 100.0 });
        let began = std::time::Instant::now();
        let mut found = Vec::new();
        loop {
            match tokio::time::timeout(std::time::Duration::from_millis(1), source.next()).await {
                Ok(Ok(Some(item))) => found.extend(item.chunks.iter().map(|timed| timed.chunk.emg_first)),
                Ok(Ok(None)) => break,
                Ok(Err(error)) => panic!("{error}"),
                Err(_) => {}
            }
        }
        assert_eq!(found, starts);
        assert!(began.elapsed().as_millis() >= 199);
    }
}
