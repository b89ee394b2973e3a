use super::*;

fn small() -> SelfTestOptions {
    SelfTestOptions { people: 30, people_of_power: 8, ..SelfTestOptions::default() }
}

#[test]
fn the_same_options_give_the_same_figures_and_another_seed_other_people() {
    let alcohol = |first_seed| {
        let options = SelfTestOptions { first_seed, people_of_power: 20, ..SelfTestOptions::default() };
        count_found(&options, Setting::Plain, 3.0, 180)
    };
    assert_eq!(alcohol(1), alcohol(1));
    let person = |seed| Simulated { seed, nights: 90, odds_ratio: None, setting: Setting::Hard }.paired(0.25, 0.3);
    assert_ne!(person(1), person(2));
}

#[test]
fn few_people_are_shown_what_is_not_there_and_most_what_is() {
    let options = SelfTestOptions { people: 100, people_of_power: 40, ..SelfTestOptions::default() };
    let nothing = count_false_links(&options, Setting::Plain, 180);
    assert!(nothing.people.found <= 5, "{nothing:?}");
    let alcohol = count_found(&options, Setting::Plain, 5.0, 180);
    assert!(alcohol.found.found >= 34, "{alcohol:?}");
    let early = count_found(&options, Setting::Plain, 2.0, 60);
    assert!(early.found.found <= 4, "{early:?}");
}

#[test]
fn simulated_nights_have_the_rate_and_the_days_that_were_asked_for() {
    let mut cramps = 0;
    let mut days = 0.0;
    for seed in 0..50 {
        let paired = Simulated { seed, nights: 400, odds_ratio: None, setting: Setting::Plain }.paired(0.25, 0.3);
        cramps += paired.nights.iter().filter(|night| night.cramp).count();
        days += paired.factors[0].values.iter().flatten().sum::<f64>();
    }
    assert!((cramps as f64 / 20_000.0 - 0.25).abs() < 0.01, "{cramps}");
    assert!((days / 20_000.0 - 0.3).abs() < 0.01, "{days}");
}

#[test]
fn the_tables_name_every_cell_with_its_interval() {
    let text = self_test(&small()).text();
    assert_eq!(text.lines().filter(|line| line.contains(" % [")).count(), 6 + 16, "{text}");
    assert!(text.contains("95 % interval of the simulation"));
    assert!(text.contains("kept"));
}

#[test]
fn the_interval_of_a_tally_is_wilsons() {
    let (low, high) = Tally { found: 9, of: 400 }.interval_95();
    assert!((low - 0.011_884).abs() < 1e-4 && (high - 0.042_211).abs() < 1e-4, "{low} {high}");
    assert_eq!(Tally { found: 0, of: 0 }.share(), 0.0);
}

#[test]
#[ignore = "a thousand people a row: some seconds in a release build, more without"]
fn the_full_self_test_keeps_its_word() {
    let found = self_test(&SelfTestOptions::default());
    assert!(found.keeps_its_word(), "{found}");
}
