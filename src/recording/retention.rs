//! Which raw nights go: by age, by a budget, by the room left on the disk. Decided here and done elsewhere; no IO.
//!
//! Nights go whole, the oldest first. The newest night of each leg, and one that is being written, never goes. Nights that somebody
//! labelled are what a personal model learns from: they outlive their age and give no room to other programs, and go only for
//! the budget, after all the others.

use jiff::civil::Date;

/// What the person allows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetentionRules {
    /// Nights that began more days ago go; none: age is no reason.
    pub keep_days: Option<u32>,
    /// All raw nights together may have so many bytes; none: any number.
    pub budget_bytes: Option<u64>,
    /// So many bytes of the disk stay free, as far as raw nights can give them.
    pub min_free_bytes: u64,
}

/// The raw files of one night of one leg.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawNight {
    /// The leg, such as `me_left`.
    pub leg: String,
    /// The date on which it begins.
    pub night: Date,
    /// Bytes of all its files.
    pub bytes: u64,
    /// Somebody said something of this night.
    pub labelled: bool,
    /// One of its files is being written.
    pub under_way: bool,
}

/// Why a night goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It is older than raw nights are kept.
    Age,
    /// All together were over the budget.
    Budget,
    /// The disk had too little room.
    Room,
}

impl Reason {
    /// The key of the configuration by which it goes.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Age => "storage.keep_raw_days",
            Self::Budget => "storage.raw_budget_gb",
            Self::Room => "storage.min_free_mb",
        }
    }
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Retention {
    /// Places in the list of nights, in the order in which they go, and why.
    pub go: Vec<(usize, Reason)>,
    /// Bytes by which what stays is over the budget.
    pub over_budget_bytes: u64,
    /// Bytes that are still missing on the disk.
    pub missing_room_bytes: u64,
}

/// Says which of `nights` go. `free_bytes` is the room on the disk, if the system says; `today` is the date of the night now.
pub fn judge(nights: &[RawNight], rules: &RetentionRules, free_bytes: Option<u64>, today: Date) -> Retention {
    let mut order: Vec<usize> = (0..nights.len()).filter(|place| may_go(&nights[*place], nights)).collect();
    order.sort_by_key(|place| (nights[*place].labelled, nights[*place].night, *place));
    let mut held: u64 = nights.iter().map(|night| night.bytes).sum();
    let mut free = free_bytes.unwrap_or(u64::MAX);
    let mut go = Vec::new();
    for place in order {
        let night = &nights[place];
        let days = today.since(night.night).map_or(0, |span| i64::from(span.get_days()));
        let too_old = rules.keep_days.is_some_and(|most| days > i64::from(most));
        let reason = if !night.labelled && too_old {
            Reason::Age
        } else if rules.budget_bytes.is_some_and(|most| held > most) {
            Reason::Budget
        } else if !night.labelled && free < rules.min_free_bytes {
            Reason::Room
        } else {
            continue;
        };
        held -= night.bytes;
        free = free.saturating_add(night.bytes);
        go.push((place, reason));
    }
    Retention {
        go,
        over_budget_bytes: rules.budget_bytes.map_or(0, |most| held.saturating_sub(most)),
        missing_room_bytes: rules.min_free_bytes.saturating_sub(free),
    }
}

