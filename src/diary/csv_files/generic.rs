//! Our own form: a row an entry. What `export diary` writes, `import` reads back.

use jiff::Zoned;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::cronometer::{amount, bounded, day, noon, value};
use super::error::CsvError;
use super::table::Table;
use crate::diary::{Entry, EntryKind, Exposure, Nutrient, Nutrients, Outcome, parse_when};
use crate::units::UtcMicros;

const EXPECTED: &str = "date and kind, and where there is something to say time, name, amount, unit, note (also id, outcome and nutrients such \
     as magnesium_mg, as `crampwatch export diary` writes them); or Cronometer's \"Daily Nutrition\" with a column Date and nutrients such as \"Magnesium (mg)\"";

/// One row, before its food is looked up.
#[derive(Debug, Clone, PartialEq)]
pub struct GenericRow {
    /// Line number, from 1.
    pub line: u64,
    /// The id that an export gave it; such an entry counts once.
    pub id: Option<Uuid>,
    /// When.
    pub at: UtcMicros,
    /// What kind; of an exposure its name stands in `name`.
    pub kind: EntryKind,
    /// What.
    pub name: String,
    /// Amount and unit as they are written; may be empty.
    pub amount: String,
    /// Nutrients, if the file has any of them for this row.
    pub brings: Option<Nutrients>,
    /// What came of a relief.
    pub outcome: Option<Outcome>,
    /// What was added.
    pub note: Option<String>,
    /// All of the row in one text, by which it is known again.
    pub content: String,
}

/// Name of a nutrient's column, such as `magnesium_mg`.
pub fn nutrient_column(nutrient: Nutrient) -> String {
    format!("{}_{}", nutrient.as_str(), nutrient.unit())
}

/// Reads the rows.
///
/// # Errors
/// Other columns, or a value that cannot be read, with its line.
pub fn read_generic(table: &Table, now: &Zoned) -> Result<Vec<GenericRow>, CsvError> {
    let (Some(date), Some(kind)) = (table.place("date"), table.place("kind")) else {
        return Err(CsvError::Columns { found: table.names(), expected: EXPECTED });
    };
    let nutrients: Vec<(usize, Nutrient)> = Nutrient::ALL
        .into_iter()
        .filter_map(|nutrient| Some((table.place(&nutrient_column(nutrient))?, nutrient)))
        .collect();
    let [id, time, name, number, unit, outcome, note] =
        ["id", "time", "name", "amount", "unit", "outcome", "note"].map(|name| table.place(name));
    let read = |(line, fields): &(u64, Vec<String>)| {
        let line = *line;
        let field = |place: Option<usize>| place.map_or("", |place| fields[place].as_str());
        let (kind, name) = kind_and_name(line, &fields[kind], field(name))?;
        let mut brings = Nutrients::default();
        for (place, nutrient) in &nutrients {
            let (column, text) = (&table.columns[*place], &fields[*place]);
            let amount = amount(line, column, text)?;
            brings = brings.with(*nutrient, bounded(line, column, text, kind, *nutrient, amount)?);
        }
        Ok(GenericRow {
            line,
            id: match field(id) {
                "" => None,
                text => {
                    Some(Uuid::parse_str(text).map_err(|_| value(line, "id", text, "an id as an export writes it"))?)
                }
            },
            at: instant(line, &fields[date], field(time), now)?,
            kind,
            name,
            amount: format!("{} {}", field(number), field(unit)).trim().to_owned(),
            brings: (brings != Nutrients::default()).then_some(brings),
            outcome: match field(outcome) {
                "" => None,
                text => {
                    let known = Outcome::parse(text);
                    Some(known.ok_or_else(|| value(line, "outcome", text, "worked, helped or no"))?)
                }
            },
            note: Some(field(note)).filter(|note| !note.is_empty()).map(str::to_owned),
            content: fields.join("\u{1f}"),
        })
    };
    table.rows.iter().map(read).collect()
}

