//! The sockets the runtime API listens on.

use crate::listener;
use crate::load::os_text;
use crate::logger::Logger;
use crate::plan::{BindAddress, Level, StatsSocket};
use crate::process::Process;
use crate::runtime_api;
use crate::worker::ACCEPT_PAUSE;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::{TcpListener, UnixListener};
use tokio::task::AbortHandle;

/// Who may connect when the file does not say: the owner alone.
const OWNER_ONLY: u32 = 0o600;

/// An open socket, serving. Dropping it ends the listening, not the connections.
#[derive(Debug)]
pub struct Open {
    pub configured: StatsSocket,
    task: AbortHandle,
    path: Option<PathBuf>,
}

/// Why a stats socket cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("cannot bind UNIX socket ({}) [{}]", os_text(source), path.display())]
    Unix {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("cannot bind socket ({}) for [{address}]", os_text(source))]
    Inet {
        address: SocketAddr,
        #[source]
        source: io::Error,
    },
    #[error(transparent)]
    Address(#[from] listener::ListenError),
    #[error("no such {kind}: `{name}`")]
    NoSuch { kind: &'static str, name: String },
}

/// A socket that is bound but does not serve yet: the last thing that may fail.
#[derive(Debug)]
pub struct Bound {
    configured: StatsSocket,
    listener: Listener,
}

#[derive(Debug)]
enum Listener {
    Unix(std::os::unix::net::UnixListener, PathBuf),
    Inet(std::net::TcpListener),
}

/// Binds a socket. A file left by a former process is replaced in one step, so that there is always one to
/// connect to.
///
/// # Errors
///
/// [`OpenError`] with the system's reason.
pub fn bind(configured: &StatsSocket) -> Result<Bound, OpenError> {
    let listener = match &configured.address {
        BindAddress::Unix(path) => {
            let path = PathBuf::from(path);
            let bound = bind_unix(&path, configured)?;
            Listener::Unix(bound, path)
        }
        address @ BindAddress::Inet { .. } => {
            let address = listener::socket_address(address)?;
            let bound = std::net::TcpListener::bind(address)
                .and_then(|l| l.set_nonblocking(true).map(|()| l))
                .map_err(|source| OpenError::Inet { address, source })?;
            Listener::Inet(bound)
        }
        _ => return Err(listener::ListenError::Unsupported.into()),
    };
    Ok(Bound {
        configured: configured.clone(),
        listener,
    })
}

fn bind_unix(
    path: &Path,
    configured: &StatsSocket,
) -> Result<std::os::unix::net::UnixListener, OpenError> {
    let fail = |source| OpenError::Unix {
        path: path.to_path_buf(),
        source,
    };
    let temporary = temporary(path);
    let _ = std::fs::remove_file(&temporary);
    // Nobody else may connect between `bind` and `chmod`.
    let former = rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o177));
    let bound = std::os::unix::net::UnixListener::bind(&temporary);
    rustix::process::umask(former);
    let listener = bound.map_err(fail)?;
    let mode = configured.mode.unwrap_or(OWNER_ONLY);
    set_owner(&temporary, configured, fail)?;
    std::fs::set_permissions(&temporary, std::fs::Permissions::from_mode(mode)).map_err(fail)?;
    std::fs::rename(&temporary, path).map_err(fail)?;
    listener.set_nonblocking(true).map_err(fail)?;
    Ok(listener)
}

/// As HAProxy names it: beside the final one.
fn temporary(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(format!(".{}.tmp", std::process::id()));
    name.into()
}

fn set_owner(
    path: &Path,
    configured: &StatsSocket,
    fail: impl Fn(io::Error) -> OpenError,
) -> Result<(), OpenError> {
    let user = configured
        .user
        .as_deref()
        .map(|name| id_of("user", name, "/etc/passwd"))
        .transpose()?;
    let group = configured
        .group
        .as_deref()
        .map(|name| id_of("group", name, "/etc/group"))
        .transpose()?;
    if user.is_none() && group.is_none() {
        return Ok(());
    }
    std::os::unix::fs::chown(path, user, group).map_err(fail)
}

/// The number of a user or group: given as such, or looked up in the system's file.
fn id_of(kind: &'static str, name: &str, file: &str) -> Result<u32, OpenError> {
    if let Ok(number) = name.parse() {
        return Ok(number);
    }
    let entries = std::fs::read_to_string(file).unwrap_or_default();
    let id = entries.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(name))
            .then(|| fields.nth(1)?.parse().ok())
            .flatten()
    });
    id.ok_or_else(|| OpenError::NoSuch {
        kind,
        name: name.to_string(),
    })
}

impl Bound {
    /// Serves connections from now on, on the current thread.
    ///
    /// # Errors
    ///
    /// The runtime does not take the socket.
    pub fn serve(self, process: &Arc<Process>, logger: &Arc<Logger>) -> io::Result<Open> {
        let (process, logger) = (Arc::clone(process), Arc::clone(logger));
        let level = self.configured.level;
        let (task, path) = match self.listener {
            Listener::Unix(listener, path) => {
                let listener = UnixListener::from_std(listener)?;
                let task = tokio::task::spawn_local(async move {
                    loop {
                        match listener.accept().await {
                            Ok((stream, _)) => serve_one(stream, level, &process, &logger),
                            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
                        }
                    }
                });
                (task, Some(path))
            }
            Listener::Inet(listener) => {
                let listener = TcpListener::from_std(listener)?;
                let task = tokio::task::spawn_local(async move {
                    loop {
                        match listener.accept().await {
                            Ok((stream, _)) => serve_one(stream, level, &process, &logger),
                            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
                        }
                    }
                });
                (task, None)
            }
        };
        Ok(Open {
            configured: self.configured,
            task: task.abort_handle(),
            path,
        })
    }
}

fn serve_one<S>(stream: S, level: Level, process: &Arc<Process>, logger: &Arc<Logger>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + 'static,
{
    let (process, logger) = (Arc::clone(process), Arc::clone(logger));
    tokio::task::spawn_local(runtime_api::serve_connection(
        stream, level, process, logger,
    ));
}

impl Open {
    /// Closes the socket, and removes its file when that is its own still.
    pub fn close(self, remove: bool) {
        if let Some(path) = self.path.as_ref().filter(|_| remove) {
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.task.abort();
    }
}
