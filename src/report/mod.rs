//! The morning summary. It must never say anything about a gap.
