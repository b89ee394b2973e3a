//! What a text of advice must not hold, and how it is made short. Tests and the composer ask here.

/// Units after a number that make an amount to take.
const UNITS: [&str; 22] = [
    "mg", "µg", "ug", "mcg", "g", "kg", "iu", "ml", "cl", "dl", "l", "litre", "litres", "liter", "liters", "mmol",
    "gram", "grams", "tablet", "tablets", "capsule", "capsules",
];

/// The first number with a unit of amount, such as `300 mg`, `1,000 IU` or `2litres`; `None` if there is none.
pub fn amount_in(text: &str) -> Option<String> {
    let characters: Vec<char> = text.chars().collect();
    let mut place = 0;
    while place < characters.len() {
        let begins = characters[place].is_ascii_digit() && (place == 0 || !characters[place - 1].is_alphanumeric());
        if !begins {
            place += 1;
            continue;
        }
        let number = take_while(&characters, place, |c| c.is_ascii_digit() || matches!(c, '.' | ','));
        let gap = take_while(&characters, number, |c| matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '-'));
        let unit_end = take_while(&characters, gap, char::is_alphabetic);
        let unit: String = characters[gap..unit_end].iter().collect();
        if UNITS.contains(&unit.to_lowercase().as_str()) {
            return Some(characters[place..unit_end].iter().collect());
        }
        place = number.max(place + 1);
    }
    None
}

fn take_while(characters: &[char], from: usize, keep: impl Fn(char) -> bool) -> usize {
    from + characters[from..].iter().take_while(|character| keep(**character)).count()
}

/// Whether a text tells to stop or reduce a medicine.
pub fn tells_to_stop_a_medicine(text: &str) -> bool {
    let text = text.to_lowercase();
    [
        "stop taking",
        "stop your",
        "stop the",
        "come off",
        "discontinue",
        "do not take your",
        "skip your",
        "lower your dose",
    ]
    .iter()
    .any(|phrase| text.contains(phrase))
}

/// Shortens a text to at most `limit` characters (at least 1), at the end of a word, with `…` where something is left out.
pub fn shorten(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let head: String = text.chars().take(limit.saturating_sub(1)).collect();
    let after_is_space = text.chars().nth(limit.saturating_sub(1)).is_some_and(char::is_whitespace);
    let end = if after_is_space { head.len() } else { head.rfind(char::is_whitespace).unwrap_or(0) };
    let kept = head[..end].trim_end().trim_end_matches([',', ';', ':', '.', '(']).trim_end();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_found_in_the_ways_they_are_written() {
        for text in ["300 mg", "take 1,000 IU", "2litres", "at least 1.5 l.", "100-mg pills", "5 tablets", "12 µg"] {
            assert!(amount_in(text).is_some(), "{text}");
        }
        for text in
            ["B12 foods", "10 seconds", "3 times", "38 %", "4 weeks", "vitamin B1 in grains", "n=98", "65 and over"]
        {
            assert_eq!(amount_in(text), None, "{text}");
        }
    }

    #[test]
    fn a_text_is_cut_between_words() {
        assert_eq!(shorten("stretch before bed", 18), "stretch before bed");
        assert_eq!(shorten("stretch before bed", 17), "stretch before…");
        assert_eq!(shorten("stretch, before bed", 9), "stretch…");
        assert_eq!(shorten("stretch", 3), "…");
    }

    proptest! {
        #[test]
        fn a_short_text_is_never_over_its_limit_and_ends_with_a_word(text in "\\PC{0,80}", limit in 1_usize..60) {
            let short = shorten(&text, limit);
            prop_assert!(short.chars().count() <= limit);
            if let Some(kept) = short.strip_suffix('…').filter(|_| short != text) {
                prop_assert!(text.starts_with(kept));
            }
        }
    }
}
