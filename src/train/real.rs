//! Real recordings without cramps: read from a folder of EDF, each channel by itself, in two halves by person.
//!
//! A file is named `<set>_<subject>[_<muscle>]_<task>.edf`, as `older_adult_03_TA_hold.edf` or `lower_limb_1N_gait.edf`.
//! Subjects with an odd number are for training, those with an even one for testing: nobody is ever in both.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::TrainError;
use crate::recording::edf::EdfReader;
use crate::recording::{ChannelChoice, EdfStream};
use crate::units::Rate;

/// One channel of one recording.
#[derive(Debug, Clone, PartialEq)]
pub struct RealRecording {
    /// Set and subject, as `older_adult_03`.
    pub person: String,
    /// Number of the subject within the set.
    pub subject: u32,
    /// What the person did: `hold`, `gait` …
    pub task: String,
    /// Name of the file.
    pub file: String,
    /// Label of the channel.
    pub channel: String,
    /// Samples per second.
    pub rate: Rate,
    /// µV, without their mean.
    pub(crate) samples_uv: Vec<f32>,
}

impl RealRecording {
    /// Length in seconds.
    pub fn duration_s(&self) -> f64 {
        self.samples_uv.len() as f64 / self.rate.as_hz()
    }
}

/// Recordings of some people.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RealSet {
    recordings: Vec<RealRecording>,
}

/// What a file's name says.
#[derive(Debug, PartialEq, Eq)]
struct Name {
    person: String,
    subject: u32,
    muscle: Option<String>,
    task: String,
}

impl Name {
    /// The first part that begins with a digit is the subject, the last one the task.
    fn of(path: &Path) -> Option<Self> {
        let stem = path.file_stem()?.to_str()?;
        let parts: Vec<&str> = stem.split('_').collect();
        let at = parts.iter().position(|part| part.starts_with(|first: char| first.is_ascii_digit()))?;
        let digits: String = parts[at].chars().take_while(char::is_ascii_digit).collect();
        let (muscle, task) = match &parts[at + 1..] {
            [task] => (None, *task),
            [muscle, task] => (Some((*muscle).to_owned()), *task),
            _ => return None,
        };
        let is_named = at > 0 && !task.is_empty();
        let person = parts[..=at].join("_");
        is_named.then_some(Self { person, subject: digits.parse().ok()?, muscle, task: task.to_owned() })
    }
}

impl RealSet {
    /// The people for training in `folder`: subjects with odd numbers.
    ///
    /// # Errors
    /// As [`Self::read`]; also when there is no such subject.
    pub fn train(folder: &Path) -> Result<Self, TrainError> {
        Self::half(folder, 1, "odd")
    }

    /// The people for testing in `folder`: subjects with even numbers.
    ///
    /// # Errors
    /// As [`Self::read`]; also when there is no such subject.
    pub fn test(folder: &Path) -> Result<Self, TrainError> {
        Self::half(folder, 0, "even")
    }

