//! A name server for one command: this program once more, on ports of its own, ended with the command.

use super::turn::Turn;
use super::{CACHES, Places, free};
use crate::exit::Exit;
use crate::problem::{Problem, Result};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// How long it may take to end once it is asked to.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// What such a server is to be like.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    /// With caches in front of it.
    pub(super) caches: bool,
    /// Seconds, for all that is answered.
    pub(super) ttl: Option<u32>,
    pub(super) turn: Turn,
}

/// Ends when it is dropped, and with this process however that ends.
pub(super) struct Private {
    child: Child,
    /// Kept open: a server whose lines nobody can take would have to notice.
    _lines: BufReader<ChildStdout>,
    pub(super) places: Places,
    /// As it was when this server was started.
    pub(super) turn: Turn,
}

impl Private {
    /// Starts it and waits until it answers.
    ///
    /// # Errors
    /// It could not be started, in its own words.
    pub(super) fn start(wish: &Wish) -> Result<Self> {
        /// Another program may take a port between the look and the start.
        const TRIES: usize = 3;
        let mut why = String::new();
        for _ in 0..TRIES {
            match Self::try_start(wish)? {
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
    fn try_start(wish: &Wish) -> Result<std::result::Result<Self, String>> {
        let doing = "start a name server";
        let failed = |error: std::io::Error| Problem::io(doing, &error);
        let caches = if wish.caches { CACHES } else { 0 };
        let places = Places::on(free::row(1 + caches).map_err(failed)?);
        let mut child = command(&places, caches, wish)
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
            turn: wish.turn.clone(),
        }))
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        // Asked first, so that it can still write into the journal what it answered.
        let pid = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let end = Instant::now() + LAST_WORDS;
        while Instant::now() < end && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_micros(200));
        }
        // That it has ended already is no mistake.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(places: &Places, caches: u16, wish: &Wish) -> std::io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args(["nameserver", "--quiet", "--bind", "127.0.0.1", "--port"])
        .arg(places.server.port().to_string())
        .args(["--turn", &wish.turn.answers.to_string()])
        .env(procs::SUPERVISED, std::process::id().to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if caches > 0 {
        command.args(["--caches", &caches.to_string()]);
    }
    if let Some(ttl) = wish.ttl {
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
