//! The store through its front door, on real files.

use std::path::Path;

use jiff::civil::{Date, date};
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::chunk::GapReason;
use crate::units::UtcMicros;

pub(super) const NIGHT: Date = date(2025, 11, 21);
pub(super) const T0: UtcMicros = UtcMicros(1_763_777_643_000_000);

async fn open(folder: &Path) -> Store {
    Store::open(folder).await.unwrap()
}

pub(super) async fn new_store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    store.ensure_leg("me", Side::Left).await.unwrap();
    (folder, store)
}

pub(super) fn episode() -> EpisodeRow {
    EpisodeRow {
        id: Uuid::now_v7(),
        person_id: "me".to_owned(),
        leg: "me_left".to_owned(),
        night: NIGHT,
        onset_at: T0,
        suspected_at: T0.plus_seconds(3.0),
        alarm_at: None,
        end_at: None,
        last_data_at: T0.plus_seconds(3.0),
        severity: None,
        probability: 0.7,
        peak_emg_rms_uv: 120.5,
        acc_rms_mg: None,
        reasons: vec!["firm, steady muscle activity".to_owned(), "leg \"still\"".to_owned()],
        end_reason: None,
        model_id: "calf-1".to_owned(),
        model_sha256: "00ff".to_owned(),
        config_rev: 1,
        source: "simulated".to_owned(),
        label: None,
        acknowledged: false,
    }
}

fn event(event_type: &str, due_at: UtcMicros) -> NewEvent {
    NewEvent { leg: "me_left".to_owned(), event_type: event_type.to_owned(), payload: json!({"a": 1}), due_at }
}

/// Types of the events in the order of delivery, as `live:name` or `late:name`.
async fn drain(store: &Store, now: UtcMicros) -> Vec<String> {
    let mut order = Vec::new();
    while let Some((row, live)) = store.outbox_next(now, 60.0).await.unwrap() {
        assert_eq!(row.payload["seq"], row.seq);
        order.push(format!("{}:{}", if live { "live" } else { "late" }, row.event_type));
        store.outbox_delivered(row.seq).await.unwrap();
    }
    order
}

#[tokio::test]
async fn an_episode_and_its_events_survive_reopening() {
    let (folder, store) = new_store().await;
    let mut row = episode();
    assert_eq!(store.commit_episode(&row, &[event("cramp_suspected", T0)]).await.unwrap(), [1]);
    row.alarm_at = Some(T0.plus_seconds(6.0));
    row.severity = Some("severe".to_owned());
    row.acc_rms_mg = Some(4.25);
    assert_eq!(
        store.commit_episode(&row, &[event("cramp_started", T0), event("cramp_alarm", T0)]).await.unwrap(),
        [2, 3]
    );
    store.close().await;

    let store = open(folder.path()).await;
    assert_eq!(store.open_episodes("me_left").await.unwrap(), [row.clone()]);
    assert_eq!(store.outbox_len().await.unwrap(), 3);
    row.end_at = Some(T0.plus_seconds(90.0));
    row.end_reason = Some("relaxed".to_owned());
    assert_eq!(store.commit_episode(&row, &[event("cramp_ended", T0)]).await.unwrap(), [4]);
    assert_eq!(store.open_episodes("me_left").await.unwrap(), []);
    assert_eq!(store.episodes_of_night("me_left", NIGHT).await.unwrap(), [row.clone()]);
    assert_eq!(store.episode(row.id).await.unwrap(), Some(row));
    store.integrity_check().await.unwrap();
}

#[tokio::test]
async fn an_event_that_cannot_be_written_takes_its_episode_back() {
    let (_folder, store) = new_store().await;
    let bad = NewEvent { payload: json!([1]), ..event("cramp_started", T0) };
    let error = store.commit_episode(&episode(), &[event("cramp_suspected", T0), bad]).await.unwrap_err();
    assert!(matches!(error, StoreError::PayloadNotObject { .. }), "{error}");
    assert_eq!(store.episodes_of_night("me_left", NIGHT).await.unwrap(), []);
    assert_eq!(store.outbox_len().await.unwrap(), 0);
    assert_eq!(store.add_events(&[event("reminder", T0)]).await.unwrap(), [1], "no number was lost");
}

#[tokio::test]
async fn what_a_person_said_is_not_overwritten_by_the_detector() {
    let (_folder, store) = new_store().await;
    let row = episode();
    store.commit_episode(&row, &[]).await.unwrap();
    store.label_episode(row.id, LabelWord::Not, LabelSource::User, T0).await.unwrap();
    store.acknowledge_episode(row.id).await.unwrap();
    store.commit_episode(&row, &[]).await.unwrap();
    let stored = store.episode(row.id).await.unwrap().unwrap();
    assert_eq!((stored.label.as_deref(), stored.acknowledged), (Some("not"), true));
    let unknown = store.acknowledge_episode(Uuid::now_v7()).await.unwrap_err();
    assert!(unknown.to_string().contains("no episode with id"), "{unknown}");
}

