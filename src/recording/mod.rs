//! The raw night as EDF+ segments, and the streaming EDF reader. It must never look at what the samples mean.

pub mod edf;
