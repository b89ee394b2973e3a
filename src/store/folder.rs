//! The data folder: private to its owner, because it holds health data.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

use super::StoreError;
use super::database::DATABASE_FILE;

/// Makes `folder` with mode 0700. A folder that exists is tightened if it is empty or already holds a database of
/// ours; another one is left alone, since closing a shared folder to its other users would be a surprise.
pub fn ensure_private_folder(folder: &Path) -> Result<(), StoreError> {
    make_private(folder).map_err(|source| StoreError::Folder { path: folder.to_owned(), source })
}

fn make_private(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        let ours = folder.join(DATABASE_FILE).exists() || fs::read_dir(folder)?.next().is_none();
        return if ours { set_mode(folder, 0o700) } else { Ok(()) };
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes an empty database file with mode 0600, or tightens an existing one. An existing file is never opened here:
/// closing any descriptor of it would drop the locks that SQLite holds on it in this process.
pub(crate) fn ensure_private_file(path: &Path) -> Result<(), StoreError> {
    let made = match new_private_file().create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => set_mode(path, 0o600),
        other => other.map(drop),
    };
    made.map_err(|source| StoreError::Folder { path: path.to_owned(), source })
}

/// Holds the folder's opening lock, so that two processes never create or migrate a database at the same time. It is
/// released when the file is dropped, also by a kill.
pub(crate) async fn opening_lock(folder: &Path) -> Result<File, StoreError> {
    const PATIENCE_S: u64 = 30;
    const PAUSE: Duration = Duration::from_millis(20);
    let path = folder.join(".opening");
    let denied = |source| StoreError::Folder { path: path.clone(), source };
    let file = new_private_file().create(true).open(&path).map_err(denied)?;
    for _ in 0..PATIENCE_S * 1000 / PAUSE.as_millis() as u64 {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(PAUSE).await,
            Err(TryLockError::Error(source)) => return Err(denied(source)),
        }
    }
    Err(StoreError::Locked { path, waited_s: PATIENCE_S })
}

fn new_private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if fs::metadata(path)?.permissions().mode() & 0o777 == mode {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}
