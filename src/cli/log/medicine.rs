//! What `crampwatch log medicine` says of a medicine that the advice would not know of.

use super::Diary;
use crate::advice::{Answered, MedicineClass, medicine_classes};

/// How to tell the profile of what was taken; nothing if it knows, or if the name is not known. The advice reads the
/// profile and not the diary: one tablet is no reason to think of it every night.
pub(super) fn hint(name: &str, diary: &Diary) -> anyhow::Result<String> {
    let taken = medicine_classes(name);
    if taken.is_empty() {
        return Ok(String::new());
    }
    let person = diary.with_store_if_any(async |store| Ok(store.profile(diary.person()).await?))?;
    let Answered::Known(known) = &person.medicines else { return Ok(line(taken)) };
    if taken.is_subset(known) {
        return Ok(String::new());
    }
    // What is set replaces the whole list.
    Ok(line(known.union(&taken).copied()))
}

fn line(classes: impl IntoIterator<Item = MedicineClass>) -> String {
    let words: Vec<&str> = classes.into_iter().map(MedicineClass::as_str).collect();
    format!(
        "  not in your profile, which the advice goes by; if you take it for long: crampwatch person set --medicines {}\n",
        words.join(",")
    )
}
