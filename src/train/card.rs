//! The model card: what it was trained on, how good it is on people left out, and what it cannot do.

use std::fmt::Write as _;

use super::{Figures, Learned};

/// The text of `card.md`. `material` says in one sentence what the nights were; `command` reproduces the model.
pub fn card(learned: &Learned, material: &str, command: &str) -> String {
    let model = &learned.model;
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "# Model card: {}\n", model.id);
    let _ = writeln!(
        text,
        "An additive logistic model (linfa) over hinge expansions of the features `{}`.\n",
        model.feature_set
    );
    let _ = writeln!(text, "- SHA-256 of the content: `{}`", model.sha256);
    let _ = writeln!(text, "- Made by: `{command}`");
    let _ = writeln!(text, "- Trained on: {material}");
    let _ = writeln!(text, "- Windows: {} of cramp, {} others", learned.windows.0, learned.windows.1);
    let _ = writeln!(text, "- Thresholds: {}\n", model.thresholds);
    let _ = writeln!(
        text,
        "## Figures on people left out ({} people), with 95 % bootstrap intervals over people\n",
        learned.with_motion.people
    );
    let _ = writeln!(
        text,
        "Measured on the simulated nights named above, never on a real cramp: no public recording of one exists. Each fold \
         leaves whole people out; the thresholds were chosen on the same folds, which flatters these figures a little.\n"
    );
    table(&mut text, &[("with acceleration", &learned.with_motion), ("EMG alone", &learned.without_motion)]);
    text.push_str(LIMITS);
    text
}

const LIMITS: &str = "\n## Limits\n\n\
- Simulated cramps only; what a real night gives is not known. Not a medical device.\n\
- Needs a minute of valid signal before it judges anything, and says nothing about gaps.\n\
- Weak cramps near the quiet level are found late or missed; long tonic bracing while lying still may be called a cramp.\n\
- Probabilities are those of the training mix of windows, not of a person's nights.\n";

/// A Markdown table with a column for each named set of figures.
pub(crate) fn table(text: &mut String, columns: &[(&str, &Figures)]) {
    let _ = writeln!(text, "| | {} |", columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" | "));
    let _ = writeln!(text, "|---|{}", "---|".repeat(columns.len()));
    let rows: Vec<Vec<(&str, String)>> = columns.iter().map(|(_, figures)| figures.rows()).collect();
    for (i, (name, _)) in rows.first().into_iter().flatten().enumerate() {
        let cells: Vec<&str> = rows.iter().map(|column| column[i].1.as_str()).collect();
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    }
}
