//! The control socket, both ends.

use super::protocol::{Reply, Request};
use crate::exit::Exit;
use crate::problem::{Problem, Result};
use crate::work_dir::WorkDir;
use crate::work_dir::run_record::RunRecord;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream as BlockingStream;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Longest line that is read from a client.
const LONGEST_REQUEST: usize = 64 * 1024;
/// Replies that may wait for a slow watcher; past that it misses some.
const REPLY_ROOM: usize = 1024;
/// Longest wait for a reply: longer than any grace period of the supervisor.
const PATIENCE: Duration = Duration::from_secs(15);

/// A request, and where its reply goes.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) request: Request,
    pub(crate) reply: mpsc::Sender<Reply>,
}

/// Serves the control socket until the receiver of `asked` is gone, then lets the last replies out.
pub(crate) async fn serve(listener: UnixListener, asked: mpsc::Sender<Asked>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(talk(stream, asked.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "control socket");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            () = asked.closed() => break,
            Some(_) = connections.join_next() => {}
        }
    }
    while connections.join_next().await.is_some() {}
}

async fn talk(stream: UnixStream, asked: mpsc::Sender<Asked>) {
    let (read, mut write) = stream.into_split();
    let limited = tokio::io::AsyncReadExt::take(read, LONGEST_REQUEST as u64);
    let mut lines = tokio::io::BufReader::new(limited).lines();
    loop {
        let line = tokio::select! {
            line = lines.next_line() => line,
            () = asked.closed() => return,
        };
        let Ok(Some(line)) = line else { return };
        lines.get_mut().get_mut().set_limit(LONGEST_REQUEST as u64);
        let (reply, mut replies) = mpsc::channel(REPLY_ROOM);
        match serde_json::from_str(&line) {
            Ok(request) => {
                if asked.send(Asked { request, reply }).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                let problem = Problem::usage(format!("not a request of this lab: {error}"));
                let _ = reply.send(Reply::Problem(problem)).await;
                drop(reply);
            }
        }
        while let Some(reply) = replies.recv().await {
            if write.write_all(&line_of(&reply)).await.is_err() {
                return;
            }
        }
    }
}

fn line_of(message: &impl serde::Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(message).expect("plain values");
    line.push(b'\n');
    line
}

/// The other end, in a command that asks one thing.
#[derive(Debug)]
pub(crate) struct Client {
    stream: BufReader<BlockingStream>,
}

impl Client {
    /// The lab of this folder; `None` when none runs or none answers.
    pub(crate) fn connect(work: &WorkDir) -> Option<Self> {
        let record = RunRecord::load(work)?;
        if !record.supervisor.is_alive() {
            return None;
        }
        Self::open(&record.control_socket()).ok()
    }

    /// The lab of this folder, which must run.
    pub(crate) fn required(work: &WorkDir) -> Result<Self> {
        Self::connect(work).ok_or_else(nothing_running)
    }

    fn open(socket: &Path) -> io::Result<Self> {
        let stream = BlockingStream::connect(socket)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream: BufReader::new(stream),
        })
    }

    pub(crate) fn ask(&mut self, request: &Request) -> Result<Reply> {
        self.exchange(request)
            .map_err(|error| Problem::io("speak with the lab that runs here", &error))?
            .refused()
    }

    /// Asks without taking a problem apart: for finding out whether anybody answers at all.
    pub(crate) fn exchange(&mut self, request: &Request) -> io::Result<Reply> {
        self.stream.get_mut().write_all(&line_of(request))?;
        self.next_reply()
    }

    /// The next line of a watch.
    pub(crate) fn next_reply(&mut self) -> io::Result<Reply> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        serde_json::from_str(&line).map_err(io::Error::other)
    }

    /// Waits without limit from now on.
    pub(crate) fn patient(self) -> io::Result<Self> {
        self.stream.get_ref().set_read_timeout(None)?;
        Ok(self)
    }
}

impl Reply {
    fn refused(self) -> Result<Self> {
        match self {
            Self::Problem(problem) => Err(problem),
            other => Ok(other),
        }
    }
}

pub(crate) fn nothing_running() -> Problem {
    Problem::new(
        "nothing-running",
        Exit::NotReady,
        "nothing runs in this folder",
    )
    .next("start:  lab up --servers 4")
}
