//! Asks another program, for a limited time.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What `program` says on standard output; none if it is not there, fails or takes longer than `within`.
pub(super) async fn said(
    program: &'static str,
    arguments: &'static [&'static str],
    within: Duration,
) -> Option<String> {
    tokio::task::spawn_blocking(move || ask(program, arguments, within)).await.ok().flatten()
}

fn ask(program: &str, arguments: &[&str], within: Duration) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let until = Instant::now() + within;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < until => std::thread::sleep(Duration::from_millis(20)),
            _ => {
                // It may have ended just now.
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    };
    let mut text = String::new();
    child.stdout.take()?.take(4096).read_to_string(&mut text).ok()?;
    status.success().then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_asked_and_one_that_hangs_or_is_missing_says_nothing() {
        let within = Duration::from_millis(300);
        assert_eq!(ask("echo", &["5.66"], within).as_deref(), Some("5.66\n"));
        assert_eq!(ask("sleep", &["60"], within), None);
        assert_eq!(ask("false", &[], within), None);
        assert_eq!(ask("no-such-program", &[], within), None);
    }
}
