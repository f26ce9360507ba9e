//! Listening sockets that an old process hands over to a new one, over a stats socket with `expose-fd listeners`.
//!
//! The way is HAProxy's, so that either program takes over from the other: the new one says `_getsocks`, the old one
//! how many there are, and then sends them with a few bytes about each.

use super::inherited;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncReadExt, Interest};

/// What the new process says.
pub const COMMAND: &str = "_getsocks";

/// Sockets in one message at most.
const MOST: usize = 252;

/// Bytes about each socket: no namespace, no interface, and four that are nothing any more.
const ABOUT_EACH: usize = 6;

/// How long the old process may be silent.
const PATIENCE: Duration = Duration::from_secs(1);

/// What an old process has handed over and nobody has taken yet. Dropping it closes this process's copies.
#[derive(Debug, Default)]
pub struct Handed(Vec<(SocketAddr, TcpListener)>);

/// Why there is nothing.
#[derive(Debug, thiserror::Error)]
pub enum HandedError {
    #[error("Failed to connect to the old process socket '{0}'")]
    Unreachable(String),
    #[error("Failed to get the number of sockets to be transferred !")]
    Refused,
    #[error("We didn't get the expected number of sockets (expecting {expected} got {got})")]
    Missing { expected: usize, got: usize },
}

impl Handed {
    /// Asks an old process for all that it listens on.
    ///
    /// # Errors
    ///
    /// [`HandedError`], in HAProxy's words.
    pub fn fetch(path: &Path) -> Result<Self, HandedError> {
        let unreachable = |_| HandedError::Unreachable(path.display().to_string());
        let mut stream = UnixStream::connect(path).map_err(unreachable)?;
        let expected = ask(&mut stream).unwrap_or(0);
        if expected == 0 {
            return Err(HandedError::Refused);
        }
        let mut got = Vec::new();
        while got.len() < expected {
            let before = got.len();
            let received = receive(&mut stream, &mut got);
            if received.is_err() || got.len() == before {
                let got = got.len();
                return Err(HandedError::Missing { expected, got });
            }
        }
        Ok(Self(got.into_iter().filter_map(listener).collect()))
    }

    /// Those that listen on an address.
    pub fn take(&mut self, address: SocketAddr) -> Vec<TcpListener> {
        let taken = self.0.extract_if(.., |(own, _)| *own == address);
        taken.map(|(_, listener)| listener).collect()
    }
}

/// How many sockets there are.
fn ask(stream: &mut UnixStream) -> io::Result<usize> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(format!("{COMMAND}\n").as_bytes())?;
    let mut count = [0; 4];
    stream.read_exact(&mut count)?;
    usize::try_from(i32::from_ne_bytes(count)).map_err(io::Error::other)
}

/// Takes one message, and says how many sockets have come by now.
fn receive(stream: &mut UnixStream, got: &mut Vec<OwnedFd>) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    // An old process may tell of namespaces and interfaces, too.
    let mut about = vec![0; MOST * 512];
    let mut slices = [IoSliceMut::new(&mut about)];
    recvmsg(&*stream, &mut slices, &mut control, RecvFlags::CMSG_CLOEXEC)?;
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(sockets) = message {
            got.extend(sockets);
        }
    }
    let count = i32::try_from(got.len()).map_err(io::Error::other)?;
    // Who has sent all it has does not wait for that.
    let _ = stream.write_all(&count.to_ne_bytes());
    Ok(())
}

/// A socket that listens for TCP, with its address; socket files are bound anew.
fn listener(socket: OwnedFd) -> Option<(SocketAddr, TcpListener)> {
    let socket = socket2::Socket::from(socket);
    let address = socket.local_addr().ok()?.as_socket()?;
    socket.set_nonblocking(true).ok()?;
    Some((address, socket.into()))
}

/// Hands all sockets with these numbers over.
///
/// # Errors
///
/// The other end has gone, or a number is none of this process.
pub async fn hand_over(stream: &mut tokio::net::UnixStream, numbers: &[i32]) -> io::Result<()> {
    let sockets: io::Result<Vec<OwnedFd>> = numbers.iter().map(|&it| inherited::copy(it)).collect();
    let sockets = sockets?;
    let count = i32::try_from(sockets.len()).map_err(io::Error::other)?;
    send(stream, &count.to_ne_bytes(), &[]).await?;
    for some in sockets.chunks(MOST) {
        let some: Vec<_> = some.iter().map(AsFd::as_fd).collect();
        send(stream, &vec![0; some.len() * ABOUT_EACH], &some).await?;
        if some.len() == MOST {
            // It says that it is ready for more.
            stream.read_i32().await?;
        }
    }
    Ok(())
}

async fn send(
    stream: &tokio::net::UnixStream,
    bytes: &[u8],
    sockets: &[BorrowedFd<'_>],
) -> io::Result<()> {
    let send = || {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        if !sockets.is_empty() && !control.push(SendAncillaryMessage::ScmRights(sockets)) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let slices = [IoSlice::new(bytes)];
        Ok(sendmsg(stream, &slices, &mut control, SendFlags::NOSIGNAL)?)
    };
    let sent = stream.async_io(Interest::WRITABLE, send).await?;
    match sent == bytes.len() {
        true => Ok(()),
        false => Err(io::ErrorKind::WriteZero.into()),
    }
}
