//! Finding and reading the file.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::validated::Config;

/// Name of the configuration file.
const FILE_NAME: &str = "crampwatch.toml";
/// No configuration is as large as this, in bytes.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// The environment variables that matter, as values, so that tests need not change those of the process. Its `Debug`
/// form shows names only, since some of them are passwords.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, OsString>,
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.variables.keys()).finish()
    }
}

impl Environment {
    /// Those of this process.
    pub fn of_process() -> Self {
        let names = [
            "STATE_DIRECTORY",
            "XDG_DATA_HOME",
            "XDG_CONFIG_HOME",
            "HOME",
            "CRAMPWATCH_MQTT_PASSWORD",
            "CRAMPWATCH_MQTT_EMBEDDED_PASSWORD",
        ];
        Self::new(names.iter().filter_map(|name| Some((*name, std::env::var_os(name)?))))
    }

    /// Exactly these.
    pub fn new<N: Into<String>, V: Into<OsString>>(variables: impl IntoIterator<Item = (N, V)>) -> Self {
        Self { variables: variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect() }
    }

    /// A variable that is set and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&OsString> {
        self.variables.get(name).filter(|value| !value.is_empty())
    }

    /// A variable that holds an absolute path; the XDG specification says to ignore relative ones.
    fn folder(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from).filter(|path| path.is_absolute())
    }

    pub(crate) fn home(&self) -> Option<PathBuf> {
        self.folder("HOME")
    }

    /// Default data folder: systemd's, else XDG's, else below the home; a service without a home uses `/var/lib`.
    pub(crate) fn data_dir(&self) -> PathBuf {
        // systemd lists several folders with colons; ours is the first.
        let state = self.get("STATE_DIRECTORY").and_then(|value| std::env::split_paths(value).next());
        state
            .filter(|path| path.is_absolute())
            .or_else(|| Some(self.folder("XDG_DATA_HOME")?.join("crampwatch")))
            .or_else(|| Some(self.home()?.join(".local/share/crampwatch")))
            .unwrap_or_else(|| PathBuf::from("/var/lib/crampwatch"))
    }

    fn config_file(&self) -> Option<PathBuf> {
        let folder = self.folder("XDG_CONFIG_HOME").or_else(|| Some(self.home()?.join(".config")))?;
        Some(folder.join("crampwatch").join(FILE_NAME))
    }
}

impl Config {
    /// Reads `path`; without one `./crampwatch.toml`, else `$XDG_CONFIG_HOME/crampwatch/crampwatch.toml`
    /// (`~/.config` by default), else takes the defaults. Relative paths in the file are relative to its folder.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place and what to do.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        Self::load_in(path, &Environment::of_process())
    }

    /// [`Self::load`] in a given environment.
    pub fn load_in(path: Option<&Path>, environment: &Environment) -> Result<Self, ConfigError> {
        if let Some(path) = path {
            return Self::parse(&read(path)?, path, environment);
        }
        let found = [Some(PathBuf::from(FILE_NAME)), environment.config_file()].into_iter().flatten();
        for path in found {
            match read(&path) {
                Err(ConfigError::Unreadable { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
                other => return Self::parse(&other?, &path, environment),
            }
        }
        let mut config = Self::defaults_in(environment);
        config.mqtt.take_passwords_of(environment)?;
        Ok(config)
    }
}

fn read(path: &Path) -> Result<String, ConfigError> {
    let unreadable = |source: io::Error| {
        let remedy = match source.kind() {
            io::ErrorKind::NotFound => "check the path, or copy crampwatch.example.toml there",
            io::ErrorKind::PermissionDenied => "make it readable for this user",
            io::ErrorKind::InvalidData => "it must be UTF-8 text: save it as such",
            _ => "it must be a TOML file; see crampwatch.example.toml",
        };
        ConfigError::Unreadable { path: path.to_owned(), source, remedy }
    };
    read_text(path).map_err(unreadable)
}

/// Reads a text file of at most 1 MiB.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    use io::Read;
    let mut text = String::new();
    let read = std::fs::File::open(path)?.take(MAX_FILE_BYTES + 1).read_to_string(&mut text)?;
    if read as u64 > MAX_FILE_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 1 MiB"));
    }
    Ok(text)
}
