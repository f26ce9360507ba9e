//! Others who send without end, or take nothing.

use super::{Balancer, Usage};
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use testkit::eventually;

/// What buffers, and the memory that an allocator does not give back, may add.
const LEEWAY: u64 = 8 * 1024 * 1024;

/// A server that answers every connection with a beginning and then the same piece for ever, until it is dropped.
pub(crate) struct Fountain {
    pub(crate) address: SocketAddr,
    stopped: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl Fountain {
    pub(crate) fn start(beginning: &'static str, piece: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stopped = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&stopped);
        let accepting = thread::spawn(move || {
            for stream in listener.incoming() {
                if seen.load(Ordering::SeqCst) {
                    return;
                }
                let (mut stream, seen, piece) = (stream.unwrap(), Arc::clone(&seen), piece.clone());
                let soon = Some(Duration::from_millis(100));
                stream.set_write_timeout(soon).unwrap();
                thread::spawn(move || {
                    let _ = stream.write_all(beginning.as_bytes());
                    let mut rest = piece.as_bytes();
                    while !seen.load(Ordering::SeqCst) {
                        match stream.write(rest) {
                            Ok(written) => rest = &rest[written..],
                            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                            Err(_) => return,
                        }
                        if rest.is_empty() {
                            rest = piece.as_bytes();
                        }
                    }
                });
            }
        });
        Self {
            address,
            stopped,
            accepting: Some(accepting),
        }
    }
}

impl Drop for Fountain {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let _ = std::net::TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

#[track_caller]
pub(crate) fn within(before: Usage, balancer: &Balancer) {
    let after = balancer.usage();
    let grown = after.memory.saturating_sub(before.memory);
    assert!(grown < LEEWAY, "grown by {grown} bytes");
}

#[test]
fn clients_that_never_read_hold_no_memory() {
    let server = Fountain::start("HTTP/1.1 200 OK\r\n\r\n", "a".repeat(64 * 1024));
    let balancer = Balancer::start("", "", server.address);
    let before = balancer.usage();
    let mut deaf: Vec<_> = (0..20).map(|_| balancer.connect()).collect();
    for client in &mut deaf {
        client.send("GET /bad HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    rests(&balancer);
    within(before, &balancer);
    balancer.serves();
}

#[test]
fn interim_answers_without_end_hold_no_memory() {
    let interim = "HTTP/1.1 102 Processing\r\n\r\n".repeat(100);
    let server = Fountain::start("", interim);
    let balancer = Balancer::start("", "", server.address);
    let before = balancer.usage();
    let mut deaf: Vec<_> = (0..5).map(|_| balancer.connect()).collect();
    for client in &mut deaf {
        client.send("GET /bad HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    rests(&balancer);
    within(before, &balancer);
    balancer.serves();
}

#[test]
fn a_head_without_end_is_refused_and_holds_no_memory() {
    let server = Fountain::start("HTTP/1.1 200 OK\r\nX: ", "a".repeat(64 * 1024));
    let balancer = Balancer::start("", "", server.address);
    let before = balancer.usage();
    for _ in 0..20 {
        let mut client = balancer.connect();
        client.send("GET /bad HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(client.response().status, 502);
    }
    within(before, &balancer);
    eventually("all are in the log", super::SOON, || {
        balancer.logged(" 502 209 - - PH-- ") == 20
    });
}

#[test]
fn many_slow_heads_are_ended_in_time_while_others_are_served() {
    let server = super::balancer::nobody();
    let frontend = "    timeout http-request 1s";
    let balancer = Balancer::start("", frontend, server.address());
    let mut slow: Vec<_> = (0..200).map(|_| balancer.connect()).collect();
    for letter in "GET / HTTP/1.1".chars() {
        for client in &mut slow {
            // Those whose time is over are closed already.
            let _ = client.try_send([letter as u8]);
        }
        balancer.serves();
        thread::sleep(Duration::from_millis(30));
    }
    for client in &mut slow {
        let answer = String::from_utf8(client.read_to_close()).unwrap();
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    }
    eventually("all are in the log", super::SOON, || {
        balancer.logged(" 408 0 - - cR-- ") == 200
    });
}

/// Waits until it has nothing more to do: all buffers are full.
pub(crate) fn rests(balancer: &Balancer) {
    let mut last = balancer.usage().time;
    eventually("it comes to rest", super::SOON, || {
        thread::sleep(Duration::from_millis(300));
        let now = balancer.usage().time;
        let idle = now == last;
        last = now;
        idle
    });
}
