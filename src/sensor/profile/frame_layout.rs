//! A frame declared field by field, checked: nothing overlaps, nothing lies beyond the frame.

use serde::Deserialize;

use super::error::Fault;
use super::text::hex;

/// Longest notification that an ATT MTU of 247 carries; some sensors ask for more, none for more than this.
pub const MOST_NOTIFICATION_BYTES: usize = 509;
/// Samples of one channel in a frame.
const MOST_SAMPLES: usize = 255;
const MOST_WIRE_CHANNELS: usize = 64;

/// Order of the bytes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Endian {
    /// Least significant byte first.
    #[default]
    Little,
    /// Most significant byte first.
    Big,
}

/// Type of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Number {
    /// Signed, 1 byte.
    I8,
    /// Unsigned, 1 byte.
    U8,
    /// Signed, 2 bytes.
    I16,
    /// Unsigned, 2 bytes.
    U16,
    /// Signed, 3 bytes.
    I24,
    /// Signed, 4 bytes.
    I32,
    /// Unsigned, 4 bytes; for counters only.
    U32,
}

impl Number {
    /// Bytes of one number.
    pub fn bytes(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I24 => 3,
            Self::I32 | Self::U32 => 4,
        }
    }

    /// Reads one number; 0 from too few bytes, which a checked layout does not have.
    pub fn read(self, bytes: &[u8], endian: Endian) -> i64 {
        let width = self.bytes();
        let Some(bytes) = bytes.get(..width) else { return 0 };
        let mut value = 0_i64;
        for n in 0..width {
            let byte = if endian == Endian::Big { bytes[n] } else { bytes[width - 1 - n] };
            value = value << 8 | i64::from(byte);
        }
        match self {
            Self::U8 | Self::U16 | Self::U32 => value,
            Self::I8 | Self::I16 | Self::I24 | Self::I32 => {
                let unused = 64 - 8 * width;
                value << unused >> unused
            }
        }
    }

    /// Writes one number, cut to its width; for sensors that are made up.
    pub fn write(self, value: i64, endian: Endian, out: &mut [u8]) {
        let width = self.bytes();
        for (n, byte) in out.iter_mut().take(width).enumerate() {
            let place = if endian == Endian::Big { width - 1 - n } else { n };
            *byte = (value >> (8 * place)) as u8;
        }
    }
}

/// What a counter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counts {
    /// Samples per channel: it grows by as many as the record has.
    Samples,
    /// Records: it grows by one with each.
    Records,
}

/// A counter of each record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counter {
    /// Place in the record.
    pub at: usize,
    /// Unsigned type.
    pub number: Number,
    /// What it counts.
    pub counts: Counts,
    /// Value at which it begins anew at 0.
    pub wraps_at: u64,
    /// A new connection or START sets it to 0.
    pub restarts: bool,
}

/// Samples of several channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Place in the record.
    pub at: usize,
    /// Type of a sample.
    pub number: Number,
    /// Samples per channel in a record.
    pub samples: usize,
    /// Channels in the record, used or not.
    pub channels: usize,
    /// Sample 0 of each channel, sample 1 of each …; else all samples of channel 0, of channel 1 ….
    pub interleaved: bool,
    /// For each channel of the stream: which channel of the record, and its sign, 1 or −1.
    pub used: Vec<(usize, i32)>,
}

impl Block {
    fn bytes(&self) -> usize {
        self.number.bytes() * self.samples * self.channels
    }

    /// Place in the record of sample `sample` of record channel `channel`.
    pub fn place(&self, sample: usize, channel: usize) -> usize {
        let index = if self.interleaved { sample * self.channels + channel } else { channel * self.samples + sample };
        self.at + index * self.number.bytes()
    }
}

