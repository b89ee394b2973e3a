//! Tests of the diary's tables.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use jiff::civil::date;

use super::*;
use crate::advice::{Answered, Condition, LifeState, Person, Sex};
use crate::diary::{Entry, EntryKind, Exposure, IntakeSource, ItemKind, Nutrient, Nutrients, Outcome};
use crate::units::UtcMicros;

const NOW: UtcMicros = UtcMicros(1_763_762_400_000_000);
const EVER: (UtcMicros, UtcMicros) = (UtcMicros(i64::MIN), UtcMicros(i64::MAX));

async fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    (folder, store)
}

fn food(name: &str, minutes: f64) -> Entry {
    let brings = Nutrients::default().with(Nutrient::Magnesium, Some(79.0)).with(Nutrient::Alcohol, Some(0.0));
    let at = NOW.plus_seconds(60.0 * minutes);
    Entry {
        brings: Some(brings),
        amount: Some(100.0),
        unit: Some("g".into()),
        ..Entry::new(EntryKind::Food, name, at, at)
    }
}

async fn all(store: &Store) -> Vec<Entry> {
    store.entries_between("me", EVER.0, EVER.1).await.unwrap()
}

#[tokio::test]
async fn every_kind_of_entry_is_read_back_as_it_was() {
    let (_folder, store) = store().await;
    let relief = Entry { outcome: Some(Outcome::Helped), ..Entry::new(EntryKind::Relief, "stood on it", NOW, NOW) };
    let note = Entry { note: Some("a long day".into()), ..Entry::new(EntryKind::Note, "", NOW.plus_seconds(1.0), NOW) };
    let stretch = Entry::of_exposure(Exposure::Stretch, 3.0, NOW.plus_seconds(2.0), NOW);
    let entries = [relief, note, stretch, food("spinach, raw", 1.0)];
    assert_eq!(store.add_entries("me", &entries).await.unwrap(), 4);
    assert_eq!(all(&store).await, entries);
    assert_eq!(store.add_entries("me", &entries).await.unwrap(), 0, "the same ids change nothing");
    assert!(store.entries_between("somebody_else", EVER.0, EVER.1).await.unwrap().is_empty());
    let items = store.items_between("me", EVER.0, EVER.1).await.unwrap();
    assert_eq!(items, [entries[2].item().unwrap(), entries[3].item().unwrap()]);
}

#[tokio::test]
async fn undo_takes_back_one_command_and_puts_back_what_an_edit_replaced() {
    let (_folder, store) = store().await;
    let (first, second) = (food("oats", 0.0), [food("milk", 1.0), food("banana", 1.0)]);
    store.add_entries("me", std::slice::from_ref(&first)).await.unwrap();
    store.add_entries("me", &second).await.unwrap();
    let edited = Entry { amount: Some(50.0), ..food("oats", 2.0) };
    store.replace_entry("me", first.id, &edited).await.unwrap();
    assert!(matches!(store.replace_entry("me", first.id, &food("oats", 3.0)).await, Err(StoreError::NotFound { .. })));
    let names = |entries: &[Entry]| entries.iter().map(|entry| entry.name.clone()).collect::<BTreeSet<_>>();

    let undone = store.undo_entries("me", NOW.plus_seconds(600.0)).await.unwrap();
    assert_eq!(undone.iter().map(|entry| entry.amount).collect::<Vec<_>>(), [Some(50.0)]);
    assert_eq!(all(&store).await[0], first);
    assert_eq!(names(&store.undo_entries("me", NOW).await.unwrap()), names(&second));
    assert_eq!(store.undo_entries("me", NOW).await.unwrap(), [first]);
    assert_eq!(store.undo_entries("me", NOW).await.unwrap(), []);
    let kept: i64 = sqlx::Row::try_get(
        &sqlx::query("SELECT COUNT(*) FROM diary_entries").fetch_one(&store.writer_for_test()).await.unwrap(),
        0,
    )
    .unwrap();
    assert_eq!(kept, 4, "nothing is deleted");
}

