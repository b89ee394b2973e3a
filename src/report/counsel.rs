//! Gathers from the store what advice is made from, and keeps what was said.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::advice::association::{AssociationOptions, associate, companion};
use crate::advice::pairing::{PairOptions, Paired, pair};
use crate::advice::safety::judge;
use crate::advice::wire::AdviceWire;
use crate::advice::{Advice, AdviceInput, NutrientAverage, ReliefOutcome, advise};
use crate::clock::{diary_day_bounds, diary_day_of};
use crate::diary::{Entry, IntakeSource, Item, ItemKind, Nutrient, Outcome, totals};
use crate::store::{AdviceRow, Store, StoreError};
use crate::units::UtcMicros;

/// Averages are over the logged days among this many before today.
const AVERAGED_DAYS: i64 = 28;
/// Nights and days older than this tell little of the person as they are now.
const LOOK_BACK_DAYS: i64 = 420;
/// The fastest drinking is looked for in this many days.
const DRINKING_DAYS: i64 = 7;
/// A suggestion is followed back over this many days on which something was said.
const RUN_DAYS: u32 = 120;
/// Before the words of a rule that has come to speak against a trial.
const PAUSED: &str = "Your trial is paused: speak with your clinician or pharmacist before you change anything.";
const DAY_MICROS: i64 = 86_400_000_000;
const HOUR_MICROS: i64 = 3_600_000_000;

/// What advice is made from, with what it was paired from.
#[derive(Debug)]
pub struct Counsel {
    /// For [`advise`].
    pub input: AdviceInput,
    /// Nights and days, with those that were left out.
    pub paired: Paired,
    /// The diary of the time that is looked at, in order of time.
    pub items: Vec<Item>,
    /// What a trial that runs asks for today.
    pub reminder: Option<String>,
}

impl Counsel {
    /// Reads all of it for one person: the last fourteen months, and the whole of the newest trial.
    pub async fn gather(store: &Store, person: &str, now: UtcMicros, zone: &TimeZone) -> Result<Self, StoreError> {
        let today = diary_day_of(now, zone);
        let trial = store.trials(person).await?.into_iter().next();
        let trial_from = trial.as_ref().map(|trial| diary_day_bounds(trial.plan.start(), zone).0);
        let usual_from = now.plus_micros(-LOOK_BACK_DAYS * DAY_MICROS);
        let from = trial_from.map_or(usual_from, |from| from.min(usual_from));
        let first = diary_day_of(from, zone);
        let nights: Vec<_> =
            store.nights_seen(person).await?.into_iter().filter(|night| night.night >= first).collect();
        let items = store.items_between(person, from, now.plus_micros(1)).await?;
        let reliefs = reliefs(&store.reliefs_between(person, from, now.plus_micros(1)).await?);
        let previous = last_suggestion(&store.advice_before(person, today, RUN_DAYS).await?);
        let paired = pair(&nights, &items, zone, &PairOptions::default());
        let links = associate(&paired, &AssociationOptions::default());
        let companions =
            links.iter().filter_map(|link| Some((link.factor, companion(&paired, link.factor)?))).collect();
        let mut input = AdviceInput {
            person: store.profile(person).await?,
            today,
            averages: averages(&items, today, zone),
            drinking_peak_ml_per_h: fastest_drinking(&items, now),
            links,
            companions,
            relief_outcomes: reliefs,
            previous_since: previous.as_ref().map(|(_, since)| *since),
            previous_suggestion: previous.map(|(remedy, _)| remedy),
            under_trial: Vec::new(),
            remedy_under_trial: None,
            nights,
        };
        let runs = trial.filter(|trial| trial.stopped_at.is_none() && today <= trial.plan.last());
        let mut reminder = None;
        if let Some(plan) = runs.map(|trial| trial.plan) {
            let habit = plan.habit();
            // Asked anew each day: what the person says of themselves may have changed since the plan was drawn.
            let forbidden = habit.forbidden(&judge(&input), &items);
            reminder = plan.reminder(today).map(|reminder| forbidden.map_or(reminder, |why| format!("{PAUSED} {why}")));
            input.under_trial = habit.factors(&items);
            input.remedy_under_trial = habit.remedy().map(|remedy| remedy.id.clone());
        }
        Ok(Self { input, paired, items, reminder })
    }

    /// The form in which advice leaves, with the reminder of a trial.
    pub fn wire(&self, advice: &Advice) -> AdviceWire {
        AdviceWire { reminder: self.reminder.clone(), ..AdviceWire::from(advice) }
    }

    /// Makes the advice and keeps what was said today.
    pub async fn advise(&self, store: &Store, person: &str, now: UtcMicros) -> Result<Advice, StoreError> {
        let advice = advise(&self.input);
        let said = AdviceRow {
            day: self.input.today,
            remedy: advice.suggestion.as_ref().map(|suggestion| suggestion.remedy.clone()),
            text: advice.short_text().to_owned(),
            at: now,
        };
        store.save_advice(person, &said).await?;
        Ok(advice)
    }
}

