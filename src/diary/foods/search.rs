//! Full-text search over food names, without any guess about what the person did not write.
//!
//! An inverted index of our own: 7,700 names of some ten words fit in 2 MB, and what makes results good here is the order
//! (the plain food first), which no general engine knows; tantivy would bring a hundred crates for it. The distance of
//! misspelt words is strsim's, which clap brings already.

use std::collections::HashMap;

use super::words::{canonical, folded, is_measure, measure_of_table, normalise, raw_words};
use super::{Food, Hit, Portion};

/// First parts of names that name a shelf rather than the food.
const SHELVES: [&str; 14] = [
    "fish",
    "nut",
    "seed",
    "spice",
    "beverage",
    "cereal",
    "crustacean",
    "mollusk",
    "candy",
    "snack",
    "alcoholic beverage",
    "carbonated beverage",
    "squash",
    "oil",
];
/// Words of a name that hardly change what the food is.
const NEUTRAL: [&str; 30] = [
    "raw",
    "fresh",
    "all",
    "commercial",
    "commercially",
    "variety",
    "year",
    "round",
    "average",
    "ripe",
    "plain",
    "whole",
    "fluid",
    "regular",
    "without",
    "salt",
    "added",
    "skin",
    "type",
    "european",
    "such",
    "area",
    "mature",
    "seed",
    "cooked",
    "boiled",
    "drained",
    "vitamin",
    "d",
    "unprepared",
];
/// Words of a name that make another food of it, which the person would have written.
const SPECIAL: [&str; 52] = [
    "babyfood",
    "infant",
    "baby",
    "toddler",
    "canned",
    "dried",
    "dry",
    "dehydrated",
    "powder",
    "powdered",
    "flour",
    "frozen",
    "imitation",
    "soup",
    "sauce",
    "juice",
    "fast",
    "restaurant",
    "mix",
    "dessert",
    "candy",
    "snack",
    "cracker",
    "cooky",
    "cake",
    "pie",
    "pickled",
    "smoked",
    "candied",
    "syrup",
    "sweetened",
    "fried",
    "breaded",
    "low",
    "reduced",
    "free",
    "light",
    "concentrate",
    "sprouted",
    "flake",
    "oil",
    "extract",
    "leaf",
    "skin",
    "muffin",
    "salad",
    "bread",
    "bar",
    "meatless",
    "sausage",
    "usda",
    "chip",
];
/// Cost of a word that was asked for and is not there, beside its weight: "cooked" is common, but it was meant.
const ABSENT: f64 = 15.0;
/// Least share of the query, by weight, that a result must hold.
const LEAST_FOUND: f64 = 0.3;
const LONGEST_QUERY_CHARS: usize = 200;
/// How many of the best are looked at for the portion that was asked for.
const WITH_PORTIONS: usize = 60;
const MOST_WORDS: usize = 10;

/// A name under which a food is found: its own, or a usual one.
#[derive(Debug)]
struct Entry {
    food: usize,
    usual: bool,
    /// Words and whether they stand in the part that names the food.
    words: Vec<(usize, bool)>,
    /// What is wrong with it for somebody who did not ask for it: brands, baby food, fast food, salt.
    burden: f64,
}

