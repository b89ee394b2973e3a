//! What measured facts mean; no IO, no clock.

use super::finding::Finding;

/// The raw night of 8 h, two channels of EMG at 1000 Hz and acceleration, in MB.
pub const NIGHT_MB: f64 = 150.0;
/// From this share of its rate on, a sensor is fast enough; its clock is off by less than one in a thousand.
const LEAST_RATE: f64 = 0.95;
const MOST_RATE: f64 = 1.05;
/// Loss in percent that is worth a word, and that costs watched time.
const SOME_LOSS_PCT: f64 = 1.0;
const MUCH_LOSS_PCT: f64 = 10.0;
/// The share of good contact from which electrodes do, in percent.
const CONTACT_PCT: f64 = 80.0;
/// Below this a battery whose drain is not known is a worry.
const LOW_PCT: u8 = 30;
/// The oldest BlueZ whose source was compared with the one that Crampwatch was tried with.
const OLDEST_KNOWN: (u32, u32) = (5, 50);

/// What was heard of a sensor while it streamed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Heard {
    /// How long it was listened to, from the first samples to the last, in seconds.
    pub listened_s: f64,
    /// EMG samples per channel, or acceleration samples of a sensor without EMG.
    pub samples: u64,
    /// How many of them had their electrodes on the skin.
    pub in_contact: u64,
    /// Samples missing in between.
    pub lost: u64,
    /// Frames refused.
    pub malformed: u64,
    /// What the profile says, in Hz.
    pub rate_hz: f64,
    /// EMG is there, so that contact means something.
    pub has_emg: bool,
    /// Battery in percent, if the sensor says it.
    pub battery_pct: Option<u8>,
}

/// Rate, loss and contact.
pub fn stream(heard: &Heard) -> Vec<Finding> {
    let all = (heard.samples + heard.lost) as f64;
    if heard.listened_s <= 0.0 || all <= 0.0 {
        return Vec::new();
    }
    // What was lost was made by the sensor all the same.
    let (made_hz, rate_hz) = (all / heard.listened_s, heard.rate_hz);
    let found = format!("{made_hz:.0} samples a second over {:.0} s, the profile says {rate_hz:.0}", heard.listened_s);
    let rate = if (LEAST_RATE..=MOST_RATE).contains(&(made_hz / rate_hz)) {
        Finding::ok("frame rate", found)
    } else {
        Finding::failed(
            "frame rate",
            found,
            "is sensor.bluetooth.profile the right one, and the sensor set as its [settings] say? see docs/ble-protocol.md",
        )
    };
    let loss_pct = 100.0 * heard.lost as f64 / all;
    let found = match heard.malformed {
        0 => format!("{loss_pct:.1} % of the samples"),
        malformed => format!("{loss_pct:.1} % of the samples; {malformed} frames were damaged"),
    };
    let nearer = "bring sensor and receiver nearer together, and the receiver away from Wi-Fi and USB 3 (a short extension lead helps)";
    let loss = match loss_pct {
        pct if pct >= MUCH_LOSS_PCT => Finding::failed("loss", found, nearer),
        pct if pct >= SOME_LOSS_PCT || heard.malformed > 0 => Finding::warning("loss", found, nearer),
        _ => Finding::ok("loss", found),
    };
    let contact_pct = 100.0 * heard.in_contact as f64 / heard.samples.max(1) as f64;
    let found = format!("electrodes on the skin {contact_pct:.0} % of the time");
    let contact = if !heard.has_emg {
        Finding::skipped("contact", "this sensor has no electrodes")
    } else if contact_pct >= CONTACT_PCT {
        Finding::ok("contact", found)
    } else {
        Finding::warning("contact", found, "put the sensor on; press the electrodes on, or use fresh ones")
    };
    vec![rate, loss, contact]
}

