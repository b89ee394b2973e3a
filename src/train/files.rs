//! Recorded nights as material: EDF+ files whose `cramp` annotations are the truth; others say what else happened.

use std::path::Path;

use super::{NightRows, OtherEvent, TrainError, Truth, collect};
use crate::recording::edf::{Annotation, EdfReader, GAP_TEXT, LEAD_OFF_TEXT, MARKER_TEXT, Record};
use crate::recording::{ChannelChoice, EdfStream};

/// Text of the annotation over a cramp, as the simulator and labellers write it; case does not matter.
const CRAMP_TEXT: &str = "cramp";
/// A cramp may seem to end this much after the last sample, because annotations are rounded.
const END_TOLERANCE_S: f64 = 1.0;

/// Name of the person of a file: what stands before the first `_` of its name.
pub(super) fn person_name(path: &Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    stem.split('_').next().unwrap_or_default().to_owned()
}

/// The night in the file at `path`: two passes, first the truth, then the signal. Memory does not grow with the signal.
pub(super) fn collect_file(person: usize, path: &Path) -> Result<NightRows, TrainError> {
    let (truth, others) = read_truth(path)?;
    let mut stream = EdfStream::open(path, &ChannelChoice::default()).map_err(|error| unreadable(&error))?;
    let layout = stream.layout().clone();
    let night = collect(person, &path.display().to_string(), &layout, |sink| {
        let mut chunks = Vec::new();
        while stream.next_chunks(&mut chunks).map_err(|error| unreadable(&error))? {
            chunks.drain(..).for_each(|chunk| sink(&chunk));
        }
        Ok(truth.clone())
    })?;
    Ok(NightRows { others, ..night })
}

/// The cramps that the file's annotations tell of, in seconds from its first sample, and what else they say happened.
fn read_truth(path: &Path) -> Result<(Vec<Truth>, Vec<OtherEvent>), TrainError> {
    let edf = |error| refused(path, &chain(&error));
    let mut reader = EdfReader::open(path).map_err(edf)?;
    let offset_s = reader.start_offset_s();
    let duration_s = reader.header().record_duration.micros_of(reader.n_records()) as f64 / 1e6;
    let (mut record, mut notes, mut others) = (Record::default(), Vec::new(), Vec::new());
    let mut is_labelled = false;
    while reader.read_record(&mut record).map_err(edf)? {
        let labels = record.annotations.drain(..).filter(|note| {
            // What a recorder writes by itself says nothing about cramps.
            ![GAP_TEXT, LEAD_OFF_TEXT, MARKER_TEXT].contains(&note.text.as_str())
        });
        for note in labels {
            is_labelled = true;
            if note.text.trim().eq_ignore_ascii_case(CRAMP_TEXT) {
                notes.push(note);
            } else if let Some(length_s) = note.duration_s.filter(|length_s| *length_s > 0.0) {
                let from_s = note.onset_s - offset_s;
                others.push(OtherEvent { name: note.text.trim().to_owned(), from_s, to_s: from_s + length_s });
            }
        }
    }
    if !is_labelled {
        let reason = "found no labels, expected a `cramp` annotation with onset and duration for each cramp, or, in a \
                      night without any, an annotation that says so, such as `no cramps`; label it or leave it out";
        return Err(refused(path, reason));
    }
    let truth = check(&notes, offset_s, duration_s).map_err(|reason| refused(path, &reason))?;
    Ok((truth, others))
}

/// Cramps in the order of onset, or why they cannot be the truth.
fn check(notes: &[Annotation], offset_s: f64, duration_s: f64) -> Result<Vec<Truth>, String> {
    let mut cramps = Vec::new();
    for note in notes {
        let onset_s = note.onset_s - offset_s;
        let Some(length_s) = note.duration_s.filter(|length_s| *length_s > 0.0) else {
            return Err(format!("the cramp at {onset_s:.2} s has no duration, expected its length; add it"));
        };
        let end_s = onset_s + length_s;
        if onset_s < -END_TOLERANCE_S || end_s > duration_s + END_TOLERANCE_S {
            return Err(format!(
                "the cramp from {onset_s:.2} to {end_s:.2} s is not within the recording (0 to {duration_s:.2} s); \
                 correct its times"
            ));
        }
        cramps.push(Truth { onset_s: onset_s.max(0.0), end_s: end_s.min(duration_s) });
    }
    cramps.sort_by(|one, other| one.onset_s.total_cmp(&other.onset_s));
    if let Some([one, other]) = cramps.array_windows::<2>().find(|[one, other]| other.onset_s < one.end_s) {
        return Err(format!(
            "the cramps from {:.2} to {:.2} s and from {:.2} to {:.2} s overlap, expected one annotation a cramp; join them or \
             correct their times",
            one.onset_s, one.end_s, other.onset_s, other.end_s
        ));
    }
    Ok(cramps)
}

pub(super) fn refused(path: &Path, reason: &str) -> TrainError {
    TrainError::Material(format!("{}: {reason}", path.display()))
}

/// A recording error names its file itself.
pub(super) fn unreadable(error: &dyn std::error::Error) -> TrainError {
    TrainError::Material(chain(error))
}

/// An error with its causes in one line, since [`TrainError::Material`] carries text.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cramp(onset_s: f64, duration_s: Option<f64>) -> Annotation {
        Annotation { onset_s, duration_s, text: "cramp".to_owned() }
    }

    #[test]
    fn cramps_are_counted_from_the_first_sample_and_sorted() {
        let truth = check(&[cramp(50.5, Some(10.0)), cramp(10.5, Some(40.0))], 0.5, 100.0).unwrap();
        assert_eq!(truth, [Truth { onset_s: 10.0, end_s: 50.0 }, Truth { onset_s: 50.0, end_s: 60.0 }]);
    }

    #[test]
    fn annotations_that_cannot_be_true_are_refused_with_their_times() {
        let message = check(&[cramp(10.0, Some(40.0)), cramp(45.0, Some(10.0))], 0.0, 100.0).unwrap_err();
        assert!(message.contains("10.00 to 50.00") && message.contains("overlap"), "{message}");
        let message = check(&[cramp(10.0, None)], 0.0, 100.0).unwrap_err();
        assert!(message.contains("at 10.00 s") && message.contains("no duration"), "{message}");
        let message = check(&[cramp(90.0, Some(20.0))], 0.0, 100.0).unwrap_err();
        assert!(message.contains("not within the recording"), "{message}");
    }

    #[test]
    fn the_person_stands_before_the_first_underscore() {
        assert_eq!(person_name(Path::new("nights/p7_n2.edf")), "p7");
        assert_eq!(person_name(Path::new("anna.edf")), "anna");
    }
}
