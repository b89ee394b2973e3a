//! The second of signal that is being made, at the internal rate.

/// Samples per second at which motor units and noise are made; all other rates are decimations of it.
pub(crate) const RENDER_HZ: u32 = 2000;
/// Samples of one second.
pub(crate) const SECOND: usize = RENDER_HZ as usize;
/// Control steps a second: drive, contact and artefact change this often.
pub(crate) const STEPS: usize = 40;
/// Samples of one control step.
pub(crate) const STEP: usize = SECOND / STEPS;
/// Length of one control step in seconds.
pub(crate) const STEP_S: f64 = 1.0 / STEPS as f64;
/// Room after the second for potentials that begin in it and end later.
pub(crate) const TAIL: usize = 800;

/// One second in the making.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// Start of the second in seconds since the start of the night.
    pub(crate) start_s: f64,
    /// Square of the voluntary drive of each head and step, as a fraction of the strongest contraction's power.
    pub(crate) drive_power: [[f32; STEPS]; 2],
    /// What muscles and motion put on each channel in µV, with room for the tail.
    pub(crate) emg_uv: [Vec<f32>; 2],
    /// Share of the muscle signal that reaches the amplifier, by channel and step.
    pub(crate) contact: [[f32; STEPS]; 2],
    /// Factor on mains interference, by channel and step.
    pub(crate) mains_gain: [[f32; STEPS]; 2],
    /// Factor on the noise floor, by channel and step.
    pub(crate) floor_gain: [[f32; STEPS]; 2],
    /// Movement without gravity in the axes of the shank in g, one entry per acceleration sample.
    pub(crate) shake_g: Vec<[f32; 3]>,
    /// The sensor reports electrodes off the skin.
    pub(crate) lead_off: bool,
    /// The radio link is down.
    pub(crate) link_down: bool,
    /// The button is pressed.
    pub(crate) marker: bool,
}

impl Frame {
    /// An empty second for `acc_rate` acceleration samples a second.
    pub(crate) fn new(acc_rate: usize) -> Self {
        Self {
            start_s: 0.0,
            drive_power: [[0.0; STEPS]; 2],
            emg_uv: [vec![0.0; SECOND + TAIL], vec![0.0; SECOND + TAIL]],
            contact: [[1.0; STEPS]; 2],
            mains_gain: [[1.0; STEPS]; 2],
            floor_gain: [[1.0; STEPS]; 2],
            shake_g: vec![[0.0; 3]; acc_rate],
            lead_off: false,
            link_down: false,
            marker: false,
        }
    }

    /// Moves on to the second that starts at `start_s`; tails of potentials are kept.
    pub(crate) fn begin(&mut self, start_s: f64) {
        self.start_s = start_s;
        self.emg_uv.iter_mut().for_each(|signal| carry_tail(signal));
        for gains in [&mut self.contact, &mut self.mains_gain, &mut self.floor_gain] {
            *gains = [[1.0; STEPS]; 2];
        }
        self.drive_power = [[0.0; STEPS]; 2];
        self.shake_g.fill([0.0; 3]);
        (self.lead_off, self.link_down, self.marker) = (false, false, false);
    }

    /// End of the second.
    pub(crate) fn end_s(&self) -> f64 {
        self.start_s + 1.0
    }

    /// The sample within the second at which `time_s` lies.
    pub(crate) fn sample_at(&self, time_s: f64) -> usize {
        ((time_s - self.start_s) * f64::from(RENDER_HZ)).max(0.0) as usize
    }
}

/// Moves what was written behind the second to its start and clears the rest.
pub(crate) fn carry_tail(signal: &mut [f32]) {
    signal.copy_within(SECOND.., 0);
    if let Some(rest) = signal.get_mut(TAIL..) {
        rest.fill(0.0);
    }
}
