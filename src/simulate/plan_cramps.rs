//! Cramps of a night, with what comes before and after them and what is done against them.

use super::contraction::{Contraction, Pattern};
use super::course::{CrampCourse, Ending};
use super::options::CrampCount;
use super::part::Part;
use super::plan::Planner;
use super::posture::Pose;
use super::shake::{Motion, Shake};
use super::truth::EventKind;
use super::twitch::Twitches;

impl Planner<'_> {
    /// Plans all cramps, and the short peripheral ones.
    pub(crate) fn plan_cramps(&mut self) {
        let onsets = self.cramp_onsets();
        for (index, &onset_s) in onsets.iter().enumerate() {
            let next_s = onsets.get(index + 1).copied().unwrap_or(self.duration_s);
            let note = if index > 0 && onset_s - onsets[index - 1] < 3600.0 { "cluster" } else { "" };
            self.plan_cramp(onset_s, next_s - onset_s, note);
        }
        if self.options.cramps != CrampCount::Exactly(0) {
            self.scatter(0.3 * self.person.cramps.per_night / 8.0, true, Self::peripheral_cramp);
        }
    }

    /// Onsets in order. Clusters: susceptibility stays raised for an hour.
    fn cramp_onsets(&mut self) -> Vec<f64> {
        let habit = &self.person.cramps;
        let wanted = match self.options.cramps {
            CrampCount::Exactly(count) => count as usize,
            CrampCount::Rate => self.dice.poisson(habit.per_night * self.duration_s / 28_800.0),
        };
        let (first_s, last_s) = ((0.1 * self.duration_s).min(300.0), self.duration_s - 45.0);
        let mut onsets: Vec<f64> = Vec::new();
        for _ in 0..if last_s > first_s { wanted } else { 0 } {
            for attempt in 0..400 {
                let onset_s = match onsets.last() {
                    Some(last_onset_s) if attempt < 20 && self.dice.chance(habit.cluster_probability) => {
                        last_onset_s + self.dice.uniform(200.0, 3600.0)
                    }
                    _ => self.dice.uniform(first_s, last_s),
                };
                let spacing_s = if attempt < 200 { 180.0 } else { 100.0 };
                if onset_s <= last_s && onsets.iter().all(|other| (other - onset_s).abs() > spacing_s) {
                    onsets.push(onset_s);
                    break;
                }
            }
        }
        onsets.sort_by(f64::total_cmp);
        onsets
    }

    /// One cramp at `onset_s` that must leave the leg quiet again within `room_s`.
    fn plan_cramp(&mut self, onset_s: f64, room_s: f64, note: &'static str) {
        let habit = self.person.cramps.clone();
        // Log-normal, 5–95 % about 15 s to 5 min; never into the next cramp.
        let natural_s = self.dice.log_normal(habit.median_length_s, 0.85).clamp(12.0, 600.0);
        let longest_s = (room_s - 70.0).max(30.0);
        // With one channel the sensor sits on the head that cramps.
        let lateral = self.options.emg_channels == 2 && self.dice.chance(habit.lateral_share);
        let head = usize::from(lateral);
        let level_uv = self.tension_uv() * self.head_ratio(head);
        let mut course = CrampCourse::random(&mut self.dice, head, level_uv, onset_s, natural_s.min(longest_s));
        if let Ending::Taper(taper_s) = course.ending {
            course.ending = Ending::Taper(taper_s.min(0.2 * room_s));
        }
        self.plan_leg_in_cramp(onset_s, course.length_s, &mut course);
        self.plan_before_and_after(onset_s, onset_s + course.length_s);
        let out_s =
            if self.dice.chance(habit.relief_probability) { self.plan_relief(&mut course, room_s) } else { 0.0 };
        let end_s = course.end_s().max(onset_s + out_s);
        self.cramp_times.push((onset_s, end_s));
        self.add_cramp(EventKind::Cramp, course, note);
    }

    /// The ratio that keeps a level the same share above quiet when it is meant for this head.
    fn head_ratio(&self, head: usize) -> f64 {
        self.person.noise.floor_uv[head] / self.person.noise.floor_uv[0]
    }

    /// What the accelerometer sees of a cramp: sometimes a small rotation, sometimes a fine tremor, often nothing.
    fn plan_leg_in_cramp(&mut self, onset_s: f64, length_s: f64, course: &mut CrampCourse) {
        if self.dice.chance(0.55) {
            let at_s = onset_s + self.dice.uniform(0.0, course.ramp_s);
            self.nudge(at_s, 0.02, 0.25);
        }
        if self.dice.chance(0.4) {
            self.fine_tremor(onset_s + 0.5 * course.ramp_s, onset_s + length_s);
        }
    }

    /// Fasciculation and a little tension around a cramp.
    fn plan_before_and_after(&mut self, onset_s: f64, end_s: f64) {
        let (before_s, after_s) = (self.dice.uniform(20.0, 180.0), self.dice.uniform(20.0, 300.0));
        for (probability, from_s, to_s) in [(0.5, onset_s - before_s, onset_s), (0.6, end_s, end_s + after_s)] {
            if self.dice.chance(probability) {
                let rate_hz = self.dice.log_uniform(0.05, 1.0);
                let twitches = Twitches::single(rate_hz, 0.2);
                self.schedule(from_s, to_s, Part::Twitch(twitches));
                self.note(EventKind::Fasciculation, from_s, to_s, 0.0, "cramp");
            }
        }
        for (probability, from_s, to_s) in [(0.3, onset_s - 41.0, onset_s), (0.4, end_s, end_s + 0.5 * after_s)] {
            if self.dice.chance(probability) {
                let level_uv = self.person.noise.floor_uv[0] * self.dice.uniform(0.4, 1.3);
                let level = self.heads(level_uv);
                let hold = Pattern::Hold { rise_s: 5.0, fall_s: 5.0, drift: self.dice.uniform(-0.5, 0.5) };
                self.schedule(from_s, to_s, Part::Contract(Contraction::new(level, hold, 0.15, 1.5)));
            }
        }
    }

    /// What the person does: dorsiflexion, rubbing, sitting up, standing or walking. Most of it stretches the calf and
    /// ends the cramp. Returns how long after the onset it is over.
    fn plan_relief(&mut self, course: &mut CrampCourse, room_s: f64) -> f64 {
        // The muscle works for about 41 s (SD 11) before pain wakes (Chaney & Sherman); some are awake already.
        let delay_s = self.dice.log_normal(32.0, 0.55).clamp(10.0, 150.0).min(room_s - 30.0).max(5.0);
        let mut now_s = course.start_s + delay_s;
        if self.dice.chance(self.person.cramps.marker_probability) {
            let at_s = now_s + self.dice.uniform(2.0, 45.0);
            self.schedule(at_s, at_s + 1.0, Part::Marker);
        }
        let choice = self.dice.unit();
        let breaks;
        if choice < 0.35 || room_s < delay_s + 200.0 && choice > 0.6 {
            now_s = self.relief_stretch(now_s);
            breaks = self.dice.chance(0.85);
        } else if choice < 0.60 {
            let length_s = self.dice.uniform(5.0, 60.0).min(room_s - delay_s).max(3.0);
            self.rub(now_s, length_s, "relief");
            now_s += length_s;
            breaks = self.dice.chance(0.3);
        } else {
            let up_s = now_s;
            now_s = self.get_up(now_s, "relief");
            breaks = self.dice.chance(0.85);
            if choice < 0.85 {
                let length_s = self.dice.uniform(10.0, 60.0);
                self.stand(now_s, length_s, "relief");
                now_s += length_s;
            } else {
                let length_s = self.dice.uniform(15.0, 80.0);
                self.walk(now_s, length_s, "relief");
                now_s += length_s;
            }
            if breaks {
                self.break_cramp(course, up_s + 3.0);
            }
            now_s = self.lie_down(now_s, "relief");
            self.out_of_bed.push((up_s, now_s));
        }
        if breaks && course.ending != Ending::Stretch {
            self.break_cramp(course, now_s);
        }
        now_s - course.start_s
    }

    /// A short forced stretch in bed; returns its end.
    fn relief_stretch(&mut self, at_s: f64) -> f64 {
        let length_s = self.dice.uniform(0.7, 4.0);
        let level_uv = self.person.anatomy.mvc_uv[0] * self.dice.uniform(0.1, 0.6);
        let level = [0, 1].map(|head| (level_uv / self.person.anatomy.mvc_uv[head]).min(1.0));
        let hold = Pattern::Hold { rise_s: 0.3, fall_s: 0.3, drift: 0.0 };
        self.schedule(at_s, at_s + length_s, Part::Contract(Contraction::new(level, hold, 0.2, 2.0)));
        self.brisk_motion(at_s - 0.5, length_s + 1.0, 1.0);
        self.nudge(at_s, 0.1, 0.5);
        self.note(EventKind::Stretch, at_s, at_s + length_s, level_uv, "relief");
        at_s + length_s
    }

    /// Stretch ends the cramp at `at_s`, if it lasts so long, with a burst of 0.5–2 s in both heads (Ross & Thomas 1995).
    fn break_cramp(&mut self, course: &mut CrampCourse, at_s: f64) {
        let until_s = at_s - course.start_s + self.dice.uniform(0.3, 3.0);
        if until_s >= course.length_s {
            return;
        }
        course.length_s = until_s.max(3.0);
        course.ending = Ending::Stretch;
        let (end_s, length_s) = (course.start_s + course.length_s, self.dice.uniform(0.5, 2.0));
        let share = self.dice.uniform(0.1, 0.6);
        let hold = Pattern::Hold { rise_s: 0.2, fall_s: 0.2, drift: 0.0 };
        let burst = Contraction::new([share; 2], hold, 0.2, 2.0);
        self.schedule(end_s - length_s, end_s, Part::Contract(burst));
    }

    /// A cramp of 2–5 s as under a nerve block.
    fn peripheral_cramp(&mut self, at_s: f64) {
        let level_uv = (0.5 * self.tension_uv()).max(3.0 * self.person.noise.floor_uv[0]);
        let course = CrampCourse::peripheral(&mut self.dice, 0, level_uv, at_s);
        self.add_cramp(EventKind::PeripheralCramp, course, "");
    }

    /// A fine tremor of some milli-g at 5–15 Hz, as muscles under tension make.
    pub(crate) fn fine_tremor(&mut self, from_s: f64, to_s: f64) {
        let motion =
            Motion::Restless { rms_g: self.dice.log_uniform(0.0005, 0.006), cutoff_hz: self.dice.uniform(5.0, 15.0) };
        let shake = Shake::new(motion, &mut self.dice);
        self.schedule(from_s, to_s, Part::Shake(shake));
    }

    /// The leg turns a little at `at_s`, by `least` to `most` (in g of gravity's direction).
    pub(crate) fn nudge(&mut self, at_s: f64, least: f64, most: f64) {
        let size = self.dice.log_uniform(least, most);
        let by = self.dice.direction().map(|axis| axis * size);
        let settle_s = self.dice.uniform(0.3, 2.0);
        self.schedule(at_s, at_s + 1.0, Part::Pose(Pose::Nudge(by), settle_s));
    }
}
