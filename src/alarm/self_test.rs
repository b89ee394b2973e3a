//! The test before sleep: is everything ready for the night? Each failure is a sentence with its remedy.

use crate::units::UtcMicros;

/// The share of good contact from which electrodes do, in percent.
const CONTACT_PCT: f64 = 80.0;
/// 2025-01-01: a clock before it was never set.
const FIRST_PLAUSIBLE: UtcMicros = UtcMicros(1_735_689_600_000_000);
/// A clock may be behind the newest thing in the store by so much.
const CLOCK_SLACK_S: f64 = 120.0;

/// What was found; `None` is what is not known, which fails only where the night depends on it.
#[derive(Debug, Clone, PartialEq)]
pub struct SelfTestFacts {
    /// Whether the broker answers. The limits of the embedded broker are not a failure.
    pub broker_reachable: bool,
    /// Free space where nights are kept, in MB.
    pub disk_free_mb: Option<f64>,
    /// Space that a night needs, in MB; 0 if raw nights are not kept.
    pub disk_needed_mb: f64,
    /// What is wrong with the store, in plain words; `None` if nothing is.
    pub store_trouble: Option<String>,
    /// Why the raw night is not recorded, though it should be.
    pub recording_trouble: Option<String>,
    /// Why nothing can be written to the store.
    pub unwritten: Option<String>,
    /// What the clock says.
    pub now: UtcMicros,
    /// The newest instant that the store knows.
    pub newest_stored: Option<UtcMicros>,
    /// Hours until the end of the sleep window.
    pub until_morning_h: f64,
    /// Age from which samples are stale, in seconds.
    pub stale_after_s: f64,
    /// Every leg that is to be watched.
    pub legs: Vec<LegFacts>,
}

/// What was found of a leg.
#[derive(Debug, Clone, PartialEq)]
pub struct LegFacts {
    /// Its name, `me_left`.
    pub leg: String,
    /// Whether it is armed.
    pub armed: bool,
    /// Age of the newest samples, good or bad, in seconds; `None` if none came.
    pub sample_age_s: Option<f64>,
    /// Share of the last minute with good electrode contact, 0 to 100.
    pub contact_pct: Option<f64>,
    /// Hours that the battery will last.
    pub battery_left_h: Option<f64>,
    /// What somebody must do something about before the sensor can be heard, in plain words with the remedy.
    pub link_troubles: Vec<String>,
}

/// What stands against the night; nothing is green.
pub fn self_test(facts: &SelfTestFacts) -> Vec<String> {
    let mut failed = Vec::new();
    if !facts.broker_reachable {
        failed.push(
            "The broker cannot be reached, so nobody would hear of a cramp: start it, or check the address under [mqtt]."
                .to_owned(),
        );
    }
    if let Some(trouble) = &facts.store_trouble {
        failed.push(format!("The store is not in order ({trouble}): run `crampwatch doctor`."));
    }
    failed.extend(
        facts.unwritten.as_ref().map(|why| format!("Nothing can be written ({why}). Cramps are told, but not kept.")),
    );
    match &facts.recording_trouble {
        Some(why) => failed.push(format!(
            "The raw night is not recorded ({why}): make room on the disk. Detection goes on, and recording begins again by itself."
        )),
        None => failed.extend(disk(facts)),
    }
    failed.extend(clock_trouble(facts.now, facts.newest_stored));
    if facts.legs.is_empty() {
        failed.push("No leg is watched: set [leg] and [sensor] in the configuration.".to_owned());
    }
    failed.extend(facts.legs.iter().flat_map(|leg| leg_failures(leg, facts)));
    failed
}

fn disk(facts: &SelfTestFacts) -> Option<String> {
    let (free, needed) = (facts.disk_free_mb?, facts.disk_needed_mb);
    (free < needed).then(|| {
        format!(
            "{free:.0} MB are free on the disk, a night needs {needed:.0} MB: delete something, or keep no raw nights."
        )
    })
}

/// What is wrong with a clock that says `now`, when the store knows `newest_stored`.
pub fn clock_trouble(now: UtcMicros, newest_stored: Option<UtcMicros>) -> Option<String> {
    let behind = newest_stored.is_some_and(|newest| newest.seconds_since(now) > CLOCK_SLACK_S);
    (now < FIRST_PLAUSIBLE || behind).then(|| {
        let why = if behind { "earlier than what is already recorded" } else { "years ago" };
        let now = now.to_rfc3339();
        format!("The clock says {now}, which is {why}: set it, or let the system keep it by network time.")
    })
}

