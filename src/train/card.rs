//! The model card: what it was trained on, how good it is on people left out, and what it cannot do.

use std::fmt::Write as _;

use super::tune::{COST_OF_A_FALSE_ALARM_PER_8H, COST_OF_TEN_SECONDS};
use super::{Figures, Learned, ReliabilityRow};

/// The text of `card.md`. `material` says in one sentence what the nights were; `command` reproduces the model; `density` is
/// how many times more than in a natural night happens in them.
pub fn card(learned: &Learned, material: &str, command: &str, density: f64) -> String {
    let model = &learned.model;
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "# Model card: {}\n", model.id);
    let _ = writeln!(text, "{} on the features `{}`, calibrated (Platt).\n", learned.chosen.name(), model.feature_set);
    if learned.chosen.is_blended() {
        let _ = writeln!(
            text,
            "Where there is acceleration, the mean of two such fits counts: one with the motion features and the one without them.\n"
        );
    }
    let _ = writeln!(text, "- SHA-256 of the content: `{}`", model.sha256);
    let _ = writeln!(text, "- Made by: `{command}`");
    let _ = writeln!(text, "- Trained on: {material}");
    let _ = writeln!(text, "- Windows: {} of cramp, {} others", learned.windows.0, learned.windows.1);
    let _ = writeln!(text, "- Thresholds: {}\n", model.thresholds);
    let _ = writeln!(text, "## How it was chosen\n");
    let _ = writeln!(
        text,
        "Each candidate was fitted and judged on inner halves of the people, without the outer fold. Worth: sensitivity less \
         {COST_OF_A_FALSE_ALARM_PER_8H} for each false alarm per 8 h and {COST_OF_TEN_SECONDS} for ten seconds of median delay, \
         at each candidate's best thresholds. Of trees, those with the motion features were judged here, not the mean of both.\n"
    );
    let _ = writeln!(text, "| candidate | worth |\n|---|---|");
    for (name, worth) in &learned.worth {
        let _ = writeln!(text, "| {name} | {worth:.3} |");
    }
    let _ = writeln!(
        text,
        "\n## Figures on people left out ({} people), with 95 % bootstrap intervals over people\n",
        learned.with_motion.people
    );
    let _ = writeln!(
        text,
        "Measured on the simulated nights named above, never on a real cramp: no public recording of one exists. Whole people \
         are left out. *Nested*: calibration and thresholds chosen without the people they are judged on. The other columns \
         have the model's own thresholds, which were chosen on these same people and flatter a little.{}\n",
        if density > 1.0 {
            format!(
                " In these nights {density} times as much happens as in natural ones: false alarms are counted over {density} \
                 times the hours."
            )
        } else {
            String::new()
        }
    );
    table(
        &mut text,
        &[
            ("nested", &learned.nested),
            ("with acceleration", &learned.with_motion),
            ("EMG alone", &learned.without_motion),
        ],
    );
    let _ = writeln!(text, "\n## Reliability (windows of people left out)\n");
    reliability_table(&mut text, &learned.reliability);
    text.push_str(LIMITS);
    text
}

const LIMITS: &str = "\n## Limits\n\n\
- Simulated cramps only; what a real night gives is not known. Not a medical device.\n\
- Needs a minute of valid signal before it judges anything, and says nothing about gaps.\n\
- Weak cramps near the quiet level are found late or missed; long tonic bracing while lying still may be called a cramp.\n\
- Probabilities are those of the training mix of windows, not of a person's nights.\n";

/// A Markdown table with a column for each named set of figures.
pub fn table(text: &mut String, columns: &[(&str, &Figures)]) {
    let _ = writeln!(text, "| | {} |", columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" | "));
    let _ = writeln!(text, "|---|{}", "---|".repeat(columns.len()));
    let rows: Vec<Vec<(&str, String)>> = columns.iter().map(|(_, figures)| figures.rows()).collect();
    for (i, (name, _)) in rows.first().into_iter().flatten().enumerate() {
        let cells: Vec<&str> = rows.iter().map(|column| column[i].1.as_str()).collect();
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    }
}

/// A Markdown table of what was said against what was found.
fn reliability_table(text: &mut String, rows: &[ReliabilityRow]) {
    let _ = writeln!(text, "| probability | windows | mean said | cramps found |\n|---|---|---|---|");
    for row in rows {
        let _ = writeln!(
            text,
            "| {:.1} to {:.1} | {} | {:.3} | {:.3} |",
            row.from, row.to, row.windows, row.said, row.found
        );
    }
}
