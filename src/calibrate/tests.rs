use proptest::prelude::*;

use super::*;
use crate::chunk::{Chunk, StreamLayout};
use crate::signal::Quality;
use crate::units::{Rate, UtcMicros};

const T0: UtcMicros = UtcMicros(1_763_777_643_000_000);

/// A person who does what is asked, as noise of a level; seconds at a time.
struct Lying {
    session: Session,
    layout: StreamLayout,
    second: u64,
    state: u64,
    news: Vec<News>,
    chunks: Vec<Chunk>,
}

impl Lying {
    fn new() -> Self {
        Self::with_channels(2)
    }

    fn with_channels(channels: usize) -> Self {
        let layout = StreamLayout::reference(Rate::hz(500), channels, None);
        let session = Session::new(&layout).unwrap();
        Self { session, layout, second: 0, state: 7, news: Vec::new(), chunks: Vec::new() }
    }

    /// A second of white noise whose band below 250 Hz has about this RMS on the first channel, and half on the second.
    fn second(&mut self, uv: f64, lead_off: bool) {
        let mut emg = Vec::new();
        for _ in 0..500 {
            for share in [1.0, 0.5].into_iter().take(self.layout.emg.channels.len()) {
                self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let unit = (self.state >> 40) as f64 / (1 << 24) as f64 - 0.5;
                emg.push(self.layout.emg.channels[0].scale.quantise(unit * 12.0_f64.sqrt() * uv * share));
            }
        }
        let chunk = Chunk { emg_first: self.second * 500, emg, lead_off, ..Chunk::default() };
        self.second += 1;
        self.session.time_is(T0.plus_seconds(self.second as f64));
        self.session.push(&chunk);
        self.news.extend(self.session.take_news());
        self.chunks.push(chunk);
    }

    fn silence(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.second += 1;
            self.session.time_is(T0.plus_seconds(self.second as f64));
            self.news.extend(self.session.take_news());
        }
    }

    fn step(&self) -> Step {
        self.session.view().step
    }

    /// Plays on with the level that each step asks for, until `until` or the end.
    fn play(&mut self, level_uv: impl Fn(Step) -> f64, until: impl Fn(Step) -> bool) {
        for _ in 0..2000 {
            if self.session.outcome().is_some() || until(self.step()) {
                return;
            }
            self.second(level_uv(self.step()), false);
        }
        panic!("it never ends: {:?}", self.session.view());
    }

    fn says(&self, part: &str) -> usize {
        self.news.iter().filter(|news| matches!(news, News::Says(text) if text.contains(part))).count()
    }

    fn calibrated(&self) -> &Calibrated {
        match self.session.outcome() {
            Some(Outcome::Done(calibrated)) => calibrated,
            other => panic!("{other:?}"),
        }
    }

    fn failure(&self) -> Failure {
        match self.session.outcome() {
            Some(Outcome::Failed(failure)) => *failure,
            other => panic!("{other:?}"),
        }
    }
}

fn as_asked(step: Step) -> f64 {
    match step {
        Step::Flex(2) => 300.0,
        Step::Flex(_) => 250.0,
        Step::Stretch => 8.0,
        _ => 5.0,
    }
}

fn never(_: Step) -> bool {
    false
}

#[test]
fn who_does_what_is_asked_has_rest_and_mvc_of_both_channels_after_three_minutes() {
    let mut lying = Lying::new();
    lying.play(as_asked, never);
    assert!((184..=190).contains(&lying.second), "{} s", lying.second);
    let calibrated = lying.calibrated();
    let [first, second] = calibrated.channels.as_slice() else { panic!("{calibrated:?}") };
    assert_eq!((first.label.as_str(), second.label.as_str()), ("EMG MG", "EMG LG"));
    let (mvc, stretch) = (first.mvc_rms_uv.unwrap(), first.stretch_rms_uv.unwrap());
    // The filters take the part of white noise that lies outside their band.
    let passed = first.rest_rms_uv / 5.0;
    assert!((0.7..1.0).contains(&passed), "{passed}");
    assert!((mvc / passed / 300.0 - 1.0).abs() < 0.15, "{mvc}");
    assert!((stretch / passed / 8.0 - 1.0).abs() < 0.15, "{stretch}");
    assert!((second.mvc_rms_uv.unwrap() / mvc - 0.5).abs() < 0.1);
    assert_eq!(calibrated.notes, [""; 0]);
    assert_eq!(calibrated.at, T0.plus_seconds(lying.second as f64));
}

