//! Reading typed values from rows, and the text forms that columns hold.

use jiff::civil::Date;
use sqlx::Row;
use sqlx::any::AnyRow;
use uuid::Uuid;

use crate::units::UtcMicros;

pub(crate) fn at(row: &AnyRow, column: &str) -> sqlx::Result<UtcMicros> {
    Ok(UtcMicros(row.try_get(column)?))
}

pub(crate) fn at_or_none(row: &AnyRow, column: &str) -> sqlx::Result<Option<UtcMicros>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(UtcMicros))
}

pub(crate) fn flag(row: &AnyRow, column: &str) -> sqlx::Result<bool> {
    Ok(row.try_get::<i64, _>(column)? != 0)
}

pub(crate) fn date(row: &AnyRow, column: &str) -> sqlx::Result<Date> {
    parsed(row, column, str::parse::<Date>)
}

pub(crate) fn uuid(row: &AnyRow, column: &str) -> sqlx::Result<Uuid> {
    parsed(row, column, Uuid::parse_str)
}

pub(crate) fn json<T: serde::de::DeserializeOwned>(row: &AnyRow, column: &str) -> sqlx::Result<T> {
    parsed(row, column, |text| serde_json::from_str(text))
}

/// Reads a text column through `parse`; a value that does not parse names its column.
pub(crate) fn parsed<T, E>(row: &AnyRow, column: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> sqlx::Result<T>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let text: String = row.try_get(column)?;
    parse(&text).map_err(|source| sqlx::Error::ColumnDecode { index: column.to_owned(), source: source.into() })
}

/// The same for a column that may be NULL.
pub(crate) fn parsed_or_none<T, E>(
    row: &AnyRow,
    column: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> sqlx::Result<Option<T>>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let Some(text) = row.try_get::<Option<String>, _>(column)? else { return Ok(None) };
    let decode = |source: E| sqlx::Error::ColumnDecode { index: column.to_owned(), source: source.into() };
    parse(&text).map(Some).map_err(decode)
}
