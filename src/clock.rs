//! Device counter to UTC.
