//! The master's socket (`-S`): its own few commands, and a way to those of the workers (management guide, section 9.4).

use crate::listener::{self, Socket};
use crate::plan::{BindAddress, SocketRights};
use crate::version;
use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};

/// What the master is asked.
#[derive(Debug)]
pub(super) enum Asked {
    Status(oneshot::Sender<Status>),
    Reload,
}

/// Who is there.
#[derive(Debug)]
pub(super) struct Status {
    pub(super) since: Instant,
    pub(super) reloads: u32,
    pub(super) failed: u32,
    /// The last reload was in vain.
    pub(super) last_failed: bool,
    /// The current one first.
    pub(super) workers: Vec<Row>,
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) pid: u32,
    /// Since it was started.
    pub(super) reloads: u32,
    pub(super) since: Instant,
    pub(super) socket: PathBuf,
}

const HELP: &[(&str, &str)] = &[
    ("@!<pid>", "send a command to the <pid> process"),
    (
        "@<relative pid>",
        "send a command to the <relative pid> process",
    ),
    ("@master", "send a command to the master process"),
    ("reload", "reload haproxy"),
    ("show proc", "show processes status"),
    ("show version", "show version of the current process"),
    ("help", "list matching or all commands"),
    ("prompt", "toggle interactive mode with prompt"),
    ("quit", "disconnect"),
];

/// Serves the socket, if there is to be one.
///
/// # Errors
/// It cannot be listened on.
pub(super) fn listen(address: Option<&str>) -> io::Result<mpsc::UnboundedReceiver<Asked>> {
    let (ask, asked) = mpsc::unbounded_channel();
    let Some(address) = address else {
        return Ok(asked);
    };
    let address = haproxy_config::bind_address(address).map_err(io::Error::other)?;
    match open(&address)? {
        Socket::Unix(listener) => {
            let listener = UnixListener::from_std(listener)?;
            tokio::task::spawn_local(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::task::spawn_local(serve(stream, ask.clone()));
                }
            });
        }
        Socket::Tcp(listener) => {
            let listener = TcpListener::from_std(listener)?;
            tokio::task::spawn_local(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::task::spawn_local(serve(stream, ask.clone()));
                }
            });
        }
    }
    Ok(asked)
}

fn open(address: &BindAddress) -> io::Result<Socket> {
    let owner_only = SocketRights {
        mode: Some(0o600),
        ..SocketRights::default()
    };
    let place = listener::place(address).map_err(io::Error::other)?;
    listener::open_one(&place, &owner_only).map_err(io::Error::other)
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, ask: mpsc::UnboundedSender<Asked>) {
    let talk = Talk {
        stream: BufReader::new(stream),
        ask,
        prompt: false,
        target: None,
    };
    if let Err(error) = talk.run().await {
        tracing::debug!(%error, "a connection to the master ended");
    }
}

/// One connection.
struct Talk<S> {
    stream: BufReader<S>,
    ask: mpsc::UnboundedSender<Asked>,
    prompt: bool,
    /// The worker that `@1` alone has chosen; `None`: the master.
    target: Option<u32>,
}