/// Averages over the days before today that know of the nutrient. A day of which only the water is known says nothing of magnesium, nor
/// of all the water that there was: days with food count; for alcohol and caffeine also days with another drink. What came of
/// supplements is averaged over days with food or a supplement, so that an upper level is seen in a log of pills alone.
fn averages(items: &[Item], today: Date, zone: &TimeZone) -> Vec<NutrientAverage> {
    let mut days: BTreeMap<Date, Vec<&Item>> = BTreeMap::new();
    for item in items {
        let day = diary_day_of(item.at, zone);
        let age_days = today.duration_since(day).as_hours() / 24;
        if (1..=AVERAGED_DAYS).contains(&age_days) {
            days.entry(day).or_default().push(item);
        }
    }
    let over = |wanted: &[IntakeSource]| {
        let is_wanted = |item: &&Item| matches!(item.kind, ItemKind::Intake { source, .. } if wanted.contains(&source));
        let logged: Vec<&Vec<&Item>> = days.values().filter(|items| items.iter().any(is_wanted)).collect();
        (totals(logged.iter().copied().flatten().copied()), u32::try_from(logged.len()).unwrap_or(u32::MAX))
    };
    let food = over(&[IntakeSource::Food]);
    let food_or_drink = over(&[IntakeSource::Food, IntakeSource::Drink]);
    let (with_pills, supplement_days) = over(&[IntakeSource::Food, IntakeSource::Supplement]);
    let per_day = |amount: f64, days: u32| if days > 0 { amount / f64::from(days) } else { 0.0 };
    let average = |nutrient: Nutrient| {
        let drunk = matches!(nutrient, Nutrient::Alcohol | Nutrient::Caffeine);
        let (sum, days) = if drunk { &food_or_drink } else { &food };
        let total = sum.get(nutrient);
        NutrientAverage {
            nutrient,
            average_per_day: per_day(total.amount, *days),
            known_share: total.known_share,
            of_supplements: per_day(with_pills.get(nutrient).of_supplements, supplement_days),
            supplement_days,
            days: *days,
        }
    };
    let known = |average: &NutrientAverage| average.days > 0 || average.of_supplements > 0.0;
    Nutrient::ALL.into_iter().map(average).filter(known).collect()
}

/// The most that was drunk within one hour of the last week, in ml; `None` if nothing was.
fn fastest_drinking(items: &[Item], now: UtcMicros) -> Option<f64> {
    let since = now.plus_micros(-DRINKING_DAYS * DAY_MICROS);
    let drunk: Vec<(i64, f64)> = items
        .iter()
        .filter(|item| item.at >= since)
        .filter_map(|item| match &item.kind {
            ItemKind::Intake { source: IntakeSource::Water | IntakeSource::Drink, brings, .. } => {
                Some((item.at.0, brings.get(Nutrient::Water)?))
            }
            _ => None,
        })
        .collect();
    let within_an_hour = |(place, (from, _)): (usize, &(i64, f64))| -> f64 {
        drunk[place..].iter().take_while(|(at, _)| at - from < HOUR_MICROS).map(|(_, ml)| ml).sum()
    };
    drunk.iter().enumerate().map(within_an_hour).reduce(f64::max)
}

/// What was suggested last, and since which day without another suggestion between; `said` is newest first.
fn last_suggestion(said: &[AdviceRow]) -> Option<(String, Date)> {
    let remedy = said.first()?.remedy.clone()?;
    let run = said.iter().take_while(|row| row.remedy.as_ref() == Some(&remedy));
    let since = run.last()?.day;
    Some((remedy, since))
}

/// How often each thing that was tried in a cramp worked; the same words in other letters are the same thing.
fn reliefs(entries: &[Entry]) -> Vec<ReliefOutcome> {
    let mut found: BTreeMap<String, ReliefOutcome> = BTreeMap::new();
    for entry in entries {
        let one = found.entry(entry.name.to_lowercase()).or_insert_with(|| ReliefOutcome {
            name: entry.name.clone(),
            worked: 0,
            tried: 0,
        });
        one.tried += 1;
        one.worked += u32::from(entry.outcome == Some(Outcome::Worked));
    }
    found.into_values().collect()
}

