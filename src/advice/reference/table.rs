//! The two tables of `data/reference-intakes/`, compiled in.

use std::sync::LazyLock;

use thiserror::Error;

use super::{LevelKind, ReferenceKind, Scope};
use crate::advice::person::{LifeState, Person, Sex};
use crate::diary::Nutrient;

const REFERENCE: &str = include_str!("../../../data/reference-intakes/reference.tsv");
const UPPER: &str = include_str!("../../../data/reference-intakes/upper.tsv");
/// Somebody whose age is unknown counts as at least this old where upper levels are concerned, in years.
const ADULT_FROM: u16 = 19;

/// Where the last age group ends, in years; who is older belongs to it.
const OLDEST: u16 = 120;

/// What is wrong with a table.
#[derive(Debug, Error, PartialEq, Eq)]
pub(super) enum TableError {
    /// A row has another number of cells than the head.
    #[error("line {line}: {found} cells found, {expected} expected; separate cells with one tab")]
    Cells { line: usize, found: usize, expected: usize },
    /// A cell holds something else than it may.
    #[error("line {line}: `{found}` found in column {column}, {expected} expected; correct the cell")]
    Cell { line: usize, column: &'static str, found: String, expected: &'static str },
}

/// For what and for whom a row is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Of {
    /// The nutrient.
    pub(super) nutrient: Nutrient,
    state: Option<LifeState>,
    sex: Option<Sex>,
    age_from: u16,
    age_to: u16,
}

/// One row of the reference intakes.
#[derive(Debug)]
pub(super) struct ReferenceRow {
    pub(super) of: Of,
    pub(super) kind: ReferenceKind,
    pub(super) value: f64,
    pub(super) source: &'static str,
}

/// By what an upper level counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Per {
    /// A day.
    Day,
    /// A day and kg of body weight.
    KgDay,
}

/// One row of the upper levels.
#[derive(Debug)]
pub(super) struct UpperRow {
    pub(super) of: Of,
    pub(super) name: &'static str,
    pub(super) kind: LevelKind,
    pub(super) scope: Scope,
    pub(super) per: Per,
    pub(super) value: f64,
    pub(super) source: &'static str,
}

impl Of {
    /// Whether the row may be this person's; what is unknown of the person fits every row.
    pub(super) fn fits(&self, person: &Person, year: i16) -> bool {
        self.fits_but_age(person) && person.age_in(year).is_none_or(|age| self.has_age(age))
    }

    /// As [`Self::fits`], but an unknown age counts as an adult's, levels of pregnancy and lactation are only for those who said so,
    /// and nobody falls out of the table: a pregnancy before or after the ages of the table counts as one at its edge.
    pub(super) fn fits_upper(&self, person: &Person, year: i16) -> bool {
        let in_table = |age: u16| match person.life_state {
            Some(LifeState::Pregnant | LifeState::Lactating) => age.clamp(14, 50),
            _ => age,
        };
        let age = person.age_in(year).map(in_table);
        let was_said = matches!(self.state, None | Some(LifeState::Neither)) || self.state == person.life_state;
        was_said && self.fits_but_age(person) && age.map_or(self.age_to >= ADULT_FROM, |age| self.has_age(age))
    }

    fn has_age(&self, age: u16) -> bool {
        (self.age_from..=self.age_to).contains(&age.min(OLDEST))
    }

    fn fits_but_age(&self, person: &Person) -> bool {
        // A man who did not speak of pregnancy is not asked for it.
        let state = person.life_state.or((person.sex == Some(Sex::Male)).then_some(LifeState::Neither));
        let fits_sex = self.sex.is_none() || person.sex.is_none() || self.sex == person.sex;
        fits_sex && (self.state.is_none() || state.is_none() || self.state == state)
    }
}

/// The reference intakes.
pub(super) fn reference_rows() -> &'static [ReferenceRow] {
    static ROWS: LazyLock<Vec<ReferenceRow>> = LazyLock::new(|| read_reference(REFERENCE).unwrap_or_default());
    &ROWS
}

/// The upper levels.
pub(super) fn upper_rows() -> &'static [UpperRow] {
    static ROWS: LazyLock<Vec<UpperRow>> = LazyLock::new(|| read_upper(UPPER).unwrap_or_default());
    &ROWS
}