/// What a line leads to.
enum Step {
    Answer(String),
    /// Nothing is answered but the prompt.
    Silent,
    Close,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Talk<S> {
    async fn run(mut self) -> io::Result<()> {
        let mut line = String::new();
        while self.stream.read_line(&mut line).await? > 0 {
            for command in line.split(';') {
                match self.obey(command.trim()).await? {
                    Step::Close => return self.stream.shutdown().await,
                    Step::Silent => {}
                    Step::Answer(text) => self.stream.write_all(text.as_bytes()).await?,
                }
                if self.prompt {
                    let prompt = self.prompt().await;
                    self.stream.write_all(prompt.as_bytes()).await?;
                }
            }
            line.clear();
        }
        self.stream.shutdown().await
    }

    /// `master> `, or the pid of the worker that is spoken to.
    async fn prompt(&self) -> String {
        match self.target {
            Some(pid) => format!("{pid}> "),
            None if self.status().await.is_some_and(|status| status.last_failed) => {
                "master[ReloadFailed]> ".to_owned()
            }
            None => "master> ".to_owned(),
        }
    }

    async fn obey(&mut self, command: &str) -> io::Result<Step> {
        let Some(addressed) = command.strip_prefix('@') else {
            return match self.target {
                Some(pid) if command != "quit" && command != "prompt" => {
                    self.pass_on(pid, command).await
                }
                _ => self.own(command).await,
            };
        };
        let (whom, rest) = addressed.split_once(' ').unwrap_or((addressed, ""));
        let Some(target) = self.find(whom).await else {
            let text = format!("Can't find the target PID matching the prefix '@{whom}'\n");
            return Ok(Step::Answer(text));
        };
        match (target, rest.trim()) {
            (target, "") => {
                self.target = target;
                Ok(Step::Silent)
            }
            (Some(pid), command) => self.pass_on(pid, command).await,
            (None, command) => self.own(command).await,
        }
    }

    /// The worker that is meant; `Some(None)`: the master.
    async fn find(&self, whom: &str) -> Option<Option<u32>> {
        let status = self.status().await?;
        if let Some(pid) = whom.strip_prefix('!') {
            let pid = pid.parse().ok()?;
            return status
                .workers
                .iter()
                .any(|row| row.pid == pid)
                .then_some(Some(pid));
        }
        match whom {
            "" | "master" | "0" => Some(None),
            "1" => Some(Some(status.workers.first()?.pid)),
            _ => None,
        }
    }

    async fn own(&mut self, command: &str) -> io::Result<Step> {
        Ok(match command {
            "quit" => Step::Close,
            "prompt" => {
                self.prompt = !self.prompt;
                Step::Silent
            }
            "reload" => {
                let _ = self.ask.send(Asked::Reload);
                Step::Close
            }
            "show version" => Step::Answer(format!("{}\n\n", version::VERSION)),
            "show proc" => Step::Answer(
                self.status()
                    .await
                    .map_or_else(String::new, |it| it.table()),
            ),
            "help" => Step::Answer(help("The following commands are valid at this level:\n")),
            _ => Step::Answer(help(
                "Unknown command, but maybe one of the following ones is a better match:\n",
            )),
        })
    }

    async fn pass_on(&self, pid: u32, command: &str) -> io::Result<Step> {
        let status = self.status().await;
        let socket = status
            .iter()
            .flat_map(|status| &status.workers)
            .find(|row| row.pid == pid)
            .map(|row| row.socket.clone());
        match socket {
            Some(socket) => Ok(Step::Answer(ask_worker(&socket, command).await?)),
            None => Ok(Step::Close),
        }
    }

    async fn status(&self) -> Option<Status> {
        let (tell, told) = oneshot::channel();
        self.ask.send(Asked::Status(tell)).ok()?;
        told.await.ok()
    }
}

async fn ask_worker(socket: &Path, command: &str) -> io::Result<String> {
    let mut stream = UnixStream::connect(socket).await?;
    stream.write_all(format!("{command}\n").as_bytes()).await?;
    stream.shutdown().await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

fn help(title: &str) -> String {
    let mut text = title.to_owned();
    for (usage, about) in HELP {
        let _ = writeln!(text, "  {usage:<40}: {about}");
    }
    text.push('\n');
    text
}

impl Status {
    /// `show proc`.
    fn table(&self) -> String {
        let mut text = format!(
            "{:<16}{:<16}{:<16}{:<16}{:<15}\n",
            "#<PID>", "<type>", "<reloads>", "<uptime>", "<version>"
        );
        let mut row = |pid: u32, kind: &str, reloads: String, since: Instant| {
            let _ = writeln!(
                text,
                "{pid:<16} {kind:<15} {reloads:<15} {:<15} {:<15}",
                uptime(since),
                version::VERSION
            );
        };
        let reloads = format!("{} [failed: {}]", self.reloads, self.failed);
        row(std::process::id(), "master", reloads, self.since);
        let (current, former) = self.workers.split_at(self.workers.len().min(1));
        let text_of = |title: &str, rows: &[Row]| {
            let mut part = format!("{title}\n");
            for it in rows {
                let _ = writeln!(
                    part,
                    "{:<16} {:<15} {:<15} {:<15} {:<15}",
                    it.pid,
                    "worker",
                    it.reloads,
                    uptime(it.since),
                    version::VERSION
                );
            }
            part
        };
        let mut all = text_of("# workers", current);
        if !former.is_empty() {
            all += &text_of("# old workers", former);
        }
        text + &all + "# programs\n\n"
    }
}

/// `0d00h00m04s`
fn uptime(since: Instant) -> String {
    let seconds = since.elapsed().as_secs();
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    format!(
        "{days}d{hours:02}h{:02}m{:02}s",
        seconds / 60 % 60,
        seconds % 60
    )
}
