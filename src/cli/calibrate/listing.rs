//! What a calibration says at its beginning and its end, and what is stored.

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::calibrate::{Calibrated, session_s};
use crate::config::Config;
use crate::daemon::SourceKind;
use crate::store::CalibrationRow;

/// What is about to happen, and on whom.
pub(super) fn greeting(config: &Config, leg: &str, source: SourceKind) -> String {
    let minutes = (session_s() / 60.0).round();
    let source = match source {
        SourceKind::Live => "",
        SourceKind::Simulated => {
            "The sensor is simulated (sensor.kind): a simulated person does what is asked, and you need not. It is for trying \
             out,\nand is not stored unless you say --store.\n"
        }
        SourceKind::Replay => {
            "This is a recording (sensor.kind): nobody in it hears what is asked now. It is not stored unless you say --store.\n"
        }
    };
    format!("Calibrating the {} leg ({leg}), about {minutes} minutes. Not a medical device.\n{source}", config.leg.side)
}

pub(super) fn result_text(leg: &str, calibrated: &Calibrated, stored: bool) -> String {
    let is_stored = if stored { "stored" } else { "not stored" };
    let mut text = format!("Calibrated {leg}, {is_stored}.\n  {}\n", header("stretch"));
    for channel in &calibrated.channels {
        let rest_uv = channel.rest_rms_uv;
        let beside_rest = |uv: Option<f64>| uv.map_or("-".to_owned(), |uv| beside(uv, rest_uv));
        text.push_str(&row(
            &channel.label,
            rest_uv,
            &beside_rest(channel.mvc_rms_uv),
            &beside_rest(channel.stretch_rms_uv),
        ));
    }
    for note in &calibrated.notes {
        text.push_str(&format!("  {note}\n"));
    }
    if stored {
        text.push_str("The daemon uses it from its next start on.\n");
    }
    text
}

pub(super) fn stored_text(leg: &str, rows: &[CalibrationRow], zone: &TimeZone) -> String {
    if rows.is_empty() {
        return format!("{leg} is not calibrated yet: crampwatch calibrate\n");
    }
    let mut text = format!("Calibrations of {leg}, the newest first\n  {}\n", header("measured"));
    for one in rows {
        let flex = one.mvc_rms_uv.map_or("-".to_owned(), |uv| beside(uv, one.rest_rms_uv));
        let at = one.at.timestamp().to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
        text.push_str(&row(&one.channel, one.rest_rms_uv, &flex, &at));
    }
    text
}

fn header(last: &str) -> String {
    format!("{:<12} {:>9}   {:<24}   {last}", "channel", "rest", "strongest flex")
}

fn row(label: &str, rest_uv: f64, flex: &str, last: &str) -> String {
    format!("  {label:<12} {:>9}   {flex:<24}   {last}\n", format!("{rest_uv:.1} µV"))
}

fn beside(uv: f64, rest_uv: f64) -> String {
    format!("{uv:.1} µV ({:.1} x rest)", uv / rest_uv.max(0.1))
}

#[derive(Debug, Serialize)]
struct ResultWire<'a> {
    leg: &'a str,
    source: &'static str,
    at: String,
    stored: bool,
    channels: Vec<ChannelWire<'a>>,
    notes: &'a [String],
}

#[derive(Debug, Serialize)]
struct ChannelWire<'a> {
    channel: &'a str,
    rest_rms_uv: f64,
    mvc_rms_uv: Option<f64>,
    stretch_rms_uv: Option<f64>,
}

pub(super) fn result_json(
    leg: &str,
    calibrated: &Calibrated,
    source: SourceKind,
    stored: bool,
) -> anyhow::Result<String> {
    let channels = calibrated.channels.iter().map(|channel| ChannelWire {
        channel: &channel.label,
        rest_rms_uv: tenths(channel.rest_rms_uv),
        mvc_rms_uv: channel.mvc_rms_uv.map(tenths),
        stretch_rms_uv: channel.stretch_rms_uv.map(tenths),
    });
    let wire = ResultWire {
        leg,
        source: match source {
            SourceKind::Live => "live",
            SourceKind::Simulated => "simulated",
            SourceKind::Replay => "replay",
        },
        at: calibrated.at.to_rfc3339(),
        stored,
        channels: channels.collect(),
        notes: &calibrated.notes,
    };
    Ok(serde_json::to_string_pretty(&wire)? + "\n")
}

#[derive(Debug, Serialize)]
struct StoredWire<'a> {
    leg: &'a str,
    calibrations: Vec<RowWire<'a>>,
}

#[derive(Debug, Serialize)]
struct RowWire<'a> {
    channel: &'a str,
    rest_rms_uv: f64,
    mvc_rms_uv: Option<f64>,
    at: String,
}

pub(super) fn stored_json(leg: &str, rows: &[CalibrationRow]) -> anyhow::Result<String> {
    let calibrations = rows.iter().map(|row| RowWire {
        channel: &row.channel,
        rest_rms_uv: tenths(row.rest_rms_uv),
        mvc_rms_uv: row.mvc_rms_uv.map(tenths),
        at: row.at.to_rfc3339(),
    });
    Ok(serde_json::to_string_pretty(&StoredWire { leg, calibrations: calibrations.collect() })? + "\n")
}

fn tenths(uv: f64) -> f64 {
    (uv * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibrate::ChannelCalibration;
    use crate::units::UtcMicros;

    fn calibrated(mvc_rms_uv: Option<f64>, notes: Vec<String>) -> Calibrated {
        let channel =
            ChannelCalibration { label: "EMG MG".to_owned(), rest_rms_uv: 4.26, mvc_rms_uv, stretch_rms_uv: Some(6.0) };
        Calibrated { channels: vec![channel], at: UtcMicros(1_763_777_643_000_000), notes }
    }

    #[test]
    fn the_result_says_what_was_measured_whether_it_is_kept_and_how_good_it_is() {
        let text = result_text("me_left", &calibrated(Some(231.0), Vec::new()), true);
        assert!(text.starts_with("Calibrated me_left, stored.\n"), "{text}");
        assert!(text.contains("  EMG MG          4.3 µV   231.0 µV (54.2 x rest)     6.0 µV (1.4 x rest)\n"), "{text}");
        let text = result_text("me_left", &calibrated(None, vec!["No flex.".to_owned()]), false);
        assert!(text.contains("not stored") && text.ends_with("  No flex.\n"), "{text}");
    }

    #[test]
    fn the_json_names_units_and_leaves_out_nothing() {
        let json = result_json("me_left", &calibrated(None, Vec::new()), SourceKind::Replay, false).unwrap();
        for part in ["\"rest_rms_uv\": 4.3", "\"mvc_rms_uv\": null", "\"source\": \"replay\"", "\"stored\": false"] {
            assert!(json.contains(part), "{part}: {json}");
        }
    }

    #[test]
    fn a_leg_that_was_never_calibrated_is_told_how() {
        assert!(stored_text("me_left", &[], &TimeZone::UTC).contains("crampwatch calibrate"));
    }
}
