//! What happens, before it is worked out: a deed unfolds into contractions, tilts, shakes and artefacts shortly before it
//! begins, so that a night's plan stays small.

use super::artefact::Piece;
use super::course::Envelope;
use super::cramp::CrampPlan;
use super::cramp_units::Territory;
use super::effort::{Effort, RunningEffort};
use super::person::Person;
use super::pool::Pool;
use super::pose::{Pose, Tilt, TiltCourse};
use super::shake::{Motion, Shake};
use crate::simulate::dice::Dice;

/// A burst of sub-movements.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moving {
    pub(super) duration_s: f64,
    pub(super) strength_g: f64,
    /// Share of sub-movements with muscle.
    pub(super) muscle: f64,
    pub(super) tilt_deg: f64,
    /// Sub-movements a second; drawn where not given.
    pub(super) per_s: Option<f64>,
    /// Shows in the electrodes.
    pub(super) artefact: bool,
}

impl Moving {
    pub(super) fn new(duration_s: f64, strength_g: f64) -> Self {
        Self { duration_s, strength_g, muscle: 0.65, tilt_deg: 8.0, per_s: None, artefact: true }
    }
}

/// One kind of thing.
#[derive(Debug)]
pub(super) enum What {
    Contraction(Box<Effort>),
    Tilt(Tilt),
    Moving(Moving),
    /// One sub-movement: half width in s, strength, tilt in degrees, muscle's level in µV.
    Submove {
        width_s: f64,
        strength_g: f64,
        tilt_deg: f64,
        level_uv: Option<f64>,
        artefact: bool,
    },
    Turn {
        duration_s: f64,
    },
    Upright {
        duration_s: f64,
    },
    Walk {
        duration_s: f64,
    },
    Rub {
        duration_s: f64,
    },
    /// Only the accelerometer sees it.
    Quiver {
        duration_s: f64,
        strength_g: f64,
        hz: f64,
    },
    /// Hypnagogic foot tremor.
    FootTremor {
        duration_s: f64,
    },
    /// Twitches in bursts, with this mean pause.
    Rem {
        duration_s: f64,
        pause_s: f64,
    },
    Myoclonus {
        duration_s: f64,
        per_min: f64,
    },
    Fasciculation {
        duration_s: f64,
        count: usize,
        of: Option<CrampPlan>,
    },
    Pop {
        level_uv: f64,
    },
}

/// Something at a time of the night.
#[derive(Debug)]
pub(super) struct Deed {
    pub(super) at_s: f64,
    pub(super) seed: u64,
    pub(super) what: What,
}

/// A single discharge by itself.
#[derive(Debug)]
pub(super) struct Discharge {
    pub(super) at_s: f64,
    pub(super) unit: usize,
    pub(super) strength: f32,
    pub(super) version: usize,
}

/// What is going on, worked out.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) efforts: Vec<RunningEffort>,
    pub(super) pose: Pose,
    pub(super) shakes: Vec<Shake>,
    pub(super) pieces: Vec<Piece>,
    pub(super) discharges: Vec<Discharge>,
    /// Coming, last first.
    pub(super) agenda: Vec<Deed>,
}

impl Stage {
    /// Puts a deed in its place on the agenda.
    pub(super) fn plan(&mut self, at_s: f64, what: What, dice: &mut Dice) {
        let at = self.agenda.partition_point(|deed| deed.at_s > at_s);
        self.agenda.insert(at, Deed { at_s, seed: dice.seed(), what });
    }

    /// Works out all that begins before `until_s`.
    pub(super) fn unfold(&mut self, until_s: f64, person: &Person, pool: &Pool) {
        while let Some(deed) = self.agenda.pop_if(|deed| deed.at_s < until_s) {
            let mut dice = Dice::new(deed.seed, 0xdeed);
            self.begin(deed.at_s, deed.what, person, pool, &mut dice);
        }
    }

    /// A contraction starts.
    pub(super) fn contract(&mut self, effort: Effort, pool: &Pool, dice: &mut Dice) {
        let drive = pool.drive_for(effort.level_uv, effort.region, effort.version);
        self.efforts.push(RunningEffort::new(effort, drive, dice.seed()));
    }

