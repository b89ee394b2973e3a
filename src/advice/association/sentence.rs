//! A link in words: natural frequencies, interval, number of nights, what it is not, and how many more would tell.

use std::fmt::Write;

use crate::advice::{Factor, Link, OddsRatio, Share, Strength};
use crate::diary::{Exposure, Nutrient};

/// Stands once beside all links.
pub const DETECTOR_ERRORS: &str = "The sensor misses some cramps and takes other things for cramps. Such errors make every link look \
weaker than it is: three times the odds can look like two.";

/// Fewer nights can show only the strongest of links.
const EARLY_NIGHTS: u32 = 90;

/// The link as a person reads it.
///
/// While it is too early only the nights are told, not what they seem to show.
pub fn sentence(link: &Link) -> String {
    let nights = link.exposed.nights + link.unexposed.nights;
    let Some(ratio) = &link.odds_ratio else { return too_early(link, nights) };
    let (with, without) = days(link);
    let mut text = format!(
        "After days {with} there was a cramp in {}; after days {without} in {}. {}: {}.",
        share(link.exposed),
        share(link.unexposed),
        capital(link.strength.words()),
        estimate(link, ratio)
    );
    // Writing to a String cannot fail.
    let early = if nights < EARLY_NIGHTS { ", it is early," } else { "" };
    let _ = write!(text, " This is from {nights} nights{early} and is not proof.{}", more(link));
    text
}

fn too_early(link: &Link, nights: u32) -> String {
    let factor = link.factor;
    let so_far = format!(
        "Too early to say anything of {factor}: {nights} nights know of it, {} of them with a cramp; {} were after days with it and \
         {} after days without.",
        link.exposed.cramp_nights + link.unexposed.cramp_nights,
        link.exposed.nights,
        link.unexposed.nights
    );
    match link.more_nights {
        Some(more) => format!("{so_far} About {} more nights are needed.", rounded(more)),
        None if link.exposed.nights == 0 || link.unexposed.nights == 0 => {
            format!("{so_far} Without days of both kinds nobody can tell.")
        }
        None => format!("{so_far} As things go, that will take more than two years."),
    }
}

fn estimate(link: &Link, ratio: &OddsRatio) -> String {
    let chance = if ratio.estimate >= 1.0 {
        format!("{} that it truly raises the odds by a quarter or more", percent(ratio.p_raises))
    } else {
        format!("{} that it truly lowers the odds by a fifth or more", percent(ratio.p_lowers))
    };
    // Yes against no, or a day with much against one with little.
    let compared = if link.threshold.is_some_and(|threshold| threshold > 0.0) { ", much against little" } else { "" };
    format!(
        "estimated {} times the odds{compared}, 80 % interval {}–{}, 95 % {}–{}; chance {chance}",
        number(ratio.estimate),
        number(ratio.interval_80.0),
        number(ratio.interval_80.1),
        number(ratio.interval_95.0),
        number(ratio.interval_95.1)
    )
}

fn more(link: &Link) -> String {
    match (link.strength, link.more_nights) {
        (Strength::ConsistentLink, _) => {
            " Each month compared within itself says the same; only a trial can tell whether it is the cause."
                .to_owned()
        }
        (Strength::PossibleLink, Some(more)) => {
            format!(" If it goes on like this, about {} more nights would confirm it.", rounded(more))
        }
        (Strength::PossibleLink, None) => " Each month compared within itself does not say the same.".to_owned(),
        (_, Some(more)) => format!(" If it goes on like this, about {} more nights would tell.", rounded(more)),
        (_, None) => " If it goes on like this, two more years would not show a link that matters.".to_owned(),
    }
}

