//! Foods and recipes of the person's own: pure types with their checks. Keeping them is the store's work.

use super::nutrient::{Nutrient, Nutrients};
use super::totals::plus;

/// Longest name, in characters.
const LONGEST_NAME: usize = 80;
/// Most of one ingredient, in g.
const MOST_GRAMS: f64 = 20_000.0;
const MOST_SERVINGS: f64 = 200.0;
/// Pure fat is 902 kcal in 100 g (USDA); a little more for rounding on labels.
const MOST_KCAL: f64 = 910.0;

/// A portion of an own food.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnPortion {
    /// Its name, such as `slice`.
    pub name: String,
    /// Its mass, in g.
    pub grams: f64,
}

/// A food that the person has described, from its label.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnFood {
    name: String,
    per_100g: Nutrients,
    portions: Vec<OwnPortion>,
}

/// One ingredient of a recipe.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ingredient {
    /// What 100 g of it bring.
    pub per_100g: Nutrients,
    /// How much of it, in g.
    pub grams: f64,
}

/// A dish of several foods.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    name: String,
    ingredients: Vec<Ingredient>,
    servings: f64,
}

/// Why an own food or a recipe was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OwnFoodError {
    /// No name, or a very long one, or one with line breaks.
    #[error("found the name {found:?}, expected 1 to {LONGEST_NAME} characters in one line")]
    Name {
        /// The name, at most 40 characters of it.
        found: String,
    },
    /// A value that 100 g of no food can have.
    #[error(
        "found {amount} {unit} of {nutrient} in 100 g, expected 0 to {most}; check the unit and that it is for 100 g"
    )]
    Value {
        /// The nutrient.
        nutrient: &'static str,
        /// What was given.
        amount: f64,
        /// Its unit.
        unit: &'static str,
        /// The most that is possible.
        most: f64,
    },
    /// Water, fibre and alcohol together exceed the food.
    #[error("found {grams} g of water, fibre and alcohol in 100 g, expected at most 100 g; check the values")]
    MoreThanAll {
        /// Their sum, in g.
        grams: f64,
    },
    /// No mass, or an impossible one.
    #[error("found {grams} g for {of:?}, expected more than 0 g and at most {MOST_GRAMS} g")]
    Mass {
        /// The portion or the ingredient.
        of: String,
        /// What was given.
        grams: f64,
    },
    /// Two portions of one name.
    #[error("found the portion {name:?} twice, expected each name once")]
    SamePortion {
        /// The name.
        name: String,
    },
    /// A recipe of nothing.
    #[error("found a recipe without ingredients, expected at least one with its mass in g")]
    NoIngredients,
    /// No number of servings.
    #[error("found {found} servings, expected more than 0 and at most {MOST_SERVINGS}")]
    Servings {
        /// What was given.
        found: f64,
    },
}

