//! A true device time line, sent through delays, must come back within 50 ms.

use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::*;

const LEAST_DELAY_MICROS: f64 = 10_000.0;
const RATE: Rate = Rate::hz(1000);

fn anchor() -> UtcAnchor {
    UtcAnchor { utc: UtcMicros(1_761_440_400_000_000), monotonic_micros: 5_000_000 }
}

/// A Bluetooth-like delay: mostly 10 to 60 ms, sometimes 500 ms.
fn delay_micros(random: &mut Xoshiro256PlusPlus) -> f64 {
    if random.random::<f64>() < 0.01 { 500_000.0 } else { random.random_range(LEAST_DELAY_MICROS..60_000.0) }
}

/// Sends `minutes` of frames of 50 samples and gives the largest error in ms of the newest sample's time, after 2 s.
fn largest_error_ms(seed: u64, drift_ppm: f64, loss: f64, minutes: u64, dropout: std::ops::Range<u64>) -> f64 {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut clock = DeviceClock::new(RATE, anchor());
    let mut largest: f64 = 0.0;
    let mut last_arrival = 0.0;
    for frame in 1..=minutes * 60 * 20 {
        let end = frame * 50;
        let true_micros = end as f64 * 1000.0 * (1.0 + drift_ppm * 1e-6);
        let arrival = f64::max(true_micros + delay_micros(&mut random), last_arrival);
        last_arrival = arrival;
        if random.random::<f64>() < loss || dropout.contains(&(end / 60_000)) {
            continue;
        }
        clock.observe(end, anchor().monotonic_micros + arrival as u64);
        if frame > 40 {
            let found = clock.utc_of(end).0 - anchor().utc.0;
            largest = largest.max((found as f64 - true_micros - LEAST_DELAY_MICROS).abs() / 1e3);
        }
    }
    largest
}

#[test]
fn an_eight_hour_night_at_200_ppm_stays_within_50_ms() {
    for drift_ppm in [200.0, -200.0] {
        let error = largest_error_ms(7, drift_ppm, 0.02, 480, 200..230);
        assert!(error < 50.0, "{error} ms at {drift_ppm} ppm");
    }
}

#[test]
fn a_long_drop_out_after_one_minute_of_stream_stays_within_50_ms() {
    // Found by the property below: the slope of one short edge of the hull, 100 ppm off, ruled for a quarter of an hour.
    for seed in [15_922_445_364_617_117_195].into_iter().chain(0..40) {
        let error = largest_error_ms(seed, 0.0, 0.0, 25, 1..16);
        assert!(error < 50.0, "{error} ms with seed {seed}");
    }
}

#[test]
fn the_drift_is_found() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
    let mut clock = DeviceClock::new(RATE, anchor());
    for frame in 1..20 * 1800_u64 {
        let arrival = frame as f64 * 50_000.0 * (1.0 - 123e-6) + delay_micros(&mut random);
        clock.observe(frame * 50, arrival as u64);
    }
    assert!((clock.drift_ppm() + 123.0).abs() < 5.0, "{}", clock.drift_ppm());
    assert!(!clock.is_estimated());
}

#[test]
fn a_wall_clock_jump_or_a_summer_time_change_moves_no_sample() {
    // Only the anchor ties samples to the wall clock: what the wall clock does later is never asked.
    let mut clock = DeviceClock::new(RATE, anchor());
    // 2025-10-26, when Berlin repeats the hour from 01:00 UTC: eight hours from 01:00 local summer time.
    for frame in 1..=8 * 3600 * 20_u64 {
        clock.observe(frame * 50, anchor().monotonic_micros + frame * 50_000 + 10_000);
        let expected = anchor().utc.plus_micros((frame * 50_000 + 10_000) as i64);
        assert_eq!(clock.utc_of(frame * 50), expected);
    }
}

#[test]
fn samples_before_a_restart_keep_their_times() {
    let mut clock = DeviceClock::new(RATE, anchor());
    for frame in 1..200_u64 {
        clock.observe(frame * 50, anchor().monotonic_micros + frame * 50_000);
    }
    let before = clock.utc_of(3000);
    clock.restart_at(20_000);
    for frame in 0..200_u64 {
        clock.observe(20_050 + frame * 50, anchor().monotonic_micros + 21_050_000 + frame * 50_000);
    }
    assert_eq!(clock.utc_of(3000), before);
    assert_eq!(clock.utc_of(20_050), anchor().utc.plus_seconds(21.05));
}

#[test]
fn a_device_that_stood_still_is_followed_after_half_a_minute() {
    let mut clock = DeviceClock::new(RATE, anchor());
    for frame in 1..20 * 300_u64 {
        let stall = if frame > 2000 { 5_000_000 } else { 0 };
        clock.observe(frame * 50, anchor().monotonic_micros + frame * 50_000 + stall);
    }
    assert_eq!(clock.refits(), 1);
    assert_eq!(clock.utc_of(299_950), anchor().utc.plus_seconds(299.95 + 5.0));
}

#[test]
fn without_a_counter_times_are_arrival_times_and_say_so() {
    let mut clock = DeviceClock::without_counter(RATE, anchor());
    clock.observe(100, anchor().monotonic_micros + 130_000);
    assert_eq!(clock.utc_of(100), anchor().utc.plus_micros(130_000));
    clock.observe(200, anchor().monotonic_micros + 350_000);
    assert_eq!(clock.utc_of(150), anchor().utc.plus_micros(300_000));
    assert!(clock.is_estimated());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn times_stay_within_50_ms_of_truth(
        seed: u64, drift_ppm in -200.0..200.0_f64, loss in 0.0..0.2_f64, from in 1..30_u64, length in 0..20_u64,
    ) {
        let error = largest_error_ms(seed, drift_ppm, loss, 60, from..from + length);
        prop_assert!(error < 50.0, "{error} ms");
    }
}
