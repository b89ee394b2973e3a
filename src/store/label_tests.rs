//! Labels through the store's front door.

use uuid::Uuid;

use super::tests::{NIGHT, T0, episode, new_store};
use super::*;
use crate::units::UtcMicros;

fn mark(from_at: UtcMicros, source: LabelSource) -> LabelRow {
    LabelRow {
        id: Uuid::now_v7(),
        person_id: "me".to_owned(),
        leg: "me_left".to_owned(),
        night: NIGHT,
        episode_id: None,
        from_at,
        to_at: Some(from_at.plus_seconds(60.0)),
        label: LabelWord::Cramp,
        source,
        labelled_at: T0.plus_seconds(3600.0),
    }
}

async fn all(store: &Store) -> Vec<LabelRow> {
    store.labels_between("me_left", UtcMicros(0), UtcMicros(i64::MAX)).await.unwrap()
}

#[tokio::test]
async fn an_episode_keeps_its_newest_label_and_the_marker_never_replaces_a_persons() {
    let (_folder, store) = new_store().await;
    let row = episode();
    store.commit_episode(&row, &[]).await.unwrap();
    let (user, marker) = (LabelSource::User, LabelSource::Marker);
    assert!(store.label_episode(row.id, LabelWord::Cramp, marker, T0).await.unwrap());
    assert!(store.label_episode(row.id, LabelWord::Unsure, user, T0.plus_seconds(1.0)).await.unwrap());
    assert!(store.label_episode(row.id, LabelWord::Not, user, T0.plus_seconds(2.0)).await.unwrap());
    assert!(!store.label_episode(row.id, LabelWord::Cramp, marker, T0.plus_seconds(3.0)).await.unwrap());
    let labels = all(&store).await;
    assert_eq!(labels.len(), 1, "{labels:?}");
    assert_eq!((labels[0].episode_id, labels[0].label, labels[0].source), (Some(row.id), LabelWord::Not, user));
    assert_eq!((labels[0].labelled_at, labels[0].from_at), (T0.plus_seconds(2.0), row.onset_at));
    assert_eq!(store.episode(row.id).await.unwrap().unwrap().label.as_deref(), Some("not"));
}

#[tokio::test]
async fn a_label_of_an_unknown_episode_or_mark_is_refused() {
    let (_folder, store) = new_store().await;
    let id = Uuid::now_v7();
    let refused = store.label_episode(id, LabelWord::Cramp, LabelSource::User, T0).await.unwrap_err().to_string();
    assert!(refused.contains("no episode with id") && refused.contains(&id.to_string()), "{refused}");
    let refused = store.relabel_mark(id, LabelWord::Not, T0).await.unwrap_err().to_string();
    assert!(refused.contains("no mark with id"), "{refused}");
}

#[tokio::test]
async fn presses_within_a_minute_are_one_mark_and_a_person_corrects_it_in_place() {
    let (_folder, store) = new_store().await;
    let first = mark(T0, LabelSource::Marker);
    assert_eq!(store.mark(&first).await.unwrap(), first.id);
    assert_eq!(store.mark(&mark(T0.plus_seconds(59.0), LabelSource::Marker)).await.unwrap(), first.id);
    assert_eq!(all(&store).await, std::slice::from_ref(&first));
    let later = mark(T0.plus_seconds(60.0), LabelSource::Marker);
    assert_eq!(store.mark(&later).await.unwrap(), later.id);
    let corrected = mark(T0.plus_seconds(-20.0), LabelSource::User);
    assert_eq!(store.mark(&corrected).await.unwrap(), first.id);
    let labels = all(&store).await;
    assert_eq!(labels, [LabelRow { id: first.id, ..corrected }, later]);
    store.relabel_mark(first.id, LabelWord::Not, T0.plus_seconds(9.0)).await.unwrap();
    assert_eq!((all(&store).await[0].label, all(&store).await[0].labelled_at), (LabelWord::Not, T0.plus_seconds(9.0)));
}

#[tokio::test]
async fn episodes_and_marks_are_found_by_either_end_of_their_ids() {
    let (_folder, store) = new_store().await;
    let (one, other) = (episode(), EpisodeRow { onset_at: T0.plus_seconds(900.0), ..episode() });
    for row in [&one, &other] {
        store.commit_episode(row, &[]).await.unwrap();
    }
    let text = one.id.to_string();
    let found = |part: &str| {
        let (store, part) = (store.clone(), part.to_owned());
        async move { store.episodes_by_part_of_id("me_left", &part).await.unwrap() }
    };
    assert_eq!(found(&text).await, std::slice::from_ref(&one));
    assert_eq!(found(&text[28..].to_uppercase()).await, std::slice::from_ref(&one));
    assert_eq!(found(&text[..8]).await.len(), 2, "both were made in the same minute; newest first");
    assert_eq!(store.episodes_by_part_of_id("me_right", &text).await.unwrap(), []);
    let missed = mark(T0.plus_seconds(300.0), LabelSource::User);
    store.mark(&missed).await.unwrap();
    assert_eq!(store.marks_by_part_of_id("me_left", &missed.id.to_string()[..30]).await.unwrap(), [missed]);
    assert_eq!(store.newest_alarm("me_left").await.unwrap(), None, "mere suspicions");
    assert_eq!(store.episodes_between("me_left", T0, T0.plus_seconds(900.0)).await.unwrap(), [one]);
}
