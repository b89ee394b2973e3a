//! Filters, baseline, quality, windows and features; pure. It must never do IO, read a clock or spawn.