/// Whether the battery lasts until morning: `pct` now, falling by `fall_pct_per_h` as measured in earlier nights, for
/// `needed_h` hours.
pub fn battery(pct: Option<u8>, fall_pct_per_h: Option<f64>, needed_h: f64) -> Finding {
    let Some(pct) = pct else { return Finding::ok("battery", "unknown: this sensor does not say") };
    let charge = "charge or change it";
    match fall_pct_per_h.filter(|fall| *fall > 0.0) {
        Some(fall) => {
            let left_h = f64::from(pct) / fall;
            let found = format!("{pct} %, lasts about {left_h:.1} h; morning is in {needed_h:.1} h");
            if left_h < needed_h { Finding::failed("battery", found, charge) } else { Finding::ok("battery", found) }
        }
        None => {
            let found = format!("{pct} %; how long that lasts is unknown until it has been worn for a while");
            if pct < LOW_PCT { Finding::warning("battery", found, charge) } else { Finding::ok("battery", found) }
        }
    }
}

/// The version of BlueZ, as its programs say it; `None` if none could be asked.
pub fn bluetoothd_version(said: Option<&str>) -> Finding {
    let number =
        said.and_then(|said| said.split(|c: char| !(c.is_ascii_digit() || c == '.')).find(|w| w.contains('.')));
    let parsed = number.and_then(|number| {
        let (major, minor) = number.split_once('.')?;
        Some((major.parse::<u32>().ok()?, minor.split('.').next()?.parse::<u32>().ok()?))
    });
    match (number, parsed) {
        (Some(number), Some(version)) if version < OLDEST_KNOWN => Finding::warning(
            "bluetoothd",
            format!(
                "BlueZ {number}, older than anything that Crampwatch was compared with ({}.{})",
                OLDEST_KNOWN.0, OLDEST_KNOWN.1
            ),
            "update the system if the sensor is lost at night",
        ),
        (Some(number), Some((5, 66))) => Finding::ok(
            "bluetoothd",
            format!("BlueZ {number}; it is known to stop telling of devices after hours, which Crampwatch notices"),
        ),
        (Some(number), Some(_)) => Finding::ok("bluetoothd", format!("BlueZ {number}")),
        _ => Finding::ok(
            "bluetoothd",
            "runs; its version is unknown, because neither bluetoothctl nor bluetoothd is at hand",
        ),
    }
}

/// Room on the disk, in MB: `free`, less than `pause_mb` of which stops recording.
pub fn disk(free_mb: Option<f64>, keep_raw: bool, pause_mb: f64) -> Finding {
    let Some(free_mb) = free_mb else {
        return Finding::ok("disk", "unknown: the system does not say how much is free");
    };
    if !keep_raw {
        let found = format!("{free_mb:.0} MB free; raw nights are not kept");
        let room = "make room: the database needs some";
        return if free_mb < 50.0 { Finding::failed("disk", found, room) } else { Finding::ok("disk", found) };
    }
    let nights = ((free_mb - pause_mb) / NIGHT_MB).max(0.0).floor();
    let found = format!("{free_mb:.0} MB free, room for {nights:.0} nights more");
    let remedy = "make room, or set storage.raw_budget_gb lower so that old raw nights go";
    if free_mb < pause_mb || free_mb < 50.0 {
        Finding::failed("disk", format!("{free_mb:.0} MB free, too few to record a raw night"), remedy)
    } else if nights < 1.0 {
        Finding::warning("disk", found, remedy)
    } else {
        Finding::ok("disk", found)
    }
}

