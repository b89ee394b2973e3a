//! Drinks with caffeine or alcohol and what they bring. The table is compiled in; its first lines name its sources.

use std::sync::LazyLock;

use super::foods::Foods;
use super::foods::words::{is_measure, normalise};
use super::nutrient::{Nutrient, Nutrients};
use super::totals::plus;

const TABLE: &str = include_str!("../../data/drinks.tsv");
/// Density of ethanol at 20 °C, in g/ml.
const ETHANOL_G_PER_ML: f64 = 0.789;
/// Energy of ethanol, in kcal/g (Merrill and Watt 1973, the factor of the USDA tables).
const ETHANOL_KCAL_PER_G: f64 = 6.93;
/// The strongest that is drunk, in percent by volume: rectified spirit.
const MAX_ABV_PERCENT: f64 = 96.0;

/// A drink of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Drink {
    /// Its name, such as `espresso`.
    pub name: &'static str,
    /// Other names of it.
    pub other_names: Vec<&'static str>,
    /// Caffeine, in mg per 100 ml.
    pub caffeine_mg_per_100ml: f64,
    /// Usual alcohol, in percent by volume.
    pub abv_percent: f64,
    /// A usual serving, in ml.
    pub serving_ml: f64,
    /// What it is served in, such as `cup`.
    pub serving: &'static str,
    /// All nutrients of 100 ml at the usual strength.
    per_100ml: Nutrients,
}

/// Why a strength was not understood.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DrinkError {
    /// It is no percentage by volume.
    #[error("found the strength {found:?}, expected percent alcohol by volume from 0 to 96, such as 5 % or 13.5")]
    Strength {
        /// The text, at most 40 characters of it.
        found: String,
    },
}

impl Drink {
    /// What `volume_ml` of it bring, at its usual strength or at `abv_percent` (taken as 0 to 96). With another strength
    /// ethanol takes the place of water and its energy is counted. Nutrients that the tables do not know stay unknown.
    pub fn brings(&self, volume_ml: f64, abv_percent: Option<f64>) -> Nutrients {
        let brings = self.per_100ml.scaled(volume_ml / 100.0);
        let Some(abv_percent) = abv_percent.map(|percent| percent.clamp(0.0, MAX_ABV_PERCENT)) else { return brings };
        let more_ethanol_ml = volume_ml * (abv_percent - self.abv_percent) / 100.0;
        let more_kcal = more_ethanol_ml * ETHANOL_G_PER_ML * ETHANOL_KCAL_PER_G;
        brings
            .with(Nutrient::Alcohol, Some(alcohol_g(volume_ml, abv_percent)))
            .with(Nutrient::Water, brings.get(Nutrient::Water).map(|ml| (ml - more_ethanol_ml).max(0.0)))
            .with(Nutrient::Energy, brings.get(Nutrient::Energy).map(|kcal| (kcal + more_kcal).max(0.0)))
    }
}

/// Ethanol in g: ml × percent by volume / 100 × 0.789 g/ml.
pub fn alcohol_g(volume_ml: f64, abv_percent: f64) -> f64 {
    volume_ml * abv_percent / 100.0 * ETHANOL_G_PER_ML
}

/// Reads a strength such as `5 %`, `13.5` or `4,8%`, in percent by volume from 0 to 96.
pub fn parse_abv_percent(text: &str) -> Result<f64, DrinkError> {
    let number = text.trim().trim_end_matches("vol").trim_end().trim_end_matches('%').trim_end();
    let refused = || DrinkError::Strength { found: super::amount::shorten(text) };
    if number.is_empty() || number.contains(|c: char| !(c.is_ascii_digit() || c == '.' || c == ',')) {
        return Err(refused());
    }
    let percent: f64 = number.replace(',', ".").parse().map_err(|_| refused())?;
    if (0.0..=MAX_ABV_PERCENT).contains(&percent) { Ok(percent) } else { Err(refused()) }
}

/// All drinks of the table.
pub fn drinks() -> &'static [Drink] {
    static DRINKS: LazyLock<Vec<Drink>> =
        LazyLock::new(|| TABLE.lines().filter(|line| !line.starts_with('#')).skip(1).filter_map(read).collect());
    &DRINKS
}

