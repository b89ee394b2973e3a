//! Nutrients as JSON text: an object of what is known. What is not in it, or null, is unknown.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::diary::{Nutrient, Nutrients};

/// The text that is stored.
pub(crate) fn to_json(brings: &Nutrients) -> String {
    let known = Nutrient::ALL.into_iter().filter_map(|nutrient| Some((nutrient, brings.get(nutrient)?)));
    let object: serde_json::Map<String, serde_json::Value> =
        known.map(|(nutrient, amount)| (nutrient.as_str().to_owned(), amount.into())).collect();
    serde_json::Value::Object(object).to_string()
}

/// Reads it; a nutrient that only a newer version knows is passed over.
pub(crate) fn from_json(text: &str) -> Result<Nutrients, serde_json::Error> {
    serde_json::from_str::<Stored>(text).map(|stored| stored.0)
}

struct Stored(Nutrients);

impl<'de> Deserialize<'de> for Stored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Stored;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of nutrients")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Stored, A::Error> {
                let mut brings = Nutrients::default();
                while let Some((name, amount)) = map.next_entry::<std::borrow::Cow<'_, str>, Option<f64>>()? {
                    if let Some(nutrient) = Nutrient::parse(&name) {
                        brings = brings.with(nutrient, amount);
                    }
                }
                Ok(Stored(brings))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn unknown_stays_unknown_and_zero_stays_zero() {
        let brings = Nutrients::default().with(Nutrient::Magnesium, Some(79.0)).with(Nutrient::Alcohol, Some(0.0));
        assert_eq!(to_json(&brings), r#"{"alcohol":0.0,"magnesium":79.0}"#);
        assert_eq!(from_json(r#"{"magnesium":null,"selenium":3}"#).unwrap(), Nutrients::default());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(amounts in proptest::collection::vec(proptest::option::of(0.0f64..1e6), 16)) {
            let pairs = Nutrient::ALL.into_iter().zip(amounts);
            let brings = pairs.fold(Nutrients::default(), |brings, (nutrient, amount)| brings.with(nutrient, amount));
            prop_assert_eq!(from_json(&to_json(&brings)).unwrap(), brings);
        }
    }
}