#[tokio::test]
async fn a_file_imported_twice_adds_nothing_and_a_changed_day_replaces_itself() {
    let (_folder, store) = store().await;
    let day = |minutes, magnesium| Entry {
        import_key: Some(format!("cronometer {minutes}")),
        brings: Some(Nutrients::default().with(Nutrient::Magnesium, Some(magnesium))),
        ..food("day", minutes)
    };
    let imported = store.import_entries("me", &[day(0.0, 300.0), day(1.0, 200.0)]).await.unwrap();
    assert_eq!(imported, Imported { added: 2, ..Imported::default() });
    let again = store.import_entries("me", &[day(0.0, 300.0), day(1.0, 250.0)]).await.unwrap();
    assert_eq!(again, Imported { known: 1, replaced: 1, ..Imported::default() });
    assert_eq!(all(&store).await.len(), 2);
    store.undo_entries("me", NOW).await.unwrap();
    let magnesium: Vec<_> = all(&store).await.iter().map(|day| day.brings.unwrap().get(Nutrient::Magnesium)).collect();
    assert_eq!(magnesium, [Some(300.0), Some(200.0)]);
}

#[tokio::test]
async fn what_a_person_changed_after_an_import_stands_when_the_file_is_imported_again() {
    let (_folder, store) = store().await;
    let row = || Entry { import_key: Some("generic 12".into()), ..food("oats", 0.0) };
    let exported = food("milk", 1.0);
    store.import_entries("me", &[row(), exported.clone()]).await.unwrap();
    for (of, minutes) in [(0, 2.0), (0, 3.0), (1, 4.0)] {
        let old = all(&store).await.into_iter().find(|entry| entry.name == ["oats", "milk"][of]).unwrap();
        let new = Entry { amount: Some(50.0), at: old.at, ..food(&old.name, minutes) };
        store.replace_entry("me", old.id, &new).await.unwrap();
    }
    let again = store.import_entries("me", &[row(), exported]).await.unwrap();
    assert_eq!(again, Imported { known: 2, ..Imported::default() });
    assert_eq!(all(&store).await.iter().map(|entry| entry.amount).collect::<Vec<_>>(), [Some(50.0); 2]);
}