    /// All people in `folder`, in the order of file names; files that do not end in `.edf` are passed over.
    ///
    /// # Errors
    /// [`TrainError::RealFolder`] and [`TrainError::Material`]: a folder that cannot be read or holds no EDF, a name that
    /// does not say who did what, a file or channel that cannot be read, samples that stand under two people's names.
    pub fn read(folder: &Path) -> Result<Self, TrainError> {
        let listed = std::fs::read_dir(folder).and_then(|entries| {
            entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<PathBuf>, _>>()
        });
        let expected = "a folder of EDF files with real EMG";
        let mut files = listed.map_err(|error| {
            refused(folder, &error.to_string(), expected, "name the folder data/emg of the source, or one of your own")
        })?;
        files.retain(|path| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("edf")));
        if files.is_empty() {
            return Err(refused(folder, "no .edf file", expected, "name the folder that holds the files"));
        }
        files.sort();
        let mut set = Self::default();
        for path in &files {
            let name = Name::of(path).ok_or_else(|| {
                let expected = "<set>_<subject number>[_<muscle>]_<task>.edf, such as older_adult_03_TA_hold.edf";
                refused(path, "a name that does not say who did what", expected, "rename the file or move it away")
            })?;
            set.recordings.extend(read_file(path, &name)?);
        }
        set.refuse_copies(folder)?;
        Ok(set)
    }

    fn half(folder: &Path, remainder: u32, parity: &str) -> Result<Self, TrainError> {
        // All are read, so that a copy in the other half is seen.
        let mut set = Self::read(folder)?;
        set.recordings.retain(|recording| recording.subject % 2 == remainder);
        if set.recordings.is_empty() {
            let found = format!("no subject with an {parity} number");
            let to_do = "add recordings of more people, or number them otherwise";
            return Err(refused(folder, &found, "subjects with odd and even numbers (training and testing)", to_do));
        }
        Ok(set)
    }

    /// A published set may hold one recording under two people's names (our copy of the UCI set did): halves would not be apart.
    fn refuse_copies(&self, folder: &Path) -> Result<(), TrainError> {
        for (index, one) in self.recordings.iter().enumerate() {
            let is_copy = |other: &&RealRecording| other.file != one.file && other.samples_uv == one.samples_uv;
            if let Some(other) = self.recordings[index + 1..].iter().find(is_copy) {
                let found = format!("the same samples in {} and {}", one.file, other.file);
                return Err(refused(
                    folder,
                    &found,
                    "each recording once",
                    "find out whose it is and remove the other",
                ));
            }
        }
        Ok(())
    }

    /// The recordings, each channel by itself, in the order of file names.
    pub fn recordings(&self) -> &[RealRecording] {
        &self.recordings
    }

    /// Names of the people, in order.
    pub fn people(&self) -> Vec<&str> {
        let names: BTreeSet<&str> = self.recordings.iter().map(|recording| recording.person.as_str()).collect();
        names.into_iter().collect()
    }

    /// The recordings of every `groups`-th person from the `group`-th on; `None` if there is none. Simulated people who
    /// share folds take real people of the same group, so that real people stay within their fold as well.
    pub(crate) fn group(&self, group: usize, groups: usize) -> Option<Self> {
        let people = self.people();
        let mine: Vec<&str> = people.into_iter().skip(group).step_by(groups.max(1)).collect();
        let of_group = |recording: &&RealRecording| mine.contains(&recording.person.as_str());
        let recordings: Vec<RealRecording> = self.recordings.iter().filter(of_group).cloned().collect();
        (!recordings.is_empty()).then_some(Self { recordings })
    }
}

/// The channel of the named muscle, or each EMG channel, by itself.
fn read_file(path: &Path, name: &Name) -> Result<Vec<RealRecording>, TrainError> {
    let labels: Vec<String> = match &name.muscle {
        Some(muscle) => vec![format!("EMG {muscle}")],
        None => {
            let reader =
                EdfReader::open(path).map_err(|error| super::files::refused(path, &super::files::chain(&error)))?;
            let labels = reader.header().signals.iter().map(|signal| signal.label.clone());
            labels.filter(|label| label.to_ascii_uppercase().starts_with("EMG")).collect()
        }
    };
    if labels.is_empty() {
        return Err(refused(path, "no channel whose label begins with EMG", "leg EMG", "move the file away"));
    }
    labels.into_iter().map(|label| read_channel(path, name, label)).collect()
}

fn read_channel(path: &Path, name: &Name, label: String) -> Result<RealRecording, TrainError> {
    let choice = ChannelChoice { emg: vec![label.clone()], acc: None };
    let mut stream = EdfStream::open(path, &choice).map_err(|error| super::files::unreadable(&error))?;
    let group = &stream.layout().emg;
    let (rate, scale) = (group.rate, group.channels[0].scale);
    let (mut chunks, mut samples_uv) = (Vec::new(), Vec::new());
    while stream.next_chunks(&mut chunks).map_err(|error| super::files::unreadable(&error))? {
        for chunk in chunks.drain(..) {
            let physical = |digital: &i16| f64::from(*digital) * scale.gain() + scale.offset();
            samples_uv.extend(chunk.emg.iter().map(|digital| physical(digital) as f32));
        }
    }
    let mean = samples_uv.iter().map(|value| f64::from(*value)).sum::<f64>() / samples_uv.len().max(1) as f64;
    samples_uv.iter_mut().for_each(|value| *value -= mean as f32);
    let file = path.file_name().map(|file| file.to_string_lossy().into_owned()).unwrap_or_default();
    let recording = RealRecording {
        person: name.person.clone(),
        subject: name.subject,
        task: name.task.clone(),
        file,
        channel: label,
        rate,
        samples_uv,
    };
    if recording.duration_s() < 2.0 {
        let found = format!("{:.1} s", recording.duration_s());
        return Err(refused(path, &found, "at least 2 s of EMG", "move the file away"));
    }
    Ok(recording)
}

