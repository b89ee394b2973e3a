use proptest::prelude::*;

use super::*;
use crate::simulate::{CrampCount, Digitiser, Night, NightOptions, Person, Second};
use crate::units::Rate;

fn layout() -> StreamLayout {
    StreamLayout::reference(Rate::hz(1000), 1, Some(Rate::hz(100)))
}

/// Ten minutes of a small generator of noise, normal enough.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        let mut sum = 0.0;
        for _ in 0..4 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            sum += (self.0 >> 40) as f64 / f64::from(1 << 24) - 0.5;
        }
        sum * 3.0_f64.sqrt()
    }
}

/// A second of a sensor that lies at `mean_g` with this noise, as a chunk.
fn second(n: u64, mean_g: [f64; 3], noise_g: f64, noise: &mut Noise) -> Chunk {
    let digital = |g: f64| (g * 4096.0).round() as i16;
    let acc = (0..300).map(|i| digital(mean_g[i % 3] + noise_g * noise.next())).collect();
    Chunk { emg_first: n * 1000, emg: vec![0; 1000], acc_first: n * 100, acc, ..Chunk::default() }
}

/// Seconds on a table until it is called still, at most `limit`.
fn table(noise_g: f64, seed: u64, limit: u64) -> Option<u64> {
    let (mut stillness, mut noise) = (Stillness::new(&layout()), Noise(seed));
    (0..limit).find(|&n| {
        stillness.chunk(&second(n, [0.02, -0.7, 0.7], noise_g, &mut noise));
        stillness.is_still()
    })
}

#[test]
fn a_sensor_on_a_table_is_still_after_half_an_hour_whatever_its_noise() {
    for noise_g in [0.0003, 0.001, 0.003, 0.008] {
        let after = table(noise_g, 7, 2400).unwrap_or_else(|| panic!("never still with {noise_g} g of noise"));
        assert!((1790..=1800).contains(&after), "{noise_g}: {after}");
    }
}

#[test]
fn a_turn_a_knock_a_mark_and_a_muscle_end_it_at_once_and_a_stuck_sensor_says_nothing() {
    let still = || {
        let (mut stillness, mut noise) = (Stillness::new(&layout()), Noise(3));
        for n in 0..1810 {
            stillness.chunk(&second(n, [0.0, 0.0, 1.0], 0.002, &mut noise));
        }
        assert!(stillness.is_still());
        (stillness, noise)
    };
    let (mut turned, mut noise) = still();
    (1810..1820).for_each(|n| turned.chunk(&second(n, [0.006, 0.0, 1.0], 0.002, &mut noise)));
    assert!(!turned.is_still());
    let (mut knocked, mut noise) = still();
    (1810..1820)
        .for_each(|n| knocked.chunk(&second(n, [0.0, 0.0, 1.0], if n == 1812 { 0.02 } else { 0.002 }, &mut noise)));
    assert!(!knocked.is_still());
    let (mut stuck, _) = still();
    let filled = |n: u64| Chunk { acc_first: n * 100, acc: [0, 0, 4096].repeat(100), ..Chunk::default() };
    (1810..1820).for_each(|n| stuck.chunk(&filled(n)));
    assert!(!stuck.is_still());
    let mut hop = Hop {
        quarter: 0,
        probability: None,
        quality: Quality::Good,
        row: crate::signal::FeatureRow { valid: true, active: true, marker: false, ..quiet_row() },
    };
    let (mut active, _) = still();
    active.hop(&hop);
    assert!(!active.is_still());
    (hop.row.active, hop.row.marker) = (false, true);
    let (mut marked, _) = still();
    marked.hop(&hop);
    assert!(!marked.is_still());
}

fn quiet_row() -> crate::signal::FeatureRow {
    crate::signal::FeatureRow {
        quarter: 0,
        valid: false,
        active: false,
        values: [0.0; crate::signal::N_FEATURES],
        has_motion: true,
        emg_rms_uv: 0.0,
        acc_rms_mg: 0.0,
        ratio: 0.0,
        active_since: None,
        marker: false,
    }
}

#[test]
fn lost_frames_do_not_begin_it_anew_and_a_long_hole_does() {
    let (mut stillness, mut noise) = (Stillness::new(&layout()), Noise(5));
    // One second in 95 is lost.
    let still = (0..2400_u64).find(|&n| {
        if !n.is_multiple_of(95) {
            stillness.chunk(&second(n, [1.0, 0.0, 0.0], 0.001, &mut noise));
        }
        stillness.is_still()
    });
    assert!(still.is_some_and(|after| after < 2300), "{still:?}");
    let (mut stillness, mut noise) = (Stillness::new(&layout()), Noise(5));
    for n in (0..1500).chain(1600..2600) {
        stillness.chunk(&second(n, [1.0, 0.0, 0.0], 0.001, &mut noise));
    }
    assert!(!stillness.is_still());
}

#[test]
fn without_acceleration_there_is_no_guess() {
    let mut stillness = Stillness::new(&StreamLayout::reference(Rate::hz(1000), 1, None));
    (0..2000).for_each(|n| stillness.chunk(&Chunk { emg_first: n * 1000, emg: vec![0; 1000], ..Chunk::default() }));
    assert!(!stillness.is_still());
}

/// The worst case: people who do nothing all night but breathe, without any muscle that would speak for them.
#[test]
fn people_who_only_breathe_are_never_called_not_worn() {
    for seed in 1..=12 {
        let options = NightOptions {
            duration_s: 5400,
            density: 0.0,
            cramps: CrampCount::Exactly(0),
            emg_rate_hz: 250,
            ..NightOptions::default()
        };
        let (mut night, mut digitiser) = (Night::new(&Person::random(seed), &options, seed), Digitiser::new(&options));
        let mut stillness = Stillness::new(digitiser.layout());
        let mut second = Second::default();
        while night.next_second(&mut second) {
            digitiser.chunk(&second).iter().for_each(|chunk| stillness.chunk(chunk));
            assert!(!stillness.is_still(), "person {seed}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// A leg that breathes by half a milligravity, or turns by a third of a degree in half an hour, is worn.
    #[test]
    fn breathing_or_a_slow_turn_beyond_the_noise_is_never_still(
        seed in any::<u64>(), noise_g in 0.0003_f64..0.002, breathes in any::<bool>(),
    ) {
        let (mut stillness, mut noise) = (Stillness::new(&layout()), Noise(seed));
        for n in 0..2400_u64 {
            let breath = if breathes { 0.0007 * (0.25 * std::f64::consts::TAU * n as f64).sin() } else { 0.0 };
            let turn = if breathes { 0.0 } else { 0.006 * n as f64 / 1800.0 };
            stillness.chunk(&second(n, [breath + turn, breath, 1.0], noise_g, &mut noise));
            prop_assert!(!stillness.is_still(), "after {} s", n);
        }
    }

    /// However the stream is cut, the guess is the same.
    #[test]
    fn the_way_the_stream_is_cut_does_not_matter(seed in any::<u64>(), cut in 1_u64..1000) {
        let (mut whole, mut parts, mut noise) = (Stillness::new(&layout()), Stillness::new(&layout()), Noise(seed));
        for n in 0..1805 {
            let mut first = second(n, [0.3, 0.3, 0.9], 0.001, &mut noise);
            whole.chunk(&first);
            let rest = first.split_off(n * 1000 + cut, &layout());
            parts.chunk(&first);
            parts.chunk(&rest);
            prop_assert_eq!(whole.is_still(), parts.is_still());
        }
        prop_assert!(whole.is_still());
    }
}
