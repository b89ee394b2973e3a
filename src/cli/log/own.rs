//! `crampwatch log own-food` and `log recipe`.

use super::arguments::{OwnFoodArguments, RecipeArguments};
use super::{Diary, UsageError, describe, own_foods, usage};
use crate::config::closest;
use crate::diary::{
    MAX_NAME_CHARS, Nutrient, Nutrients, OwnFood, OwnPortion, Quantity, parse_quantity, split_phrase, take_food,
};
use crate::store::OwnFoodRow;

/// One µg of vitamin D is 40 IU.
const VITAMIN_D_IU_PER_UG: f64 = 40.0;

pub(super) fn food(arguments: &OwnFoodArguments) -> anyhow::Result<String> {
    let diary = Diary::load(arguments.config.as_deref())?;
    let mut per_100g = Nutrients::default();
    for text in &arguments.nutrients {
        let (nutrient, amount) = nutrient(text, &diary)?;
        per_100g = per_100g.with(nutrient, Some(amount));
    }
    let portions = portions(&arguments.portion, &diary)?;
    let food = OwnFood::new(&name(&arguments.name)?, per_100g, portions).map_err(usage)?;
    save(&diary, &food, None)
}

pub(super) fn recipe(arguments: &RecipeArguments) -> anyhow::Result<String> {
    let diary = Diary::load(arguments.config.as_deref())?;
    let own = own_foods(&diary)?;
    let measures = &diary.config.diary.measures;
    let mut sum = Nutrients::none_of_any();
    let (mut parts, mut parts_g) = (Vec::new(), 0.0);
    for text in &arguments.parts {
        let within = |error: &dyn std::fmt::Display| UsageError(format!("in the part {text:?}: {error}"));
        let phrase = split_phrase(text, measures).map_err(|error| within(&error))?;
        let taken = take_food(&phrase, &own).map_err(|error| within(&error))?;
        let given = phrase.given.ok_or_else(|| within(&"found no mass, expected one such as 250g"))?;
        let grams = given.mass_mg().map_err(|error| within(&error))? / 1e3;
        for nutrient in Nutrient::ALL {
            // What one part does not tell is unknown for the whole.
            let both = sum.get(nutrient).zip(taken.brings.get(nutrient));
            sum = sum.with(nutrient, both.map(|(sum, more)| sum + more));
        }
        parts_g += grams;
        parts.push((taken.name, grams));
    }
    let makes_g = arguments.makes.as_deref().map_or(Ok(parts_g), |text| mass_g(text, &diary))?;
    let portions = portions(&arguments.portion, &diary)?;
    let food = OwnFood::new(&name(&arguments.name)?, sum.scaled(100.0 / makes_g), portions).map_err(usage)?;
    save(&diary, &food, Some(parts))
}

fn save(diary: &Diary, food: &OwnFood, recipe: Option<Vec<(String, f64)>>) -> anyhow::Result<String> {
    let portions = food.portions().iter().map(|portion| (portion.name.clone(), portion.grams)).collect();
    let food = &OwnFoodRow { name: food.name().to_owned(), per_100g: *food.per_100g(), portions, recipe };
    diary.with_store(async |store| Ok(store.save_own_food(diary.person(), food, diary.now()).await?))?;
    let known = Nutrient::ALL.into_iter().filter_map(|nutrient| Some((nutrient, food.per_100g.get(nutrient)?)));
    let known: Vec<String> = known
        .map(|(nutrient, amount)| format!("{nutrient} {} {}", describe::rounded(amount), nutrient.unit()))
        .collect();
    let unknown: Vec<&str> = Nutrient::ALL
        .into_iter()
        .filter(|nutrient| food.per_100g.get(*nutrient).is_none())
        .map(Nutrient::name)
        .collect();
    let not_known = if unknown.is_empty() { String::new() } else { format!("  not known: {}\n", unknown.join(", ")) };
    Ok(format!(
        "kept: {}, 100 g of it bring {}\n{not_known}log it with: crampwatch log food '{}' 100g\n",
        food.name,
        known.join(", "),
        food.name
    ))
}

fn name(text: &str) -> Result<String, UsageError> {
    let text = text.trim();
    let begins_with_letter = text.chars().next().is_some_and(char::is_alphabetic);
    if begins_with_letter && text.chars().count() <= MAX_NAME_CHARS {
        return Ok(text.to_owned());
    }
    Err(UsageError(format!(
        "found the name {text:?}, expected one that begins with a letter, of at most {MAX_NAME_CHARS} characters"
    )))
}

fn mass_g(text: &str, diary: &Diary) -> Result<f64, UsageError> {
    parse_quantity(text, &diary.config.diary.measures)
        .and_then(|given| given.mass_mg())
        .map(|mg| mg / 1e3)
        .map_err(usage)
}

fn portions(texts: &[String], diary: &Diary) -> Result<Vec<OwnPortion>, UsageError> {
    let portion = |text: &String| {
        let (name, mass) = text
            .split_once('=')
            .ok_or_else(|| UsageError(format!("found the portion {text:?}, expected NAME=MASS such as bowl=60g")))?;
        Ok(OwnPortion { name: name.trim().to_owned(), grams: mass_g(mass, diary)? })
    };
    texts.iter().map(portion).collect()
}

fn nutrient(text: &str, diary: &Diary) -> Result<(Nutrient, f64), UsageError> {
    let (key, amount) = text.split_once('=').ok_or_else(|| {
        UsageError(format!("found {text:?}, expected NUTRIENT=AMOUNT with its unit, such as magnesium=120mg"))
    })?;
    let key = key.trim().to_lowercase();
    let nutrient = Nutrient::parse(&key).ok_or_else(|| {
        let names = Nutrient::ALL.map(Nutrient::as_str);
        let close = closest(&key, names).map_or_else(String::new, |close| format!("; did you mean {close}?"));
        UsageError(format!("found the nutrient {key:?}, expected one of {}{close}", names.join(", ")))
    })?;
    amount_of(nutrient, amount, diary).map(|amount| (nutrient, amount))
}

/// An amount of 100 g of a food, in the nutrient's unit. Zero is an answer here: the label says that there is none.
fn amount_of(nutrient: Nutrient, text: &str, diary: &Diary) -> Result<f64, UsageError> {
    let text = text.trim().to_lowercase();
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    let unit = nutrient.unit();
    let expected =
        || UsageError(format!("found {text:?} for {nutrient}, expected an amount in {unit}, such as 12{unit}"));
    let bare = text.trim_end_matches(char::is_alphabetic).trim();
    if number(bare) == Some(0.0) {
        return Ok(0.0);
    }
    let amount = if nutrient == Nutrient::Energy {
        let kcal = text.strip_suffix("kcal").and_then(number);
        kcal.or_else(|| text.strip_suffix("kj").and_then(number).map(|kj| kj / 4.184)).ok_or_else(expected)?
    } else {
        let given = parse_quantity(&text, &diary.config.diary.measures).map_err(usage)?;
        match (given.quantity, unit) {
            (Quantity::Mass { mg }, "mg") => mg,
            (Quantity::Mass { mg }, "µg") => mg * 1e3,
            (Quantity::Mass { mg }, "g") => mg / 1e3,
            (Quantity::Mass { mg }, "ml") => mg / 1e3,
            (Quantity::Volume { ml }, "ml") => ml,
            (Quantity::InternationalUnits(units), _) if nutrient == Nutrient::VitaminD => units / VITAMIN_D_IU_PER_UG,
            _ => return Err(expected()),
        }
    };
    Ok(amount)
}