impl OwnFood {
    /// A food with what 100 g of it bring; what the label does not say stays unknown.
    pub fn new(name: &str, per_100g: Nutrients, portions: Vec<OwnPortion>) -> Result<Self, OwnFoodError> {
        let name = checked_name(name)?;
        check_values(&per_100g)?;
        for (place, portion) in portions.iter().enumerate() {
            let portion_name = checked_name(&portion.name)?;
            check_mass(&portion_name, portion.grams)?;
            if portions[..place].iter().any(|other| other.name.eq_ignore_ascii_case(&portion.name)) {
                return Err(OwnFoodError::SamePortion { name: portion_name });
            }
        }
        Ok(Self { name, per_100g, portions })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What 100 g of it bring.
    pub const fn per_100g(&self) -> &Nutrients {
        &self.per_100g
    }

    /// Its portions.
    pub fn portions(&self) -> &[OwnPortion] {
        &self.portions
    }

    /// What `grams` of it bring.
    pub fn brings(&self, grams: f64) -> Nutrients {
        self.per_100g.scaled(grams / 100.0)
    }
}

impl Recipe {
    /// A dish made of `ingredients` for so many servings.
    pub fn new(name: &str, ingredients: Vec<Ingredient>, servings: f64) -> Result<Self, OwnFoodError> {
        let name = checked_name(name)?;
        if ingredients.is_empty() {
            return Err(OwnFoodError::NoIngredients);
        }
        for (place, ingredient) in ingredients.iter().enumerate() {
            check_mass(&format!("ingredient {}", place + 1), ingredient.grams)?;
            check_values(&ingredient.per_100g)?;
        }
        if !(servings > 0.0 && servings <= MOST_SERVINGS) {
            return Err(OwnFoodError::Servings { found: servings });
        }
        Ok(Self { name, ingredients, servings })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its ingredients; logged one by one, what is known of each of them counts.
    pub fn ingredients(&self) -> &[Ingredient] {
        &self.ingredients
    }

    /// For how many servings it is.
    pub const fn servings(&self) -> f64 {
        self.servings
    }

    /// Mass of all ingredients, in g; cooking takes water off, which is not counted.
    pub fn grams(&self) -> f64 {
        self.ingredients.iter().map(|ingredient| ingredient.grams).sum()
    }

    /// Mass of one serving, in g.
    pub fn grams_per_serving(&self) -> f64 {
        self.grams() / self.servings
    }

    /// What one serving brings. A nutrient that is unknown of any ingredient is unknown of the dish: a part of it would
    /// look like all of it.
    pub fn per_serving(&self) -> Nutrients {
        let all = self.ingredients.iter().fold(Nutrients::none_of_any(), |sum, ingredient| {
            plus(sum, ingredient.per_100g.scaled(ingredient.grams / 100.0))
        });
        all.scaled(1.0 / self.servings)
    }

    /// What 100 g bring, so that the dish can be logged by mass.
    pub fn per_100g(&self) -> Nutrients {
        self.per_serving().scaled(100.0 / self.grams_per_serving())
    }
}

fn checked_name(name: &str) -> Result<String, OwnFoodError> {
    let name = name.trim();
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.contains(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err(OwnFoodError::Name { found: super::amount::shorten(name) }) }
}

fn check_mass(of: &str, grams: f64) -> Result<(), OwnFoodError> {
    if grams > 0.0 && grams <= MOST_GRAMS { Ok(()) } else { Err(OwnFoodError::Mass { of: of.to_owned(), grams }) }
}

fn check_values(per_100g: &Nutrients) -> Result<(), OwnFoodError> {
    let mut grams = 0.0;
    for nutrient in Nutrient::ALL {
        let Some(amount) = per_100g.get(nutrient) else { continue };
        let most = match (nutrient, nutrient.unit()) {
            (Nutrient::Energy, _) => MOST_KCAL,
            (_, "g" | "ml") => 100.0,
            // 100 g of the pure substance.
            (_, "mg") => 1e5,
            _ => 1e8,
        };
        if !(0.0..=most).contains(&amount) {
            let unit = nutrient.unit();
            return Err(OwnFoodError::Value { nutrient: nutrient.name(), amount, unit, most });
        }
        if matches!(nutrient, Nutrient::Water | Nutrient::Fibre | Nutrient::Alcohol) {
            grams += amount;
        }
    }
    // Labels round each value.
    if grams > 101.0 { Err(OwnFoodError::MoreThanAll { grams }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn magnesium(amount: Option<f64>) -> Nutrients {
        Nutrients::none_of_any().with(Nutrient::Magnesium, amount)
    }

    #[test]
    fn a_recipe_is_shared_out_by_servings() {
        let ingredients = vec![
            Ingredient { per_100g: magnesium(Some(80.0)), grams: 300.0 },
            Ingredient { per_100g: magnesium(Some(10.0)), grams: 100.0 },
        ];
        let stew = Recipe::new(" stew ", ingredients, 4.0).unwrap();
        assert_eq!((stew.name(), stew.grams(), stew.grams_per_serving()), ("stew", 400.0, 100.0));
        assert_eq!((stew.ingredients().len(), stew.servings()), (2, 4.0));
        assert_eq!(stew.per_serving().get(Nutrient::Magnesium), Some(62.5));
        assert_eq!(stew.per_100g().get(Nutrient::Magnesium), Some(62.5));
    }

    #[test]
    fn one_unknown_ingredient_makes_the_dish_unknown() {
        let ingredients = vec![
            Ingredient { per_100g: magnesium(Some(80.0)), grams: 300.0 },
            Ingredient { per_100g: magnesium(None), grams: 5.0 },
        ];
        let stew = Recipe::new("stew", ingredients, 4.0).unwrap();
        assert_eq!(stew.per_serving().get(Nutrient::Magnesium), None);
        assert_eq!(stew.per_serving().get(Nutrient::Calcium), Some(0.0));
    }

    #[test]
    fn an_own_food_is_logged_by_mass() {
        let portions = vec![OwnPortion { name: "slice".to_owned(), grams: 45.0 }];
        let bread = OwnFood::new("my bread", magnesium(Some(60.0)), portions).unwrap();
        assert_eq!(bread.brings(bread.portions()[0].grams).get(Nutrient::Magnesium), Some(27.0));
        assert_eq!((bread.name(), bread.per_100g().get(Nutrient::Magnesium)), ("my bread", Some(60.0)));
    }

    #[test]
    fn refusals_say_what_was_expected() {
        let food = |name: &str, per_100g, portions| OwnFood::new(name, per_100g, portions).unwrap_err().to_string();
        assert!(food("", magnesium(None), vec![]).contains("1 to 80 characters"));
        assert!(food("two\nlines", magnesium(None), vec![]).contains("one line"));
        assert!(food("x", magnesium(Some(-1.0)), vec![]).contains("-1 mg of magnesium in 100 g"));
        assert!(food("x", magnesium(Some(f64::NAN)), vec![]).contains("expected 0 to"));
        let wet = Nutrients::default().with(Nutrient::Water, Some(90.0)).with(Nutrient::Fibre, Some(20.0));
        assert!(food("x", wet, vec![]).contains("110 g of water"));
        let slice = OwnPortion { name: "slice".to_owned(), grams: 45.0 };
        assert!(food("x", magnesium(None), vec![slice.clone(), slice.clone()]).contains("twice"));
        let nothing = OwnPortion { grams: 0.0, ..slice };
        assert!(food("x", magnesium(None), vec![nothing]).contains("0 g for \"slice\""));
        let recipe = |ingredients, servings| Recipe::new("x", ingredients, servings).unwrap_err().to_string();
        assert!(recipe(vec![], 1.0).contains("at least one"));
        let one = vec![Ingredient { per_100g: magnesium(None), grams: 10.0 }];
        assert!(recipe(one.clone(), 0.0).contains("0 servings"));
        assert!(recipe(one, f64::NAN).contains("servings"));
    }

    proptest! {
        #[test]
        fn a_recipe_brings_what_its_ingredients_bring(
            parts in prop::collection::vec((0.0_f64..500.0, 0.1_f64..1e4), 1..10), servings in 0.1_f64..50.0
        ) {
            let ingredients: Vec<Ingredient> =
                parts.iter().map(|&(amount, grams)| Ingredient { per_100g: magnesium(Some(amount)), grams }).collect();
            let all: f64 = parts.iter().map(|(amount, grams)| amount * grams / 100.0).sum();
            let recipe = Recipe::new("x", ingredients, servings).unwrap();
            let found = recipe.per_serving().get(Nutrient::Magnesium).unwrap() * servings;
            prop_assert!((found - all).abs() <= 1e-9 * all.max(1.0));
        }
    }
}
