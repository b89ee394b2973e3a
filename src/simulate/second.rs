//! One second of a simulated night, the unit in which nights are made so that memory stays flat.

/// One second of signal, before quantisation. The vectors are reused from second to second.
#[derive(Debug, Clone, Default)]
pub struct Second {
    /// EMG in µV, interleaved by channel, `emg_rate_hz` samples per channel.
    pub emg_uv: Vec<f32>,
    /// Acceleration in g, interleaved X, Y, Z, `acc_rate_hz` samples per axis; empty without acceleration.
    pub acc_g: Vec<f32>,
    /// The sensor reports electrodes off the skin during this second.
    pub lead_off: bool,
    /// The radio link is down: nothing of this second reaches the receiver.
    pub link_down: bool,
    /// The wearer pressed the sensor's button in this second.
    pub marker: bool,
}