#[tokio::test]
async fn the_instant_of_the_last_data_only_moves_forward() {
    let (_folder, store) = new_store().await;
    let row = episode();
    store.commit_episode(&row, &[]).await.unwrap();
    store.touch_episode(row.id, T0.plus_seconds(20.0)).await.unwrap();
    store.touch_episode(row.id, T0.plus_seconds(10.0)).await.unwrap();
    assert_eq!(store.episode(row.id).await.unwrap().unwrap().last_data_at, T0.plus_seconds(20.0));
}

#[tokio::test]
async fn live_events_go_before_the_backlog_and_each_kind_in_order() {
    let (_folder, store) = new_store().await;
    let now = T0.plus_seconds(3600.0);
    let (old, fresh) = (T0, now.plus_seconds(-59.9));
    store.add_events(&[event("a", old), event("b", fresh), event("c", old), event("d", fresh)]).await.unwrap();
    assert_eq!(drain(&store, now).await, ["live:b", "live:d", "late:a", "late:c"]);
    assert_eq!(store.outbox_len().await.unwrap(), 0);
    assert_eq!(store.add_events(&[event("e", now)]).await.unwrap(), [5], "numbers are not used twice");
}

#[tokio::test]
async fn an_event_is_late_from_the_age_limit_on() {
    let (_folder, store) = new_store().await;
    store.add_events(&[event("a", T0)]).await.unwrap();
    for (age_s, is_live) in [(0.0, true), (59.999, true), (60.0, false), (-5.0, true)] {
        let (row, live) = store.outbox_next(T0.plus_seconds(age_s), 60.0).await.unwrap().unwrap();
        assert_eq!((row.seq, live), (1, is_live), "age {age_s} s");
    }
}

#[tokio::test]
async fn nights_gaps_and_segments_come_back_as_saved() {
    let (_folder, store) = new_store().await;
    let mut night = NightRow {
        leg: "me_left".to_owned(),
        night: NIGHT,
        time_zone: "Europe/Berlin".to_owned(),
        started_at: T0,
        ended_at: T0.plus_seconds(60.0),
        first_worn_at: None,
        monitored_s: 60.0,
        valid_s: 59.75,
        gap_count: 0,
        cramp_count: 0,
        closed: false,
    };
    store.save_night(&night).await.unwrap();
    (night.closed, night.first_worn_at) = (true, Some(T0.plus_seconds(1.0)));
    store.save_night(&night).await.unwrap();
    let later = NightRow { night: date(2025, 12, 1), ..night.clone() };
    store.save_night(&later).await.unwrap();
    assert_eq!(store.night("me_left", NIGHT).await.unwrap(), Some(night.clone()));
    assert_eq!(store.nights("me_left", 9).await.unwrap(), [later.clone(), night]);
    assert_eq!(store.nights("me_left", 1).await.unwrap(), [later]);

    let mut gap = GapRow {
        leg: "me_left".to_owned(),
        night: NIGHT,
        from_at: T0,
        to_at: T0.plus_seconds(5.0),
        reason: GapReason::LeadOff,
    };
    store.add_gap(&gap).await.unwrap();
    gap.to_at = T0.plus_seconds(9.0);
    store.add_gap(&gap).await.unwrap();
    assert_eq!(store.gaps_of_night("me_left", NIGHT).await.unwrap(), [gap]);

    let segment = SegmentRow {
        leg: "me_left".to_owned(),
        night: NIGHT,
        path: "raw/one.edf".to_owned(),
        started_at: T0,
        n_samples: None,
        deleted_at: None,
    };
    store.add_segment(&segment).await.unwrap();
    assert_eq!(store.unfinished_segments("me_left").await.unwrap(), std::slice::from_ref(&segment));
    store.finish_segment("raw/one.edf", 900_000).await.unwrap();
    let finished = SegmentRow { n_samples: Some(900_000), ..segment };
    assert_eq!(store.segments_of_night("me_left", NIGHT).await.unwrap(), [finished]);
    assert_eq!(store.unfinished_segments("me_left").await.unwrap(), []);
    assert!(matches!(store.finish_segment("raw/two.edf", 1).await, Err(StoreError::NotFound { .. })));
    store.note_night_deleted("me_left", NIGHT, T0).await.unwrap();
    store.note_night_deleted("me_left", NIGHT, T0.plus_seconds(9.0)).await.unwrap();
    assert_eq!(store.segments_of_night("me_left", NIGHT).await.unwrap()[0].deleted_at, Some(T0));
    assert_eq!(store.segments().await.unwrap().len(), 1);
}

