//! Clients of HTTP/2 that send without end, take everything back, or take nothing.

use super::floods::{Fountain, rests, within};
use super::{Balancer, SOON};
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};
use testkit::eventually;

/// How long an attack goes on when nobody ends it.
const LASTS: Duration = Duration::from_millis(500);

const HEADERS: u8 = 1;
const PRIORITY: u8 = 2;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GO_AWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

const ACKNOWLEDGED: u8 = 1;
const END_OF_STREAM: u8 = 1;
const END_OF_HEADERS: u8 = 4;

/// ENHANCE_YOUR_CALM.
const CALM: u32 = 11;

/// REFUSED_STREAM.
const REFUSED: u32 = 7;

const CANCEL: [u8; 4] = 8_u32.to_be_bytes();

/// SETTINGS_INITIAL_WINDOW_SIZE 0.
const NO_WINDOW: [u8; 6] = [0, 4, 0, 0, 0, 0];

/// The head of `GET /bad`.
const HEAD: &[u8] = b"\x82\x86\x04\x04/bad\x41\x01a";

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// The stream of the request with this number, from 0.
fn stream(number: u32) -> u32 {
    2 * number + 1
}

fn request(number: u32) -> Vec<u8> {
    frame(
        HEADERS,
        END_OF_HEADERS | END_OF_STREAM,
        stream(number),
        HEAD,
    )
}

/// A client at the beginning of a connection.
fn begin(balancer: &Balancer, settings: &[u8]) -> TcpStream {
    let mut client = TcpStream::connect(balancer.address()).unwrap();
    client.set_nodelay(true).unwrap();
    client
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .unwrap();
    client.write_all(&frame(SETTINGS, 0, 0, settings)).unwrap();
    client
}

/// What became of the connection of an attack.
#[derive(Debug, Default)]
struct Seen {
    /// GOAWAY came, with this reason.
    gone: Option<u32>,
    /// The PING behind the attack was answered.
    goes_on: bool,
    /// Frames by their kind.
    frames: BTreeMap<u8, usize>,
    /// RST_STREAM by reason.
    resets: BTreeMap<u32, usize>,
}

impl Seen {
    /// Reads until the connection ends, is sent away, or has answered the last word.
    fn read(mut client: &TcpStream) -> Self {
        let mut seen = Self::default();
        client.set_read_timeout(Some(SOON)).unwrap();
        while let Some((kind, flags, payload)) = next(&mut client) {
            *seen.frames.entry(kind).or_default() += 1;
            match (kind, flags) {
                (GO_AWAY, _) => {
                    seen.gone = Some(number(&payload[4..8]));
                    break;
                }
                (RESET, _) => *seen.resets.entry(number(&payload)).or_default() += 1,
                (PING, ACKNOWLEDGED) if payload == LAST_WORD => {
                    seen.goes_on = true;
                    break;
                }
                _ => {}
            }
        }
        seen
    }
}

/// The payload of the PING behind an attack.
const LAST_WORD: &[u8] = b"alive?!!";

fn next(client: &mut impl Read) -> Option<(u8, u8, Vec<u8>)> {
    let mut head = [0; 9];
    client.read_exact(&mut head).ok()?;
    let mut payload = vec![0; number(&[0, head[0], head[1], head[2]]) as usize];
    client.read_exact(&mut payload).ok()?;
    Some((head[3], head[4], payload))
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes.try_into().unwrap())
}

/// Whether the attacker reads what it is told.
#[derive(Clone, Copy, PartialEq)]
enum Ears {
    Open,
    Deaf,
}

/// Sends pieces by number for a while, or until it is sent away. Meanwhile others are served, and no memory is held.
#[track_caller]
fn attack(balancer: &Balancer, ears: Ears, piece: impl Fn(u32) -> Vec<u8> + Sync) -> Seen {
    let before = balancer.usage();
    let client = begin(balancer, &[]);
    let end = Instant::now() + LASTS;
    thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let mut pieces = (0..).take_while(|_| Instant::now() < end).map(&piece);
            let sent = pieces.all(|piece| (&client).write_all(&piece).is_ok());
            // Who is sent away learns it by reading.
            let _ = sent && (&client).write_all(&frame(PING, 0, 0, LAST_WORD)).is_ok();
        });
        let reading = (ears == Ears::Open).then(|| {
            scope.spawn(|| {
                let seen = Seen::read(&client);
                if seen.gone.is_some() {
                    let _ = client.shutdown(Shutdown::Both);
                }
                seen
            })
        });
        loop {
            balancer.serves();
            if writing.is_finished() || Instant::now() > end {
                break;
            }
        }
        within(before, balancer);
        match reading {
            Some(reading) => reading.join().unwrap(),
            None => {
                let _ = client.shutdown(Shutdown::Both);
                Seen::default()
            }
        }
    })
}

/// A server that takes connections, as far as its kernel does, and never says a word.
fn mute() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

