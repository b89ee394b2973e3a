//! Halving the sample rate with an anti-alias filter and without delay.

/// Taps of the filter, the last of which is zero so that sums run in lanes of eight.
const TAPS: usize = 80;
const LANES: usize = 8;
/// Output samples by which the filter is late; they are dropped at the start.
const LATE: usize = 19;

/// Halves the rate of one channel: a linear-phase low-pass with −6 dB at 0.455 and −60 dB from 0.5 of the new rate.
/// The first 19 outputs are dropped, so sample `n` of the output belongs to the instant of sample `2n` of the input; the
/// output runs 39 input samples behind.
#[derive(Debug, Clone)]
pub(crate) struct Halver {
    taps: [f32; TAPS],
    waiting: Vec<f32>,
    to_drop: usize,
}

impl Halver {
    /// An empty filter.
    pub(crate) fn new() -> Self {
        // Silence before the first sample.
        Self { taps: low_pass(), waiting: vec![0.0; TAPS - 2], to_drop: LATE }
    }

    /// Appends the outputs that `input` completes to `output`.
    pub(crate) fn push(&mut self, input: &[f32], output: &mut Vec<f32>) {
        self.waiting.extend_from_slice(input);
        let mut used = 0;
        while let Some(window) = self.waiting.get(used..).and_then(|rest| rest.first_chunk::<TAPS>()) {
            if self.to_drop > 0 {
                self.to_drop -= 1;
            } else {
                output.push(filter(window, &self.taps));
            }
            used += 2;
        }
        self.waiting.drain(..used);
    }
}

/// Sums in lanes, which lets the compiler use vector registers.
#[inline]
fn filter(window: &[f32; TAPS], taps: &[f32; TAPS]) -> f32 {
    let mut sums = [0.0_f32; LANES];
    for (samples, taps) in window.as_chunks::<LANES>().0.iter().zip(taps.as_chunks::<LANES>().0) {
        for lane in 0..LANES {
            sums[lane] += samples[lane] * taps[lane];
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + e) + (b + f)) + ((c + g) + (d + h))
}

/// Windowed sinc (Kaiser, 60 dB) of 79 taps, sum 1, led by one zero so that the newest sample counts.
fn low_pass() -> [f32; TAPS] {
    const CUTOFF: f64 = 0.455 / 2.0;
    const BETA: f64 = 5.65;
    let centre = (TAPS - 2) as f64 / 2.0;
    let mut taps = [0.0_f64; TAPS];
    for (index, tap) in taps.iter_mut().skip(1).enumerate() {
        let offset = index as f64 - centre;
        let angle = std::f64::consts::TAU * CUTOFF * offset;
        let sinc = if offset == 0.0 { 1.0 } else { angle.sin() / angle };
        *tap = sinc * bessel_i0(BETA * (1.0 - (offset / centre).powi(2)).max(0.0).sqrt());
    }
    let sum: f64 = taps.iter().sum();
    taps.map(|tap| (tap / sum) as f32)
}

/// Modified Bessel function of order 0 by its power series.
fn bessel_i0(x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for order in 1..40 {
        term *= (x / 2.0 / f64::from(order)).powi(2);
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn halve(frequency: f64) -> (Vec<f32>, Vec<f64>) {
        let wave = |n: f64| (std::f64::consts::TAU * frequency * n).sin();
        let input: Vec<f32> = (0..8000).map(|n| wave(f64::from(n)) as f32).collect();
        let mut output = Vec::new();
        let mut halver = Halver::new();
        input.chunks(333).for_each(|chunk| halver.push(chunk, &mut output));
        let expected = (0..output.len()).map(|n| wave(2.0 * n as f64)).collect();
        (output, expected)
    }

    #[test]
    fn a_slow_wave_passes_without_delay() {
        let (output, expected) = halve(0.1);
        let worst = output.iter().zip(&expected).skip(100).map(|(a, b)| (f64::from(*a) - b).abs()).fold(0.0, f64::max);
        assert!(worst < 0.01, "{worst}");
    }

    #[test]
    fn what_would_alias_is_gone() {
        for frequency in [0.255, 0.3, 0.45] {
            let (output, _) = halve(frequency);
            let worst = output.iter().skip(100).fold(0.0_f32, |a, b| a.max(b.abs()));
            assert!(worst < 0.003, "{frequency}: {worst}");
        }
    }
}