/// The drink of that name; the order of words, plurals and measures (`glass of red wine`) do not matter, but every word
/// must be known: nothing is guessed.
pub fn find_drink(query: &str) -> Option<&'static Drink> {
    let asked = words_of(query);
    if asked.is_empty() {
        return None;
    }
    drinks().iter().find(|drink| names(drink).any(|name| words_of(name) == asked))
}

/// At most `limit` names of drinks that are near to the query, nearest first; for a message after [`find_drink`] found
/// none.
pub fn suggest_drinks(query: &str, limit: usize) -> Vec<&'static str> {
    let query: String = query.chars().take(60).collect();
    let asked = words_of(&query);
    let mut near: Vec<(f64, &'static str)> = drinks()
        .iter()
        .filter_map(|drink| {
            let best = names(drink).map(|name| likeness(&asked, &words_of(name))).fold(0.0, f64::max);
            (best > 0.6).then_some((best, drink.name))
        })
        .collect();
    near.sort_by(|one, other| other.0.total_cmp(&one.0));
    near.into_iter().take(limit).map(|(_, name)| name).collect()
}

/// From 0 to 1: how like the nearest words are, a little less where a word has no partner.
fn likeness(asked: &[String], name: &[String]) -> f64 {
    let nearest = |word: &String, among: &[String]| {
        among.iter().map(|other| strsim::normalized_damerau_levenshtein(word, other)).fold(0.0, f64::max)
    };
    let best = asked.iter().map(|word| nearest(word, name)).fold(0.0, f64::max);
    let all: f64 = asked.iter().map(|word| nearest(word, name)).sum::<f64>() / asked.len().max(1) as f64;
    0.8 * best + 0.2 * all
}

fn names(drink: &Drink) -> impl Iterator<Item = &'static str> {
    std::iter::once(drink.name).chain(drink.other_names.clone())
}

fn words_of(text: &str) -> Vec<String> {
    let text: String = text.chars().take(200).collect();
    let mut words = normalise(&text);
    // An "energy shot" is a shot, but a "shot of vodka" is vodka.
    let only_measures = words.iter().all(|word| is_measure(word));
    words.retain(|word| only_measures || !is_measure(word) || (word == "shot" && text.contains("energy")));
    words.sort();
    words
}

fn read(line: &'static str) -> Option<Drink> {
    let fields: Vec<&'static str> = line.split('\t').collect();
    let [name, other_names, caffeine, _, abv, _, serving_ml, serving, made_of] = fields[..] else { return None };
    let caffeine_mg_per_100ml: f64 = caffeine.parse().ok()?;
    let abv_percent: f64 = abv.parse().ok()?;
    let per_100ml = made_of_nutrients(made_of)?
        .with(Nutrient::Caffeine, Some(caffeine_mg_per_100ml))
        .with(Nutrient::Alcohol, Some(alcohol_g(100.0, abv_percent)));
    Some(Drink {
        name,
        other_names: other_names.split(';').filter(|name| !name.is_empty()).collect(),
        caffeine_mg_per_100ml,
        abv_percent,
        serving_ml: serving_ml.parse().ok()?,
        serving,
        per_100ml,
    })
}

