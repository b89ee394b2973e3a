//! What the electrodes record without any muscle: floor, mains and ECG.

use std::f64::consts::TAU;

use super::dice::Dice;
use super::frame::{Frame, RENDER_HZ, SECOND, STEP, STEPS};
use super::muap;
use super::person::{NoiseHabit, Person};

/// Running noise of one person.
#[derive(Debug, Clone)]
pub(crate) struct Noise {
    habit: NoiseHabit,
    channels: [ChannelNoise; 2],
    mains: [Rotor; 3],
    /// Slow drift of the mains amplitude (logarithm).
    mains_drift: f64,
    dice: Dice,
    beat_s: f64,
    heart_beat: Vec<f32>,
}

#[derive(Debug, Clone)]
struct ChannelNoise {
    dice: Dice,
    colour: f32,
    /// Gain of the white input that gives the person's floor below 500 Hz.
    gain: f32,
    state: f32,
    /// Slow drift of the floor (logarithm).
    drift: f64,
}

/// A sine by rotation: cheaper than calling `sin` for each sample.
#[derive(Debug, Clone, Copy)]
struct Rotor {
    at: [f64; 2],
    turn: [f64; 2],
}

impl Noise {
    /// The noise of a person in the night of this seed.
    pub(crate) fn new(person: &Person, seed: u64) -> Self {
        let habit = person.noise.clone();
        let mut dice = Dice::new(seed, 20);
        let colour = habit.colour;
        // Share of an AR(1) process' power below 500 Hz of 1000 Hz: (2/π)·atan((1+a)/(1−a)·tan(ω/2)), here tan = 1.
        let below = 2.0 / std::f64::consts::PI * ((1.0 + colour) / (1.0 - colour)).atan();
        let channel = |index: usize| ChannelNoise {
            dice: Dice::new(seed, 21 + index as u64),
            colour: colour as f32,
            gain: (habit.floor_uv[index] * (1.0 - colour * colour).sqrt() / below.sqrt()) as f32,
            state: 0.0,
            drift: 0.0,
        };
        let mut mains = |harmonic: f64| Rotor::new(habit.mains_hz * harmonic, dice.unit());
        let mains = [mains(1.0), mains(3.0), mains(5.0)];
        let qrs: Vec<f32> = muap::potential(4.5, 0.8).iter().map(|sample| sample / 20.0).collect();
        let beat_s = dice.unit();
        Self { channels: [channel(0), channel(1)], mains, mains_drift: 0.0, beat_s, heart_beat: qrs, dice, habit }
    }

    /// Adds the noise of this second to the first `channels` channels, after the muscle signal went through its contact.
    pub(crate) fn render(&mut self, channels: usize, frame: &mut Frame) {
        self.add_heart(channels, frame);
        self.mains_drift += 0.02 * self.dice.normal() - 0.003 * self.mains_drift;
        let sizes = [1.0, self.habit.mains_harmonics[0], self.habit.mains_harmonics[1]];
        let mut hum = [0.0_f32; SECOND];
        for (rotor, size) in self.mains.iter_mut().zip(sizes) {
            rotor.add(&mut hum, size * self.mains_drift.exp());
        }
        for (index, channel) in self.channels.iter_mut().enumerate().take(channels) {
            channel.drift += 0.004 * self.dice.normal() - 0.002 * channel.drift;
            let floor = channel.gain * channel.drift.exp() as f32;
            let mains_uv = self.habit.mains_uv[index] as f32;
            let signal = frame.emg_uv[index][..SECOND].chunks_exact_mut(STEP).zip(hum.chunks_exact(STEP));
            for (step, (samples, hum)) in signal.enumerate().take(STEPS) {
                let contact = frame.contact[index][step];
                // Its mean square is 1.
                let jitter = self.habit.jitter;
                let jitter = (jitter * channel.dice.normal() - jitter * jitter).exp() as f32;
                let floor = floor * jitter * frame.floor_gain[index][step];
                let mains = mains_uv * frame.mains_gain[index][step];
                for (sample, hum) in samples.iter_mut().zip(hum) {
                    channel.state = channel.colour * channel.state + channel.dice.normal_f32();
                    *sample = *sample * contact + floor * channel.state + mains * hum;
                }
            }
        }
    }

    fn add_heart(&mut self, channels: usize, frame: &mut Frame) {
        while self.beat_s < frame.end_s() {
            if self.habit.ecg_uv > 0.0 {
                let at = frame.sample_at(self.beat_s);
                for signal in frame.emg_uv.iter_mut().take(channels) {
                    muap::add(signal, at, &self.heart_beat, self.habit.ecg_uv as f32);
                }
            }
            self.beat_s += 60.0 / self.habit.heart_rate_bpm * (1.0 + 0.05 * self.dice.normal()).max(0.5);
        }
    }
}

impl Rotor {
    fn new(frequency_hz: f64, phase: f64) -> Self {
        let step = TAU * frequency_hz / f64::from(RENDER_HZ);
        Self { at: [(TAU * phase).cos(), (TAU * phase).sin()], turn: [step.cos(), step.sin()] }
    }

    fn add(&mut self, target: &mut [f32], size: f64) {
        for sample in target {
            *sample += (self.at[1] * size) as f32;
            let [x, y] = self.at;
            self.at = [x * self.turn[0] - y * self.turn[1], x * self.turn[1] + y * self.turn[0]];
        }
        // Rounding would let the length drift over a night.
        let length = self.at[0].hypot(self.at[1]);
        self.at = self.at.map(|part| part / length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_below_500_hz_is_the_persons() {
        let mut person = Person::random(3);
        person.noise.mains_uv = [0.0; 2];
        person.noise.ecg_uv = 0.0;
        person.noise.colour = 0.0;
        let mut noise = Noise::new(&person, 5);
        let mut frame = Frame::new(0);
        let mut power = 0.0;
        for second in 0..50 {
            frame.begin(f64::from(second));
            noise.render(2, &mut frame);
            power += frame.emg_uv[0][..SECOND].iter().map(|x| f64::from(x * x)).sum::<f64>() / SECOND as f64 / 50.0;
        }
        // White noise: half of its power is below 500 Hz.
        let floor = (power / 2.0).sqrt();
        assert!((floor / person.noise.floor_uv[0] - 1.0).abs() < 0.1, "{floor}");
    }
}
