//! What `score` prints: a table for people, JSON by the contract of the design, CSV for spreadsheets.

use serde::Serialize;

use crate::detect::{LegMovementSummary, LegMovements, Severity};
use crate::units::UtcMicros;

/// Usable signal that the detector needs before it knows what is quiet.
const BASELINE_S: f64 = 60.0;
/// More gaps than this are only counted in the table.
const MAX_GAPS_SHOWN: usize = 5;

/// One recording and what was found in it; seconds from its start.
#[derive(Debug)]
pub(super) struct Recording {
    pub(super) file: String,
    pub(super) started_at: Option<UtcMicros>,
    pub(super) is_start_utc: bool,
    pub(super) duration_s: f64,
    /// Judged.
    pub(super) valid_s: f64,
    /// Good enough to be judged once the quiet level is known.
    pub(super) usable_s: f64,
    pub(super) model_id: String,
    pub(super) episodes: Vec<ScoredEpisode>,
    pub(super) gaps: Vec<(f64, f64)>,
    pub(super) notes: Vec<String>,
    /// Only when asked for.
    pub(super) leg_movements: Option<LegMovements>,
}

/// One cramp; seconds from the start of the recording.
#[derive(Debug)]
pub(super) struct ScoredEpisode {
    pub(super) onset_s: f64,
    pub(super) alarm_s: f64,
    pub(super) end_s: f64,
    pub(super) severity: Severity,
    pub(super) probability: f64,
    pub(super) reasons: Vec<String>,
}

#[derive(Serialize)]
struct JsonAll<'a> {
    recordings: Vec<JsonRecording<'a>>,
}

#[derive(Serialize)]
struct JsonRecording<'a> {
    file: &'a str,
    duration_s: f64,
    valid_s: f64,
    model_id: &'a str,
    episodes: Vec<JsonEpisode<'a>>,
    gaps: &'a [(f64, f64)],
    #[serde(skip_serializing_if = "Option::is_none")]
    leg_movements: Option<JsonLegMovements>,
    #[serde(skip_serializing_if = "Option::is_none")]
    leg_movements_aasm: Option<JsonLegMovements>,
}

/// On the first EMG channel; `plms_index_per_h` over judged time in bed, since nobody scored sleep.
#[derive(Serialize)]
struct JsonLegMovements {
    movements: u64,
    series: u64,
    periodic: u64,
    plms_index_per_h: Option<f64>,
}

impl From<LegMovementSummary> for JsonLegMovements {
    fn from(found: LegMovementSummary) -> Self {
        Self {
            movements: found.movements,
            series: found.series,
            periodic: found.periodic,
            plms_index_per_h: found.index_per_hour.map(rounded),
        }
    }
}

#[derive(Serialize)]
struct JsonEpisode<'a> {
    onset_s: f64,
    alarm_s: f64,
    end_s: f64,
    severity: Severity,
    probability: f64,
    reasons: &'a [String],
}

/// The object of the design's contract.
pub(super) fn json(recordings: &[Recording]) -> anyhow::Result<String> {
    let recordings = recordings.iter().map(|recording| JsonRecording {
        file: &recording.file,
        duration_s: recording.duration_s,
        valid_s: recording.valid_s,
        model_id: &recording.model_id,
        episodes: recording
            .episodes
            .iter()
            .map(|episode| JsonEpisode {
                onset_s: episode.onset_s,
                alarm_s: episode.alarm_s,
                end_s: episode.end_s,
                severity: episode.severity,
                probability: rounded(episode.probability),
                reasons: &episode.reasons,
            })
            .collect(),
        gaps: &recording.gaps,
        leg_movements: recording.leg_movements.map(|found| found.wasm_2016.into()),
        leg_movements_aasm: recording.leg_movements.map(|found| found.aasm.into()),
    });
    let text = serde_json::to_string_pretty(&JsonAll { recordings: recordings.collect() })?;
    Ok(text + "\n")
}