#[test]
fn the_measured_effort_is_the_quantity_that_the_detector_sets_beside_it() {
    use crate::detect::{Detector, Model, Output};
    let mut lying = Lying::with_channels(1);
    lying.play(as_asked, never);
    let mvc = lying.calibrated().channels[0].mvc_rms_uv.unwrap();

    let mut detector = Detector::new(&lying.layout, Model::built_in().unwrap().into()).unwrap();
    let mut greatest = 0.0_f64;
    for chunk in &lying.chunks {
        detector.push(chunk, |output| {
            if let Output::Hop(hop) = output {
                greatest = greatest.max(hop.row.emg_rms_uv);
            }
        });
    }
    assert!((greatest - mvc).abs() < 1e-9 * mvc, "{greatest} {mvc}");
}

#[test]
fn a_restless_leg_rests_again_and_after_three_tries_nothing_is_kept() {
    let mut lying = Lying::new();
    let second = std::cell::Cell::new(0);
    let restless = |step: Step| {
        second.set(second.get() + 1);
        if step == Step::Rest && second.get() % 3 == 0 { 40.0 } else { as_asked(step) }
    };
    lying.play(restless, never);
    assert_eq!(lying.says("too restless"), 2);
    assert_eq!(lying.failure(), Failure::Restless(3));
}

#[test]
fn without_a_flex_the_flexes_are_asked_for_once_more_and_then_only_rest_is_kept() {
    let mut lying = Lying::new();
    lying.play(|_| 5.0, never);
    assert_eq!(lying.says("No flex was seen"), 1);
    let calibrated = lying.calibrated();
    assert!(calibrated.channels.iter().all(|channel| channel.mvc_rms_uv.is_none() && channel.rest_rms_uv > 1.0));
    assert_eq!(calibrated.notes.len(), 2);
    assert!(calibrated.notes[0].contains("only its resting level is known"), "{:?}", calibrated.notes);
}

#[test]
fn a_flex_that_comes_and_goes_late_is_seen_and_one_jerk_among_them_is_told() {
    let mut lying = Lying::new();
    lying.play(as_asked, |step| step == Step::Flex(3));
    for _ in 0..3 {
        lying.second(5.0, false);
    }
    for _ in 0..4 {
        lying.second(900.0, false);
    }
    lying.play(as_asked, never);
    let calibrated = lying.calibrated();
    assert!(calibrated.channels[0].mvc_rms_uv.unwrap() > 600.0);
    assert!(calibrated.notes[0].contains("uneven"), "{:?}", calibrated.notes);
}

#[test]
fn an_electrode_that_comes_off_is_told_and_the_part_begins_again() {
    let mut lying = Lying::new();
    lying.play(as_asked, |step| step == Step::Flex(2));
    lying.second(0.0, true);
    lying.second(0.0, true);
    assert_eq!(lying.session.view().trouble, Some(Trouble::Bad(Quality::LeadOff)));
    for _ in 0..6 {
        lying.second(0.0, true);
    }
    assert_eq!((lying.step(), lying.says("The signal was lost")), (Step::Contact, 1));
    lying.play(as_asked, |step| step != Step::Contact);
    assert_eq!(lying.step(), Step::BeforeFlexes);
    lying.play(as_asked, never);
    assert!(lying.calibrated().channels[0].mvc_rms_uv.is_some());
}

