//! `crampwatch person`: what a person says about themselves, so that advice fits them and is safe.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use super::log::Diary;
use super::{UsageError, output};
use crate::advice::{Answered, Condition, LifeState, MedicineClass, Person, Sex, medicine_classes, medicine_names};
use crate::config::closest;

/// Weights that are taken, in kg.
const WEIGHTS_KG: std::ops::RangeInclusive<f64> = 20.0..=400.0;
/// The oldest person known became 122.
const MOST_YEARS: i16 = 125;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch person
  crampwatch person set --birth-year 1961 --sex female --life-state neither --weight 70kg
  crampwatch person set --conditions none --medicines statin,ramipril
  crampwatch person set --weight unknown

All of it may stay unknown; advice is more careful then. `none` is an answer, and is not the same as
unknown. It stays in the database of the configuration and is never published.")]
pub(super) struct PersonArguments {
    #[command(subcommand)]
    command: Option<PersonCommand>,
    /// The configuration file; it names the person and the data folder.
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
}

#[derive(Debug, clap::Subcommand)]
enum PersonCommand {
    /// Say or change some of it; the rest stays as it is.
    Set(SetArguments),
}

#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
struct SetArguments {
    /// Year of birth, or unknown.
    #[arg(long, value_name = "YEAR")]
    birth_year: Option<String>,
    /// female or male, as reference intakes divide it, or unknown.
    #[arg(long, value_name = "SEX")]
    sex: Option<String>,
    /// neither, pregnant or lactating, or unknown.
    #[arg(long, value_name = "STATE")]
    life_state: Option<String>,
    /// Weight such as 70kg, or unknown.
    #[arg(long, value_name = "MASS")]
    weight: Option<String>,
    /// none, unknown, or those that you have, with commas between.
    #[arg(long, value_name = "LIST")]
    conditions: Option<String>,
    /// none, unknown, or the medicines that you take (classes, or names such as warfarin), with commas between.
    #[arg(long, value_name = "LIST")]
    medicines: Option<String>,
    /// The configuration file; it names the person and the data folder.
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
}

pub(super) fn run(arguments: &PersonArguments) -> anyhow::Result<ExitCode> {
    let set = arguments.command.as_ref().map(|PersonCommand::Set(set)| set);
    let config = set.and_then(|set| set.config.as_deref()).or(arguments.config.as_deref());
    let diary = Diary::load(config)?;
    let mut person = diary.with_store_if_any(async |store| Ok(store.profile(diary.person()).await?))?;
    if let Some(set) = set {
        change(&mut person, set, &diary)?;
        diary.with_store(async |store| Ok(store.save_profile(diary.person(), &person, diary.now()).await?))?;
    }
    output::print(&text(&person, &diary))?;
    Ok(ExitCode::SUCCESS)
}

fn change(person: &mut Person, set: &SetArguments, diary: &Diary) -> Result<(), UsageError> {
    if let Some(text) = &set.birth_year {
        person.birth_year = or_unknown(text, |text| birth_year(text, diary.now.year()))?;
    }
    if let Some(text) = &set.sex {
        person.sex = or_unknown(text, |text| word(text, "sex", Sex::parse, Sex::ALL.map(Sex::as_str)))?;
    }
    if let Some(text) = &set.life_state {
        let words = LifeState::ALL.map(LifeState::as_str);
        person.life_state = or_unknown(text, |text| word(text, "life state", LifeState::parse, words))?;
    }
    if let Some(text) = &set.weight {
        person.weight_kg = or_unknown(text, weight_kg)?;
    }
    if let Some(text) = &set.conditions {
        let words = Condition::ALL.map(Condition::as_str);
        person.conditions = list(text, |text| Ok(BTreeSet::from([word(text, "condition", Condition::parse, words)?])))?;
    }
    if let Some(text) = &set.medicines {
        person.medicines = list(text, medicine)?;
    }
    let bears = person.life_state.filter(|state| *state != LifeState::Neither);
    match (person.sex, bears) {
        (Some(Sex::Male), Some(state)) => {
            let state = state.as_str();
            Err(UsageError(format!(
                "found the sex male and the life state {state}, expected at most one of them; correct it with --sex or \
                 --life-state"
            )))
        }
        _ => Ok(()),
    }
}