/// What raw nights take, in bytes, of the budget.
pub fn raw_nights(bytes: u64, budget_bytes: Option<u64>, keep_days: Option<u32>) -> Finding {
    let gb = |bytes: u64| bytes as f64 / 1e9;
    let age = keep_days.map_or(String::new(), |days| format!(", kept for {days} days"));
    let found = match budget_bytes {
        Some(budget) => format!("{:.1} GB of at most {:.1} GB{age}", gb(bytes), gb(budget)),
        None => format!("{:.1} GB, without a budget{age}", gb(bytes)),
    };
    match budget_bytes {
        Some(budget) if bytes > budget => Finding::warning(
            "raw nights",
            found,
            "the daemon deletes the oldest; if it stays so, the newest night alone is over storage.raw_budget_gb",
        ),
        _ => Finding::ok("raw nights", found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;
    use rstest::rstest;

    const HEARD: Heard = Heard {
        listened_s: 10.0,
        samples: 9_950,
        in_contact: 9_950,
        lost: 50,
        malformed: 0,
        rate_hz: 1000.0,
        has_emg: true,
        battery_pct: None,
    };

    #[rstest]
    #[case(HEARD, [State::Ok, State::Ok, State::Ok])]
    #[case(Heard { samples: 4_950, ..HEARD }, [State::Failed, State::Warning, State::Ok])]
    #[case(Heard { samples: 8_500, lost: 1_500, in_contact: 0, ..HEARD }, [State::Ok, State::Failed, State::Warning])]
    #[case(Heard { malformed: 3, has_emg: false, ..HEARD }, [State::Ok, State::Warning, State::Skipped])]
    fn a_stream_is_judged_by_rate_loss_and_contact(#[case] heard: Heard, #[case] expected: [State; 3]) {
        let states: Vec<State> = stream(&heard).iter().map(|finding| finding.state).collect();
        // Half the samples in contact are more than there are.
        assert_eq!(states, expected);
    }

    #[test]
    fn nothing_is_said_of_a_stream_that_was_not_heard() {
        assert_eq!(stream(&Heard::default()), []);
    }

    #[rstest]
    #[case(Some(80), Some(5.0), State::Ok, "80 %, lasts about 16.0 h; morning is in 9.5 h")]
    #[case(Some(40), Some(5.0), State::Failed, "40 %, lasts about 8.0 h; morning is in 9.5 h")]
    #[case(Some(40), None, State::Ok, "40 %; how long that lasts is unknown until it has been worn for a while")]
    #[case(Some(12), None, State::Warning, "12 %; how long that lasts is unknown until it has been worn for a while")]
    #[case(
        Some(12),
        Some(0.0),
        State::Warning,
        "12 %; how long that lasts is unknown until it has been worn for a while"
    )]
    #[case(None, Some(5.0), State::Ok, "unknown: this sensor does not say")]
    fn a_battery_is_judged_by_the_hours_until_morning(
        #[case] pct: Option<u8>,
        #[case] fall: Option<f64>,
        #[case] state: State,
        #[case] found: &str,
    ) {
        let finding = battery(pct, fall, 9.5);
        assert_eq!((finding.state, finding.found.as_str()), (state, found));
    }

    #[rstest]
    #[case(Some("bluetoothctl: 5.72\n"), State::Ok, "BlueZ 5.72")]
    #[case(Some("5.82"), State::Ok, "BlueZ 5.82")]
    #[case(Some("bluetoothctl: 5.48"), State::Warning, "BlueZ 5.48, older")]
    #[case(Some("5.66"), State::Ok, "BlueZ 5.66; it is known to stop")]
    #[case(Some("nonsense"), State::Ok, "runs; its version is unknown")]
    #[case(None, State::Ok, "runs; its version is unknown")]
    fn a_version_that_is_not_known_is_said_to_be_so(
        #[case] said: Option<&str>,
        #[case] state: State,
        #[case] found: &str,
    ) {
        let finding = bluetoothd_version(said);
        assert_eq!(finding.state, state);
        assert!(finding.found.starts_with(found), "{}", finding.found);
    }

    #[rstest]
    #[case(Some(2000.0), true, State::Ok, "2000 MB free, room for 10 nights more")]
    #[case(Some(600.0), true, State::Warning, "600 MB free, room for 0 nights more")]
    #[case(Some(400.0), true, State::Failed, "400 MB free, too few to record a raw night")]
    #[case(Some(400.0), false, State::Ok, "400 MB free; raw nights are not kept")]
    #[case(Some(10.0), false, State::Failed, "10 MB free; raw nights are not kept")]
    #[case(None, true, State::Ok, "unknown: the system does not say how much is free")]
    fn room_is_counted_in_nights(
        #[case] free: Option<f64>,
        #[case] keep: bool,
        #[case] state: State,
        #[case] found: &str,
    ) {
        let finding = disk(free, keep, 500.0);
        assert_eq!((finding.state, finding.found.as_str()), (state, found));
    }

    #[test]
    fn raw_nights_are_compared_with_their_budget() {
        assert_eq!(
            raw_nights(1_500_000_000, Some(20_000_000_000), Some(90)).found,
            "1.5 GB of at most 20.0 GB, kept for 90 days"
        );
        assert_eq!(raw_nights(3, Some(2), None).state, State::Warning);
        assert_eq!(raw_nights(1_000_000_000, None, None).found, "1.0 GB, without a budget");
    }
}
