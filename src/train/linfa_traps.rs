//! Tests of what linfa 0.8.1 does unexpectedly, and of how we get around it. If one fails after an update of linfa, the
//! trap has gone or moved: look at what stands around it.

use linfa::ParamGuard;
use linfa::dataset::{Dataset, DatasetBase};
use linfa::metrics::ToConfusionMatrix;
use linfa::traits::{Fit, Predict};
use linfa_logistic::LogisticRegression;
use linfa_trees::DecisionTree;
use ndarray::{Array1, Array2, array};

use super::fit::tests::night;
use super::folds::Folds;
use super::votes::tests::both_high;
use super::votes::{CRAMP, DecidedTree};
use super::{AdaBoostOptions, BoostOptions, Candidate, FitOptions, ForestOptions, TrainError};
use crate::detect::{Classifier, Form, LEAF, Model, Platt, Thresholds};
use crate::signal::{FEATURE_SET, N_FEATURES};

fn small_candidates() -> Vec<Candidate> {
    vec![
        Candidate::Additive(FitOptions { alpha: 0.1, ..FitOptions::default() }),
        Candidate::Trees(BoostOptions { trees: 30, least_weight: 1.0, feature_share: 1.0, ..BoostOptions::default() }),
        Candidate::Forest(ForestOptions { trees: 20, depth: 3, ..ForestOptions::default() }),
        Candidate::AdaBoost(AdaBoostOptions { trees: 5, ..AdaBoostOptions::default() }),
    ]
}

fn log_odds(form: Form, row: &[f64]) -> f64 {
    Classifier { form, platt: Platt::default() }.log_odds(row)
}

#[test]
fn trap_linfas_logistic_probability_is_that_of_the_majority_class_and_ours_is_that_of_a_cramp() {
    for cramps in [200_usize, 800] {
        let records = Array2::from_shape_fn((1000, 1), |(row, _)| if row < cramps { 1.0 } else { 0.0 });
        let targets: Array1<bool> = (0..1000).map(|row| row < cramps).collect();
        let fitted = LogisticRegression::default().fit(&Dataset::new(records, targets)).unwrap();
        let of_a_clear_cramp = fitted.predict_probabilities(&array![[1.0]])[0];
        assert_eq!(of_a_clear_cramp > 0.5, cramps > 500, "{of_a_clear_cramp}");
        assert_eq!(fitted.labels().pos.class, cramps > 500);
        let night = night(1000, cramps as u32);
        for candidate in small_candidates() {
            let form = candidate.fit(&[&night], true, 1).unwrap();
            let row = |first: f64| -> [f64; N_FEATURES] { std::array::from_fn(|j| if j == 0 { first } else { 2.0 }) };
            let (cramp, other) = (log_odds(form.clone(), &row(2.9)), log_odds(form, &row(0.1)));
            // Votes and log odds before calibration: what counts is which way they point.
            assert!(cramp > other + 1.0, "{}, {cramps} cramps: {cramp}, {other}", candidate.name());
        }
    }
}

#[test]
fn trap_precision_and_recall_of_linfas_confusion_matrix_are_swapped_so_we_count_ourselves() {
    // Two said, one of them right; four there are.
    let said = array![true, true, false, false, false];
    let truth = array![true, false, true, true, true];
    let matrix = said.confusion_matrix(&truth).unwrap();
    assert!((matrix.precision() - 0.25).abs() < 1e-6 && (matrix.recall() - 0.5).abs() < 1e-6);
    let score = super::NightScore { cramps: 4, found: 1, false_alarms: 1, valid_s: 3600.0, ..Default::default() };
    let ours = super::Figures::of(&[(0, &score)], 1);
    assert_eq!((ours.precision.value, ours.sensitivity.value), (0.5, 0.25));
}

#[test]
fn trap_nan_in_linfas_trees_aborts_the_process_so_it_never_gets_there() {
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut broken = night(200, 100);
        // An even row: the additive fit takes every other one of so long an event.
        broken.rows[56][3] = value;
        for candidate in small_candidates() {
            let refused = candidate.fit(&[&broken], true, 1);
            assert!(matches!(refused, Err(TrainError::NotFinite { .. })), "{}: {value}", candidate.name());
        }
    }
}

#[test]
fn trap_linfas_trees_never_split_values_closer_than_1e_5_so_rows_are_standardised_first() {
    let volts = Array2::from_shape_fn((200, 1), |(row, _)| if row < 100 { 2e-6 } else { 8e-6 });
    let targets: Array1<usize> = (0..200).map(|row| usize::from(row >= 100)).collect();
    let tree = DecisionTree::params().fit(&DatasetBase::new(volts.clone(), targets.clone())).unwrap();
    assert!(tree.root_node().is_leaf());
    let ours = ForestOptions { trees: 3, feature_share: 1.0, ..ForestOptions::default() };
    let cramp = targets.mapv(|class| class == CRAMP);
    let flat = ours.fit(&Dataset::new(volts.mapv(|value: f64| value as f32), cramp)).unwrap();
    assert!(flat.log_odds(&[8e-6]) > 0.0 && flat.log_odds(&[2e-6]) < 0.0);
}

