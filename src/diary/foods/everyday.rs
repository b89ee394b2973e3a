//! Foods that are on many tables, each with one portion as people eat it: the table's own portions run from a teaspoon to a
//! whole cup of seeds.

use std::collections::HashSet;

use super::{Food, Foods, USUAL};

/// A portion of the table is taken if it is within this factor of what is usual.
const NEAR: f64 = 1.6;

/// An everyday food with one usual portion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Everyday<'a> {
    /// What people call it, such as `peanut butter`.
    pub name: &'a str,
    /// The food of the table.
    pub food: &'a Food,
    /// Mass of the portion, in g.
    pub grams: f64,
    /// Name of the portion in the table, if it has one of about that mass.
    pub portion: Option<&'a str>,
}

impl Foods {
    /// About 180 everyday foods as they are eaten, each once.
    pub fn everyday(&self) -> impl Iterator<Item = Everyday<'_>> {
        let mut seen = HashSet::new();
        USUAL.lines().filter_map(move |line| {
            let (id, names) = line.split_once('\t')?;
            let food = self.get(id.parse().ok()?).filter(|food| is_eaten_so(food))?;
            let name = names.split(';').next()?.trim();
            seen.insert(food.id).then(|| with_portion(name, food))
        })
    }
}

fn with_portion<'a>(name: &'a str, food: &'a Food) -> Everyday<'a> {
    let usual_g = usual_grams(food);
    let distance = |grams: f64| (grams / usual_g).ln().abs();
    let nearest = food.portions.iter().min_by(|a, b| distance(a.grams).total_cmp(&distance(b.grams)));
    match nearest.filter(|portion| distance(portion.grams) <= NEAR.ln()) {
        Some(portion) => Everyday { name, food, grams: portion.grams, portion: Some(portion.name) },
        None => Everyday { name, food, grams: usual_g, portion: None },
    }
}

/// Whether it is eaten as the table has it, not cooked or baked first.
fn is_eaten_so(food: &Food) -> bool {
    let has = |part: &str| food.name.contains(part);
    match food.group {
        // Poultry, pork, beef, fish, lamb.
        5 | 10 | 13 | 15 | 17 => !has("raw") && !has("unprepared"),
        16 => !has("mature seeds, raw"),
        20 => !has("flour") && !has("uncooked") && !has("raw") && !has("Pasta, dry"),
        _ => {
            !has("Salt, table")
                && !has("Sugars, granulated")
                && !has("Egg, whole, raw")
                && !has("Potatoes, flesh and skin, raw")
        }
    }
}

/// About what one eats of it at once, in g, by the food groups of the USDA's table.
fn usual_grams(food: &Food) -> f64 {
    let has = |part: &str| food.name.contains(part);
    match food.group {
        1 if has("Cheese") => 30.0,
        1 if has("Milk") || has("Yogurt") => 240.0,
        1 if has("Egg") => 50.0,
        1 | 4 | 19 => 15.0,
        2 => 5.0,
        12 => 30.0,
        16 if has("Peanut") => 30.0,
        16 if has("Soymilk") => 240.0,
        16 if has("sauce") => 15.0,
        11 if has("Garlic") || has("Ginger") => 5.0,
        6 | 14 => 240.0,
        7 | 18 | 25 => 30.0,
        8 if has("cooked") => 240.0,
        8 => 40.0,
        9 if has("dried") || has("Raisins") => 40.0,
        9 if has("juice") => 240.0,
        20 if has("crude") => 10.0,
        20 => 150.0,
        21 | 22 => 200.0,
        _ => 100.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grams(name: &str) -> f64 {
        let found = Foods::builtin().everyday().find(|everyday| everyday.name == name);
        found.unwrap_or_else(|| panic!("{name} is not there")).grams
    }

    #[test]
    fn portions_are_what_people_eat_at_once() {
        for (name, least, most) in [
            ("almond", 25.0, 35.0),
            ("butter", 5.0, 20.0),
            ("milk", 200.0, 300.0),
            ("cheddar", 20.0, 40.0),
            ("peanut butter", 16.0, 35.0),
        ] {
            assert!((least..=most).contains(&grams(name)), "{name}: {} g", grams(name));
        }
        assert!(Foods::builtin().everyday().all(|everyday| (2.0..=400.0).contains(&everyday.grams)));
    }

    #[test]
    fn nothing_raw_that_is_cooked_first_and_nothing_twice() {
        let all: Vec<_> = Foods::builtin().everyday().collect();
        assert!(all.len() > 150, "{}", all.len());
        assert!(all.iter().all(|everyday| {
            !everyday
                .food
                .name
                .starts_with("Pork, fresh, loin, top loin (chops), boneless, separable lean and fat, raw")
        }));
        let ids: HashSet<u32> = all.iter().map(|everyday| everyday.food.id).collect();
        assert_eq!(ids.len(), all.len());
    }
}
