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
    /// When samples were heard last.
    heard_at: UtcMicros,
    /// Since when contact is waited for.
    waits_since: UtcMicros,
    /// Index of the stream in seconds: steps are timed by it, so that a sensor played faster is measured faster.
    at_s: f64,
    /// Index at which the step began.
    began_s: f64,
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
            heard_at: UtcMicros(0),
            waits_since: UtcMicros(0),
            at_s: 0.0,
            began_s: 0.0,
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

    /// Takes samples that have just come: after [`Self::time_is`] of their arrival.
    pub fn push(&mut self, chunk: &Chunk) {
        let mut quarters = Vec::new();
        self.conditioner.push(chunk, |quarter| quarters.push(quarter));
        for quarter in quarters {
            self.take(&quarter);
        }
    }

    /// The stream's present: time passes whether samples arrive or not. It never goes back.
    pub fn time_is(&mut self, now: UtcMicros) {
        match self.now {
            None => (self.heard_at, self.waits_since) = (now, now),
            Some(known) if known >= now => return,
            Some(_) => {}
        }
        self.now = Some(now);
        if self.outcome.is_some() {
            return;
        }
        if self.stage.is_some() && self.silent_s() >= SILENT_S {
            self.interrupt();
        }
        if self.stage.is_none() && now.seconds_since(self.waits_since) >= PATIENCE_S {
            let is_silent = self.silent_s() >= SILENT_S;
            self.fail(if is_silent { Failure::NoData } else { Failure::BadSignal(self.quality) });
        }
    }

    /// Nothing more will come: a recording has ended.
    pub fn stream_is_over(&mut self) {
        if self.outcome.is_none() {
            self.fail(Failure::StreamOver);
        }
    }

    /// How it stands.
    pub fn view(&self) -> View<'_> {
        let left_s = self.stage.and_then(|stage| {
            let seconds = SCRIPT.get(stage)?.seconds;
            Some(((seconds - self.lasted_s()).clamp(0.0, seconds), seconds))
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
        if self.silent_s() >= SILENT_S {
            return Some(Trouble::NoData);
        }
        let is_worth_a_word = self.bad_run >= WORTH_A_WORD && self.quality != Quality::WarmUp;
        is_worth_a_word.then_some(Trouble::Bad(self.quality))
    }

    /// How long the step has lasted.
    fn lasted_s(&self) -> f64 {
        self.at_s - self.began_s
    }

    /// How long nothing has come.
    fn silent_s(&self) -> f64 {
        self.now.map_or(0.0, |now| now.seconds_since(self.heard_at))
    }

    fn take(&mut self, quarter: &Quarter) {
        if self.outcome.is_some() {
            return;
        }
        self.heard_at = self.now.unwrap_or(self.heard_at);
        let end = self.rate.quarter_start(quarter.index.saturating_add(1));
        self.at_s = self.at_s.max(self.rate.micros_of(end) as f64 / 1e6);
        for (level, channel) in self.levels_uv.iter_mut().zip(&quarter.emg) {
            *level = channel.rms_uv();
        }
        self.quality = quarter.quality;
        if quarter.quality == Quality::Good {
            (self.good_run, self.bad_run) = (self.good_run.saturating_add(1), 0);
        } else {
            (self.good_run, self.bad_run) = (0, self.bad_run.saturating_add(1));
        }
        match self.stage {
            None if self.good_run >= CONTACT_QUARTERS => self.enter(self.next),
            None => {}
            Some(_) if self.bad_run >= BROKEN_QUARTERS => self.interrupt(),
            Some(stage) => {
                self.measure(stage, quarter);
                self.follow_script(stage);
            }
        }
    }

    fn measure(&mut self, stage: usize, quarter: &Quarter) {
        match self.step() {
            Step::Rest if quarter.quality == Quality::Good => {
                let most = (SCRIPT[REST].seconds * 4.0) as usize + 4;
                self.rest.add(quarter, most);
            }
            Step::Flex(number) => self.add_to_flex(usize::from(number), quarter),
            Step::LetGo if self.lasted_s() <= LATE_S => {
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
    fn enter(&mut self, stage: usize) {
        self.stage = Some(stage);
        self.began_s = self.at_s;
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

    /// Ends the step if its time is over.
    fn follow_script(&mut self, stage: usize) {
        if SCRIPT.get(stage).is_none_or(|stage| self.lasted_s() < stage.seconds) {
            return;
        }
        match stage {
            REST => self.judge_rest(),
            AFTER_FLEXES => self.judge_flexes(),
            STRETCH => self.finish(),
            other => self.enter(other + 1),
        }
    }

    fn judge_rest(&mut self) {
        let is_restless = (0..self.labels.len()).any(|channel| self.rest.is_restless(channel));
        let (words, failure) = if self.good_share() < ENOUGH_REST {
            (TOO_LITTLE, Failure::TooLittle(REST_TRIES))
        } else if is_restless {
            (RESTLESS, Failure::Restless(REST_TRIES))
        } else {
            return self.enter(BEFORE_FLEXES);
        };
        self.rest_tries += 1;
        if self.rest_tries >= REST_TRIES {
            return self.fail(failure);
        }
        self.say(words);
        self.enter(REST);
    }

    fn judge_flexes(&mut self) {
        self.flex_tries += 1;
        let is_seen = self.heard().iter().any(|channel| channel.mvc_uv().is_some());
        if is_seen || self.flex_tries >= FLEX_TRIES {
            return self.enter(BEFORE_STRETCH);
        }
        self.say(&no_flex_yet());
        self.enter(BEFORE_FLEXES);
    }

    fn finish(&mut self) {
        let at = self.now.unwrap_or(UtcMicros(0));
        self.outcome = Some(Outcome::Done(Calibrated::of(&self.heard(), self.good_share(), at)));
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
    fn interrupt(&mut self) {
        let Some(stage) = self.stage else { return };
        self.interruptions += 1;
        if self.interruptions > MOST_INTERRUPTIONS {
            return self.fail(Failure::Interrupted(self.interruptions));
        }
        self.next = begins_again_at(stage);
        self.stage = None;
        self.waits_since = self.now.unwrap_or(self.waits_since);
        self.good_run = 0;
        self.say(INTERRUPTED);
        self.news.push(News::Begins(Step::Contact, None));
    }

    fn fail(&mut self, failure: Failure) {
        self.outcome = Some(Outcome::Failed(failure));
    }

    fn say(&mut self, words: &str) {
        self.news.push(News::Says(words.to_owned()));
    }
}
