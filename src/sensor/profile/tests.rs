//! Profiles as text: what is read, and what is refused by name.

use super::*;
use crate::sensor::frame::encode_frame;
use crate::sensor::{Decoder, FrameHeader};
use crate::units::UtcMicros;
use proptest::prelude::*;
use rstest::rstest;

const ANCHOR: UtcAnchor = UtcAnchor { utc: UtcMicros(0), monotonic_micros: 0 };

fn text(name: &str) -> &'static str {
    Profile::text_of(name).unwrap()
}

#[test]
fn every_built_in_profile_is_valid_and_named_after_its_file() {
    for name in Profile::names() {
        let profile = Profile::named(name).unwrap();
        assert_eq!(profile.name, name);
        assert_eq!(profile.has_emg(), !name.starts_with("polar"));
        assert!(!profile.decoder(ANCHOR).layout().emg.rate.as_hz().is_nan());
    }
    let error = Profile::named("mayo").unwrap_err().to_string();
    assert!(error.contains("\"mayo\", expected one of leg-sensor, npg-lite-3ch"), "{error}");
}

#[test]
fn the_reference_sensor_gives_the_reference_layout() {
    let profile = Profile::leg_sensor().unwrap();
    assert_eq!(profile.layout(), &StreamLayout::reference(Rate::hz(1000), 2, Some(Rate::hz(100))));
    assert_eq!((profile.name.as_str(), profile.frame_bytes()), ("leg-sensor", MOST_FRAME_BYTES));
}

#[test]
fn the_protocol_document_names_the_same_ids_and_sizes() {
    let document = include_str!("../../../docs/ble-protocol.md");
    let profile = Profile::leg_sensor().unwrap();
    let roles = [("data", Role::Data(0)), ("control", Role::Control), ("info", Role::Info), ("battery", Role::Battery)];
    let ids = roles.map(|(what, role)| (what, profile.uuid(role).unwrap()));
    for (what, id) in ids.into_iter().chain([("service", profile.find.services[0])]) {
        assert_eq!(id.get_version_num(), 4, "{what}");
        assert!(document.contains(&format!("| {what} | `{id}` |")), "{what} {id}");
    }
    assert!(document.contains(&format!("`{}`", profile.find.name_prefix)));
    assert!(document.contains(&format!("The header has {HEADER_BYTES} bytes")));
    let sends = format!("at most {MOST_FRAME_BYTES} bytes. The reference sensor sends\nC = 2, N = 50, M = 5");
    assert!(document.contains(&sends));
    assert_eq!((profile.layout().emg.channels.len(), profile.emg_samples_per_frame), (2, 50));
    assert_eq!((profile.emg_microvolts_per_count, profile.acc_g_per_count), (0.1, 1.0 / 4096.0));
    assert!(document.contains("0.1 µV a count for EMG, 1/4096 g a count"));
    let configure = &profile.dialogue().start[1];
    assert!(document.contains(&format!("`{}`", text::write_hex(&configure.bytes))), "{configure:?}");
}

#[test]
fn the_reference_sensor_is_stopped_configured_and_started() {
    let dialogue = Profile::leg_sensor().unwrap().dialogue();
    let start: Vec<_> = dialogue.start.iter().map(|write| (write.bytes[0], write.answer.clone().unwrap())).collect();
    assert_eq!(start, [(2, vec![0x82, 0]), (3, vec![0x83, 0]), (1, vec![0x81, 0])]);
    assert_eq!(dialogue.stop.len(), 1);
    assert!(dialogue.characteristics.iter().all(|c| c.optional == (c.role == Role::Battery)));
}

#[test]
fn what_sources_leave_open_is_marked() {
    let marks = |name: &str| {
        let profile = Profile::named(name).unwrap();
        let is_open = |scale: Option<Scale>| scale.is_some_and(|scale| scale.uncalibrated);
        (is_open(profile.emg_scale), is_open(profile.acc_scale))
    };
    assert_eq!(marks("myo"), (true, false));
    assert_eq!(marks("npg-lite-3ch"), (true, false));
    assert_eq!(marks("ganglion"), (false, true));
    assert_eq!(marks("leg-sensor"), (false, false));
}