#[test]
fn ten_seconds_of_silence_are_told_and_two_minutes_end_it() {
    let mut lying = Lying::new();
    lying.play(as_asked, |step| step == Step::Rest);
    lying.silence(9);
    assert_eq!((lying.step(), lying.session.view().trouble), (Step::Rest, None));
    lying.silence(2);
    assert_eq!((lying.step(), lying.session.view().trouble), (Step::Contact, Some(Trouble::NoData)));
    assert!(Trouble::NoData.words().contains("is it on"));
    lying.silence(120);
    assert_eq!(lying.failure(), Failure::NoData);
}

#[test]
fn a_sensor_that_is_never_heard_and_electrodes_that_are_never_on_have_their_own_words() {
    let mut lying = Lying::new();
    lying.silence(121);
    assert_eq!(lying.failure(), Failure::NoData);
    let mut lying = Lying::new();
    for _ in 0..121 {
        lying.second(0.0, true);
    }
    assert_eq!(lying.failure(), Failure::BadSignal(Quality::LeadOff));
    assert!(lying.failure().to_string().contains("press it on"));
}

#[test]
fn a_signal_that_is_lost_again_and_again_ends_it() {
    let mut lying = Lying::new();
    for _ in 0..5 {
        lying.play(as_asked, |step| step == Step::Rest);
        lying.silence(11);
    }
    assert_eq!(lying.failure(), Failure::Interrupted(5));
}

#[test]
fn nothing_changes_after_the_end() {
    let mut lying = Lying::new();
    lying.play(as_asked, never);
    let before = lying.session.outcome().cloned();
    lying.second(900.0, false);
    lying.silence(500);
    assert_eq!(lying.session.outcome().cloned(), before);
}

/// Something that happens to a session.
#[derive(Debug, Clone)]
enum Happening {
    Seconds { n: u16, uv: f64, lead_off: bool },
    Asked { n: u16 },
    Silence { n: u16 },
    Raw { emg_first: u64, emg: Vec<i16> },
    Time(i64),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        3 => (1_u16..40, 0.0_f64..3000.0, prop::bool::weighted(0.2))
            .prop_map(|(n, uv, lead_off)| Happening::Seconds { n, uv, lead_off }),
        8 => (1_u16..120).prop_map(|n| Happening::Asked { n }),
        1 => (1_u16..30).prop_map(|n| Happening::Silence { n }),
        1 => (any::<u64>(), prop::collection::vec(any::<i16>(), 0..600))
            .prop_map(|(emg_first, emg)| Happening::Raw { emg_first: emg_first >> 12, emg }),
        1 => any::<i64>().prop_map(Happening::Time),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_what_is_given_is_whole(happenings in prop::collection::vec(happening(), 1..30)) {
        let mut lying = Lying::new();
        for happening in happenings {
            match happening {
                Happening::Seconds { n, uv, lead_off } => (0..n).for_each(|_| lying.second(uv, lead_off)),
                Happening::Asked { n } => (0..n).for_each(|_| lying.second(as_asked(lying.step()), false)),
                Happening::Silence { n } => lying.silence(u64::from(n)),
                Happening::Raw { emg_first, emg } => {
                    let chunk = Chunk { emg_first, emg, ..Chunk::default() };
                    lying.session.push(&chunk);
                }
                Happening::Time(at) => lying.session.time_is(UtcMicros(at)),
            }
            let view = lying.session.view();
            if let Some((left, length)) = view.left_s {
                prop_assert!((0.0..=length).contains(&left));
            }
            prop_assert!(view.levels_uv.len() == 2 && view.levels_uv.iter().all(|level| level.is_finite()));
            if let Some(Outcome::Done(calibrated)) = lying.session.outcome() {
                prop_assert_eq!(calibrated.channels.len(), 2);
                for channel in &calibrated.channels {
                    prop_assert!(channel.rest_rms_uv.is_finite() && channel.rest_rms_uv >= 0.0);
                    let least = LEAST_EFFORT * channel.rest_rms_uv;
                    prop_assert!(channel.mvc_rms_uv.is_none_or(|mvc| mvc.is_finite() && mvc >= least));
                }
            }
        }
    }
}
