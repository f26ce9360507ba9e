//! A connection of a check: what is sent and received on it is HTTP/1, whatever is spoken.

use crate::http2::{Connection, Terms};
use crate::wire::{self, Joined, Markings};
use std::io;
use tokio::io::{AsyncRead, AsyncWrite};

/// A connection that what a check sends goes over.
pub(super) struct Opened {
    pub(super) stream: Box<dyn Stream>,
    /// Where it is one request of HTTP/2: its connection.
    pub(super) http2: Option<Connection>,
}

/// What can be written to and read from.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

impl Opened {
    pub(super) fn plain(stream: impl Stream + 'static) -> Self {
        Self {
            stream: Box::new(stream),
            http2: None,
        }
    }

    /// Begins to speak HTTP/2, as which HTTP/1 goes on from here.
    pub(super) async fn http2(stream: wire::Stream) -> io::Result<Self> {
        let connection = Connection::begin(stream, Terms::default(), None, ()).await?;
        let stream = Joined::new(&[], connection.open(), Markings::default());
        Ok(Self {
            stream: Box::new(stream),
            http2: Some(connection),
        })
    }
}
