//! How many nights know of a factor, and how many more are needed before anything may be said of it.

use super::AssociationOptions;
use crate::advice::Share;
use crate::advice::pairing::{Cut, PairedNight};

/// Nobody is told to wait longer than this for an answer.
pub(super) const LONGEST_WAIT_NIGHTS: u32 = 730;

/// Nights with a factor and without.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    pub(super) exposed: Share,
    pub(super) unexposed: Share,
}

impl Counts {
    pub(super) fn of(nights: &[PairedNight], cut: &Cut) -> Self {
        let none = Share { cramp_nights: 0, nights: 0 };
        let mut counts = Self { exposed: none, unexposed: none };
        for (night, exposed) in nights.iter().zip(&cut.exposed) {
            let share = match exposed {
                Some(true) => &mut counts.exposed,
                Some(false) => &mut counts.unexposed,
                None => continue,
            };
            share.nights += 1;
            share.cramp_nights += u32::from(night.cramp);
        }
        counts
    }

    pub(super) const fn nights(&self) -> u32 {
        self.exposed.nights + self.unexposed.nights
    }

    /// Count and least count of each gate.
    fn gates(&self, options: &AssociationOptions) -> [(u32, u32); 4] {
        [
            (self.nights(), options.least_nights),
            (self.exposed.cramp_nights + self.unexposed.cramp_nights, options.least_cramp_nights),
            (self.exposed.nights, options.least_of_each),
            (self.unexposed.nights, options.least_of_each),
        ]
    }

    pub(super) fn enough(&self, options: &AssociationOptions) -> bool {
        self.gates(options).into_iter().all(|(count, least)| count >= least)
    }
}

/// Nights until all gates are open if cramps and days go on as they were; `None` if one would never open.
pub(super) fn more_for_gates(counts: &Counts, options: &AssociationOptions) -> Option<u32> {
    let nights = f64::from(counts.nights());
    let mut more: f64 = 0.0;
    for (count, least) in counts.gates(options) {
        if count < least {
            let missing = f64::from(least - count);
            more = more.max((missing * nights / f64::from(count)).ceil());
        }
    }
    (more <= f64::from(LONGEST_WAIT_NIGHTS)).then_some(more as u32)
}
