//! Where samples come from: frames, profiles, sources. It must never interpret a signal.
