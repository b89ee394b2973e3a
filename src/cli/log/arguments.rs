//! What can be typed after `crampwatch log`.

use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    subcommand_value_name = "WHAT",
    subcommand_help_heading = "What",
    disable_help_subcommand = true,
    after_help = "Examples:
  crampwatch log water 250ml
  crampwatch log food 'spinach, raw' 100g
  crampwatch log food 'banana medium'
  crampwatch log drink wine 150ml --at 'yesterday 21:30'
  crampwatch log supplement 'magnesium citrate' 300mg
  crampwatch log exercise 45min hard
  crampwatch log stretch 3min
  crampwatch log relief 'stood on it' worked
  crampwatch log check-in
  crampwatch log undo

`crampwatch log WHAT --help` shows examples of each. A day runs from 04:00 to 04:00. Entries go to
the database of the configuration; a running daemon sees them within a second. Nothing is guessed:
what is not understood is refused, with suggestions, and nothing is written."
)]
pub(in crate::cli) struct LogArguments {
    #[command(subcommand)]
    pub(super) command: LogCommand,
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum LogCommand {
    /// Plain water.
    Water(WaterArguments),
    /// A food, by weight or by a usual portion.
    Food(FoodArguments),
    /// A drink other than plain water.
    Drink(DrinkArguments),
    /// A pill, powder or drops.
    Supplement(SupplementArguments),
    /// Exercise, in minutes; add `hard` if it was hard for you.
    Exercise(ExposureArguments),
    /// Stretching of calf or hamstrings, in minutes.
    Stretch(ExposureArguments),
    /// Heavy sweating.
    Sweat(ExposureArguments),
    /// A hot day, or warmth put on the leg.
    Heat(ExposureArguments),
    /// Illness, such as fever, vomiting or diarrhoea.
    Illness(ExposureArguments),
    /// Sun on the skin, in minutes.
    Sun(ExposureArguments),
    /// Standing for long, as a duration.
    Standing(ExposureArguments),
    /// A sleeping position that points the toes, or another one that you watch.
    Position(ExposureArguments),
    /// A stressful day.
    Stress(ExposureArguments),
    /// Massage of the leg.
    Massage(ExposureArguments),
    /// Sitting for most of the day.
    Sitting(ExposureArguments),
    /// A medicine that was taken, by name.
    Medicine(TextArguments),
    /// What was tried against a cramp, and what came of it.
    Relief(ReliefArguments),
    /// Words to keep.
    Note(TextArguments),
    /// Entries that you log often, under one name.
    Preset(PresetArguments),
    /// Take back what the newest command wrote.
    Undo(UndoArguments),
    /// Show entries with their ids.
    List(ListArguments),
    /// Change the time, the amount or the note of an entry.
    Edit(EditArguments),
    /// The evening's yes/no questions: 30 seconds, before the night.
    CheckIn(CheckInArguments),
    /// Make a food of your own known, from its label.
    OwnFood(OwnFoodArguments),
    /// Make a recipe known, from its parts.
    Recipe(RecipeArguments),
    #[command(external_subcommand)]
    Other(Vec<String>),
}

impl LogCommand {
    pub(super) fn common(&self) -> Option<&Common> {
        match self {
            Self::Food(arguments) => Some(&arguments.common),
            Self::Drink(arguments) => Some(&arguments.common),
            Self::Supplement(arguments) => Some(&arguments.common),
            Self::Relief(arguments) => Some(&arguments.common),
            Self::Medicine(arguments) | Self::Note(arguments) => Some(&arguments.common),
            Self::Water(arguments) => Some(&arguments.common),
            other => other.exposure().map(|(_, arguments)| &arguments.common),
        }
    }

    pub(super) fn config(&self) -> Option<&Path> {
        self.common().and_then(|common| common.config.as_deref())
    }