/// Waits until the balancer holds no connection of a client any more, and none to `server`.
#[track_caller]
fn all_have_gone(balancer: &Balancer, server: SocketAddr) {
    let entrance = format!(":{:04X}", balancer.address().port());
    let server = format!(":{:04X}", server.port());
    eventually("its connections are closed", SOON, || {
        let table = fs::read_to_string("/proc/net/tcp").unwrap();
        !table.lines().any(|line| {
            let words: Vec<_> = line.split_whitespace().collect();
            let (state, inode) = (words[3], words[9]);
            let is_open = !["st", LISTENING].contains(&state) && inode != "0";
            is_open && (words[1].ends_with(&entrance) || words[2].ends_with(&server))
        })
    });
}

/// A state in the system's table of connections.
const LISTENING: &str = "0A";

#[test]
fn requests_taken_back_one_by_one_keep_nobody_from_being_served() {
    let server = mute();
    let balancer = Balancer::start("", "", server.local_addr().unwrap());
    let seen = attack(&balancer, Ears::Open, |number| {
        [request(number), frame(RESET, 0, stream(number), &CANCEL)].concat()
    });
    // One that is read alone is one like any other.
    assert!(seen.goes_on || seen.gone == Some(CALM), "{seen:?}");
    all_have_gone(&balancer, server.local_addr().unwrap());
}

#[test]
fn requests_taken_back_a_hundred_at_a_time_end_the_connection() {
    let server = mute();
    let balancer = Balancer::start("", "", server.local_addr().unwrap());
    let seen = attack(&balancer, Ears::Open, |number| {
        let numbers = number * 200..(number + 1) * 200;
        let piece = |number| [request(number), frame(RESET, 0, stream(number), &CANCEL)];
        numbers.flat_map(piece).flatten().collect()
    });
    assert_eq!(seen.gone, Some(CALM), "{seen:?}");
    all_have_gone(&balancer, server.local_addr().unwrap());
}

#[test]
fn a_list_of_headers_without_end_ends_the_connection() {
    let server = mute();
    let balancer = Balancer::start("", "", server.local_addr().unwrap());
    // Empty ones; small ones; ones that name a long header, which is kept, over and over.
    let long = [b"\x40\x01x\x7f\xa1\x1e".as_slice(), &[b'a'; 4000]].concat();
    let pieces = [vec![], b"\x00\x01x\x01y".to_vec(), vec![0xbe; 4096]];
    for piece in pieces {
        let seen = attack(&balancer, Ears::Open, |number| match number {
            0 => frame(HEADERS, END_OF_STREAM, 1, &[HEAD, &long].concat()),
            _ => frame(CONTINUATION, 0, 1, &piece),
        });
        assert_eq!(seen.gone, Some(CALM), "{seen:?}");
    }
}

#[test]
fn frames_that_ask_for_nothing_keep_nobody_from_being_served() {
    let server = mute();
    let balancer = Balancer::start("", "", server.local_addr().unwrap());
    let pieces = [
        frame(PING, 0, 0, b"12345678"),
        frame(SETTINGS, 0, 0, &NO_WINDOW),
        frame(PRIORITY, 0, 1, &[0, 0, 0, 0, 1]),
        frame(WINDOW_UPDATE, 0, 0, &1_u32.to_be_bytes()),
    ];
    for piece in pieces {
        for ears in [Ears::Open, Ears::Deaf] {
            let seen = attack(&balancer, ears, |_| piece.repeat(100));
            assert!(seen.goes_on || ears == Ears::Deaf, "{seen:?}");
        }
    }
    all_have_gone(&balancer, server.local_addr().unwrap());
}

#[test]
fn more_requests_than_allowed_are_refused() {
    let server = mute();
    let balancer = Balancer::start("", "", server.local_addr().unwrap());
    for ears in [Ears::Open, Ears::Deaf] {
        let seen = attack(&balancer, ears, request);
        let refused = seen.gone.is_some() || seen.resets.contains_key(&REFUSED);
        assert!(refused || ears == Ears::Deaf, "{seen:?}");
    }
    all_have_gone(&balancer, server.local_addr().unwrap());
}

#[test]
fn requests_whose_answers_are_never_taken_end_in_time_and_hold_no_memory() {
    let server = Fountain::start("HTTP/1.1 200 OK\r\n\r\n", "a".repeat(64 * 1024));
    let balancer = Balancer::start("", "    timeout client 2s", server.address);
    let before = balancer.usage();
    let mut clients: Vec<_> = (0..5).map(|_| begin(&balancer, &NO_WINDOW)).collect();
    for client in &mut clients {
        let requests: Vec<_> = (0..20).flat_map(request).collect();
        client.write_all(&requests).unwrap();
    }
    balancer.serves();
    rests(&balancer);
    within(before, &balancer);
    balancer.serves();
    eventually("all are in the log", SOON, || {
        balancer.logged(" 200 ") >= 100
    });
    all_have_gone(&balancer, server.address);
}