/// The notifications of one or several data characteristics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameLayout {
    /// Numbers of the data characteristics that carry it.
    pub on: Vec<u8>,
    /// Length of a notification.
    pub bytes: usize,
    /// Equal records in it; places are counted from the beginning of each.
    pub records: usize,
    /// Order of bytes in every number.
    pub endian: Endian,
    /// Counter; none: time comes from arrivals alone.
    pub counter: Option<Counter>,
    /// Bytes that never change: place, value.
    pub constants: Vec<(usize, u8)>,
    /// Byte and bit of the lead-off flag.
    pub lead_off: Option<(usize, u8)>,
    /// Byte and bit of the marker flag.
    pub marker: Option<(usize, u8)>,
    /// Byte with the battery in percent, 255 for unknown.
    pub battery: Option<usize>,
    /// EMG samples.
    pub emg: Option<Block>,
    /// Acceleration samples; `used` are X, Y and Z.
    pub acc: Option<Block>,
}

impl FrameLayout {
    /// Bytes of one record.
    pub fn record_bytes(&self) -> usize {
        self.bytes / self.records
    }

    /// What lies where in a record: first byte, bytes, name. Flags of one byte are named together.
    pub fn fields(&self) -> Vec<(usize, usize, String)> {
        let mut fields = Vec::new();
        for (at, value) in &self.constants {
            fields.push((*at, 1, format!("always {value:02X}")));
        }
        if let Some(counter) = self.counter {
            let what = if counter.counts == Counts::Samples { "samples" } else { "records" };
            let name = format!("counter of {what}, begins anew at {}", counter.wraps_at);
            fields.push((counter.at, counter.number.bytes(), name));
        }
        let flags = [(self.lead_off, "lead-off"), (self.marker, "marker")];
        for (place, name) in flags {
            if let Some((at, bit)) = place {
                match fields.iter_mut().find(|(other, _, name)| *other == at && name.starts_with("flags")) {
                    Some((_, _, names)) => names.push_str(&format!(", bit {bit} {name}")),
                    None => fields.push((at, 1, format!("flags: bit {bit} {name}"))),
                }
            }
        }
        if let Some(at) = self.battery {
            fields.push((at, 1, "battery in percent".to_owned()));
        }
        for (block, what) in [(&self.emg, "EMG"), (&self.acc, "acceleration")] {
            if let Some(block) = block {
                let order = if block.interleaved { "interleaved" } else { "by channel" };
                let number = format!("{:?}", block.number).to_lowercase();
                let size = format!("{} x {} {number}, {order}", block.samples, block.channels);
                fields.push((block.at, block.bytes(), format!("{what}: {size}")));
            }
        }
        fields.sort_by_key(|field| field.0);
        fields
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FrameFile {
    #[serde(default = "first")]
    on: Vec<u8>,
    bytes: usize,
    #[serde(default = "one")]
    records: usize,
    #[serde(default)]
    endian: Endian,
    counter: Option<CounterFile>,
    #[serde(default)]
    constant: Vec<ConstantFile>,
    lead_off: Option<BitFile>,
    marker: Option<BitFile>,
    battery: Option<PlaceFile>,
    emg: Option<EmgBlockFile>,
    acc: Option<AccBlockFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CounterFile {
    at: usize,
    r#type: Number,
    counts: Counts,
    wraps_at: Option<u64>,
    #[serde(default = "yes")]
    restarts: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConstantFile {
    at: usize,
    hex: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BitFile {
    at: usize,
    bit: u8,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceFile {
    at: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Order {
    Interleaved,
    ByChannel,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EmgBlockFile {
    at: usize,
    r#type: Number,
    samples: usize,
    #[serde(default = "interleaved")]
    order: Order,
    channels: Option<usize>,
    r#use: Option<Vec<usize>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccBlockFile {
    at: usize,
    r#type: Number,
    samples: usize,
    #[serde(default = "interleaved")]
    order: Order,
    #[serde(default = "xyz")]
    axes: [String; 3],
}

fn first() -> Vec<u8> {
    vec![0]
}
fn one() -> usize {
    1
}
fn yes() -> bool {
    true
}
fn interleaved() -> Order {
    Order::Interleaved
}
fn xyz() -> [String; 3] {
    ["x", "y", "z"].map(str::to_owned)
}

impl FrameLayout {
    /// Checks frame `n` of a profile whose stream has `emg_channels`.
    pub(super) fn check(n: usize, file: &FrameFile, emg_channels: usize) -> Result<Self, Fault> {
        let key = |part: &str| format!("frame[{n}].{part}");
        if !(1..=MOST_NOTIFICATION_BYTES).contains(&file.bytes) {
            return Err(Fault::new(key("bytes"), file.bytes, format!("1 to {MOST_NOTIFICATION_BYTES}")));
        }
        if file.records == 0 || !file.bytes.is_multiple_of(file.records) {
            let found = format!("{} in {} bytes", file.records, file.bytes);
            return Err(Fault::new(key("records"), found, "a number that divides bytes"));
        }
        if file.on.is_empty() {
            return Err(Fault::new(key("on"), "empty", "the number of at least one data characteristic, from 0"));
        }
        let emg = file.emg.as_ref().map(|block| check_emg(&key("emg"), block, emg_channels)).transpose()?;
        let acc = file.acc.as_ref().map(|block| check_acc(&key("acc"), block)).transpose()?;
        let Some(samples) = emg.as_ref().or(acc.as_ref()).map(|block| block.samples) else {
            return Err(Fault::new(format!("frame[{n}]"), "without samples", "emg, acc or both"));
        };
        let counter =
            file.counter.as_ref().map(|counter| check_counter(&key("counter"), counter, samples)).transpose()?;
        let mut constants = Vec::new();
        for (m, constant) in file.constant.iter().enumerate() {
            let bytes = hex(&key(&format!("constant[{m}].hex")), &constant.hex)?;
            constants
                .extend(bytes.iter().enumerate().map(|(offset, byte)| (constant.at.saturating_add(offset), *byte)));
        }
        let bit = |name: &str, bit: &Option<BitFile>| match bit {
            Some(BitFile { bit, .. }) if *bit > 7 => Err(Fault::new(key(&format!("{name}.bit")), bit, "0 to 7")),
            bit => Ok(bit.as_ref().map(|bit| (bit.at, bit.bit))),
        };
        let layout = Self {
            on: file.on.clone(),
            bytes: file.bytes,
            records: file.records,
            endian: file.endian,
            counter,
            constants,
            lead_off: bit("lead_off", &file.lead_off)?,
            marker: bit("marker", &file.marker)?,
            battery: file.battery.as_ref().map(|place| place.at),
            emg,
            acc,
        };
        layout.check_places(n)?;
        Ok(layout)
    }

    /// Every bit belongs to one field at most, and to the record.
    fn check_places(&self, n: usize) -> Result<(), Fault> {
        let mut fields: Vec<(String, usize, usize)> = Vec::new();
        let whole = |name: &str, at: usize, bytes: usize| (name.to_owned(), at.saturating_mul(8), bytes * 8);
        for (at, _) in &self.constants {
            fields.push(whole("constant", *at, 1));
        }
        fields.extend(self.counter.map(|counter| whole("counter", counter.at, counter.number.bytes())));
        for (name, place) in [("lead_off", self.lead_off), ("marker", self.marker)] {
            fields.extend(place.map(|(at, bit)| (name.to_owned(), at.saturating_mul(8) + usize::from(bit), 1)));
        }
        fields.extend(self.battery.map(|at| whole("battery", at, 1)));
        for (name, block) in [("emg", &self.emg), ("acc", &self.acc)] {
            fields.extend(block.as_ref().map(|block| whole(name, block.at, block.bytes())));
        }
        let record = self.record_bytes();
        for (name, at, bits) in &fields {
            if at.saturating_add(*bits) > record * 8 {
                let found = format!("bytes {} to {}", at / 8, at.saturating_add(*bits).div_ceil(8) - 1);
                let key = format!("frame[{n}].{name}");
                return Err(Fault::new(key, found, format!("within the {record} bytes of a record")));
            }
        }
        fields.sort_by_key(|field| field.1);
        for pair in fields.windows(2) {
            let [(before, at, bits), (name, begins, _)] = pair else { continue };
            if at + bits > *begins {
                let found = format!("at byte {}, where {before} still lies", begins / 8);
                let expected = format!("byte {} or later", (at + bits).div_ceil(8));
                return Err(Fault::new(format!("frame[{n}].{name}"), found, expected)
                    .remedy("move one of the two or make it shorter"));
            }
        }
        Ok(())
    }
}

fn check_samples(key: &str, number: Number, samples: usize) -> Result<(), Fault> {
    if number == Number::U32 {
        return Err(Fault::new(format!("{key}.type"), "u32", "i8, u8, i16, u16, i24 or i32"));
    }
    if !(1..=MOST_SAMPLES).contains(&samples) {
        return Err(Fault::new(format!("{key}.samples"), samples, format!("1 to {MOST_SAMPLES} per channel")));
    }
    Ok(())
}

fn check_emg(key: &str, file: &EmgBlockFile, emg_channels: usize) -> Result<Block, Fault> {
    check_samples(key, file.r#type, file.samples)?;
    if emg_channels == 0 {
        return Err(Fault::new(key, "given", "no EMG block, because the profile has no [emg]"));
    }
    let used = file.r#use.clone().unwrap_or_else(|| (0..emg_channels).collect());
    let channels = file.channels.unwrap_or(emg_channels);
    if !(1..=MOST_WIRE_CHANNELS).contains(&channels) {
        return Err(Fault::new(format!("{key}.channels"), channels, format!("1 to {MOST_WIRE_CHANNELS}")));
    }
    let twice = (1..used.len()).any(|n| used[..n].contains(&used[n]));
    if used.len() != emg_channels || twice || used.iter().any(|channel| *channel >= channels) {
        let expected = format!("{emg_channels} different numbers below {channels}, one for each label of emg.channels");
        return Err(Fault::new(format!("{key}.use"), format!("{used:?}"), expected));
    }
    Ok(Block {
        at: file.at,
        number: file.r#type,
        samples: file.samples,
        channels,
        interleaved: file.order == Order::Interleaved,
        used: used.into_iter().map(|channel| (channel, 1)).collect(),
    })
}

fn check_acc(key: &str, file: &AccBlockFile) -> Result<Block, Fault> {
    check_samples(key, file.r#type, file.samples)?;
    let sign_of = |text: &str, axis: &str| match text.strip_prefix('-') {
        Some(rest) => (rest == axis).then_some(-1),
        None => (text == axis).then_some(1),
    };
    let find =
        |axis: &str| file.axes.iter().enumerate().find_map(|(n, text)| sign_of(text, axis).map(|sign| (n, sign)));
    let used: Vec<_> = ["x", "y", "z"].into_iter().filter_map(find).collect();
    if used.len() != 3 {
        let expected = "x, y and z, each once, with a minus where the axis points the other way";
        return Err(Fault::new(format!("{key}.axes"), format!("{:?}", file.axes), expected));
    }
    Ok(Block {
        at: file.at,
        number: file.r#type,
        samples: file.samples,
        channels: 3,
        interleaved: file.order == Order::Interleaved,
        used,
    })
}

fn check_counter(key: &str, file: &CounterFile, samples: usize) -> Result<Counter, Fault> {
    if !matches!(file.r#type, Number::U8 | Number::U16 | Number::U32) {
        return Err(Fault::new(format!("{key}.type"), format!("{:?}", file.r#type), "u8, u16 or u32"));
    }
    let most = 1_u64 << (8 * file.r#type.bytes());
    let wraps_at = file.wraps_at.unwrap_or(most);
    let step = if file.counts == Counts::Samples { samples as u64 } else { 1 };
    if !(4 * step..=most).contains(&wraps_at) {
        let expected = format!("{} to {most}: at least four steps of {step}", 4 * step);
        return Err(Fault::new(format!("{key}.wraps_at"), wraps_at, expected));
    }
    Ok(Counter { at: file.at, number: file.r#type, counts: file.counts, wraps_at, restarts: file.restarts })
}
