//! `crampwatch advice foods`: which everyday foods bring a nutrient, those that the person eats first.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use super::super::{UsageError, output};
use super::{Format, json, with_store};
use crate::advice::foods::{FoodAdvice, FoodView, foods_for};
use crate::advice::wire::FoodsWire;
use crate::diary::{Everyday, Foods, IntakeSource, Item, ItemKind, Nutrient};
use crate::report::Counsel;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch advice foods magnesium
  crampwatch advice foods 'vitamin B12' --format json

Amounts are for one usual portion, from the tables of the US Department of Agriculture.")]
pub(super) struct FoodsArguments {
    /// Which nutrient, such as magnesium or 'vitamin D'.
    #[arg(required = true, num_args = 1.., value_name = "NUTRIENT")]
    nutrient: Vec<String>,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The configuration file; it names the person and the data folder.
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
}

pub(super) fn run(arguments: &FoodsArguments) -> anyhow::Result<ExitCode> {
    let nutrient = nutrient(&arguments.nutrient.join(" "))?;
    let found = with_store(arguments.config.as_deref(), async |store, person, now, zone| {
        let counsel = Counsel::gather(store, person, now, zone).await?;
        Ok(foods_for(nutrient, &views(nutrient, &counsel.items), &counsel.input))
    })?;
    output::print(&match arguments.format {
        Format::Text => text(&found),
        Format::Json => json(&FoodsWire::from(&found))?,
    })?;
    Ok(ExitCode::SUCCESS)
}

fn nutrient(found: &str) -> anyhow::Result<Nutrient> {
    let wanted = found.trim().to_lowercase().replace(['_', '-'], " ").replace("fiber", "fibre");
    let is_meant = |nutrient: &Nutrient| {
        let name = nutrient.name().to_lowercase();
        name == wanted || name.strip_prefix("vitamin ") == Some(&wanted)
    };
    Nutrient::ALL.into_iter().find(is_meant).ok_or_else(|| {
        let names: Vec<&str> = Nutrient::ALL.into_iter().map(Nutrient::name).collect();
        UsageError(format!("found the nutrient {found:?}, expected one of {}", names.join(", "))).into()
    })
}

/// Everyday foods and those of the log, each with a usual portion.
fn views(nutrient: Nutrient, items: &[Item]) -> Vec<FoodView> {
    let mut eaten: BTreeMap<&str, (u32, Option<f64>)> = BTreeMap::new();
    for item in items {
        if let ItemKind::Intake { source: IntakeSource::Food, name, brings } = &item.kind {
            let known = eaten.entry(name).or_default();
            known.0 += 1;
            known.1 = brings.get(nutrient).or(known.1);
        }
    }
    let mut views: Vec<FoodView> = Vec::new();
    for Everyday { name, food, grams, portion } in Foods::builtin().everyday() {
        let times_eaten = eaten.remove(food.name).map_or(0, |(times, _)| times);
        views.push(FoodView {
            name: name.to_owned(),
            per_portion: food.per_100g.get(nutrient).map(|per_100g| per_100g * grams / 100.0),
            portion: portion.map_or_else(|| format!("{grams:.0} g"), |portion| format!("{portion} ({grams:.0} g)")),
            times_eaten,
        });
    }
    // What is eaten and is no everyday food of the table, as it was last logged.
    views.extend(eaten.into_iter().map(|(name, (times_eaten, per_portion))| FoodView {
        name: name.to_owned(),
        per_portion,
        portion: "what you logged last".to_owned(),
        times_eaten,
    }));
    views
}

fn text(found: &FoodAdvice) -> String {
    let mut text = String::new();
    for part in [&found.role, &found.why_low, &found.withheld].into_iter().flatten() {
        let _ = writeln!(text, "{part}");
    }
    for food in &found.foods {
        let _ = writeln!(text, "  - {}", food.text);
    }
    for caution in &found.cautions {
        let _ = writeln!(text, "  ! {}", caution.text);
    }
    for point in &found.clinician {
        let _ = writeln!(text, "  ! {}", point.text);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nutrients_are_found_as_people_write_them() {
        for (found, meant) in [
            ("Magnesium", Nutrient::Magnesium),
            ("vitamin D", Nutrient::VitaminD),
            ("b12", Nutrient::VitaminB12),
            ("vitamin_b6", Nutrient::VitaminB6),
            ("fiber", Nutrient::Fibre),
        ] {
            assert_eq!(nutrient(found).unwrap(), meant);
        }
        assert!(nutrient("zinc").unwrap_err().to_string().contains("magnesium"));
    }
}
