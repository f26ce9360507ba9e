//! The scripted server: answers each head of a request with the next reply.

use super::scenario::Step;
use super::secure::Wire;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    replies: Vec<Vec<Step>>,
    certificate: Option<String>,
    next: AtomicUsize,
    /// Of each connection that said anything, in the order of their first byte.
    received: Mutex<Vec<Vec<u8>>>,
    stopped: AtomicBool,
}

/// The longest that a step waits for the other side.
const PATIENCE: Duration = Duration::from_secs(10);

impl Server {
    pub(crate) fn start(replies: Vec<Vec<Step>>, certificate: Option<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            replies,
            certificate,
            next: AtomicUsize::new(0),
            received: Mutex::default(),
            stopped: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if accepting.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let (shared, stream) = (Arc::clone(&accepting), stream.unwrap());
                thread::spawn(move || Connection::new(stream, shared).serve());
            }
        });
        Self { address, shared }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// How many heads of requests have come.
    pub(crate) fn requests(&self) -> usize {
        self.shared.next.load(Ordering::SeqCst)
    }

    pub(crate) fn received(&self) -> Vec<Vec<u8>> {
        self.shared.received.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // One last connection ends the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

struct Connection {
    stream: Wire,
    shared: Arc<Shared>,
    /// Its place among the received, once it said something.
    place: Option<usize>,
    /// Bytes not yet looked at by a step.
    fresh: Vec<u8>,
}

impl Connection {
    fn new(stream: TcpStream, shared: Arc<Shared>) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream: Wire::Plain(stream),
            shared,
            place: None,
            fresh: Vec::new(),
        }
    }

    fn serve(mut self) {
        if let Some(certificate) = self.shared.certificate.clone() {
            self = self.secured(&certificate);
        }
        while self.read_until(b"\r\n\r\n") {
            let number = self.shared.next.fetch_add(1, Ordering::SeqCst);
            let last = self.shared.replies.len() - 1;
            let reply = self.shared.replies[number.min(last)].clone();
            for step in reply {
                if !self.take(step) {
                    return;
                }
            }
        }
    }

    fn secured(self, certificate: &str) -> Self {
        let (stream, told) = self.stream.accept(certificate);
        let mut secured = Self { stream, ..self };
        secured.keep(told.as_bytes());
        secured.fresh.clear();
        secured
    }

    /// False when the connection is of no more use.
    fn take(&mut self, step: Step) -> bool {
        match step {
            Step::Send(bytes) => self.stream.write_all(&bytes).is_ok(),
            Step::Secure(_) => panic!("a server secures all of its connections"),
            Step::Ask(_) | Step::TakeBack | Step::SeeEnd => panic!("only a client does that"),
            Step::Read(text) => self.read_until(&text),
            Step::Wait(time) => {
                thread::sleep(time);
                true
            }
            Step::Finish => self.stream.finish().is_ok(),
            Step::Close => {
                let _ = self.stream.finish();
                let _ = self.stream.socket().shutdown(Shutdown::Both);
                false
            }
            Step::Reset => {
                let linger =
                    socket2::SockRef::from(self.stream.socket()).set_linger(Some(Duration::ZERO));
                linger.unwrap();
                false
            }
        }
    }

    /// Reads up to and including a text; what follows is left for the next step.
    fn read_until(&mut self, text: &[u8]) -> bool {
        loop {
            let at = self
                .fresh
                .windows(text.len())
                .position(|window| window == text);
            if let Some(at) = at {
                self.fresh.drain(..at + text.len());
                return true;
            }
            let mut chunk = [0; 65_536];
            match self.stream.read(&mut chunk) {
                Ok(0) | Err(_) => return false,
                Ok(length) => self.keep(&chunk[..length]),
            }
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        let mut received = self.shared.received.lock().unwrap();
        let place = *self.place.get_or_insert_with(|| {
            received.push(Vec::new());
            received.len() - 1
        });
        received[place].extend_from_slice(bytes);
        self.fresh.extend_from_slice(bytes);
    }
}
