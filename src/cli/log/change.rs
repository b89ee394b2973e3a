//! `crampwatch log undo` and `log edit`.

use uuid::Uuid;

use super::arguments::{EditArguments, UndoArguments};
use super::make::note;
use super::{Diary, Maker, UsageError, describe, own_foods, usage};
use crate::diary::{Entry, EntryKind, Measures, Quantity, QuantityError, check_limits, parse_amount, parse_quantity};

/// Fewest characters of an id that name an entry.
const MIN_ID_CHARS: usize = 4;
/// Entries that are shown one by one.
const SHOWN: usize = 20;

pub(super) fn undo(arguments: &UndoArguments) -> anyhow::Result<String> {
    let diary = Diary::load(arguments.config.as_deref())?;
    let undone = diary.with_store_if_any(async |store| Ok(store.undo_entries(diary.person(), diary.now()).await?))?;
    if undone.is_empty() {
        return Ok("nothing to take back\n".to_owned());
    }
    let line = |entry: &Entry| {
        let restored = if entry.edited_from.is_some() { ", and its earlier form is back" } else { "" };
        format!("taken back: {} at {}{restored}\n", describe::what(entry), describe::when_text(entry.at, &diary))
    };
    let mut text: String = undone.iter().take(SHOWN).map(line).collect();
    if undone.len() > SHOWN {
        text.push_str(&format!("and {} more of the same command\n", undone.len() - SHOWN));
    }
    Ok(text)
}

pub(super) fn edit(arguments: &EditArguments) -> anyhow::Result<String> {
    if arguments.at.is_none() && arguments.amount.is_none() && arguments.note.is_none() {
        return Err(UsageError("found nothing to change, expected --at, --amount or --note".to_owned()).into());
    }
    let diary = Diary::load(arguments.config.as_deref())?;
    let id = arguments.id.trim();
    if id.len() < MIN_ID_CHARS || !id.chars().all(|c| c.is_ascii_hexdigit() || c == '-') {
        let hint = "`crampwatch log list` shows them";
        let message = format!("found the entry {id:?}, expected four or more characters from its id; {hint}");
        return Err(UsageError(message).into());
    }
    let own = own_foods(&diary)?;
    let found = diary.with_store_if_any(async |store| Ok(store.entries_by_part_of_id(diary.person(), id).await?))?;
    let old = match found.as_slice() {
        [entry] => entry,
        [] => {
            let message = format!("found no entry {id:?}, expected the id of one; `crampwatch log list` shows them");
            return Err(UsageError(message).into());
        }
        several => {
            let line = |entry: &Entry| format!("\n  {}  {}", entry.id, describe::what(entry));
            let lines: String = several.iter().map(line).collect();
            return Err(UsageError(format!(
                "{id:?} names {} entries, expected one; give more characters of:{lines}",
                several.len()
            ))
            .into());
        }
    };
    let new = changed(old, arguments, &Maker { diary: &diary, own: &own })?;
    diary.with_store(async |store| Ok(store.replace_entry(diary.person(), old.id, &new).await?))?;
    let at = describe::when_text(new.at, &diary);
    Ok(format!("changed: {} at {at}\n  before: {}\n", describe::what(&new), describe::what(old)))
}

/// More or less of the same, if both amounts are of one kind: the strength of a drink and a label's words stay as they
/// were.
fn scaled(old: &Entry, amount: &str, measures: &Measures) -> Result<Option<Entry>, UsageError> {
    let new = match parse_quantity(amount, measures) {
        Ok(given) => given,
        Err(QuantityError::UnknownUnit { .. }) => return Ok(None),
        Err(error) => return Err(usage(error)),
    };
    let Some(old_value) = old.amount else { return Ok(None) };
    // A portion such as `medium` is no unit: it is counted.
    let old_quantity =
        parse_quantity(&old.amount_text(), measures).map_or(Quantity::Pieces(old_value), |given| given.quantity);
    let factor = match (new.quantity, old_quantity) {
        (Quantity::Mass { mg: new }, Quantity::Mass { mg: old }) => new / old,
        (Quantity::Volume { ml: new }, Quantity::Volume { ml: old }) => new / old,
        (Quantity::InternationalUnits(new), Quantity::InternationalUnits(old))
        | (Quantity::Millimoles(new), Quantity::Millimoles(old))
        | (Quantity::Pieces(new), Quantity::Pieces(old)) => new / old,
        _ => return Ok(None),
    };
    let is_count = matches!(new.quantity, Quantity::Pieces(_));
    let amount_ml = old.amount_ml.map(|ml| ml * factor);
    let brings = old.brings.map(|brings| brings.scaled(factor));
    check_limits(old.kind, &brings.unwrap_or_default(), amount_ml).map_err(usage)?;
    Ok(Some(Entry {
        amount: Some(new.value),
        unit: if is_count { old.unit.clone() } else { Some(new.unit) },
        amount_ml,
        brings,
        ..old.clone()
    }))
}

fn changed(old: &Entry, arguments: &EditArguments, maker: &Maker<'_>) -> anyhow::Result<Entry> {
    let diary = maker.diary;
    let mut new = Entry { id: Uuid::now_v7(), logged_at: diary.now(), import_key: None, ..old.clone() };
    if let Some(amount) = arguments.amount.as_deref() {
        let remade = match old.kind {
            EntryKind::Water => {
                let amount = parse_amount(amount, &diary.config.diary.measures).map_err(usage)?;
                new.amount_ml = Some(amount.millilitres);
                new.unit = Some(amount.unit.as_str().to_owned());
                new.amount = Some(amount.value);
                None
            }
            EntryKind::Food | EntryKind::Drink | EntryKind::Supplement => {
                match scaled(old, amount, &diary.config.diary.measures)? {
                    Some(scaled) => Some(scaled),
                    None => Some(maker.taken(old.kind, &format!("{} {amount}", old.name), old.at)?),
                }
            }
            EntryKind::Exposure => Some(maker.exposed(&old.name, amount, old.at)?),
            EntryKind::Relief | EntryKind::Note => {
                let kind = old.kind.as_str();
                return Err(UsageError(format!(
                    "found --amount for a {kind}, which has none, expected --at or --note"
                ))
                .into());
            }
        };
        if let Some(remade) = remade {
            (new.amount, new.unit, new.amount_ml) = (remade.amount, remade.unit, remade.amount_ml);
            (new.brings, new.exposure_amount) = (remade.brings, remade.exposure_amount);
        }
    }
    if let Some(at) = arguments.at.as_deref() {
        new.at = diary.at(Some(at))?;
    }
    if let Some(text) = arguments.note.as_deref() {
        new.note = note(Some(text))?;
    }
    Ok(new)
}
