//! One question a packet, one answer a packet.

use std::cell::RefCell;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::net::UdpSocket;
use tokio::task::{spawn_local, yield_now};
use tokio::time::sleep;

use super::{Outcome, Service};
use crate::answer::Asker;
use crate::query::{Incoming, PLAIN_UDP};
use crate::rate::{RateLimit, Verdict};
use crate::response::{MAX_UDP, Response, Transport};

/// No question needs more; what is longer is malformed anyway.
const MAX_QUESTION: usize = 4096;
/// Questions answered before other work gets a turn.
const BATCH: usize = 64;
/// A pause after an error of the socket that may last.
const PAUSE: Duration = Duration::from_millis(20);

/// Serves for ever.
pub(crate) async fn serve(
    socket: Rc<UdpSocket>,
    service: Rc<dyn Service>,
    rate: Rc<RefCell<RateLimit>>,
) {
    let mut packet = vec![0; MAX_QUESTION];
    let mut reply = Vec::with_capacity(usize::from(MAX_UDP));
    loop {
        if socket.readable().await.is_err() {
            sleep(PAUSE).await;
            continue;
        }
        for _ in 0..BATCH {
            let (length, from) = match socket.try_recv_from(&mut packet) {
                Ok(received) => received,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                // An earlier answer met nobody at home: told here, and no fault of the next question.
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => continue,
                Err(_) => {
                    sleep(PAUSE).await;
                    break;
                }
            };
            let question = &packet[..length];
            match rate.borrow_mut().admit(from.ip(), Instant::now()) {
                Verdict::Answer => one(&socket, &service, question, from, &mut reply),
                Verdict::CutShort => cut_short(&socket, question, from, &mut reply),
                Verdict::Silence => {}
            }
        }
        // In a flood the socket is always readable: connections, caches and signals get their turn here.
        yield_now().await;
    }
}

fn one(
    socket: &Rc<UdpSocket>,
    service: &Rc<dyn Service>,
    question: &[u8],
    from: SocketAddr,
    reply: &mut Vec<u8>,
) {
    let asker = Asker {
        ip: from.ip(),
        transport: Transport::Udp,
    };
    match service.clone().answer(question, asker, reply) {
        // A full send buffer loses the answer, as the network may: the asker asks again.
        Outcome::Reply => _ = socket.try_send_to(reply, from),
        Outcome::Silence => {}
        Outcome::Later(answer) => {
            let socket = socket.clone();
            spawn_local(async move {
                let _ = socket.send_to(&answer.await, from).await;
            });
        }
    }
}

/// An empty answer that says "come over TCP", hardly longer than its question.
fn cut_short(socket: &UdpSocket, question: &[u8], from: SocketAddr, reply: &mut Vec<u8>) {
    if let Incoming::Query(query) = Incoming::read(question) {
        let mut response = Response::to(&query);
        response.header.truncation = true;
        response.write(PLAIN_UDP, reply);
        let _ = socket.try_send_to(reply, from);
    }
}
