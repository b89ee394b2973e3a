//! Every sensor that has EMG and a profile streams to the store, from bytes made after its published protocol.

use std::fmt::Write as _;
use std::time::Duration;

use crampwatch::store::{NightRow, Store};

use crate::bluez::Bluez;
use crate::harness::{Home, counted, eventually};

const SCENARIO: &str = r#"
[[sensor]]
kind = "tape"
name = "NPG-Lite-3CH:AA:01"
advertised = ["4fafc201-1fb5-459e-8fcc-c5c9c331914b"]
file = "npg-3.tape"

[[sensor]]
kind = "tape"
name = "NPG-Lite-6CH:AA:02"
advertised = ["4fafc201-1fb5-459e-8fcc-c5c9c331914b"]
file = "npg-6.tape"

[[sensor]]
kind = "tape"
name = "My Myo"
advertised = ["d5060001-a904-deb9-4748-2c7f4a124842"]
file = "myo.tape"

[[sensor]]
kind = "tape"
name = "Ganglion-1a2b"
advertised = ["fe84"]
file = "ganglion.tape"
"#;
const NPG: &str = "\
service 4fafc201-1fb5-459e-8fcc-c5c9c331914b
char beb5483e-36e1-4688-b7f5-ea07361b26a8 notify
char 0000ff01-0000-1000-8000-00805f9b34fb read,write,notify
char f633d0ec-46b4-43c1-a39f-1ca06d0602e1 read,notify
read f633d0ec-46b4-43c1-a39f-1ca06d0602e1 57
start 0000ff01-0000-1000-8000-00805f9b34fb 5354415254
stop 0000ff01-0000-1000-8000-00805f9b34fb 53544F50
";
const MYO: &str = "\
service d5060001-a904-deb9-4748-2c7f4a124842
char d5060101-a904-deb9-4748-2c7f4a124842 read
char d5060401-a904-deb9-4748-2c7f4a124842 write
read d5060101-a904-deb9-4748-2c7f4a124842 0102
start d5060401-a904-deb9-4748-2c7f4a124842 0103030100
stop d5060401-a904-deb9-4748-2c7f4a124842 0103000000
service d5060002-a904-deb9-4748-2c7f4a124842
char d5060402-a904-deb9-4748-2c7f4a124842 notify
service d5060005-a904-deb9-4748-2c7f4a124842
char d5060105-a904-deb9-4748-2c7f4a124842 notify
char d5060205-a904-deb9-4748-2c7f4a124842 notify
char d5060305-a904-deb9-4748-2c7f4a124842 notify
char d5060405-a904-deb9-4748-2c7f4a124842 notify
service 180f
char 2a19 read
read 2a19 57
";
const GANGLION: &str = "\
service fe84
char 2d30c082-f39f-4ce6-923f-3484ea480596 notify
char 2d30c083-f39f-4ce6-923f-3484ea480596 write-without-response
start 2d30c083-f39f-4ce6-923f-3484ea480596 62
stop 2d30c083-f39f-4ce6-923f-3484ea480596 73
";

/// Noise that repeats from run to run; Numerical Recipes' linear congruence.
struct Noise(u32);

impl Noise {
    /// From −`most` to `most`.
    fn next(&mut self, most: i32) -> i32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 16) as i32 % (2 * most + 1) - most
    }
}

fn notification(tape: &mut String, at_s: f64, characteristic: &str, bytes: &[u8]) {
    write!(tape, "{at_s:.3} {characteristic} ").unwrap();
    bytes.iter().for_each(|byte| write!(tape, "{byte:02x}").unwrap());
    tape.push('\n');
}

/// 500 Hz, ten records a notification; after 1280 samples the counter of a record is 0 again.
fn npg(channels: usize) -> String {
    let (mut tape, mut noise) = (NPG.to_owned(), Noise(1));
    for note in 0..128 {
        let mut bytes = Vec::new();
        for record in 0..10 {
            bytes.push((note * 10 + record) as u8);
            (0..channels).for_each(|_| bytes.extend((2048 + noise.next(40)).to_be_bytes()[2..].iter()));
        }
        notification(&mut tape, f64::from(note) * 0.02, "beb5483e-36e1-4688-b7f5-ea07361b26a8", &bytes);
    }
    tape + "repeat 2.56\n"
}

