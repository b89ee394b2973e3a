//! What makes a cramp a cramp: who fires, where, when and for how long (evidence 1.1, 1.2 and 4.3).

use super::super::person::Person;
use super::*;

const SEEDS: std::ops::Range<u64> = 0..12;

/// A cramp of a random person, changed by `change`, seen at every whole second from its start to `seconds` later.
fn watch(seed: u64, seconds: u32, change: impl Fn(&mut CrampCourse), mut see: impl FnMut(u32, &Cramp)) {
    let pool = Pool::new(&Person::random(seed));
    let mut dice = Dice::new(seed, 7);
    let mut course = CrampCourse::random(&mut dice, 0, 60.0, 0.0, 100.0);
    course.ramp_s = 5.0;
    change(&mut course);
    let mut cramp = Cramp::new(course, &pool, 1, &mut dice);
    let mut frame = Frame::new(0);
    for second in 0..seconds {
        frame.begin(f64::from(second));
        cramp.step([3.0; 2], 1, &mut frame, &mut dice);
        see(second + 1, &cramp);
    }
}

fn active(cramp: &Cramp) -> Vec<usize> {
    (0..cramp.units.len()).filter(|index| cramp.units[*index].active.is_some()).collect()
}

fn own_rms_uv(cramp: &Cramp) -> f64 {
    let power: f64 = cramp.signal_uv[0][..SECOND].iter().map(|sample| f64::from(*sample).powi(2)).sum();
    (power / SECOND as f64).sqrt()
}

#[test]
fn units_join_one_by_one_during_the_ramp() {
    let (mut early, mut late) = (0, 0);
    for seed in SEEDS {
        watch(
            seed,
            5,
            |_| {},
            |second, cramp| match second {
                1 => early += active(cramp).len(),
                5 => late += active(cramp).len(),
                _ => {}
            },
        );
    }
    assert!(early > 0 && 2 * early < late, "{early} after a second, {late} after the ramp");
}

#[test]
fn units_turn_over_while_their_number_stays() {
    let (mut stayed, mut before, mut after) = (0, 0, 0);
    for seed in SEEDS {
        let mut then = Vec::new();
        watch(
            seed,
            80,
            |course| course.active_s = 20.0,
            |second, cramp| match second {
                20 => then = active(cramp),
                80 => {
                    let now = active(cramp);
                    stayed += now.iter().filter(|unit| then.contains(unit)).count();
                    (before, after) = (before + then.len(), after + now.len());
                }
                _ => {}
            },
        );
    }
    assert!(2 * stayed < before, "{stayed} of {before} still there");
    assert!(after * 2 > before && before * 2 > after, "{before} before, {after} after");
}

#[test]
fn the_territory_moves_and_its_units_with_it() {
    let (mut centre_mm, mut units_mm) = (0.0, 0.0);
    for seed in SEEDS {
        let mean = |cramp: &Cramp| {
            let units = active(cramp);
            let sum = units.iter().map(|unit| cramp.units[*unit].place_mm[0]).sum::<f64>();
            sum / units.len().max(1) as f64
        };
        let mut start = (0.0, 0.0);
        let fast = |course: &mut CrampCourse| {
            (course.speed_mm_s, course.active_s, course.radius_mm, course.active_share) = (0.3, 10.0, 10.0, 0.6);
        };
        watch(seed, 90, fast, |second, cramp| match second {
            10 => start = (cramp.centre_mm[0], mean(cramp)),
            90 => {
                centre_mm += (cramp.centre_mm[0] - start.0).abs();
                units_mm += (mean(cramp) - start.1).abs();
            }
            _ => {}
        });
    }
    let n = (SEEDS.end - SEEDS.start) as f64;
    assert!(centre_mm / n > 4.0, "the centre went {} mm", centre_mm / n);
    assert!(units_mm / n > 2.0, "the active units went {} mm", units_mm / n);
}

#[test]
fn small_and_large_units_take_part_alike() {
    // Pools are in order of size: without an order the mean rank of the active is one half; voluntary contraction at this
    // level takes the lower ranks only.
    let mut ranks = Vec::new();
    for seed in 0..30 {
        watch(
            seed,
            10,
            |_| {},
            |second, cramp| {
                if second == 10 {
                    let n = cramp.units.len() as f64;
                    ranks.extend(active(cramp).iter().map(|unit| *unit as f64 / n));
                }
            },
        );
    }
    let mean = ranks.iter().sum::<f64>() / ranks.len() as f64;
    assert!((0.4..0.6).contains(&mean), "mean rank {mean} of {}", ranks.len());
}

#[test]
fn a_stretch_ends_it_at_once_and_left_alone_it_dies_away_in_patches() {
    let (mut stretched_uv, mut left_uv, mut falls) = (0.0, [0.0; 3], 0);
    for seed in SEEDS {
        let until_30 =
            |ending: Ending| move |course: &mut CrampCourse| (course.length_s, course.ending) = (30.0, ending);
        watch(seed, 33, until_30(Ending::Stretch), |second, cramp| {
            stretched_uv += if second == 33 { own_rms_uv(cramp) } else { 0.0 };
        });
        let mut counts = Vec::new();
        watch(seed, 60, until_30(Ending::Taper(12.0)), |second, cramp| {
            match second {
                30 => left_uv[0] += own_rms_uv(cramp),
                38 => left_uv[1] += own_rms_uv(cramp),
                60 => left_uv[2] += own_rms_uv(cramp),
                _ => {}
            }
            if second >= 30 {
                counts.push(active(cramp).len());
            }
        });
        // Unit after unit drops out; none comes back.
        assert!(counts.is_sorted_by(|earlier, later| earlier >= later), "{counts:?}");
        falls += counts.windows(2).filter(|pair| pair[1] < pair[0]).count();
    }
    assert!(stretched_uv < 0.05 * left_uv[0], "{stretched_uv} of {}", left_uv[0]);
    assert!(left_uv[1] > 0.2 * left_uv[0] && left_uv[1] < left_uv[0] && left_uv[2] < 0.5 * left_uv[1], "{left_uv:?}");
    assert!(falls > 3 * (SEEDS.end - SEEDS.start) as usize, "{falls} steps down");
}

#[test]
fn truth_begins_and_ends_with_twice_the_quiet_rms() {
    for seed in SEEDS {
        let mut above = Vec::new();
        let mut measured = Measured::default();
        let short = |course: &mut CrampCourse| (course.length_s, course.ending) = (20.0, Ending::Taper(4.0));
        watch(seed, 45, short, |second, cramp| {
            let quarters = cramp.signal_uv[0][..SECOND].chunks_exact(QUARTER).enumerate();
            let loud = quarters.filter(|(_, samples)| {
                let power = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / QUARTER as f64;
                power.sqrt() > 2.0 * 3.0
            });
            above.extend(loud.map(|(quarter, _)| f64::from(second - 1) + quarter as f64 * 0.25));
            measured = cramp.measured;
        });
        assert_eq!(measured.span_s, Some((above[0], above[above.len() - 1] + 0.25)));
    }
}
