//! Getting up, standing, walking; and troubles of electrodes and radio.

use super::contact::Trouble;
use super::contraction::{Contraction, Pattern};
use super::gait::Cadence;
use super::part::Part;
use super::plan::Planner;
use super::posture::{self, Pose};
use super::shake::{Motion, Shake};
use super::truth::EventKind;

impl Planner<'_> {
    /// Trips to the bathroom and bouts of standing.
    pub(crate) fn plan_walks(&mut self) {
        self.scatter(self.person.habits.walks_per_night / 8.0, true, Self::bathroom);
        self.scatter(self.person.habits.standing_per_h, true, Self::stand_up_for_a_while);
    }

    /// The drop-out and the loose electrode, if asked for, away from cramps where there is room.
    pub(crate) fn plan_troubles(&mut self) {
        let most_s = self.duration_s / 6.0;
        if self.options.drop_out {
            let length_s = self.dice.uniform(60.0, 180.0).min(most_s).round().max(1.0);
            let at_s = self.free_of_cramps(length_s).unwrap_or(most_s).floor();
            self.schedule(at_s, at_s + length_s, Part::LinkDown);
            self.note(EventKind::LinkDown, at_s, at_s + length_s, 0.0, "");
        }
        if self.options.loose_electrode {
            let loose_s = self.dice.uniform(60.0, 300.0).min(most_s).ceil();
            let lost_s = self.dice.uniform(60.0, 240.0).min(most_s).ceil();
            let at_s = self.free_of_cramps(loose_s + lost_s).unwrap_or(most_s).floor();
            self.lose_electrode(at_s, loose_s, lost_s);
        }
    }

    fn lose_electrode(&mut self, at_s: f64, loose_s: f64, lost_s: f64) {
        let channel =
            if self.dice.chance(0.6) { Some(self.dice.index(self.options.emg_channels as usize)) } else { None };
        // However weak the mains are here, it must dominate a loose electrode.
        let mains_uv = self.dice.log_uniform(60.0, 800.0);
        let mains = (mains_uv / self.person.noise.mains_uv[0].min(self.person.noise.mains_uv[1])).max(20.0);
        let contact = self.dice.uniform(0.05, 0.4);
        let loose = Trouble::Loose { mains, floor: self.dice.uniform(1.5, 5.0), contact, channel };
        self.schedule(at_s, at_s + loose_s, Part::Trouble(loose));
        self.note(EventKind::LooseElectrode, at_s, at_s + loose_s, 0.0, "");
        let lost_at_s = at_s + loose_s;
        let floor = self.dice.uniform(0.2, 2.0);
        let lost = Trouble::Lost { mains: mains * self.dice.log_uniform(0.05, 2.0), floor };
        self.schedule(lost_at_s, lost_at_s + lost_s, Part::Trouble(lost));
        self.note(EventKind::LostElectrode, lost_at_s, lost_at_s + lost_s, 0.0, "");
    }

    fn near_cramp(&self, from_s: f64, to_s: f64) -> bool {
        self.cramp_times.iter().any(|&(onset_s, end_s)| to_s > onset_s - 30.0 && from_s < end_s + 30.0)
    }

    fn bathroom(&mut self, at_s: f64) {
        let (way_s, there_s) = (self.dice.uniform(15.0, 120.0), self.dice.uniform(20.0, 180.0));
        if self.near_cramp(at_s, at_s + 2.0 * way_s + there_s + 30.0) {
            return;
        }
        let mut now_s = self.get_up(at_s, "");
        self.walk(now_s, way_s, "");
        now_s += way_s;
        if self.dice.chance(0.5) {
            self.stand(now_s, there_s, "");
        } else {
            let up = posture::sitting(&mut self.dice);
            self.schedule(now_s, now_s + 1.0, Part::Pose(Pose::To(up), 0.8));
        }
        now_s += there_s;
        self.walk(now_s, way_s, "");
        now_s = self.lie_down(now_s + way_s, "");
        self.out_of_bed.push((at_s, now_s));
    }

    fn stand_up_for_a_while(&mut self, at_s: f64) {
        let length_s = self.dice.log_uniform(10.0, 180.0);
        if self.near_cramp(at_s, at_s + length_s + 30.0) {
            return;
        }
        let now_s = self.get_up(at_s, "");
        self.stand(now_s, length_s, "");
        let end_s = self.lie_down(now_s + length_s, "");
        self.out_of_bed.push((at_s, end_s));
    }

    /// From lying over sitting to the feet; returns when the person stands.
    pub(crate) fn get_up(&mut self, at_s: f64, note: &'static str) -> f64 {
        let (sit_s, length_s) = (self.dice.uniform(1.0, 3.0), self.dice.uniform(3.0, 9.0));
        let up = posture::sitting(&mut self.dice);
        self.schedule(at_s + sit_s, at_s + sit_s + 1.0, Part::Pose(Pose::To(up), 0.6));
        self.movement(EventKind::LargeMovement, at_s, length_s, if note.is_empty() { "getting up" } else { note });
        at_s + length_s
    }

    /// Back to bed into some position; returns when the leg lies still.
    pub(crate) fn lie_down(&mut self, at_s: f64, note: &'static str) -> f64 {
        let length_s = self.dice.uniform(4.0, 12.0);
        let up = posture::lying(&mut self.dice);
        let at_settle_s = at_s + 0.3 * length_s;
        self.schedule(at_settle_s, at_settle_s + 1.0, Part::Pose(Pose::To(up), 0.8));
        self.movement(EventKind::LargeMovement, at_s, length_s, if note.is_empty() { "lying down" } else { note });
        at_s + length_s
    }

    /// Standing still: 3–20 % of the strongest contraction, with sway.
    pub(crate) fn stand(&mut self, at_s: f64, length_s: f64, note: &'static str) {
        let end_s = at_s + length_s;
        let level_uv = self.person.anatomy.mvc_uv[0] * self.dice.log_uniform(0.03, 0.2);
        let level = self.heads(level_uv);
        let hold = Pattern::Hold { rise_s: 0.5, fall_s: 0.5, drift: self.dice.uniform(-0.5, 0.5) };
        let sway = self.dice.uniform(0.1, 0.5);
        let sway_hz = self.dice.uniform(0.3, 1.5);
        self.schedule(at_s, end_s, Part::Contract(Contraction::new(level, hold, sway, sway_hz)));
        let up = posture::standing(&mut self.dice);
        self.schedule(at_s, at_s + 1.0, Part::Pose(Pose::To(up), 0.5));
        let motion = Motion::Restless { rms_g: self.dice.log_uniform(0.003, 0.02), cutoff_hz: 1.0 };
        let shake = Shake::new(motion, &mut self.dice);
        self.schedule(at_s, end_s, Part::Shake(shake));
        self.note(EventKind::Standing, at_s, end_s, level_uv, note);
    }

    /// Walking: a burst in stance once a stride, 0.7–1.1 strides per second.
    pub(crate) fn walk(&mut self, at_s: f64, length_s: f64, note: &'static str) {
        let end_s = at_s + length_s;
        let cadence = Cadence { cycles_hz: self.dice.uniform(0.72, 1.05), wobble: 0.03, offset: self.dice.unit() };
        let level_uv = self.person.anatomy.mvc_uv[0] * self.dice.log_uniform(0.15, 0.7);
        let level = self.heads(level_uv);
        let rhythm =
            Pattern::Rhythm { cadence, phase: self.dice.uniform(0.08, 0.2), duty: self.dice.uniform(0.3, 0.5) };
        self.schedule(at_s, end_s, Part::Contract(Contraction::new(level, rhythm, 0.15, 1.0)));
        let gait = Motion::Gait { cadence, strength_g: self.dice.log_uniform(0.3, 1.2) };
        let shake = Shake::new(gait, &mut self.dice);
        self.schedule(at_s, end_s, Part::Shake(shake));
        let up = posture::standing(&mut self.dice);
        self.schedule(at_s, at_s + 1.0, Part::Pose(Pose::To(up), 0.5));
        self.artefact(at_s, end_s, 0.5);
        self.note(EventKind::Walk, at_s, end_s, level_uv, note);
    }
}
