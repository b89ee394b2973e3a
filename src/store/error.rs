//! What can go wrong with the store, in words that tell what to do.

use std::path::{Path, PathBuf};

/// Why the store could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The data folder cannot be created or written.
    #[error(
        "cannot write the data folder {}: {source}; make it writable for this user, or set storage.data_dir to another \
         folder", path.display()
    )]
    Folder {
        /// The folder, or the file in it.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The path cannot be written as a database address.
    #[error("the data folder {} is not valid UTF-8, which the database needs; choose another storage.data_dir", path.display())]
    PathNotUtf8 {
        /// The folder.
        path: PathBuf,
    },
    /// The database may be read but not written.
    #[error("the database {} is read-only; make the file and its folder writable for this user", path.display())]
    ReadOnly {
        /// The database file.
        path: PathBuf,
    },
    /// No space is left.
    #[error(
        "the disk that holds {} is full; free some space (old raw nights are the largest files) and start again: \
         nothing that was committed is lost", path.display()
    )]
    DiskFull {
        /// The database file.
        path: PathBuf,
    },
    /// The system could not write or read the file.
    #[error(
        "the database {} cannot be written or read: {detail}; see whether the disk is full or failing (dmesg)", path.display()
    )]
    Io {
        /// The database file.
        path: PathBuf,
        /// What the database said.
        detail: String,
    },
    /// The database was written by a newer Crampwatch.
    #[error(
        "the database {} has schema version {found}, this program knows up to {known}; install the newer crampwatch, \
         or use another storage.data_dir", path.display()
    )]
    NewerSchema {
        /// The database file.
        path: PathBuf,
        /// Newest migration that the database has and this program lacks.
        found: i64,
        /// Newest migration of this program.
        known: i64,
    },
    /// The database has a migration that differs from the one compiled in.
    #[error(
        "the database {} was made by a different build (migration {version} differs); use the build that made it, or \
         another storage.data_dir", path.display()
    )]
    ForeignSchema {
        /// The database file.
        path: PathBuf,
        /// The migration that differs.
        version: i64,
    },
    /// The file is damaged or is no database.
    #[error(
        "the database {} is damaged or is not a database: {detail}; move it (with its -wal and -shm files) away and \
         restore a backup, or start with a new one: the raw nights beside it are not affected", path.display()
    )]
    Corrupt {
        /// The database file.
        path: PathBuf,
        /// What the database said.
        detail: String,
    },
    /// Another process kept the database locked.
    #[error(
        "the database {} was locked by another process for {waited_s} s; see whether a second crampwatch or a database \
         browser has it open", path.display()
    )]
    Locked {
        /// The database file.
        path: PathBuf,
        /// How long was waited, in seconds.
        waited_s: u64,
    },
    /// The schema refused a row: an unknown leg or person, a value outside its closed set, not a number.
    #[error("the database {} refused a row: {detail}; the leg must be made with ensure_leg and numbers must be finite", path.display())]
    Refused {
        /// The database file.
        path: PathBuf,
        /// The constraint.
        detail: String,
    },
    /// An event payload must be a JSON object, because its sequence number is added to it.
    #[error("the payload of event {event_type} is {found}, a JSON object was expected")]
    PayloadNotObject {
        /// Type of the event.
        event_type: String,
        /// What was given.
        found: String,
    },
    /// Nothing is stored under this id.
    #[error("no {what} with id {id} in the database {}", path.display())]
    NotFound {
        /// The database file.
        path: PathBuf,
        /// Kind of row.
        what: &'static str,
        /// The id asked for.
        id: String,
    },
    /// Anything else that the database reports.
    #[error("database {}: {source}", path.display())]
    Database {
        /// The database file.
        path: PathBuf,
        /// What sqlx reported.
        source: sqlx::Error,
    },
}

/// Seconds that a statement waits for another process's lock.
pub(crate) const BUSY_TIMEOUT_S: u64 = 5;

impl StoreError {
    /// Whether the disk is to blame, and not what was written: it may go better later.
    pub fn is_of_the_disk(&self) -> bool {
        matches!(self, Self::DiskFull { .. } | Self::Io { .. } | Self::ReadOnly { .. })
    }

    /// Gives an sqlx error its meaning by SQLite's primary result code, <https://sqlite.org/rescode.html>.
    pub(crate) fn from_sqlx(path: &Path, source: sqlx::Error) -> Self {
        let path = path.to_owned();
        let Some(database) = source.as_database_error() else { return Self::Database { path, source } };
        let detail = database.message().to_owned();
        let primary = database.code().and_then(|code| code.parse::<i32>().ok()).map(|code| code & 0xff);
        match primary {
            Some(5 | 6) => Self::Locked { path, waited_s: BUSY_TIMEOUT_S },
            Some(10) => Self::Io { path, detail },
            Some(8) => Self::ReadOnly { path },
            Some(11 | 26) => Self::Corrupt { path, detail },
            Some(13) => Self::DiskFull { path },
            Some(14) => Self::Folder { path, source: std::io::Error::other(detail) },
            Some(19) => Self::Refused { path, detail },
            _ => Self::Database { path, source },
        }
    }
}