    fn begin(&mut self, at_s: f64, what: What, person: &Person, pool: &Pool, dice: &mut Dice) {
        match what {
            What::Contraction(effort) => self.contract(*effort, pool, dice),
            What::Tilt(tilt) => self.pose.tilts.push(tilt),
            What::Moving(moving) => self.moving(at_s, moving, person, dice),
            What::Submove { width_s, strength_g, tilt_deg, level_uv, artefact } => {
                self.submove(at_s, width_s, strength_g, tilt_deg, dice);
                if artefact {
                    let level_uv = person.artefact_uv * strength_g.min(1.0);
                    self.pieces.push(Piece::movement(at_s, 2.4 * width_s, level_uv, dice));
                }
                if let Some(level_uv) = level_uv {
                    let duration_s = dice.uniform(0.8, 2.2) * width_s + 0.03;
                    let envelope = Envelope::Burst { peak: dice.uniform(0.15, 0.5) };
                    let start_s = at_s + dice.uniform(-0.15, 0.2) * width_s;
                    self.contract(Effort::new(start_s, duration_s, level_uv, envelope, dice), pool, dice);
                }
            }
            What::Turn { duration_s } => self.turn(at_s, duration_s, person, dice),
            What::Upright { duration_s } => self.upright(at_s, duration_s, person, pool, dice),
            What::Walk { duration_s } => self.walk(at_s, duration_s, person, pool, dice),
            What::Rub { duration_s } => {
                let hz = dice.uniform(1.0, 3.0);
                let strength_g = dice.log_uniform(0.02, 0.25);
                self.quiver(at_s, duration_s, strength_g, hz, dice);
                let level_uv = person.artefact_uv * dice.uniform(0.3, 1.5);
                self.pieces.push(Piece::rub(at_s, duration_s, level_uv, hz, dice));
                let moving = Moving { muscle: 0.15, tilt_deg: 3.0, per_s: Some(0.6), ..Moving::new(duration_s, 0.06) };
                self.moving(at_s, moving, person, dice);
            }
            What::Quiver { duration_s, strength_g, hz } => self.quiver(at_s, duration_s, strength_g, hz, dice),
            What::FootTremor { duration_s } => self.foot_tremor(at_s, duration_s, person, pool, dice),
            What::Rem { duration_s, pause_s } => self.rem(at_s, duration_s, pause_s, person, dice),
            What::Myoclonus { duration_s, per_min } => self.myoclonus(at_s, duration_s, per_min, person, dice),
            What::Fasciculation { duration_s, count, of } => {
                let of = of.map(|plan| Territory::draw(&plan, pool, &person.cramps));
                self.fasciculate(at_s, duration_s, count, of.as_ref(), pool, dice);
            }
            What::Pop { level_uv } => self.pieces.push(Piece::pop(at_s, level_uv, dice)),
        }
    }

    pub(super) fn quiver(&mut self, at_s: f64, duration_s: f64, strength_g: f64, hz: f64, dice: &mut Dice) {
        self.shakes.push(Shake::tremor(at_s, duration_s, strength_g, hz, Dice::new(dice.seed(), 1)));
    }

    /// The shake and the tilt of one ballistic sub-movement.
    pub(super) fn submove(&mut self, at_s: f64, width_s: f64, strength_g: f64, tilt_deg: f64, dice: &mut Dice) {
        let duration_s = 2.4 * width_s + 0.04;
        let knock_g = if dice.chance(0.4) { 0.4 } else { 0.0 };
        self.shakes.push(Shake {
            start_s: at_s,
            duration_s,
            strength_g,
            direction: dice.direction(),
            motion: Motion::Bell { power: dice.uniform(1.0, 3.0), knock_g: knock_g * strength_g },
            dice: Dice::new(dice.seed(), 2),
        });
        if tilt_deg > 0.0 {
            let (pitch, roll) = ((tilt_deg * dice.normal()).to_radians(), (tilt_deg * dice.normal()).to_radians());
            self.pose.tilts.push(Tilt { start_s: at_s, duration_s, pitch, roll, course: TiltCourse::Bump });
        }
    }
}
