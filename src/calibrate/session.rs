//! The session as a state machine: it takes samples and the stream's time, and says what to do next.

use super::measure::{Effort, Rest};
use super::outcome::{Calibrated, Failure, Heard, Outcome};
use super::script::{AFTER_FLEXES, BEFORE_FLEXES, BEFORE_STRETCH, REST, SCRIPT, STRETCH, Step, begins_again_at};
use super::words::{INTERRUPTED, NO_DATA, RESTLESS, TOO_LITTLE, no_flex_yet, quality_words};
use crate::chunk::{Chunk, StreamLayout};
use crate::signal::{Conditioner, MAX_EMG_CHANNELS, Quality, Quarter, SignalError};
use crate::units::{Rate, UtcMicros};

/// Good quarters in a row that make contact: 5 s.
const CONTACT_QUARTERS: u32 = 20;
/// Bad quarters in a row that break a step off: 5 s.
const BROKEN_QUARTERS: u32 = 20;
/// Bad quarters in a row that are worth a word: 1 s.
const WORTH_A_WORD: u32 = 4;
/// Silence of this length breaks a step off, and is told.
const SILENT_S: f64 = 10.0;
/// Contact is waited for this long.
const PATIENCE_S: f64 = 120.0;
/// Times that a step may be broken off.
const MOST_INTERRUPTIONS: u32 = 4;
/// Tries at rest, and at the flexes.
const REST_TRIES: u32 = 3;
const FLEX_TRIES: u32 = 2;
/// Good quarters of the rest that are enough.
const ENOUGH_REST: f64 = 0.6;
/// Who lets go late is measured for so long after the end of a flex.
const LATE_S: f64 = 2.0;
/// Flexes in the script.
const FLEXES: usize = 3;

/// What a person is to be told when it happens.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// A step begins, and lasts so many seconds; no length: as long as it takes.
    Begins(Step, Option<f64>),
    /// A sentence.
    Says(String),
}

/// What is wrong at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing arrives.
    NoData,
    /// The signal cannot be believed.
    Bad(Quality),
}

impl Trouble {
    /// What to check.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoData => NO_DATA,
            Self::Bad(quality) => quality_words(quality),
        }
    }
}

/// How the session stands, to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct View<'a> {
    /// What to do.
    pub step: Step,
    /// Seconds left of the step, and its length; `None` while contact is waited for.
    pub left_s: Option<(f64, f64)>,
    /// Labels of the channels.
    pub labels: &'a [String],
    /// RMS of the newest quarter second of each channel, µV.
    pub levels_uv: &'a [f64],
    /// What is wrong.
    pub trouble: Option<Trouble>,
}

/// A calibration under way. Memory does not grow with its length.
#[derive(Debug)]
pub struct Session {
    conditioner: Conditioner,
    rate: Rate,
    labels: Vec<String>,
    levels_uv: Vec<f64>,
    /// The stream's present; never goes back.
    now: Option<UtcMicros>,
    /// Since when this step, or the wait for contact, lasts.
    began: UtcMicros,
    heard_at: UtcMicros,
    /// The step of the script; `None`: contact is waited for.
    stage: Option<usize>,
    /// Where it goes on after contact.
    next: usize,
    good_run: u32,
    bad_run: u32,
    quality: Quality,
    rest: Rest,
    flexes: [Effort; FLEXES],
    stretch: Effort,
    rest_tries: u32,
    flex_tries: u32,
    interruptions: u32,
    news: Vec<News>,
    outcome: Option<Outcome>,
}

impl Session {
    /// A session on a stream; time begins with the first samples or the first [`Self::time_is`].
    ///
    /// # Errors
    /// When the layout cannot be conditioned.
    pub fn new(layout: &StreamLayout) -> Result<Self, SignalError> {
        Ok(Self {
            conditioner: Conditioner::new(layout)?,
            rate: layout.emg.rate,
            labels: layout.emg.channels.iter().map(|channel| channel.label.clone()).collect(),
            levels_uv: vec![0.0; layout.emg.channels.len().min(MAX_EMG_CHANNELS)],
            now: None,
            began: UtcMicros(0),
            heard_at: UtcMicros(0),
            stage: None,
            next: REST,
            good_run: 0,
            bad_run: 0,
            quality: Quality::WarmUp,
            rest: Rest::default(),
            flexes: Default::default(),
            stretch: Effort::default(),
            rest_tries: 0,
            flex_tries: 0,
            interruptions: 0,
            news: vec![News::Begins(Step::Contact, None)],
            outcome: None,
        })
    }

