//! What the built-in model says of a fixed night, stored beside it: elsewhere the same episodes, and probabilities within
//! 1e-6. A new model needs a new file: run this test with `CRAMPWATCH_STORE_GOLDEN=1`, and look at what changed.

use std::fs;
use std::sync::Arc;

use crampwatch::detect::{Detector, Model, Output};
use crampwatch::simulate::{CrampCount, Digitiser, Night, NightOptions, Person, Second};
use serde::{Deserialize, Serialize};

use crate::front_door::repository;

#[derive(Debug, Serialize, Deserialize)]
struct Golden {
    /// What was played, in words.
    night: String,
    /// Onset, alarm and end of each episode in quarters of a second.
    episodes: Vec<[u64; 3]>,
    /// Every fifth probability of a window in which something happens: its quarter, and what was said.
    probabilities: Vec<(u64, f64)>,
}

fn play(model: Arc<Model>) -> Golden {
    let options = NightOptions { duration_s: 1200, cramps: CrampCount::Exactly(3), ..NightOptions::default() };
    let mut night = Night::new(&Person::random(77), &options, 77);
    let mut digitiser = Digitiser::new(&options);
    let mut detector = Detector::new(digitiser.layout(), model).unwrap();
    let mut said = Golden {
        night: "20 min of our simulator, person and night 77, three cramps, 2 x 1000 Hz and acceleration".to_owned(),
        episodes: Vec::new(),
        probabilities: Vec::new(),
    };
    let mut listen = |output| match output {
        Output::Started { onset_quarter, at_quarter, .. } => said.episodes.push([onset_quarter, at_quarter, 0]),
        Output::Ended { end_quarter, .. } => said.episodes.last_mut().unwrap()[2] = end_quarter,
        Output::Hop(hop) if hop.row.active && hop.quarter % 5 == 0 => {
            said.probabilities.extend(hop.probability.map(|probability| (hop.quarter, probability)));
        }
        _ => {}
    };
    let mut second = Second::default();
    while night.next_second(&mut second) {
        if let Some(chunk) = digitiser.chunk(&second) {
            detector.push(&chunk, &mut listen);
        }
    }
    detector.finish(&mut listen);
    said
}

#[test]
fn the_built_in_model_says_of_a_fixed_night_what_it_said_where_it_was_made() {
    let model = Arc::new(Model::built_in().unwrap());
    let path = repository(&format!("models/{}/golden.json", model.id));
    let said = play(model);
    if std::env::var_os("CRAMPWATCH_STORE_GOLDEN").is_some() {
        fs::write(&path, serde_json::to_string(&said).unwrap() + "\n").unwrap();
    }
    let stored = fs::read_to_string(&path).expect("a golden file beside the model; see the head of this test");
    let stored: Golden = serde_json::from_str(&stored).unwrap();
    assert_eq!(said.episodes, stored.episodes);
    assert!(said.episodes.len() >= 2 && said.probabilities.len() > 100, "a night in which too little happens");
    assert_eq!(said.probabilities.len(), stored.probabilities.len());
    for ((quarter, now), (stored_quarter, then)) in said.probabilities.iter().zip(&stored.probabilities) {
        assert!(quarter == stored_quarter && (now - then).abs() < 1e-6, "quarter {quarter}: {now}, stored {then}");
    }
}
