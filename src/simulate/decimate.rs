//! Halving the sample rate with an anti-alias filter and without delay.

/// Taps of the filter, the first of which is zero so that they split into two equal halves.
const TAPS: usize = 80;
const HALF: usize = TAPS / 2;
/// Outputs computed side by side, which keeps vector registers busy.
const LANES: usize = 8;
/// Output samples by which the filter is late; they are dropped at the start.
const LATE: usize = 19;

/// Halves the rate of one channel: a linear-phase low-pass with −6 dB at 0.455 and −60 dB from 0.5 of the new rate.
/// The first 19 outputs are dropped, so sample `n` of the output belongs to the instant of sample `2n` of the input; the
/// output runs 39 input samples behind.
#[derive(Debug, Clone)]
pub(crate) struct Halver {
    /// Taps for the even and for the odd samples of the input.
    taps: [[f32; HALF]; 2],
    /// Even and odd samples that are still needed.
    waiting: [Vec<f32>; 2],
    to_drop: usize,
}

impl Halver {
    /// An empty filter.
    pub(crate) fn new() -> Self {
        let taps = low_pass();
        let taps = [0, 1].map(|parity| std::array::from_fn(|index| taps[2 * index + parity]));
        // Silence before the first sample.
        Self { taps, waiting: [vec![0.0; HALF - 1], vec![0.0; HALF - 1]], to_drop: LATE }
    }

    /// Appends the outputs that `input` completes to `output`.
    pub(crate) fn push(&mut self, input: &[f32], output: &mut Vec<f32>) {
        let [even, odd] = &mut self.waiting;
        let lead = if even.len() > odd.len() { input.len().min(1) } else { 0 };
        let (first, rest) = input.split_at(lead);
        odd.extend_from_slice(first);
        let (pairs, last) = rest.as_chunks::<2>();
        even.extend(pairs.iter().map(|pair| pair[0]));
        odd.extend(pairs.iter().map(|pair| pair[1]));
        even.extend_from_slice(last);

        let ready = (odd.len() + 1).saturating_sub(HALF);
        let mut done = 0;
        while done < ready {
            let lanes = self.filter(done);
            let count = LANES.min(ready - done);
            let dropped = self.to_drop.min(count);
            self.to_drop -= dropped;
            output.extend_from_slice(&lanes[dropped..count]);
            done += count;
        }
        self.waiting.iter_mut().for_each(|samples| drop(samples.drain(..ready)));
    }

    /// Eight outputs from `from` on; those for which there is too little input are wrong.
    fn filter(&self, from: usize) -> [f32; LANES] {
        let mut sums = [0.0_f32; LANES];
        for (samples, taps) in self.waiting.iter().zip(&self.taps) {
            let end = samples.len().min(from + HALF + LANES - 1);
            let mut window = [0.0_f32; HALF + LANES];
            window[..end - from].copy_from_slice(&samples[from..end]);
            for (samples, tap) in window.array_windows::<LANES>().zip(taps) {
                for (sum, sample) in sums.iter_mut().zip(samples) {
                    *sum += tap * sample;
                }
            }
        }
        sums
    }
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
