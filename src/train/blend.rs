//! What is said where there is acceleration: by trees, the mean of what both parts say. The part that has learnt from the
//! motion features has learnt its teachers' habits of moving, which a stranger may not share; the other knows of none.

use super::calibrate::calibrate;
use super::log_odds::LogOdds;
use super::{NightRows, TrainError};
use crate::detect::{Classifier, Form, Platt};

/// Raw log odds of both parts on people left out.
#[derive(Debug)]
pub(super) struct RawOdds {
    pub(super) with_motion: LogOdds,
    /// Only where it has a say in the blend.
    pub(super) without_motion: Option<LogOdds>,
}

/// How raw log odds of both parts become probabilities.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blend {
    with_motion: Platt,
    without_motion: Option<Platt>,
    /// Of what comes out of both; no change where only one has a say.
    whole: Platt,
}

impl Blend {
    /// Calibrates each part, then their mean.
    pub(super) fn of(nights: &[&NightRows], raw: &RawOdds) -> Result<Self, TrainError> {
        let with_motion = calibrate(nights, &raw.with_motion)?;
        let without_motion = raw.without_motion.as_ref().map(|odds| calibrate(nights, odds)).transpose()?;
        let mut blend = Self { with_motion, without_motion, whole: Platt::default() };
        if without_motion.is_some() {
            blend.whole = calibrate(nights, &blend.apply(raw))?;
        }
        Ok(blend)
    }

    /// Calibrated log odds of each row.
    pub(super) fn apply(&self, raw: &RawOdds) -> LogOdds {
        let night = |index: usize| {
            let with_motion = raw.with_motion[index].iter().map(|odds| self.with_motion.apply(*odds));
            match (self.without_motion, &raw.without_motion) {
                (Some(platt), Some(without)) => {
                    let both = with_motion.zip(&without[index]);
                    both.map(|(one, two)| self.whole.apply((one + platt.apply(*two)) / 2.0)).collect()
                }
                _ => with_motion.collect(),
            }
        };
        (0..raw.with_motion.len()).map(night).collect()
    }

    /// Calibration of the part without acceleration, where it has a say.
    pub(super) fn without_motion(&self) -> Option<Platt> {
        self.without_motion
    }

    /// The part of the model where there is acceleration.
    pub(super) fn classifier(&self, with_motion: Form, without_motion: &Form) -> Classifier {
        let alone = Classifier { form: with_motion, platt: self.with_motion };
        let blended = self.without_motion.and_then(|platt| {
            let other = Classifier { form: without_motion.clone(), platt };
            Some(Classifier { form: alone.mean_form(&other)?, platt: self.whole })
        });
        blended.unwrap_or(alone)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fit::tests::night;
    use super::*;
    use crate::detect::{LEAF, Trees};

    /// One tree that asks for the first feature: `value` beyond 1.5, -`value` up to it.
    fn trees(value: f32) -> Form {
        Form::Trees(Trees {
            base: 0.3,
            roots: vec![0],
            feature: vec![0, LEAF, LEAF],
            threshold: vec![1.5, 0.0, 0.0],
            right: vec![2, 0, 0],
            value: vec![0.0, -value, value],
        })
    }

    #[test]
    fn the_model_says_what_the_blend_said_of_people_left_out() {
        let night = night(2000, 700);
        let (one, two) = (trees(3.0), trees(1.0));
        let raw_of = |form: &Form| -> LogOdds {
            vec![night.rows.iter().map(|row| form.log_odds(&row.map(f64::from))).collect()]
        };
        for without_motion in [None, Some(raw_of(&two))] {
            let raw = RawOdds { with_motion: raw_of(&one), without_motion };
            let blend = Blend::of(&[&night], &raw).unwrap();
            let classifier = blend.classifier(one.clone(), &two);
            for (row, said) in night.rows.iter().zip(&blend.apply(&raw)[0]) {
                assert!((classifier.log_odds(&row.map(f64::from)) - said).abs() < 1e-5);
            }
        }
    }
}