#[test]
fn trap_linfas_trees_are_fitted_on_up_to_and_predict_on_below_so_thresholds_follow_the_prediction() {
    // The middle of two neighbouring floats is one of them; these lie more than 1e-5 apart.
    let low = 2.0_f64.powi(38);
    let high = low.next_up();
    let records = array![[low], [low], [high], [high]];
    let tree = DecisionTree::params().fit(&DatasetBase::new(records.clone(), array![0_usize, 0, 1, 1])).unwrap();
    let (_, split, _) = tree.root_node().split();
    assert!(split == low && !tree.root_node().is_leaf(), "fitted on up to the split");
    assert_eq!(tree.predict(&records).to_vec(), [1, 1, 1, 1], "predicted on below it");
    // Ours go left up to and including the threshold, which therefore is the last value below the split
    // (`votes::tests::thresholds_split_exactly_as_linfa_does_on_its_own_scale`); on standardised rows, which are never that
    // close, each row of training goes where its own fit sent it.
    let train = both_high(300, 5);
    let one =
        ForestOptions { trees: 1, depth: 12, least_rows_in_leaf: 1.0, feature_share: 1.0, ..ForestOptions::default() };
    let flat = one.fit(&train).unwrap();
    assert!(flat.feature.iter().filter(|feature| **feature != LEAF).count() > 5);
    assert!(flat.check(4).is_ok());
}

#[test]
fn trap_linfas_leaves_keep_a_class_and_no_counts_so_a_tree_is_one_vote_and_calibration_makes_it_a_probability() {
    let train = both_high(600, 1);
    let flat = ForestOptions { trees: 4, depth: 4, ..ForestOptions::default() }.fit(&train).unwrap();
    let leaves = (0..flat.feature.len()).filter(|node| flat.feature[*node] == LEAF);
    assert!(leaves.map(|node| flat.value[node].abs()).all(|vote| vote == 2.0));
}

#[test]
fn trap_an_undecided_leaf_of_linfa_takes_a_class_by_the_order_of_a_hash_map_so_cramps_weigh_a_trifle_more() {
    let records = Array2::<f64>::zeros((10, 1));
    let targets: Array1<usize> = (0..10).map(|row| row % 2).collect();
    let dataset = DatasetBase::new(records, targets);
    let plain = |_| DecisionTree::params().fit(&dataset).unwrap().root_node().prediction();
    let plain: Vec<_> = (0..200).map(plain).collect();
    assert!(plain.contains(&Some(0)) && plain.contains(&Some(CRAMP)));
    let decided = |_| DecidedTree::new(3, 1.0).fit(&dataset).unwrap().root_node().prediction();
    assert!((0..200).map(decided).all(|class| class == Some(CRAMP)));
}

#[test]
fn trap_linfas_logistic_ignores_weights_so_rows_are_thinned_and_our_trees_heed_them() {
    // One value, cramp as often as not; all the weight is on the cramps.
    let records = Array2::from_shape_fn((400, 2), |(row, column)| ((row / 2 + column) % 7) as f64);
    let targets: Array1<bool> = (0..400).map(|row| row % 2 == 0).collect();
    let weights: Array1<f32> = targets.iter().map(|cramp| if *cramp { 9.0 } else { 1.0 }).collect();
    let odds = |weights: Option<&Array1<f32>>| {
        let dataset = Dataset::new(records.clone(), targets.clone());
        let dataset = match weights {
            Some(weights) => dataset.with_weights(weights.clone()),
            None => dataset,
        };
        LogisticRegression::default().fit(&dataset).unwrap().predict_probabilities(&records)[0]
    };
    assert_eq!(odds(Some(&weights)).to_bits(), odds(None).to_bits());

    let dataset = Dataset::new(records.mapv(|value| value as f32), targets).with_weights(weights);
    let trees = BoostOptions { trees: 60, least_weight: 1.0, feature_share: 1.0, ..BoostOptions::default() };
    let said = trees.fit(&dataset).unwrap().log_odds(&[3.0, 4.0]);
    assert!((said - 9.0_f64.ln()).abs() < 0.3, "{said}");
}