    /// The exposure's stored form and what was said of it.
    pub(super) fn exposure(&self) -> Option<(&'static str, &ExposureArguments)> {
        Some(match self {
            Self::Exercise(arguments) => ("exercise", arguments),
            Self::Stretch(arguments) => ("stretch", arguments),
            Self::Sweat(arguments) => ("sweat", arguments),
            Self::Heat(arguments) => ("heat", arguments),
            Self::Illness(arguments) => ("illness", arguments),
            Self::Sun(arguments) => ("sun", arguments),
            Self::Standing(arguments) => ("standing", arguments),
            Self::Position(arguments) => ("position", arguments),
            Self::Stress(arguments) => ("stress", arguments),
            Self::Massage(arguments) => ("massage", arguments),
            Self::Sitting(arguments) => ("sitting", arguments),
            _ => return None,
        })
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct Common {
    /// When, in local time: 07:30, 'yesterday 22:10', '2025-11-21 22:10' or with an offset; default: now.
    #[arg(long, value_name = "WHEN")]
    pub(super) at: Option<String>,
    /// What else is worth keeping.
    #[arg(long, value_name = "TEXT")]
    pub(super) note: Option<String>,
    /// The configuration file; it names the person and the data folder.
    #[arg(long, value_name = "PATH")]
    pub(super) config: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch log water 250ml
  crampwatch log water 250 ml --at 22:10
  crampwatch log water 1 glass --at 'yesterday 22:10' --note 'after sport'

Units: ml, cl, dl, l, glass, cup, fl oz; a number without a unit is refused.")]
pub(super) struct WaterArguments {
    /// How much, with its unit.
    #[arg(required = true, num_args = 1.., value_name = "AMOUNT")]
    pub(super) amount: Vec<String>,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch log food 'spinach, raw' 100g
  crampwatch log food 'banana medium'
  crampwatch log food bread 2 slices
  crampwatch log food 'glass of milk'

Foods are those of the USDA table and your own (`crampwatch log own-food`). A name that is not in it
as it is written is refused, with the foods that come nearest.")]
pub(super) struct FoodArguments {
    /// The food and how much: a mass, a volume, or a portion that it is known by.
    #[arg(required = true, num_args = 1.., value_name = "FOOD AMOUNT")]
    pub(super) words: Vec<String>,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch log drink wine 150ml
  crampwatch log drink beer 0.5l --abv 4.2
  crampwatch log drink coffee 1 cup --at 15:30

Alcohol is worked out of the volume and the strength (--abv, percent by volume; else the usual one
of the drink), caffeine from a table of drinks.")]
pub(super) struct DrinkArguments {
    /// The drink and its volume.
    #[arg(required = true, num_args = 1.., value_name = "DRINK AMOUNT")]
    pub(super) words: Vec<String>,
    /// Alcohol in percent by volume, as on the bottle.
    #[arg(long, value_name = "PERCENT")]
    pub(super) abv: Option<String>,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch log supplement 'magnesium citrate' 300mg
  crampwatch log supplement 'magnesium citrate' 100mg --elemental
  crampwatch log supplement 'vitamin D' 800IU

The amount is that of the whole compound, and the magnesium in it is worked out; with --elemental it
is that of the mineral itself, as many labels give it.")]
pub(super) struct SupplementArguments {
    /// The supplement and how much: mg, µg, IU or mmol.
    #[arg(required = true, num_args = 1.., value_name = "SUPPLEMENT AMOUNT")]
    pub(super) words: Vec<String>,
    /// The amount is that of the mineral, not of the compound.
    #[arg(long)]
    pub(super) elemental: bool,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch log exercise 45min hard
  crampwatch log stretch 3min
  crampwatch log standing 3h
  crampwatch log sweat
  crampwatch log heat no

`no` says that it was not there today, which is worth as much as a yes.")]
pub(super) struct ExposureArguments {
    /// How long, such as 45min or 1h30; or yes, or no. Exercise: add `hard` if it was.
    #[arg(num_args = 0.., value_name = "HOW LONG")]
    pub(super) words: Vec<String>,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch log note 'slept in another bed'
  crampwatch log medicine furosemide --at 08:00")]
pub(super) struct TextArguments {
    /// The words, or the medicine's name.
    #[arg(required = true, num_args = 1.., value_name = "TEXT")]
    pub(super) words: Vec<String>,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch log relief 'stood on it' worked
  crampwatch log relief stretch helped --at 03:15
  crampwatch log relief massage no --episode last")]
pub(super) struct ReliefArguments {
    /// What was tried.
    #[arg(value_name = "WHAT")]
    pub(super) means: String,
    /// What came of it: worked, helped (a little) or no.
    #[arg(value_name = "worked|helped|no")]
    pub(super) outcome: String,
    /// Against which cramp: `last`, or four or more characters from its id (`crampwatch label --list`).
    #[arg(long, value_name = "EPISODE")]
    pub(super) episode: Option<String>,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Examples:
  crampwatch log preset save breakfast \"food 'rolled oats' 50g\" 'drink coffee 200ml' 'water 1 glass'
  crampwatch log preset breakfast
  crampwatch log preset breakfast --at 08:00
  crampwatch log preset list"
)]
pub(super) struct PresetArguments {
    /// The preset's name; or `list`; or `save` and a name.
    #[arg(value_name = "NAME|save NAME|list")]
    pub(super) name: String,
    /// With `save`: the name, then each entry as it would be typed after `crampwatch log`, quoted.
    #[arg(num_args = 0.., value_name = "ENTRY")]
    pub(super) entries: Vec<String>,
    /// When; default: now.
    #[arg(long, value_name = "WHEN")]
    pub(super) at: Option<String>,
    /// The configuration file; it names the person and the data folder.
    #[arg(long, value_name = "PATH")]
    pub(super) config: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch log undo

Takes back what the newest command wrote: an entry, a preset, a check-in, an import, or a change (the
earlier form comes back then). Again takes back the one before.")]
pub(super) struct UndoArguments {
    /// The configuration file; it names the person and the data folder.
    #[arg(long, value_name = "PATH")]
    pub(super) config: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch log list
  crampwatch log list --day 2025-11-21
  crampwatch log list --days 7")]
pub(super) struct ListArguments {
    /// One diary day, from 04:00 to 04:00: a date, `today` or `yesterday`.
    #[arg(long, value_name = "DATE", conflicts_with = "days")]
    pub(super) day: Option<String>,
    /// So many days up to today; default: 1.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=3660))]
    pub(super) days: Option<u16>,
    /// The configuration file; it names the person and the data folder.
    #[arg(long, value_name = "PATH")]
    pub(super) config: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch log edit 3f9a1c --at 'yesterday 22:10'
  crampwatch log edit 3f9a1c --amount 150g
  crampwatch log edit 3f9a1c --note 'with lemon'

`crampwatch log list` shows the ids. `crampwatch log undo` brings the earlier form back.")]
pub(super) struct EditArguments {
    /// Four or more characters from the begin or the end of the entry's id.
    #[arg(value_name = "ID")]
    pub(super) id: String,
    /// When it was.
    #[arg(long, value_name = "WHEN")]
    pub(super) at: Option<String>,
    /// How much it was, with its unit.
    #[arg(long, value_name = "AMOUNT")]
    pub(super) amount: Option<String>,
    /// What else is worth keeping; '' takes the note away.
    #[arg(long, value_name = "TEXT")]
    pub(super) note: Option<String>,
    /// The configuration file; it names the person and the data folder.
    #[arg(long, value_name = "PATH")]
    pub(super) config: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch log check-in
  crampwatch log check-in --answers alcohol=no,exercise=45min,stretch=yes,heat=no

Answer each question with y or n, or with how long it was; Enter passes it over. A no is worth as
much as a yes: without it nobody can compare. Best answered before the night.")]
pub(super) struct CheckInArguments {
    /// Answers for scripts, instead of questions: what=yes, what=no or what=45min, with commas between.
    #[arg(long, value_name = "ANSWERS")]
    pub(super) answers: Option<String>,
    /// When; default: now.
    #[arg(long, value_name = "WHEN")]
    pub(super) at: Option<String>,
    /// The configuration file; it names the person and the data folder.
    #[arg(long, value_name = "PATH")]
    pub(super) config: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch log own-food 'my muesli' --portion bowl=60g magnesium=120mg potassium=450mg sodium=10mg
  crampwatch log food 'my muesli' 1 bowl

Amounts are those of 100 g, as on the label; what the label does not say stays unknown. Nutrients:
energy (kcal), water, magnesium, potassium, calcium, sodium, vitamin_d, vitamin_b1, vitamin_b5,
vitamin_b6, vitamin_b12, vitamin_k1, vitamin_k2, fibre, alcohol, caffeine.")]
pub(super) struct OwnFoodArguments {
    /// The food's name; the same name again replaces it.
    #[arg(value_name = "NAME")]
    pub(super) name: String,
    /// What 100 g of it bring: NUTRIENT=AMOUNT with its unit.
    #[arg(required = true, num_args = 1.., value_name = "NUTRIENT=AMOUNT")]
    pub(super) nutrients: Vec<String>,
    /// A portion and its mass, such as bowl=60g; may be given several times.
    #[arg(long, value_name = "NAME=MASS")]
    pub(super) portion: Vec<String>,
    /// The configuration file; it names the person and the data folder.
    #[arg(long, value_name = "PATH")]
    pub(super) config: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch log recipe 'lentil soup' 'lentils, raw 250g' 'carrots, raw 200g' 'onions, raw 100g' --makes 1.2kg
  crampwatch log food 'lentil soup' 300g

Parts are foods with their mass. What any part does not tell of a nutrient is unknown for the whole.
Say with --makes what it weighs when it is done, since cooking takes or adds water.")]
pub(super) struct RecipeArguments {
    /// The recipe's name; the same name again replaces it.
    #[arg(value_name = "NAME")]
    pub(super) name: String,
    /// Each part: a food and its mass, quoted.
    #[arg(required = true, num_args = 1.., value_name = "PART")]
    pub(super) parts: Vec<String>,
    /// Mass of what it makes; default: that of the parts.
    #[arg(long, value_name = "MASS")]
    pub(super) makes: Option<String>,
    /// A portion and its mass, such as bowl=350g; may be given several times.
    #[arg(long, value_name = "NAME=MASS")]
    pub(super) portion: Vec<String>,
    /// The configuration file; it names the person and the data folder.
    #[arg(long, value_name = "PATH")]
    pub(super) config: Option<PathBuf>,
}
