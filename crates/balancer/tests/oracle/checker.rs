//! The second scripted server: whoever checks the health of servers, or asks an agent, comes here. Each connection has
//! a turn of its own, and the first of them, one for each turn, are told.

use super::scenario::{Step, escape};
use super::secure::Wire;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Turns, and what came in each.
pub(crate) struct Checker {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    turns: Vec<Vec<Step>>,
    certificate: Option<String>,
    received: Mutex<Vec<Vec<u8>>>,
    stopped: AtomicBool,
}

/// The longest that a step waits for the other side.
const PATIENCE: Duration = Duration::from_secs(10);

impl Checker {
    pub(crate) fn start(turns: Vec<Vec<Step>>, certificate: Option<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            turns,
            certificate,
            received: Mutex::default(),
            stopped: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                if accepting.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let (shared, stream) = (Arc::clone(&accepting), stream.unwrap());
                shared.received.lock().unwrap().push(Vec::new());
                thread::spawn(move || shared.play(number, stream));
            }
        });
        Self { address, shared }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// A line for each turn that has begun.
    pub(crate) fn told(&self) -> String {
        let received = self.shared.received.lock().unwrap();
        let turns = received.iter().take(self.shared.turns.len());
        let lines = turns.map(|bytes| match escape(bytes).as_str() {
            "" => "check says nothing\n".to_owned(),
            said => format!("check {}\n", without_port(said)),
        });
        lines.collect()
    }
}

/// A PROXY header's port of the one who asks is another one each time.
fn without_port(said: &str) -> String {
    let mut words: Vec<_> = said.split(' ').collect();
    if let ["PROXY", "TCP4", _, _, port, ..] = &mut words[..] {
        *port = "PORT";
    }
    words.join(" ")
}

impl Drop for Checker {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // One last connection ends the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn play(&self, number: usize, stream: TcpStream) {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut stream = Wire::Plain(stream);
        if let Some(certificate) = &self.certificate {
            let (secured, told) = stream.accept(certificate);
            self.keep(number, told.as_bytes());
            stream = secured;
        }
        let Some(last) = self.turns.len().checked_sub(1) else {
            return;
        };
        let mut fresh = Vec::new();
        for step in &self.turns[number.min(last)] {
            let goes_on = match step {
                Step::Send(bytes) => stream.write_all(bytes).is_ok(),
                Step::Read(text) => self.read_until(number, &mut stream, &mut fresh, text),
                Step::Reset => {
                    let socket = socket2::SockRef::from(stream.socket());
                    socket.set_linger(Some(Duration::ZERO)).unwrap();
                    return;
                }
                Step::Close => {
                    let _ = stream.finish();
                    let _ = stream.socket().shutdown(Shutdown::Both);
                    return;
                }
                other => panic!("a checked server does no such thing: {other:?}"),
            };
            if !goes_on {
                return;
            }
        }
        // It stays until the other side has gone.
        while self.more(number, &mut stream, &mut fresh) {}
    }

    /// Reads up to and including a text; what follows is left for the next step.
    fn read_until(
        &self,
        number: usize,
        stream: &mut Wire,
        fresh: &mut Vec<u8>,
        text: &[u8],
    ) -> bool {
        loop {
            if let Some(at) = fresh.windows(text.len()).position(|window| window == text) {
                fresh.drain(..at + text.len());
                return true;
            }
            if !self.more(number, stream, fresh) {
                return false;
            }
        }
    }

    fn more(&self, number: usize, stream: &mut Wire, fresh: &mut Vec<u8>) -> bool {
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => false,
            Ok(length) => {
                self.keep(number, &chunk[..length]);
                fresh.extend_from_slice(&chunk[..length]);
                true
            }
        }
    }

    fn keep(&self, number: usize, bytes: &[u8]) {
        self.received.lock().unwrap()[number].extend_from_slice(bytes);
    }
}
