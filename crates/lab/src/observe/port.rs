//! Ports: free or taken, and who holds them.

use jiff::Timestamp;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// Why a port cannot be used.
#[derive(Debug)]
pub(crate) enum Taken {
    InUse,
    /// Below 1024, and not for this user.
    Privileged,
    Other(io::Error),
}

/// Who listens on a port, as far as it can be seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Holder {
    /// `None`: a program of another user.
    pub(crate) pid: Option<u32>,
    /// `` `python3 app.py 8081` ``, or "a program of another user (alice)".
    pub(crate) command: String,
    pub(crate) since: Option<Timestamp>,
    pub(crate) terminal: Option<String>,
    /// ` (pid 4312, since 12:02, terminal pts/3)`, or nothing.
    pub(crate) details: String,
}

/// Who listens on this port; `None` when nobody does.
pub(crate) fn holder(address: SocketAddr) -> Option<Holder> {
    match procs::port_owner(address) {
        Some(owner) => Some(Holder {
            command: owner.name(),
            details: owner.details(),
            pid: owner.process.as_ref().map(|process| process.pid),
            since: owner
                .process
                .as_ref()
                .and_then(|process| Timestamp::try_from(process.since).ok()),
            terminal: owner.process.and_then(|process| process.terminal),
        }),
        None => is_open(address).then(|| Holder {
            command: "another program".to_owned(),
            ..Holder::default()
        }),
    }
}

/// Tries whether a listener could be opened here.
///
/// # Errors
/// What stands in the way.
pub(crate) fn test(address: SocketAddr) -> Result<(), Taken> {
    match TcpListener::bind(address) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(Taken::InUse),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(Taken::Privileged),
        Err(error) => Err(Taken::Other(error)),
    }
}

/// Somebody accepts connections here.
pub(crate) fn is_open(address: SocketAddr) -> bool {
    const PATIENCE: Duration = Duration::from_millis(200);
    TcpStream::connect_timeout(&address, PATIENCE).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_takes_its_port_and_the_wildcard_of_it() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let wildcard = SocketAddr::from(([0, 0, 0, 0], address.port()));
        assert!(matches!(test(address), Err(Taken::InUse)));
        assert!(matches!(test(wildcard), Err(Taken::InUse)));
        assert!(is_open(address));
        drop(listener);
        assert!(test(address).is_ok());
        assert!(!is_open(address));
    }
}
