//! The pieces that events are made of, and how each runs.

use super::artefact::Artefact;
use super::contact::Trouble;
use super::contraction::Contraction;
use super::course::CrampCourse;
use super::cramp::Cramp;
use super::dice::Dice;
use super::frame::Frame;
use super::pool::Pool;
use super::posture::{Pose, Posture};
use super::shake::Shake;
use super::twitch::Twitches;

/// A piece of an event.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    /// A voluntary contraction.
    Contract(Contraction),
    /// Movement at the accelerometer.
    Shake(Shake),
    /// Motion artefact in the EMG.
    Artefact(Artefact),
    /// A new posture at the start of the part; the number is its time constant in seconds.
    Pose(Pose, f64),
    /// Twitches.
    Twitch(Twitches),
    /// A cramp that is yet to begin, with its place in the list of truth.
    Cramp(Box<CrampCourse>, usize),
    /// A cramp that runs.
    RunningCramp(Box<Cramp>, usize),
    /// Electrode or mains trouble.
    Trouble(Trouble),
    /// The radio link is down.
    LinkDown,
    /// The button is pressed at the start of the part.
    Marker,
}

/// A part with its time and its own randomness.
#[derive(Debug, Clone)]
pub(crate) struct Scheduled {
    /// Start in seconds of the night.
    pub(crate) start_s: f64,
    /// End in seconds of the night.
    pub(crate) end_s: f64,
    /// What it is.
    pub(crate) part: Part,
    /// Its randomness, so that events do not disturb each other.
    pub(crate) dice: Dice,
}

/// What parts act on.
#[derive(Debug)]
pub(crate) struct Stage<'a> {
    /// Motor units.
    pub(crate) pool: &'a Pool,
    /// Recorded EMG channels, 1 or 2.
    pub(crate) channels: usize,
    /// Quiet RMS of each channel in µV.
    pub(crate) quiet_uv: [f64; 2],
    /// The leg.
    pub(crate) posture: &'a mut Posture,
    /// The second in the making.
    pub(crate) frame: &'a mut Frame,
}

impl Scheduled {
    /// Plays this second of the part.
    pub(crate) fn step(&mut self, stage: &mut Stage<'_>) {
        let Self { start_s, end_s, part, dice } = self;
        let (start_s, end_s, channels) = (*start_s, *end_s, stage.channels);
        if let Part::Cramp(course, truth) = part {
            let cramp = Cramp::new(course.as_ref().clone(), stage.pool, channels, dice);
            *part = Part::RunningCramp(Box::new(cramp), *truth);
        }
        let begins = start_s >= stage.frame.start_s && start_s < stage.frame.end_s();
        let frame = &mut *stage.frame;
        match part {
            Part::Contract(contraction) => contraction.step(start_s, end_s, frame, dice),
            Part::Shake(shake) => shake.step(start_s, end_s, frame, dice),
            Part::Artefact(artefact) => artefact.step(start_s, end_s, channels, frame, dice),
            Part::Pose(pose, settle_s) if begins => stage.posture.change(start_s, *pose, *settle_s),
            Part::Twitch(twitches) => twitches.step(start_s, end_s, stage.pool, channels, frame, dice),
            Part::RunningCramp(cramp, _) => cramp.step(stage.quiet_uv, channels, frame, dice),
            Part::Trouble(trouble) => trouble.step(start_s, end_s, frame, dice),
            Part::LinkDown => frame.link_down = true,
            Part::Marker => frame.marker |= begins,
            Part::Pose(..) | Part::Cramp(..) => {}
        }
    }
}
