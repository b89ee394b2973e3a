//! Labels and personal thresholds through the front door.

use std::path::Path;
use std::sync::Arc;

use crampwatch::chunk::{Chunk, StreamLayout};
use crampwatch::config::Config;
use crampwatch::daemon::{BrokerPort, Daemon, DaemonSettings, Play, SimulatedPlay, TimeOfEvents, model_in_use};
use crampwatch::detect::Model;
use crampwatch::recording::{NightRecorder, SegmentEvent};
use crampwatch::sensor::{LinkFaults, Pace};
use crampwatch::simulate::{CrampCount, EventKind, NightOptions, TruthEvent};
use crampwatch::store::{EpisodeRow, LabelSource, LabelWord, NightRow, Side, Store};
use crampwatch::units::{Rate, UtcMicros};
use jiff::civil::{Date, date};
use rstest::rstest;
use uuid::Uuid;

use crate::front_door::{Ran, crampwatch_in};

/// 2025-11-21 22:00 UTC.
const EVENING: UtcMicros = UtcMicros(1_763_762_400_000_000);
const NIGHT: Date = date(2025, 11, 21);
const CONFIG: &str =
    "[person]\ntime_zone = \"UTC\"\n[storage]\ndata_dir = \"data\"\n[mqtt]\nmode = \"off\"\n[leg]\nside = \"left\"\n";

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(future)
}

fn at(minutes: f64) -> UtcMicros {
    EVENING.plus_seconds(60.0 * minutes)
}

/// Ids that are as alike as those of one night: only the ends differ.
fn id(last: u32) -> Uuid {
    format!("019aa000-0000-7000-8000-00000000{last:04x}").parse().unwrap()
}

fn episode(last: u32, minute: f64, alarmed: bool) -> EpisodeRow {
    EpisodeRow {
        id: id(last),
        person_id: "me".to_owned(),
        leg: "me_left".to_owned(),
        night: NIGHT,
        onset_at: at(minute),
        suspected_at: at(minute),
        alarm_at: alarmed.then(|| at(minute + 0.1)),
        end_at: Some(at(minute + 1.5)),
        last_data_at: at(minute + 1.5),
        severity: alarmed.then(|| "mild".to_owned()),
        probability: 0.9,
        peak_emg_rms_uv: 40.0,
        acc_rms_mg: None,
        reasons: Vec::new(),
        end_reason: Some("quiet".to_owned()),
        model_id: "m".to_owned(),
        model_sha256: "0".to_owned(),
        config_rev: 1,
        source: "simulated".to_owned(),
        label: None,
        acknowledged: false,
    }
}

/// A folder with a stored night from 22:00 to 06:00: alarms at 23:00 and 01:00, a suspicion at 02:00.
fn home() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("crampwatch.toml"), CONFIG).unwrap();
    block_on(async {
        let store = Store::open(&folder.path().join("data")).await.unwrap();
        store.ensure_leg("me", Side::Left).await.unwrap();
        let night = NightRow {
            leg: "me_left".to_owned(),
            night: NIGHT,
            time_zone: "UTC".to_owned(),
            started_at: at(0.0),
            ended_at: at(480.0),
            first_worn_at: Some(at(0.0)),
            monitored_s: 28_800.0,
            valid_s: 28_000.0,
            gap_count: 0,
            cramp_count: 2,
            closed: true,
        };
        store.save_night(&night).await.unwrap();
        for row in [episode(0xabc1, 60.0, true), episode(0xabc2, 180.0, true), episode(0xdef3, 240.0, false)] {
            store.commit_episode(&row, &[]).await.unwrap();
        }
        store.close().await;
    });
    folder
}

fn label(folder: &Path, arguments: &[&str]) -> Ran {
    crampwatch_in(folder, ["label"].iter().chain(arguments))
}

