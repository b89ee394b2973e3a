//! `crampwatch advice remedies`: everything that people say helps, with how well it is known.

use std::fmt::Write as _;
use std::process::ExitCode;

use super::super::{UsageError, output};
use crate::advice::remedies::{Remedy, remedies, remedy};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch advice remedies
  crampwatch advice remedies magnesium

Grades: A high certainty, B moderate, C low, D very low. What is shown here is what is known of
people in trials, not advice to you: crampwatch advice takes your own situation into account.")]
pub(super) struct RemediesArguments {
    /// Id of one remedy; without it, a line for each.
    #[arg(value_name = "ID")]
    id: Option<String>,
}

pub(super) fn run(arguments: &RemediesArguments) -> anyhow::Result<ExitCode> {
    let Some(id) = &arguments.id else {
        output::print(&list())?;
        return Ok(ExitCode::SUCCESS);
    };
    let wanted = id.trim().to_lowercase().replace([' ', '-'], "_");
    let Some(found) = remedy(&wanted) else {
        let near: Vec<&str> = remedies()
            .iter()
            .map(|one| one.id.as_str())
            .filter(|one| one.contains(&wanted) || wanted.contains(one))
            .collect();
        let hint = if near.is_empty() {
            "crampwatch advice remedies lists them".to_owned()
        } else {
            format!("did you mean {}?", near.join(" or "))
        };
        return Err(UsageError(format!("found the remedy {id:?}, expected one of the list; {hint}")).into());
    };
    output::print(&sheet(found))?;
    Ok(ExitCode::SUCCESS)
}

fn list() -> String {
    let mut text = "certainty  id                        what\n".to_owned();
    for remedy in remedies() {
        let _ = writeln!(
            text,
            "{:<9}  {:<24}  {} ({})",
            remedy.grade.words().split(',').next().unwrap_or_default(),
            remedy.id,
            remedy.title,
            remedy.direction.words()
        );
    }
    text
}

fn sheet(remedy: &Remedy) -> String {
    let mut text = format!("{}\n", remedy.title);
    let _ = writeln!(text, "certainty: {}; {}", remedy.grade.words(), remedy.direction.words());
    if let Some(effect) = &remedy.effect {
        let _ = writeln!(text, "effect: {effect}");
    }
    for claim in &remedy.claims {
        let _ = writeln!(text, "articles say: {} ({})", claim.text, claim.article);
    }
    if !remedy.differs.is_empty() {
        let _ = writeln!(text, "where the evidence differs: {}", remedy.differs);
    }
    for (number, step) in remedy.how_to.iter().enumerate() {
        let _ = writeln!(text, "{}. {step}", number + 1);
    }
    for caution in &remedy.cautions {
        let _ = writeln!(text, "beware: {caution}");
    }
    for interaction in &remedy.interactions {
        let _ = writeln!(text, "does not go with: {}", interaction.replace('_', " "));
    }
    for source in &remedy.sources {
        let _ = writeln!(text, "source: {source}");
    }
    if !remedy.suggestable() {
        text.push_str("Crampwatch never suggests this.\n");
    }
    text
}
