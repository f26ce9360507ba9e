//! Lines from the terminal, waited for with a time limit.

use crate::problem::{Problem, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io;
use std::time::Duration;

/// A longer line is cut: nobody types one.
const LONGEST: usize = 64 * 1024;

#[derive(Default)]
pub(super) struct Input {
    bytes: Vec<u8>,
}

pub(super) enum Typed {
    /// Without its end.
    Line(String),
    /// Nobody will type any more.
    End,
    Nothing,
}

impl Input {
    /// The next line, or [`Typed::Nothing`] when none came in time.
    pub(super) fn wait(&mut self, at_most: Duration) -> Result<Typed> {
        if let Some(line) = self.line() {
            return Ok(Typed::Line(line));
        }
        let stdin = io::stdin();
        let mut waited = [PollFd::new(&stdin, PollFlags::IN)];
        let limit = Timespec::try_from(at_most).expect("a fraction of a second");
        match poll(&mut waited, Some(&limit)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(Typed::Nothing),
            Ok(_) => {}
            Err(error) => return Err(Problem::io("wait for your input", &error.into())),
        }
        let mut chunk = [0; 1024];
        // Only what is there is taken, and nothing is left in a buffer that `poll` cannot see.
        let read = rustix::io::read(&stdin, &mut chunk);
        match read {
            Ok(0) => Ok(Typed::End),
            Ok(length) => {
                self.bytes.extend(&chunk[..length]);
                self.bytes.truncate(LONGEST);
                Ok(self.line().map_or(Typed::Nothing, Typed::Line))
            }
            Err(rustix::io::Errno::INTR) => Ok(Typed::Nothing),
            // The terminal is gone.
            Err(_) => Ok(Typed::End),
        }
    }

    fn line(&mut self) -> Option<String> {
        let end = self.bytes.iter().position(|byte| *byte == b'\n')?;
        let line: Vec<u8> = self.bytes.drain(..=end).collect();
        Some(String::from_utf8_lossy(&line).trim_end().to_owned())
    }
}
