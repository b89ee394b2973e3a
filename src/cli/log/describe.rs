//! Entries as text.

use jiff::civil::Date;
use uuid::Uuid;

use super::Diary;
use crate::clock::diary_day_of;
use crate::diary::{Entry, EntryKind, Exposure, Nutrient, Nutrients};
use crate::units::UtcMicros;

/// What is told of a new entry; alcohol and caffeine only where there are some.
const TOLD: [Nutrient; 7] = [
    Nutrient::Magnesium,
    Nutrient::Potassium,
    Nutrient::Calcium,
    Nutrient::Sodium,
    Nutrient::VitaminD,
    Nutrient::Alcohol,
    Nutrient::Caffeine,
];

/// `2025-11-21 22:10`, local.
pub(in crate::cli) fn when_text(at: UtcMicros, diary: &Diary) -> String {
    at.timestamp().to_zoned(diary.now.time_zone().clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// The diary day of an instant, and its name: `today` or the date.
pub(super) fn day_name(at: UtcMicros, diary: &Diary) -> (Date, String) {
    let zone = diary.now.time_zone();
    let day = diary_day_of(at, zone);
    (day, if day == diary_day_of(diary.now(), zone) { "today".to_owned() } else { day.to_string() })
}

/// The last characters of an id, which are random.
pub(super) fn short(id: Uuid) -> String {
    let text = id.to_string();
    text[text.len() - 6..].to_owned()
}

/// `100 g Spinach, raw`, `exercise 45 min`, `relief: stood on it (worked)`, `note: slept badly`.
pub(super) fn what(entry: &Entry) -> String {
    let amount = entry.amount_text();
    let note = entry.note.as_deref().filter(|_| entry.kind != EntryKind::Note);
    let note = note.map_or_else(String::new, |note| format!(" ({note})"));
    let text = match entry.kind {
        EntryKind::Note => format!("note: {}", entry.note.as_deref().unwrap_or_default()),
        EntryKind::Relief => {
            let outcome = entry.outcome.map_or_else(String::new, |outcome| format!(": {outcome}"));
            format!("relief {}{outcome}", entry.name)
        }
        EntryKind::Exposure => {
            let name = Exposure::parse(&entry.name).map_or_else(|| entry.name.clone(), |exposure| exposure.to_string());
            format!("{name} {amount}")
        }
        _ if entry.unit.as_deref() == Some("") => format!("{amount} x {}", entry.name),
        _ => format!("{amount} {}", entry.name),
    };
    one_line(&format!("{}{note}", text.trim()))
}

/// Without what would move the cursor or colour the terminal: a note may come out of anybody's file.
pub(super) fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// What is said after an entry was written.
pub(super) fn logged(entry: &Entry, diary: &Diary) -> String {
    let at = when_text(entry.at, diary);
    let brings = entry.brings.as_ref().map_or_else(String::new, brings_line);
    format!("logged: {} at {at} for {}\n{brings}", what(entry), diary.person())
}

fn brings_line(brings: &Nutrients) -> String {
    let is_told = |nutrient: &Nutrient| {
        let amount = brings.get(*nutrient);
        !matches!(nutrient, Nutrient::Alcohol | Nutrient::Caffeine) || amount.is_some_and(|amount| amount > 0.0)
    };
    let known: Vec<String> = TOLD
        .into_iter()
        .filter(is_told)
        .filter_map(|nutrient| {
            let amount = brings.get(nutrient).filter(|amount| *amount > 0.0)?;
            Some(format!("{nutrient} {} {}", rounded(amount), nutrient.unit()))
        })
        .collect();
    let unknown: Vec<&str> = TOLD.iter().filter(|one| brings.get(**one).is_none()).map(|one| one.name()).collect();
    let mut text = String::new();
    if !known.is_empty() {
        text.push_str(&format!("  brings {}\n", known.join(", ")));
    }
    if !unknown.is_empty() {
        text.push_str(&format!("  not known: {}\n", unknown.join(", ")));
    }
    text
}

/// At most three figures that mean something.
pub(super) fn rounded(amount: f64) -> String {
    match amount {
        _ if amount >= 100.0 => format!("{amount:.0}"),
        _ if amount >= 10.0 => format!("{amount:.1}"),
        _ => format!("{amount:.2}"),
    }
}
