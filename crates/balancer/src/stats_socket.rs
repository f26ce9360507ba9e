//! The sockets the runtime API listens on.

use crate::listener::{self, Socket};
use crate::logger::Logger;
use crate::plan::{BindAddress, SocketRights, StatsSocket};
use crate::process::Process;
use crate::runtime_api::{self, Arrival, Channel};
use crate::streams::{self, Origin};
use crate::unix_socket;
use crate::worker::ACCEPT_PAUSE;
use std::io;
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;
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
    #[error(transparent)]
    Unix(#[from] unix_socket::BindError),
    #[error(transparent)]
    Address(#[from] listener::ListenError),
}

/// A socket that is bound but does not serve yet: the last thing that may fail.
#[derive(Debug)]
pub struct Bound {
    configured: StatsSocket,
    /// Of its line, from 1.
    number: u32,
    listener: Listener,
}

#[derive(Debug)]
enum Listener {
    Unix(std::os::unix::net::UnixListener, Option<PathBuf>),
    Inet(std::net::TcpListener),
}

/// Binds a socket, of the line with this number. A file left by a former process is replaced in one step, so that there is always one to
/// connect to.
///
/// # Errors
///
/// [`OpenError`] with the system's reason.
pub fn bind(configured: &StatsSocket, number: u32) -> Result<Bound, OpenError> {
    let listener = match &configured.address {
        BindAddress::Unix(path) => {
            let path = PathBuf::from(path);
            let rights = SocketRights {
                mode: configured.mode.or(Some(OWNER_ONLY)),
                user: configured.user.clone(),
                group: configured.group.clone(),
                ..SocketRights::default()
            };
            let bound = unix_socket::bind(&path, &rights)?;
            Listener::Unix(bound, Some(path))
        }
        address => {
            let place = listener::place(address)?;
            match listener::open_one(&place, &SocketRights::default())? {
                Socket::Tcp(listener) => Listener::Inet(listener),
                Socket::Unix(listener) => Listener::Unix(listener, None),
            }
        }
    };
    Ok(Bound {
        configured: configured.clone(),
        number,
        listener,
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
        let configured = self.configured.clone();
        let number = self.number;
        let (task, path) = match self.listener {
            Listener::Unix(listener, path) => {
                let listener = UnixListener::from_std(listener)?;
                let accept = async move || {
                    let (stream, _) = listener.accept().await?;
                    let origin = origin(number, stream.as_raw_fd(), None);
                    Ok((stream, origin))
                };
                let serving = serve_all(accept, configured, process, logger);
                (tokio::task::spawn_local(serving), path)
            }
            Listener::Inet(listener) => {
                let listener = TcpListener::from_std(listener)?;
                let accept = async move || {
                    let (stream, client) = listener.accept().await?;
                    let ends = [client, stream.local_addr()?];
                    let origin = origin(number, stream.as_raw_fd(), Some(ends));
                    Ok((stream, origin))
                };
                let serving = serve_all(accept, configured, process, logger);
                (tokio::task::spawn_local(serving), None)
            }
        };
        Ok(Open {
            configured: self.configured,
            task: task.abort_handle(),
            path,
        })
    }
}

fn origin(number: u32, socket: i32, ends: Option<[SocketAddr; 2]>) -> Origin {
    Origin {
        listener: streams::Listener::RuntimeApi(number),
        ends,
        socket,
        http2: false,
        tls: false,
        accepted: SystemTime::now(),
    }
}

async fn serve_all<S>(
    accept: impl AsyncFn() -> io::Result<(S, Origin)>,
    configured: StatsSocket,
    process: Arc<Process>,
    logger: Arc<Logger>,
) where
    S: Channel + 'static,
{
    loop {
        match accept().await {
            Ok((stream, origin)) => {
                let (process, logger) = (Arc::clone(&process), Arc::clone(&logger));
                let arrival = Arrival {
                    origin,
                    level: configured.level,
                    exposes_listeners: configured.exposes_listeners,
                };
                let serving = runtime_api::serve_connection(stream, arrival, process, logger);
                tokio::task::spawn_local(serving);
            }
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
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
