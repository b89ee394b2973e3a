//! The data frame of the reference leg sensor: bytes to fields and back. Pure; `docs/ble-protocol.md` is its table.

use crate::sensor::frame_error::FrameError;

/// The format version this build reads and writes.
pub const FRAME_VERSION: u8 = 1;
/// Bytes before the EMG block.
pub const HEADER_BYTES: usize = 14;
/// Longest frame: the payload of one notification at an ATT MTU of 247.
pub const MOST_FRAME_BYTES: usize = 244;
/// EMG channels a frame can carry.
pub const MOST_EMG_CHANNELS: usize = 4;

const LEAD_OFF: u8 = 1 << 0;
const MARKER: u8 = 1 << 1;
const BATTERY_UNKNOWN: u8 = 255;

/// The fields of a frame before its samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FrameHeader {
    /// Counts frames since START, wraps at 65536.
    pub sequence: u16,
    /// Device sample counter of the first EMG sample; counts samples per channel, wraps at 2^32.
    pub emg_first: u32,
    /// Low 16 bits of the index of the first acceleration sample.
    pub acc_first: u16,
    /// Battery in percent, 0 to 100; `None` if the sensor does not know.
    pub battery_pct: Option<u8>,
    /// The electrodes were off the skin during the frame.
    pub lead_off: bool,
    /// The wearer pressed the button or double-tapped the sensor.
    pub marker: bool,
}

/// A decoded frame that borrows the bytes it came from; its samples are read in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Everything but the samples.
    pub header: FrameHeader,
    emg_channels: usize,
    emg: &'a [u8],
    acc: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Reads one frame.
    ///
    /// # Errors
    /// A [`FrameError`] that names the first rule of the format that `bytes` break; no bytes panic.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, FrameError> {
        let found = bytes.len();
        if found > MOST_FRAME_BYTES {
            return Err(FrameError::TooLong { found });
        }
        let Some((head, samples)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
            return Err(FrameError::TooShort { found });
        };
        let &[version, flags, s0, s1, e0, e1, e2, e3, a0, a1, battery, channels, emg_samples, acc_samples] = head;
        if version != FRAME_VERSION {
            return Err(FrameError::WrongVersion { found: version });
        }
        if flags & !(LEAD_OFF | MARKER) != 0 {
            return Err(FrameError::UnknownFlags { found: flags });
        }
        if battery > 100 && battery != BATTERY_UNKNOWN {
            return Err(FrameError::WrongBattery { found: battery });
        }
        let emg_channels = usize::from(channels);
        if !(1..=MOST_EMG_CHANNELS).contains(&emg_channels) {
            return Err(FrameError::WrongChannels { found: emg_channels });
        }
        if emg_samples == 0 {
            return Err(FrameError::NoSamples);
        }
        let emg_bytes = emg_channels * usize::from(emg_samples) * 2;
        let expected = HEADER_BYTES + emg_bytes + usize::from(acc_samples) * 6;
        if found != expected {
            return Err(FrameError::LengthMismatch { found, expected });
        }
        let (emg, acc) = samples.split_at(emg_bytes);
        let header = FrameHeader {
            sequence: u16::from_le_bytes([s0, s1]),
            emg_first: u32::from_le_bytes([e0, e1, e2, e3]),
            acc_first: u16::from_le_bytes([a0, a1]),
            battery_pct: (battery != BATTERY_UNKNOWN).then_some(battery),
            lead_off: flags & LEAD_OFF != 0,
            marker: flags & MARKER != 0,
        };
        Ok(Self { header, emg_channels, emg, acc })
    }

    /// EMG channels, 1 to 4.
    pub fn emg_channels(&self) -> usize {
        self.emg_channels
    }

    /// EMG samples per channel.
    pub fn emg_samples(&self) -> usize {
        self.emg.len() / (2 * self.emg_channels)
    }

    /// Acceleration samples per axis.
    pub fn acc_samples(&self) -> usize {
        self.acc.len() / 6
    }

    /// EMG in sensor counts, interleaved by channel.
    pub fn emg(&self) -> impl ExactSizeIterator<Item = i16> + use<'a> {
        counts(self.emg)
    }

    /// Acceleration in sensor counts, interleaved X, Y, Z.
    pub fn acc(&self) -> impl ExactSizeIterator<Item = i16> + use<'a> {
        counts(self.acc)
    }

    /// Acceleration sample `index` of this frame, X, Y, Z; `None` past the end.
    pub fn acc_at(&self, index: usize) -> Option<[i16; 3]> {
        let &[x0, x1, y0, y1, z0, z1] = self.acc.get(index * 6..)?.first_chunk::<6>()?;
        Some([i16::from_le_bytes([x0, x1]), i16::from_le_bytes([y0, y1]), i16::from_le_bytes([z0, z1])])
    }
}

