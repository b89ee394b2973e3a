use super::parse::parse;
use super::*;
use crate::advice::words::{amount_in, tells_to_stop_a_medicine};

const TEXT: &str = include_str!("../../../data/remedies.toml");

#[test]
fn the_compiled_in_file_is_read_whole() {
    let read = parse(TEXT).unwrap();
    assert_eq!(read.remedies.len(), TEXT.matches("[[remedy]]").count());
    assert_eq!(read.nutrients.len(), TEXT.matches("[[nutrient]]").count());
    assert_eq!(remedies(), read.remedies);
}

#[test]
fn every_claim_of_the_popular_articles_has_its_remedy() {
    let ids = [
        "magnesium",
        "magnesium_foods",
        "magnesium_pregnancy",
        "potassium",
        "calcium",
        "sodium",
        "vitamin_d",
        "vitamin_b1",
        "vitamin_b5",
        "vitamin_b6",
        "vitamin_b12",
        "vitamin_b_complex",
        "vitamin_k2",
        "hydration",
        "fibre",
        "bedtime_stretch",
        "relief_stretch",
        "massage",
        "heat",
        "compression",
        "acupuncture",
        "evening_breathing",
        "stress",
        "alcohol_less",
        "being_active",
        "pickle_juice",
        "medicines_review",
        "sleeping_position",
        "quinine",
        "diltiazem",
        "naftidrofuryl",
        "illness",
        "pregnancy",
        "age",
        "electrolytes_after_sweating",
    ];
    for id in ids {
        assert!(remedy(id).is_some(), "{id}");
    }
}

#[test]
fn every_nutrient_of_the_articles_has_a_claim_and_says_where_the_evidence_differs() {
    use Nutrient as N;
    for nutrient in [
        N::Magnesium,
        N::Potassium,
        N::Calcium,
        N::Sodium,
        N::VitaminD,
        N::VitaminB1,
        N::VitaminB5,
        N::VitaminB6,
        N::VitaminB12,
        N::VitaminK2,
        N::Water,
        N::Fibre,
    ] {
        let told = remedies().iter().any(|r| r.nutrients().any(|n| n == nutrient) && !r.claims.is_empty());
        assert!(told, "{nutrient}");
        assert!(nutrient_facts(nutrient).is_some(), "{nutrient}");
    }
}

#[test]
fn every_remedy_has_a_source_and_what_the_evidence_says() {
    for remedy in remedies() {
        assert!(!remedy.sources.is_empty() && !remedy.differs.is_empty(), "{}", remedy.id);
        assert_eq!(remedy.suggestable(), remedy.suggestable() && !remedy.how_to.is_empty(), "{}", remedy.id);
        assert!(remedy.suggest != Suggest::Link || !remedy.factors.is_empty(), "{}", remedy.id);
        assert!(remedy.factors.is_empty() || remedy.wants.is_some(), "{}", remedy.id);
        assert!(remedy.title.chars().count() <= 80, "{}", remedy.id);
    }
}

#[test]
fn amounts_stand_only_where_a_claim_or_a_trial_is_quoted() {
    for remedy in remedies() {
        let mut texts = vec![&remedy.title, &remedy.why];
        texts.extend(remedy.how_to.iter().chain(&remedy.cautions).chain(&remedy.interactions));
        texts.extend(remedy.relief_step.iter());
        texts.extend(remedy.effect.iter().filter(|_| remedy.suggestable()));
        for text in texts {
            assert_eq!(amount_in(text), None, "{}: {text}", remedy.id);
            assert!(!tells_to_stop_a_medicine(text), "{}: {text}", remedy.id);
        }
    }
}

#[test]
fn quinine_and_prescriptions_are_never_suggested() {
    for id in ["quinine", "diltiazem", "naftidrofuryl", "magnesium", "sodium", "vitamin_b_complex"] {
        assert!(!remedy(id).unwrap().suggestable(), "{id}");
    }
}

#[test]
fn the_grades_are_those_of_the_reviews() {
    let grades: Vec<_> = ["magnesium", "bedtime_stretch", "relief_stretch", "vitamin_k2", "potassium", "quinine"]
        .map(|id| remedy(id).map(|r| (r.grade, r.direction)))
        .into_iter()
        .flatten()
        .collect();
    assert_eq!(
        grades,
        [
            (Grade::A, Direction::Unlikely),
            (Grade::C, Direction::MayHelp),
            (Grade::B, Direction::Helps),
            (Grade::C, Direction::MayHelp),
            (Grade::D, Direction::Unclear),
            (Grade::B, Direction::Helps),
        ]
    );
}

#[test]
fn a_factor_that_the_diary_does_not_know_is_refused() {
    let text = TEXT.replacen("\"alcohol\"", "\"alcool\"", 1);
    assert_eq!(
        parse(&text).unwrap_err().to_string(),
        "remedy `alcohol_less`: `alcool` found, a nutrient or exposure of the diary expected; correct it"
    );
}
