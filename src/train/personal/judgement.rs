//! What labels say about a night: where there was a cramp, where a false alarm, and where nobody knows.

use crate::store::{EpisodeRow, LabelRow, LabelSource, LabelWord, MISSED_LENGTH_S};
use crate::units::UtcMicros;

/// An alarm counts for a cramp from so long before its onset on, as in the evaluation.
const EARLY_S: f64 = 30.0;
/// A press of the button so long after an episode still means that one.
const PRESS_AFTER_S: f64 = 60.0;

/// Begin and end.
pub(super) type Span = (UtcMicros, UtcMicros);

/// A night as its labels have it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Judgement {
    /// Cramps, in order, apart from each other.
    pub(super) cramps: Vec<Span>,
    /// Alarms that were none.
    pub(super) not: Vec<Span>,
    /// Labelled unsure, or an alarm without a label: an alarm there is neither right nor wrong.
    pub(super) unknown: Vec<Span>,
    /// Labels and marks of the night; a night without any is not used for choosing.
    pub(super) n_labels: usize,
}

/// Judges a night from its episodes and labels. What the button marked counts unless a person has corrected it.
pub(super) fn judge(episodes: &[EpisodeRow], labels: &[LabelRow]) -> Judgement {
    let mut judgement = Judgement { n_labels: labels.len(), ..Judgement::default() };
    let marks: Vec<&LabelRow> = labels.iter().filter(|label| label.episode_id.is_none()).collect();
    for episode in episodes {
        let label = labels.iter().find(|label| label.episode_id == Some(episode.id)).map(|label| label.label);
        let (onset, end) = (episode.onset_at, end_of(episode));
        let alarmed = episode.alarm_at.is_some();
        match label {
            Some(LabelWord::Cramp) if alarmed => judgement.cramps.push((onset, end)),
            // A suspicion that was dropped too early says little about the cramp's length.
            Some(LabelWord::Cramp) => judgement.cramps.push((onset, end.max(onset.plus_seconds(MISSED_LENGTH_S)))),
            Some(LabelWord::Not) if alarmed => judgement.not.push((onset, end)),
            Some(LabelWord::Not) => {}
            None if marks.iter().any(|mark| mark.label == LabelWord::Cramp && is_pressed_on(mark, episode)) => {
                judgement.cramps.push((onset, end));
            }
            None if !alarmed => {}
            Some(LabelWord::Unsure) | None => judgement.unknown.push((onset.plus_seconds(-EARLY_S), end)),
        }
    }
    for mark in marks {
        if episodes.iter().any(|episode| is_pressed_on(mark, episode)) {
            continue;
        }
        let end = mark.to_at.unwrap_or(mark.from_at.plus_seconds(MISSED_LENGTH_S));
        match mark.label {
            LabelWord::Cramp => judgement.cramps.push((mark.from_at, end)),
            LabelWord::Unsure => judgement.unknown.push((mark.from_at.plus_seconds(-EARLY_S), end)),
            LabelWord::Not => {}
        }
    }
    judgement.cramps = joined(std::mem::take(&mut judgement.cramps));
    judgement
}

/// The button was pressed on this alarm, or so near to it that it means it: the press may have come before the alarm.
fn is_pressed_on(mark: &LabelRow, episode: &EpisodeRow) -> bool {
    mark.source == LabelSource::Marker
        && episode.alarm_at.is_some()
        && mark.from_at >= episode.onset_at.plus_seconds(-EARLY_S)
        && mark.from_at <= end_of(episode).plus_seconds(PRESS_AFTER_S)
}

fn end_of(episode: &EpisodeRow) -> UtcMicros {
    episode.end_at.unwrap_or(episode.last_data_at).max(episode.onset_at.plus_seconds(1.0))
}

fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut out: Vec<Span> = Vec::new();
    for (from, to) in spans {
        match out.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => out.push((from, to)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;

    const T0: UtcMicros = UtcMicros(1_763_777_643_000_000);

    fn at(seconds: f64) -> UtcMicros {
        T0.plus_seconds(seconds)
    }

    fn episode(onset_s: f64, alarmed: bool) -> EpisodeRow {
        EpisodeRow {
            id: Uuid::now_v7(),
            person_id: "me".to_owned(),
            leg: "me_left".to_owned(),
            night: date(2025, 11, 21),
            onset_at: at(onset_s),
            suspected_at: at(onset_s + 3.0),
            alarm_at: alarmed.then(|| at(onset_s + 6.0)),
            end_at: Some(at(onset_s + if alarmed { 40.0 } else { 8.0 })),
            last_data_at: at(onset_s + 40.0),
            severity: None,
            probability: 0.9,
            peak_emg_rms_uv: 50.0,
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

    fn label(episode: Option<&EpisodeRow>, from_s: f64, label: LabelWord, source: LabelSource) -> LabelRow {
        LabelRow {
            id: Uuid::now_v7(),
            person_id: "me".to_owned(),
            leg: "me_left".to_owned(),
            night: date(2025, 11, 21),
            episode_id: episode.map(|episode| episode.id),
            from_at: at(from_s),
            to_at: episode.is_none().then(|| at(from_s + 60.0)),
            label,
            source,
            labelled_at: at(9000.0),
        }
    }

    #[test]
    fn each_word_goes_to_its_place_and_an_unlabelled_alarm_is_unknown() {
        let episodes = [0.0, 100.0, 200.0, 300.0].map(|onset_s| episode(onset_s, true));
        let words = [LabelWord::Cramp, LabelWord::Not, LabelWord::Unsure];
        let user = LabelSource::User;
        let labels: Vec<LabelRow> =
            episodes.iter().zip(words).map(|(episode, word)| label(Some(episode), 0.0, word, user)).collect();
        let judged = judge(&episodes, &labels);
        assert_eq!((judged.cramps, judged.not), (vec![(at(0.0), at(40.0))], vec![(at(100.0), at(140.0))]));
        assert_eq!(judged.unknown, [(at(170.0), at(240.0)), (at(270.0), at(340.0))]);
        assert_eq!(judged.n_labels, 3);
    }

    #[test]
    fn a_suspicion_counts_only_with_a_label_and_then_for_a_minute() {
        let suspicion = episode(0.0, false);
        assert_eq!(judge(std::slice::from_ref(&suspicion), &[]), Judgement::default());
        let labels = [label(Some(&suspicion), 0.0, LabelWord::Cramp, LabelSource::Marker)];
        assert_eq!(judge(&[suspicion], &labels).cramps, [(at(0.0), at(60.0))]);
    }

    #[test]
    fn a_press_near_an_alarm_means_it_unless_a_person_says_otherwise() {
        let alarm = episode(100.0, true);
        let press = label(None, 80.0, LabelWord::Cramp, LabelSource::Marker);
        let judged = judge(std::slice::from_ref(&alarm), std::slice::from_ref(&press));
        assert_eq!((judged.cramps, judged.unknown), (vec![(at(100.0), at(140.0))], vec![]));
        let corrected = [press, label(Some(&alarm), 100.0, LabelWord::Not, LabelSource::User)];
        let judged = judge(&[alarm], &corrected);
        assert_eq!((judged.cramps, judged.not), (vec![], vec![(at(100.0), at(140.0))]));
    }

    #[test]
    fn marks_are_missed_cramps_and_those_that_overlap_are_one() {
        let user = LabelSource::User;
        let marks = [
            label(None, 0.0, LabelWord::Cramp, user),
            label(None, 59.0, LabelWord::Cramp, LabelSource::Marker),
            label(None, 300.0, LabelWord::Not, user),
            label(None, 500.0, LabelWord::Unsure, user),
        ];
        let judged = judge(&[], &marks);
        assert_eq!((judged.cramps, judged.not.len()), (vec![(at(0.0), at(119.0))], 0));
        assert_eq!(judged.unknown, [(at(470.0), at(560.0))]);
    }
}
