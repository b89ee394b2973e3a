//! IIR design: Butterworth band-pass, mains notch.

use sci_rs::signal::filter::design::{DigitalFilter, FilterBandType, FilterOutputType, butter_dyn};

use super::SignalError;

/// One second-order section with `a[0]` = 1: y = (b0 + b1 z⁻¹ + b2 z⁻²) / (1 + a1 z⁻¹ + a2 z⁻²) x.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Section {
    /// Numerator.
    pub b: [f64; 3],
    /// Denominator after its leading 1.
    pub a: [f64; 2],
}

/// A Butterworth band-pass of `order` (twice that many poles) as second-order sections, equal to
/// `scipy.signal.butter(order, [low, high], "bandpass", fs=…, output="sos")`.
///
/// # Errors
/// [`SignalError::Band`] unless 0 < low < high < rate / 2.
pub fn bandpass(order: usize, low_hz: f64, high_hz: f64, sample_rate_hz: f64) -> Result<Vec<Section>, SignalError> {
    let failed = SignalError::Band { low_hz, high_hz, sample_rate_hz };
    if !(low_hz > 0.0 && low_hz < high_hz && high_hz < sample_rate_hz / 2.0) {
        return Err(failed);
    }
    let design = butter_dyn::<f64>(
        order,
        vec![low_hz, high_hz],
        Some(FilterBandType::Bandpass),
        Some(false),
        Some(FilterOutputType::Sos),
        Some(sample_rate_hz),
    );
    let DigitalFilter::Sos(format) = design else { return Err(failed) };
    Ok(format
        .sos
        .iter()
        .map(|sos| Section { b: sos.b.map(|v| v / sos.a[0]), a: [sos.a[1] / sos.a[0], sos.a[2] / sos.a[0]] })
        .collect())
}

/// A notch at `centre_hz` whose -3 dB width is `centre_hz / quality`, equal to `scipy.signal.iirnotch`
/// (Orfanidis 1996, section 11.3.2).
pub fn notch(centre_hz: f64, quality: f64, sample_rate_hz: f64) -> Section {
    let omega = 2.0 * std::f64::consts::PI * centre_hz / sample_rate_hz;
    let gain = 1.0 / (1.0 + (omega / quality / 2.0).tan());
    let b1 = -2.0 * gain * omega.cos();
    Section { b: [gain, b1, gain], a: [b1, 2.0 * gain - 1.0] }
}

/// The EMG filter at a rate: a 20–450 Hz band-pass (upper edge at most 0.45 of the rate), then notches at 50 and 60 Hz
/// and their third harmonics (both, because a night may be replayed anywhere). Returns the two parts, so that what the
/// notches take away can be measured as the share of mains.
///
/// # Errors
/// [`SignalError::Band`] if the rate leaves no band.
pub fn emg_filter(sample_rate_hz: f64) -> Result<([Section; 4], Vec<Section>), SignalError> {
    let (low_hz, high_hz) = (20.0, (0.45 * sample_rate_hz).min(450.0));
    let band = bandpass(4, low_hz, high_hz, sample_rate_hz)?;
    let band = band.try_into().map_err(|_| SignalError::Band { low_hz, high_hz, sample_rate_hz })?;
    let notches = [50.0, 60.0, 150.0, 180.0]
        .into_iter()
        .filter(|centre| *centre < 0.45 * sample_rate_hz)
        .map(|centre| notch(centre, 30.0, sample_rate_hz))
        .collect();
    Ok((band, notches))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scipy() -> serde_json::Value {
        serde_json::from_str(include_str!("../../tests/data/scipy/filters.json")).unwrap()
    }

    fn number(value: &serde_json::Value) -> f64 {
        value.as_f64().unwrap()
    }

    #[test]
    fn the_band_pass_equals_scipys_to_1e_12() {
        for case in scipy()["bandpass"].as_array().unwrap() {
            let rate = number(&case["sample_rate_hz"]);
            let ours = bandpass(4, number(&case["low_hz"]), number(&case["high_hz"]), rate).unwrap();
            for (section, theirs) in ours.iter().zip(case["sos"].as_array().unwrap()) {
                let ours = [section.b[0], section.b[1], section.b[2], 1.0, section.a[0], section.a[1]];
                for (a, b) in ours.iter().zip(theirs.as_array().unwrap()) {
                    assert!((a - number(b)).abs() < 1e-12, "{rate} Hz: {ours:?} {theirs:?}");
                }
            }
        }
    }

    #[test]
    fn the_notch_equals_scipys_to_1e_12() {
        for case in scipy()["notch"].as_array().unwrap() {
            let ours = notch(number(&case["centre_hz"]), number(&case["quality"]), number(&case["sample_rate_hz"]));
            for (i, value) in ours.b.iter().enumerate() {
                assert!((value - number(&case["b"][i])).abs() < 1e-12);
            }
            assert!((ours.a[0] - number(&case["a"][1])).abs() < 1e-12);
            assert!((ours.a[1] - number(&case["a"][2])).abs() < 1e-12);
        }
    }

    #[test]
    fn a_band_above_half_the_rate_is_refused() {
        assert!(matches!(bandpass(4, 20.0, 450.0, 800.0), Err(SignalError::Band { .. })));
    }
}
