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
    let (nights, files, stuck) = listed.map_err(|_| DaemonError::Panicked { component: "retention" })?;
    if stuck {
        // Files that cannot be deleted would be made up for with others.
        return Ok(true);
    }
    let free_bytes = disk::free_mb(&storage.data_dir).map(|mb| (mb * 1e6) as u64);
    let today = night_of(system_now(), &to.config.person.time_zone);
    let judged = judge(&nights, &storage.retention(), free_bytes, today);
    for (place, reason) in judged.go {
        if let (Some(night), Some(files)) = (nights.get(place), files.get(place)) {
            if !delete(to, night, files).await? {
                return Ok(true);
            }
            let mb = night.bytes / 1_000_000;
            info!(night = %night.night, mb, by = reason.key(), "A raw night was deleted.");
        }
    }
    Ok(judged.over_budget_bytes > 0 || judged.missing_room_bytes > 0)
}

/// The raw nights that are there, with their files. Finishes deletions that a kill cut off; last, whether one was refused.
fn list(
    segments: Vec<SegmentRow>,
    labelled: &BTreeSet<(String, Date)>,
    data_dir: &std::path::Path,
) -> (Vec<RawNight>, Vec<Vec<PathBuf>>, bool) {
    let mut nights: BTreeMap<(String, Date), (RawNight, Vec<PathBuf>)> = BTreeMap::new();
    let mut stuck = false;
    let own = data_dir.join("nights");
    for segment in segments {
        let file = segment.file(data_dir);
        // A copied database still names the files of the folder that it was copied from.
        if file.parent() != Some(&own) {
            continue;
        }
        // What is not there any more takes no room; its owner may have moved it.
        let Ok(bytes) = std::fs::metadata(&file).map(|about| about.len()) else { continue };
        if segment.deleted_at.is_some() {
            stuck |= !remove(&[file]);
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
    let (nights, files) = nights.into_values().unzip();
    (nights, files, stuck)
}

/// Notes the deletion, then does it: what is noted and still there is deleted at the next look.
/// Gives whether the files are gone.
async fn delete(to: &Backbone, night: &RawNight, files: &[PathBuf]) -> Result<bool, StoreError> {
    let note = || to.store.note_night_deleted(&night.leg, night.night, system_now());
    let noted = note().await;
    if noted.as_ref().is_err_and(|error| !error.is_of_the_disk()) {
        return noted.map(|()| false);
    }
    let gone = remove(files);
    if noted.is_err() {
        // On a full disk there is room for the note only now.
        note().await?;
    }
    Ok(gone)
}

fn remove(files: &[PathBuf]) -> bool {
    let mut gone = true;
    for file in files {
        match std::fs::remove_file(file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                gone = false;
                warn!(file = %file.display(), %error, "A raw file cannot be deleted: make its folder writable for this user.");
            }
            _ => {}
        }
    }
    gone
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::daemon::leg::leg_for_test;
    use crate::store::{LabelRow, LabelSource, LabelWord};
    use crate::units::UtcMicros;

    /// A night of October 2025 with one file of a megabyte.
    async fn night(to: &Backbone, day: i8, n_samples: Option<i64>) -> PathBuf {
        let folder = to.config.storage.data_dir.join("nights");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("me_left_202510{day:02}T220000Z.edf"));
        std::fs::write(&path, vec![0; 1_000_000]).unwrap();
        let row = SegmentRow {
            leg: "me_left".to_owned(),
            night: date(2025, 10, day),
            path: path.display().to_string(),
            started_at: UtcMicros(1_760_000_000_000_000 + i64::from(day)),
            n_samples,
            deleted_at: None,
        };
        to.store.add_segment(&row).await.unwrap();
        path
    }

    async fn label(to: &Backbone, day: i8) {
        let at = UtcMicros(1_760_000_000_000_000);
        let mark = LabelRow {
            id: uuid::Uuid::now_v7(),
            person_id: "me".to_owned(),
            leg: "me_left".to_owned(),
            night: date(2025, 10, day),
            episode_id: None,
            from_at: at,
            to_at: Some(at.plus_seconds(60.0)),
            label: LabelWord::Cramp,
            source: LabelSource::User,
            labelled_at: at,
        };
        to.store.mark(&mark).await.unwrap();
    }

    #[tokio::test]
    async fn old_nights_go_and_the_store_says_when_but_not_labelled_open_or_newest_ones() {
        let (_folder, mut to) = leg_for_test().await;
        to.config.storage.keep_raw_days = 7;
        let (old, labelled) = (night(&to, 1, Some(9)).await, night(&to, 2, Some(9)).await);
        let (open, newest) = (night(&to, 3, None).await, night(&to, 4, Some(9)).await);
        label(&to, 2).await;
        assert!(!tidy(&to).await.unwrap());
        assert_eq!([&old, &labelled, &open, &newest].map(|path| path.exists()), [false, true, true, true]);
        let gone = to.store.segments_of_night("me_left", date(2025, 10, 1)).await.unwrap();
        assert!(gone[0].deleted_at.is_some());
        // A kill between the note and the deletion.
        std::fs::write(&old, "again").unwrap();
        tidy(&to).await.unwrap();
        assert!(!old.exists());
    }

    #[tokio::test]
    async fn files_outside_the_data_folder_and_a_name_that_is_written_again_are_left_alone() {
        let (_folder, mut to) = leg_for_test().await;
        to.config.storage.keep_raw_days = 7;
        let elsewhere = tempfile::tempdir().unwrap();
        let foreign = elsewhere.path().join("me_left_20251001T220000Z.edf");
        std::fs::write(&foreign, vec![0; 9]).unwrap();
        let old = night(&to, 1, Some(9)).await;
        let mut row = to.store.segments().await.unwrap().remove(0);
        row.path = foreign.display().to_string();
        to.store.add_segment(&row).await.unwrap();
        std::fs::remove_file(&old).unwrap();
        night(&to, 4, Some(9)).await;
        tidy(&to).await.unwrap();
        assert!(foreign.exists(), "the database is a copy: those are the other folder's nights");
        let gone = night(&to, 2, Some(9)).await;
        tidy(&to).await.unwrap();
        assert!(!gone.exists());
        let again = night(&to, 2, None).await;
        tidy(&to).await.unwrap();
        assert!(again.exists(), "it is being written");
    }

    #[tokio::test]
    async fn a_budget_that_cannot_be_kept_is_said() {
        let (_folder, mut to) = leg_for_test().await;
        to.config.storage.raw_budget_gb = 0.0015;
        let (first, second) = (night(&to, 1, Some(9)).await, night(&to, 2, Some(9)).await);
        assert!(!tidy(&to).await.unwrap());
        assert!(!first.exists() && second.exists());
        to.config.storage.raw_budget_gb = 0.0001;
        assert!(tidy(&to).await.unwrap());
        assert!(second.exists(), "the newest stays");
    }
}
