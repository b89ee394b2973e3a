//! Components with a start, a stop and bounded channels, and their supervisor. It must never compute.