fn read_reference(text: &'static str) -> Result<Vec<ReferenceRow>, TableError> {
    rows(text, 9)
        .map(|row| {
            let (line, cells) = row?;
            let kind = match cells[6] {
                "RDA" => ReferenceKind::Rda,
                "AI" => ReferenceKind::Ai,
                other => return Err(wrong(line, "kind", other, "RDA or AI")),
            };
            let of = read_of(line, &cells)?;
            Ok(ReferenceRow { of, kind, value: number(line, cells[7])?, source: cells[8] })
        })
        .collect()
}

fn read_upper(text: &'static str) -> Result<Vec<UpperRow>, TableError> {
    rows(text, 12)
        .map(|row| {
            let (line, cells) = row?;
            let kind = match cells[7] {
                "upper" => LevelKind::Upper,
                "risk" => LevelKind::RiskReduction,
                other => return Err(wrong(line, "kind", other, "upper or risk")),
            };
            let scope = match cells[8] {
                "total" => Scope::Total,
                "supplements" => Scope::SupplementsOnly,
                other => return Err(wrong(line, "scope", other, "total or supplements")),
            };
            let per = match cells[9] {
                "day" => Per::Day,
                "kg_day" => Per::KgDay,
                other => return Err(wrong(line, "per", other, "day or kg_day")),
            };
            let of = read_of(line, &cells)?;
            Ok(UpperRow { of, name: cells[6], kind, scope, per, value: number(line, cells[10])?, source: cells[11] })
        })
        .collect()
}

type Row = (usize, Vec<&'static str>);

/// The rows after comments and head, each with the number of its line.
fn rows(text: &'static str, expected: usize) -> impl Iterator<Item = Result<Row, TableError>> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty()).skip(1);
    lines.map(move |(place, line)| {
        let cells: Vec<&str> = line.split('\t').collect();
        match cells.len() {
            found if found == expected => Ok((place + 1, cells)),
            found => Err(TableError::Cells { line: place + 1, found, expected }),
        }
    })
}

fn read_of(line: usize, cells: &[&'static str]) -> Result<Of, TableError> {
    let nutrient = Nutrient::parse(cells[0]).ok_or_else(|| wrong(line, "nutrient", cells[0], "a nutrient"))?;
    if cells[1] != nutrient.unit() {
        return Err(wrong(line, "unit", cells[1], nutrient.unit()));
    }
    let state = match cells[2] {
        "any" => None,
        "neither" => Some(LifeState::Neither),
        "pregnant" => Some(LifeState::Pregnant),
        "lactating" => Some(LifeState::Lactating),
        other => return Err(wrong(line, "state", other, "any, neither, pregnant or lactating")),
    };
    let sex = match cells[3] {
        "any" => None,
        "female" => Some(Sex::Female),
        "male" => Some(Sex::Male),
        other => return Err(wrong(line, "sex", other, "any, female or male")),
    };
    let age = |cell: &str| cell.parse().map_err(|_| wrong(line, "age", cell, "whole years"));
    Ok(Of { nutrient, state, sex, age_from: age(cells[4])?, age_to: age(cells[5])? })
}

fn number(line: usize, cell: &str) -> Result<f64, TableError> {
    let value = cell.parse::<f64>().ok().filter(|value| value.is_finite() && *value >= 0.0);
    value.ok_or_else(|| wrong(line, "value", cell, "a number of at least zero"))
}

fn wrong(line: usize, column: &'static str, found: &str, expected: &'static str) -> TableError {
    TableError::Cell { line, column, found: found.to_owned(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tables_are_read_whole() {
        assert_eq!(read_reference(REFERENCE).unwrap().len(), 12 * 20 + 8);
        assert_eq!(read_upper(UPPER).unwrap().len(), 35);
    }

    #[test]
    fn a_wrong_row_is_named_with_its_line() {
        let head = "nutrient\tunit\tstate\tsex\tage_from\tage_to\tkind\tvalue\tsource\n";
        let text: &'static str = format!("{head}magnesium\tg\tany\tany\t1\t3\tRDA\t80\tIOM").leak();
        assert_eq!(
            read_reference(text).unwrap_err().to_string(),
            "line 2: `g` found in column unit, mg expected; correct the cell"
        );
        let text: &'static str = format!("{head}magnesium\tmg").leak();
        assert_eq!(
            read_reference(text).unwrap_err().to_string(),
            "line 2: 2 cells found, 9 expected; separate cells with one tab"
        );
    }
}
