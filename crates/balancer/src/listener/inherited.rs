//! Sockets that whoever started the process has opened: `fd@3`.

use super::Socket;
use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
use std::io;
use std::os::fd::OwnedFd;

/// The listener with this number. The number itself stays as it is: a reload finds it again.
///
/// # Errors
///
/// There is no such descriptor, or it is no stream socket.
pub(super) fn listener(number: i32) -> io::Result<Socket> {
    let socket = socket2::Socket::from(copy(number)?);
    let is_unix = socket.local_addr()?.is_unix();
    socket.set_nonblocking(true)?;
    Ok(match is_unix {
        true => Socket::Unix(socket.into()),
        false => Socket::Tcp(socket.into()),
    })
}

/// Another descriptor of what a number stands for. A process may always take a copy of a descriptor of its own; nobody
/// else vouches for a bare number.
///
/// # Errors
///
/// There is no such descriptor.
pub(super) fn copy(number: i32) -> io::Result<OwnedFd> {
    let own = pidfd_open(getpid(), PidfdFlags::empty())?;
    Ok(pidfd_getfd(own, number, PidfdGetfdFlags::empty())?)
}
