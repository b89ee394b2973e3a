//! Classifier, episode machine, severity, reasons; pure. It must never do IO, read a clock or spawn.
