//! Two sensors over Bluetooth that make one leg: two links, each with a supervisor of its own, and one pair of decoders
//! between them. The EMG leads: it goes on without the other, never the other way round.

use std::sync::{Arc, Mutex};

use tokio::time::Instant;

use super::radio::lock;
use super::{BleSettings, BleSource};
use crate::chunk::StreamLayout;
use crate::clock::UtcAnchor;
use crate::sensor::{
    Decoder, Leaving, LinkReport, NextItem, Pair, PairPart, Role, SensorStatus, Source, SourceError, SourceItem,
    TimedChunk,
};
use crate::units::UtcMicros;

/// How people are told which of the two is meant.
const ACCELERATION: &str = "acceleration sensor";

/// One leg from two sensors. Neither link ever ends by itself; dropping it stops both.
#[derive(Debug)]
pub struct PairedSource {
    emg: BleSource,
    acceleration: BleSource,
}

impl PairedSource {
    /// Begins to search for both; `pair` makes the decoders with the anchor of all times, whose UTC is `now`. `None` if
    /// there is no such pair. Both must be told of themselves as [`BleSource::open`] is.
    pub fn open(
        emg: BleSettings,
        acceleration: BleSettings,
        now: UtcMicros,
        pair: impl FnOnce(UtcAnchor) -> Option<Pair>,
    ) -> Option<Self> {
        let began = Instant::now();
        let pair = Arc::new(Mutex::new(pair(UtcAnchor { utc: now, monotonic_micros: 0 })?));
        let half = |part| {
            let layout = lock(&pair).layout().clone();
            Box::new(Half { pair: pair.clone(), part, layout }) as Box<dyn Decoder>
        };
        Some(Self {
            emg: BleSource::open_at(emg, now, began, Some("EMG sensor"), |_| half(PairPart::Emg)),
            acceleration: BleSource::open_at(acceleration, now, began, Some(ACCELERATION), |_| {
                half(PairPart::Acceleration)
            }),
        })
    }

    /// Items of the EMG link hold the samples of both; those of the other are only taken away.
    async fn next_item(&mut self) -> Result<Option<SourceItem>, SourceError> {
        loop {
            tokio::select! {
                biased;
                item = self.emg.next() => return item,
                other = self.acceleration.next() => drop(other?),
            }
        }
    }
}

impl Source for PairedSource {
    fn layout(&self) -> &StreamLayout {
        self.emg.layout()
    }

    fn id(&self) -> &str {
        self.emg.id()
    }

    fn next(&mut self) -> NextItem<'_> {
        Box::pin(self.next_item())
    }

    fn leave(self: Box<Self>) -> Leaving {
        Box::pin(async { tokio::join!(Box::new(self.emg).leave(), Box::new(self.acceleration).leave()).0 })
    }

    fn link_report(&self) -> Option<LinkReport> {
        let other = self.acceleration.link_report().unwrap_or_default();
        self.emg.link_report().map(|report| report.with_part(&other, ACCELERATION))
    }
}

/// What one of the two links sees of the pair.
#[derive(Debug)]
struct Half {
    pair: Arc<Mutex<Pair>>,
    part: PairPart,
    layout: StreamLayout,
}

impl Decoder for Half {
    fn layout(&self) -> &StreamLayout {
        &self.layout
    }

    fn connected(&mut self) {
        lock(&self.pair).part_mut(self.part).connected();
    }

    fn push(&mut self, role: Role, bytes: &[u8], arrival_micros: u64) {
        lock(&self.pair).part_mut(self.part).push(role, bytes, arrival_micros);
    }

    fn take(&mut self, now_micros: u64) -> Vec<TimedChunk> {
        match self.part {
            PairPart::Emg => lock(&self.pair).take(now_micros),
            PairPart::Acceleration => Vec::new(),
        }
    }

    fn finish(&mut self) -> Vec<TimedChunk> {
        match self.part {
            PairPart::Emg => lock(&self.pair).finish(),
            PairPart::Acceleration => Vec::new(),
        }
    }

    fn status(&self, rssi_dbm: Option<i16>) -> SensorStatus {
        match self.part {
            PairPart::Emg => lock(&self.pair).status(rssi_dbm),
            PairPart::Acceleration => lock(&self.pair).part(self.part).status(rssi_dbm),
        }
    }

    fn valid_frames(&self) -> u64 {
        lock(&self.pair).part(self.part).valid_frames()
    }
}