/// The newest night of a leg may go on at any moment.
fn may_go(night: &RawNight, nights: &[RawNight]) -> bool {
    !night.under_way && nights.iter().any(|other| other.leg == night.leg && other.night > night.night)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const TODAY: Date = date(2026, 11, 22);
    const NONE: RetentionRules = RetentionRules { keep_days: None, budget_bytes: None, min_free_bytes: 0 };

    /// A night so many days ago.
    fn night(days: i64, bytes: u64, labelled: bool) -> RawNight {
        let night = TODAY.checked_sub(jiff::Span::new().days(days)).unwrap();
        RawNight { leg: "me_left".to_owned(), night, bytes, labelled, under_way: false }
    }

    #[test]
    fn without_rules_everything_stays() {
        assert_eq!(judge(&[night(5000, 1 << 40, false), night(0, 1, false)], &NONE, Some(0), TODAY).go, []);
    }

    #[test]
    fn what_is_too_old_goes_unless_it_is_labelled_or_the_newest() {
        let rules = RetentionRules { keep_days: Some(30), ..NONE };
        let nights = [night(31, 9, false), night(30, 9, false), night(400, 9, true), night(0, 9, false)];
        assert_eq!(judge(&nights, &rules, None, TODAY).go, [(0, Reason::Age)]);
        assert_eq!(judge(&nights[..1], &rules, None, TODAY).go, [], "the newest");
    }

    #[test]
    fn the_budget_takes_the_oldest_first_and_labelled_ones_last() {
        let rules = RetentionRules { budget_bytes: Some(250), ..NONE };
        let nights = [night(9, 100, true), night(3, 100, false), night(5, 100, false), night(0, 100, false)];
        assert_eq!(judge(&nights, &rules, None, TODAY).go, [(2, Reason::Budget), (1, Reason::Budget)]);
        let tight = RetentionRules { budget_bytes: Some(50), ..NONE };
        let judged = judge(&nights, &tight, None, TODAY);
        assert_eq!(judged.go.iter().map(|(place, _)| *place).collect::<Vec<_>>(), [2, 1, 0]);
        assert_eq!(judged.over_budget_bytes, 50, "the newest stays, and that is said");
    }

    #[test]
    fn room_is_made_as_far_as_it_is_missing_and_never_with_labelled_nights() {
        let rules = RetentionRules { min_free_bytes: 500, ..NONE };
        let nights = [night(9, 100, true), night(8, 100, false), night(7, 100, false), night(0, 100, false)];
        assert_eq!(judge(&nights, &rules, Some(450), TODAY).go, [(1, Reason::Room)]);
        let judged = judge(&nights, &rules, Some(100), TODAY);
        assert_eq!((judged.go.len(), judged.missing_room_bytes), (2, 200));
        assert_eq!(judge(&nights, &rules, None, TODAY).go, [], "what is not known is no reason");
    }

    #[test]
    fn each_leg_has_its_own_newest_night_and_a_clock_that_is_behind_takes_nothing() {
        let rules = RetentionRules { keep_days: Some(1), ..NONE };
        let right = RawNight { leg: "me_right".to_owned(), ..night(300, 9, false) };
        let nights = [night(-5, 9, false), night(-9, 9, false), right];
        assert_eq!(judge(&nights, &rules, None, TODAY).go, []);
    }

    fn nights() -> impl Strategy<Value = Vec<RawNight>> {
        let one =
            (0_i64..400, 0_u64..1000, any::<[bool; 3]>()).prop_map(|(days, bytes, [labelled, left, under_way])| {
                let leg = if left { "me_left" } else { "me_right" }.to_owned();
                RawNight { leg, under_way, ..night(days, bytes, labelled) }
            });
        prop::collection::vec(one, 0..20)
    }

    proptest! {
        #[test]
        fn the_newest_night_stays_and_what_is_asked_for_holds_or_nothing_is_left_to_give(
            nights in nights(),
            keep_days in prop::option::of(0_u32..400),
            budget_bytes in prop::option::of(0_u64..8000),
            min_free_bytes in 0_u64..4000,
            free in 0_u64..4000,
        ) {
            let rules = RetentionRules { keep_days, budget_bytes, min_free_bytes };
            let judged = judge(&nights, &rules, Some(free), TODAY);
            let goes = |place: usize| judged.go.iter().any(|(one, _)| *one == place);
            let newest = |night: &RawNight| {
                night.under_way || nights.iter().all(|o| o.leg != night.leg || o.night <= night.night)
            };
            let staying: Vec<_> = (0..nights.len()).filter(|place| !goes(*place)).map(|place| &nights[place]).collect();
            prop_assert_eq!(judged.go.len() + staying.len(), nights.len(), "none goes twice");
            for night in nights.iter().filter(|night| newest(night)) {
                prop_assert!(staying.iter().any(|stays| std::ptr::eq(*stays, night)));
            }
            let held: u64 = staying.iter().map(|night| night.bytes).sum();
            let freed: u64 = nights.iter().map(|night| night.bytes).sum::<u64>() - held;
            if budget_bytes.is_some_and(|most| held > most) {
                prop_assert!(staying.iter().all(|night| newest(night)));
                prop_assert_eq!(judged.over_budget_bytes, held - budget_bytes.unwrap());
            }
            if free + freed < min_free_bytes {
                prop_assert!(staying.iter().all(|night| newest(night) || night.labelled));
            }
            // A labelled night goes for the budget only.
            prop_assert!(judged.go.iter().all(|(place, why)| !nights[*place].labelled || *why == Reason::Budget));
        }
    }
}