#[test]
fn trap_linfas_forest_ignores_weights_so_heavy_rows_are_drawn_more_often() {
    use rand_chacha::rand_core::SeedableRng;
    // The same rows and classes; only the weights say which of them count.
    let forest = |weight: f32| {
        let records = Array2::from_shape_fn((400, 1), |(row, _)| if row < 200 { -1.0 } else { 1.0 });
        let targets: Array1<usize> = (0..400).map(|row| row % 2).collect();
        let weights = targets.mapv(|class| if class == CRAMP { weight } else { 1.0 });
        let dataset = DatasetBase::new(records.clone(), targets).with_weights(weights);
        let seed = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        let params = linfa_ensemble::EnsembleLearnerParams::new_fixed_rng(DecidedTree::new(2, 1.0), seed);
        let forest: linfa_ensemble::RandomForest<f64, usize> =
            params.ensemble_size(10).check().unwrap().fit(&dataset).unwrap();
        forest.predict(&records).to_vec()
    };
    assert_eq!(forest(1000.0), forest(0.001));

    let records = Array2::from_shape_fn((400, 1), |(row, _)| if row < 200 { -1.0_f32 } else { 1.0 });
    let targets: Array1<bool> = (0..400).map(|row| row % 2 == 0).collect();
    let votes = |heavy: fn(usize) -> bool| {
        let weights: Array1<f32> = (0..400).map(|row| if heavy(row) { 1000.0 } else { 0.001 }).collect();
        let dataset = Dataset::new(records.clone(), targets.clone()).with_weights(weights);
        let options = ForestOptions { trees: 20, feature_share: 1.0, most_rows: 100, ..ForestOptions::default() };
        let trees = options.fit(&dataset).unwrap();
        trees.log_odds(&[-1.0]) - trees.log_odds(&[1.0])
    };
    // Heavy: cramps on the left and others on the right; then the other way round.
    let left = votes(|row| (row < 200) == (row % 2 == 0));
    let right = votes(|row| (row < 200) != (row % 2 == 0));
    assert!(left > 1.0 && right < -1.0, "{left} and {right}");
}

#[test]
fn trap_linfas_forest_draws_features_with_replacement_so_a_column_may_come_twice() {
    use rand_chacha::rand_core::SeedableRng;
    let train = both_high(100, 1);
    let dataset = DatasetBase::new(train.records().mapv(f64::from), train.targets().mapv(usize::from));
    let params = linfa_ensemble::EnsembleLearnerParams::new_fixed_rng(
        DecidedTree::new(2, 1.0),
        rand_chacha::ChaCha8Rng::seed_from_u64(1),
    );
    let forest: linfa_ensemble::RandomForest<f64, usize> =
        params.ensemble_size(10).check().unwrap().fit(&dataset).unwrap();
    let different = |columns: &Vec<usize>| columns.iter().collect::<std::collections::BTreeSet<_>>().len();
    assert!(forest.model_features.iter().any(|columns| columns.len() == 4 && different(columns) < 4));
}

#[test]
fn trap_json_without_float_roundtrip_reloads_another_model_and_ours_comes_back_bit_for_bit() {
    // 17 digits that a fast parser gets wrong in the last bit; the feature `float_roundtrip` of serde_json reads them right.
    let mut number = 0.1_f64;
    for _ in 0..2000 {
        number = (number * 1.000_123_456_789).next_up();
        let back: f64 = serde_json::from_str(&serde_json::to_string(&number).unwrap()).unwrap();
        assert_eq!(back.to_bits(), number.to_bits());
    }
    let night = night(600, 200);
    let part = |with_motion: bool| {
        let forest = Candidate::Forest(ForestOptions { trees: 5, ..ForestOptions::default() });
        let additive = Candidate::Additive(FitOptions::default());
        let candidate = if with_motion { forest } else { additive };
        let platt = Platt { slope: 0.1 + 0.2, offset: -1.0 / 3.0 };
        Classifier { form: candidate.fit(&[&night], with_motion, 1).unwrap(), platt }
    };
    let model = Model {
        id: "made".to_owned(),
        feature_set: FEATURE_SET.to_owned(),
        with_motion: part(true),
        without_motion: part(false),
        thresholds: Thresholds::default(),
        sha256: String::new(),
    };
    let text = model.to_json().unwrap();
    let back = Model::from_json(&text).unwrap();
    assert_eq!(back.to_json().unwrap(), text);
    for row in &night.rows {
        let wide: Vec<f64> = row.iter().map(|value| f64::from(*value)).collect();
        for with_motion in [true, false] {
            let (before, after) =
                (model.part(with_motion).probability(&wide), back.part(with_motion).probability(&wide));
            assert_eq!(before.to_bits(), after.to_bits());
        }
    }
}

#[test]
fn trap_linfas_folds_are_contiguous_and_know_no_groups_and_ours_never_split_a_person() {
    // Three people of ten rows each: linfa's halves cut the second one in two.
    let people: Array1<usize> = (0..30).map(|row| row / 10).collect();
    let dataset = DatasetBase::new(Array2::<f64>::zeros((30, 1)), people);
    let (train, valid) = dataset.fold(2).remove(0);
    assert!(train.targets().iter().any(|person| valid.targets().iter().any(|other| other == person)));
    let mut nights = Vec::new();
    for number in 0..21 {
        nights.push(super::NightRows { person: number % 7 * 13, ..night(8, 4) });
    }
    for n in [2, 3] {
        let folds = Folds::of(&nights, n).unwrap();
        let place = |person: usize| {
            let mine = nights.iter().filter(move |night| night.person == person);
            let mut places: Vec<_> = mine.map(|night| (folds.of_night(night), folds.half_of(night))).collect();
            places.dedup();
            places
        };
        let places: Vec<_> = (0..7).map(|number| place(number * 13)).collect();
        assert!(places.iter().all(|places| places.len() == 1), "{places:?}");
        assert!((0..n).all(|fold| places.iter().any(|place| place[0].0 == Some(fold))));
    }
}
