//! A worker, as the master sees it: a process, and a socket to ask it on.

use super::Event;
use crate::plan::{BindAddress, Level, StatsSocket};
use diagnostics::{Sources, Span};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

/// In a worker's environment: the socket that its master asks it on.
const SOCKET: &str = "BALANCER_MASTER_SOCKET";

/// How often a worker that comes up is looked at.
const GLANCE: Duration = Duration::from_millis(5);

/// This process was started by a master.
pub fn is_worker() -> bool {
    std::env::var_os(SOCKET).is_some()
}

/// The socket on which the master asks this worker.
pub fn own_socket() -> Option<StatsSocket> {
    let path = std::env::var(SOCKET).ok()?;
    // It stands in no file.
    let source = Sources::new().add("", "");
    Some(StatsSocket {
        exposes_listeners: false,
        address: BindAddress::Unix(path),
        level: Level::Admin,
        mode: None,
        user: None,
        group: None,
        span: Span {
            source,
            start: 0,
            end: 0,
        },
    })
}

#[derive(Debug)]
pub(super) struct Worker {
    pub(super) pid: u32,
    pub(super) since: Instant,
    /// Reloads before it.
    pub(super) generation: u32,
    pub(super) socket: PathBuf,
    /// Until it is watched.
    child: Option<Child>,
}

/// A worker is over.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) pid: u32,
    pub(super) status: ExitStatus,
}

/// Where the sockets of workers are, for nobody else to enter.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    made: u32,
}

impl Folder {
    pub(super) fn make() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("balancer-master-{}", std::process::id()));
        // One of a former process with this number is nobody's any more.
        let _ = fs::remove_dir_all(&path);
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self { path, made: 0 })
    }

    pub(super) fn next_socket(&mut self) -> PathBuf {
        self.made += 1;
        self.path.join(format!("worker-{}", self.made))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

impl Worker {
    /// This program again, with the same words.
    pub(super) fn start(socket: PathBuf, former: Option<u32>, generation: u32) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(std::env::args_os().skip(1))
            .env(SOCKET, &socket)
            .env(procs::SUPERVISED, std::process::id().to_string())
            .stdin(Stdio::null());
        if let Some(former) = former {
            command.arg("-sf").arg(former.to_string());
        }
        let child = command.spawn()?;
        Ok(Self {
            pid: child.id().unwrap_or_default(),
            since: Instant::now(),
            generation,
            socket,
            child: Some(child),
        })
    }

    /// Waits until it serves; false when it ended instead.
    pub(super) async fn comes_up(&mut self) -> io::Result<bool> {
        let Some(child) = &mut self.child else {
            return Ok(true);
        };
        while !answers(&self.socket) {
            if child.try_wait()?.is_some() {
                return Ok(false);
            }
            tokio::time::sleep(GLANCE).await;
        }
        Ok(true)
    }

    /// Tells its end from now on.
    pub(super) fn watch(&mut self, tell: mpsc::UnboundedSender<Event>) {
        let (pid, Some(mut child)) = (self.pid, self.child.take()) else {
            return;
        };
        tokio::task::spawn_local(async move {
            if let Ok(status) = child.wait().await {
                let _ = tell.send(Event::Ended(Ended { pid, status }));
            }
        });
    }

    pub(super) fn send(&self, signal: Signal) {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // It may have ended just now.
            let _ = kill_process(pid, signal);
        }
    }
}

/// Its socket is served once all ports listen.
fn answers(socket: &Path) -> bool {
    UnixStream::connect(socket).is_ok()
}