fn counts(bytes: &[u8]) -> impl ExactSizeIterator<Item = i16> + use<'_> {
    bytes.as_chunks::<2>().0.iter().map(|pair| i16::from_le_bytes(*pair))
}

/// Writes one frame into `out`, which is cleared first. `emg` is interleaved by `emg_channels`, `acc` by X, Y, Z.
///
/// # Errors
/// A [`FrameError`] if the samples do not make a frame that [`Frame::decode`] reads; `out` is then empty.
pub fn encode_frame(
    header: &FrameHeader,
    emg_channels: usize,
    emg: &[i16],
    acc: &[i16],
    out: &mut Vec<u8>,
) -> Result<(), FrameError> {
    out.clear();
    if !(1..=MOST_EMG_CHANNELS).contains(&emg_channels) {
        return Err(FrameError::WrongChannels { found: emg_channels });
    }
    if emg.is_empty() {
        return Err(FrameError::NoSamples);
    }
    let found = HEADER_BYTES + emg.len() * 2 + acc.len() * 2;
    if found > MOST_FRAME_BYTES {
        return Err(FrameError::TooLong { found });
    }
    let (emg_samples, acc_samples) = (emg.len() / emg_channels, acc.len() / 3);
    let expected = HEADER_BYTES + emg_samples * emg_channels * 2 + acc_samples * 6;
    if found != expected {
        return Err(FrameError::LengthMismatch { found, expected });
    }
    let battery = header.battery_pct.unwrap_or(BATTERY_UNKNOWN);
    if header.battery_pct.is_some_and(|percent| percent > 100) {
        return Err(FrameError::WrongBattery { found: battery });
    }
    let flags = (if header.lead_off { LEAD_OFF } else { 0 }) | (if header.marker { MARKER } else { 0 });
    out.extend_from_slice(&[FRAME_VERSION, flags]);
    out.extend_from_slice(&header.sequence.to_le_bytes());
    out.extend_from_slice(&header.emg_first.to_le_bytes());
    out.extend_from_slice(&header.acc_first.to_le_bytes());
    // The frame length bounds all three far below 256.
    out.extend_from_slice(&[battery, emg_channels as u8, emg_samples as u8, acc_samples as u8]);
    for count in emg.iter().chain(acc) {
        out.extend_from_slice(&count.to_le_bytes());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame() -> Vec<u8> {
        let header = FrameHeader { battery_pct: Some(80), ..FrameHeader::default() };
        let mut bytes = Vec::new();
        encode_frame(&header, 2, &[1; 100], &[2; 15], &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn the_reference_frame_fills_one_notification_and_lies_as_documented() {
        let header = FrameHeader {
            sequence: 0x0201,
            emg_first: 0x0605_0403,
            acc_first: 0x0807,
            battery_pct: None,
            lead_off: true,
            marker: true,
        };
        let mut bytes = Vec::new();
        encode_frame(&header, 2, &[-2; 100], &[256; 15], &mut bytes).unwrap();
        assert_eq!(bytes.len(), MOST_FRAME_BYTES);
        assert_eq!(bytes[..HEADER_BYTES], [1, 3, 1, 2, 3, 4, 5, 6, 7, 8, 255, 2, 50, 5]);
        assert_eq!((&bytes[14..16], &bytes[214..216]), (&[0xFE, 0xFF][..], &[0, 1][..]));
    }

    #[test]
    fn each_broken_rule_has_its_own_error() {
        let with = |at: usize, value: u8| {
            let mut bytes = frame();
            bytes[at] = value;
            Frame::decode(&bytes).unwrap_err()
        };
        assert_eq!(Frame::decode(&[]), Err(FrameError::TooShort { found: 0 }));
        assert_eq!(Frame::decode(&[1; 245]), Err(FrameError::TooLong { found: 245 }));
        assert_eq!(with(0, 2), FrameError::WrongVersion { found: 2 });
        assert_eq!(with(1, 0x84), FrameError::UnknownFlags { found: 0x84 });
        assert_eq!(with(10, 101), FrameError::WrongBattery { found: 101 });
        assert_eq!(with(11, 0), FrameError::WrongChannels { found: 0 });
        assert_eq!(with(11, 5), FrameError::WrongChannels { found: 5 });
        assert_eq!(with(12, 0), FrameError::NoSamples);
        assert_eq!(with(13, 4), FrameError::LengthMismatch { found: 244, expected: 238 });
        assert_eq!(Frame::decode(&frame()[..243]), Err(FrameError::LengthMismatch { found: 243, expected: 244 }));
    }

    #[test]
    fn what_does_not_fit_is_not_encoded() {
        let mut bytes = vec![1];
        let header = FrameHeader::default();
        assert_eq!(encode_frame(&header, 2, &[0; 104], &[0; 15], &mut bytes), Err(FrameError::TooLong { found: 252 }));
        assert_eq!(
            encode_frame(&header, 2, &[0; 3], &[], &mut bytes),
            Err(FrameError::LengthMismatch { found: 20, expected: 18 })
        );
        assert!(bytes.is_empty());
    }

    proptest! {
        #[test]
        fn frames_come_back_as_they_were_sent(
            sequence: u16, emg_first: u32, acc_first: u16, battery_pct in proptest::option::of(0..=100_u8),
            lead_off: bool, marker: bool, channels in 1..=4_usize, samples in 1..=25_usize,
            acc in proptest::collection::vec(any::<[i16; 3]>(), 0..=5), fill: i16,
        ) {
            let header = FrameHeader { sequence, emg_first, acc_first, battery_pct, lead_off, marker };
            let emg: Vec<i16> = (0..samples * channels).map(|n| fill.wrapping_add((n as i16).wrapping_mul(331))).collect();
            let mut bytes = Vec::new();
            encode_frame(&header, channels, &emg, acc.as_flattened(), &mut bytes).unwrap();
            let frame = Frame::decode(&bytes).unwrap();
            prop_assert_eq!(frame.header, header);
            prop_assert_eq!((frame.emg_channels(), frame.emg_samples(), frame.acc_samples()), (channels, samples, acc.len()));
            prop_assert_eq!(frame.emg().collect::<Vec<_>>(), emg);
            prop_assert_eq!(frame.acc().collect::<Vec<_>>(), acc.as_flattened());
            prop_assert_eq!((0..=acc.len()).map_while(|n| frame.acc_at(n)).collect::<Vec<_>>(), acc);
        }

        #[test]
        fn any_bytes_decode_or_fail_by_name(mut bytes in proptest::collection::vec(any::<u8>(), 0..300), valid_start: bool) {
            if valid_start && bytes.len() > 1 {
                bytes[..2].copy_from_slice(&[FRAME_VERSION, 0]);
            }
            if let Ok(frame) = Frame::decode(&bytes) {
                prop_assert_eq!(frame.emg().len(), frame.emg_samples() * frame.emg_channels());
                prop_assert_eq!(frame.acc().len(), frame.acc_samples() * 3);
            }
        }
    }
}
