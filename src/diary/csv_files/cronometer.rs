//! Cronometer's "Daily Nutrition" export: a row a day with the sums of what was eaten and drunk.

use jiff::Zoned;
use jiff::civil::{Date, time};

use super::error::CsvError;
use super::table::Table;
use crate::diary::amount::parse_number;
use crate::diary::{Entry, EntryKind, Nutrient, Nutrients, most_in_one_entry};
use crate::units::UtcMicros;

const EXPECTED: &str = "Cronometer's \"Daily Nutrition\" with a column Date and nutrients such as \"Magnesium (mg)\", or our own form with \
     date and kind (and time, name, amount, unit, note)";

/// Columns that are read, with the factor to the nutrient's unit; of several for one nutrient the first that is there.
/// Vitamin D: 40 IU are 1 µg. Cronometer's vitamin K is phylloquinone in nearly all of its sources.
const COLUMNS: [(&str, Nutrient, f64); 18] = [
    ("Energy (kcal)", Nutrient::Energy, 1.0),
    ("Energy (kJ)", Nutrient::Energy, 1.0 / 4.184),
    ("Water (g)", Nutrient::Water, 1.0),
    ("Magnesium (mg)", Nutrient::Magnesium, 1.0),
    ("Potassium (mg)", Nutrient::Potassium, 1.0),
    ("Calcium (mg)", Nutrient::Calcium, 1.0),
    ("Sodium (mg)", Nutrient::Sodium, 1.0),
    ("Vitamin D (IU)", Nutrient::VitaminD, 1.0 / 40.0),
    ("Vitamin D (µg)", Nutrient::VitaminD, 1.0),
    ("B1 (Thiamine) (mg)", Nutrient::VitaminB1, 1.0),
    ("B5 (Pantothenic Acid) (mg)", Nutrient::VitaminB5, 1.0),
    ("B6 (Pyridoxine) (mg)", Nutrient::VitaminB6, 1.0),
    ("B12 (Cobalamin) (µg)", Nutrient::VitaminB12, 1.0),
    ("Vitamin K (µg)", Nutrient::VitaminK1, 1.0),
    ("Fiber (g)", Nutrient::Fibre, 1.0),
    ("Fibre (g)", Nutrient::Fibre, 1.0),
    ("Alcohol (g)", Nutrient::Alcohol, 1.0),
    ("Caffeine (mg)", Nutrient::Caffeine, 1.0),
];

/// Name of the entry that stands for a whole day.
const NAME: &str = "whole day (Cronometer)";
/// Far beyond what a day can hold of any nutrient in its unit, apart from energy in kcal and water in ml.
const MOST: f64 = 1e5;

/// Whether the columns are those of Cronometer.
pub fn is_cronometer(table: &Table) -> bool {
    table.place("date").is_some() && COLUMNS.iter().any(|(name, ..)| table.place(name).is_some())
}

/// One entry a day, at noon (or now, if today's noon has not come): a sum has no time of its own. An empty cell is unknown.
///
/// # Errors
/// Other columns, a date that is none or in the future, a value that is no number or below zero.
pub fn read_cronometer(table: &Table, now: &Zoned) -> Result<Vec<Entry>, CsvError> {
    let date_place = table.place("date").filter(|_| is_cronometer(table));
    let date_place = date_place.ok_or_else(|| CsvError::Columns { found: table.names(), expected: EXPECTED })?;
    let mut places: Vec<(usize, Nutrient, f64)> = Vec::new();
    for (name, nutrient, factor) in COLUMNS {
        if let Some(place) = table.place(name).filter(|_| places.iter().all(|(_, known, _)| *known != nutrient)) {
            places.push((place, nutrient, factor));
        }
    }
    let logged_at = UtcMicros::from_timestamp(now.timestamp());
    let mut entries: Vec<Entry> = Vec::new();
    for (line, fields) in &table.rows {
        let date = day(*line, &fields[date_place], now)?;
        let key = format!("cronometer {date}");
        if entries.iter().any(|entry| entry.import_key.as_deref() == Some(&key)) {
            return Err(value(*line, "Date", &fields[date_place], "each date once"));
        }
        let mut brings = Nutrients::default();
        for (place, nutrient, factor) in &places {
            let column = &table.columns[*place];
            let text = &fields[*place];
            let amount = amount(*line, column, text)?.map(|amount| amount * factor);
            brings = brings.with(*nutrient, bounded(*line, column, text, EntryKind::Food, *nutrient, amount)?);
        }
        let entry = Entry::new(EntryKind::Food, NAME, noon(date, now), logged_at);
        entries.push(Entry { brings: Some(brings), import_key: Some(key), ..entry });
    }
    Ok(entries)
}

pub(super) fn value(line: u64, column: &str, found: &str, expected: &str) -> CsvError {
    let found = found.chars().take(60).collect();
    CsvError::Value { line, column: column.to_owned(), found, expected: expected.to_owned() }
}

/// A date that has come.
pub(super) fn day(line: u64, text: &str, now: &Zoned) -> Result<Date, CsvError> {
    let expected = "a date written 2025-11-21 that is not after today";
    let date: Date = text.parse().map_err(|_| value(line, "date", text, expected))?;
    if date > now.date() {
        return Err(value(line, "date", text, expected));
    }
    Ok(date)
}

/// Noon of a date, or now if that is earlier.
pub(super) fn noon(date: Date, now: &Zoned) -> UtcMicros {
    let noon = now.time_zone().to_ambiguous_zoned(date.to_datetime(time(12, 0, 0, 0))).compatible();
    let noon = noon.map_or(now.timestamp(), |noon| noon.timestamp());
    UtcMicros::from_timestamp(noon.min(now.timestamp()))
}

/// A number of zero or more; an empty cell is unknown.
pub(super) fn amount(line: u64, column: &str, text: &str) -> Result<Option<f64>, CsvError> {
    if text.is_empty() {
        return Ok(None);
    }
    let refuse = |expected: &str| value(line, column, text, expected);
    if !text.chars().all(|c| c.is_ascii_digit() || ".,".contains(c)) {
        return Err(refuse("a number of zero or more without a unit, or nothing where it is unknown"));
    }
    let number = parse_number(text).map_err(|error| refuse(&error.to_string()))?;
    if number > MOST {
        return Err(refuse("an amount that a day can hold; check the column's unit"));
    }
    Ok(Some(number))
}

/// The amount, unless it is more than an entry can bring.
pub(super) fn bounded(
    line: u64,
    column: &str,
    text: &str,
    kind: EntryKind,
    nutrient: Nutrient,
    amount: Option<f64>,
) -> Result<Option<f64>, CsvError> {
    let most = most_in_one_entry(kind, nutrient);
    if amount.is_some_and(|amount| amount > most) {
        let expected = format!("at most {most} {} in one entry; check the column's unit", nutrient.unit());
        return Err(value(line, column, text, &expected));
    }
    Ok(amount)
}
