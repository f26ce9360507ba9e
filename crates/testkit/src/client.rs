use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socket2::SockRef;

use crate::SOON;
use crate::http1::{self, Kind, Progress};

/// A TCP connection that sends and receives bytes as they are, each wait under a deadline.
pub struct Client {
    stream: TcpStream,
    /// Received and not yet taken.
    buffer: Vec<u8>,
    deadline: Duration,
    /// Whether the request last sent was a HEAD: its answer has no body.
    head: bool,
}

/// One HTTP answer, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status; 0 when the first line has none.
    pub status: u16,
    /// The first line and the header fields, with the empty line.
    pub head: Vec<u8>,
    /// The body as it came, chunk sizes among it.
    pub raw_body: Vec<u8>,
}

/// `GET path` on a connection of its own.
#[track_caller]
pub fn get(address: SocketAddr, path: &str) -> Response {
    let mut client = Client::connect(address);
    client.send(format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    ));
    client.response()
}

impl Client {
    /// Connects.
    #[track_caller]
    pub fn connect(address: SocketAddr) -> Self {
        Self::try_connect(address).unwrap_or_else(|e| panic!("cannot connect to {address}: {e}"))
    }

    /// Connects, or tells why not.
    pub fn try_connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, SOON)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::new(),
            deadline: SOON,
            head: false,
        })
    }

    /// The longest that each wait from here on may take.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The address of this end.
    pub fn local_address(&self) -> SocketAddr {
        self.stream
            .local_addr()
            .expect("a connected socket has an address")
    }

    /// Sends bytes as they are.
    #[track_caller]
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes)
            .unwrap_or_else(|e| panic!("cannot send: {e}"));
    }

    /// Sends bytes as they are, or tells why not.
    pub fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.head = bytes.as_ref().starts_with(b"HEAD ");
        self.stream.set_write_timeout(Some(self.deadline))?;
        self.stream.write_all(bytes.as_ref())
    }

    /// Reads one whole HTTP answer; what comes after it is kept for the next.
    #[track_caller]
    pub fn response(&mut self) -> Response {
        let kind = Kind::Response { to_head: self.head };
        let start = Instant::now();
        loop {
            match http1::progress(&self.buffer, kind) {
                Progress::Whole(length) => return self.take(length),
                Progress::Partial => assert!(
                    self.receive(start) != 0,
                    "the connection was closed within an answer: {:?}",
                    String::from_utf8_lossy(&self.buffer)
                ),
                Progress::UntilClose => {
                    if self.receive(start) == 0 {
                        return self.take(self.buffer.len());
                    }
                }
            }
        }
    }

    /// Reads until what was received and not yet taken contains `needle`, and takes all up to its end.
    #[track_caller]
    pub fn read_until(&mut self, needle: impl AsRef<[u8]>) -> Vec<u8> {
        let needle = needle.as_ref();
        let start = Instant::now();
        loop {
            if let Some(at) = http1::find(&self.buffer, needle) {
                return self.buffer.drain(..at + needle.len()).collect();
            }
            assert!(
                self.receive(start) != 0,
                "the connection was closed before {:?} came: {:?}",
                String::from_utf8_lossy(needle),
                String::from_utf8_lossy(&self.buffer)
            );
        }
    }

    /// Reads all until the other end closes. A reset counts as a close.
    #[track_caller]
    pub fn read_to_close(&mut self) -> Vec<u8> {
        let start = Instant::now();
        while self.receive(start) != 0 {}
        std::mem::take(&mut self.buffer)
    }

    /// Says that nothing more will be sent; answers can still be read.
    pub fn finish_sending(&mut self) {
        // An error means that the other end has gone, which the next read tells better.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Ends the connection with a reset instead of a close.
    pub fn reset(self) {
        let linger = SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
        linger.expect("a socket takes a linger time");
    }

    /// Reads some more, up to the deadline that began at `start`; 0 at the end of the connection.
    #[track_caller]
    fn receive(&mut self, start: Instant) -> usize {
        let mut chunk = [0; 64 * 1024];
        let left = self.deadline.saturating_sub(start.elapsed());
        let timeout = left.max(Duration::from_millis(1));
        self.stream
            .set_read_timeout(Some(timeout))
            .expect("a socket takes a timeout");
        match self.stream.read(&mut chunk) {
            Ok(length) => {
                self.buffer.extend_from_slice(&chunk[..length]);
                length
            }
            Err(e) if e.kind() == io::ErrorKind::ConnectionReset => 0,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => self.receive(start),
            Err(e) => panic!(
                "nothing came within {:?} ({e}); so far: {:?}",
                self.deadline,
                String::from_utf8_lossy(&self.buffer)
            ),
        }
    }

    fn take(&mut self, length: usize) -> Response {
        let mut head: Vec<u8> = self.buffer.drain(..length).collect();
        let head_end = http1::find(&head, b"\r\n\r\n").map_or(head.len(), |at| at + 4);
        let raw_body = head.split_off(head_end);
        Response {
            status: http1::status(&head),
            head,
            raw_body,
        }
    }
}

impl Response {
    /// The head as text.
    pub fn head(&self) -> String {
        String::from_utf8_lossy(&self.head).into_owned()
    }

    /// The first value of a header field.
    pub fn header(&self, name: &str) -> Option<String> {
        http1::header(&self.head, name)
    }

    /// The body without chunk sizes.
    pub fn body(&self) -> Vec<u8> {
        match self.header("transfer-encoding") {
            Some(value) if value.ends_with("chunked") => http1::dechunk(&self.raw_body),
            _ => self.raw_body.clone(),
        }
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body()).into_owned()
    }
}
