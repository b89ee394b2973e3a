//! The `crampwatch` program: parses the command line, runs one command, maps the outcome to an exit code.

fn main() -> std::process::ExitCode {
    crampwatch::cli::main()
}