/// `exercise` in the column of kinds is an exposure of that name.
fn kind_and_name(line: u64, kind: &str, name: &str) -> Result<(EntryKind, String), CsvError> {
    let word = kind.trim().to_lowercase().replace(' ', "_");
    if let Some(exposure) = Exposure::parse(&word) {
        return Ok((EntryKind::Exposure, exposure.as_str().to_owned()));
    }
    match EntryKind::parse(&word) {
        Some(EntryKind::Exposure) if Exposure::parse(name).is_none() => {
            Err(value(line, "name", name, "an exposure such as exercise, stretch or heat"))
        }
        Some(found) => Ok((found, name.to_owned())),
        None => {
            let kinds = EntryKind::ALL.map(EntryKind::as_str);
            let words = kinds.into_iter().chain(Exposure::ALL.map(Exposure::as_str));
            let close = crate::config::closest(&word, words);
            let close = close.map_or_else(String::new, |close| format!("; did you mean {close}?"));
            let expected =
                format!("water, food, drink, supplement, an exposure such as exercise, relief or note{close}");
            Err(value(line, "kind", kind, &expected))
        }
    }
}

fn instant(line: u64, date: &str, time: &str, now: &Zoned) -> Result<UtcMicros, CsvError> {
    let date = day(line, date, now)?;
    if time.is_empty() {
        return Ok(noon(date, now));
    }
    // 9:05 is written as often as 09:05.
    let time = if time.find(':') == Some(1) { format!("0{time}") } else { time.to_owned() };
    let has_offset = time.contains(['+', '-', 'Z']);
    let text = if has_offset { format!("{date}T{time}") } else { format!("{date} {time}") };
    parse_when(&text, now).map_err(|error| value(line, "time", &time, &format!("a time such as 22:10 ({error})")))
}

/// Writes entries as a file that [`read_generic`] reads back.
pub fn write_generic(entries: &[Entry], zone: &TimeZone) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let columns = ["id", "date", "time", "kind", "name", "amount", "unit", "outcome", "note"].map(str::to_owned);
    writer.write_record(columns.into_iter().chain(Nutrient::ALL.map(nutrient_column)))?;
    for entry in entries {
        let at = entry.at.timestamp().to_zoned(zone.clone());
        let exposure = if entry.kind == EntryKind::Exposure { Exposure::parse(&entry.name) } else { None };
        let (amount, unit) = match (exposure, entry.exposure_amount, entry.amount) {
            // A yes without a length is kept as one.
            (Some(exposure), Some(minutes), _) if exposure.in_minutes() && minutes > 0.0 && entry.amount.is_some() => {
                (minutes.to_string(), "min".to_owned())
            }
            (Some(_), Some(amount), _) => (if amount > 0.0 { "yes" } else { "no" }.to_owned(), String::new()),
            (_, _, Some(amount)) => (amount.to_string(), entry.unit.clone().unwrap_or_default()),
            _ => (String::new(), String::new()),
        };
        let kind = exposure.map_or(entry.kind.as_str(), Exposure::as_str);
        let name = if exposure.is_some() || entry.kind == EntryKind::Water { "" } else { entry.name.as_str() };
        let head = [
            entry.id.to_string(),
            at.strftime("%Y-%m-%d").to_string(),
            at.strftime("%H:%M:%S%:z").to_string(),
            kind.to_owned(),
            name.to_owned(),
            amount,
            unit,
            entry.outcome.map_or("", Outcome::as_str).to_owned(),
            entry.note.clone().unwrap_or_default(),
        ];
        let brings = entry.brings.unwrap_or_default();
        let amounts =
            Nutrient::ALL.map(|nutrient| brings.get(nutrient).map_or_else(String::new, |amount| amount.to_string()));
        writer.write_record(head.into_iter().chain(amounts))?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    // What was written out of text is text.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
