//! A name server for one command: this program once more, on ports of its own, ended with the command.

use super::{CACHES, Places, free};
use crate::exit::Exit;
use crate::problem::{Problem, Result};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

/// Ends when it is dropped, and with this process however that ends.
pub(super) struct Private {
    child: Child,
    /// Kept open: a server whose lines nobody can take would have to notice.
    _lines: BufReader<ChildStdout>,
    pub(super) places: Places,
}

impl Private {
    /// Starts it and waits until it answers.
    ///
    /// # Errors
    /// It could not be started, in its own words.
    pub(super) fn start(with_caches: bool, ttl: Option<u32>) -> Result<Self> {
        /// Another program may take a port between the look and the start.
        const TRIES: usize = 3;
        let mut why = String::new();
        for _ in 0..TRIES {
            match Self::try_start(with_caches, ttl)? {
                Ok(started) => return Ok(started),
                Err(said) => why = said,
            }
        }
        let mut problem = Problem::new(
            "nameserver-missing",
            Exit::NotReady,
            "the lab's name server could not be started for this question",
        );
        for line in why.lines() {
            problem = problem.why(line.trim());
        }
        Err(problem.next("start it yourself, in another terminal:  lab nameserver --caches 3"))
    }

    /// Once; the inner error is what the server said before it ended.
    fn try_start(with_caches: bool, ttl: Option<u32>) -> Result<std::result::Result<Self, String>> {
        let doing = "start a name server";
        let failed = |error: std::io::Error| Problem::io(doing, &error);
        let caches = if with_caches { CACHES } else { 0 };
        let places = Places::on(free::row(1 + caches).map_err(failed)?);
        let mut child = command(&places, caches, ttl)
            .map_err(failed)?
            .spawn()
            .map_err(failed)?;
        let mut lines = BufReader::new(child.stdout.take().expect("it was asked for"));
        let mut line = String::new();
        for _ in 0..=caches {
            line.clear();
            if lines.read_line(&mut line).map_err(failed)? == 0 {
                return Ok(Err(last_words(child)));
            }
        }
        Ok(Ok(Self {
            child,
            _lines: lines,
            places,
        }))
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        // It has nothing to finish. That it has ended already is no mistake either.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(places: &Places, caches: u16, ttl: Option<u32>) -> std::io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args(["nameserver", "--quiet", "--bind", "127.0.0.1", "--port"])
        .arg(places.server.port().to_string())
        .env(procs::SUPERVISED, std::process::id().to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if caches > 0 {
        command.args(["--caches", &caches.to_string()]);
    }
    if let Some(ttl) = ttl {
        command.args(["--ttl", &ttl.to_string()]);
    }
    Ok(command)
}

fn last_words(mut child: Child) -> String {
    let mut said = String::new();
    if let Some(mut stderr) = child.stderr.take() {
        let _ = stderr.read_to_string(&mut said);
    }
    let _ = child.wait();
    said
}
