//! The evening's questions: a few exposures, asked before the night so that memory of the night does not colour them.

use super::amount::Measures;
use super::entry::{Entry, EntryKind};
use super::exposure::Exposure;
use super::nutrient::{Nutrient, Nutrients};
use super::quantity::parse_quantity;
use crate::units::UtcMicros;

/// Name of the drink that a "yes" to alcohol adds: there was some, nobody said how much.
pub const ALCOHOL_NOT_SAID: &str = "alcohol, amount not said";
/// Name of the drink that a "no" to alcohol adds.
pub const NO_ALCOHOL: &str = "no alcohol";

/// Whether an entry of that name is an answer about alcohol, which says nothing of any other nutrient.
pub fn speaks_of_alcohol_only(name: &str) -> bool {
    name == ALCOHOL_NOT_SAID || name == NO_ALCOHOL
}

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Alcohol,
    Exposure(Exposure),
}

/// One question of the check-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    about: About,
    /// The question as it is asked.
    pub text: &'static str,
}

impl Question {
    /// All, in the order in which they are asked.
    pub const ALL: [Self; 11] = [
        Self { about: About::Alcohol, text: "Alcohol today?" },
        Self { about: About::Exposure(Exposure::Exercise), text: "Exercise today?" },
        Self { about: About::Exposure(Exposure::HardExercise), text: "Exercise that was hard for you?" },
        Self { about: About::Exposure(Exposure::Stretch), text: "Stretched your calves?" },
        Self { about: About::Exposure(Exposure::Sweat), text: "Sweated a lot?" },
        Self { about: About::Exposure(Exposure::Heat), text: "A hot day, or warmth on the leg?" },
        Self { about: About::Exposure(Exposure::Standing), text: "Stood for long?" },
        Self { about: About::Exposure(Exposure::Sitting), text: "Sat for most of the day?" },
        Self { about: About::Exposure(Exposure::Stress), text: "A stressful day?" },
        Self { about: About::Exposure(Exposure::Massage), text: "Massaged the leg?" },
        Self { about: About::Exposure(Exposure::Illness), text: "Ill: fever, vomiting, diarrhoea?" },
    ];

    /// The word by which a script answers it, such as `hard_exercise`.
    pub const fn key(self) -> &'static str {
        match self.about {
            About::Alcohol => "alcohol",
            About::Exposure(exposure) => exposure.as_str(),
        }
    }

    /// Whether a duration is an answer.
    pub const fn takes_minutes(self) -> bool {
        matches!(self.about, About::Exposure(exposure) if exposure.in_minutes())
    }

    /// Reads an answer; `None` if it was passed over.
    ///
    /// # Errors
    /// What was found and what is expected.
    pub fn answer(self, text: &str) -> Result<Option<Answer>, String> {
        let expected = if self.takes_minutes() { "y, n, or how long, such as 45min" } else { "y or n" };
        match text.trim().to_lowercase().as_str() {
            "" | "skip" => Ok(None),
            "y" | "yes" => Ok(Some(Answer::Yes)),
            "n" | "no" => Ok(Some(Answer::No)),
            other if self.takes_minutes() => {
                let given = parse_quantity(other, &Measures::default()).and_then(|given| given.minutes());
                given
                    .map(|minutes| Some(Answer::Minutes(minutes)))
                    .map_err(|_| format!("found {text:?} for {}, expected {expected}", self.key()))
            }
            _ => Err(format!("found {text:?} for {}, expected {expected}", self.key())),
        }
    }

    /// What an answer adds to a day of which `today` is logged already; `None` if that says it already.
    pub fn entry(self, answer: Answer, today: &[Entry], at: UtcMicros) -> Option<Entry> {
        match self.about {
            About::Exposure(exposure) => {
                let says = |entry: &Entry| match (entry.exposure_amount, answer) {
                    // The same length again is the same answer again.
                    (Some(known), Answer::Minutes(minutes)) => (known - minutes).abs() < 1e-6,
                    (Some(known), Answer::Yes) => known > 0.0,
                    (known, Answer::No) => known.is_some(),
                    (None, _) => false,
                };
                let of_it = |entry: &&Entry| entry.kind == EntryKind::Exposure && entry.name == exposure.as_str();
                if today.iter().filter(of_it).any(says) {
                    return None;
                }
                let entry = Entry::of_exposure(exposure, answer.amount(), at, at);
                Some(match answer {
                    Answer::Minutes(minutes) => Entry { amount: Some(minutes), unit: Some("min".to_owned()), ..entry },
                    Answer::Yes | Answer::No => entry,
                })
            }
            About::Alcohol => {
                let had = |entry: &Entry| {
                    entry.kind == EntryKind::Drink
                        && entry.brings.is_some_and(|brings| brings.get(Nutrient::Alcohol) != Some(0.0))
                };
                let denied = |entry: &Entry| entry.kind == EntryKind::Drink && entry.name == NO_ALCOHOL;
                if today.iter().any(had) || (answer == Answer::No && today.iter().any(denied)) {
                    return None;
                }
                // Of everything else nothing is said: a day without wine is not one without coffee.
                let (name, brings) = match answer {
                    Answer::No => (NO_ALCOHOL, Nutrients::default().with(Nutrient::Alcohol, Some(0.0))),
                    // How much is not said, and must not pass for nothing.
                    _ => (ALCOHOL_NOT_SAID, Nutrients::default()),
                };
                Some(Entry { brings: Some(brings), ..Entry::new(EntryKind::Drink, name, at, at) })
            }
        }
    }
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Answer {
    /// It was so.
    Yes,
    /// It was not so.
    No,
    /// It was so, for that many minutes.
    Minutes(f64),
}

