//! `crampwatch log list`.

use std::fmt::Write as _;

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::arguments::ListArguments;
use super::{Diary, UsageError, describe};
use crate::clock::{diary_day_bounds, diary_day_of};
use crate::diary::{Entry, Nutrient};
use crate::report::clock_time;

pub(super) fn run(arguments: &ListArguments) -> anyhow::Result<String> {
    let diary = Diary::load(arguments.config.as_deref())?;
    let zone = diary.now.time_zone().clone();
    let today = diary_day_of(diary.now(), &zone);
    let (first, last) = match arguments.day.as_deref() {
        Some(day) => {
            let day = parse_day(day, today)?;
            (day, day)
        }
        None => {
            let before = i64::from(arguments.days.unwrap_or(1)) - 1;
            (today.checked_sub(before.days()).unwrap_or(today), today)
        }
    };
    let (from, to) = (diary_day_bounds(first, &zone).0, diary_day_bounds(last, &zone).1);
    let entries: Vec<Entry> =
        diary.with_store_if_any(async |store| Ok(store.entries_between(diary.person(), from, to).await?))?;
    let mut text = String::new();
    let mut day = None;
    for entry in &entries {
        let of = diary_day_of(entry.at, &zone);
        if day != Some(of) {
            day = Some(of);
            let of_day: Vec<&Entry> = entries.iter().filter(|entry| diary_day_of(entry.at, &zone) == of).collect();
            // Writing to a String cannot fail.
            let _ = writeln!(text, "Diary day {of} · {}", summary(&of_day));
        }
        let time = clock_time(entry.at, &zone);
        let _ = writeln!(text, "  {}  {}  {}", describe::short(entry.id), &time[..5], describe::what(entry));
    }
    if entries.is_empty() {
        let days = if first == last { first.to_string() } else { format!("{first} to {last}") };
        let _ = writeln!(text, "nothing logged for {days} (a day runs from 04:00 to 04:00)");
    }
    Ok(text)
}

fn summary(entries: &[&Entry]) -> String {
    let water_ml: f64 = entries
        .iter()
        .filter(|e| e.kind == crate::diary::EntryKind::Water)
        .filter_map(|e| e.amount_ml)
        .fold(0.0, |sum, ml| sum + ml);
    let known = |nutrient| entries.iter().filter_map(|e| e.brings?.get(nutrient)).fold(0.0, |sum, amount| sum + amount);
    let mut parts = vec![format!("water {water_ml:.0} ml")];
    for nutrient in [Nutrient::Magnesium, Nutrient::Potassium, Nutrient::Alcohol, Nutrient::Caffeine] {
        let amount = known(nutrient);
        if amount > 0.0 {
            parts.push(format!("{nutrient} {} {}", describe::rounded(amount), nutrient.unit()));
        }
    }
    format!("{} of what is known", parts.join(", "))
}

fn parse_day(text: &str, today: Date) -> Result<Date, UsageError> {
    match text.trim().to_lowercase().as_str() {
        "today" => Ok(today),
        "yesterday" => Ok(today.yesterday().unwrap_or(today)),
        other => other.parse().map_err(|_| {
            UsageError(format!("found the day {text:?}, expected today, yesterday or a date such as 2025-11-21"))
        }),
    }
}
