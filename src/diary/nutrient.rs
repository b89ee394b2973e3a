//! What a food, a drink or a supplement brings. Unknown stays unknown: it is never counted as zero.

use std::fmt;

/// What is counted, each in one unit only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Nutrient {
    /// Energy, in kcal.
    Energy,
    /// Water of drinks and foods, in ml (1 g counts as 1 ml).
    Water,
    /// Magnesium, elemental, in mg.
    Magnesium,
    /// Potassium, in mg.
    Potassium,
    /// Calcium, elemental, in mg.
    Calcium,
    /// Sodium, in mg.
    Sodium,
    /// Vitamin D (D2 and D3), in µg.
    VitaminD,
    /// Vitamin B1, thiamin, in mg.
    VitaminB1,
    /// Vitamin B5, pantothenic acid, in mg.
    VitaminB5,
    /// Vitamin B6, in mg.
    VitaminB6,
    /// Vitamin B12, in µg.
    VitaminB12,
    /// Vitamin K1, phylloquinone, in µg.
    VitaminK1,
    /// Vitamin K2, menaquinones, in µg; known for few foods.
    VitaminK2,
    /// Dietary fibre, in g.
    Fibre,
    /// Ethanol, in g.
    Alcohol,
    /// Caffeine, in mg.
    Caffeine,
}

impl Nutrient {
    /// All, in the order in which they are stored and shown.
    pub const ALL: [Self; 16] = [
        Self::Energy,
        Self::Water,
        Self::Magnesium,
        Self::Potassium,
        Self::Calcium,
        Self::Sodium,
        Self::VitaminD,
        Self::VitaminB1,
        Self::VitaminB5,
        Self::VitaminB6,
        Self::VitaminB12,
        Self::VitaminK1,
        Self::VitaminK2,
        Self::Fibre,
        Self::Alcohol,
        Self::Caffeine,
    ];

    /// The stored form, such as `vitamin_b12`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Energy => "energy",
            Self::Water => "water",
            Self::Magnesium => "magnesium",
            Self::Potassium => "potassium",
            Self::Calcium => "calcium",
            Self::Sodium => "sodium",
            Self::VitaminD => "vitamin_d",
            Self::VitaminB1 => "vitamin_b1",
            Self::VitaminB5 => "vitamin_b5",
            Self::VitaminB6 => "vitamin_b6",
            Self::VitaminB12 => "vitamin_b12",
            Self::VitaminK1 => "vitamin_k1",
            Self::VitaminK2 => "vitamin_k2",
            Self::Fibre => "fibre",
            Self::Alcohol => "alcohol",
            Self::Caffeine => "caffeine",
        }
    }

    /// The name people read, such as `vitamin B12`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::VitaminD => "vitamin D",
            Self::VitaminB1 => "vitamin B1",
            Self::VitaminB5 => "vitamin B5",
            Self::VitaminB6 => "vitamin B6",
            Self::VitaminB12 => "vitamin B12",
            Self::VitaminK1 => "vitamin K1",
            Self::VitaminK2 => "vitamin K2",
            other => other.as_str(),
        }
    }

    /// The unit of every amount of it.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Energy => "kcal",
            Self::Water => "ml",
            Self::VitaminD | Self::VitaminB12 | Self::VitaminK1 | Self::VitaminK2 => "µg",
            Self::Fibre | Self::Alcohol => "g",
            _ => "mg",
        }
    }

    /// Reads the stored form.
    pub fn parse(text: &str) -> Option<Self> {
        // A diary of a year reads 160,000 of these.
        Some(match text {
            "energy" => Self::Energy,
            "water" => Self::Water,
            "magnesium" => Self::Magnesium,
            "potassium" => Self::Potassium,
            "calcium" => Self::Calcium,
            "sodium" => Self::Sodium,
            "vitamin_d" => Self::VitaminD,
            "vitamin_b1" => Self::VitaminB1,
            "vitamin_b5" => Self::VitaminB5,
            "vitamin_b6" => Self::VitaminB6,
            "vitamin_b12" => Self::VitaminB12,
            "vitamin_k1" => Self::VitaminK1,
            "vitamin_k2" => Self::VitaminK2,
            "fibre" => Self::Fibre,
            "alcohol" => Self::Alcohol,
            "caffeine" => Self::Caffeine,
            _ => return None,
        })
    }
}

impl fmt::Display for Nutrient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// An amount of each nutrient, in its own unit; `None` where it is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Nutrients([Option<f64>; Nutrient::ALL.len()]);

impl Nutrients {
    /// Nothing of anything, and that is known: plain water but for its volume, a pill but for its content.
    pub fn none_of_any() -> Self {
        Self([Some(0.0); Nutrient::ALL.len()])
    }

    /// The amount, if it is known.
    pub const fn get(&self, nutrient: Nutrient) -> Option<f64> {
        self.0[nutrient as usize]
    }

    /// With one amount changed.
    #[must_use]
    pub const fn with(mut self, nutrient: Nutrient, amount: Option<f64>) -> Self {
        self.0[nutrient as usize] = amount;
        self
    }

    /// Every known amount times `factor`.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self(self.0.map(|amount| amount.map(|amount| amount * factor)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_all_is_the_order_of_the_places() {
        for (place, nutrient) in Nutrient::ALL.into_iter().enumerate() {
            assert_eq!(nutrient as usize, place);
            assert_eq!(Nutrient::parse(nutrient.as_str()), Some(nutrient));
        }
    }

    #[test]
    fn what_is_unknown_stays_unknown_when_scaled() {
        let food = Nutrients::default().with(Nutrient::Magnesium, Some(79.0));
        assert_eq!(food.scaled(2.0).get(Nutrient::Magnesium), Some(158.0));
        assert_eq!(food.scaled(2.0).get(Nutrient::VitaminD), None);
        assert_eq!(Nutrients::none_of_any().get(Nutrient::VitaminD), Some(0.0));
    }
}