#[tokio::test]
async fn leg_state_and_calibrations_give_the_newest() {
    let (_folder, store) = new_store().await;
    assert_eq!(store.leg_state("me_left").await.unwrap(), None);
    for n in [1, 2] {
        store.save_leg_state("me_left", &json!({"baseline_uv": n}), T0.plus_micros(n)).await.unwrap();
    }
    assert_eq!(store.leg_state("me_left").await.unwrap(), Some((json!({"baseline_uv": 2}), T0.plus_micros(2))));

    let calibration = |channel: &str, rest_rms_uv, at| CalibrationRow {
        person_id: "me".to_owned(),
        leg: "me_left".to_owned(),
        channel: channel.to_owned(),
        rest_rms_uv,
        mvc_rms_uv: None,
        at,
    };
    let newest = calibration("EMG MG", 4.0, T0.plus_seconds(2.0));
    let other = calibration("EMG LG", 6.0, T0);
    let older = calibration("EMG MG", 5.0, T0);
    store.add_calibrations(&[older.clone(), other.clone()]).await.unwrap();
    store.add_calibrations(std::slice::from_ref(&newest)).await.unwrap();
    assert_eq!(store.calibrations("me_left").await.unwrap(), [other.clone(), newest.clone()]);
    let half = CalibrationRow { leg: "nobody_left".to_owned(), ..newest.clone() };
    assert!(store.add_calibrations(&[newest.clone(), half]).await.is_err());
    assert_eq!(store.all_calibrations("me_left").await.unwrap(), [newest, other, older]);
}

#[tokio::test]
async fn water_is_summed_over_its_half_open_span_and_a_repeat_counts_once() {
    let (_folder, store) = new_store().await;
    let (from, to) = (T0, T0.plus_seconds(100.0));
    let intake = |kind: &str, at| IntakeRow {
        id: Uuid::now_v7(),
        person_id: "somebody_new".to_owned(),
        at,
        kind: kind.to_owned(),
        amount: 250.0,
        unit: "ml".to_owned(),
        amount_ml: Some(250.0),
        note: None,
        logged_at: to,
    };
    assert_eq!(store.water_ml_between("somebody_new", from, to).await.unwrap(), 0.0);
    let first = intake("water", from);
    assert!(store.add_intake(&first).await.unwrap());
    assert!(!store.add_intake(&first).await.unwrap());
    let second = intake("water", to.plus_micros(-1));
    for row in [&second, &intake("water", to), &intake("drink", from.plus_micros(1))] {
        store.add_intake(row).await.unwrap();
    }
    assert_eq!(store.water_ml_between("somebody_new", from, to).await.unwrap(), 500.0);
    let intakes = store.intakes_between("somebody_new", from, to).await.unwrap();
    assert_eq!(intakes, [first, second], "other drinks are no water");
}

#[tokio::test]
async fn a_configuration_gets_a_new_revision_when_its_hash_changes() {
    let (_folder, store) = new_store().await;
    for (hash, rev) in [("a", 1), ("a", 1), ("b", 2), ("b", 2), ("a", 3)] {
        assert_eq!(store.config_rev(hash).await.unwrap(), rev);
    }
}

