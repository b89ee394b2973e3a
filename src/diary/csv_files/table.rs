//! Bytes to rows of text: encoding, separator, columns.

use super::error::CsvError;

/// Most columns that are named in a message.
const NAMED: usize = 12;

/// A CSV file as text.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Column names as they are written.
    pub columns: Vec<String>,
    /// Rows with their line numbers; each has as many fields as there are columns.
    pub rows: Vec<(u64, Vec<String>)>,
}

impl Table {
    /// The place of a column; case and space around it do not matter, and `µ` has two signs.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| plain(column) == plain(name))
    }

    /// Column names for a message.
    pub(super) fn names(&self) -> String {
        let more = self.columns.len().saturating_sub(NAMED);
        let names: Vec<String> = self.columns.iter().take(NAMED).map(|name| format!("{name:?}")).collect();
        if more > 0 { format!("{} and {more} more", names.join(", ")) } else { names.join(", ") }
    }
}

fn plain(name: &str) -> String {
    name.trim().to_lowercase().replace('μ', "µ").replace("mcg", "µg")
}

/// Reads UTF-8 with or without a byte order mark, separated by comma, semicolon or tab. Empty rows are passed over.
///
/// # Errors
/// Another encoding, no column, or rows of another length.
pub fn read_table(bytes: &[u8]) -> Result<Table, CsvError> {
    let text = decode(bytes)?;
    let header = text.lines().next().unwrap_or_default();
    if text.trim().is_empty() {
        return Err(CsvError::Empty);
    }
    let separator = [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|sign| (header.bytes().filter(|byte| byte == sign).count(), *sign == b','))
        .unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).trim(csv::Trim::All).from_reader(text.as_bytes());
    let broken = |error: csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        let detail = match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!("found {len} fields for {expected_len} columns")
            }
            _ => error.to_string(),
        };
        CsvError::Broken { line, detail }
    };
    let columns = reader.headers().map_err(broken)?.iter().map(str::to_owned).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        rows.push((line, record.iter().map(str::to_owned).collect()));
    }
    Ok(Table { columns, rows })
}

fn decode(bytes: &[u8]) -> Result<&str, CsvError> {
    let utf_16 = |from| Err(CsvError::Encoding { found: "UTF-16 (\"Unicode text\")".to_owned(), from });
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return utf_16("UTF-16");
    }
    // Text has no zero bytes; without a mark the place of the first one tells the order.
    match bytes.iter().take(1000).position(|byte| *byte == 0) {
        Some(place) if place % 2 == 1 => return utf_16("UTF-16LE"),
        Some(_) => return utf_16("UTF-16BE"),
        None => {}
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        CsvError::Encoding { found: format!("bytes in line {line} that are no UTF-8"), from: "WINDOWS-1252" }
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}
