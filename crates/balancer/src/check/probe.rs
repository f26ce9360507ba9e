//! One attempt: the connection of a check, and what its end means.

use super::http::{self, Verdict};
use crate::load::os_text;
use crate::plan::{Backend, Server, ServerAddress};
use lb_core::check::{CheckResult, CheckStatus};
use socket2::SockRef;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream, UnixStream};
use tokio::time::{Instant, timeout_at};

/// The longest head of an answer: HAProxy's buffer.
const HEAD_MAX: usize = 16 * 1024;

/// How one server is examined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Probe {
    pub(super) target: Target,
    /// Until the connection stands.
    pub(super) connect: Duration,
    /// For the answer, from the connection on; `None`: the whole check has the time of the connection.
    pub(super) answer: Option<Duration>,
    /// What to ask; `None`: the connection is enough.
    pub(super) request: Option<Vec<u8>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Inet(SocketAddr),
    Unix(String),
}

/// What a check found: without the time it took.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    status: CheckStatus,
    code: Option<u16>,
    info: String,
}

impl Probe {
    /// `None`: the server is not checked.
    pub(super) fn new(backend: &Backend, server: &Server) -> Option<Self> {
        let check = server.check.as_ref()?;
        let target = match &server.address {
            ServerAddress::Unix(path) => Target::Unix(path.clone()),
            ServerAddress::Inet { .. } => Target::Inet(server.check_address()?),
        };
        let timeouts = &backend.timeouts;
        let answer = timeouts.check;
        // The manual on "timeout check": only then does "timeout connect" bound the connection.
        let connect = timeouts.connect.filter(|_| answer.is_some());
        Some(Self {
            target,
            connect: connect.map_or(check.inter, |connect| connect.min(check.inter)),
            answer,
            request: backend.httpchk.as_ref().map(http::request),
        })
    }

    /// Looks once.
    pub(super) async fn run(&self) -> CheckResult {
        let begin = Instant::now();
        let finding = self.find(begin).await;
        CheckResult {
            status: finding.status,
            code: finding.code,
            info: finding.info,
            duration: begin.elapsed(),
        }
    }

    async fn find(&self, begin: Instant) -> Finding {
        let deadline = begin + self.connect;
        match &self.target {
            Target::Inet(address) => match timeout_at(deadline, connect(*address)).await {
                Ok(Ok(stream)) => self.ask(stream, deadline).await,
                Ok(Err(error)) => connect_failed(&error),
                Err(_) => CheckStatus::L4Timeout.into(),
            },
            Target::Unix(path) => match timeout_at(deadline, UnixStream::connect(path)).await {
                Ok(Ok(stream)) => self.ask(stream, deadline).await,
                Ok(Err(error)) => general_error(CheckStatus::SocketError, &error),
                Err(_) => CheckStatus::L4Timeout.into(),
            },
        }
    }

    async fn ask(&self, stream: impl AsyncRead + AsyncWrite + Unpin, deadline: Instant) -> Finding {
        let Some(request) = &self.request else {
            return CheckStatus::L4Ok.into();
        };
        let deadline = self
            .answer
            .map_or(deadline, |answer| Instant::now() + answer);
        match timeout_at(deadline, exchange(stream, request)).await {
            Ok(Ok(verdict)) => verdict.into(),
            Ok(Err(error)) => Finding {
                info: os_text(&error),
                ..CheckStatus::SocketError.into()
            },
            Err(_) => CheckStatus::L7Timeout.into(),
        }
    }
}

/// Opens a connection that the application behind it never sees unless something is sent: without quick
/// acknowledgements the kernel holds back the last packet of the handshake, and without linger the close sends a
/// reset in its place.
async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    SockRef::from(&socket).set_tcp_quickack(false)?;
    SockRef::from(&socket).set_linger(Some(Duration::ZERO))?;
    socket.connect(address).await
}

async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    request: &[u8],
) -> io::Result<Verdict> {
    stream.write_all(request).await?;
    let mut head = Vec::with_capacity(512);
    loop {
        if stream.read_buf(&mut head).await? == 0 {
            return Ok(Verdict::Invalid);
        }
        match http::judge(&head) {
            Some(verdict) => return Ok(verdict),
            None if head.len() > HEAD_MAX => return Ok(Verdict::Invalid),
            None => {}
        }
    }
}

fn connect_failed(error: &io::Error) -> Finding {
    match error.kind() {
        // The system refuses at once: nothing was sent.
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::PermissionDenied => {
            general_error(CheckStatus::L4Connection, error)
        }
        _ => Finding {
            info: os_text(error),
            ..CheckStatus::L4Connection.into()
        },
    }
}

fn general_error(status: CheckStatus, error: &io::Error) -> Finding {
    Finding {
        info: format!("General socket error ({})", os_text(error)),
        ..status.into()
    }
}

impl From<CheckStatus> for Finding {
    fn from(status: CheckStatus) -> Self {
        Self {
            status,
            code: None,
            info: String::new(),
        }
    }
}

impl From<Verdict> for Finding {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Passed(code) => Self {
                code: Some(code),
                ..CheckStatus::L7Ok.into()
            },
            Verdict::WrongStatus(code, reason) => Self {
                code: Some(code),
                info: reason,
                ..CheckStatus::L7Status.into()
            },
            Verdict::Invalid => CheckStatus::L7Response.into(),
        }
    }
}