fn refused(path: &Path, found: &str, expected: &'static str, to_do: &'static str) -> TrainError {
    TrainError::RealFolder { path: path.display().to_string(), found: found.to_owned(), expected, to_do }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("data/emg")
    }

    #[test]
    fn a_name_says_who_did_what_with_which_muscle() {
        let name = |file: &str| Name::of(Path::new(file));
        let hold = name("data/older_adult_03_TA_hold.edf").unwrap();
        assert_eq!((hold.person.as_str(), hold.subject, hold.task.as_str()), ("older_adult_03", 3, "hold"));
        assert_eq!(hold.muscle.as_deref(), Some("TA"));
        let gait = name("lower_limb_12N_gait.EDF").unwrap();
        assert_eq!((gait.person.as_str(), gait.subject, gait.muscle), ("lower_limb_12N", 12, None));
        for odd in ["gait.edf", "1N_gait.edf", "lower_limb_gait.edf", "older_adult_03.edf", "a_1_b_c_d.edf"] {
            assert_eq!(name(odd), None, "{odd}");
        }
    }

    #[test]
    fn nobody_is_in_both_halves_and_nobody_is_left_out() {
        let (train, test) = (RealSet::train(&folder()).unwrap(), RealSet::test(&folder()).unwrap());
        let all = RealSet::read(&folder()).unwrap();
        let (of_train, of_test) = (train.people(), test.people());
        assert!(of_train.iter().all(|person| !of_test.contains(person)), "{of_train:?}, {of_test:?}");
        assert_eq!(of_train.len() + of_test.len(), all.people().len());
        assert!(of_train.len() >= 12 && of_test.len() >= 12, "{of_train:?}, {of_test:?}");
        assert_eq!(train.recordings().len() + test.recordings().len(), all.recordings().len());
        for task in ["hold", "gait", "sitting", "standing"] {
            assert!([&train, &test].iter().all(|half| half.recordings().iter().any(|one| one.task == task)), "{task}");
        }
    }

    #[test]
    fn the_named_muscle_is_taken_alone_and_without_a_name_each_channel() {
        let all = RealSet::read(&folder()).unwrap();
        let channels = |file: &str| -> Vec<&str> {
            let mine = all.recordings().iter().filter(|recording| recording.file == file);
            mine.map(|recording| recording.channel.as_str()).collect()
        };
        assert_eq!(channels("older_adult_01_TA_hold.edf"), ["EMG TA"]);
        assert_eq!(channels("lower_limb_1N_gait.edf"), ["EMG RF", "EMG BF", "EMG VM", "EMG ST"]);
        let hold = all.recordings().iter().find(|recording| recording.file == "older_adult_01_TA_hold.edf").unwrap();
        assert_eq!((hold.rate, hold.duration_s()), (Rate::hz(2000), 10.0));
        let rms = (hold.samples_uv.iter().map(|v| v * v).sum::<f32>() / hold.samples_uv.len() as f32).sqrt();
        assert!((100.0..120.0).contains(&rms), "{rms}");
    }

    #[test]
    fn groups_share_out_people_and_never_split_one() {
        let train = RealSet::train(&folder()).unwrap();
        let groups: Vec<RealSet> = (0..6).map(|group| train.group(group, 6).unwrap()).collect();
        let mut people: Vec<&str> = groups.iter().flat_map(RealSet::people).collect();
        people.sort_unstable();
        assert_eq!(people, train.people());
        assert!(train.group(people.len(), people.len() + 1).is_none());
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_what_was_found_and_what_to_do() {
        let folder_of = |files: &[(&str, &str)]| {
            let made = tempfile::tempdir().unwrap();
            for (name, source) in files {
                std::fs::copy(folder().join(source), made.path().join(name)).unwrap();
            }
            made
        };
        let refusal = |path: &Path| RealSet::train(path).unwrap_err().to_string();
        assert!(refusal(Path::new("/nowhere")).contains("/nowhere: found "), "{}", refusal(Path::new("/nowhere")));
        let hold = "older_adult_01_TA_hold.edf";
        let empty = folder_of(&[("notes.txt", hold)]);
        assert!(refusal(empty.path()).contains("no .edf file"));
        let nameless = folder_of(&[("mine.edf", hold)]);
        assert!(refusal(nameless.path()).contains("rename"));
        let even = folder_of(&[("me_2_TA_hold.edf", hold)]);
        assert!(refusal(even.path()).contains("no subject with an odd number"));
        let other_muscle = folder_of(&[("me_1_GM_hold.edf", hold)]);
        let message = refusal(other_muscle.path());
        assert!(message.contains("EMG GM") && message.contains("EMG TA"), "{message}");
        let copies = folder_of(&[("me_1_TA_hold.edf", hold), ("you_2_TA_hold.edf", hold)]);
        let message = refusal(copies.path());
        assert!(message.contains("the same samples in me_1_TA_hold.edf and you_2_TA_hold.edf"), "{message}");
        let torn = tempfile::tempdir().unwrap();
        std::fs::write(torn.path().join("me_1_gait.edf"), "no EDF").unwrap();
        assert!(refusal(torn.path()).contains("me_1_gait.edf"));
    }
}