#[rstest]
#[case("leg-sensor", "name = ", "nam = ", "unknown field `nam`")]
#[case("leg-sensor", "version = 2", "version = 1", "line 3, column 11: version is 1, expected 2; write it anew")]
#[case("leg-sensor", "frame-1", "frame-2", "codec is \"crampwatch-frame-2\", expected \"crampwatch-frame-1\"")]
#[case("leg-sensor", "02216729-9585", "0221-9585", "line 16")]
#[case("leg-sensor", "rate_hz = 1000", "rate_hz = 100", "emg.rate_hz is 100 in 1 s, expected a rate of 200 to 4000")]
#[case("leg-sensor", "rate_hz = 1000", "rate_hz = 1000\nper_seconds = 0", "emg.rate_hz is 1000 in 0 s")]
#[case("leg-sensor", "rate_hz = 100\n", "rate_hz = 1000\n", "acc.rate_hz")]
#[case("leg-sensor", "0.1\n", "nan\n", "emg.microvolts_per_count is NaN")]
#[case("leg-sensor", "0.1\n", "2e3\n", "emg.microvolts_per_count is 2000")]
#[case("leg-sensor", "0.000244140625", "-1", "acc.g_per_count is -1")]
#[case("leg-sensor", "\"EMG LG\"", "\"EMG MG\"", "different labels")]
#[case("leg-sensor", "[\"EMG MG\", \"EMG LG\"]", "[]", "emg.channels is 0 labels")]
#[case("leg-sensor", "frame = 50", "frame = 52", "frames of 258 bytes")]
#[case("leg-sensor", "frame = 50", "frame = 0", "settings.emg_samples_per_frame is 0")]
#[case("leg-sensor", "gain = 6", "gain = 5", "settings.gain is 5, expected 1, 2, 3, 4, 6, 8 or 12")]
#[case("leg-sensor", "low_pass_hz = 450", "low_pass_hz = 500", "below 500 Hz, half the EMG rate")]
#[case("leg-sensor", "acc_range_g = 8", "acc_range_g = 16", "expected the range of 16-bit counts")]
#[case("leg-sensor", "lead_off = \"ac\"", "lead_off = \"on\"", "unknown variant `on`")]
#[case("leg-sensor", "uuid = \"0221672a", "uuid = \"02216729", "characteristic[1].uuid is 02216729")]
#[case("leg-sensor", "role = \"info\"", "role = \"battery\"", "characteristic[3].role is Battery once more")]
#[case("leg-sensor", "role = \"data\"", "role = \"info\"", "characteristic[2].role is Info once more")]
#[case("leg-sensor", "{ command = \"crampwatch-stop\" },", "{ hex = \"1\" },", "talk.start[0].hex is \"1\"")]
#[case("leg-sensor", "{ command = \"crampwatch-stop\" },", "{ hex = \"\" },", "a write of no bytes")]
#[case("leg-sensor", "{ command = \"crampwatch-stop\" },", "{},", "none or several of hex, text, command")]
#[case("leg-sensor", "{ command = \"crampwatch-stop\" },", "{ command = \"boot\" },", "unknown variant `boot`")]
#[case(
    "leg-sensor",
    "[emg]",
    "[[frame]]\nbytes = 1\n[frame.emg]\nat = 0\ntype = \"i8\"\nsamples = 1\n[emg]",
    "not both"
)]
#[case("myo", "[[frame]]\non = [0, 1, 2, 3]", "[settings]\n[[frame]]\non = [0, 1, 2, 3]", "missing field")]
#[case("myo", "services = [\"d5060001-a904-deb9-4748-2c7f4a124842\"]", "", "find is empty")]
#[case("myo", "on = [0, 1, 2, 3]", "on = [0, 1, 2]", "data characteristic 3 in 0 frames")]
#[case("myo", "on = [4]", "on = [4, 5]", "frame[1].on is 5")]
#[case("myo", "on = [4]", "on = [3, 4]", "data characteristic 3 in 2 frames")]
#[case("myo", "bytes = 20", "bytes = 10", "frame[1].acc is bytes 8 to 13, expected within the 10 bytes")]
#[case("myo", "bytes = 20", "bytes = 2000", "frame[1].bytes is 2000, expected 1 to 509")]
#[case("myo", "use = [0, 2, 4, 6]", "use = [0, 2, 4, 8]", "frame[0].emg.use is [0, 2, 4, 8]")]
#[case("myo", "use = [0, 2, 4, 6]", "use = [0, 2, 4, 4]", "4 different numbers below 8")]
#[case("myo", "type = \"i8\"", "type = \"u32\"", "frame[0].emg.type is u32")]
#[case("myo", "type = \"i16\"\n", "type = \"i16\"\naxes = [\"x\", \"y\", \"-y\"]\n", "frame[1].acc.axes")]
#[case("myo", "every_seconds = 60", "every_seconds = 0", "talk.keep_awake.every_seconds is 0, expected 1 to 3600")]
#[case("myo", "[acc]", "[acq]", "unknown field `acq`")]
#[case("myo", "on = [4]", "on = [4]\nmarker = { at = 0, bit = 8 }", "frame[1].marker.bit is 8, expected 0 to 7")]
#[case("npg-lite-3ch", "at = 1\n", "at = 0\n", "frame[0].emg is at byte 0, where counter still lies, expected byte 1")]
#[case("npg-lite-3ch", "records = 10", "records = 9", "frame[0].records is 9 in 70 bytes")]
#[case("npg-lite-3ch", "counts = \"samples\"", "counts = \"samples\"\nwraps_at = 257", "expected 4 to 256")]
#[case("npg-lite-3ch", "type = \"u8\"", "type = \"i8\"", "frame[0].counter.type is I8, expected u8, u16 or u32")]
#[case("npg-lite-3ch", "offset_counts = 2048", "offset_counts = -1", "emg.offset_counts is -1")]
#[case("npg-lite-3ch", "[emg]", "[acc]\nrate_hz = 50\ng_per_count = 0.1\n[emg]", "acc is given, expected no [acc]")]
#[case("ganglion", "rate_hz = 200", "rate_hz = 250", "emg.rate_hz is 250 Hz, expected 200")]
#[case("polar-h10", "[acc]", "[[frame]]\nbytes = 3\n[acc]", "codec or [[frame]], not both")]
fn a_wrong_profile_is_refused_with_its_key(
    #[case] name: &str,
    #[case] from: &str,
    #[case] to: &str,
    #[case] expected: &str,
) {
    assert!(text(name).contains(from), "{from}");
    let message = Profile::parse(&text(name).replacen(from, to, 1)).unwrap_err().to_string();
    assert!(message.contains(expected), "{message}");
}

