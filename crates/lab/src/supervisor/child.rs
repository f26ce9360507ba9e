//! Starting a child and listening to it.

use super::unit::UnitId;
use std::ffi::OsString;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc::UnboundedSender;

/// News of a child. `run` tells which of its starts is meant.
#[derive(Debug)]
pub(crate) struct News {
    pub(crate) unit: UnitId,
    pub(crate) run: u32,
    pub(crate) what: ChildNews,
}

#[derive(Debug)]
pub(crate) enum ChildNews {
    Line(String),
    Ready,
    Exited(io::Result<ExitStatus>),
}

/// A command line, worked out before anything runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommandLine {
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<OsString>,
}

/// When a child counts as ready.
#[derive(Clone, Debug)]
pub(crate) enum Readiness {
    Accepts(SocketAddr),
    /// The runtime API answers on this socket.
    Serves(PathBuf),
}

/// Starts a child in a process group of its own. Its lines, its readiness and its end go to `news`.
///
/// Must be called on the main thread: the children's parent-death signal is tied to the thread that started them.
pub(crate) fn spawn(
    command: &CommandLine,
    readiness: Readiness,
    (unit, run): (UnitId, u32),
    news: &UnboundedSender<News>,
) -> io::Result<u32> {
    let mut child = Command::new(&command.program)
        .args(&command.args)
        .env(procs::SUPERVISED, std::process::id().to_string())
        .env_remove(super::DETACHED)
        .process_group(0)
        .stdin(input())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let pid = child.id().ok_or(io::ErrorKind::NotFound)?;
    let report = Reporter {
        unit,
        run,
        news: news.clone(),
    };
    let streams = [
        child
            .stdout
            .take()
            .map(|out| Box::new(out) as Box<dyn AsyncRead + Send + Unpin>),
        child
            .stderr
            .take()
            .map(|err| Box::new(err) as Box<dyn AsyncRead + Send + Unpin>),
    ];
    let readers = streams
        .into_iter()
        .flatten()
        .map(|stream| tokio::spawn(lines(stream, report.clone())))
        .collect();
    let input = child.stdin.take();
    tokio::spawn(end(child, input, readers, report.clone()));
    tokio::spawn(ready(readiness, report));
    Ok(pid)
}

/// Where there is no parent-death signal, a child watches a pipe that ends with the lab.
fn input() -> Stdio {
    if cfg!(target_os = "linux") {
        Stdio::null()
    } else {
        Stdio::piped()
    }
}

#[derive(Clone)]
struct Reporter {
    unit: UnitId,
    run: u32,
    news: UnboundedSender<News>,
}

impl Reporter {
    fn tell(&self, what: ChildNews) {
        // The receiver is gone only when the lab itself is ending.
        let _ = self.news.send(News {
            unit: self.unit,
            run: self.run,
            what,
        });
    }
}

async fn lines(stream: Box<dyn AsyncRead + Send + Unpin>, report: Reporter) {
    let mut lines = BufReader::new(stream).split(b'\n');
    while let Ok(Some(line)) = lines.next_segment().await {
        report.tell(ChildNews::Line(
            String::from_utf8_lossy(&line).trim_end().to_owned(),
        ));
    }
}

/// Waits for the end, lets the last lines come in first, then tells it.
async fn end(
    mut child: Child,
    input: Option<ChildStdin>,
    readers: Vec<tokio::task::JoinHandle<()>>,
    report: Reporter,
) {
    /// A grandchild may hold the pipe open; its lines are not worth waiting for.
    const LAST_LINES: Duration = Duration::from_millis(100);
    let status = child.wait().await;
    drop(input);
    for reader in readers {
        let _ = tokio::time::timeout(LAST_LINES, reader).await;
    }
    report.tell(ChildNews::Exited(status));
}

async fn ready(readiness: Readiness, report: Reporter) {
    const FIRST_PAUSE: Duration = Duration::from_millis(2);
    const LONGEST_PAUSE: Duration = Duration::from_millis(50);
    let mut pause = FIRST_PAUSE;
    while !report.news.is_closed() {
        let ready = match &readiness {
            Readiness::Accepts(address) => TcpStream::connect(address).await.is_ok(),
            Readiness::Serves(socket) => crate::observe::runtime_api::running(socket).await.is_ok(),
        };
        if ready {
            return report.tell(ChildNews::Ready);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
