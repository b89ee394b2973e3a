//! Opening, closing and checking the database.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::any::{Any, AnyPoolOptions, AnyRow};
use sqlx::migrate::MigrateError;
use sqlx::{AnyConnection, AnyPool, Connection, Executor, Row, Transaction};

use super::StoreError;
use super::error::BUSY_TIMEOUT_S;
use super::folder::{ensure_private_file, ensure_private_folder, opening_lock};
use crate::units::UtcMicros;

/// Name of the database file in the data folder.
pub const DATABASE_FILE: &str = "crampwatch.db";

/// Every new file under `src/store/migrations/` is compiled in here. Released ones are never edited.
static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("src/store/migrations");

/// Readers never wait for the writer (WAL), so that a long report does not hold up an alarm.
const READERS: u32 = 2;

/// The database of one data folder. Clones share its connections.
#[derive(Debug, Clone)]
pub struct Store {
    writer: AnyPool,
    readers: AnyPool,
    path: Arc<Path>,
}

impl Store {
    /// Opens the database `crampwatch.db` in `folder`, making folder (mode 0700), file (mode 0600) and schema as
    /// needed.
    ///
    /// # Errors
    /// An unwritable folder, a full disk, a damaged file, or a database of a newer version; each says what to do.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        ensure_private_folder(folder)?;
        let opening = opening_lock(folder).await?;
        let path: Arc<Path> = folder.join(DATABASE_FILE).into();
        ensure_private_file(&path)?;

        let address = address(&path)?;
        let explain = |source| StoreError::from_sqlx(&path, source);
        // By hand first: a pool retries a connection that fails in `after_connect` and then only reports a timeout.
        let mut first = AnyConnection::connect(&address).await.map_err(explain)?;
        set_pragmas(&mut first).await.map_err(explain)?;
        let writer = pool_options(1).connect(&address).await.map_err(explain)?;
        MIGRATIONS.run(&writer).await.map_err(|error| migration_error(&path, error))?;
        let readers = pool_options(READERS).connect(&address).await.map_err(explain)?;
        first.close().await.map_err(explain)?;
        drop(opening);
        Ok(Self { writer, readers, path })
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A number that changes when another process (or another `Store` on this folder) has committed a change, and
    /// never by a change of this `Store` or its clones.
    pub async fn data_version(&self) -> Result<i64, StoreError> {
        // SQLite counts per connection; all our writes use the writer's, so that it only sees those of others.
        let row = sqlx::query("PRAGMA data_version").fetch_one(&self.writer).await;
        row.and_then(|row| row.try_get(0)).map_err(|source| self.explain(source))
    }

    /// Checks every page, index and reference of the database; takes seconds for a year of nights.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] with the first problems found.
    pub async fn integrity_check(&self) -> Result<(), StoreError> {
        let rows = self.read(sqlx::query("PRAGMA integrity_check(5)")).await?;
        let mut problems: Vec<String> = rows
            .iter()
            .map(|row| row.try_get::<String, _>(0))
            .collect::<sqlx::Result<_>>()
            .map_err(|source| self.explain(source))?;
        problems.retain(|problem| problem != "ok");
        for row in self.read(sqlx::query("PRAGMA foreign_key_check")).await?.iter().take(5) {
            let table: String = row.try_get(0).map_err(|source| self.explain(source))?;
            problems.push(format!("a row of {table} refers to nothing"));
        }
        if problems.is_empty() {
            return Ok(());
        }
        Err(StoreError::Corrupt { path: self.path.to_path_buf(), detail: problems.join("; ") })
    }

