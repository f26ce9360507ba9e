//! One connection to the runtime API.

use super::words::{commands, wants_payload};
use super::{Session, execute};
use crate::announce::announce;
use crate::listener::handed;
use crate::logger::Logger;
use crate::plan::Level;
use crate::process::{Process, lock};
use crate::streams::Origin;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

/// Longest line taken: HAProxy's buffer.
const LINE_MAX: usize = 16 * 1024;

/// What a connection to the runtime API comes over.
pub trait Channel: AsyncRead + AsyncWrite + Unpin {
    /// Itself, where sockets can be sent over it.
    fn as_unix(&mut self) -> Option<&mut UnixStream> {
        None
    }
}

impl Channel for UnixStream {
    fn as_unix(&mut self) -> Option<&mut UnixStream> {
        Some(self)
    }
}

impl Channel for TcpStream {}

/// How a connection came.
#[derive(Debug)]
pub struct Arrival {
    pub origin: Origin,
    pub level: Level,
    /// `expose-fd listeners`.
    pub exposes_listeners: bool,
}

/// Reads commands until the other end leaves, is silent for too long, or (unless it asked for a prompt) has got
/// the answers to all it sent.
pub async fn serve_connection(
    stream: impl Channel,
    arrival: Arrival,
    process: Arc<Process>,
    logger: Arc<Logger>,
) {
    let idle = process.plan().global.stats_timeout;
    let number = process.totals.streams.fetch_add(1, Ordering::Relaxed);
    let at_work = process.streams.begin_own(number, arrival.origin);
    let connection = Connection {
        stream,
        received: Vec::new(),
        session: Session::new(arrival.level, idle),
        exposes_listeners: arrival.exposes_listeners,
        process,
        logger,
    };
    tokio::select! {
        served = connection.serve() => if let Err(error) = served {
            tracing::debug!(%error, "runtime API connection ended");
        },
        () = at_work.killed() => {}
    }
}

struct Connection<S> {
    stream: S,
    received: Vec<u8>,
    session: Session,
    exposes_listeners: bool,
    process: Arc<Process>,
    logger: Arc<Logger>,
}

impl<S: Channel> Connection<S> {
    async fn serve(mut self) -> io::Result<()> {
        while let Some(line) = self.line().await? {
            for command in commands(&line) {
                if command.trim() == handed::COMMAND {
                    return self.hand_over().await;
                }
                if wants_payload(command) {
                    let Some(whole) = self.with_payload(command).await? else {
                        return self.stream.shutdown().await;
                    };
                    self.execute(&whole).await?;
                } else {
                    self.execute(command).await?;
                }
                if self.session.closing {
                    return self.stream.shutdown().await;
                }
            }
            if !self.session.prompt && self.received.is_empty() {
                break;
            }
        }
        self.stream.shutdown().await
    }

    /// The next line without its end; `None`: there will be none. What comes without a line end is no command.
    async fn line(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(end) = self.received.iter().position(|&byte| byte == b'\n') {
                let line = String::from_utf8_lossy(&self.received[..end]).into_owned();
                self.received.drain(..=end);
                return Ok(Some(line));
            }
            if self.received.len() > LINE_MAX {
                return Ok(None);
            }
            let more = self.stream.read_buf(&mut self.received);
            match timeout(self.session.timeout, more).await {
                Ok(Ok(0)) | Err(_) => return Ok(None),
                Ok(read) => read?,
            };
        }
    }

    /// Gives a new process what this one listens on, where that was allowed. It is the last word either way.
    async fn hand_over(&mut self) -> io::Result<()> {
        let numbers: Vec<i32> = {
            let all = lock(&self.process.listeners);
            all.values().flatten().copied().collect()
        };
        match self.stream.as_unix() {
            Some(stream) if self.exposes_listeners => handed::hand_over(stream, &numbers).await,
            _ => Ok(()),
        }
    }

    /// A command and the lines up to an empty one.
    async fn with_payload(&mut self, command: &str) -> io::Result<Option<String>> {
        let mut whole = format!("{}\n", command.trim_end());
        while let Some(line) = self.line().await? {
            if line.trim_end_matches('\r').is_empty() {
                return Ok(Some(whole));
            }
            if whole.len() > LINE_MAX {
                return Ok(None);
            }
            whole.push_str(&line);
            whole.push('\n');
        }
        Ok(None)
    }

    async fn execute(&mut self, command: &str) -> io::Result<()> {
        let plan = self.process.plan();
        let executed = execute(
            command,
            &mut self.session,
            &plan,
            &self.process,
            &self.logger,
            self.process.now(),
        );
        for (backend, transition) in &executed.news {
            announce(&self.logger, backend, transition);
        }
        let answer = self.stream.write_all(executed.answer.as_bytes());
        match timeout(self.session.timeout, answer).await {
            Ok(written) => written,
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}
