//! Entries out of what was typed.

use super::arguments::{
    Common, DrinkArguments, ExposureArguments, FoodArguments, LogCommand, ReliefArguments, SupplementArguments,
    TextArguments,
};
use super::{Diary, UsageError, describe, unknown_kind, usage, water};
use crate::diary::{
    Entry, EntryKind, Exposure, MAX_NAME_CHARS, MAX_NOTE_CHARS, Outcome, Phrase, Quantity, Taken, check_limits,
    find_drink, parse_abv_percent, parse_amount, parse_quantity, split_phrase, take_drink, take_food, take_supplement,
};
use crate::store::OwnFoodRow;
use crate::units::UtcMicros;

/// The person's own foods; none without a database.
pub(in crate::cli) fn own_foods(diary: &Diary) -> anyhow::Result<Vec<OwnFoodRow>> {
    diary.with_store_if_any(async |store| Ok(store.own_foods(diary.person()).await?))
}

/// A note as it is stored.
pub(super) fn note(text: Option<&str>) -> Result<Option<String>, UsageError> {
    bounded(text, "note", MAX_NOTE_CHARS)
}

fn bounded(text: Option<&str>, what: &str, most: usize) -> Result<Option<String>, UsageError> {
    let text = text.map(describe::one_line);
    let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    match text.as_ref().map(|text| text.chars().count()).filter(|n| *n > most) {
        Some(n) => Err(UsageError(format!("found a {what} of {n} characters, expected at most {most}; shorten it"))),
        None => Ok(text),
    }
}

/// Makes entries with what the person has.
pub(in crate::cli) struct Maker<'a> {
    pub(in crate::cli) diary: &'a Diary,
    pub(in crate::cli) own: &'a [OwnFoodRow],
}

