//! The scripted server: answers each head of a request with the next reply.

use super::http2_server::{self, Script, Speech};
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
    speech: Option<Speech>,
    next: AtomicUsize,
    /// Of each connection that said anything, in the order of their first byte.
    received: Mutex<Vec<Vec<u8>>>,
    stopped: AtomicBool,
}

/// The longest that a step waits for the other side.
const PATIENCE: Duration = Duration::from_secs(10);

impl Server {
    pub(crate) fn start(
        replies: Vec<Vec<Step>>,
        certificate: Option<String>,
        speech: Option<Speech>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            replies,
            certificate,
            speech,
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
        let speech = self.shared.speech.as_ref();
        if speech.is_some_and(|speech| speech.silent) {
            return thread::sleep(Duration::from_millis(20));
        }
        if let Some(certificate) = self.shared.certificate.clone() {
            self = self.secured(&certificate);
        }
        if let Some(speech) = self
            .shared
            .speech
            .clone()
            .filter(|_| self.stream.may_be_http2())
        {
            let Self {
                stream,
                shared,
                place,
                ..
            } = self;
            let script = Told { shared, place };
            return http2_server::serve(stream, &speech, script);
        }
        while self.read_until(b"\r\n\r\n") {
            for step in self.shared.reply() {
                if !self.take(step) {
                    return;
                }
            }
        }
    }

    fn secured(self, certificate: &str) -> Self {
        let dearer = self.shared.speech.as_ref().map(|_| "h2");
        let (stream, told) = self.stream.accept_offering(certificate, dearer.as_slice());
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
            Step::Answer(_) | Step::Refuse(_) | Step::Leave => panic!("the server speaks HTTP/1"),
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
        self.shared.keep(&mut self.place, bytes);
        self.fresh.extend_from_slice(bytes);
    }
}

impl Shared {
    /// The steps in answer to the next request.
    fn reply(&self) -> Vec<Step> {
        let number = self.next.fetch_add(1, Ordering::SeqCst);
        self.replies[number.min(self.replies.len() - 1)].clone()
    }

    /// Notes what came on the connection of this place, which gets one with its first byte.
    fn keep(&self, place: &mut Option<usize>, bytes: &[u8]) {
        let mut received = self.received.lock().unwrap();
        let place = *place.get_or_insert_with(|| {
            received.push(Vec::new());
            received.len() - 1
        });
        received[place].extend_from_slice(bytes);
    }
}

/// A connection of HTTP/2.
struct Told {
    shared: Arc<Shared>,
    place: Option<usize>,
}

impl Script for Told {
    fn reply(&mut self) -> Vec<Step> {
        self.shared.reply()
    }

    fn keep(&mut self, text: &str) {
        self.shared.keep(&mut self.place, text.as_bytes());
    }
}
