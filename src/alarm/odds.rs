//! What waking costs: the false alarms to expect, in words that stand beside the switch.

use serde::Deserialize;

use super::settings::Wake;

/// Measured on the model that is compiled in, by the command that stands in it.
const BUILT_IN: &str = include_str!("../../models/trees-6/waking.json");

/// False alarms of a model as they were measured.
#[derive(Debug, Clone, PartialEq)]
pub struct FalseAlarmRate {
    /// False alarms per 8 h of watching; 0 or more.
    pub per_8h: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
    /// On what it was measured, `simulated nights`.
    pub measured_on: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Waking {
    model_id: String,
    #[serde(rename = "command")]
    _command: String,
    measured_on: String,
    cramp: Rate,
    early: Rate,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rate {
    per_8h: f64,
    low: f64,
    high: f64,
}

impl FalseAlarmRate {
    /// What was measured for the model `model_id`, woken by `wake`; none for a model that was not measured, and for one that never
    /// wakes.
    pub fn measured(model_id: &str, wake: Wake) -> Option<Self> {
        let waking: Waking =
            serde_json::from_str(BUILT_IN).ok().filter(|waking: &Waking| waking.model_id == model_id)?;
        let Rate { per_8h, low, high } = match wake {
            Wake::Never => return None,
            Wake::Cramp => waking.cramp,
            Wake::Early => waking.early,
        };
        Some(Self { per_8h, low, high, measured_on: waking.measured_on })
    }
}

/// The false alarms of 30 nights of `sleep_h` hours each:
/// `about 8 false alarms in 30 nights (simulated nights, 95 % interval 4 to 13)`.
pub fn false_alarms_line(rate: &FalseAlarmRate, sleep_h: f64) -> String {
    let in_30_nights = |per_8h: f64| per_8h * sleep_h / 8.0 * 30.0;
    let [expected, low, high] = [rate.per_8h, rate.low, rate.high].map(in_30_nights);
    let known = [expected, low, high].iter().all(|number| number.is_finite() && *number >= 0.0);
    if !known || sleep_h <= 0.0 {
        return "how many false alarms to expect is not known for this model".to_owned();
    }
    let about = match expected.round() as u64 {
        0 => "less than 1 false alarm".to_owned(),
        1 => "about 1 false alarm".to_owned(),
        number => format!("about {number} false alarms"),
    };
    // Outwards: rounded to the nearest, an interval could leave out what it was measured to hold.
    format!(
        "{about} in 30 nights ({}, 95 % interval {} to {})",
        rate.measured_on,
        (low + 1e-9).floor() as u64,
        (high - 1e-9).ceil() as u64
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn what_was_measured_is_known_for_that_model_only_and_early_costs_more() {
        let of = |wake| FalseAlarmRate::measured("trees-6", wake).map(|rate| rate.per_8h);
        assert!(of(Wake::Cramp) < of(Wake::Early), "{:?} {:?}", of(Wake::Cramp), of(Wake::Early));
        assert_eq!((of(Wake::Never), FalseAlarmRate::measured("my-model", Wake::Cramp)), (None, None));
    }

    #[rstest]
    #[case(0.28, 0.14, 0.43, 7.5, "about 8 false alarms in 30 nights (simulated nights, 95 % interval 3 to 13)")]
    #[case(0.04, 0.0, 0.1, 8.0, "about 1 false alarm in 30 nights (simulated nights, 95 % interval 0 to 3)")]
    #[case(0.0, 0.0, 0.05, 8.0, "less than 1 false alarm in 30 nights (simulated nights, 95 % interval 0 to 2)")]
    #[case(0.0, 0.0, 0.0, 8.0, "less than 1 false alarm in 30 nights (simulated nights, 95 % interval 0 to 0)")]
    #[case(f64::NAN, 0.0, 0.1, 8.0, "how many false alarms to expect is not known for this model")]
    #[case(0.1, 0.0, f64::INFINITY, 8.0, "how many false alarms to expect is not known for this model")]
    #[case(0.1, 0.0, 0.2, 0.0, "how many false alarms to expect is not known for this model")]
    fn the_line_says_number_source_and_interval(
        #[case] per_8h: f64,
        #[case] low: f64,
        #[case] high: f64,
        #[case] sleep_h: f64,
        #[case] line: &str,
    ) {
        let rate = FalseAlarmRate { per_8h, low, high, measured_on: "simulated nights".to_owned() };
        assert_eq!(false_alarms_line(&rate, sleep_h), line);
    }
}
