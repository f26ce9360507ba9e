//! HTTP/2 to servers: a connection that carries many requests at the same time.

mod head;
mod reader;
mod writer;

pub(super) use reader::AnswerReader;
pub(super) use writer::RequestWriter;

use super::{MAX_HELD, StreamReader, StreamWriter, Terms};
use crate::wire::{Joined, Markings, Reader, Stream, Writer};
use bytes::Bytes;
use h2::client::{self, Builder, SendRequest};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;
use writer::Request;

/// How long a server may take to hear that its connection is of no more use.
const LAST_WORD: Duration = Duration::from_secs(1);

/// Largest window of a connection (RFC 9113, section 6.9.1).
const MAX_WINDOW: u32 = (1 << 31) - 1;

/// A connection to a server. Whoever has a clone can ask on it; when the last one is gone, it is closed.
#[derive(Clone, Debug)]
pub struct Connection(Rc<Shared>);

#[derive(Debug)]
struct Shared {
    sender: SendRequest<Bytes>,
    /// Most requests at the same time, as far as we go.
    most: usize,
    /// Most requests from its beginning to its end.
    most_ever: Option<u64>,
    at_work: Cell<usize>,
    ever: Cell<u64>,
    over: Rc<Cell<bool>>,
    address: Option<SocketAddr>,
    /// Dropped with the last clone.
    _in_use: oneshot::Sender<()>,
}

impl Connection {
    /// Begins to speak HTTP/2 on a connection, up to the server's first word. `max_reuse`: how often it may be used again.
    /// `counted` is kept until the connection is closed.
    ///
    /// # Errors
    ///
    /// The server closed, or what it speaks is something else.
    pub async fn begin(
        stream: Stream,
        terms: Terms,
        max_reuse: Option<u32>,
        counted: impl Sized + 'static,
    ) -> io::Result<Self> {
        let address = stream.local_address();
        let stream = Joined::new(&[], stream, Markings::default());
        let begun = builder(terms).handshake::<_, Bytes>(stream).await;
        let (sender, mut connection) = begun.map_err(io::Error::other)?;
        poll_fn(|cx| poll_first_word(&mut connection, cx)).await?;
        let over = Rc::new(Cell::new(false));
        let (in_use, unused) = oneshot::channel();
        tokio::task::spawn_local(carry(connection, unused, Rc::clone(&over), counted));
        Ok(Self(Rc::new(Shared {
            sender,
            most: terms.http2.max_streams as usize,
            most_ever: max_reuse.map(|again| u64::from(again) + 1),
            at_work: Cell::new(0),
            ever: Cell::new(0),
            over,
            address,
            _in_use: in_use,
        })))
    }

    /// The face of a connection of HTTP/1 that carries one request. [`Connection::closed`] is to be called once it is gone.
    pub fn open(&self) -> Stream {
        let shared = &self.0;
        shared.at_work.set(shared.at_work.get() + 1);
        shared.ever.set(shared.ever.get() + 1);
        let request = Rc::new(RefCell::new(Request::new(shared.sender.clone())));
        let reader = AnswerReader::new(Rc::clone(&request), shared.address);
        let writer = RequestWriter::new(request);
        Stream {
            reader: Reader::Http2(Box::new(StreamReader::OfServer(reader))),
            writer: Writer::Http2(StreamWriter::ToServer(writer)),
        }
    }

    /// A request is gone, answered or not.
    pub fn closed(&self) {
        let at_work = &self.0.at_work;
        at_work.set(at_work.get().saturating_sub(1));
    }

    /// Nobody asks on it now.
    pub fn is_idle(&self) -> bool {
        self.0.at_work.get() == 0
    }

    /// Nobody asks on it but one.
    pub fn is_alone(&self) -> bool {
        self.0.at_work.get() == 1
    }

    /// It can take one more request: the server has not left, and does not forbid it.
    pub fn has_room(&self) -> bool {
        let shared = &self.0;
        let most = shared.most.min(shared.sender.current_max_send_streams());
        let used_up = shared
            .most_ever
            .is_some_and(|most| shared.ever.get() >= most);
        shared.at_work.get() < most && !used_up && self.is_open()
    }

    /// The server has neither closed it nor said that it takes no more requests.
    pub fn is_open(&self) -> bool {
        let mut cx = Context::from_waker(Waker::noop());
        let ready = self.0.sender.clone().poll_ready(&mut cx);
        !self.0.over.get() && !matches!(ready, Poll::Ready(Err(_)))
    }

    /// They are one.
    pub fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

fn builder(terms: Terms) -> Builder {
    let settings = terms.http2;
    let mut builder = Builder::new();
    // A client that does not take its answer shall not hold up those of others.
    let window = u64::from(settings.initial_window) * u64::from(settings.max_streams);
    let window = u32::try_from(window).unwrap_or(MAX_WINDOW).min(MAX_WINDOW);
    builder
        .initial_window_size(settings.initial_window)
        .initial_connection_window_size(window.max(settings.initial_window))
        .max_concurrent_streams(settings.max_streams)
        .header_table_size(settings.header_table)
        .max_frame_size(settings.max_frame)
        .max_header_list_size(terms.largest_head)
        .max_send_buffer_size(MAX_HELD)
        // Nothing is asked before the server has said how much it takes.
        .initial_max_send_streams(0)
        .enable_push(false);
    builder
}

/// Ready when the settings of the server have come, without which nothing can be asked.
fn poll_first_word(
    connection: &mut client::Connection<Joined, Bytes>,
    cx: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    if let Poll::Ready(ended) = Pin::new(&mut *connection).poll(cx) {
        let error = ended.err().map(io::Error::other);
        return Poll::Ready(Err(error.unwrap_or(io::ErrorKind::UnexpectedEof.into())));
    }
    match connection.max_concurrent_send_streams() {
        0 => Poll::Pending,
        _ => Poll::Ready(Ok(())),
    }
}

/// Moves frames until the connection is closed.
async fn carry(
    mut connection: client::Connection<Joined, Bytes>,
    unused: oneshot::Receiver<()>,
    over: Rc<Cell<bool>>,
    _counted: impl Sized,
) {
    tokio::select! {
        // What ended it is told to those who wait for answers.
        _ = &mut connection => {}
        _ = unused => {
            let _ = timeout(LAST_WORD, &mut connection).await;
        }
    }
    over.set(true);
}