fn leg_failures(leg: &LegFacts, facts: &SelfTestFacts) -> Vec<String> {
    let name = &leg.leg;
    if !leg.armed {
        // Whoever disarmed the leg does not want to hear of its sensor.
        return vec![format!("{name} is not armed, so nothing will be told of it: switch night monitoring on.")];
    }
    let links = leg.link_troubles.iter().map(|trouble| format!("The link to the sensor of {name}: {trouble}."));
    let fresh = match leg.sample_age_s {
        // Why it is silent is said already.
        _ if !leg.link_troubles.is_empty() => None,
        Some(age_s) if age_s <= facts.stale_after_s => None,
        Some(age_s) => Some(format!(
            "The sensor of {name} has sent nothing for {}: is it on, charged and within a few metres?",
            super::action::words(age_s)
        )),
        None => Some(format!("The sensor of {name} has sent nothing yet: is it on, charged and within a few metres?")),
    };
    let silent = leg.sample_age_s.is_none_or(|age_s| age_s > facts.stale_after_s);
    let contact = leg.contact_pct.filter(|pct| !silent && *pct < CONTACT_PCT).map(|pct| {
        format!("The electrodes of {name} touch well only {pct:.0} % of the time: press them on, or use fresh ones.")
    });
    let battery = leg.battery_left_h.filter(|left_h| *left_h < facts.until_morning_h).map(|left_h| {
        let needed_h = facts.until_morning_h;
        format!("The battery of {name} lasts about {left_h:.1} h, the night {needed_h:.1} h: charge or change it.")
    });
    links.chain([fresh, contact, battery].into_iter().flatten()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn leg() -> LegFacts {
        LegFacts {
            leg: "me_left".to_owned(),
            armed: true,
            sample_age_s: Some(0.5),
            contact_pct: Some(99.0),
            battery_left_h: Some(20.0),
            link_troubles: Vec::new(),
        }
    }

    fn facts() -> SelfTestFacts {
        SelfTestFacts {
            broker_reachable: true,
            disk_free_mb: Some(5000.0),
            disk_needed_mb: 150.0,
            store_trouble: None,
            recording_trouble: None,
            unwritten: None,
            now: UtcMicros(1_795_384_800_000_000),
            newest_stored: Some(UtcMicros(1_795_384_790_000_000)),
            until_morning_h: 10.0,
            stale_after_s: 10.0,
            legs: vec![leg()],
        }
    }

    #[test]
    fn a_night_that_can_begin_has_no_failure() {
        assert_eq!(self_test(&facts()), Vec::<String>::new());
        let unknown = LegFacts { contact_pct: None, battery_left_h: None, ..leg() };
        let facts = SelfTestFacts { disk_free_mb: None, newest_stored: None, legs: vec![unknown], ..facts() };
        assert_eq!(self_test(&facts), Vec::<String>::new(), "what is not known does not fail");
    }

    #[rstest]
    #[case(SelfTestFacts { broker_reachable: false, ..facts() }, "The broker cannot be reached, so nobody would hear of a cramp: start it, or check the address under [mqtt].")]
    #[case(SelfTestFacts { disk_free_mb: Some(12.0), ..facts() }, "12 MB are free on the disk, a night needs 150 MB: delete something, or keep no raw nights.")]
    #[case(SelfTestFacts { store_trouble: Some("disk I/O error".to_owned()), ..facts() }, "The store is not in order (disk I/O error): run `crampwatch doctor`.")]
    #[case(SelfTestFacts { unwritten: Some("no room".to_owned()), ..facts() }, "Nothing can be written (no room). Cramps are told, but not kept.")]
    #[case(SelfTestFacts { recording_trouble: Some("12 MB are free".to_owned()), disk_free_mb: Some(12.0), ..facts() }, "The raw night is not recorded (12 MB are free): make room on the disk. Detection goes on, and recording begins again by itself.")]
    #[case(SelfTestFacts { now: UtcMicros(0), newest_stored: None, ..facts() }, "The clock says 1970-01-01T00:00:00.000+00:00, which is years ago: set it, or let the system keep it by network time.")]
    #[case(SelfTestFacts { newest_stored: Some(UtcMicros(1_795_385_000_000_000)), ..facts() }, "The clock says 2026-11-22T22:00:00.000+00:00, which is earlier than what is already recorded: set it, or let the system keep it by network time.")]
    #[case(SelfTestFacts { legs: vec![], ..facts() }, "No leg is watched: set [leg] and [sensor] in the configuration.")]
    #[case(SelfTestFacts { legs: vec![LegFacts { sample_age_s: Some(900.0), contact_pct: Some(0.0), ..leg() }], ..facts() }, "The sensor of me_left has sent nothing for 15 min: is it on, charged and within a few metres?")]
    #[case(SelfTestFacts { legs: vec![LegFacts { sample_age_s: None, ..leg() }], ..facts() }, "The sensor of me_left has sent nothing yet: is it on, charged and within a few metres?")]
    #[case(SelfTestFacts { legs: vec![LegFacts { sample_age_s: None, link_troubles: vec!["the adapter is off; switch it on".to_owned()], ..leg() }], ..facts() }, "The link to the sensor of me_left: the adapter is off; switch it on.")]
    #[case(SelfTestFacts { legs: vec![LegFacts { contact_pct: Some(31.0), ..leg() }], ..facts() }, "The electrodes of me_left touch well only 31 % of the time: press them on, or use fresh ones.")]
    #[case(SelfTestFacts { legs: vec![LegFacts { battery_left_h: Some(4.0), ..leg() }], ..facts() }, "The battery of me_left lasts about 4.0 h, the night 10.0 h: charge or change it.")]
    #[case(SelfTestFacts { legs: vec![LegFacts { armed: false, sample_age_s: None, ..leg() }], ..facts() }, "me_left is not armed, so nothing will be told of it: switch night monitoring on.")]
    fn each_failure_is_one_sentence_with_its_remedy(#[case] facts: SelfTestFacts, #[case] sentence: &str) {
        assert_eq!(self_test(&facts), [sentence]);
    }
}
