//! What two models make of the stored nights, side by side, and the card of a personal model.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::choice::{MIN_LABELS, PRIOR_EVENTS};
use super::{Personal, PersonalOptions};
use crate::detect::Model;
use crate::report::length;

/// What a model makes of one night.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct NightResult {
    /// Alarms in all.
    pub episodes: usize,
    /// Labelled cramps with an alarm.
    pub found: usize,
    /// Alarms labelled `not` that it raises again.
    pub again: usize,
    /// On labelled nights, alarms where the labels tell of nothing: taken for false.
    pub other: usize,
}

/// One stored night under both models.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NightComparison {
    /// The date on which it begins.
    pub night: Date,
    /// Judged seconds.
    pub valid_s: f64,
    /// Somebody has labelled something in it.
    pub is_labelled: bool,
    /// Labelled cramps that could be seen.
    pub cramps: usize,
    /// Alarms labelled `not`.
    pub false_alarms: usize,
    /// The model in use.
    pub before: NightResult,
    /// The new one.
    pub after: NightResult,
}

/// Both tables side by side, as aligned text: a row a night, then the sums.
pub fn comparison_table(nights: &[NightComparison], before: &str, after: &str) -> String {
    let mut text = String::new();
    let heads = ["alarms", "found", "false", "other"];
    let head = heads.map(|head| format!("{head:>7}")).concat();
    let width = head.len();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "left: {before}, in use\nright: {after}\n");
    let _ = writeln!(text, "{:<10} {:>8} |{head} |{head}", "night", "judged");
    for night in nights {
        let _ = writeln!(text, "{}", line(&night.night.to_string(), night));
    }
    let all = nights.iter().fold(None, |sum: Option<NightComparison>, night| {
        Some(sum.map_or(*night, |sum| NightComparison {
            night: night.night,
            valid_s: sum.valid_s + night.valid_s,
            is_labelled: sum.is_labelled || night.is_labelled,
            cramps: sum.cramps + night.cramps,
            false_alarms: sum.false_alarms + night.false_alarms,
            before: plus(sum.before, night.before),
            after: plus(sum.after, night.after),
        }))
    });
    if let Some(all) = all {
        let _ = writeln!(text, "{}", line("all", &all));
        let per_night = |result: NightResult| result.episodes as f64 / nights.len() as f64;
        let (one, other) = (per_night(all.before), per_night(all.after));
        let _ = writeln!(text, "{:<10} {:>8} |{one:>7.2}{:>w$} |{other:>7.2}", "a night", "", "", w = width - 7);
    }
    text.push_str(
        "(found: of the labelled cramps; false: of the alarms labelled `not`, raised again; other: on labelled nights, \
         alarms\nthat the labels say nothing of, taken for false; -: nothing labelled)\n",
    );
    text
}

fn plus(one: NightResult, other: NightResult) -> NightResult {
    NightResult {
        episodes: one.episodes + other.episodes,
        found: one.found + other.found,
        again: one.again + other.again,
        other: one.other + other.other,
    }
}

fn line(name: &str, night: &NightComparison) -> String {
    let of = |n: usize, all: usize| if all == 0 { "-".to_owned() } else { format!("{n}/{all}") };
    let cells = |result: NightResult| {
        let other = if night.is_labelled { result.other.to_string() } else { "-".to_owned() };
        let (found, again) = (of(result.found, night.cramps), of(result.again, night.false_alarms));
        format!("{:>7}{found:>7}{again:>7}{other:>7}", result.episodes)
    };
    format!("{name:<10} {:>8} |{} |{}", length(night.valid_s), cells(night.before), cells(night.after))
}

/// The text of `card.md` for a personal model.
pub fn personal_card(model: &Model, personal: &Personal, options: &PersonalOptions, command: &str) -> String {
    let choice = &personal.choice;
    let evidence = choice.evidence;
    let mut text = String::new();
    let _ = writeln!(text, "# Model card: {}\n", model.id);
    let _ = writeln!(
        text,
        "`{}` with thresholds for one leg ({}), chosen on its labelled nights. The classifier itself is unchanged.\n",
        options.base.id, options.leg
    );
    let _ = writeln!(
        text,
        "- SHA-256 of the content: `{}`; of the model it comes from: `{}`",
        model.sha256, options.base.sha256
    );
    let _ = writeln!(text, "- Made by: `{command}`");
    let _ = writeln!(
        text,
        "- Labelled cramps: {}, labelled false alarms: {}, labelled nights: {}; nights without a label, replayed but not used for \
         choosing: {}",
        evidence.cramps, evidence.false_alarms, evidence.nights, personal.unlabelled
    );
    let _ = writeln!(text, "- Thresholds before: {}", options.base.thresholds);
    let _ = writeln!(text, "- Best on the labelled nights alone: {}", choice.best);
    let _ = writeln!(
        text,
        "- Thresholds now: {}: {:.0} % of the way (in log odds and seconds), since the choice for everybody counts as {PRIOR_EVENTS:.0} \
         labelled events beside these {}\n",
        choice.thresholds,
        100.0 * choice.weight,
        evidence.cramps + evidence.false_alarms
    );
    let _ = writeln!(text, "## The stored nights with the model in use and with this one\n");
    let _ = writeln!(text, "```\n{}```\n", comparison_table(&personal.nights, &options.in_use.id, &model.id));
    for left_out in &personal.left_out {
        let _ = writeln!(text, "- Left out: {left_out}");
    }
    let _ = writeln!(
        text,
        "\n## Limits\n\n\
         - The figures are of the same nights that the thresholds were chosen on, so they flatter: what later nights give is not known.\n\
         - For this leg only. From {MIN_LABELS} labels on something is chosen at all; few labels move little.\n\
         - Labels are what a sleeper remembers. Alarms without a label were left out of judging; on labelled nights every other alarm \
         counts as false.\n\
         - Everything in the card of `{}` holds here too. Not a medical device.",
        options.base.id
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn both_models_stand_side_by_side_with_sums() {
        let night = NightComparison {
            night: date(2026, 11, 20),
            valid_s: 27_000.0,
            is_labelled: true,
            cramps: 3,
            false_alarms: 2,
            before: NightResult { episodes: 6, found: 3, again: 2, other: 1 },
            after: NightResult { episodes: 4, found: 3, again: 1, other: 0 },
        };
        let silent = NightComparison {
            night: date(2026, 11, 21),
            is_labelled: false,
            cramps: 0,
            false_alarms: 0,
            before: NightResult { episodes: 1, ..NightResult::default() },
            after: NightResult::default(),
            ..night
        };
        let text = comparison_table(&[night, silent], "additive-1", "mine");
        let expected = "\
left: additive-1, in use
right: mine

night        judged | alarms  found  false  other | alarms  found  false  other
2026-11-20   7 h 30 |      6    3/3    2/2      1 |      4    3/3    1/2      0
2026-11-21   7 h 30 |      1      -      -      - |      0      -      -      -
all         15 h 00 |      7    3/3    2/2      1 |      4    3/3    1/2      0
a night             |   3.50                      |   2.00
";
        assert!(text.starts_with(expected), "{text}");
    }
}
