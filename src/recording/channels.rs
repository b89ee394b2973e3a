//! Which signals of an EDF are the leg's EMG and acceleration, and their scales in µV and g.

use std::path::Path;

use super::RecordingError;
use super::edf::{EdfHeader, EdfSignal};
use crate::chunk::{Channel, ChannelScale, Group, StreamLayout};
use crate::units::Rate;

/// A stream carries no more EMG channels than this.
const MAX_EMG: usize = 4;

/// Channels to use, by label (case does not matter). The default finds them: EMG labels begin with `EMG`,
/// acceleration labels with `ACC` and end with X, Y, Z.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChannelChoice {
    /// Labels of one to four EMG channels; empty to find them.
    pub emg: Vec<String>,
    /// Labels of acceleration X, Y, Z; `None` to find them.
    pub acc: Option<[String; 3]>,
}

/// The chosen signals of a file.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) layout: StreamLayout,
    /// Signal numbers of the EMG channels.
    pub(super) emg: Vec<usize>,
    /// Signal numbers of X, Y, Z; empty without acceleration.
    pub(super) acc: Vec<usize>,
    /// What the user may want to know about the choice.
    pub(super) notes: Vec<String>,
}

/// One kind of channel: its range of rates and how its units convert.
struct Kind {
    lowest_hz: f64,
    highest_hz: f64,
    range: &'static str,
    units: &'static str,
    factor: fn(&str) -> Option<f64>,
}

const EMG: Kind = Kind {
    lowest_hz: 200.0,
    highest_hz: 4000.0,
    range: "200 to 4000 Hz for EMG",
    units: "uV, mV or V",
    factor: |unit| match unit {
        "uV" | "µV" | "μV" | "uv" | "UV" => Some(1.0),
        "mV" | "mv" | "MV" => Some(1e3),
        "V" | "v" => Some(1e6),
        "nV" => Some(1e-3),
        _ => None,
    },
};
const ACC: Kind = Kind {
    lowest_hz: 10.0,
    highest_hz: 400.0,
    range: "10 to 400 Hz for acceleration",
    units: "g, mg or m/s2",
    factor: |unit| match unit {
        "g" | "G" => Some(1.0),
        "mg" | "mG" => Some(1e-3),
        "m/s2" | "m/s^2" | "m/s²" | "m/ss" => Some(1.0 / 9.806_65),
        _ => None,
    },
};

/// Chooses among the signals of the file at `path`.
pub(super) fn choose(path: &Path, header: &EdfHeader, choice: &ChannelChoice) -> Result<Chosen, RecordingError> {
    let find = |label: &String| {
        let found = header.signals.iter().position(|signal| signal.label.eq_ignore_ascii_case(label.trim()));
        found.ok_or_else(|| RecordingError::NoSuchChannel {
            path: path.to_owned(),
            label: label.clone(),
            labels: labels(header.signals.iter()),
        })
    };
    let mut notes = Vec::new();
    let emg = if choice.emg.is_empty() {
        find_emg(path, header, &mut notes)?
    } else if choice.emg.len() > MAX_EMG {
        return Err(RecordingError::TooManyEmg { path: path.to_owned(), found: choice.emg.len() });
    } else {
        choice.emg.iter().map(find).collect::<Result<_, _>>()?
    };
    let emg_group = group(path, header, &emg, &EMG)?;
    let (acc, acc_group) = match &choice.acc {
        Some(names) => {
            let acc = names.iter().map(find).collect::<Result<Vec<_>, _>>()?;
            let group = group(path, header, &acc, &ACC)?;
            (acc, Some(group))
        }
        // Detection works without acceleration, so what was only found may be left out.
        None => match find_acc(header).map(|acc| (group(path, header, &acc, &ACC), acc)) {
            Some((Ok(group), acc)) => (acc, Some(group)),
            Some((Err(error), _)) => {
                let reason = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
                notes.push(format!("acceleration is left out: {reason}"));
                (Vec::new(), None)
            }
            None => (Vec::new(), None),
        },
    };
    Ok(Chosen { layout: StreamLayout { emg: emg_group, acc: acc_group }, emg, acc, notes })
}

fn find_emg(path: &Path, header: &EdfHeader, notes: &mut Vec<String>) -> Result<Vec<usize>, RecordingError> {
    let is_emg = |signal: &EdfSignal| signal.label.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("emg"));
    let all: Vec<_> = header.signals.iter().enumerate().filter(|(_, signal)| is_emg(signal)).collect();
    if all.is_empty() {
        return Err(RecordingError::NoEmg { path: path.to_owned(), labels: labels(header.signals.iter()) });
    }
    let (used, left) = all.split_at(all.len().min(MAX_EMG));
    if !left.is_empty() {
        let [used, left] = [used, left].map(|part| labels(part.iter().map(|(_, signal)| *signal)));
        notes.push(format!("more than {MAX_EMG} EMG channels: used {used}, left out {left}"));
    }
    Ok(used.iter().map(|(index, _)| *index).collect())
}

fn find_acc(header: &EdfHeader) -> Option<Vec<usize>> {
    let axis = |axis: char| {
        header.signals.iter().position(|signal| {
            let label = signal.label.to_ascii_lowercase();
            label.starts_with("acc") && label.ends_with(axis)
        })
    };
    Some(vec![axis('x')?, axis('y')?, axis('z')?])
}

fn group(path: &Path, header: &EdfHeader, signals: &[usize], kind: &Kind) -> Result<Group, RecordingError> {
    let mut group: Option<Group> = None;
    for index in signals {
        let (Some(signal), Some(rate)) = (header.signals.get(*index), header.rate(*index)) else { continue };
        let label = signal.label.clone();
        if !(kind.lowest_hz..=kind.highest_hz).contains(&rate.as_hz()) {
            let (path, found_hz) = (path.to_owned(), rate.as_hz());
            return Err(RecordingError::RateOutOfRange { path, label, found_hz, expected: kind.range });
        }
        let channel = Channel { scale: scale(path, signal, kind)?, label };
        let group = group.get_or_insert_with(|| Group { rate, channels: Vec::new() });
        if group.rate != rate {
            return Err(RecordingError::DifferentRates {
                path: path.to_owned(),
                first: group.channels.first().map(|channel| channel.label.clone()).unwrap_or_default(),
                expected_hz: group.rate.as_hz(),
                label: channel.label,
                found_hz: rate.as_hz(),
            });
        }
        group.channels.push(channel);
    }
    // Both callers give at least one signal of the header.
    Ok(group.unwrap_or(Group { rate: Rate::hz(1), channels: Vec::new() }))
}

fn scale(path: &Path, signal: &EdfSignal, kind: &Kind) -> Result<ChannelScale, RecordingError> {
    let scale = signal.checked_scale().map_err(RecordingError::edf(path))?;
    let factor = (kind.factor)(&signal.unit).ok_or_else(|| RecordingError::UnknownUnit {
        path: path.to_owned(),
        label: signal.label.clone(),
        found: signal.unit.clone(),
        expected: kind.units,
    })?;
    Ok(ChannelScale { physical_min: scale.physical_min * factor, physical_max: scale.physical_max * factor, ..scale })
}

/// At most 40 labels for a message.
fn labels<'a>(signals: impl Iterator<Item = &'a EdfSignal>) -> String {
    let all: Vec<_> = signals.map(|signal| format!("{:?}", signal.label)).collect();
    match all.len() {
        0..=40 => all.join(", "),
        n => format!("{} and {} more", all[..40].join(", "), n - 40),
    }
}