/// Names of the supplements that the diary has on at least `least_days` of the last 28 days.
pub fn usual_supplements(items: &[Item], today: Date, zone: &TimeZone, least_days: usize) -> BTreeSet<String> {
    let mut days: BTreeMap<String, BTreeSet<Date>> = BTreeMap::new();
    for item in items {
        let day = diary_day_of(item.at, zone);
        if today.duration_since(day).as_hours() / 24 <= AVERAGED_DAYS
            && let ItemKind::Intake { source: IntakeSource::Supplement, name, .. } = &item.kind
        {
            days.entry(name.to_lowercase()).or_default().insert(day);
        }
    }
    days.into_iter().filter(|(_, days)| days.len() >= least_days).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::diary::Nutrients;

    fn at(text: &str) -> UtcMicros {
        UtcMicros::from_timestamp(text.parse().unwrap())
    }

    fn intake(when: &str, source: IntakeSource, brings: Nutrients) -> Item {
        Item { at: at(when), kind: ItemKind::Intake { source, name: "Something".to_owned(), brings } }
    }

    fn water(when: &str, ml: f64) -> Item {
        intake(when, IntakeSource::Water, Nutrients::none_of_any().with(Nutrient::Water, Some(ml)))
    }

    fn spinach(when: &str) -> Item {
        let brings = Nutrients::default().with(Nutrient::Energy, Some(23.0)).with(Nutrient::Magnesium, Some(79.0));
        intake(when, IntakeSource::Food, brings)
    }

    #[test]
    fn only_days_with_food_are_averaged_and_never_today() {
        let items = [
            spinach("2026-11-19T12:00:00Z"),
            water("2026-11-20T12:00:00Z", 500.0),
            spinach("2026-11-21T12:00:00Z"),
            spinach("2026-11-22T12:00:00Z"),
        ];
        let averages = averages(&items, date(2026, 11, 22), &TimeZone::UTC);
        let magnesium = averages.iter().find(|average| average.nutrient == Nutrient::Magnesium).unwrap();
        assert_eq!((magnesium.days, magnesium.average_per_day, magnesium.known_share), (2, 79.0, 1.0));
        assert_eq!((magnesium.of_supplements, magnesium.supplement_days), (0.0, 2));
        let vitamin_d = averages.iter().find(|average| average.nutrient == Nutrient::VitaminD).unwrap();
        assert_eq!(vitamin_d.known_share, 0.0);
    }

    #[test]
    fn pills_are_averaged_over_days_with_pills_also_without_any_food_and_drinks_tell_of_alcohol() {
        let pill = Nutrients::none_of_any().with(Nutrient::VitaminB6, Some(100.0));
        let gin = Nutrients::none_of_any().with(Nutrient::Alcohol, Some(40.0));
        let items = [
            intake("2026-11-19T12:00:00Z", IntakeSource::Supplement, pill),
            intake("2026-11-20T12:00:00Z", IntakeSource::Supplement, pill),
            intake("2026-11-21T20:00:00Z", IntakeSource::Drink, gin),
        ];
        let averages = averages(&items, date(2026, 11, 22), &TimeZone::UTC);
        let of = |nutrient| averages.iter().find(|average| average.nutrient == nutrient).unwrap();
        let b6 = of(Nutrient::VitaminB6);
        assert_eq!((b6.days, b6.of_supplements, b6.supplement_days), (0, 100.0, 2));
        let alcohol = of(Nutrient::Alcohol);
        assert_eq!((alcohol.days, alcohol.average_per_day), (1, 40.0));
    }

    #[test]
    fn the_fastest_drinking_is_that_of_any_hour_of_the_last_week() {
        let items = [
            water("2026-11-01T12:00:00Z", 3000.0),
            water("2026-11-20T12:00:00Z", 700.0),
            water("2026-11-20T12:59:00Z", 500.0),
            water("2026-11-20T13:00:00Z", 400.0),
        ];
        assert_eq!(fastest_drinking(&items, at("2026-11-22T12:00:00Z")), Some(1200.0));
        assert_eq!(fastest_drinking(&items[..1], at("2026-11-22T12:00:00Z")), None);
    }

    #[test]
    fn a_suggestion_counts_from_the_first_day_of_its_unbroken_run() {
        let said = |day: i8, remedy: Option<&str>| AdviceRow {
            day: date(2026, 11, day),
            remedy: remedy.map(str::to_owned),
            text: "text".to_owned(),
            at: UtcMicros(0),
        };
        let run = [said(21, Some("heat")), said(18, Some("heat")), said(17, None), said(16, Some("heat"))];
        assert_eq!(last_suggestion(&run), Some(("heat".to_owned(), date(2026, 11, 18))));
        assert_eq!(last_suggestion(&run[2..]), None);
        assert_eq!(last_suggestion(&[]), None);
    }

    #[test]
    fn a_supplement_is_usual_when_it_was_logged_on_enough_days() {
        let pill = |when: &str| intake(when, IntakeSource::Supplement, Nutrients::none_of_any());
        let items = [pill("2026-11-20T12:00:00Z"), pill("2026-11-20T13:00:00Z"), pill("2026-11-21T12:00:00Z")];
        let usual = |least| usual_supplements(&items, date(2026, 11, 22), &TimeZone::UTC, least);
        assert_eq!(usual(2), BTreeSet::from(["something".to_owned()]));
        assert!(usual(3).is_empty());
    }
}