/// What the days with it and those without are called.
fn days(link: &Link) -> (String, &'static str) {
    let name = match link.factor {
        Factor::Exposure(Exposure::Position) => "the watched sleeping position".to_owned(),
        Factor::Exposure(Exposure::Medicine) => "the medicine".to_owned(),
        Factor::Exposure(Exposure::Stretch) => "stretching".to_owned(),
        Factor::Exposure(Exposure::Sweat) => "heavy sweating".to_owned(),
        Factor::Exposure(Exposure::Sitting) => "much sitting".to_owned(),
        factor => factor.to_string(),
    };
    match link.threshold {
        Some(threshold) if threshold > 0.0 => {
            let (unit, mean) = match link.factor {
                Factor::Nutrient(nutrient) => (nutrient.unit(), is_weekly(nutrient)),
                Factor::Exposure(_) => ("min", false),
            };
            let week = if mean { " a day, mean of 7 days" } else { "" };
            let amount = number(threshold);
            (format!("with more {name} than is usual for you (over {amount} {unit}{week})"), "with less")
        }
        _ => (format!("with {name}"), "without"),
    }
}

const fn is_weekly(nutrient: Nutrient) -> bool {
    !crate::advice::pairing::is_same_day(nutrient)
}

fn share(share: Share) -> String {
    let percent = percent(f64::from(share.cramp_nights) / f64::from(share.nights.max(1)));
    format!("{} of {} nights ({percent})", share.cramp_nights, share.nights)
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// Two figures, but no decimals from 10 on.
fn number(value: f64) -> String {
    if value >= 10.0 {
        format!("{value:.0}")
    } else if value >= 0.95 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

/// To tens from 20 on: it is a rough guess and must not look like more.
const fn rounded(nights: u32) -> u32 {
    if nights > 20 { nights.div_ceil(10) * 10 } else { nights }
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(strength: Strength) -> Link {
        Link {
            factor: Factor::Nutrient(Nutrient::Alcohol),
            strength,
            exposed: Share { cramp_nights: 9, nights: 24 },
            unexposed: Share { cramp_nights: 10, nights: 71 },
            threshold: Some(0.0),
            odds_ratio: Some(OddsRatio {
                estimate: 1.9,
                interval_80: (1.1, 3.2),
                interval_95: (0.9, 4.3),
                p_raises: 0.94,
                p_lowers: 0.01,
            }),
            more_nights: Some(57),
        }
    }

    #[test]
    fn a_possible_link_is_told_in_nights_with_its_doubt() {
        assert_eq!(
            sentence(&link(Strength::PossibleLink)),
            "After days with alcohol there was a cramp in 9 of 24 nights (38 %); after days without in 10 of 71 nights (14 %). \
             Possible link: estimated 1.9 times the odds, 80 % interval 1.1–3.2, 95 % 0.90–4.3; chance 94 % that it truly raises the \
             odds by a quarter or more. This is from 95 nights and is not proof. If it goes on like this, about 60 more nights would \
             confirm it."
        );
    }

    #[test]
    fn what_is_too_early_shows_no_comparison() {
        let early = Link { odds_ratio: None, more_nights: Some(15), ..link(Strength::TooEarly) };
        assert_eq!(
            sentence(&early),
            "Too early to say anything of alcohol: 95 nights know of it, 19 of them with a cramp; 24 were after days with it and 71 \
             after days without. About 15 more nights are needed."
        );
    }

    #[test]
    fn an_amount_names_the_persons_own_middle_and_every_strength_says_not_proof() {
        for strength in [Strength::NoClearLink, Strength::PossibleLink, Strength::ConsistentLink] {
            for more_nights in [None, Some(0), Some(140)] {
                let factor = Factor::Nutrient(Nutrient::Magnesium);
                let text = sentence(&Link { factor, threshold: Some(312.4), more_nights, ..link(strength) });
                assert!(
                    text.contains(
                        "After days with more magnesium than is usual for you (over 312 mg a day, mean of 7 days)"
                    ),
                    "{text}"
                );
                assert!(text.contains("is not proof") && text.contains("much against little"), "{text}");
            }
        }
    }
}
