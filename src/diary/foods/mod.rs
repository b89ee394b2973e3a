//! Foods with what 100 g of them bring, and the search for them. The table is compiled in; `data/foods/README.md` says
//! where it is from. A value that is not known there stays unknown.

mod everyday;
mod rank;
mod search;
pub(in crate::diary) mod words;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

pub use self::everyday::Everyday;
use self::search::Index;
use super::nutrient::{Nutrient, Nutrients};

const FOODS: &str = include_str!("../../../data/foods/foods.tsv");
const PORTIONS: &str = include_str!("../../../data/foods/portions.tsv");
const USUAL: &str = include_str!("../../../data/foods/usual.tsv");

/// A usual portion of a food.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Portion {
    /// Its name, such as `medium (7" to 7-7/8" long)` or `slice`; of one of it, but for `3 oz`.
    pub name: &'static str,
    /// Its edible mass, in g.
    pub grams: f64,
}

/// A food of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Food {
    /// Its number in the USDA table (NDB number).
    pub id: u32,
    /// Its name in the USDA table, such as `Spinach, raw`.
    pub name: &'static str,
    /// What 100 g of the edible part bring.
    pub per_100g: Nutrients,
    /// Its usual portions, in the table's order.
    pub portions: Vec<Portion>,
    /// The USDA food group, 1 to 36.
    group: u8,
}

impl Food {
    /// What `grams` of the edible part bring.
    pub fn brings(&self, grams: f64) -> Nutrients {
        self.per_100g.scaled(grams / 100.0)
    }

    /// Mass of `ml` of it, in g, if a portion of known volume (fl oz, cup, tbsp, tsp in US measures) tells its density.
    pub fn grams_of_volume(&self, ml: f64) -> Option<f64> {
        const US_MEASURES: [(&str, f64); 4] =
            [("cup", 236.588_236_5), ("fl oz", 29.573_529_562_5), ("tbsp", 14.786_764_8), ("tsp", 4.928_921_6)];
        let density = |portion: &Portion| {
            // "cup, sliced" has air in it, but so has the person's cup of slices.
            let (_, each_ml) = US_MEASURES.iter().find(|(unit, _)| {
                portion.name.strip_prefix(unit).is_some_and(|rest| rest.is_empty() || rest.starts_with([',', ' ']))
            })?;
            Some(portion.grams / each_ml)
        };
        self.portions.iter().find_map(density).map(|grams_per_ml| grams_per_ml * ml)
    }

    /// The portion that fits words such as `medium` or `large slice` best, or `None` if none of them is in any name.
    pub fn portion(&self, words: &str) -> Option<&Portion> {
        rank::portion_of(self, &words::normalise(words))
    }
}

/// One result of a search.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit<'a> {
    /// The food.
    pub food: &'a Food,
    /// The portion that the query names, if it names one.
    pub portion: Option<&'a Portion>,
    /// How well it fits: higher is better. About 100 and more if every word was found, below 60 if only a part of them
    /// was: then it is a suggestion at most.
    pub score: f64,
    /// Whether every word of the query was found as it was written, so that nothing was guessed.
    pub as_written: bool,
}

/// All foods of the table and, once it is asked for, the index for the search.
#[derive(Debug)]
pub struct Foods {
    foods: Vec<Food>,
    places: HashMap<u32, usize>,
    usual: &'static str,
    index: OnceLock<Index>,
}

impl Foods {
    /// The foods that are compiled in; read once, at the first use.
    pub fn builtin() -> &'static Self {
        static BUILTIN: LazyLock<Foods> = LazyLock::new(|| Foods::read(FOODS, PORTIONS, USUAL));
        &BUILTIN
    }

    /// The best `limit` foods for a query such as `spinach`, `banana medium` or `glass of milk`, best first. Typing
    /// errors, plurals and the order of words do not matter. Empty if no word of the query is known.
    pub fn search(&self, query: &str, limit: usize) -> Vec<Hit<'_>> {
        self.index.get_or_init(|| self.make_index()).search(&self.foods, query, limit)
    }

    /// The food of that number.
    pub fn get(&self, id: u32) -> Option<&Food> {
        self.places.get(&id).map(|&place| &self.foods[place])
    }

    /// All foods, in the order of their numbers.
    pub fn all(&self) -> &[Food] {
        &self.foods
    }

    /// Reads the tables; a line that is none is left out, and a test sees to it that the compiled-in ones have none.
    fn read(foods: &'static str, portions: &'static str, usual: &'static str) -> Self {
        let mut lines = foods.lines();
        let columns: Vec<Option<Nutrient>> =
            lines.next().unwrap_or_default().split('\t').map(Nutrient::parse).collect();
        let mut foods: Vec<Food> = lines.filter_map(|line| read_food(line, &columns)).collect();
        let places: HashMap<u32, usize> = foods.iter().enumerate().map(|(place, food)| (food.id, place)).collect();
        for line in portions.lines() {
            let fields: Vec<&'static str> = line.split('\t').collect();
            let place = fields[0].parse().ok().and_then(|id: u32| places.get(&id));
            let Some(food) = place.and_then(|&place| foods.get_mut(place)) else { continue };
            food.portions = fields[1..]
                .chunks_exact(2)
                .filter_map(|pair| Some(Portion { grams: pair[0].parse().ok()?, name: pair[1] }))
                .collect();
        }
        Self { foods, places, usual, index: OnceLock::new() }
    }

    fn make_index(&self) -> Index {
        let usual = self.usual.lines().filter_map(|line| {
            let (id, names) = line.split_once('\t')?;
            Some((*self.places.get(&id.parse::<u32>().ok()?)?, names))
        });
        Index::new(&self.foods, usual)
    }
}

fn read_food(line: &'static str, columns: &[Option<Nutrient>]) -> Option<Food> {
    let fields: Vec<&'static str> = line.split('\t').collect();
    let mut per_100g = Nutrients::default();
    for (text, nutrient) in fields.iter().zip(columns) {
        if let Some(nutrient) = *nutrient {
            per_100g = per_100g.with(nutrient, text.parse().ok());
        }
    }
    Some(Food {
        id: fields.first()?.parse().ok()?,
        group: fields.get(1)?.parse().ok()?,
        name: fields.get(2)?,
        per_100g,
        portions: Vec::new(),
    })
}
