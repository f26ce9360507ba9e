use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::SockRef;

use crate::http1::{self, Kind, Progress};
use crate::{SOON, eventually, port};

/// A server of raw bytes: accepts, keeps what it received byte for byte, and answers each request as its script says.
///
/// The script sees each whole request and names the [`Reply`]; it runs on the connection's own thread.
pub struct Origin {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

/// One request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Which connection it came on, counted from 0.
    pub connection: usize,
    /// Which request of that connection it is, counted from 0.
    pub turn: usize,
    /// Head and body, byte for byte.
    pub bytes: Vec<u8>,
}

/// What an origin does with a request, step after step.
#[derive(Debug, Clone, Default)]
pub struct Reply(Vec<Step>);

#[derive(Debug, Clone)]
enum Step {
    Send(Vec<u8>),
    Pause(Duration),
    Hang,
    Close,
    Reset,
}

impl Reply {
    /// Sends bytes as they are and keeps the connection open.
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self::default().then_send(bytes)
    }

    /// `200 OK` with this body and its length.
    pub fn ok(body: &str) -> Self {
        Self::status("200 OK", body)
    }

    /// This status and reason, with this body and its length.
    pub fn status(status: &str, body: &str) -> Self {
        let length = body.len();
        Self::bytes(format!(
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
    }

    /// Never answers; the connection stays open until the origin or the other end goes away.
    pub fn hang() -> Self {
        Self(vec![Step::Hang])
    }

    /// Closes the connection.
    pub fn close() -> Self {
        Self::default().then_close()
    }

    /// Resets the connection.
    pub fn reset() -> Self {
        Self::default().then_reset()
    }

    /// Then sends more bytes.
    #[must_use]
    pub fn then_send(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.push(Step::Send(bytes.into()));
        self
    }

    /// Then waits.
    #[must_use]
    pub fn then_pause(mut self, time: Duration) -> Self {
        self.0.push(Step::Pause(time));
        self
    }

    /// Then sends nothing more, with the connection open.
    #[must_use]
    pub fn then_hang(mut self) -> Self {
        self.0.push(Step::Hang);
        self
    }

    /// Then closes the connection.
    #[must_use]
    pub fn then_close(mut self) -> Self {
        self.0.push(Step::Close);
        self
    }

    /// Then resets the connection.
    #[must_use]
    pub fn then_reset(mut self) -> Self {
        self.0.push(Step::Reset);
        self
    }
}

impl Asked {
    /// The request as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The method.
    pub fn method(&self) -> String {
        self.word(0)
    }

    /// The target of the request line, as sent.
    pub fn target(&self) -> String {
        self.word(1)
    }

    /// The first value of a header field.
    pub fn header(&self, name: &str) -> Option<String> {
        http1::header(&self.bytes, name)
    }

    fn word(&self, index: usize) -> String {
        let text = self.text();
        let line = text.lines().next().unwrap_or_default();
        line.split(' ').nth(index).unwrap_or_default().to_owned()
    }
}

impl Origin {
    /// Listens on a free loopback port and answers every request as `script` says.
    pub fn start(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::listen((Ipv4Addr::LOCALHOST, 0).into(), script)
    }

    /// An origin that answers every request with the same `200 OK`.
    pub fn saying(body: &str) -> Self {
        let reply = Reply::ok(body);
        Self::start(move |_| reply.clone())
    }

    /// Listens on this address, for tests that stop a server and start it again in the same place.
    pub fn listen(
        address: SocketAddr,
        script: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = port::listen(address);
        let address = listener.local_addr().expect("a listener has an address");
        let shared = Arc::new(Shared::new(Box::new(script)));
        let acceptor = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept_all(&listener, &shared)
        });
        Self {
            address,
            shared,
            acceptor: Some(acceptor),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The port on which it listens.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Every whole request so far, in the order in which they became whole.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.log().asked.clone()
    }

    /// All bytes of each connection so far, whole requests or not, by the order of their accept.
    pub fn received(&self) -> Vec<Vec<u8>> {
        self.shared.log().received.clone()
    }

    /// How many connections were accepted so far.
    pub fn connections(&self) -> usize {
        self.shared.log().received.len()
    }

    /// How many connections are open now.
    pub fn open_connections(&self) -> usize {
        self.shared.log().open.len()
    }

    /// Waits until `count` whole requests have come and returns all that came.
    #[track_caller]
    pub fn wait_for_requests(&self, count: usize) -> Vec<Asked> {
        eventually(&format!("{count} requests at the origin"), SOON, || {
            self.asked().len() >= count
        });
        self.asked()
    }
}

impl Drop for Origin {
    /// Stops listening and closes what is open.
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // `accept` has no deadline: one last connection wakes it.
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
        for stream in self.shared.log().open.values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

type Script = Box<dyn Fn(&Asked) -> Reply + Send + Sync>;

struct Shared {
    script: Script,
    log: Mutex<Log>,
    stopped: AtomicBool,
}

#[derive(Default)]
struct Log {
    asked: Vec<Asked>,
    received: Vec<Vec<u8>>,
    open: HashMap<usize, TcpStream>,
}

impl Shared {
    fn new(script: Script) -> Self {
        Self {
            script,
            log: Mutex::default(),
            stopped: AtomicBool::new(false),
        }
    }

    /// The log, also after a script has panicked on another thread.
    fn log(&self) -> MutexGuard<'_, Log> {
        self.log
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn accept_all(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let Ok(handle) = stream.try_clone() else {
            continue;
        };
        let mut log = shared.log();
        let connection = log.received.len();
        log.received.push(Vec::new());
        log.open.insert(connection, handle);
        drop(log);
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            serve(stream, connection, &shared);
            shared.log().open.remove(&connection);
        });
    }
}

/// Answers the requests of one connection until either end closes it.
fn serve(mut stream: TcpStream, connection: usize, shared: &Shared) {
    let mut buffer = Vec::new();
    for turn in 0.. {
        let Some(bytes) = read_request(&mut stream, &mut buffer, connection, shared) else {
            return;
        };
        let asked = Asked {
            connection,
            turn,
            bytes,
        };
        shared.log().asked.push(asked.clone());
        if !carry_out((shared.script)(&asked), &mut stream) {
            return;
        }
    }
}

/// The next whole request; `None` when the connection ends first.
fn read_request(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
    connection: usize,
    shared: &Shared,
) -> Option<Vec<u8>> {
    let mut chunk = [0; 16 * 1024];
    loop {
        if let Progress::Whole(length) = http1::progress(buffer, Kind::Request) {
            return Some(buffer.drain(..length).collect());
        }
        match stream.read(&mut chunk) {
            Ok(0) => return None,
            Ok(length) => {
                buffer.extend_from_slice(&chunk[..length]);
                shared.log().received[connection].extend_from_slice(&chunk[..length]);
            }
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

/// Does what a reply says; whether the connection is still of use.
fn carry_out(reply: Reply, stream: &mut TcpStream) -> bool {
    for step in reply.0 {
        match step {
            Step::Send(bytes) => {
                if stream.write_all(&bytes).is_err() {
                    return false;
                }
            }
            Step::Pause(time) => thread::sleep(time),
            Step::Hang => {
                // Whatever still comes is of no interest; the end of the connection is.
                while stream.read(&mut [0; 1024]).is_ok_and(|length| length > 0) {}
                return false;
            }
            Step::Close => {
                let _ = stream.shutdown(Shutdown::Both);
                return false;
            }
            Step::Reset => {
                let _ = SockRef::from(&*stream).set_linger(Some(Duration::ZERO));
                return false;
            }
        }
    }
    true
}
