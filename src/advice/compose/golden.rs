//! What the written persons are told, word for word.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::written::persons;
use super::{Advice, HEADLINE_LIMIT, advise};
use crate::advice::input::AdviceInput;
use crate::advice::person::Answered;
use crate::advice::remedies::remedy;
use crate::advice::safety::{judge, rules};

#[test]
fn the_written_persons_are_told_what_was_read_and_approved() {
    for (name, input) in persons() {
        let mut settings = insta::Settings::clone_current();
        settings.set_omit_expression(true);
        settings.set_prepend_module_to_snapshot(false);
        settings.bind(|| insta::assert_snapshot!(name, page(&advise(&input))));
    }
}

#[test]
fn there_are_at_least_forty_written_persons_and_every_rule_holds_for_one() {
    let persons = persons();
    assert!(persons.len() >= 40);
    assert_eq!(persons.iter().map(|(name, _)| name).collect::<BTreeSet<_>>().len(), persons.len());
    let held: BTreeSet<String> = persons.iter().flat_map(|(_, input)| judge(input).held).collect();
    for rule in rules().unwrap() {
        assert!(held.contains(&rule.name), "{}", rule.name);
    }
}

#[test]
fn what_a_rule_took_from_a_written_person_comes_back_without_condition_and_medicine() {
    let mut taken = 0;
    for (name, mut input) in persons() {
        let taken_away = |id: &String| remedy(id).is_some_and(|remedy| !judge(&input).allows(remedy));
        let Some(previous) = input.previous_suggestion.clone().filter(taken_away) else { continue };
        let suggested = |input: &AdviceInput| advise(input).suggestion.map(|suggestion| suggestion.remedy);
        assert_ne!(suggested(&input), Some(previous.clone()), "{name}");
        input.person.conditions = Answered::Known(BTreeSet::new());
        input.person.medicines = Answered::Known(BTreeSet::new());
        assert_eq!(suggested(&input), Some(previous), "{name}");
        taken += 1;
    }
    assert!(taken >= 12, "{taken}");
}

#[test]
fn no_headline_of_a_written_person_is_cut() {
    for (name, input) in persons() {
        let headline = advise(&input).headline;
        assert!(headline.chars().count() <= HEADLINE_LIMIT && !headline.contains('…'), "{name}: {headline}");
    }
}

/// All that is told, as a page.
fn page(advice: &Advice) -> String {
    let mut page = format!("{}\n", advice.headline);
    let mut part = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            let _ = writeln!(page, "\n{title}\n- {}", lines.join("\n- "));
        }
    };
    if let Some(suggestion) = &advice.suggestion {
        let told = [&suggestion.title, &suggestion.why, &suggestion.how_sure, &suggestion.from_whom].map(Clone::clone);
        part("TRY", told.into_iter().collect());
        part("HOW", suggestion.how_to.clone());
        part("TAKE CARE", suggestion.cautions.clone());
        part("ARTICLES SAY", suggestion.articles_say.clone());
        part("EVIDENCE", vec![suggestion.differs.clone()]);
    }
    let urgent = |urgent: bool| if urgent { "AT ONCE: " } else { "" };
    part("CLINICIAN", advice.clinician.iter().map(|point| format!("{}{}", urgent(point.urgent), point.text)).collect());
    part("CAUTIONS", advice.cautions.iter().map(|caution| caution.text.clone()).collect());
    part("IN A CRAMP", advice.relief_card.clone());
    part("NIGHTS", advice.links.iter().map(|link| link.text.clone()).chain(advice.links_note.clone()).collect());
    part("LOG", advice.intakes.iter().map(|line| line.text.clone()).collect());
    part("CHANGED", advice.what_changed.clone().into_iter().collect());
    part("LEARNING", std::iter::once(advice.learning.clone()).chain(advice.regression_note.clone()).collect());
    page
}
