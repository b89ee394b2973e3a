//! Keeps raw nights to what `[storage]` allows: at the start, each hour, when a night is over, and when the disk is full.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use tracing::{info, warn};

use super::backbone::{Backbone, system_now};
use super::supervisor::{Ran, Stop};
use super::{DaemonError, disk};
use crate::clock::night_of;
use crate::recording::retention::{RawNight, judge};
use crate::store::{SegmentRow, StoreError};

/// How often, at least.
const EVERY: Duration = Duration::from_secs(3600);

/// Deletes what must go until the stop.
pub(super) async fn run_retention(to: Arc<Backbone>, stop: Stop) -> Result<Ran, DaemonError> {
    let mut said = false;
    loop {
        let short = tidy(&to).await?;
        if short && !said {
            warn!(
                "Raw nights take more than [storage] allows, and no other may go: raise storage.raw_budget_gb, lower \
                 storage.min_free_mb, or make room on the disk."
            );
        }
        said = short;
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = to.raw_changed.notified() => {}
            () = stop.thrown() => return Ok(Ran::Done),
        }
    }
}

/// One look at all raw nights. Gives whether less could be deleted than the rules ask for.
async fn tidy(to: &Backbone) -> Result<bool, DaemonError> {
    let storage = &to.config.storage;
    let (segments, labelled) = (to.store.segments().await?, to.store.labelled_nights().await?);
    let data_dir = storage.data_dir.clone();
    let listed = tokio::task::spawn_blocking(move || list(segments, &labelled.into_iter().collect(), &data_dir)).await;
    let (nights, files) = listed.map_err(|_| DaemonError::Panicked { component: "retention" })?;
    let free_bytes = disk::free_mb(&storage.data_dir).map(|mb| (mb * 1e6) as u64);
    let today = night_of(system_now(), &to.config.person.time_zone);
    let judged = judge(&nights, &storage.retention(), free_bytes, today);
    for (place, reason) in judged.go {
        if let (Some(night), Some(files)) = (nights.get(place), files.get(place)) {
            delete(to, night, files).await?;
            let mb = night.bytes / 1_000_000;
            info!(night = %night.night, mb, by = reason.key(), "A raw night was deleted.");
        }
    }
    Ok(judged.over_budget_bytes > 0 || judged.missing_room_bytes > 0)
}

/// The raw nights that are there, with their files. Finishes deletions that a kill cut off.
fn list(
    segments: Vec<SegmentRow>,
    labelled: &BTreeSet<(String, Date)>,
    data_dir: &std::path::Path,
) -> (Vec<RawNight>, Vec<Vec<PathBuf>>) {
    let mut nights: BTreeMap<(String, Date), (RawNight, Vec<PathBuf>)> = BTreeMap::new();
    for segment in segments {
        let file = segment.file(data_dir);
        // What is not there any more takes no room; its owner may have moved it.
        let Ok(bytes) = std::fs::metadata(&file).map(|about| about.len()) else { continue };
        if segment.deleted_at.is_some() {
            remove(&[file]);
            continue;
        }
        let key = (segment.leg, segment.night);
        let (night, files) = nights.entry(key.clone()).or_insert_with(|| {
            let labelled = labelled.contains(&key);
            (RawNight { leg: key.0, night: key.1, bytes: 0, labelled, under_way: false }, Vec::new())
        });
        night.bytes += bytes;
        night.under_way |= segment.n_samples.is_none();
        files.push(file);
    }
    nights.into_values().unzip()
}

/// Notes the deletion, then does it: what is noted and still there is deleted at the next look.
async fn delete(to: &Backbone, night: &RawNight, files: &[PathBuf]) -> Result<(), StoreError> {
    let note = || to.store.note_night_deleted(&night.leg, night.night, system_now());
    let noted = note().await;
    if let Err(error) = &noted
        && !error.is_of_the_disk()
    {
        return noted;
    }
    remove(files);
    // On a full disk there is room for the note only now.
    if noted.is_err() { note().await } else { Ok(()) }
}

fn remove(files: &[PathBuf]) {
    for file in files {
        match std::fs::remove_file(file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                warn!(file = %file.display(), %error, "A raw file cannot be deleted: make its folder writable for this user.");
            }
            _ => {}
        }
    }
}
