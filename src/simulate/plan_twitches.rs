//! Twitches of a night: fasciculation, myoclonus, hypnic jerks, foot tremor.

use super::contraction::{Contraction, Pattern};
use super::gait::Cadence;
use super::part::Part;
use super::plan::Planner;
use super::shake::{Motion, Shake};
use super::truth::EventKind;
use super::twitch::Twitches;

impl Planner<'_> {
    /// Scatters all that twitches.
    pub(crate) fn plan_twitches(&mut self) {
        let habits = self.person.habits.clone();
        self.scatter(habits.tremor_per_h, true, Self::foot_tremor);
        self.scatter(habits.myoclonus_per_h, true, Self::myoclonus);
        self.scatter(habits.fasciculation_per_h, true, Self::fasciculation);
        let jerks = self.dice.poisson(habits.hypnic_jerks_per_night * self.options.density);
        for _ in 0..if self.duration_s > 60.0 { jerks } else { 0 } {
            // Sleep onset: the first hour.
            let at_s = self.dice.uniform(10.0, self.duration_s.min(3600.0) - 5.0);
            self.hypnic_jerk(at_s);
        }
    }

    /// Bursts of 250–1000 ms at 0.5–3 Hz for 5–30 s.
    fn foot_tremor(&mut self, at_s: f64) {
        let length_s = self.dice.uniform(5.0, 30.0);
        let cadence = Cadence { cycles_hz: self.dice.uniform(0.5, 3.0), wobble: 0.08, offset: self.dice.unit() };
        let level_uv = self.person.anatomy.mvc_uv[0] * self.dice.log_uniform(0.03, 0.3);
        let level = self.heads(level_uv);
        let rhythm = Pattern::Rhythm { cadence, phase: 0.0, duty: self.dice.uniform(0.35, 0.6) };
        self.schedule(at_s, at_s + length_s, Part::Contract(Contraction::new(level, rhythm, 0.2, 1.0)));
        if self.dice.chance(0.8) {
            let motion = Motion::Rhythm { cadence, amplitude_g: self.dice.log_uniform(0.003, 0.1) };
            let shake = Shake::new(motion, &mut self.dice);
            self.schedule(at_s, at_s + length_s, Part::Shake(shake));
        }
        self.note(EventKind::Tremor, at_s, at_s + length_s, level_uv, "");
    }

    /// Twitches under 150 ms of some units for minutes, or denser clusters as in REM sleep.
    fn myoclonus(&mut self, at_s: f64) {
        let rem = self.dice.chance(0.5);
        let end_s = at_s + if rem { self.dice.uniform(60.0, 600.0) } else { self.dice.uniform(1200.0, 2400.0) };
        let mut twitches = Twitches::single(self.dice.log_uniform(0.08, if rem { 1.5 } else { 0.4 }), 0.4);
        twitches.share = (0.0, self.dice.uniform(0.05, 0.3));
        twitches.spread_s = (0.02, 0.15);
        twitches.discharges = 2;
        self.schedule(at_s, end_s, Part::Twitch(twitches));
        self.note(EventKind::FragmentaryMyoclonus, at_s, end_s, 0.0, if rem { "rem" } else { "" });
    }

    /// One or a few units, again and again, 0.05–3 times a second.
    fn fasciculation(&mut self, at_s: f64) {
        let end_s = at_s + self.dice.log_uniform(20.0, 1200.0);
        let mut twitches = Twitches::single(self.dice.log_uniform(0.05, 3.0), 0.3);
        if self.dice.chance(0.6) {
            twitches.favourite = Some(self.dice.index(1000));
            twitches.discharges = 2;
        }
        self.schedule(at_s, end_s, Part::Twitch(twitches));
        self.note(EventKind::Fasciculation, at_s, end_s, 0.0, "");
    }

    /// A strong jerk of 75–250 ms.
    fn hypnic_jerk(&mut self, at_s: f64) {
        let mut twitches = Twitches::single(1e-6, 0.0).first_at(at_s);
        twitches.both = true;
        twitches.share = (0.2, 0.8);
        twitches.spread_s = (0.075, 0.25);
        twitches.discharges = 4;
        self.schedule(at_s, at_s + 1.0, Part::Twitch(twitches));
        self.jerk(at_s, 0.1, 0.8);
        self.artefact(at_s, at_s + 0.6, 0.5);
        self.note(EventKind::HypnicJerk, at_s, at_s + 0.25, 0.0, "");
    }
}