/// RFC 4180 with a header line; the reasons are one field with semicolons.
pub(super) fn csv(recordings: &[Recording]) -> String {
    let mut text = "file,duration_s,valid_s,model_id,onset_s,alarm_s,end_s,severity,probability,reasons\n".to_owned();
    for recording in recordings {
        let Recording { duration_s, valid_s, .. } = recording;
        let head = format!("{},{duration_s},{valid_s},{}", field(&recording.file), field(&recording.model_id));
        if recording.episodes.is_empty() {
            text.push_str(&format!("{head},,,,,,\n"));
        }
        for ScoredEpisode { onset_s, alarm_s, end_s, severity, probability, reasons } in &recording.episodes {
            let (severity, probability) = (severity.as_str(), rounded(*probability));
            let reasons = field(&reasons.join("; "));
            text.push_str(&format!("{head},{onset_s},{alarm_s},{end_s},{severity},{probability},{reasons}\n"));
        }
    }
    text
}

/// Four decimals: more would be noise.
fn rounded(probability: f64) -> f64 {
    (probability * 1e4).round() / 1e4
}

/// A CSV field, quoted where it must be.
fn field(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// A paragraph for each recording, and a sum if there are several.
pub(super) fn table(recordings: &[Recording]) -> String {
    let mut text = recordings.iter().map(paragraph).collect::<Vec<_>>().join("\n");
    if recordings.len() > 1 {
        let sum = |of: fn(&Recording) -> f64| recordings.iter().map(of).sum::<f64>();
        let episodes: usize = recordings.iter().map(|recording| recording.episodes.len()).sum();
        text.push_str(&format!(
            "\n{} recordings: {}, judged {} of {}\n",
            recordings.len(),
            counted(episodes, "cramp"),
            clock(sum(|recording| recording.valid_s)),
            clock(sum(|recording| recording.duration_s)),
        ));
    }
    text
}

fn paragraph(recording: &Recording) -> String {
    let judged = if recording.valid_s > 0.0 {
        let cramps = counted(recording.episodes.len(), "cramp");
        format!("{cramps}, judged {} of {}", clock(recording.valid_s), clock(recording.duration_s))
    } else {
        format!("not judged, {} long", clock(recording.duration_s))
    };
    let mut text = format!("{}\n  {judged}, model {}\n", recording.file, recording.model_id);
    if let Some(start) = recording.started_at.filter(|_| recording.is_start_utc) {
        text.push_str(&format!("  starts {}\n", start.to_rfc3339()));
    }
    if recording.valid_s <= 0.0 {
        text.push_str(&format!(
            "  needs {BASELINE_S} s of signal before it can judge, found {:.0} s of usable signal\n",
            recording.usable_s
        ));
    }
    if !recording.episodes.is_empty() {
        text.push_str("  onset      alarm      end        length  severity  probability  why\n");
    }
    for ScoredEpisode { onset_s, alarm_s, end_s, severity, probability, reasons } in &recording.episodes {
        text.push_str(&format!(
            "  {:<9}  {:<9}  {:<9}  {:>4.0} s  {:<8}  {:>11.2}  {}\n",
            clock_tenths(*onset_s),
            clock_tenths(*alarm_s),
            clock_tenths(*end_s),
            end_s - onset_s,
            severity.as_str(),
            probability,
            reasons.join("; ")
        ));
    }
    if !recording.gaps.is_empty() {
        text.push_str(&gaps(&recording.gaps));
    }
    if let Some(both) = &recording.leg_movements {
        for (rules, found) in [("WASM 2016", both.wasm_2016), ("AASM", both.aasm)] {
            let index =
                found.index_per_hour.map_or_else(|| "not scored".to_owned(), |index| format!("{index:.1} an hour"));
            text.push_str(&format!(
                "  leg movements ({rules}): {}, {} of them in {} series; PLMS index {index} of time in bed\n",
                found.movements, found.periodic, found.series
            ));
        }
    }
    for note in &recording.notes {
        text.push_str(&format!("  note: {note}\n"));
    }
    text
}

fn gaps(gaps: &[(f64, f64)]) -> String {
    let total: f64 = gaps.iter().map(|(from_s, to_s)| to_s - from_s).sum();
    let shown: Vec<String> = gaps
        .iter()
        .take(MAX_GAPS_SHOWN)
        .map(|(from_s, to_s)| format!("{}\u{2013}{}", clock_tenths(*from_s), clock_tenths(*to_s)))
        .collect();
    let more = gaps.len().saturating_sub(MAX_GAPS_SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!(
        "  {}, {}, about which nothing is said: {}{more}\n",
        counted(gaps.len(), "gap"),
        clock(total),
        shown.join(", ")
    )
}

fn counted(n: usize, what: &str) -> String {
    match n {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}

/// `h:mm:ss`, rounded.
fn clock(seconds: f64) -> String {
    let seconds = seconds.max(0.0).round() as u64;
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// `h:mm:ss.s`.
fn clock_tenths(seconds: f64) -> String {
    let tenths = (seconds.max(0.0) * 10.0).round() as u64;
    format!("{}:{:02}:{:02}.{}", tenths / 36_000, tenths / 600 % 60, tenths / 10 % 60, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording(file: &str) -> Recording {
        Recording {
            file: file.to_owned(),
            started_at: None,
            is_start_utc: false,
            duration_s: 600.0,
            valid_s: 530.5,
            usable_s: 590.0,
            model_id: "test".to_owned(),
            episodes: vec![ScoredEpisode {
                onset_s: 100.25,
                alarm_s: 108.5,
                end_s: 170.0,
                severity: Severity::Moderate,
                probability: 0.987_654,
                reasons: vec!["EMG far above quiet, for long".to_owned(), "leg still".to_owned()],
            }],
            gaps: vec![(0.0, 1.5), (599.0, 600.0)],
            leg_movements: None,
            notes: Vec::new(),
        }
    }

    #[test]
    fn json_keeps_the_contract() {
        let value: serde_json::Value = serde_json::from_str(&json(&[recording("a.edf")]).unwrap()).unwrap();
        let expected = serde_json::json!({"recordings": [{
            "file": "a.edf", "duration_s": 600.0, "valid_s": 530.5, "model_id": "test",
            "episodes": [{"onset_s": 100.25, "alarm_s": 108.5, "end_s": 170.0, "severity": "moderate",
                          "probability": 0.9877, "reasons": ["EMG far above quiet, for long", "leg still"]}],
            "gaps": [[0.0, 1.5], [599.0, 600.0]],
        }]});
        assert_eq!(value, expected);
    }

    #[test]
    fn csv_quotes_what_must_be_quoted_and_keeps_recordings_without_episodes() {
        let quiet = Recording { episodes: Vec::new(), ..recording("say \"hi\".edf") };
        let text = csv(&[recording("a,b.edf"), quiet]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(
            lines[1].starts_with("\"a,b.edf\",600,530.5,test,100.25,108.5,170,moderate,0.9877,\"EMG far"),
            "{text}"
        );
        assert_eq!(lines[2], "\"say \"\"hi\"\".edf\",600,530.5,test,,,,,,");
    }

    #[test]
    fn a_recording_that_was_not_judged_is_not_called_free_of_cramps() {
        let short = Recording { episodes: Vec::new(), valid_s: 0.0, usable_s: 9.5, ..recording("short.edf") };
        let text = table(&[short]);
        assert!(text.contains("not judged") && text.contains("needs 60 s"), "{text}");
        assert!(!text.contains("no cramps"), "{text}");
    }

    #[test]
    fn times_are_read_as_clocks() {
        assert_eq!((clock(3_725.6), clock_tenths(59.96)), ("1:02:06".to_owned(), "0:01:00.0".to_owned()));
    }
}
