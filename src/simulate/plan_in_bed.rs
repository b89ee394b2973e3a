//! Everything in bed that is no cramp, with the numbers of evidence section 2.

use super::artefact::Artefact;
use super::contact::Trouble;
use super::contraction::{Contraction, Pattern};
use super::gait::Cadence;
use super::part::Part;
use super::plan::Planner;
use super::posture::{self, Pose};
use super::shake::{Motion, Shake};
use super::truth::EventKind;

impl Planner<'_> {
    /// Scatters the confounders over the night.
    pub(crate) fn plan_in_bed(&mut self) {
        let habits = self.person.habits.clone();
        self.scatter(habits.turns_per_h, true, Self::turn);
        self.scatter(habits.large_movements_per_h, true, Self::large_movement);
        self.scatter(habits.stretches_per_h, true, Self::stretch);
        self.scatter(habits.holds_per_h, true, Self::hold);
        self.scatter(habits.bracing_per_h, true, Self::brace);
        self.scatter(habits.plms_series_per_h, true, Self::leg_movement_series);
        self.scatter(habits.rubs_per_h, true, |planner, at_s| {
            let length_s = planner.dice.log_uniform(2.0, 40.0);
            planner.rub(at_s, length_s, "");
        });
        self.scatter(habits.vibrations_per_h, true, Self::vibration);
        self.scatter(habits.mains_jumps_per_h, false, |planner, at_s| {
            let end_s = at_s + planner.dice.log_uniform(10.0, 600.0);
            let factor = planner.dice.log_uniform(2.0, 25.0);
            planner.schedule(at_s, end_s, Part::Trouble(Trouble::Mains { factor }));
            planner.note(EventKind::MainsJump, at_s, end_s, 0.0, "");
        });
        self.scatter(habits.sweats_per_h, false, |planner, at_s| {
            let end_s = at_s + planner.dice.uniform(600.0, 3600.0);
            let contact = planner.dice.uniform(0.5, 0.9);
            planner.schedule(at_s, end_s, Part::Trouble(Trouble::Sweat { contact }));
            planner.note(EventKind::SweatDrift, at_s, end_s, 0.0, "");
        });
        self.plan_twitches();
    }

    /// Turning over: a movement and a new position.
    fn turn(&mut self, at_s: f64) {
        let length_s = self.dice.log_normal(12.4, 0.3).clamp(4.0, 30.0);
        let up = posture::lying(&mut self.dice);
        let turn_s = at_s + self.dice.uniform(0.1, 0.5) * length_s;
        let settle_s = self.dice.uniform(0.3, 1.5);
        self.schedule(turn_s, turn_s + 1.0, Part::Pose(Pose::To(up), settle_s));
        self.movement(EventKind::Turn, at_s, length_s, "");
    }

    fn large_movement(&mut self, at_s: f64) {
        let length_s = self.dice.log_normal(12.4, 0.5).clamp(3.0, 45.0);
        if self.dice.chance(0.7) {
            self.nudge(at_s, 0.05, 0.8);
        }
        self.movement(EventKind::LargeMovement, at_s, length_s, "");
    }

    /// Bursts in both heads with motion at the accelerometer and artefact.
    pub(crate) fn movement(&mut self, kind: EventKind, at_s: f64, length_s: f64, note: &'static str) {
        let level_uv = self.person.anatomy.mvc_uv[0] * self.dice.log_uniform(0.05, 0.7);
        let level = self.heads(level_uv);
        let long = self.dice.log_uniform(0.8, 6.0);
        let bursts = Pattern::Bursts { burst_s: (0.3, long), pause_s: (0.1, self.dice.uniform(0.5, 3.0)) };
        self.schedule(at_s, at_s + length_s, Part::Contract(Contraction::new(level, bursts, 0.3, 2.0)));
        self.brisk_motion(at_s, length_s, 1.0);
        self.note(kind, at_s, at_s + length_s, level_uv, note);
    }

    /// Motion at the accelerometer with artefact, `strength` times the usual.
    pub(crate) fn brisk_motion(&mut self, at_s: f64, length_s: f64, strength: f64) {
        let rms_g = strength * self.dice.log_uniform(0.03, 0.3);
        let motion = Motion::Restless { rms_g, cutoff_hz: self.dice.uniform(1.0, 4.0) };
        let shake = Shake::new(motion, &mut self.dice);
        self.schedule(at_s, at_s + length_s, Part::Shake(shake));
        self.artefact(at_s, at_s + length_s, strength);
    }

    /// Motion artefact of a share of this person's strongest.
    pub(crate) fn artefact(&mut self, at_s: f64, end_s: f64, strength: f64) {
        let rms_uv = self.person.noise.artefact_uv * strength * self.dice.uniform(0.2, 1.0);
        let cutoff_hz = self.dice.uniform(1.5, 8.0);
        let second = rms_uv * self.dice.uniform(0.3, 1.2);
        self.schedule(at_s, end_s, Part::Artefact(Artefact::new([rms_uv, second], cutoff_hz, 0.2)));
    }

    /// A short stretch: smooth, 30–80 % of the strongest contraction, 2–10 s.
    fn stretch(&mut self, at_s: f64) {
        let length_s = self.dice.uniform(2.0, 10.0);
        let level_uv = self.person.anatomy.mvc_uv[0] * self.dice.uniform(0.2, 0.8);
        let level = self.heads(level_uv);
        let rise_s = self.dice.uniform(0.2, 0.4) * length_s;
        let hold = Pattern::Hold { rise_s, fall_s: self.dice.uniform(0.2, 1.0), drift: 0.0 };
        let unsteadiness = self.dice.uniform(0.03, 0.2);
        self.schedule(at_s, at_s + length_s, Part::Contract(Contraction::new(level, hold, unsteadiness, 1.5)));
        self.nudge(at_s, 0.03, 0.3);
        self.note(EventKind::Stretch, at_s, at_s + length_s, level_uv, "");
    }

    /// A deliberate hold of 10–60 s at any level.
    fn hold(&mut self, at_s: f64) {
        let length_s = self.dice.uniform(10.0, 60.0);
        let level_uv = self.tension_uv();
        let unsteadiness = self.dice.uniform(0.02, 0.12);
        if self.dice.chance(0.5) {
            self.nudge(at_s, 0.02, 0.3);
        }
        self.tonic(EventKind::LongHold, at_s, length_s, level_uv, unsteadiness);
    }

    /// Tonic bracing: as strong and as long as weak and middling cramps, its drive wandering by 4–20 % below 2 Hz.
    fn brace(&mut self, at_s: f64) {
        let length_s = self.dice.log_normal(50.0, 0.85).clamp(8.0, 400.0);
        let level_uv = self.tension_uv().min(0.4 * self.person.anatomy.mvc_uv[0]);
        let unsteadiness = self.dice.uniform(0.04, 0.20);
        if self.dice.chance(0.4) {
            self.nudge(at_s, 0.02, 0.25);
        }
        self.tonic(EventKind::Bracing, at_s, length_s, level_uv, unsteadiness);
        // Like after a cramp, one may move when it is over.
        if self.dice.chance(0.4) && at_s + length_s + 12.0 < self.duration_s {
            self.large_movement(at_s + length_s);
        }
    }

    fn tonic(&mut self, kind: EventKind, at_s: f64, length_s: f64, level_uv: f64, unsteadiness: f64) {
        let end_s = at_s + length_s;
        let level = self.heads(level_uv);
        let hold = Pattern::Hold {
            rise_s: self.dice.log_uniform(0.3, 10.0).min(0.3 * length_s),
            fall_s: self.dice.log_uniform(0.3, 10.0).min(0.3 * length_s),
            drift: self.dice.uniform(-0.6, 0.6),
        };
        let wander_hz = self.dice.log_uniform(0.1, 2.0);
        let mut contraction = Contraction::new(level, hold, unsteadiness, wander_hz);
        if self.dice.chance(0.2) {
            contraction = contraction.breathing(self.person.mounting.breathing_hz, self.dice.uniform(0.03, 0.25));
        }
        self.schedule(at_s, end_s, Part::Contract(contraction));
        if self.dice.chance(0.4) {
            self.fine_tremor(at_s, end_s);
        }
        self.note(kind, at_s, end_s, level_uv, "");
    }

    /// Periodic leg movements: at least four of 0.5–10 s every 10–90 s; 39 % without visible movement (Terrill 2013).
    fn leg_movement_series(&mut self, at_s: f64) {
        let count = 4 + self.dice.index(40);
        let mean_s = self.person.habits.plms_interval_s;
        let level = self.dice.log_uniform(0.03, 0.4);
        let mut now_s = at_s;
        let mut end_s = at_s;
        for _ in 0..count {
            if now_s > self.duration_s - 5.0 || self.is_out_of_bed(now_s) {
                break;
            }
            end_s = self.leg_movement(now_s, level);
            now_s += self.dice.log_normal(mean_s, 0.2).clamp(10.0, 90.0);
        }
        self.note(EventKind::PlmsSeries, at_s, end_s, 0.0, "");
    }

    /// One leg movement; returns its end.
    fn leg_movement(&mut self, at_s: f64, level: f64) -> f64 {
        let length_s = self.dice.log_normal(2.4, 0.5).clamp(0.5, 10.0);
        let level_uv = self.person.anatomy.mvc_uv[0] * level * self.dice.uniform(0.5, 1.3);
        let shares = self.heads(level_uv);
        let hold = Pattern::Hold { rise_s: 0.2, fall_s: 0.3, drift: self.dice.uniform(-1.0, 0.5) };
        self.schedule(at_s, at_s + length_s, Part::Contract(Contraction::new(shares, hold, 0.25, 2.0)));
        if self.dice.chance(0.61) {
            self.jerk(at_s, 0.02, 0.4);
            self.artefact(at_s, at_s + length_s, 0.2);
        }
        self.note(EventKind::LegMovement, at_s, at_s + length_s, level_uv, "");
        at_s + length_s
    }

    /// A damped swing of `least` to `most` g.
    pub(crate) fn jerk(&mut self, at_s: f64, least: f64, most: f64) {
        let motion = Motion::Jerk {
            amplitude_g: self.dice.log_uniform(least, most),
            swing_hz: self.dice.uniform(1.5, 6.0),
            decay_s: self.dice.uniform(0.1, 0.5),
        };
        let shake = Shake::new(motion, &mut self.dice);
        self.schedule(at_s, at_s + 2.0, Part::Shake(shake));
    }

    /// Rubbing at 1–3 Hz: artefact and motion, no muscle.
    pub(crate) fn rub(&mut self, at_s: f64, length_s: f64, note: &'static str) {
        let cadence = Cadence { cycles_hz: self.dice.uniform(1.0, 3.0), wobble: 0.1, offset: self.dice.unit() };
        let motion = Motion::Rhythm { cadence, amplitude_g: self.dice.log_uniform(0.01, 0.3) };
        let shake = Shake::new(motion, &mut self.dice);
        self.schedule(at_s, at_s + length_s, Part::Shake(shake));
        self.artefact(at_s, at_s + length_s, 1.0);
        self.note(EventKind::Rub, at_s, at_s + length_s, 0.0, note);
    }

    /// The bed shakes: someone else turns, a lorry passes.
    fn vibration(&mut self, at_s: f64) {
        let length_s = self.dice.log_uniform(0.5, 30.0);
        let motion =
            Motion::Restless { rms_g: self.dice.log_uniform(0.003, 0.05), cutoff_hz: self.dice.uniform(2.0, 20.0) };
        let shake = Shake::new(motion, &mut self.dice);
        self.schedule(at_s, at_s + length_s, Part::Shake(shake));
        self.note(EventKind::BedVibration, at_s, at_s + length_s, 0.0, "");
    }
}
