//! One run of the leg component: a source task feeds a bounded channel, the leg empties it.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{Leg, LegRequest};
use crate::daemon::DaemonError;
use crate::daemon::backbone::Backbone;
use crate::daemon::sources::Play;
use crate::daemon::supervisor::{Ran, Stop};
use crate::sensor::{LinkReport, Source, SourceItem};
use crate::units::UtcMicros;

/// Items between source and leg: six seconds of a sensor that gives five a second.
const ITEM_QUEUE: usize = 32;

/// Plays one source to its end, or until the stop. `nights_over` counts the nights before it.
pub(in crate::daemon) async fn run_leg(
    to: Arc<Backbone>,
    play: Play,
    nights_over: u32,
    once: bool,
    stop: Stop,
) -> Result<Ran, DaemonError> {
    let source = play.open(nights_over, known_until(&to).await?, &to.id_key)?;
    let mut leg = Leg::open(to.clone(), source.layout(), nights_over).await?;
    let (sender, mut receiver) = mpsc::channel(ITEM_QUEUE);
    let feeder = tokio::spawn(feed(source, sender, stop.clone()));
    // Held for this run: the next one, after a failure, goes on with what waits.
    let requests = to.waiting_requests.clone();
    let mut requests = requests.lock().await;
    let listened = listen(&mut leg, &mut receiver, &mut requests).await;
    // A leg that failed waits for its source: the next one would meet it at the sensor.
    receiver.close();
    if let Err(error) = listened {
        while receiver.recv().await.is_some() {}
        let _ = feeder.await;
        return Err(error);
    }
    let fed = feeder.await.unwrap_or(Err(DaemonError::Panicked { component: "source" }));
    // A source that failed ends no night, but what it gave is kept.
    leg.close(*fed.as_ref().unwrap_or(&false)).await?;
    let finished = fed?;
    Ok(if finished && !once { Ran::Again } else { Ran::Done })
}

/// Takes what comes until the source is over.
async fn listen(
    leg: &mut Leg,
    items: &mut mpsc::Receiver<Fed>,
    requests: &mut mpsc::Receiver<LegRequest>,
) -> Result<(), DaemonError> {
    loop {
        tokio::select! {
            biased;
            Some(request) = requests.recv() => leg.answer(request).await?,
            item = items.recv() => match item {
                Some((item, link)) => {
                    let now = item.now;
                    leg.take(item).await?;
                    if let Some(link) = link {
                        leg.take_link(link, now).await?;
                    }
                }
                None => return Ok(()),
            },
        }
    }
}

/// An item, and how the link stands where that has changed.
type Fed = (SourceItem, Option<LinkReport>);

/// Passes items on; `true` at the source's end, `false` at the stop.
async fn feed(mut source: Box<dyn Source>, to: mpsc::Sender<Fed>, stop: Stop) -> Result<bool, DaemonError> {
    let mut said = None;
    loop {
        let item = tokio::select! {
            biased;
            () = stop.thrown() => break,
            item = source.next() => item?,
        };
        let Some(item) = item else { return Ok(true) };
        let link = source.link_report();
        let changed = if link == said { None } else { link.clone() };
        said = link;
        if to.send((item, changed)).await.is_err() {
            break;
        }
    }
    for item in source.leave().await {
        // The leg that would take it may be gone.
        let _ = to.send((item, None)).await;
    }
    Ok(false)
}

/// End of what the store knows of the leg.
async fn known_until(to: &Backbone) -> Result<Option<UtcMicros>, DaemonError> {
    let nights = to.store.nights(&to.leg, 1).await?;
    let open = to.store.open_episodes(&to.leg).await?.into_iter().map(|episode| episode.last_data_at).max();
    Ok(nights.first().map(|night| night.ended_at).max(open))
}
