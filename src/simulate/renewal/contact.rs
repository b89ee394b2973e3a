//! How well the electrodes hold, second by second.

/// A change over a span of the night.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) from_s: f64,
    pub(super) to_s: f64,
    /// Factors on muscle and mains.
    pub(super) muscle: f64,
    pub(super) mains: f64,
    /// This many times as much noise comes on top; below 0, it is less.
    pub(super) noise: f64,
    /// The electrode is off: hardly anything is left.
    pub(super) is_off: bool,
}

/// The contact during one second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Contact {
    pub(super) muscle: f64,
    pub(super) mains: f64,
    pub(super) noise: f64,
    pub(super) is_off: bool,
}

pub(super) fn contact_at(spans: &[Span], second: u32) -> Contact {
    let mut contact = Contact { muscle: 1.0, mains: 1.0, noise: 1.0, is_off: false };
    for span in spans {
        if (span.from_s.floor()..span.to_s.floor()).contains(&f64::from(second)) {
            contact.muscle *= span.muscle;
            contact.mains *= span.mains;
            contact.noise += span.noise;
            contact.is_off |= span.is_off;
        }
    }
    contact
}