#[test]
fn episodes_are_listed_labelled_and_listed_with_their_labels() {
    let folder = home();
    let ran = label(folder.path(), &["--list"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.contains("Night of 2025-11-21 · me_left"), "{}", ran.out);
    assert!(ran.out.contains("00abc1  23:00:00     90 s  mild       -"), "{}", ran.out);
    assert!(ran.out.contains("and 1 that looked like one for a moment"), "{}", ran.out);

    let ran = label(folder.path(), &["last", "cramp"]);
    assert_eq!(ran.out, "labelled cramp: episode 00abc2, 2025-11-22 01:00:00, 90 s, mild\n", "{ran:?}");
    assert_eq!(label(folder.path(), &["abc1", "cramp"]).code, 0);
    assert_eq!(label(folder.path(), &[&id(0xabc1).to_string(), "NOT"]).code, 0);
    let ran = label(folder.path(), &["--missed", "2025-11-22T03:12", "--for", "2m"]);
    assert!(ran.out.starts_with("marked: missed cramp ") && ran.out.contains("2025-11-22 03:12:00, 2 min"), "{ran:?}");
    let mark = ran.out["marked: missed cramp ".len()..][..6].to_owned();
    assert_eq!(label(folder.path(), &[&mark, "unsure"]).code, 0);

    let ran = label(folder.path(), &["--list", "--night", "2025-11-21"]);
    for line in ["90 s  mild       not\n", "90 s  mild       cramp\n", "2 min  missed     unsure\n"] {
        assert!(ran.out.contains(line), "{line:?} is not in {}", ran.out);
    }
    let again = label(folder.path(), &["--missed", "2025-11-22 03:12:30"]);
    assert!(again.out.starts_with("marked, in place of"), "{again:?}");
    let labels = block_on(async {
        let store = Store::open(&folder.path().join("data")).await.unwrap();
        store.labels_between("me_left", at(0.0), at(480.0)).await.unwrap()
    });
    let words: Vec<LabelWord> = labels.iter().map(|label| label.label).collect();
    assert_eq!(words, [LabelWord::Not, LabelWord::Cramp, LabelWord::Cramp]);
    assert_eq!(labels[2].from_at, at(312.5));
    assert!(labels.iter().all(|label| label.source == LabelSource::User));
}

#[rstest]
#[case::unknown(&["ffff9999", "cramp"], &["ffff9999", "expected the id", "label --list"])]
#[case::too_short(&["abc", "cramp"], &["\"abc\"", "four or more", "label --list"])]
#[case::no_id(&["yesterday", "cramp"], &["yesterday", "expected an id"])]
#[case::ambiguous(&["019aa000", "cramp"], &["names 3 episodes", "00000000abc1", "23:00:00", "00000000def3"])]
#[case::word(&["last", "maybe"], &["\"maybe\"", "cramp", "not", "unsure"])]
#[case::future(&["--missed", "2999-01-01 03:00"], &["after now", "check the date"])]
#[case::no_night(&["--missed", "2025-11-20 03:12"], &["no stored night of me_left", "2025-11-21 (22:00:00 to 06:00:00)"])]
#[case::not_missed(&["--missed", "2025-11-21 23:00"], &["found an alarm", "crampwatch label 00abc1 cramp"])]
#[case::length(&["--missed", "2025-11-22 03:12", "--for", "90"], &["\"90\"", "90s or 2m"])]
#[case::too_long(&["--missed", "2025-11-22 03:12", "--for", "2h"], &["\"2h\"", "5s to 1h"])]
#[case::date(&["--list", "--night", "tonight"], &["\"tonight\"", "2026-11-20"])]
#[case::other_night(&["--list", "--night", "2025-01-01"], &["no stored night of 2025-01-01", "2025-11-21"])]
#[case::no_word(&["last"], &["cramp|not|unsure"])]
fn what_cannot_be_labelled_is_refused_and_nothing_is_stored(#[case] arguments: &[&str], #[case] says: &[&str]) {
    let folder = home();
    let ran = label(folder.path(), arguments);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
    for word in says {
        assert!(ran.err.contains(word), "{word:?} is not in: {}", ran.err);
    }
    block_on(async {
        let store = Store::open(&folder.path().join("data")).await.unwrap();
        assert_eq!(store.labels_between("me_left", at(-9e3), at(9e3)).await.unwrap(), []);
    });
}

#[test]
fn without_a_database_the_remedy_is_told_and_none_is_made() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("crampwatch.toml"), CONFIG).unwrap();
    for arguments in [["label", "last", "cramp"].as_slice(), &["train", "--personal"]] {
        let ran = crampwatch_in(folder.path(), arguments);
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{ran:?}");
        assert!(ran.err.contains("found no database") && ran.err.contains("crampwatch run"), "{}", ran.err);
    }
    assert!(!folder.path().join("data").exists());
}

