//! What a check came to, and all of them as text and as JSON.

use serde::Serialize;

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// In order.
    Ok,
    /// The night can begin, but something is to be known or done.
    Warning,
    /// Something will not work.
    Failed,
    /// Not looked at, with the reason.
    Skipped,
}

impl State {
    /// As it stands in the text.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "FAILED",
            Self::Skipped => "-",
        }
    }
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at, in a word or two; the same in every run.
    pub check: &'static str,
    /// How it went.
    pub state: State,
    /// What was found.
    pub found: String,
    /// What to do; none if nothing is to be done.
    pub remedy: Option<String>,
}

impl Finding {
    /// In order.
    pub fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, state: State::Ok, found: found.into(), remedy: None }
    }

    /// Not looked at.
    pub fn skipped(check: &'static str, why: impl Into<String>) -> Self {
        Self { check, state: State::Skipped, found: why.into(), remedy: None }
    }

    /// To be known.
    pub fn warning(check: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { check, state: State::Warning, found: found.into(), remedy: Some(remedy.into()) }
    }

    /// Not in order.
    pub fn failed(check: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { check, state: State::Failed, found: found.into(), remedy: Some(remedy.into()) }
    }

    /// Not in order, in the words of an error of ours: what was found, then what to do.
    pub fn refused(check: &'static str, words: &str) -> Self {
        let split = words.split_once("; ").or_else(|| words.split_once(": "));
        let (found, remedy) = split.map_or((words, None), |(found, remedy)| (found, Some(remedy.to_owned())));
        Self { check, state: State::Failed, found: found.to_owned(), remedy }
    }
}

/// The order in which checks are told: from the machine over the sensor to whoever is told.
const ORDER: [&str; 18] = [
    "configuration",
    "daemon",
    "system bus",
    "bluetoothd",
    "adapter",
    "sensor",
    "bond",
    "frame rate",
    "loss",
    "contact",
    "battery",
    "night",
    "clock",
    "disk",
    "raw nights",
    "store",
    "broker",
    "model",
];

/// All checks of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether no check failed.
    pub ok: bool,
    /// The checks in their order.
    pub checks: Vec<Finding>,
}

impl Report {
    /// Puts findings in order.
    pub fn new(mut checks: Vec<Finding>) -> Self {
        checks.sort_by_key(|finding| ORDER.iter().position(|check| *check == finding.check));
        let ok = checks.iter().all(|finding| finding.state != State::Failed);
        Self { ok, checks }
    }

    /// A line a check, its remedy below it, and the sum.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for Finding { check, state, found, remedy } in &self.checks {
            text += &format!("{check:<14} {:<8} {}\n", state.word(), printable(found));
            if let Some(remedy) = remedy {
                text += &format!("{:<23} -> {}\n", "", printable(remedy));
            }
        }
        let count = |state| self.checks.iter().filter(|finding| finding.state == state).count();
        let plural = |n: usize, one: &str, more: &str| format!("{n} {}", if n == 1 { one } else { more });
        let (failed, warnings) = (count(State::Failed), count(State::Warning));
        text + &match (failed, warnings) {
            (0, 0) => "\nNothing stands against the night.\n".to_owned(),
            (0, _) => format!("\nNothing failed; {}.\n", plural(warnings, "warning", "warnings")),
            _ => format!(
                "\n{}, {}.\n",
                plural(failed, "check failed", "checks failed"),
                plural(warnings, "warning", "warnings")
            ),
        }
    }
}

/// Names and errors are others' to choose: one line, and nothing that a terminal obeys.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        Report::new(vec![
            Finding::ok("model", "trees-6, built in"),
            Finding::warning("battery", "41 %, lasts until 02:30", "charge it"),
            Finding::skipped("contact", "the sensor sent nothing"),
            Finding::refused("adapter", "the Bluetooth adapter is off; switch it on: bluetoothctl power on"),
            Finding::ok("sensor", "CrampLeg\u{1b}[2J at C0:FF:EE:00:00:01"),
        ])
    }

    #[test]
    fn checks_are_told_in_their_order_with_the_remedy_below() {
        insta::assert_snapshot!(report().text(), @r"
        adapter        FAILED   the Bluetooth adapter is off
                                -> switch it on: bluetoothctl power on
        sensor         ok       CrampLeg [2J at C0:FF:EE:00:00:01
        contact        -        the sensor sent nothing
        battery        warning  41 %, lasts until 02:30
                                -> charge it
        model          ok       trees-6, built in

        1 check failed, 1 warning.
        ");
    }

    #[test]
    fn only_a_failure_makes_the_report_fail() {
        assert!(!report().ok);
        let warned = Report::new(vec![Finding::warning("clock", "not synchronised", "let the system keep it")]);
        assert!(warned.ok && warned.text().ends_with("\nNothing failed; 1 warning.\n"));
        assert_eq!(Report::new(vec![]).text(), "\nNothing stands against the night.\n");
    }

    #[test]
    fn the_json_says_the_same() {
        let json = serde_json::to_value(report()).unwrap();
        assert_eq!(json["ok"], false);
        let adapter = serde_json::json!({"check": "adapter", "state": "failed", "found": "the Bluetooth adapter is off",
            "remedy": "switch it on: bluetoothctl power on"});
        assert_eq!(json["checks"][0], adapter);
        assert!(json["checks"][4]["remedy"].is_null());
    }
}
