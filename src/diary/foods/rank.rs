//! Which name fits a query best: the plain and common food before baby food, brands and what somebody would have named.

use super::words::{measure_of_table, normalise};
use super::{Food, Portion};

/// First parts of names that name a shelf rather than the food.
const SHELVES: [&str; 4] = [
    "fish;nut;seed;spice;oil;squash",
    "beverage;alcoholic beverage;carbonated beverage",
    "cereal;candy;snack",
    "crustacean;mollusk",
];
/// Words of a name that hardly change what the food is.
const NEUTRAL: &str = "\
    raw fresh all commercial commercially variety year round average ripe plain whole fluid regular without salt \
    added skin type european such area mature seed cooked boiled drained vitamin d unprepared";
/// Words of a name that make another food of it, which the person would have written.
const SPECIAL: &str = "\
    babyfood infant baby toddler canned dried dry dehydrated powder powdered flour frozen imitation soup sauce \
    juice fast restaurant mix dessert candy snack cracker cooky cake pie pickled smoked candied syrup sweetened \
    fried breaded low reduced free light concentrate sprouted flake oil extract leaf skin muffin salad bread bar \
    meatless sausage usda chip";
/// Cost of a word that was asked for and is not there, beside its weight: "cooked" is common, but it was meant.
const ABSENT: f64 = 15.0;
/// Least share of the query, by weight, that a result must hold.
const LEAST_FOUND: f64 = 0.3;

/// A name under which a food is found: its own, or a usual one.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) food: usize,
    pub(super) usual: bool,
    /// Words and whether they stand in the part that names the food.
    pub(super) words: Vec<(usize, bool)>,
    /// What is wrong with it for somebody who did not ask for it: brands, baby food, fast food, salt.
    pub(super) burden: f64,
}

#[derive(Debug)]
pub(super) struct Word {
    pub(super) text: String,
    /// One bit a letter, to pass over words that cannot be near.
    pub(super) letters: u32,
    /// Entries that hold it, ascending.
    pub(super) entries: Vec<usize>,
    /// Cost of having it unasked.
    pub(super) cost: f64,
}

/// What a word of the query may mean: words of the vocabulary, with how sure that is.
pub(super) struct Meaning {
    pub(super) candidates: Vec<usize>,
    /// How sure each word of the vocabulary is meant, 0 to 1.
    pub(super) sure: Vec<f64>,
    pub(super) weight: f64,
    pub(super) exact: bool,
}

/// How well an entry fits, or `None` if too little of what was asked is in it.
pub(super) fn fit(entry: &Entry, asked: &[Meaning], vocabulary: &[Word]) -> Option<(f64, bool)> {
    let total: f64 = asked.iter().map(|meaning| meaning.weight).sum();
    let (mut found, mut in_heads, mut missing, mut exact) = (0.0, 0, 0.0, true);
    let mut matched = 0_u128;
    for meaning in asked {
        let mut best: Option<(f64, usize, bool)> = None;
        for (place, (number, in_head)) in entry.words.iter().enumerate() {
            let sure = meaning.sure[*number];
            if sure > best.map_or(0.0, |(known, _, _)| known) {
                best = Some((sure, place, *in_head));
            }
        }
        exact &= meaning.exact && best.is_some();
        if let Some((sure, place, in_head)) = best {
            found += meaning.weight * sure;
            in_heads += usize::from(in_head);
            matched |= 1 << place.min(127);
        } else {
            missing += 1.0;
        }
    }
    if total <= 0.0 || found < total * LEAST_FOUND {
        return None;
    }
    let (mut unasked, mut head_unasked, mut raw) = (0.0, 0, false);
    for (place, (number, in_head)) in entry.words.iter().enumerate() {
        let word = &vocabulary[*number];
        raw |= word.text == "raw";
        if matched & (1 << place.min(127)) == 0 {
            unasked += word.cost;
            head_unasked += usize::from(*in_head);
        }
    }
    let whole_head = head_unasked == 0 && in_heads > 0;
    let mut score = 100.0 * found / total - ABSENT * missing - unasked.min(15.0) - entry.burden;
    score += 8.0 * in_heads as f64 / asked.len() as f64;
    score += if whole_head { 10.0 } else { 0.0 };
    score += if raw { 3.0 } else { 0.0 };
    if unasked == 0.0 && whole_head {
        // The whole name was written, or a usual name of the food.
        score += if entry.usual { 25.0 } else { 20.0 };
    }
    Some((score, exact))
}

/// Cost of having a word that was not asked for.
pub(super) fn cost_of(word: &str) -> f64 {
    if SPECIAL.split(' ').any(|special| special == word) {
        3.0
    } else if NEUTRAL.split(' ').any(|neutral| neutral == word) {
        0.3
    } else {
        1.0
    }
}

/// Whether the first part of a name, of these words, only names a shelf.
pub(super) fn is_shelf<'a>(words: &(impl Iterator<Item = &'a str> + Clone)) -> bool {
    SHELVES.iter().flat_map(|line| line.split(';')).any(|shelf| shelf.split(' ').eq(words.clone()))
}

/// What is wrong with a food for somebody who did not ask for it.
pub(super) fn burden(food: &Food) -> f64 {
    // Baby foods; fast foods; native foods of one people; restaurants.
    let shelf = match food.group {
        3 => 15.0,
        21 | 35 | 36 => 8.0,
        _ => 0.0,
    };
    let brand = |word: &str| {
        word.chars().filter(char::is_ascii_uppercase).count() >= 3 && !word.contains(|c: char| c.is_ascii_lowercase())
    };
    let salted = if food.name.contains("with salt") || food.name.contains("with added salt") { 1.0 } else { 0.0 };
    shelf + salted + if food.name.split([' ', ',', '/']).any(brand) { 8.0 } else { 0.0 }
}

/// The portion whose name fits the measures of a query best.
pub(super) fn portion_of<'a>(food: &'a Food, measures: &[String]) -> Option<&'a Portion> {
    if measures.is_empty() {
        return None;
    }
    let mut best: Option<((usize, i64), &Portion)> = None;
    for portion in &food.portions {
        let words = normalise(portion.name);
        let places: Vec<usize> = measures
            .iter()
            .filter_map(|asked| {
                let exact = words.iter().position(|word| word == asked);
                exact.or_else(|| words.iter().position(|word| word == measure_of_table(asked)))
            })
            .collect();
        if places.is_empty() {
            continue;
        }
        // Of "large" and "extra large" the first is the one that was asked for.
        let order = (places.len(), -(places.iter().sum::<usize>() as i64));
        if best.is_none_or(|(known, _)| order > known) {
            best = Some((order, portion));
        }
    }
    best.map(|(_, portion)| portion)
}