/// 200 Hz on four characteristics in turn, 50 Hz of the inertial unit.
fn myo() -> String {
    let (mut tape, mut noise) = (MYO.to_owned(), Noise(2));
    for note in 0..100_usize {
        let at_s = note as f64 * 0.01;
        let bytes: Vec<u8> = (0..16).map(|_| noise.next(20) as i8 as u8).collect();
        let turn = note % 4 + 1;
        notification(&mut tape, at_s, &format!("d5060{turn}05-a904-deb9-4748-2c7f4a124842"), &bytes);
        if note % 2 == 0 {
            let mut bytes = vec![0; 8];
            for axis in [0, 0, 2048] {
                bytes.extend(((axis + noise.next(8)) as i16).to_le_bytes());
            }
            bytes.extend([0; 6]);
            notification(&mut tape, at_s, "d5060402-a904-deb9-4748-2c7f4a124842", &bytes);
        }
    }
    tape + "repeat 1.0\n"
}

/// 200 Hz, 18 bits a value, packets 0 to 99.
fn ganglion() -> String {
    let (mut tape, mut noise) = (GANGLION.to_owned(), Noise(3));
    for packet in 0..100_u8 {
        let mut bytes = vec![packet];
        let bits: Vec<u32> = (0..8).map(|_| noise.next(100) as u32 & 0x3_ffff).collect();
        for byte in 0..18 {
            let bit = |at: usize| bits[at / 18] >> (17 - at % 18) & 1;
            bytes.push((0..8).fold(0, |byte_so_far, n| byte_so_far << 1 | bit(byte * 8 + n) as u8));
        }
        bytes.push(0);
        notification(&mut tape, f64::from(packet) * 0.01, "2d30c082-f39f-4ce6-923f-3484ea480596", &bytes);
    }
    tape + "repeat 1.0\n"
}

fn night(home: &Home) -> Option<NightRow> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(&home.data_dir()).await.unwrap();
        let night = store.nights("me_left", 1).await.unwrap().pop();
        store.close().await;
        night
    })
}

#[test]
fn each_profile_with_emg_streams_from_its_own_bytes_to_the_store() {
    let profiles = ["npg-lite-3ch", "npg-lite-6ch", "myo", "ganglion"];
    let tapes = [npg(3), npg(6), myo(), ganglion()];
    let names = ["npg-3.tape", "npg-6.tape", "myo.tape", "ganglion.tape"];
    let mut files = vec![("scenario.toml", SCENARIO)];
    files.extend(names.iter().zip(&tapes).map(|(name, tape)| (*name, tape.as_str())));
    let bluez = Bluez::with_files(&files, &[]);
    let mut running = Vec::new();
    for profile in profiles {
        let home = Home::new(&format!(
            "[sensor]\nkind = \"bluetooth\"\n[sensor.bluetooth]\nprofile = \"{profile}\"\n\
             [storage]\ndata_dir = \"data\"\n[mqtt]\nmode = \"off\"\n"
        ));
        let daemon = home.start_on_bus(&bluez.address());
        running.push((profile, home, daemon));
    }
    for (sensor, profile) in profiles.into_iter().enumerate() {
        eventually(profile, Duration::from_secs(20), || bluez.counters(sensor)["streaming"] == true);
    }
    std::thread::sleep(Duration::from_secs(8));
    for (profile, home, daemon) in &mut running {
        assert_eq!(daemon.terminate(), Some(0), "{profile}: {}", home.log());
        let night = night(home).unwrap();
        assert!(night.first_worn_at.is_some(), "{profile}: {night:?} {}", home.log());
        assert_eq!(night.gap_count, 0, "{profile}: {night:?}");
        // 50 or 100 notifications a second, the myo's inertial unit among them.
        assert!(counted(&home.log(), "decoded") > 300, "{profile}: {}", home.log());
        assert_eq!(counted(&home.log(), "samples_lost"), 0, "{profile}: {}", home.log());
    }
}

#[test]
fn a_profile_without_emg_is_refused_with_the_remedy() {
    let bluez = Bluez::start(&[]);
    let home = Home::new(
        "[sensor]\nkind = \"bluetooth\"\n[sensor.bluetooth]\nprofile = \"polar-verity\"\n[mqtt]\nmode = \"off\"\n",
    );
    for command in ["run", "check-config"] {
        let output = home.command(&[command]).env("DBUS_SYSTEM_BUS_ADDRESS", bluez.address()).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{command}: {error}");
        assert!(error.contains("polar-verity") && error.contains("has no EMG"), "{command}: {error}");
    }
}
