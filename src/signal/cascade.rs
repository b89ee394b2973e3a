//! The two filters of the EMG over interleaved channels, each with the arithmetic that its form leaves to do. They are most of
//! what a night costs.

use super::filter::Section;

/// Sections of the band-pass: order 4.
const BAND_SECTIONS: usize = 4;
/// Most notches: 50, 60, 150 and 180 Hz.
const MAX_NOTCHES: usize = 4;

/// A band-pass of order 4. Its numerator is (1 - z⁻²)⁴ times a gain however zeros are dealt to the sections, so each gets 1 - z⁻² and
/// needs two products; the gain is left to the scaling of the input ([`BandPass::gain`]).
#[derive(Debug, Clone)]
pub struct BandPass<const C: usize> {
    poles: [[f64; 2]; BAND_SECTIONS],
    gain: f64,
    state: [[[f64; C]; 2]; BAND_SECTIONS],
}

impl<const C: usize> BandPass<C> {
    /// The filter of [`super::bandpass`]'s sections at order 4, at rest.
    pub fn new(sections: &[Section; BAND_SECTIONS]) -> Self {
        Self {
            poles: sections.map(|section| section.a),
            gain: sections.iter().map(|section| section.b[0]).product(),
            state: [[[0.0; C]; 2]; BAND_SECTIONS],
        }
    }

    /// What the input must be multiplied with.
    pub const fn gain(&self) -> f64 {
        self.gain
    }

    /// Forgets the past.
    pub fn reset(&mut self) {
        self.state = [[[0.0; C]; 2]; BAND_SECTIONS];
    }

    /// Filters one sample of each channel.
    #[inline(always)]
    pub fn step(&mut self, mut x: [f64; C]) -> [f64; C] {
        for (a, [s0, s1]) in self.poles.iter().zip(self.state.iter_mut()) {
            for c in 0..C {
                let y = x[c] + s0[c];
                s0[c] = s1[c] - a[0] * y;
                s1[c] = -(x[c] + a[1] * y);
                x[c] = y;
            }
        }
        x
    }
}

/// Mains notches in series. In a notch, the middle numerator equals the middle denominator and the outer ones are equal, which
/// leaves three products of five.
#[derive(Debug, Clone)]
pub struct Notches<const C: usize> {
    /// Outer and middle numerator, last denominator of each; places without a notch pass everything.
    sections: [[f64; 3]; MAX_NOTCHES],
    state: [[[f64; C]; 2]; MAX_NOTCHES],
}

impl<const C: usize> Notches<C> {
    /// Notches made by [`super::notch`], at rest; more than four are left out.
    pub fn new(notches: &[Section]) -> Self {
        // Pole on zero: what has no notch passes unchanged.
        let mut sections = [[1.0, 0.0, 1.0]; MAX_NOTCHES];
        for (place, notch) in sections.iter_mut().zip(notches) {
            *place = [notch.b[0], notch.b[1], notch.a[1]];
        }
        Self { sections, state: [[[0.0; C]; 2]; MAX_NOTCHES] }
    }

    /// Forgets the past.
    pub fn reset(&mut self) {
        self.state = [[[0.0; C]; 2]; MAX_NOTCHES];
    }

    /// Filters one sample of each channel.
    #[inline(always)]
    pub fn step(&mut self, mut x: [f64; C]) -> [f64; C] {
        for ([outer, middle, last], [s0, s1]) in self.sections.iter().zip(self.state.iter_mut()) {
            for c in 0..C {
                let scaled = outer * x[c];
                let y = scaled + s0[c];
                s0[c] = s1[c] + middle * (x[c] - y);
                s1[c] = scaled - last * y;
                x[c] = y;
            }
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::super::filter::{bandpass, notch};
    use super::*;

    fn scipy() -> serde_json::Value {
        serde_json::from_str(include_str!("../../tests/data/scipy/filters.json")).unwrap()
    }

    fn numbers(value: &serde_json::Value) -> Vec<f64> {
        value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
    }

    /// The textbook form (direct form II transposed), as scipy's `sosfilt` has it.
    fn sosfilt(sections: &[Section], input: &[f64]) -> Vec<f64> {
        let mut state = vec![[0.0; 2]; sections.len()];
        let one = |x: &f64| {
            sections.iter().zip(&mut state).fold(*x, |x, (section, s)| {
                let y = section.b[0] * x + s[0];
                *s = [section.b[1] * x - section.a[0] * y + s[1], section.b[2] * x - section.a[1] * y];
                y
            })
        };
        input.iter().map(one).collect()
    }

    fn band(rate_hz: f64) -> [Section; 4] {
        bandpass(4, 20.0, (0.45 * rate_hz).min(450.0), rate_hz).unwrap().try_into().unwrap()
    }

    #[test]
    fn the_band_pass_filters_as_sosfilt_does() {
        let response = &scipy()["response"];
        let input = numbers(&response["input"]);
        let mut filter = BandPass::<1>::new(&band(1000.0));
        for (x, theirs) in input.iter().zip(numbers(&response["bandpass_output"])) {
            assert!((filter.step([x * filter.gain()])[0] - theirs).abs() < 1e-9);
        }
    }

    #[test]
    fn both_filters_equal_the_textbook_form_at_every_rate_and_in_each_channel() {
        let input = numbers(&scipy()["response"]["input"]);
        for rate_hz in [200.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0] {
            let notches = [50.0, 60.0].map(|centre_hz| notch(centre_hz, 30.0, rate_hz));
            let theirs = sosfilt(&notches, &sosfilt(&band(rate_hz), &input));
            let (mut first, mut second) = (BandPass::<2>::new(&band(rate_hz)), Notches::<2>::new(&notches));
            for (x, y) in input.iter().zip(theirs) {
                let ours = second.step(first.step([x * first.gain(), -x * first.gain()]));
                assert!((ours[0] - y).abs() < 1e-9 && (ours[1] + y).abs() < 1e-9, "{rate_hz} Hz: {ours:?} {y}");
            }
        }
    }
}
