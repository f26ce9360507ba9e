//! One try over TCP (RFC 7766): two bytes of length, then the message.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::{TryFailed, words};

/// Sends `query` and returns the first message that `accept` takes.
pub(super) fn attempt<T>(
    server: SocketAddr,
    query: &[u8],
    timeout: Duration,
    mut accept: impl FnMut(&[u8]) -> Option<T>,
) -> Result<T, TryFailed> {
    let end = Instant::now() + timeout;
    let mut stream = TcpStream::connect_timeout(&server, timeout).map_err(not_connected)?;
    let failed = |error: io::Error| TryFailed::Communication(words(&error));
    stream.write_all(&framed(query)).map_err(failed)?;
    loop {
        let mut length = [0; 2];
        read_exact(&mut stream, &mut length, end).map_err(failed)?;
        let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
        read_exact(&mut stream, &mut message, end).map_err(failed)?;
        if let Some(accepted) = accept(&message) {
            return Ok(accepted);
        }
    }
}

fn not_connected(error: io::Error) -> TryFailed {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            TryFailed::Communication(words(&error))
        }
        _ => TryFailed::Connect(words(&error)),
    }
}

fn framed(query: &[u8]) -> Vec<u8> {
    let length = u16::try_from(query.len()).expect("a query is far below 64 KiB");
    [&length.to_be_bytes(), query].concat()
}

fn read_exact(stream: &mut TcpStream, mut buffer: &mut [u8], end: Instant) -> io::Result<()> {
    while !buffer.is_empty() {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(buffer) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(size) => buffer = &mut buffer[size..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
