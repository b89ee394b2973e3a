//! What a person sees while they lie there: a block that is drawn anew in a terminal, plain lines elsewhere.

use std::io::{self, IsTerminal as _, Write as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::calibrate::{News, Step, Trouble, View};
use crate::cli::output;
use crate::sensor::ble::LinkState;
use crate::sensor::ble::supervisor::Phase;

/// Characters of a bar.
const BAR: usize = 40;
/// The scale never shows less than this, in µV.
const LEAST_SCALE_UV: f64 = 20.0;
/// What the greatest level shown keeps from one drawing to the next.
const FADE: f64 = 0.98;

/// Where a session is shown.
#[derive(Debug)]
pub(super) struct Screen {
    /// The block, in a terminal.
    block: Option<ProgressBar>,
    to_stderr: bool,
    top_uv: f64,
    told: Option<String>,
}

impl Screen {
    /// In the terminal of standard error if it is one. Plain lines go to standard output, or to standard error as well.
    pub(super) fn new(to_stderr: bool) -> Self {
        let block = io::stderr().is_terminal().then(|| {
            let block = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{msg}") {
                block.set_style(style);
            }
            block
        });
        Self { block, to_stderr, top_uv: 0.0, told: None }
    }

    /// Writes text that stays.
    pub(super) fn say(&self, text: &str) -> anyhow::Result<()> {
        let write = || {
            if self.to_stderr {
                return Ok(io::stderr().write_all(text.as_bytes())?);
            }
            output::print(text)
        };
        self.block.as_ref().map_or_else(write, |block| block.suspend(write))
    }

    /// Shows how the session stands, and tells what is new.
    pub(super) fn show(&mut self, view: &View<'_>, news: &[News], link: Option<&LinkState>) -> anyhow::Result<()> {
        for news in news {
            match news {
                News::Says(words) => self.say(&format!("  {words}\n"))?,
                // The block says it.
                News::Begins(..) if self.block.is_some() => {}
                News::Begins(step, seconds) => self.say(&line(*step, *seconds))?,
            }
        }
        let trouble = trouble_words(view, link);
        if let Some(block) = &self.block {
            let highest = view.levels_uv.iter().copied().fold(0.0, f64::max);
            self.top_uv = (self.top_uv * FADE).max(highest);
            block.set_message(drawn(view, scale_uv(self.top_uv), trouble.as_deref()));
            block.tick();
        } else if let (Some(words), true) = (&trouble, trouble != self.told) {
            self.say(&format!("  {words}\n"))?;
        }
        self.told = trouble;
        Ok(())
    }

    /// Takes the block away.
    pub(super) fn clear(&self) {
        if let Some(block) = &self.block {
            block.finish_and_clear();
        }
    }
}

fn line(step: Step, seconds: Option<f64>) -> String {
    let length = seconds.map_or(String::new(), |seconds| format!(", {seconds} s"));
    format!("  {}{length}: {}\n", step.name(), step.instruction())
}

/// What is wrong, of the link first: it knows more about silence.
fn trouble_words(view: &View<'_>, link: Option<&LinkState>) -> Option<String> {
    let streams = link.is_none_or(|link| link.phase == Phase::Streaming);
    match link {
        Some(link) if !streams => Some(match link.problem {
            Some(problem) => format!("Bluetooth, {}: {problem}", link.phase),
            None if view.trouble == Some(Trouble::NoData) => {
                format!("Bluetooth, {}: {}", link.phase, Trouble::NoData.words())
            }
            None => format!("Bluetooth: {}", link.phase),
        }),
        _ => view.trouble.map(|trouble| trouble.words().to_owned()),
    }
}

/// The smallest of 20, 50, 100, 200, 500 … that holds `top_uv`.
fn scale_uv(top_uv: f64) -> f64 {
    let steps = (1..6).flat_map(|tens| [1.0, 2.0, 5.0].map(|step| step * 10_f64.powi(tens)));
    steps.filter(|step| *step >= LEAST_SCALE_UV).find(|step| *step >= top_uv).unwrap_or(1e6)
}

fn drawn(view: &View<'_>, scale_uv: f64, trouble: Option<&str>) -> String {
    let left = view.left_s.map_or(String::new(), |(left, _)| format!("{:.0} s left", left.ceil()));
    let widest = view.labels.iter().map(|label| label.chars().count()).max().unwrap_or(0);
    let mut text = format!("\n  {:<14}{left:>12}\n  {}\n\n", view.step.name(), view.step.instruction());
    for (label, level_uv) in view.labels.iter().zip(view.levels_uv) {
        text.push_str(&format!("  {label:<widest$}  {}  {level_uv:>7.1} µV\n", bar(level_uv / scale_uv)));
    }
    text.push_str(&format!("  {:widest$}  0{:>width$.0} µV\n", "", scale_uv, width = BAR - 1));
    text.push_str(&trouble.map_or_else(|| "\n".to_owned(), |words| format!("  {words}\n")));
    text
}

fn bar(share: f64) -> String {
    let full = (share * BAR as f64).round().clamp(0.0, BAR as f64) as usize;
    format!("{}{}", "▮".repeat(full), "▯".repeat(BAR - full))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::Quality;

    #[test]
    fn the_scale_grows_in_steps_that_people_read() {
        assert_eq!([0.0, 20.0, 21.0, 180.0, 501.0].map(scale_uv), [20.0, 20.0, 50.0, 200.0, 1000.0]);
    }

    #[test]
    fn the_block_says_what_to_do_how_long_and_how_loud() {
        let labels = ["EMG MG".to_owned(), "EMG LG".to_owned()];
        let view = View {
            step: Step::Flex(2),
            left_s: Some((3.2, 5.0)),
            labels: &labels,
            levels_uv: &[100.0, 12.3],
            trouble: Some(Trouble::Bad(Quality::LeadOff)),
        };
        let words = trouble_words(&view, None).unwrap();
        let text = drawn(&view, 200.0, Some(&words));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "  flex 2 of 3       4 s left");
        assert!(lines[2].contains("NOW point your toes"));
        assert_eq!(lines[4].matches('▮').count(), BAR / 2);
        assert!(lines[5].ends_with("12.3 µV") && lines[6].ends_with("200 µV"), "{text}");
        assert!(lines[7].contains("press it on"));
    }
}
