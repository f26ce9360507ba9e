//! Into the background (`-D`, `daemon`): the process starts itself again, waits until that one listens, and ends.

use crate::load::os_text;
use crate::messages::Messages;
use rustix::stdio::{dup2_stderr, dup2_stdin, dup2_stdout};
use std::fs::File;
use std::io::{self, Read, Write};
use std::process::{Command, ExitCode, Stdio};

/// Set in the environment of the one that goes on.
const DETACHED: &str = "BALANCER_DETACHED";

/// What it says on its standard output once all ports listen.
const READY: &[u8] = b"ready\n";

/// This process is the one that goes on in the background.
pub fn is_detached() -> bool {
    std::env::var_os(DETACHED).is_some()
}

/// Starts the one that goes on, with the same words. What goes wrong it says itself, on this terminal.
pub fn detach(messages: &Messages) -> ExitCode {
    match wait_for_ready() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            messages.alert(&format!(
                "[haproxy.main()] Cannot fork: {}",
                os_text(&error)
            ));
            ExitCode::FAILURE
        }
    }
}

fn wait_for_ready() -> io::Result<bool> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(std::env::args_os().skip(1))
        .env(DETACHED, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut said = Vec::new();
    if let Some(mut out) = child.stdout.take() {
        let mut piece = [0; READY.len()];
        while said != READY {
            match out.read(&mut piece)? {
                0 => break,
                length => said.extend_from_slice(&piece[..length]),
            }
        }
    }
    Ok(said == READY)
}

/// Lets go of the terminal, and tells the one who waits that all ports listen.
///
/// # Errors
///
/// The system refuses; the process can go on as it is.
pub fn let_go() -> io::Result<()> {
    io::stdout().write_all(READY)?;
    io::stdout().flush()?;
    rustix::process::setsid()?;
    let nothing = File::options().read(true).write(true).open("/dev/null")?;
    dup2_stdin(&nothing)?;
    dup2_stdout(&nothing)?;
    dup2_stderr(&nothing)?;
    Ok(())
}