/// The sum of `number:grams` parts; all unknown if there are none.
fn made_of_nutrients(text: &str) -> Option<Nutrients> {
    if text.is_empty() {
        return Some(Nutrients::default());
    }
    text.split(' ').try_fold(Nutrients::none_of_any(), |sum, part| {
        let (id, grams) = part.split_once(':')?;
        let food = Foods::builtin().get(id.parse().ok()?)?;
        Some(plus(sum, food.brings(grams.parse().ok()?)))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[test]
    fn every_line_is_read_and_plausible() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count() - 1;
        assert_eq!(drinks().len(), lines);
        for drink in drinks() {
            assert!((0.0..=400.0).contains(&drink.caffeine_mg_per_100ml), "{drink:?}");
            assert!(
                (0.0..=60.0).contains(&drink.abv_percent) && (20.0..=500.0).contains(&drink.serving_ml),
                "{drink:?}"
            );
            let water = drink.brings(100.0, None).get(Nutrient::Water);
            assert!(water.is_none_or(|ml| (30.0..=103.0).contains(&ml)), "{drink:?}");
            assert_eq!(find_drink(drink.name).map(|found| found.name), Some(drink.name));
        }
    }

    #[test]
    fn no_name_means_two_drinks() {
        let mut seen: Vec<Vec<String>> = drinks().iter().flat_map(names).map(words_of).collect();
        seen.sort();
        for pair in seen.windows(2) {
            assert_ne!(pair[0], pair[1]);
        }
    }

    #[rstest]
    #[case("wine", "wine")]
    #[case("a glass of red wine", "wine")]
    #[case("Café latte", "latte")]
    #[case("tea", "black tea")]
    #[case("Coke", "cola")]
    #[case("decaffeinated coffee", "decaf coffee")]
    #[case("can of Red Bull", "energy drink")]
    #[case("shot of vodka", "spirits")]
    #[case("pint of lager", "beer")]
    fn drinks_are_found_by_their_usual_names(#[case] query: &str, #[case] name: &str) {
        assert_eq!(find_drink(query).map(|drink| drink.name), Some(name));
    }

    #[rstest]
    #[case("capuccino", "cappuccino")]
    #[case("expreso", "espresso")]
    #[case("oat latte", "latte")]
    #[case("whiskyy", "spirits")]
    fn what_is_not_found_is_suggested_but_never_guessed(#[case] query: &str, #[case] name: &str) {
        assert_eq!(find_drink(query), None);
        assert_eq!(suggest_drinks(query, 3).first(), Some(&name), "{:?}", suggest_drinks(query, 3));
    }

    #[test]
    fn alcohol_follows_from_volume_and_strength() {
        assert!((alcohol_g(150.0, 13.0) - 15.3855).abs() < 1e-9);
        let wine = find_drink("wine").unwrap();
        assert_eq!(wine.brings(150.0, None).get(Nutrient::Alcohol), Some(alcohol_g(150.0, 13.0)));
        let stronger = wine.brings(150.0, Some(15.0));
        assert_eq!(stronger.get(Nutrient::Alcohol), Some(alcohol_g(150.0, 15.0)));
        let water = |brings: Nutrients| brings.get(Nutrient::Water).unwrap();
        assert!((water(wine.brings(150.0, None)) - water(stronger) - 3.0).abs() < 1e-9);
        assert!(stronger.get(Nutrient::Energy) > wine.brings(150.0, None).get(Nutrient::Energy));
        assert_eq!(stronger.get(Nutrient::VitaminK2), None);
    }

    #[test]
    fn a_drink_brings_its_water_and_caffeine() {
        let coffee = find_drink("coffee").unwrap().brings(200.0, None);
        assert_eq!(coffee.get(Nutrient::Caffeine), Some(90.0));
        assert!((coffee.get(Nutrient::Water).unwrap() - 198.8).abs() < 0.1);
        assert_eq!(coffee.get(Nutrient::Alcohol), Some(0.0));
        let latte = find_drink("latte").unwrap().brings(300.0, None);
        assert!((latte.get(Nutrient::Calcium).unwrap() - 279.0).abs() < 10.0, "{latte:?}");
        assert_eq!(find_drink("energy shot").unwrap().brings(57.0, None).get(Nutrient::Water), None);
    }

    #[rstest]
    #[case("5 %", Some(5.0))]
    #[case("13.5", Some(13.5))]
    #[case("4,8% vol", Some(4.8))]
    #[case("0", Some(0.0))]
    #[case("97", None)]
    #[case("-5", None)]
    #[case("strong", None)]
    #[case("", None)]
    fn strengths_are_percentages_by_volume(#[case] text: &str, #[case] percent: Option<f64>) {
        assert_eq!(parse_abv_percent(text).ok(), percent);
    }

    proptest! {
        #[test]
        fn any_query_and_strength_is_borne(query in "\\PC{0,40}|[a-z ]{0,20}", abv in -1e9_f64..1e9, ml in 0.0_f64..5e3) {
            prop_assert!(suggest_drinks(&query, 3).len() <= 3);
            let _ = (find_drink(&query), parse_abv_percent(&query));
            let brings = drinks()[0].brings(ml, Some(abv));
            prop_assert!(brings.get(Nutrient::Water).is_some_and(|water| water >= 0.0));
        }
    }
}
