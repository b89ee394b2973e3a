//! What must sound, and stale data; pure. It must never do IO, read a clock or spawn.