#[tokio::test]
async fn an_export_restores_what_was_taken_back_and_that_can_be_taken_back_again() {
    let (_folder, store) = store().await;
    let entries = [food("oats", 0.0), food("milk", 1.0)];
    store.add_entries("me", &entries).await.unwrap();
    store.undo_entries("me", NOW).await.unwrap();
    let stranger = store.import_entries("somebody_else", &entries).await.unwrap();
    assert_eq!(stranger, Imported { known: 2, ..Imported::default() }, "of another person nothing is put back");
    let restored = store.import_entries("me", &entries).await.unwrap();
    assert_eq!(restored, Imported { added: 2, ..Imported::default() });
    assert_eq!(all(&store).await.len(), 2);
    assert_eq!(store.undo_entries("me", NOW).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_changed_form_that_is_put_back_does_not_stand_beside_its_earlier_form() {
    let (_folder, store) = store().await;
    let first = food("oats", 0.0);
    store.add_entries("me", std::slice::from_ref(&first)).await.unwrap();
    let changed = Entry { amount: Some(50.0), ..food("oats", 1.0) };
    store.replace_entry("me", first.id, &changed).await.unwrap();
    store.undo_entries("me", NOW).await.unwrap();
    store.import_entries("me", std::slice::from_ref(&changed)).await.unwrap();
    assert_eq!(all(&store).await.iter().map(|entry| entry.id).collect::<Vec<_>>(), [changed.id]);
    store.undo_entries("me", NOW).await.unwrap();
    assert_eq!(all(&store).await, [first]);
}

#[tokio::test]
async fn the_same_row_of_a_file_is_known_though_its_food_has_been_described_anew() {
    let (_folder, store) = store().await;
    let row = |magnesium| Entry {
        import_key: Some("generic 34".into()),
        brings: Some(Nutrients::default().with(Nutrient::Magnesium, Some(magnesium))),
        ..food("my muesli", 0.0)
    };
    store.import_entries("me", &[row(100.0)]).await.unwrap();
    let again = store.import_entries("me", &[row(200.0)]).await.unwrap();
    assert_eq!(again, Imported { known: 1, ..Imported::default() });
    assert_eq!(all(&store).await[0].brings, row(100.0).brings);
}

#[tokio::test]
async fn water_of_the_first_schema_is_still_there() {
    let folder = tempfile::tempdir().unwrap();
    {
        sqlx::any::install_default_drivers();
        let address = format!("sqlite://{}/crampwatch.db?mode=rwc", folder.path().display());
        let pool = sqlx::any::AnyPoolOptions::new().max_connections(1).connect(&address).await.unwrap();
        let old = tempfile::tempdir().unwrap();
        for file in ["0001_one_night.sql", "0002_labels.sql"] {
            let from = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/migrations").join(file);
            std::fs::copy(from, old.path().join(file)).unwrap();
        }
        sqlx::migrate::Migrator::new(old.path()).await.unwrap().run(&pool).await.unwrap();
        for statement in [
            "INSERT INTO persons (id, created_at) VALUES ('me', 1)",
            "INSERT INTO intakes (id, person_id, at, kind, amount, unit, amount_ml, note, logged_at)
             VALUES ('019aa000-0000-7000-8000-000000000001', 'me', 5, 'water', 1.5, 'glass', 300.0, 'warm', 6)",
        ] {
            sqlx::query(statement).execute(&pool).await.unwrap();
        }
        pool.close().await;
    }
    let store = Store::open(folder.path()).await.unwrap();
    assert_eq!(store.water_ml_between("me", UtcMicros(0), UtcMicros(10)).await.unwrap(), 300.0);
    let water = store.intakes_between("me", UtcMicros(0), UtcMicros(10)).await.unwrap();
    assert_eq!((water[0].unit.as_str(), water[0].note.as_deref()), ("glass", Some("warm")));
    store.integrity_check().await.unwrap();
    assert_eq!(store.undo_entries("me", NOW).await.unwrap().len(), 1);
    assert_eq!(store.water_ml_between("me", UtcMicros(0), UtcMicros(10)).await.unwrap(), 0.0);
}

#[tokio::test]
async fn ten_thousand_entries_are_read_quickly() {
    let (_folder, store) = store().await;
    let full = Nutrient::ALL.into_iter().fold(Nutrients::default(), |all, nutrient| all.with(nutrient, Some(12.345)));
    let entries: Vec<Entry> =
        (0..10_000).map(|n| Entry { brings: Some(full), ..food("spinach, raw", f64::from(n)) }).collect();
    assert_eq!(store.add_entries("me", &entries).await.unwrap(), 10_000);
    let begun = Instant::now();
    let items = store.items_between("me", EVER.0, EVER.1).await.unwrap();
    let took = begun.elapsed();
    assert_eq!(items.len(), 10_000);
    assert!(
        matches!(&items[9_999].kind, ItemKind::Intake { source: IntakeSource::Food, brings, .. } if *brings == full)
    );
    // About 0.1 s, optimised, on two busy cores; tests share theirs and are not optimised.
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn a_person_who_was_not_asked_is_not_a_person_who_has_nothing() {
    let (_folder, store) = store().await;
    assert_eq!(store.profile("me").await.unwrap(), Person::default());
    let person = Person {
        birth_year: Some(1961),
        sex: Some(Sex::Female),
        life_state: Some(LifeState::Neither),
        weight_kg: Some(70.5),
        conditions: Answered::Known([Condition::KidneyDisease, Condition::Diabetes].into()),
        medicines: Answered::Known(BTreeSet::new()),
    };
    store.save_profile("me", &person, NOW).await.unwrap();
    assert_eq!(store.profile("me").await.unwrap(), person);
    let unasked = Person { medicines: Answered::Unknown, ..person };
    store.save_profile("me", &unasked, NOW).await.unwrap();
    assert_eq!(store.profile("me").await.unwrap(), unasked);
}

#[tokio::test]
async fn own_foods_and_presets_are_replaced_by_name() {
    let (_folder, store) = store().await;
    let mut soup = OwnFoodRow {
        name: "soup".into(),
        per_100g: Nutrients::default().with(Nutrient::Sodium, Some(300.0)),
        portions: vec![("bowl".into(), 350.0)],
        recipe: None,
    };
    store.save_own_food("me", &soup, NOW).await.unwrap();
    soup.recipe = Some(vec![("carrots, raw".into(), 200.0)]);
    store.save_own_food("me", &soup, NOW).await.unwrap();
    assert_eq!(store.own_foods("me").await.unwrap(), [soup]);
    let preset = |lines: &[&str]| PresetRow {
        name: "breakfast".into(),
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
    };
    store.save_preset("me", &preset(&["water 250ml"]), NOW).await.unwrap();
    store.save_preset("me", &preset(&["water 200ml", "food 'oats' 50g"]), NOW).await.unwrap();
    assert_eq!(store.presets("me").await.unwrap(), [preset(&["water 200ml", "food 'oats' 50g"])]);
}

fn night(leg: &str, day: i8, valid_s: f64, closed: bool) -> NightRow {
    NightRow {
        leg: leg.to_owned(),
        night: date(2025, 11, day),
        time_zone: "UTC".to_owned(),
        started_at: NOW,
        ended_at: NOW.plus_seconds(28_800.0),
        first_worn_at: Some(NOW.plus_seconds(valid_s)),
        monitored_s: 28_800.0,
        valid_s,
        gap_count: 0,
        cramp_count: 1,
        closed,
    }
}

fn episode(leg: &str, day: i8, alarmed: bool, length_s: f64) -> EpisodeRow {
    EpisodeRow {
        id: uuid::Uuid::now_v7(),
        person_id: "me".to_owned(),
        leg: leg.to_owned(),
        night: date(2025, 11, day),
        onset_at: NOW,
        suspected_at: NOW,
        alarm_at: alarmed.then_some(NOW),
        end_at: Some(NOW.plus_seconds(length_s)),
        last_data_at: NOW,
        severity: None,
        probability: 0.9,
        peak_emg_rms_uv: 40.0,
        acc_rms_mg: None,
        reasons: Vec::new(),
        end_reason: None,
        model_id: "m".to_owned(),
        model_sha256: "0".to_owned(),
        config_rev: 1,
        source: "simulated".to_owned(),
        label: None,
        acknowledged: false,
    }
}

#[tokio::test]
async fn nights_of_two_legs_are_one_night_with_the_cramps_of_both_and_labels_count() {
    let (_folder, store) = store().await;
    let (left, right) = ("me_left", "me_right");
    store.ensure_leg("me", Side::Left).await.unwrap();
    store.ensure_leg("me", Side::Right).await.unwrap();
    for night in [night(left, 20, 10_000.0, true), night(right, 20, 20_000.0, true), night(left, 21, 5_000.0, true)] {
        store.save_night(&night).await.unwrap();
    }
    store.save_night(&night(left, 22, 5_000.0, false)).await.unwrap();
    let refused = episode(left, 20, true, 500.0);
    let told = episode(left, 21, false, 30.0);
    for row in [&episode(left, 20, true, 90.0), &episode(right, 20, true, 45.0), &refused, &told] {
        store.commit_episode(row, &[]).await.unwrap();
    }
    store.commit_episode(&episode(right, 20, false, 700.0), &[]).await.unwrap();
    store.label_episode(refused.id, LabelWord::Not, LabelSource::User, NOW).await.unwrap();
    store.label_episode(told.id, LabelWord::Cramp, LabelSource::User, NOW).await.unwrap();
    let missed = LabelRow {
        id: uuid::Uuid::now_v7(),
        person_id: "me".to_owned(),
        leg: left.to_owned(),
        night: date(2025, 11, 20),
        episode_id: None,
        from_at: NOW.plus_seconds(9_000.0),
        to_at: Some(NOW.plus_seconds(9_120.0)),
        label: LabelWord::Cramp,
        source: LabelSource::User,
        labelled_at: NOW,
    };
    store.mark(&missed).await.unwrap();

    let nights = store.nights_seen("me").await.unwrap();
    let seen: Vec<_> = nights.iter().map(|n| (n.night.day(), n.valid_s, n.cramps, n.longest_cramp_s)).collect();
    assert_eq!(seen, [(20, 20_000.0, 3, Some(120.0)), (21, 5_000.0, 1, Some(30.0))]);
    assert!(store.nights_seen("somebody_else").await.unwrap().is_empty());
}
