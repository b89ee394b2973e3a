//! Advice as text for people.

use std::fmt::Write as _;

use crate::advice::Advice;
use crate::report::Counsel;

const WIDTH: usize = 96;

/// All of today's advice, the one thing first.
pub(super) fn advice(advice: &Advice, counsel: &Counsel) -> String {
    let mut text = String::new();
    paragraph(&mut text, "", &advice.headline);
    if let Some(reminder) = &counsel.reminder {
        paragraph(&mut text, "", reminder);
    }
    if let Some(changed) = &advice.what_changed {
        paragraph(&mut text, "", changed);
    }
    let urgent_first = advice.clinician.iter().map(|point| {
        let urgent = if point.urgent { "Without delay: " } else { "" };
        format!("{urgent}{}", point.text)
    });
    section(&mut text, "Talk to a clinician or pharmacist", urgent_first);
    if let Some(suggestion) = &advice.suggestion {
        heading(&mut text, &suggestion.title);
        paragraph(&mut text, "  ", &format!("Why: {}", suggestion.why));
        paragraph(&mut text, "  ", &format!("How sure: {}", suggestion.how_sure));
        paragraph(&mut text, "  ", &format!("From: {}", suggestion.from_whom));
        for (number, step) in suggestion.how_to.iter().enumerate() {
            item(&mut text, &format!("{}.", number + 1), step);
        }
        for caution in &suggestion.cautions {
            item(&mut text, "!", caution);
        }
        for claim in &suggestion.articles_say {
            paragraph(&mut text, "  ", claim);
        }
        if !suggestion.differs.is_empty() {
            paragraph(&mut text, "  ", &format!("What the evidence says: {}", suggestion.differs));
        }
        if let Some(note) = &advice.regression_note {
            paragraph(&mut text, "  ", note);
        }
    }
    section(&mut text, "When a cramp comes", advice.relief_card.iter().cloned());
    section(&mut text, "Beware", advice.cautions.iter().map(|caution| caution.text.clone()));
    section(&mut text, "Your nights", std::iter::once(advice.learning.clone()).chain(left_out(counsel)));
    section(&mut text, "What your nights show", links(advice));
    section(&mut text, "Your log", advice.intakes.iter().map(|line| line.text.clone()));
    let flags = advice.red_flags.iter().map(|flag| {
        let urgent = if flag.urgent { " (without delay)" } else { "" };
        format!("{}{urgent}", flag.text)
    });
    section(&mut text, "See a clinician if you have", flags);
    text
}

fn links(advice: &Advice) -> impl Iterator<Item = String> {
    advice.links.iter().map(|link| link.text.clone()).chain(advice.links_note.clone())
}

/// Nights that could not be used, by reason: a count that nobody sees is a count that nobody mends.
fn left_out(counsel: &Counsel) -> Option<String> {
    let left = &counsel.paired.left_out;
    let reasons = [
        (left.no_log, "nothing logged that day"),
        (left.logged_late, "all of it logged for a time after the sensor was put on: answer the check-in before"),
        (left.low_coverage, "too little of the night was watched"),
        (left.too_short, "too few hours"),
        (left.never_worn, "the sensor was never worn"),
    ];
    let said: Vec<String> =
        reasons.iter().filter(|(n, _)| *n > 0).map(|(n, reason)| format!("{n} ({reason})")).collect();
    let paired = counsel.paired.nights.len();
    (!said.is_empty())
        .then(|| format!("Nights paired with a day of the diary: {paired}; left out: {}.", said.join(", ")))
}

fn heading(text: &mut String, words: &str) {
    let _ = writeln!(text, "\n{words}");
}

fn section(text: &mut String, name: &str, lines: impl Iterator<Item = String>) {
    let mut lines = lines.peekable();
    if lines.peek().is_some() {
        heading(text, name);
        for line in lines {
            item(text, "-", &line);
        }
    }
}

fn paragraph(text: &mut String, indent: &str, words: &str) {
    wrapped(text, indent, indent, words);
}

fn item(text: &mut String, mark: &str, words: &str) {
    let first = format!("  {mark} ");
    wrapped(text, &first, &" ".repeat(first.chars().count()), words);
}

/// Lines of at most [`WIDTH`] characters, but for a word that is longer.
fn wrapped(text: &mut String, first: &str, rest: &str, words: &str) {
    let mut line = first.to_owned();
    let mut empty = true;
    for word in words.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            text.push_str(line.trim_end());
            text.push('\n');
            line = rest.to_owned();
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    text.push_str(line.trim_end());
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_wrapped_under_their_mark() {
        let mut text = String::new();
        item(&mut text, "-", &"word ".repeat(30));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.len() <= WIDTH));
        assert!(lines[0].starts_with("  - word") && lines[1].starts_with("    word"), "{text}");
    }
}
