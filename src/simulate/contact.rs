//! Troubles of electrodes and mains.

use super::dice::Dice;
use super::frame::{Frame, STEP_S, STEPS};

/// A trouble with its size.
#[derive(Debug, Clone)]
pub(crate) enum Trouble {
    /// Mains grows by this factor.
    Mains { factor: f64 },
    /// A bad contact on one channel (or both): mains and noise grow, the muscle fades; the sensor does not notice.
    Loose { mains: f64, floor: f64, contact: f64, channel: Option<usize> },
    /// Off the skin: nothing of the muscle, mains by `mains`, and the sensor says so.
    Lost { mains: f64, floor: f64 },
    /// Sweat: the muscle fades slowly to `contact` and comes back.
    Sweat { contact: f64 },
}

impl Trouble {
    /// Applies the trouble to this second, from `start_s` to `end_s`.
    pub(crate) fn step(&self, start_s: f64, end_s: f64, frame: &mut Frame, dice: &mut Dice) {
        if matches!(self, Self::Lost { .. }) {
            frame.lead_off = true;
        }
        // A loose electrode crackles: its contact changes from second to second.
        let crackle = dice.uniform(0.4, 1.0);
        for step in 0..STEPS {
            let now_s = frame.start_s + step as f64 * STEP_S;
            if now_s < start_s || now_s >= end_s {
                continue;
            }
            for channel in 0..2 {
                self.apply(channel, step, (now_s - start_s) / (end_s - start_s), crackle, frame);
            }
        }
    }

    fn apply(&self, channel: usize, step: usize, through: f64, crackle: f64, frame: &mut Frame) {
        let (contact, mains, floor) = match self {
            Self::Mains { factor } => (1.0, *factor, 1.0),
            Self::Loose { channel: Some(only), .. } if *only != channel => return,
            Self::Loose { mains, floor, contact, .. } => (contact * crackle, mains * crackle, floor * crackle),
            Self::Lost { mains, floor } => (0.0, mains * crackle, *floor),
            Self::Sweat { contact } => (1.0 - (1.0 - contact) * (std::f64::consts::PI * through).sin(), 1.0, 1.0),
        };
        frame.contact[channel][step] *= contact as f32;
        frame.mains_gain[channel][step] *= mains as f32;
        frame.floor_gain[channel][step] *= floor as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_electrode_raises_the_flag_and_silences_the_muscle() {
        let mut frame = Frame::new(0);
        frame.begin(10.0);
        Trouble::Lost { mains: 3.0, floor: 0.5 }.step(10.0, 20.0, &mut frame, &mut Dice::new(1, 1));
        assert!(frame.lead_off && frame.contact[0].iter().all(|&contact| contact == 0.0));
    }

    #[test]
    fn a_loose_electrode_raises_no_flag() {
        let mut frame = Frame::new(0);
        frame.begin(10.0);
        let loose = Trouble::Loose { mains: 30.0, floor: 2.0, contact: 0.2, channel: Some(1) };
        loose.step(10.0, 20.0, &mut frame, &mut Dice::new(1, 1));
        assert!(!frame.lead_off && frame.mains_gain[0][0] == 1.0 && frame.mains_gain[1][0] > 5.0);
    }
}
