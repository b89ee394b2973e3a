//! Tremor, periodic leg movements, twitches of sleep and fasciculations.

use super::deed::What;
use super::plan::{Planner, SECONDS_OF_A_NIGHT};
use crate::simulate::EventKind;

impl Planner<'_> {
    pub(super) fn draw_legs(&mut self) {
        let tremors =
            if self.person.has_foot_tremor { 2 + self.dice.index(7) } else { usize::from(self.dice.chance(0.12)) };
        for _ in 0..self.times(tremors) {
            let duration_s = self.dice.uniform(8.0, 30.0);
            let Some(at_s) = self.place(duration_s, 20.0, 300.0) else { continue };
            let level_uv = 0.7 * self.level_uv();
            self.add(at_s, What::FootTremor { duration_s, level_uv });
            self.note(EventKind::Tremor, at_s, at_s + duration_s, level_uv, "");
            self.reserve(at_s, at_s + duration_s);
        }
        let (quiet_uv, mvc_uv) = (self.person.quiet_uv, self.person.mvc_uv);
        if self.person.has_plms {
            self.periodic(quiet_uv, mvc_uv);
        }
        let per_h = self.dice.uniform(0.5, 4.0) * self.person.twitches.sqrt();
        for _ in 0..self.poisson(8.0 * per_h) {
            let at_s = self.anywhere(300.0, 60.0);
            if !self.is_up(at_s, 0.0) {
                let (duration_s, shows) = (self.dice.log_uniform(0.5, 8.0), self.dice.chance(0.75));
                let level_uv = self.dice.log_uniform(2.5 * quiet_uv, 0.6 * mvc_uv);
                self.leg_movement(at_s, duration_s, level_uv, shows);
            }
        }
    }

    fn leg_movement(&mut self, at_s: f64, duration_s: f64, level_uv: f64, shows: bool) {
        self.add(at_s, What::LegMovement { duration_s, level_uv, shows });
        self.note(EventKind::LegMovement, at_s, at_s + duration_s, level_uv, "");
    }

    /// Series of periodic leg movements until there are 100 to 320 in a natural night.
    fn periodic(&mut self, quiet_uv: f64, mvc_uv: f64) {
        let aim = self.dice.uniform(100.0, 320.0) * self.share;
        let usual_uv = self.dice.log_uniform((3.0 * quiet_uv).max(0.03 * mvc_uv), 0.4 * mvc_uv);
        let mut sum = 0.0;
        for _ in 0..12 {
            let (period_s, count) = (self.dice.uniform(14.0, 42.0), self.dice.log_uniform(5.0, 80.0) as usize);
            let from_s = self.anywhere(600.0, 700.0);
            let mut at_s = from_s;
            for _ in 0..count {
                if at_s > self.length_s - self.near(120.0) || self.is_up(at_s, 0.0) {
                    break;
                }
                let duration_s = self.dice.log_uniform(0.6, 5.0);
                let level_uv = self.dice.log_normal(usual_uv, 0.35).min(0.8 * mvc_uv);
                let shows = self.dice.chance(0.62);
                self.leg_movement(at_s, duration_s, level_uv, shows);
                at_s += self.dice.log_normal(period_s, 0.15).clamp(8.0, 88.0);
                sum += 1.0;
            }
            self.note(EventKind::PlmsSeries, from_s, at_s, 0.0, "");
            if sum > aim {
                break;
            }
        }
    }

    pub(super) fn draw_twitches(&mut self) {
        let mvc_uv = self.person.mvc_uv;
        let jerks = if self.dice.chance(0.7) { 1 + self.dice.index(4) } else { 0 };
        for _ in 0..self.times(jerks) {
            let at_s = self.dice.uniform(self.near(320.0), self.near(3000.0));
            let (duration_s, level_uv) = (self.dice.uniform(0.08, 0.25), self.dice.log_uniform(0.2, 0.9) * mvc_uv);
            let strength_g = self.dice.log_uniform(0.03, 0.3);
            self.add(at_s, What::Twitch { duration_s, level_uv, strength_g });
            self.note(EventKind::HypnicJerk, at_s, at_s + duration_s, level_uv, "");
        }
        self.draw_rem();
        self.draw_myoclonus();
        let (from_s, to_s) = (self.near(300.0), self.length_s - self.near(30.0));
        for _ in 0..self.poisson(self.person.fasciculations_per_h * SECONDS_OF_A_NIGHT / 3600.0) {
            let at_s = self.dice.uniform(from_s, to_s);
            self.add(at_s, What::Fasciculate);
            self.note(EventKind::Fasciculation, at_s, at_s + 0.05, 0.0, "");
        }
        for _ in 0..self.poisson(1.0) {
            let from_s = self.anywhere(600.0, 900.0);
            let to_s = from_s + self.dice.log_uniform(20.0, 600.0);
            let per_s = self.dice.log_uniform(0.05, 1.0);
            self.fasciculates(from_s, to_s, per_s);
            self.note(EventKind::Fasciculation, from_s, to_s, 0.0, "");
        }
    }

    /// Twitches of REM sleep, whose spans grow towards the morning. A short night holds those of a whole one, squeezed.
    fn draw_rem(&mut self) {
        let squeeze = self.length_s / SECONDS_OF_A_NIGHT;
        let (quiet_uv, mvc_uv) = (self.person.quiet_uv, self.person.mvc_uv);
        let mut start_s = 60.0 * self.dice.uniform(65.0, 110.0);
        let mut usual_s = 360.0;
        while start_s < SECONDS_OF_A_NIGHT - 600.0 {
            let end_s = (start_s + usual_s * self.dice.uniform(0.6, 1.4)).min(SECONDS_OF_A_NIGHT - 60.0);
            let per_min = self.dice.uniform(0.2, 2.5) * self.person.twitches.sqrt();
            for _ in 0..self.poisson((end_s - start_s) / 60.0 * per_min) {
                let mut at_s = squeeze * self.dice.uniform(start_s, end_s);
                for _ in 0..=self.dice.index(3) {
                    if self.is_up(at_s, 0.0) {
                        break;
                    }
                    let is_short = self.dice.chance(0.9);
                    let dice = &mut self.dice;
                    let duration_s = if is_short { dice.log_uniform(0.1, 0.8) } else { dice.uniform(0.8, 5.0) };
                    let level_uv = dice.log_uniform((4.0 * quiet_uv).max(0.01 * mvc_uv), 0.3 * mvc_uv);
                    let strength_g = dice.log_uniform(0.001, 0.02);
                    self.add(at_s, What::Twitch { duration_s, level_uv, strength_g });
                    self.note(EventKind::FragmentaryMyoclonus, at_s, at_s + duration_s, level_uv, "REM");
                    at_s += self.dice.uniform(0.3, 4.0);
                }
            }
            start_s += 60.0 * self.dice.uniform(80.0, 110.0);
            usual_s += 300.0;
        }
    }

    fn draw_myoclonus(&mut self) {
        let quiet_uv = self.person.quiet_uv;
        for _ in 0..self.poisson(20.0 * self.person.twitches) {
            let (at_s, duration_s) = (self.anywhere(300.0, 60.0), self.dice.uniform(0.05, 0.15));
            let level_uv = self.dice.log_uniform(3.0 * quiet_uv, (6.0 * quiet_uv).max(200.0));
            self.add(at_s, What::Twitch { duration_s, level_uv, strength_g: 0.0 });
            self.note(EventKind::FragmentaryMyoclonus, at_s, at_s + duration_s, level_uv, "");
        }
        let spans = if self.person.has_myoclonus { 1 + self.dice.index(3) } else { 0 };
        for _ in 0..self.times(spans) {
            let from_s = self.anywhere(900.0, 4500.0);
            let long_s = 60.0 * self.dice.uniform(20.0, 60.0);
            let to_s = from_s + self.near(long_s);
            let per_s = self.dice.uniform(5.0, 14.0) / 60.0;
            for _ in 0..self.dice.poisson((to_s - from_s) * per_s) {
                let (at_s, duration_s) = (self.dice.uniform(from_s, to_s), self.dice.uniform(0.04, 0.15));
                let level_uv = self.dice.log_uniform(30.0, 200.0);
                self.add(at_s, What::Twitch { duration_s, level_uv, strength_g: 0.0 });
            }
            self.note(EventKind::FragmentaryMyoclonus, from_s, to_s, 0.0, "");
        }
    }
}