/// Words and where they stand.
#[derive(Debug)]
pub(super) struct Index {
    vocabulary: Vec<Word>,
    numbers: HashMap<String, usize>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Word {
    text: String,
    /// One bit a letter, to pass over words that cannot be near.
    letters: u32,
    /// Entries that hold it, ascending.
    entries: Vec<usize>,
    /// Cost of having it unasked.
    cost: f64,
}

/// What a word of the query may mean: words of the vocabulary, with how sure that is.
struct Meaning {
    candidates: Vec<usize>,
    /// How sure each word of the vocabulary is meant, 0 to 1.
    sure: Vec<f64>,
    weight: f64,
    exact: bool,
}

impl Index {
    pub(super) fn new<'a>(foods: &[Food], usual: impl Iterator<Item = (usize, &'a str)>) -> Self {
        let mut index = Self { vocabulary: Vec::new(), numbers: HashMap::new(), entries: Vec::new() };
        // Names use the same few thousand words over and over: each is brought to its form once.
        let mut forms: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, food) in foods.iter().enumerate() {
            let mut words = Vec::new();
            let mut in_head = true;
            for (part, text) in folded(food.name).split(',').enumerate() {
                let start = words.len();
                for word in raw_words(text) {
                    if !forms.contains_key(word) {
                        let form = canonical(word).into_iter().map(|word| index.number(word)).collect();
                        forms.insert(word.to_owned(), form);
                    }
                    words.extend(forms[word].iter().map(|&number| (number, in_head)));
                }
                let shelf = part == 0 && index.is_shelf(&words);
                if shelf {
                    words[start..].iter_mut().for_each(|(_, in_head)| *in_head = false);
                }
                in_head = in_head && shelf;
            }
            index.add(place, false, burden(food), words);
        }
        for (place, names) in usual {
            for name in names.split(';') {
                let words = index.joined(normalise(name));
                let words = words.into_iter().map(|word| (index.number(word), true)).collect();
                index.add(place, true, 0.0, words);
            }
        }
        index
    }

    fn is_shelf(&self, words: &[(usize, bool)]) -> bool {
        let same =
            |shelf: &str| shelf.split(' ').eq(words.iter().map(|&(number, _)| self.vocabulary[number].text.as_str()));
        SHELVES.iter().any(|shelf| same(shelf))
    }

    /// The number of a word, a new one if it is new.
    fn number(&mut self, text: String) -> usize {
        if let Some(&number) = self.numbers.get(&text) {
            return number;
        }
        let cost = if SPECIAL.contains(&text.as_str()) {
            3.0
        } else if NEUTRAL.contains(&text.as_str()) {
            0.3
        } else {
            1.0
        };
        self.vocabulary.push(Word { letters: letters(&text), text: text.clone(), entries: Vec::new(), cost });
        self.numbers.insert(text, self.vocabulary.len() - 1);
        self.vocabulary.len() - 1
    }

    fn add(&mut self, food: usize, usual: bool, burden: f64, words: Vec<(usize, bool)>) {
        let entry = self.entries.len();
        let mut distinct: Vec<(usize, bool)> = Vec::with_capacity(words.len());
        for (number, in_head) in words {
            if !distinct.iter().any(|&(known, _)| known == number) {
                self.vocabulary[number].entries.push(entry);
                distinct.push((number, in_head));
            }
        }
        self.entries.push(Entry { food, usual, words: distinct, burden });
    }

    pub(super) fn search<'a>(&self, foods: &'a [Food], query: &str, limit: usize) -> Vec<Hit<'a>> {
        let query: String = query.chars().take(LONGEST_QUERY_CHARS).collect();
        let mut words = normalise(&query);
        // "2 slices of bread": how many is not what.
        if words.iter().any(|word| !is_number(word)) {
            words.retain(|word| !is_number(word));
        }
        words.truncate(MOST_WORDS);
        let words = self.joined(words);
        let (measures, named): (Vec<String>, Vec<String>) = words.into_iter().partition(|word| is_measure(word));
        // "large" alone can only be a name; "medium banana" asks for a banana.
        let (asked, optional) = if named.is_empty() { (measures, Vec::new()) } else { (named, measures) };
        let asked: Vec<Meaning> = asked.iter().map(|word| self.meaning(word)).collect();
        let total: f64 = asked.iter().map(|meaning| meaning.weight).sum();
        let mut best: HashMap<usize, (f64, bool)> = HashMap::new();
        let mut seen = vec![false; self.entries.len()];
        for meaning in &asked {
            for &number in &meaning.candidates {
                for &place in &self.vocabulary[number].entries {
                    if std::mem::replace(&mut seen[place], true) {
                        continue;
                    }
                    let entry = &self.entries[place];
                    let Some((mut score, as_written)) = self.score(entry, &asked, total) else { continue };
                    // A measure in the name of the food itself, such as the head of "lettuce head", counts a little.
                    let named = |word: &String| {
                        self.numbers
                            .get(word)
                            .is_some_and(|number| entry.words.iter().any(|(known, _)| known == number))
                    };
                    score += optional.iter().filter(|word| named(word)).count() as f64;
                    let known = best.entry(entry.food).or_insert((score, as_written));
                    if score > known.0 {
                        *known = (score, as_written);
                    }
                }
            }
        }
        let mut hits: Vec<Hit<'a>> = best
            .into_iter()
            .map(|(place, (score, as_written))| Hit { food: &foods[place], portion: None, score, as_written })
            .collect();
        let best_first =
            |one: &Hit<'a>, other: &Hit<'a>| other.score.total_cmp(&one.score).then(one.food.id.cmp(&other.food.id));
        hits.sort_by(best_first);
        // A portion moves a food up by a few places only; to look at those of every food would take too long.
        hits.truncate(limit.max(WITH_PORTIONS));
        for hit in &mut hits {
            hit.portion = portion_of(hit.food, &optional);
            hit.score += if hit.portion.is_some() { 4.0 } else { 0.0 };
        }
        hits.sort_by(best_first);
        hits.truncate(limit);
        hits
    }

    /// "chick peas" is one word in the table.
    fn joined(&self, words: Vec<String>) -> Vec<String> {
        let mut joined: Vec<String> = Vec::with_capacity(words.len());
        for word in words {
            match joined.last_mut() {
                Some(last) if self.numbers.contains_key(&format!("{last}{word}")) => last.push_str(&word),
                _ => joined.push(word),
            }
        }
        joined
    }

    fn meaning(&self, word: &str) -> Meaning {
        let mut sure = vec![0.0; self.vocabulary.len()];
        let number = self.numbers.get(word).copied();
        match number {
            Some(number) => sure[number] = 1.0,
            None => self.near(word, &mut sure),
        }
        let candidates: Vec<usize> = (0..sure.len()).filter(|&number| sure[number] > 0.0).collect();
        let entries: usize = candidates.iter().map(|&number| self.vocabulary[number].entries.len()).sum();
        // Inverse document frequency (Spärck Jones 1972): a rare word says more than "raw".
        let weight = (self.entries.len() as f64 / (entries as f64 + 1.0)).ln().max(0.5);
        Meaning { candidates, sure, weight, exact: number.is_some() }
    }

    /// Words that begin with `word` and words within one or two typing errors of it.
    fn near(&self, word: &str, sure: &mut [f64]) {
        let length = word.chars().count();
        if length < 3 {
            return;
        }
        let allowed = match length {
            3 => 0,
            4 | 5 => 1,
            _ => 2,
        };
        let asked = letters(word);
        let mut nearest = allowed;
        let mut misspelt = Vec::new();
        for (number, known) in self.vocabulary.iter().enumerate() {
            if known.text.starts_with(word) {
                sure[number] = 0.8;
            } else if length.abs_diff(known.text.len()) <= allowed
                && (asked ^ known.letters).count_ones() as usize <= 2 * allowed
                && !known.text.contains(|c: char| c.is_ascii_digit())
            {
                let distance = strsim::osa_distance(word, &known.text);
                if distance <= nearest {
                    nearest = distance;
                    misspelt.push((number, distance));
                }
            }
        }
        for (number, distance) in misspelt.into_iter().filter(|&(_, distance)| distance == nearest) {
            sure[number] = if distance == 1 { 0.9 } else { 0.75 };
        }
    }

    /// How well an entry fits, or `None` if too little of what was asked is in it.
    fn score(&self, entry: &Entry, asked: &[Meaning], total: f64) -> Option<(f64, bool)> {
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
            let word = &self.vocabulary[*number];
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
}

fn burden(food: &Food) -> f64 {
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

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

fn letters(word: &str) -> u32 {
    word.bytes().filter(u8::is_ascii_lowercase).fold(0, |bits, letter| bits | 1 << (letter - b'a'))
}
