//! Packets on their way through a bad link.
