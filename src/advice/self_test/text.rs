//! The tables as text.

use std::fmt;

use super::{SelfTest, Setting, Tally};

/// What false links may happen to: 3 % of people.
pub(super) const MOST_FALSE: f64 = 0.03;
/// What must be found of odds five times as high in 180 nights: 90 %.
pub(super) const LEAST_FOUND: f64 = 0.9;

impl SelfTest {
    /// Both tables, each figure with its count and its 95 % interval.
    pub fn text(&self) -> String {
        self.to_string()
    }

    /// Whether plain people have a false link in at most 3 % of cases at every number of nights, and odds five times as high are
    /// found at 180 nights in at least 90 %.
    pub fn keeps_its_word(&self) -> bool {
        let plain = self.false_links.iter().filter(|row| row.setting == Setting::Plain);
        plain.clone().count() > 0
            && plain.clone().all(|row| row.people.share() <= MOST_FALSE)
            && self.power.iter().any(|cell| {
                (cell.setting, cell.odds_ratio, cell.nights) == (Setting::Plain, 5.0, 180)
                    && cell.found.share() >= LEAST_FOUND
            })
    }
}

impl fmt::Display for SelfTest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = &self.options;
        writeln!(
            out,
            "Simulated people: a cramp in {:.0} % of nights without alcohol, each factor on {:.0} % of days, seeds from {}.\n\
             Hard: cramp nights follow each other, a season, factors in runs and 7-day means, coverage of 70 to 100 %.\n\
             Shown as a link: P(OR > {}) or P(OR < {}) of at least {}, and a chance of at most {} over all factors (Holm).\n\
             In brackets: the 95 % interval of the simulation itself.\n",
            options.base_rate * 100.0,
            options.prevalence * 100.0,
            options.first_seed,
            options.association.odds_ratio_that_matters,
            options.association.odds_ratio_that_matters.recip(),
            options.association.least_probability,
            options.association.family_error
        )?;
        writeln!(out, "People with at least one false link among {} factors that do nothing", super::NULL_FACTORS)?;
        writeln!(out, "{:<7}{:<8}{:<32}consistent link", "nights", "kind", "possible link or better")?;
        for row in &self.false_links {
            let kind = kind(row.setting);
            writeln!(out, "{:<7}{kind:<8}{:<32}{}", row.nights, tally(row.people), tally(row.consistent))?;
        }
        writeln!(out, "\nPeople whose true factor is found (alcohol, beside {} that do nothing)", super::NULL_FACTORS)?;
        writeln!(out, "{:<7}{:<8}{:<6}{:<36}consistent link", "nights", "kind", "odds", "possible link or better")?;
        for cell in &self.power {
            let (kind, odds) = (kind(cell.setting), format!("x{}", cell.odds_ratio));
            writeln!(out, "{:<7}{kind:<8}{odds:<6}{:<36}{}", cell.nights, tally(cell.found), tally(cell.consistent))?;
        }
        writeln!(
            out,
            "\nAsked: false links in at most {:.0} % of plain people, and x5 found at 180 nights in at least {:.0} %: {}.",
            MOST_FALSE * 100.0,
            LEAST_FOUND * 100.0,
            if self.keeps_its_word() { "kept" } else { "NOT kept" }
        )
    }
}

const fn kind(setting: Setting) -> &'static str {
    match setting {
        Setting::Plain => "plain",
        Setting::Hard => "hard",
    }
}

fn tally(tally: Tally) -> String {
    let (low, high) = tally.interval_95();
    let percent = |share: f64| format!("{:.1}", share * 100.0);
    format!("{}/{} = {} % [{}, {}]", tally.found, tally.of, percent(tally.share()), percent(low), percent(high))
}
