//! Full-text search over food names, without any guess about what the person did not write.
//!
//! An inverted index of our own: 7,700 names of some ten words fit in 2 MB, and what makes results good here is the order
//! (the plain food first), which no general engine knows; tantivy would bring a hundred crates for it. The distance of
//! misspelt words is strsim's, which clap brings already.

use std::collections::HashMap;

use super::rank::{Entry, Meaning, Word, burden, cost_of, fit, is_shelf, portion_of};
use super::words::{canonical, folded, is_measure, normalise, raw_words};
use super::{Food, Hit};

const LONGEST_QUERY_CHARS: usize = 200;
/// How many of the best are looked at for the portion that was asked for.
const WITH_PORTIONS: usize = 60;
const MOST_WORDS: usize = 10;

/// Words and where they stand.
#[derive(Debug)]
pub(super) struct Index {
    vocabulary: Vec<Word>,
    numbers: HashMap<String, usize>,
    entries: Vec<Entry>,
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
                let shelf =
                    part == 0 && is_shelf(&words.iter().map(|&(number, _)| index.vocabulary[number].text.as_str()));
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

    /// The number of a word, a new one if it is new.
    fn number(&mut self, text: String) -> usize {
        if let Some(&number) = self.numbers.get(&text) {
            return number;
        }
        let cost = cost_of(&text);
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
        let mut best: HashMap<usize, (f64, bool)> = HashMap::new();
        let mut seen = vec![false; self.entries.len()];
        for meaning in &asked {
            for &number in &meaning.candidates {
                for &place in &self.vocabulary[number].entries {
                    if std::mem::replace(&mut seen[place], true) {
                        continue;
                    }
                    let entry = &self.entries[place];
                    let Some((mut score, as_written)) = fit(entry, &asked, &self.vocabulary) else { continue };
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
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

fn letters(word: &str) -> u32 {
    word.bytes().filter(u8::is_ascii_lowercase).fold(0, |bits, letter| bits | 1 << (letter - b'a'))
}