#[test]
fn a_sensor_of_another_scale_keeps_its_own_grid() {
    let other = text("leg-sensor").replace("microvolts_per_count = 0.1", "microvolts_per_count = 0.5");
    let profile = Profile::parse(&other).unwrap();
    assert_eq!(profile.layout().emg.channels[1].scale.physical_max, 16383.5);
    assert_eq!(profile.layout().emg.channels[1].scale.gain(), 0.5);
}

/// What the reference sensor would say of itself.
fn info(profile: &Profile) -> Vec<u8> {
    let mut bytes = vec![1, 2, 50, 3, 0xE8, 3, 1, 0, 100, 0, 1, 0];
    bytes.extend((profile.emg_microvolts_per_count as f32).to_le_bytes());
    bytes.extend((profile.acc_g_per_count as f32).to_le_bytes());
    bytes.extend([4, 1, 1, 0, 7, 0, 0, 0, 0, 0, 0, 0]);
    bytes.extend(profile.settings.unwrap().choices());
    bytes.push(0);
    bytes
}

#[test]
fn a_sensor_that_took_its_settings_is_confirmed() {
    let profile = Profile::leg_sensor().unwrap();
    let bytes = info(&profile);
    let expected = SensorInfo { firmware: (1, 4), serial: 7, settings_confirmed: true };
    assert_eq!(profile.verify_info(&bytes), Ok(Some(expected)));
    let mut older = bytes[..32].to_vec();
    older[22] = 0;
    assert_eq!(profile.verify_info(&older), Ok(Some(SensorInfo { settings_confirmed: false, ..expected })));
    assert_eq!(profile.verify_info(&bytes[..31]), Err(InfoError::TooShort { found: 31 }));
    assert_eq!(Profile::named("myo").unwrap().verify_info(&[1]), Ok(None));
}

#[rstest]
#[case(1, 3, "number of EMG channels is 3, its profile says 2")]
#[case(2, 25, "number of EMG samples in a frame is 25, its profile says 50")]
#[case(4, 0xF4, "EMG rate is 1012 in 1 s, its profile says 1000 in 1 s")]
#[case(10, 2, "acceleration rate is 100 in 2 s")]
#[case(15, 0x7F, "EMG scale is")]
#[case(32, 12, "gain is 12, its profile says 6")]
#[case(33, 5, "high-pass filter, in tenths of a hertz, is 5, its profile says 100")]
#[case(35, 0, "low-pass filter, in Hz, is 256, its profile says 450")]
#[case(37, 0, "lead-off detection is 0, its profile says 2")]
#[case(38, 16, "acceleration range, in g, is 16, its profile says 8")]
fn a_sensor_that_took_another_configuration_is_named(#[case] at: usize, #[case] value: u8, #[case] expected: &str) {
    let profile = Profile::leg_sensor().unwrap();
    let mut bytes = info(&profile);
    bytes[at] = value;
    let message = profile.verify_info(&bytes).unwrap_err().to_string();
    assert!(message.contains(expected), "{message}");
}

#[test]
fn the_reference_decoder_is_the_receiver() {
    let mut decoder: Box<dyn Decoder> = Profile::leg_sensor().unwrap().decoder(ANCHOR);
    let mut frame = Vec::new();
    encode_frame(&FrameHeader::default(), 2, &[7; 100], &[9; 15], &mut frame).unwrap();
    decoder.push(Role::Data(0), &frame, 50_000);
    let chunks = decoder.take(1_000_000);
    assert_eq!((chunks[0].chunk.emg[0], chunks[0].chunk.acc[0], decoder.valid_frames()), (7, 9, 1));
}

proptest! {
    #[test]
    fn any_edit_of_a_profile_is_read_or_refused(
        which in 0..7_usize, edits in prop::collection::vec((any::<prop::sample::Index>(), " -~"), 1..4),
    ) {
        let name = Profile::names().nth(which).unwrap();
        let mut text: Vec<char> = text(name).chars().collect();
        for (place, byte) in edits {
            let at = place.index(text.len());
            text[at] = byte.chars().next().unwrap();
        }
        let text: String = text.into_iter().collect();
        if let Err(error) = Profile::parse(&text) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
