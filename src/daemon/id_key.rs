//! The secret of this installation from which sensor ids are made: whoever reads an id on the broker cannot find the
//! sensor's radio address by trying.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use super::DaemonError;
use crate::config::{Config, SensorKind};
use crate::store::ensure_private_folder;

const FILE: &str = "sensor-id.key";
const BYTES: usize = 32;

/// The key of a configuration's sensor ids, made if there is none yet; empty where no sensor has an address.
///
/// # Errors
/// [`DaemonError::IdKey`] if it can be neither read nor made, or is damaged.
pub fn id_key(config: &Config) -> Result<Vec<u8>, DaemonError> {
    if config.sensor.kind != SensorKind::Bluetooth {
        return Ok(Vec::new());
    }
    let folder = &config.storage.data_dir;
    ensure_private_folder(folder)?;
    let path = folder.join(FILE);
    read_or_make(&path).map_err(|source| DaemonError::IdKey { path, source })
}

fn read_or_make(path: &Path) -> io::Result<Vec<u8>> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(path)?,
        Err(error) => return Err(error),
        Ok(_) => {}
    }
    let key = fs::read(path)?;
    if key.len() != BYTES {
        let text = format!("it has {} bytes, expected {BYTES}", key.len());
        return Err(io::Error::new(io::ErrorKind::InvalidData, text));
    }
    Ok(key)
}

/// Whole or not at all, whatever stops the machine, and never over a key that is there: another process may make one, too.
fn make(path: &Path) -> io::Result<()> {
    let new = path.with_extension(format!("{}.new", std::process::id()));
    let key: [u8; BYTES] = rand::random();
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    file.write_all(&key)?;
    file.sync_all()?;
    let linked = match fs::hard_link(&new, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        // A file system without links, such as vfat.
        Err(_) if !path.exists() => return fs::rename(&new, path),
        linked => linked,
    };
    fs::remove_file(&new)?;
    linked?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_key_is_made_once_for_its_owner_only_and_then_stays() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.storage.data_dir = folder.path().join("data");
        config.sensor.kind = SensorKind::Bluetooth;
        let key = id_key(&config).unwrap();
        assert_eq!((key.len(), id_key(&config).unwrap()), (BYTES, key.clone()));
        let path = config.storage.data_dir.join(FILE);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&config.storage.data_dir).unwrap().count(), 1, "nothing is left lying about");
        config.storage.data_dir = folder.path().join("other");
        assert_ne!(id_key(&config).unwrap(), key, "another installation has another one");
    }

    #[test]
    fn a_damaged_key_is_named_and_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.storage.data_dir = folder.path().to_owned();
        config.sensor.kind = SensorKind::Bluetooth;
        fs::write(folder.path().join(FILE), "short").unwrap();
        let error = id_key(&config).unwrap_err().to_string();
        assert!(error.contains("5 bytes, expected 32") && error.contains("delete it"), "{error}");
        assert_eq!(fs::read(folder.path().join(FILE)).unwrap(), b"short");
    }

    #[test]
    fn without_a_radio_there_is_no_key_and_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.storage.data_dir = folder.path().to_owned();
        assert!(id_key(&config).unwrap().is_empty());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