#[tokio::test]
async fn rows_outside_the_schema_are_refused_with_a_reason() {
    let (_folder, store) = new_store().await;
    let unknown_leg = EpisodeRow { leg: "me_right".to_owned(), ..episode() };
    let unknown_severity = EpisodeRow { severity: Some("awful".to_owned()), ..episode() };
    let no_number = EpisodeRow { probability: f64::NAN, ..episode() };
    for row in [unknown_leg, unknown_severity, no_number] {
        let error = store.commit_episode(&row, &[event("cramp_started", T0)]).await.unwrap_err();
        assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
    }
    assert_eq!(store.outbox_len().await.unwrap(), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn folder_and_files_are_private_even_if_they_were_not() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let set = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("a folder with 100 % odd #names?/data");
    let store = open(&folder).await;
    store.ensure_leg("me", Side::Left).await.unwrap();
    assert_eq!(mode(&folder), 0o700);
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    store.close().await;

    set(&folder, 0o755);
    set(&folder.join(DATABASE_FILE), 0o644);
    open(&folder).await;
    assert_eq!((mode(&folder), mode(&folder.join(DATABASE_FILE))), (0o700, 0o600));

    let shared = tempfile::tempdir().unwrap();
    std::fs::write(shared.path().join("of-somebody-else"), "").unwrap();
    set(shared.path(), 0o755);
    open(shared.path()).await;
    assert_eq!(mode(shared.path()), 0o755);
}

#[tokio::test]
async fn a_second_handle_writes_and_the_first_one_notices() {
    let (folder, daemon) = new_store().await;
    let command_line = open(folder.path()).await;
    let version = daemon.data_version().await.unwrap();
    daemon.add_events(&[event("own", T0)]).await.unwrap();
    assert_eq!(daemon.data_version().await.unwrap(), version, "own writes do not count");
    command_line.add_events(&[event("other", T0)]).await.unwrap();
    assert_ne!(daemon.data_version().await.unwrap(), version);

    let write = |store: Store| async move {
        for _ in 0..50 {
            store.add_events(&[event("burst", T0)]).await.unwrap();
        }
    };
    let tasks = [daemon.clone(), command_line, daemon.clone()].map(|store| tokio::spawn(write(store)));
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(daemon.outbox_len().await.unwrap(), 152);
    assert_eq!(daemon.add_events(&[event("last", T0)]).await.unwrap(), [153]);
}

#[tokio::test]
async fn several_first_openings_at_once_make_one_database() {
    let folder = tempfile::tempdir().unwrap();
    let openings: Vec<_> = (0..6)
        .map(|_| {
            let path = folder.path().to_owned();
            tokio::spawn(async move { open(&path).await.add_events(&[event("a", T0)]).await.unwrap() })
        })
        .collect();
    for opening in openings {
        opening.await.unwrap();
    }
    assert_eq!(open(folder.path()).await.outbox_len().await.unwrap(), 6);
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_untouched() {
    let (folder, store) = new_store().await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (9000, 'later', TRUE, x'00', 1)";
    assert_eq!(store.write(sqlx::query(newer)).await.unwrap(), 1);
    store.close().await;
    let error = Store::open(folder.path()).await.unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { found: 9000, .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("9000") && text.contains("install the newer crampwatch"), "{text}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(DATABASE_FILE);
    let text = "not a database\n".repeat(1000);
    std::fs::write(&path, &text).unwrap();
    let error = Store::open(folder.path()).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains("restore a backup"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[tokio::test]
async fn damaged_pages_are_found_by_the_integrity_check() {
    let (folder, store) = new_store().await;
    let mut events = Vec::new();
    events.resize(2000, event("filling", T0));
    store.add_events(&events).await.unwrap();
    store.close().await;
    let path = folder.path().join(DATABASE_FILE);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() - 60_000;
    bytes[middle..middle + 20_000].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    let store = open(folder.path()).await;
    let error = store.integrity_check().await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_says_what_to_do() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = Store::open(&file.path().join("data")).await.unwrap_err();
    assert!(matches!(error, StoreError::Folder { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("data") && text.contains("storage.data_dir"), "{text}");
}

#[tokio::test]
async fn a_full_disk_is_named_and_keeps_what_was_committed() {
    let (_folder, store) = new_store().await;
    store.add_events(&[event("kept", T0)]).await.unwrap();
    // The limit of pages stands in for the disk: SQLite reports both with the same code.
    let limit = sqlx::query("PRAGMA max_page_count = 1");
    limit.fetch_all(&store.writer_for_test()).await.unwrap();
    let big = NewEvent { payload: json!({"text": "x".repeat(1_000_000)}), ..event("big", T0) };
    let error = store.add_events(&[big]).await.unwrap_err();
    assert!(matches!(error, StoreError::DiskFull { .. }), "{error:?}");
    assert_eq!(store.outbox_len().await.unwrap(), 1);
}

#[tokio::test]
async fn after_a_full_disk_the_same_store_is_written_again() {
    let (_folder, store) = new_store().await;
    let large = NewEvent { payload: json!({"a": "x".repeat(1_000_000)}), ..event("cramp_started", T0) };
    for _ in 0..3 {
        // As many pages as there are: SQLite says that the disk is full, and ends the transaction by itself.
        sqlx::query("PRAGMA max_page_count = 1").execute(&store.writer_for_test()).await.unwrap();
        let refused = store.add_events(std::slice::from_ref(&large)).await.unwrap_err();
        assert!(matches!(refused, StoreError::DiskFull { .. }) && refused.is_of_the_disk(), "{refused}");
        assert_eq!(store.add_events(&[event("cramp_ended", T0)]).await.unwrap().len(), 1);
    }
    assert_eq!(store.outbox_len().await.unwrap(), 3);
}
