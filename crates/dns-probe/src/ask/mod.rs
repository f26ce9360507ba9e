//! Sending a question and waiting for the answer: sockets, time limits, tries, and the way from UDP to TCP.

pub(crate) mod exchange;
pub(crate) use exchange::{Asked, Outcome, ask};

pub(crate) mod note;
pub(crate) mod query;
pub(crate) mod random;
pub(crate) mod system;
pub(crate) mod target;
mod tcp;
mod udp;

use std::io;

/// Why one try brought no answer, in dig's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TryFailed {
    /// Nothing came back, or an error did.
    Communication(String),
    /// No TCP connection.
    Connect(String),
}

/// An error of a socket in dig's words.
fn words(error: &io::Error) -> String {
    use io::ErrorKind;
    let words = match error.kind() {
        ErrorKind::ConnectionRefused => "connection refused",
        ErrorKind::TimedOut | ErrorKind::WouldBlock => "timed out",
        ErrorKind::UnexpectedEof => "end of file",
        ErrorKind::ConnectionReset => "connection reset",
        ErrorKind::NetworkUnreachable => "network unreachable",
        ErrorKind::HostUnreachable => "host unreachable",
        ErrorKind::PermissionDenied => "permission denied",
        ErrorKind::AddrNotAvailable => "address not available",
        _ => return error.to_string().to_lowercase(),
    };
    words.to_owned()
}