impl Maker<'_> {
    /// The entry that a command asks for.
    pub(super) fn entry(&self, command: &LogCommand) -> anyhow::Result<Entry> {
        if let Some((name, arguments)) = command.exposure() {
            return self.exposure(name, arguments);
        }
        match command {
            LogCommand::Water(arguments) => Ok(water_entry(&water::intake(arguments, self.diary)?)),
            LogCommand::Food(arguments) => self.food(arguments),
            LogCommand::Drink(arguments) => self.drink(arguments),
            LogCommand::Supplement(arguments) => self.supplement(arguments),
            LogCommand::Relief(arguments) => self.relief(arguments),
            LogCommand::Medicine(arguments) => self.medicine(arguments),
            LogCommand::Note(arguments) => self.note(arguments),
            LogCommand::Other(words) => Err(unknown_kind(words.first().map_or("", String::as_str)).into()),
            _ => Err(UsageError(
                "found a command that writes no single entry, expected one such as 'water 250ml' or 'food oats 50g'"
                    .to_owned(),
            )
            .into()),
        }
    }

    /// An entry of what is taken in, out of kind, name and amount; how a file says it.
    pub(in crate::cli) fn taken(&self, kind: EntryKind, phrase: &str, at: UtcMicros) -> Result<Entry, UsageError> {
        let phrase = self.phrase(phrase)?;
        match kind {
            EntryKind::Drink => self.drunk(&phrase, None, at),
            EntryKind::Supplement => self.of(kind, take_supplement(&phrase, false).map_err(usage)?, at),
            _ => self.eaten(&phrase, at),
        }
    }

    /// A food; but a drink whose caffeine or alcohol the table of drinks knows is that drink.
    fn eaten(&self, phrase: &Phrase, at: UtcMicros) -> Result<Entry, UsageError> {
        let is_own = self.own.iter().any(|food| food.name.eq_ignore_ascii_case(phrase.name.trim()));
        // A spoon of coffee is of its powder.
        let is_drunk = phrase.given.as_ref().is_none_or(|given| {
            matches!(given.quantity, Quantity::Volume { .. }) && !["tbsp", "tsp"].contains(&given.unit.as_str())
        });
        let drink =
            find_drink(&phrase.name).filter(|drink| drink.caffeine_mg_per_100ml > 0.0 || drink.abv_percent > 0.0);
        if drink.is_some() && is_drunk && !is_own {
            return self.drunk(phrase, None, at);
        }
        self.of(EntryKind::Food, take_food(phrase, self.own).map_err(usage)?, at)
    }

    /// A drink; but plain water is water, and counts as that.
    fn drunk(&self, phrase: &Phrase, abv_percent: Option<f64>, at: UtcMicros) -> Result<Entry, UsageError> {
        let name = phrase.name.trim().to_lowercase();
        if abv_percent.is_none() && matches!(name.as_str(), "water" | "plain water" | "tap water" | "still water") {
            let given = phrase.given.as_ref().map_or_else(String::new, ToString::to_string);
            return self.water(&given, at);
        }
        let mut taken = take_drink(phrase, abv_percent).map_err(usage)?;
        if let Some(percent) = abv_percent {
            taken.name.push_str(&format!(", {percent} %"));
        }
        self.of(EntryKind::Drink, taken, at)
    }

    /// Plain water, out of its amount.
    pub(in crate::cli) fn water(&self, amount: &str, at: UtcMicros) -> Result<Entry, UsageError> {
        let amount = parse_amount(amount, &self.diary.config.diary.measures).map_err(usage)?;
        Ok(Entry {
            amount: Some(amount.value),
            unit: Some(amount.unit.as_str().to_owned()),
            amount_ml: Some(amount.millilitres),
            ..Entry::new(EntryKind::Water, "water", at, self.diary.now())
        })
    }

    fn phrase(&self, text: &str) -> Result<Phrase, UsageError> {
        split_phrase(text, &self.diary.config.diary.measures).map_err(usage)
    }

    fn common(&self, entry: Entry, common: &Common) -> anyhow::Result<Entry> {
        Ok(Entry { note: note(common.note.as_deref())?, ..entry })
    }

    fn of(&self, kind: EntryKind, taken: Taken, at: UtcMicros) -> Result<Entry, UsageError> {
        check_limits(kind, &taken.brings, taken.ml).map_err(usage)?;
        Ok(Entry {
            amount: Some(taken.value),
            unit: Some(taken.unit),
            amount_ml: taken.ml,
            brings: Some(taken.brings),
            ..Entry::new(kind, &taken.name, at, self.diary.now())
        })
    }

    fn food(&self, arguments: &FoodArguments) -> anyhow::Result<Entry> {
        let phrase = self.phrase(&arguments.words.join(" "))?;
        let at = self.diary.at(arguments.common.at.as_deref())?;
        self.common(self.eaten(&phrase, at)?, &arguments.common)
    }

    fn drink(&self, arguments: &DrinkArguments) -> anyhow::Result<Entry> {
        let abv = arguments.abv.as_deref().map(parse_abv_percent).transpose().map_err(usage)?;
        let phrase = self.phrase(&arguments.words.join(" "))?;
        let at = self.diary.at(arguments.common.at.as_deref())?;
        self.common(self.drunk(&phrase, abv, at)?, &arguments.common)
    }

    fn supplement(&self, arguments: &SupplementArguments) -> anyhow::Result<Entry> {
        let phrase = self.phrase(&arguments.words.join(" "))?;
        let taken = take_supplement(&phrase, arguments.elemental).map_err(usage)?;
        let at = self.diary.at(arguments.common.at.as_deref())?;
        self.common(self.of(EntryKind::Supplement, taken, at)?, &arguments.common)
    }

    fn exposure(&self, name: &str, arguments: &ExposureArguments) -> anyhow::Result<Entry> {
        let at = self.diary.at(arguments.common.at.as_deref())?;
        let entry = self.exposed(name, &arguments.words.join(" "), at)?;
        self.common(entry, &arguments.common)
    }

    /// An exposure out of its name and what was said of it: a length, `hard`, yes or no.
    pub(in crate::cli) fn exposed(&self, name: &str, said: &str, at: UtcMicros) -> Result<Entry, UsageError> {
        let unknown = || UsageError(format!("found the exposure {name:?}, expected one such as exercise or heat"));
        let exposure = Exposure::parse(name).ok_or_else(unknown)?;
        let is_hard = |word: &&str| word.eq_ignore_ascii_case("hard");
        let hard = exposure == Exposure::Exercise && said.split_whitespace().any(|word| is_hard(&word));
        let exposure = if hard { Exposure::HardExercise } else { exposure };
        let rest: Vec<&str> = said.split_whitespace().filter(|word| !(hard && is_hard(word))).collect();
        let said = rest.join(" ");
        let entry = |amount| Entry::of_exposure(exposure, amount, at, self.diary.now());
        let expected = if exposure.in_minutes() {
            "how long, such as 45min or 1h30, or yes, or no"
        } else {
            "nothing more, yes, or no"
        };
        match said.to_lowercase().as_str() {
            "no" => return Ok(entry(0.0)),
            "yes" => return Ok(entry(1.0)),
            "" if !exposure.in_minutes() => return Ok(entry(1.0)),
            "" => {
                return Err(UsageError(format!(
                    "found no length of {exposure}, expected {expected}; for example: crampwatch log {name} 30min"
                )));
            }
            _ => {}
        }
        let given = parse_quantity(&said, &self.diary.config.diary.measures).map_err(usage)?;
        let minutes = given.minutes().map_err(usage)?;
        if !exposure.in_minutes() {
            return Err(UsageError(format!("found {said:?} for {exposure}, expected {expected}")));
        }
        Ok(Entry { amount: Some(given.value), unit: Some(given.unit), ..entry(minutes) })
    }

    fn relief(&self, arguments: &ReliefArguments) -> anyhow::Result<Entry> {
        let outcome = Outcome::parse(&arguments.outcome).ok_or_else(|| {
            let found = &arguments.outcome;
            UsageError(format!("found the outcome {found:?}, expected worked, helped (a little) or no"))
        })?;
        let means = bounded(Some(&arguments.means), "name", MAX_NAME_CHARS)?;
        let means = means.ok_or_else(|| UsageError("found no words, expected what was tried".to_owned()))?;
        let at = self.diary.at(arguments.common.at.as_deref())?;
        let episode_id = arguments.episode.as_deref().map(|text| self.episode(text)).transpose()?;
        let entry =
            Entry { outcome: Some(outcome), episode_id, ..Entry::new(EntryKind::Relief, &means, at, self.diary.now()) };
        self.common(entry, &arguments.common)
    }

    fn episode(&self, text: &str) -> anyhow::Result<uuid::Uuid> {
        let leg = self.diary.config.leg.side.leg_name(self.diary.person());
        let is_id = text.len() >= 4 && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        let found = self.diary.with_store_if_any(async |store| {
            Ok(match text {
                "last" => store.newest_alarm(&leg).await?.into_iter().collect(),
                _ if is_id => store.episodes_by_part_of_id(&leg, text).await?,
                _ => Vec::new(),
            })
        })?;
        match found.as_slice() {
            [episode] => Ok(episode.id),
            episodes => Err(UsageError(format!(
                "found {} episodes for {text:?}, expected one: its id, four or more characters from its begin or end, or \
                 `last`; `crampwatch label --list` shows them",
                episodes.len()
            ))
            .into()),
        }
    }

    fn medicine(&self, arguments: &TextArguments) -> anyhow::Result<Entry> {
        let at = self.diary.at(arguments.common.at.as_deref())?;
        let name = arguments.words.join(" ");
        if name.trim().is_empty() {
            return Err(UsageError("found no name, expected that of the medicine".to_owned()).into());
        }
        let said = match note(arguments.common.note.as_deref())? {
            Some(more) => format!("{}; {more}", name.trim()),
            None => name,
        };
        let entry = Entry::of_exposure(Exposure::Medicine, 1.0, at, self.diary.now());
        Ok(Entry { note: note(Some(&said))?, ..entry })
    }

    fn note(&self, arguments: &TextArguments) -> anyhow::Result<Entry> {
        let at = self.diary.at(arguments.common.at.as_deref())?;
        let text = note(Some(&arguments.words.join(" ")))?;
        let text = text.ok_or_else(|| UsageError("found no words, expected those to keep".to_owned()))?;
        let said = match note(arguments.common.note.as_deref())? {
            Some(more) => format!("{text}; {more}"),
            None => text,
        };
        Ok(Entry { note: Some(said), ..Entry::new(EntryKind::Note, "", at, self.diary.now()) })
    }
}

/// Water among other entries.
pub(super) fn water_entry(intake: &crate::diary::Intake) -> Entry {
    Entry {
        id: intake.id,
        amount: Some(intake.amount.value),
        unit: Some(intake.amount.unit.as_str().to_owned()),
        amount_ml: Some(intake.amount.millilitres),
        note: intake.note.clone(),
        ..Entry::new(EntryKind::Water, "water", intake.at, intake.logged_at)
    }
}