    /// Ends all connections after their statements; the last one folds the write-ahead log into the database.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// Begins a write. `IMMEDIATE` takes the lock now: a transaction that read first and wrote later would fail
    /// against another writer instead of waiting for it.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Any>, StoreError> {
        let begin = || self.writer.begin_with("BEGIN IMMEDIATE");
        let begun = match begin().await {
            // On a full disk SQLite ends a transaction by itself, which sqlx does not notice: that connection begins no other.
            Err(sqlx::Error::InvalidSavePointStatement) => {
                let stale = self.writer.acquire().await.map_err(|source| self.explain(source))?;
                // Whatever closing says, the pool makes a new one.
                let _ = stale.close().await;
                begin().await
            }
            begun => begun,
        };
        begun.map_err(|source| self.explain(source))
    }

    /// Runs one statement as a write of its own and gives the number of rows it touched.
    pub(crate) async fn write(&self, query: Query<'_>) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let done = query.execute(&mut *transaction).await.map_err(|source| self.explain(source))?;
        self.commit(transaction).await?;
        Ok(done.rows_affected())
    }

    /// Makes a transaction durable.
    pub(crate) async fn commit(&self, transaction: Transaction<'static, Any>) -> Result<(), StoreError> {
        transaction.commit().await.map_err(|source| self.explain(source))
    }

    /// All rows of one reading statement.
    pub(crate) async fn read(&self, query: Query<'_>) -> Result<Vec<AnyRow>, StoreError> {
        query.fetch_all(&self.readers).await.map_err(|source| self.explain(source))
    }

    /// All rows of one reading statement, converted.
    pub(crate) async fn read_as<T>(
        &self,
        query: Query<'_>,
        convert: impl Fn(&AnyRow) -> sqlx::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.read(query).await?;
        rows.iter().map(convert).collect::<sqlx::Result<_>>().map_err(|source| self.explain(source))
    }

    /// The first row of one reading statement, converted.
    pub(crate) async fn read_first<T>(
        &self,
        query: Query<'_>,
        convert: impl Fn(&AnyRow) -> sqlx::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        let row = query.fetch_optional(&self.readers).await;
        row.and_then(|row| row.as_ref().map(convert).transpose()).map_err(|source| self.explain(source))
    }

    #[cfg(test)]
    pub(crate) fn writer_for_test(&self) -> AnyPool {
        self.writer.clone()
    }

    /// Gives an sqlx error its path and meaning.
    pub(crate) fn explain(&self, source: sqlx::Error) -> StoreError {
        StoreError::from_sqlx(&self.path, source)
    }
}

/// A statement with its parameters.
pub(crate) type Query<'q> = sqlx::query::Query<'q, Any, sqlx::any::AnyArguments>;

/// The instant now, for the columns that say when a row was made.
pub(crate) fn now() -> UtcMicros {
    UtcMicros::from_timestamp(jiff::Timestamp::now())
}

fn pool_options(connections: u32) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .min_connections(connections.min(1))
        .acquire_timeout(Duration::from_secs(4 * BUSY_TIMEOUT_S))
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .after_connect(|connection, _| Box::pin(set_pragmas(connection)))
}

async fn set_pragmas(connection: &mut AnyConnection) -> sqlx::Result<()> {
    // The busy timeout comes first, so that the others wait too.
    for pragma in [
        "PRAGMA busy_timeout = 5000",
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
    ] {
        connection.execute(pragma).await?;
    }
    Ok(())
}

/// `sqlite://` and the absolute path with everything outside unreserved characters as %XX.
fn address(path: &Path) -> Result<String, StoreError> {
    let absolute = std::path::absolute(path).map_err(|source| StoreError::Folder { path: path.to_owned(), source })?;
    let text = absolute.to_str().ok_or_else(|| StoreError::PathNotUtf8 { path: path.to_owned() })?;
    let mut address = String::from("sqlite://");
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
    address.push_str("?mode=rw");
    Ok(address)
}

fn migration_error(path: &Path, error: MigrateError) -> StoreError {
    let path: PathBuf = path.to_owned();
    match error {
        MigrateError::VersionMissing(found) => {
            let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
            StoreError::NewerSchema { path, found, known }
        }
        MigrateError::VersionMismatch(version) | MigrateError::Dirty(version) => {
            StoreError::ForeignSchema { path, version }
        }
        MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => {
            StoreError::from_sqlx(&path, source)
        }
        other => StoreError::Database { path, source: sqlx::Error::Migrate(Box::new(other)) },
    }
}
