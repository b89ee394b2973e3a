//! The command line: arguments in, text and exit codes out. It must never hold logic that a library user would miss.
