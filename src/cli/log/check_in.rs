//! `crampwatch log check-in`.

use std::io::{self, BufRead as _};

use super::arguments::CheckInArguments;
use super::{Diary, UsageError, describe};
use crate::cli::output;
use crate::clock::{diary_day_bounds, diary_day_of};
use crate::config::closest;
use crate::diary::{Answer, Entry, Question};

pub(super) fn run(arguments: &CheckInArguments) -> anyhow::Result<String> {
    let diary = Diary::load(arguments.config.as_deref())?;
    let at = diary.at(arguments.at.as_deref())?;
    let answers = match arguments.answers.as_deref() {
        Some(answers) => parse(answers)?,
        None => ask()?,
    };
    if answers.is_empty() {
        return Ok("nothing answered, nothing logged\n".to_owned());
    }
    let day = diary_day_of(at, diary.now.time_zone());
    let (from, to) = diary_day_bounds(day, diary.now.time_zone());
    let entries = diary.with_store(async |store| {
        let today = store.entries_between(diary.person(), from, to).await?;
        let entries: Vec<Entry> =
            answers.iter().filter_map(|(question, answer)| question.entry(*answer, &today, at)).collect();
        let entries: Vec<Entry> = entries.into_iter().map(|entry| Entry { logged_at: diary.now(), ..entry }).collect();
        store.add_entries(diary.person(), &entries).await?;
        Ok(entries)
    })?;
    let known = answers.len() - entries.len();
    let mut text: String = entries.iter().map(|entry| format!("logged: {}\n", describe::what(entry))).collect();
    if known > 0 {
        text.push_str(&format!("{known} answered by what was logged before\n"));
    }
    Ok(text)
}

fn parse(answers: &str) -> Result<Vec<(Question, Answer)>, UsageError> {
    let mut parsed: Vec<(Question, Answer)> = Vec::new();
    for part in answers.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (key, answer) = part.split_once('=').ok_or_else(|| {
            UsageError(format!(
                "found the answer {part:?}, expected what=yes, what=no or what=45min, such as alcohol=no"
            ))
        })?;
        let question = Question::ALL.into_iter().find(|question| question.key() == key.trim()).ok_or_else(|| {
            let keys = Question::ALL.map(Question::key);
            let close = closest(key, keys).map_or_else(String::new, |close| format!("; did you mean {close}?"));
            UsageError(format!("found an answer to {key:?}, expected one of {}{close}", keys.join(", ")))
        })?;
        if parsed.iter().any(|(before, _)| *before == question) {
            let key = question.key();
            return Err(UsageError(format!("found two answers to {key}, expected one; leave one of them out")));
        }
        if let Some(answer) = question.answer(answer).map_err(UsageError)? {
            parsed.push((question, answer));
        }
    }
    Ok(parsed)
}

/// Asks on the terminal; what cannot be read is asked again, and the end of the input ends the questions.
fn ask() -> anyhow::Result<Vec<(Question, Answer)>> {
    let mut answers = Vec::new();
    let mut lines = io::stdin().lock().lines();
    for question in Question::ALL {
        let how = if question.takes_minutes() { "y/n or how long" } else { "y/n" };
        loop {
            output::print(&format!("{} [{how}, Enter: pass over] ", question.text))?;
            let Some(line) = lines.next().transpose()? else {
                output::print("\n")?;
                return Ok(answers);
            };
            match question.answer(&line) {
                Ok(answer) => {
                    answers.extend(answer.map(|answer| (question, answer)));
                    break;
                }
                Err(message) => output::print(&format!("  {message}\n"))?,
            }
        }
    }
    Ok(answers)
}
