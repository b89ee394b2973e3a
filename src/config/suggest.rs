//! What somebody meant who wrote something else.

use super::raw::KEYS;

/// Units that keys end with.
const UNITS: [&str; 12] = ["s", "ms", "us", "h", "min", "ml", "l", "pct", "percent", "ppm", "uv", "hz"];

/// What to do about an unknown key of a section (empty for the top level).
pub(crate) fn for_key(section: &str, key: &str) -> String {
    let own: Vec<&str> = names_in(section);
    if let Some(with_unit) = own.iter().find(|name| stem(name) != **name && stem(name) == stem(key)) {
        return format!("write {with_unit}: the ending of the name is the unit of its value");
    }
    if let Some(close) = closest(key, own.iter().copied()) {
        return format!("did you mean {close}?");
    }
    if let Some((home, _)) = KEYS.iter().find(|(home, keys)| *home != section && keys.contains(&key)) {
        return format!("{key} belongs in the section [{home}]");
    }
    if key == "password" {
        return "put the password into a file and name it in password_file, or set CRAMPWATCH_MQTT_PASSWORD".to_owned();
    }
    "remove it; crampwatch.example.toml lists every key".to_owned()
}

/// Keys and sub-sections of a section.
pub(crate) fn names_in(section: &str) -> Vec<&'static str> {
    let mut names: Vec<&str> =
        KEYS.iter().filter(|(name, _)| *name == section).flat_map(|(_, keys)| keys.iter().copied()).collect();
    let inside = |name: &'static str| {
        if section.is_empty() { Some(name) } else { name.strip_prefix(section)?.strip_prefix('.') }
    };
    names.extend(KEYS.iter().filter_map(|(name, _)| inside(name)).filter(|name| !name.contains('.')));
    names
}

/// The candidate that differs from `word` by the fewest letters, if by few enough to be a slip.
pub(crate) fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    // Two swapped letters count as two.
    let allowed = match word.chars().count() {
        0..4 => 1,
        4..9 => 2,
        _ => 3,
    };
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// A key without its unit.
fn stem(key: &str) -> &str {
    match key.rsplit_once('_') {
        Some((stem, unit)) if UNITS.contains(&unit) => stem,
        _ => key,
    }
}

/// Levenshtein distance in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found_and_other_words_are_not() {
        assert_eq!(closest("brocker", ["broker", "host"]), Some("broker"));
        assert_eq!(closest("Left", ["left", "right"]), Some("left"));
        assert_eq!(closest("banana", ["left", "right"]), None);
        assert_eq!((distance("kitten", "sitting"), distance("", "abc")), (3, 3));
    }
}