impl Answer {
    /// Minutes, or 1 and 0 for yes and no. A yes without a length counts as one minute: more than none.
    const fn amount(self) -> f64 {
        match self {
            Self::Yes => 1.0,
            Self::No => 0.0,
            Self::Minutes(minutes) => minutes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: UtcMicros = UtcMicros(1_763_777_643_000_000);

    fn question(key: &str) -> Question {
        Question::ALL.into_iter().find(|question| question.key() == key).unwrap()
    }

    #[test]
    fn yes_no_a_length_and_nothing_are_answers() {
        assert_eq!(question("stretch").answer(" 3min "), Ok(Some(Answer::Minutes(3.0))));
        assert_eq!(question("heat").answer("Y"), Ok(Some(Answer::Yes)));
        assert_eq!(question("heat").answer(""), Ok(None));
        assert!(question("heat").answer("3min").unwrap_err().contains("y or n"));
        assert!(question("stretch").answer("perhaps").unwrap_err().contains("45min"));
    }

    #[test]
    fn no_alcohol_is_known_to_be_none_and_some_alcohol_is_unknown() {
        let none = question("alcohol").entry(Answer::No, &[], AT).unwrap();
        assert_eq!(none.brings.unwrap().get(Nutrient::Alcohol), Some(0.0));
        let some = question("alcohol").entry(Answer::Yes, &[], AT).unwrap();
        assert_eq!(some.brings.unwrap().get(Nutrient::Alcohol), None);
        assert_eq!(question("alcohol").entry(Answer::Yes, &[some], AT), None, "the day says so already");
    }

    #[test]
    fn what_the_day_says_already_is_not_said_again() {
        let stretched = Entry::of_exposure(Exposure::Stretch, 3.0, AT, AT);
        assert_eq!(question("stretch").entry(Answer::Yes, std::slice::from_ref(&stretched), AT), None);
        let no = question("heat").entry(Answer::No, &[stretched], AT).unwrap();
        assert_eq!(no.exposure_amount, Some(0.0));
    }

    #[test]
    fn the_same_answer_again_adds_nothing() {
        for question in Question::ALL {
            let length = question.takes_minutes().then_some(Answer::Minutes(45.0));
            for answer in [Some(Answer::No), Some(Answer::Yes), length].into_iter().flatten() {
                let first = question.entry(answer, &[], AT).unwrap();
                assert_eq!(question.entry(answer, &[first], AT), None, "{} {answer:?}", question.key());
            }
            let no = question.entry(Answer::No, &[], AT).unwrap();
            assert!(question.entry(Answer::Yes, &[no], AT).is_some(), "{}", question.key());
        }
    }
}
