//! What happens, before it is worked out: a plan keeps no more than this of it.

use super::cramp::{Cramp, CrampPlan};
use super::movement::Moving;
use super::stage::{Stage, Strip};
use super::tonic::Tonic;
use crate::simulate::dice::Dice;

/// One kind of thing.
#[derive(Debug, Clone, Copy)]
pub(super) enum What {
    Cramp(CrampPlan),
    /// What the accelerometer feels of a cramp.
    CrampShows(CrampPlan),
    Tense(Tonic),
    Move(Moving),
    Stretch {
        duration_s: f64,
    },
    ForcedStretch {
        duration_s: f64,
    },
    Rub {
        duration_s: f64,
    },
    Rise {
        duration_s: f64,
        up: bool,
    },
    Stand {
        duration_s: f64,
    },
    Walk {
        duration_s: f64,
        limps: bool,
    },
    LegMovement {
        duration_s: f64,
        level_uv: f64,
        shows: bool,
    },
    Twitch {
        duration_s: f64,
        level_uv: f64,
        strength_g: f64,
    },
    FootTremor {
        duration_s: f64,
        level_uv: f64,
    },
    Fasciculate,
    Vibrate {
        duration_s: f64,
    },
    /// A loose electrode crackles.
    Crackle {
        duration_s: f64,
        level_uv: f64,
    },
}

/// Something at a time of the night.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deed {
    pub(super) at_s: f64,
    pub(super) seed: u64,
    pub(super) what: What,
}

impl Stage {
    /// Works a deed out.
    pub(super) fn unfold(&mut self, deed: Deed) {
        let (at_s, mut dice) = (deed.at_s, Dice::new(deed.seed, 0xdeed));
        let dice = &mut dice;
        match deed.what {
            What::Cramp(plan) => {
                if let Some(cramp) = Cramp::make(&plan, &self.pool, &self.person, self.rate_hz) {
                    self.muscle.push(Strip { start: self.sample(at_s), samples: cramp.samples });
                }
            }
            What::CrampShows(plan) => self.tension_shows(at_s, plan.duration_s, plan.level_uv, dice),
            What::Tense(tonic) => self.tense(at_s, tonic, dice),
            What::Move(moving) => self.moves(at_s, moving, dice),
            What::Stretch { duration_s } => self.stretch(at_s, duration_s, dice),
            What::ForcedStretch { duration_s } => self.forced_stretch(at_s, duration_s, dice),
            What::Rub { duration_s } => self.rub(at_s, duration_s, dice),
            What::Rise { duration_s, up } => self.rise(at_s, duration_s, up, dice),
            What::Stand { duration_s } => self.stand(at_s, duration_s, dice),
            What::Walk { duration_s, limps } => self.walk(at_s, duration_s, limps, dice),
            What::LegMovement { duration_s, level_uv, shows } => {
                self.leg_movement(at_s, duration_s, level_uv, shows, dice);
            }
            What::Twitch { duration_s, level_uv, strength_g } => {
                self.twitch(at_s, duration_s, level_uv, strength_g, dice);
            }
            What::FootTremor { duration_s, level_uv } => self.foot_tremor(at_s, duration_s, level_uv, dice),
            What::Fasciculate => self.fasciculate(at_s, dice),
            What::Vibrate { duration_s } => self.vibrate(at_s, duration_s, dice),
            What::Crackle { duration_s, level_uv } => {
                self.artefact(at_s, duration_s, level_uv, &super::movement::hill(40), None, dice);
            }
        }
    }
}
