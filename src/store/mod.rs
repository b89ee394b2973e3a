//! SQLite: what must survive a power cut. It must never hold raw samples.