    /// Takes samples; `start_at` is the time of the first one.
    pub fn push(&mut self, chunk: &Chunk, start_at: UtcMicros) {
        let mut quarters = Vec::new();
        self.conditioner.push(chunk, |quarter| quarters.push(quarter));
        let first_micros = self.rate.micros_of(chunk.emg_first) as i64;
        for quarter in quarters {
            let end = self.rate.quarter_start(quarter.index.saturating_add(1));
            let end_at = start_at.plus_micros((self.rate.micros_of(end) as i64).wrapping_sub(first_micros));
            self.take(&quarter, end_at);
        }
    }

    /// The stream's present: time passes whether samples arrive or not.
    pub fn time_is(&mut self, now: UtcMicros) {
        if self.outcome.is_some() {
            return;
        }
        match self.now {
            None => (self.began, self.heard_at) = (now, now),
            Some(known) if known >= now => return,
            Some(_) => {}
        }
        self.now = Some(now);
        self.give_up_waiting(now);
        if self.stage.is_some() && self.silent_s(now) >= SILENT_S {
            self.interrupt(now);
        }
        self.follow_script(now);
    }

    /// How it stands.
    pub fn view(&self) -> View<'_> {
        let left_s = self.stage.and_then(|stage| {
            let seconds = SCRIPT.get(stage)?.seconds;
            Some(((seconds - self.lasted_s(self.now?)).clamp(0.0, seconds), seconds))
        });
        View { step: self.step(), left_s, labels: &self.labels, levels_uv: &self.levels_uv, trouble: self.trouble() }
    }

    /// What is to be said since this was last asked.
    pub fn take_news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    /// What came of it; `None` while it goes on. Nothing changes after that.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    fn step(&self) -> Step {
        self.stage.and_then(|stage| SCRIPT.get(stage)).map_or(Step::Contact, |stage| stage.step)
    }

    fn trouble(&self) -> Option<Trouble> {
        if self.now.is_some_and(|now| self.silent_s(now) >= SILENT_S) {
            return Some(Trouble::NoData);
        }
        let is_worth_a_word = self.bad_run >= WORTH_A_WORD && self.quality != Quality::WarmUp;
        is_worth_a_word.then_some(Trouble::Bad(self.quality))
    }

    fn lasted_s(&self, now: UtcMicros) -> f64 {
        now.seconds_since(self.began).max(0.0)
    }

    fn silent_s(&self, now: UtcMicros) -> f64 {
        now.seconds_since(self.heard_at)
    }

    /// A quarter belongs to the step in which it ends.
    fn take(&mut self, quarter: &Quarter, end_at: UtcMicros) {
        // Before the samples are known of: a silence before them is told first.
        self.time_is(end_at);
        self.heard_at = self.heard_at.max(end_at);
        if self.outcome.is_some() {
            return;
        }
        for (level, channel) in self.levels_uv.iter_mut().zip(&quarter.emg) {
            *level = channel.rms_uv();
        }
        self.quality = quarter.quality;
        if quarter.quality == Quality::Good {
            (self.good_run, self.bad_run) = (self.good_run.saturating_add(1), 0);
        } else {
            (self.good_run, self.bad_run) = (0, self.bad_run.saturating_add(1));
        }
        let now = self.now.unwrap_or(end_at);
        match self.stage {
            None if self.good_run >= CONTACT_QUARTERS => self.enter(self.next, now),
            None => {}
            Some(_) if self.bad_run >= BROKEN_QUARTERS => self.interrupt(now),
            Some(stage) => self.measure(stage, quarter, now),
        }
    }

    fn measure(&mut self, stage: usize, quarter: &Quarter, now: UtcMicros) {
        let lasted_s = self.lasted_s(now);
        match self.step() {
            Step::Rest if quarter.quality == Quality::Good => {
                let most = (SCRIPT[REST].seconds * 4.0) as usize + 4;
                self.rest.add(quarter, most);
            }
            Step::Flex(number) => self.add_to_flex(usize::from(number), quarter),
            Step::LetGo if lasted_s <= LATE_S => {
                // Let go of the flex before it.
                if let Some(Step::Flex(number)) = stage.checked_sub(1).map(|before| SCRIPT[before].step) {
                    self.add_to_flex(usize::from(number), quarter);
                }
            }
            Step::Stretch => self.stretch.add(quarter),
            _ => {}
        }
    }

    fn add_to_flex(&mut self, number: usize, quarter: &Quarter) {
        if let Some(effort) = number.checked_sub(1).and_then(|index| self.flexes.get_mut(index)) {
            effort.add(quarter);
        }
    }

    /// Begins a step, and what it measures anew.
    fn enter(&mut self, stage: usize, now: UtcMicros) {
        self.stage = Some(stage);
        self.began = now;
        match stage {
            REST => self.rest.clear(),
            BEFORE_FLEXES => self.flexes = Default::default(),
            STRETCH => self.stretch = Effort::default(),
            _ => {}
        }
        if let Some(stage) = SCRIPT.get(stage) {
            self.news.push(News::Begins(stage.step, Some(stage.seconds)));
        }
    }

    /// Ends steps whose time is over. A jump of time ends no more than one: the next one begins now.
    fn follow_script(&mut self, now: UtcMicros) {
        let Some(stage) = self.stage else { return };
        let Some(seconds) = SCRIPT.get(stage).map(|stage| stage.seconds) else { return };
        if self.outcome.is_some() || self.lasted_s(now) < seconds {
            return;
        }
        match stage {
            REST => self.judge_rest(now),
            AFTER_FLEXES => self.judge_flexes(now),
            STRETCH => self.finish(now),
            other => self.enter(other + 1, now),
        }
    }

    fn judge_rest(&mut self, now: UtcMicros) {
        let is_restless = (0..self.labels.len()).any(|channel| self.rest.is_restless(channel));
        let (words, failure) = if self.good_share() < ENOUGH_REST {
            (TOO_LITTLE, Failure::TooLittle(REST_TRIES))
        } else if is_restless {
            (RESTLESS, Failure::Restless(REST_TRIES))
        } else {
            return self.enter(BEFORE_FLEXES, now);
        };
        self.rest_tries += 1;
        if self.rest_tries >= REST_TRIES {
            return self.fail(failure);
        }
        self.say(words);
        self.enter(REST, now);
    }

    fn judge_flexes(&mut self, now: UtcMicros) {
        self.flex_tries += 1;
        let is_seen = self.heard().iter().any(|channel| channel.mvc_uv().is_some());
        if is_seen || self.flex_tries >= FLEX_TRIES {
            return self.enter(BEFORE_STRETCH, now);
        }
        self.say(&no_flex_yet());
        self.enter(BEFORE_FLEXES, now);
    }

    fn finish(&mut self, now: UtcMicros) {
        self.outcome = Some(Outcome::Done(Calibrated::of(&self.heard(), self.good_share(), now)));
    }

    fn good_share(&self) -> f64 {
        (self.rest.len() as f64 / (SCRIPT[REST].seconds * 4.0)).min(1.0)
    }

    fn heard(&self) -> Vec<Heard> {
        let channel = |(index, label): (usize, &String)| Heard {
            label: label.clone(),
            rest_uv: self.rest.median_uv(index).unwrap_or(0.0),
            flexes_uv: self.flexes.iter().filter_map(|flex| flex.greatest_uv(index)).collect(),
            stretch_uv: self.stretch.greatest_uv(index),
        };
        self.labels.iter().enumerate().map(channel).collect()
    }

    /// The signal is gone: what was under way begins again when it is back.
    fn interrupt(&mut self, now: UtcMicros) {
        let Some(stage) = self.stage else { return };
        self.interruptions += 1;
        if self.interruptions > MOST_INTERRUPTIONS {
            return self.fail(Failure::Interrupted(self.interruptions));
        }
        self.next = begins_again_at(stage);
        self.stage = None;
        self.began = now;
        self.good_run = 0;
        self.say(INTERRUPTED);
        self.news.push(News::Begins(Step::Contact, None));
    }

    fn give_up_waiting(&mut self, now: UtcMicros) {
        if self.stage.is_none() && self.lasted_s(now) >= PATIENCE_S {
            self.fail(if self.silent_s(now) >= SILENT_S { Failure::NoData } else { Failure::BadSignal(self.quality) });
        }
    }

    fn fail(&mut self, failure: Failure) {
        self.outcome = Some(Outcome::Failed(failure));
    }

    fn say(&mut self, words: &str) {
        self.news.push(News::Says(words.to_owned()));
    }
}
