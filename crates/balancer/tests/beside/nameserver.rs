//! A name server that answers as a test says.

use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::{RData, Record, RecordType};
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// On a port of its own, until dropped.
pub(crate) struct NameServer {
    zone: Arc<Mutex<Zone>>,
    port: u16,
    thread: Option<JoinHandle<()>>,
}

/// What it answers to every question.
#[derive(Clone, Debug)]
pub(crate) enum Zone {
    /// Every name has these addresses, and none of IPv6.
    Addresses(Vec<Ipv4Addr>),
    Error(ResponseCode),
    Silence,
    /// It ends.
    Over,
}

impl NameServer {
    pub(crate) fn start(zone: Zone) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = socket.local_addr().expect("it is bound").port();
        let zone = Arc::new(Mutex::new(zone));
        let shared = Arc::clone(&zone);
        let thread = thread::spawn(move || serve(&socket, &shared));
        Self {
            zone,
            port,
            thread: Some(thread),
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn set(&self, zone: Zone) {
        *self.zone.lock().expect("nobody panics with it") = zone;
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.set(Zone::Over);
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        socket
            .send_to(b"end", (Ipv4Addr::LOCALHOST, self.port))
            .expect("it is read");
        let thread = self.thread.take().expect("it is dropped once");
        thread.join().expect("it answers without panic");
    }
}

fn serve(socket: &UdpSocket, zone: &Mutex<Zone>) {
    let mut buffer = [0; 1024];
    loop {
        // A balancer that is gone may be told by an error.
        let Ok((length, asker)) = socket.recv_from(&mut buffer) else {
            continue;
        };
        let zone = zone.lock().expect("nobody panics with it").clone();
        if matches!(zone, Zone::Over) {
            return;
        }
        if let Some(answer) = answer(&buffer[..length], zone) {
            socket.send_to(&answer, asker).expect("it can be sent");
        }
    }
}

fn answer(question: &[u8], zone: Zone) -> Option<Vec<u8>> {
    let mut message = Message::from_vec(question).expect("balancers ask properly");
    message.metadata.message_type = MessageType::Response;
    let query = message.queries[0].clone();
    match zone {
        Zone::Addresses(addresses) if query.query_type == RecordType::A => {
            for address in addresses {
                let data = RData::A(address.into());
                message.add_answer(Record::from_rdata(query.name.clone(), 1, data));
            }
        }
        Zone::Addresses(_) => {}
        Zone::Error(code) => message.metadata.response_code = code,
        Zone::Silence | Zone::Over => return None,
    }
    message.to_vec().ok()
}
