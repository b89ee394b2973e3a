//! Words of food names and queries, brought to one form: lower case, singular, American, without accents.

/// British and other words for those of the table. Whole phrases stand in data/foods/usual.tsv.
const SAME: [(&str, &str); 39] = [
    ("aubergine", "eggplant"),
    ("beetroot", "beet"),
    ("bicarbonate", "baking soda"),
    ("chilli", "chili"),
    ("courgette", "zucchini"),
    ("cornflour", "cornstarch"),
    ("donut", "doughnut"),
    ("filbert", "hazelnut"),
    ("flavour", "flavor"),
    ("garbanzo", "chickpea"),
    ("groundnut", "peanut"),
    ("houmous", "hummus"),
    ("humus", "hummus"),
    ("joghurt", "yogurt"),
    ("ketchup", "catsup"),
    ("linseed", "flaxseed"),
    ("maize", "corn"),
    ("mange", "snow"),
    ("mince", "ground"),
    ("minced", "ground"),
    ("nonfat", "skim"),
    ("prawn", "shrimp"),
    ("rocket", "arugula"),
    ("scallion", "spring onion"),
    ("skimmed", "skim"),
    ("soya", "soy"),
    ("sultana", "raisin"),
    ("swede", "rutabaga"),
    ("tinned", "canned"),
    ("tin", "can"),
    ("tablespoon", "tbsp"),
    ("teaspoon", "tsp"),
    ("tablespoonful", "tbsp"),
    ("teaspoonful", "tsp"),
    ("treacle", "molasses"),
    ("wholegrain", "whole grain"),
    ("wholemeal", "whole wheat"),
    ("wholewheat", "whole wheat"),
    ("yoghurt", "yogurt"),
];

/// Words that carry no meaning in a query.
const EMPTY: [&str; 17] =
    ["a", "two", "three", "four", "an", "and", "the", "of", "in", "on", "with", "some", "my", "for", "to", "one", "or"];

/// Words for a portion rather than for a food.
const MEASURES: [&str; 40] = [
    "pint",
    "shot",
    "glass",
    "cup",
    "mug",
    "bowl",
    "slice",
    "medium",
    "large",
    "small",
    "big",
    "extra",
    "jumbo",
    "piece",
    "tbsp",
    "tsp",
    "handful",
    "serving",
    "portion",
    "bar",
    "bottle",
    "can",
    "package",
    "packet",
    "pack",
    "stick",
    "clove",
    "leaf",
    "bunch",
    "fillet",
    "stalk",
    "spear",
    "ear",
    "head",
    "wedge",
    "half",
    "scoop",
    "pat",
    "square",
    "container",
];

/// The words of a text in their one form, empty words left out.
pub(in crate::diary) fn normalise(text: &str) -> Vec<String> {
    let folded = folded(text);
    raw_words(&folded).flat_map(canonical).collect()
}

/// In lower case, without accents and apostrophes.
pub(super) fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase().replace('\'', "");
    }
    text.chars().flat_map(char::to_lowercase).map(fold).filter(|&c| c != '\'').collect()
}

/// The words of a folded text as they are written.
pub(super) fn raw_words(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|c: char| !(c.is_alphanumeric() || c == '%')).filter(|word| !word.is_empty())
}

/// The one form of a word: none for an empty word, several for a word that is a phrase in the table.
pub(super) fn canonical(word: &str) -> Vec<String> {
    let word = singular(word);
    if EMPTY.contains(&word.as_str()) {
        return Vec::new();
    }
    match SAME.iter().find(|(from, _)| *from == word) {
        Some((_, to)) => to.split(' ').map(str::to_owned).collect(),
        None => vec![word],
    }
}

/// Whether a word may name a portion.
pub(in crate::diary) fn is_measure(word: &str) -> bool {
    MEASURES.contains(&word)
}

/// A measure of the table for one that the table does not have.
pub(super) fn measure_of_table(word: &str) -> &str {
    match word {
        "glass" | "mug" | "bowl" => "cup",
        "big" => "large",
        "portion" => "serving",
        "packet" | "pack" => "package",
        other => other,
    }
}

/// Not the grammar of English, but the same form for singular and plural.
fn singular(word: &str) -> String {
    let stem = |cut: usize, end: &str| format!("{}{end}", &word[..word.len() - cut]);
    match word {
        "leaves" | "loaves" | "halves" => return stem(3, "f"),
        "hummus" | "couscous" | "asparagus" | "molasses" | "swiss" | "citrus" | "haas" => return word.to_owned(),
        _ => {}
    }
    if word.len() < 4 || !word.is_ascii() || !word.ends_with('s') || word.ends_with("ss") || word.ends_with("us") {
        return word.to_owned();
    }
    if word.ends_with("ies") {
        return stem(3, "y");
    }
    if ["oes", "ches", "shes", "sses", "xes"].iter().any(|end| word.ends_with(end)) {
        return stem(2, "");
    }
    stem(1, "")
}

fn fold(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        '’' => '\'',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Bananas, raw", "banana raw")]
    #[case("a glass of milk", "glass milk")]
    #[case("Strawberries", "strawberry")]
    #[case("tomatoes", "tomato")]
    #[case("peaches", "peach")]
    #[case("Bay leaves", "bay leaf")]
    #[case("Gruyère", "gruyere")]
    #[case("Wholemeal bread", "whole wheat bread")]
    #[case("Wendy's 2% milk", "wendy 2% milk")]
    #[case("swiss molasses", "swiss molasses")]
    fn words_have_one_form(#[case] text: &str, #[case] words: &str) {
        assert_eq!(normalise(text).join(" "), words);
    }
}