#[test]
fn too_few_labels_are_refused_with_what_is_there_and_nothing_is_written() {
    let folder = home();
    label(folder.path(), &["last", "cramp"]);
    let ran = crampwatch_in(folder.path(), ["train", "--personal", "--promote"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{ran:?}");
    for word in ["no personal model for me_left", "0 labelled cramps", "no raw night was kept", "at least 3 cramps"] {
        assert!(ran.err.contains(word), "{word:?} is not in: {}", ran.err);
    }
    assert!(!folder.path().join("data/models").exists());
}

type Truth = Vec<(UtcMicros, TruthEvent)>;

/// Plays a night through the whole daemon and gives what truly happened.
fn watch(folder: &Path, seed: u64, start_at: UtcMicros) -> Truth {
    let mut config = Config::load(Some(&folder.join("crampwatch.toml"))).unwrap();
    config.storage.data_dir = folder.join("data");
    let truth = Arc::default();
    let options =
        NightOptions { duration_s: 1500, cramps: CrampCount::Exactly(4), emg_channels: 2, ..NightOptions::default() };
    let play = Play::Simulated(SimulatedPlay {
        seed,
        options,
        faults: LinkFaults::bedroom(),
        pace: Pace::AsFastAsPossible,
        start_at: Some(start_at),
        truth: Arc::clone(&truth),
    });
    let settings = DaemonSettings {
        config,
        play,
        once: true,
        time_of_events: TimeOfEvents::Commit,
        broker_port: BrokerPort::PreferOrFree,
    };
    block_on(async {
        let mut daemon = Daemon::start(settings).await.unwrap();
        daemon.finished().await.unwrap();
        daemon.stop().await;
    });
    let truth = truth.lock().unwrap();
    truth.clone()
}

fn cramps(truth: &Truth) -> impl Iterator<Item = (UtcMicros, UtcMicros)> {
    let cramps = truth.iter().filter(|(_, event)| event.kind == EventKind::Cramp);
    cramps.map(|(onset, event)| (*onset, onset.plus_seconds(event.end_s - event.onset_s)))
}

/// Labels alarms and missed cramps as they truly were.
fn label_truly(folder: &Path, night: Date, truth: &Truth) {
    block_on(async {
        let store = Store::open(&folder.join("data")).await.unwrap();
        let mut episodes = store.episodes_of_night("me_left", night).await.unwrap();
        episodes.retain(|episode| episode.alarm_at.is_some());
        let is_of = |episode: &EpisodeRow, (onset, end): (UtcMicros, UtcMicros)| {
            episode.alarm_at.is_some_and(|alarm| alarm >= onset.plus_seconds(-30.0) && alarm <= end)
        };
        for episode in &episodes {
            let is_cramp = cramps(truth).any(|cramp| is_of(episode, cramp));
            let word = if is_cramp { LabelWord::Cramp } else { LabelWord::Not };
            store.label_episode(episode.id, word, LabelSource::User, EVENING).await.unwrap();
        }
        for (onset, end) in cramps(truth).filter(|cramp| !episodes.iter().any(|episode| is_of(episode, *cramp))) {
            let mark = crampwatch::store::LabelRow {
                id: Uuid::now_v7(),
                person_id: "me".to_owned(),
                leg: "me_left".to_owned(),
                night,
                episode_id: None,
                from_at: onset,
                to_at: Some(end),
                label: LabelWord::Cramp,
                source: LabelSource::User,
                labelled_at: EVENING,
            };
            store.mark(&mark).await.unwrap();
        }
        store.close().await;
    });
}

#[test]
fn labelled_nights_give_personal_thresholds_which_are_used_only_when_promoted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    std::fs::write(path.join("crampwatch.toml"), CONFIG).unwrap();
    // A model that waits too long for anybody: labels must make it quicker, whatever its classifier is.
    let mut slow = Model::built_in().unwrap();
    slow.id = "slow".to_owned();
    slow.thresholds.start_after_s = 16.0;
    std::fs::write(path.join("slow.json"), slow.to_json().unwrap()).unwrap();
    let first = watch(path, 201, EVENING);
    watch(path, 202, EVENING.plus_seconds(86_400.0));
    assert!(cramps(&first).count() >= 3, "{first:?}");
    label_truly(path, NIGHT, &first);

    let train = |arguments: &[&str]| crampwatch_in(path, ["train", "--personal"].iter().chain(arguments));
    let ran = train(&["--model", "slow.json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for part in [
        "nights without a label, not used for choosing: 1",
        "in use: ",
        "2025-11-21",
        "2025-11-22",
        "slow-personal-me-left-",
        "not in use",
    ] {
        assert!(ran.out.contains(part), "{part:?} is not in: {}", ran.out);
    }
    let mut config = Config::load(Some(&path.join("crampwatch.toml"))).unwrap();
    config.storage.data_dir = path.join("data");
    assert_eq!(model_in_use(&config).unwrap().0, Model::built_in().unwrap(), "nothing is promoted unasked");

    let ran = train(&["--model", "slow.json", "--promote"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.out.contains("was there already") && ran.out.contains("promoted: slow-personal-me-left-"),
        "{}",
        ran.out
    );
    let (personal, origin) = model_in_use(&config).unwrap();
    assert!(personal.id.starts_with("slow-personal-me-left-"), "{origin}");
    let after_s = personal.thresholds.start_after_s;
    assert!(after_s < 16.0 && after_s > 8.0, "few labels carry only a part of the way: {after_s}");
    let active = path.join("data/models/active/me_left");
    let card = std::fs::read_to_string(active.join("card.md")).unwrap();
    assert!(card.contains(&personal.sha256) && card.contains("## Limits"), "{card}");

    let refused = train(&["--model", active.to_str().unwrap()]);
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    assert!(refused.err.contains("built-in"), "{}", refused.err);
    let taken = train(&["--model", "slow.json", "--out", "."]);
    assert_eq!(taken.code, 0, "{taken:?}");
    std::fs::write(path.join("model.json"), slow.to_json().unwrap()).unwrap();
    let taken = train(&["--model", "slow.json", "--out", "."]);
    assert_eq!((taken.code, taken.out.as_str()), (2, ""));
    assert!(taken.err.contains("choose another --out"), "{}", taken.err);

    std::fs::write(path.join("crampwatch.toml"), format!("{CONFIG}[model]\npath = \"slow.json\"\n")).unwrap();
    let refused = train(&["--promote"]);
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    assert!(refused.err.contains("take model.path out"), "{}", refused.err);
}

#[test]
fn a_press_of_the_sensors_button_travels_through_the_daemon_to_a_label() {
    let folder = tempfile::tempdir().unwrap();
    let layout = StreamLayout::reference(Rate::hz(250), 1, Some(Rate::hz(50)));
    let mut recorder = NightRecorder::new(folder.path(), "me_left", layout).unwrap();
    for second in 0..420_u64 {
        let chunk = Chunk {
            emg_first: second * 250,
            emg: (0..250).map(|sample| ((sample * 7919 + second as i32) % 41 - 20) as i16).collect(),
            acc_first: second * 50,
            acc: [0, 0, 4096].repeat(50),
            marker: [120, 130, 300].contains(&second),
            ..Chunk::default()
        };
        recorder.push(&chunk, EVENING.plus_seconds(second as f64)).unwrap();
    }
    let file = recorder.finish().unwrap().into_iter().find_map(|event| match event {
        SegmentEvent::Finished(info) => Some(info.path),
        SegmentEvent::Started(_) => None,
    });
    std::fs::write(folder.path().join("crampwatch.toml"), CONFIG).unwrap();
    let mut config = Config::load(Some(&folder.path().join("crampwatch.toml"))).unwrap();
    config.storage.data_dir = folder.path().join("data");
    let settings = DaemonSettings {
        config,
        play: Play::Replay { file: file.unwrap(), pace: Pace::AsFastAsPossible },
        once: true,
        time_of_events: TimeOfEvents::Commit,
        broker_port: BrokerPort::PreferOrFree,
    };
    let labels = block_on(async {
        let mut daemon = Daemon::start(settings).await.unwrap();
        daemon.finished().await.unwrap();
        let labels = daemon.store().labels_between("me_left", at(-9.0), at(9.0)).await.unwrap();
        daemon.stop().await;
        labels
    });
    let times: Vec<f64> = labels.iter().map(|label| label.from_at.seconds_since(EVENING)).collect();
    assert_eq!(times.len(), 2, "{labels:?}");
    assert!((times[0] - 120.0).abs() < 1.5 && (times[1] - 300.0).abs() < 1.5, "{times:?}");
    assert!(labels.iter().all(|label| label.source == LabelSource::Marker && label.label == LabelWord::Cramp));
    let ran = label(folder.path(), &["--list"]);
    assert!(ran.out.contains("missed     cramp (button)"), "{}", ran.out);
}
