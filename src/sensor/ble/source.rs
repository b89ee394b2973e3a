//! A [`Source`] over Bluetooth: the link's loop runs beside it and never waits for whoever takes the samples.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::{Instrument as _, Span};

use super::link::LinkState;
use super::radio::Aim;
use super::settings::BleSettings;
use super::shell::{Item, Shell};
use crate::chunk::StreamLayout;
use crate::clock::UtcAnchor;
use crate::sensor::{Decoder, Leaving, LinkReport, NextItem, Source, SourceError, SourceItem};
use crate::units::UtcMicros;

/// Items that wait at most: 50 s.
const ITEMS: usize = 256;

/// One sensor over Bluetooth. It never ends by itself: a lost sensor is searched for, for ever. It gives an item five
/// times a second, whether anything arrives or not. Dropping it stops and disconnects the sensor.
#[derive(Debug)]
pub struct BleSource {
    id: String,
    layout: StreamLayout,
    items: mpsc::Receiver<Item>,
    link: watch::Receiver<LinkState>,
    /// Dropped with the source, which ends the loop.
    stop: oneshot::Sender<()>,
    shell: JoinHandle<()>,
}

impl BleSource {
    /// Begins to search, from within a tokio runtime. `now` is UTC at this instant, the anchor of all times; `decoder`
    /// makes the decoder with it. Whatever is wrong with adapter, bus or sensor is no error here: it may come right.
    pub fn open(settings: BleSettings, now: UtcMicros, decoder: impl FnOnce(UtcAnchor) -> Box<dyn Decoder>) -> Self {
        Self::open_at(settings, now, Instant::now(), None, decoder)
    }

    /// The same with the instant `began` at which it was `now`: two links of one leg must share it. `part` tells them apart in
    /// the log.
    pub(super) fn open_at(
        settings: BleSettings,
        now: UtcMicros,
        began: Instant,
        part: Option<&'static str>,
        decoder: impl FnOnce(UtcAnchor) -> Box<dyn Decoder>,
    ) -> Self {
        let anchor = UtcAnchor { utc: now, monotonic_micros: 0 };
        let decoder = decoder(anchor);
        let layout = decoder.layout().clone();
        let id = settings.wanted.address.map_or("bluetooth".to_owned(), |a| super::sensor_id(&settings.id_key, a));
        let (items, items_receiver) = mpsc::channel(ITEMS);
        let (link, link_receiver) = watch::channel(LinkState::new());
        let (stop, stop_receiver) = oneshot::channel();
        let shell = Shell {
            aim: Aim {
                wanted: Arc::new(settings.wanted),
                dialogue: Arc::new(settings.dialogue),
                check_info: settings.check_info,
            },
            id_key: settings.id_key,
            decoder,
            anchor,
            began,
            speed: settings.speed,
            items,
            link,
            stop: stop_receiver,
        };
        let span = part.map_or_else(Span::none, |part| tracing::info_span!("link", of = part));
        let shell = tokio::spawn(shell.run().instrument(span));
        Self { id, layout, items: items_receiver, link: link_receiver, stop, shell }
    }

    /// How the link stands; changes as it goes.
    pub fn link(&self) -> watch::Receiver<LinkState> {
        self.link.clone()
    }

    async fn end(mut self) -> Vec<SourceItem> {
        drop(self.stop);
        // The loop has limits of its own; a task that panicked is over as well.
        let _ = self.shell.await;
        let mut left = Vec::new();
        while let Ok(Ok(item)) = self.items.try_recv() {
            left.push(item);
        }
        left
    }

    async fn next_item(&mut self) -> Result<Option<SourceItem>, SourceError> {
        // A loop that ends without being told to has panicked: that is no end of the night.
        self.items.recv().await.unwrap_or(Err(SourceError::LinkEnded)).map(Some)
    }
}

impl Source for BleSource {
    fn layout(&self) -> &StreamLayout {
        &self.layout
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn next(&mut self) -> NextItem<'_> {
        Box::pin(self.next_item())
    }

    fn leave(self: Box<Self>) -> Leaving {
        Box::pin(self.end())
    }

    fn link_report(&self) -> Option<LinkReport> {
        Some(self.link.borrow().report())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sensor::Profile;
    use crate::sensor::ble::Wanted;

    /// A source whose clock reads `ahead_s` more than when it began.
    fn source(ahead_s: f64) -> BleSource {
        let profile = Profile::leg_sensor().unwrap();
        let settings = BleSettings {
            wanted: Wanted::of_profile(&profile, Some([0xC0, 0xFF, 0xEE, 0, 0, 1]), None),
            dialogue: profile.dialogue(),
            check_info: None,
            id_key: Vec::new(),
            speed: 1.0,
        };
        let now = UtcMicros::from_timestamp(jiff::Timestamp::now()).plus_seconds(-ahead_s);
        BleSource::open(settings, now, |anchor| profile.decoder(anchor))
    }

    #[tokio::test]
    async fn a_clock_that_was_set_ends_the_source_and_one_that_is_right_does_not() {
        assert!(source(0.0).next().await.is_ok());
        for ahead_s in [3600.0, -3600.0] {
            let mut source = source(ahead_s);
            let error = loop {
                if let Err(error) = source.next().await {
                    break error;
                }
            };
            assert!(matches!(error, SourceError::ClockStepped { by_s } if (by_s - ahead_s).abs() < 2.0), "{error}");
        }
    }
}
