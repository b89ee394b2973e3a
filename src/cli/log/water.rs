//! `crampwatch log water`.

use super::arguments::WaterArguments;
use super::make::note;
use super::{Diary, describe, usage};
use crate::clock::diary_day_bounds;
use crate::diary::{Intake, IntakeKind, parse_amount};

pub(super) fn run(arguments: &WaterArguments) -> anyhow::Result<String> {
    let diary = Diary::load(arguments.common.config.as_deref())?;
    let intake = intake(arguments, &diary)?;
    let (day, name) = describe::day_name(intake.at, &diary);
    let total_ml = diary.with_store(async |store| {
        store.add_intake(&intake.to_row()).await?;
        let (from, to) = diary_day_bounds(day, diary.now.time_zone());
        Ok(store.water_ml_between(&intake.person_id, from, to).await?)
    })?;
    Ok(format!(
        "logged: {} {} at {} for {}\n{name}: {total_ml:.0} ml water (day from 04:00 to 04:00)\n",
        intake.amount,
        intake.kind,
        describe::when_text(intake.at, &diary),
        intake.person_id
    ))
}

pub(super) fn intake(arguments: &WaterArguments, diary: &Diary) -> anyhow::Result<Intake> {
    let amount = parse_amount(&arguments.amount.join(" "), &diary.config.diary.measures).map_err(usage)?;
    let at = diary.at(arguments.common.at.as_deref())?;
    let mut intake = Intake::new(diary.person(), IntakeKind::Water, amount, at, diary.now()).map_err(usage)?;
    intake.note = note(arguments.common.note.as_deref())?;
    Ok(intake)
}
