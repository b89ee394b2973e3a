//! What of a leg's calibrations speaks of the sensor that streams now.

use crate::chunk::StreamLayout;
use crate::store::CalibrationRow;
use crate::units::UtcMicros;

/// The strongest voluntary RMS in µV, of the channels that there are.
pub(super) fn mvc_rms_uv(efforts: &[(String, f64)], layout: &StreamLayout) -> Option<f64> {
    let is_there = |label: &str| layout.emg.channels.iter().any(|channel| channel.label == label);
    efforts.iter().filter(|(label, _)| is_there(label)).map(|(_, rms_uv)| *rms_uv).reduce(f64::max)
}

/// The resting RMS of each channel in µV, if one session measured all of them and the leg's own state (of `known_at`)
/// is not newer.
pub(super) fn rest_rms_uv(
    calibrations: &[CalibrationRow],
    layout: &StreamLayout,
    known_at: Option<UtcMicros>,
) -> Option<Vec<f64>> {
    let row_of = |label: &str| calibrations.iter().find(|row| row.channel == label);
    let rows = layout.emg.channels.iter().map(|channel| row_of(&channel.label)).collect::<Option<Vec<_>>>()?;
    let at = rows.first()?.at;
    let is_of_use = rows.iter().all(|row| row.at == at) && known_at.is_none_or(|known_at| known_at < at);
    is_of_use.then(|| rows.iter().map(|row| row.rest_rms_uv).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Rate;

    fn row(channel: &str, rest_rms_uv: f64, mvc_rms_uv: Option<f64>, at: i64) -> CalibrationRow {
        let (person_id, leg) = ("me".to_owned(), "me_left".to_owned());
        CalibrationRow { person_id, leg, channel: channel.to_owned(), rest_rms_uv, mvc_rms_uv, at: UtcMicros(at) }
    }

    fn layout() -> StreamLayout {
        StreamLayout::reference(Rate::hz(1000), 2, None)
    }

    #[test]
    fn rest_counts_when_one_session_measured_every_channel_and_nothing_newer_is_known() {
        let rows = [row("EMG LG", 6.0, None, 9), row("EMG MG", 4.0, None, 9), row("EMG 1", 90.0, None, 8)];
        assert_eq!(rest_rms_uv(&rows, &layout(), None), Some(vec![4.0, 6.0]));
        assert_eq!(rest_rms_uv(&rows, &layout(), Some(UtcMicros(8))), Some(vec![4.0, 6.0]));
        assert_eq!(rest_rms_uv(&rows, &layout(), Some(UtcMicros(9))), None);
        assert_eq!(rest_rms_uv(&rows[1..], &layout(), None), None);
        let two_sessions = [row("EMG LG", 6.0, None, 9), row("EMG MG", 4.0, None, 8)];
        assert_eq!(rest_rms_uv(&two_sessions, &layout(), None), None);
    }

    #[test]
    fn an_effort_on_another_sensor_says_nothing_about_this_one() {
        let efforts = [("EMG 1".to_owned(), 900.0), ("EMG LG".to_owned(), 80.0), ("EMG MG".to_owned(), 60.0)];
        assert_eq!(mvc_rms_uv(&efforts, &layout()), Some(80.0));
        assert_eq!(mvc_rms_uv(&efforts[..1], &layout()), None);
    }
}