/// A class, or a name as it stands on the package; of a combination all its classes.
fn medicine(text: &str) -> Result<BTreeSet<MedicineClass>, UsageError> {
    let classes = medicine_classes(text);
    if !classes.is_empty() {
        return Ok(classes);
    }
    if let Some(name) = closest(text, medicine_names()) {
        return Err(UsageError(format!("found the medicine {text:?}, which is not known; did you mean {name}?")));
    }
    let words = MedicineClass::ALL.map(MedicineClass::as_str);
    let class = word(text, "medicine", MedicineClass::parse, words).map_err(|UsageError(message)| {
        UsageError(format!("{message}; or a name from the package, such as warfarin; leave out what is none of these"))
    })?;
    Ok(BTreeSet::from([class]))
}

fn or_unknown<T>(text: &str, read: impl FnOnce(&str) -> Result<T, UsageError>) -> Result<Option<T>, UsageError> {
    if text.trim().eq_ignore_ascii_case("unknown") { Ok(None) } else { read(text.trim()).map(Some) }
}

fn birth_year(text: &str, this_year: i16) -> Result<i16, UsageError> {
    let oldest = this_year - MOST_YEARS;
    let year = text.parse::<i16>().ok().filter(|year| (oldest..=this_year).contains(year));
    year.ok_or_else(|| {
        UsageError(format!("found the birth year {text:?}, expected {oldest} to {this_year}, or unknown"))
    })
}

/// A person is heavier than any entry of food, so that the reader of amounts would refuse it.
fn weight_kg(text: &str) -> Result<f64, UsageError> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let each_kg = match unit.trim().to_lowercase().as_str() {
        "kg" => Some(1.0),
        "lb" | "lbs" => Some(0.453_592_37),
        _ => None,
    };
    let kg = number.parse::<f64>().ok().zip(each_kg).map(|(number, each)| number * each);
    kg.filter(|kg| WEIGHTS_KG.contains(kg)).map(|kg| (kg * 10.0).round() / 10.0).ok_or_else(|| {
        UsageError(format!("found the weight {text:?}, expected 20 to 400 kg with its unit, such as 70kg, or unknown"))
    })
}

fn word<T, const N: usize>(
    text: &str,
    what: &str,
    parse: impl Fn(&str) -> Option<T>,
    words: [&'static str; N],
) -> Result<T, UsageError> {
    let plain = text.trim().to_lowercase().replace([' ', '-'], "_");
    parse(&plain).ok_or_else(|| {
        let close = words.iter().find(|word| word.starts_with(&plain) && plain.len() > 2).copied();
        let close = close.or_else(|| closest(&plain, words));
        let close = close.map_or_else(String::new, |close| format!("; did you mean {close}?"));
        UsageError(format!("found the {what} {text:?}, expected one of {}{close}", words.join(", ")))
    })
}

fn list<T: Ord>(text: &str, read: impl Fn(&str) -> Result<BTreeSet<T>, UsageError>) -> Result<Answered<T>, UsageError> {
    match text.trim().to_lowercase().as_str() {
        "unknown" => Ok(Answered::Unknown),
        "none" => Ok(Answered::Known(BTreeSet::new())),
        "" => Err(UsageError("found nothing, expected none, unknown, or a list with commas between".to_owned())),
        listed => {
            let parts = listed.split(',').map(str::trim).filter(|part| !part.is_empty());
            let read: Vec<BTreeSet<T>> = parts.map(read).collect::<Result<_, _>>()?;
            Ok(Answered::Known(read.into_iter().flatten().collect()))
        }
    }
}

fn text(person: &Person, diary: &Diary) -> String {
    let unknown = || "unknown".to_owned();
    let rows = [
        ("birth year", person.birth_year.map_or_else(unknown, |year| year.to_string())),
        ("sex", person.sex.map_or_else(unknown, |sex| sex.as_str().to_owned())),
        ("life state", person.life_state.map_or_else(unknown, |state| state.as_str().to_owned())),
        ("weight", person.weight_kg.map_or_else(unknown, |kg| format!("{kg} kg"))),
        ("conditions", set_text(&person.conditions, Condition::as_str)),
        ("medicines", set_text(&person.medicines, MedicineClass::as_str)),
        ("time zone", diary.now.time_zone().iana_name().unwrap_or("as the system says").to_owned()),
    ];
    let mut text = format!("{}\n", diary.person());
    for (name, value) in rows {
        text.push_str(&format!("  {name:<11} {value}\n"));
    }
    text
}

fn set_text<T: Ord + Copy>(answer: &Answered<T>, word: impl Fn(T) -> &'static str) -> String {
    match answer {
        Answered::Unknown => "unknown".to_owned(),
        Answered::Known(set) if set.is_empty() => "none".to_owned(),
        Answered::Known(set) => set.iter().map(|one| word(*one)).collect::<Vec<_>>().join(", "),
    }
}
