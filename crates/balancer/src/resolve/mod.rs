//! Name servers: they are asked again and again for the addresses of servers with `resolvers`, on the control thread.
//!
//! `section` decides, with `question` (when to ask), `message` (what an answer says) and `records` (which
//! server gets which address); here packets are sent and received.

mod message;
mod question;
mod records;
mod section;
#[cfg(test)]
mod testing;

use crate::logger::Logger;
use crate::plan::{Counter, NEVER, Nameserver, Plan};
use crate::process::Process;
use section::{Ask, Section};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// The lookups of one plan. They end when it is dropped.
#[derive(Debug)]
pub struct Resolving {
    _tasks: JoinSet<()>,
}

/// Starts the lookups of a plan on the current [`LocalSet`](tokio::task::LocalSet).
pub fn start(plan: &Arc<Plan>, process: &Arc<Process>, logger: &Arc<Logger>) -> Resolving {
    let mut tasks = JoinSet::new();
    for number in 0..plan.resolvers.len() {
        let Some(section) = Section::new(plan, number, logger, process.now()) else {
            continue;
        };
        let desk = Desk {
            plan: Arc::clone(plan),
            process: Arc::clone(process),
            section,
            number,
            sockets: Vec::new(),
        };
        tasks.spawn_local(desk.run());
    }
    Resolving { _tasks: tasks }
}

/// A section and its sockets.
struct Desk {
    plan: Arc<Plan>,
    process: Arc<Process>,
    section: Section,
    /// Its place in the plan.
    number: usize,
    /// One for each name server; `None`: it could not be opened.
    sockets: Vec<Option<Rc<UdpSocket>>>,
}

/// A packet from a name server.
struct Packet {
    nameserver: usize,
    bytes: Vec<u8>,
}

impl Desk {
    async fn run(mut self) {
        let policy = Arc::clone(&self.section.policy);
        let (sender, mut packets) = mpsc::unbounded_channel();
        let mut readers = JoinSet::new();
        for (nameserver, at) in policy.nameservers.iter().enumerate() {
            let socket = open(at).await.map(Rc::new);
            if let Err(error) = &socket {
                tracing::warn!(%error, nameserver = at.name, "a name server cannot be asked");
            }
            let socket = socket.ok();
            if let Some(socket) = &socket {
                readers.spawn_local(read(Rc::clone(socket), nameserver, sender.clone()));
            }
            self.sockets.push(socket);
        }
        loop {
            let due = self.section.due();
            let pause = due.map_or(NEVER, |due| due.saturating_sub(self.process.now()));
            tokio::select! {
                () = tokio::time::sleep(pause) => self.wake(),
                () = policy.renamed.notified() => {
                    self.section.regroup(&self.plan, self.number, self.process.now());
                }
                Some(packet) = packets.recv() => {
                    let now = self.process.now();
                    let ask = self.section.receive(packet.nameserver, &packet.bytes, now);
                    ask.iter().for_each(|ask| self.send(ask));
                }
            }
        }
    }

    fn wake(&mut self) {
        let asks = self.section.wake(self.process.now(), random_id);
        asks.iter().for_each(|ask| self.send(ask));
    }

    fn send(&mut self, ask: &Ask) {
        let mut count = 0;
        let nameservers = &self.section.policy.nameservers;
        for (socket, nameserver) in self.sockets.iter().zip(nameservers) {
            let sent = socket
                .as_ref()
                .is_some_and(|socket| try_send(socket, &ask.packet));
            let counter = if sent {
                Counter::Sent
            } else {
                Counter::SendError
            };
            nameserver.counters.count(counter);
            count += usize::from(sent);
        }
        self.section.was_sent(ask.lookup, count);
    }
}

async fn open(nameserver: &Nameserver) -> io::Result<UdpSocket> {
    let own: IpAddr = match nameserver.address.ip() {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((own, 0)).await?;
    socket.connect(nameserver.address).await?;
    Ok(socket)
}

/// A packet that was refused is told by the next call on the socket, whatever that is for: hence twice.
fn try_send(socket: &UdpSocket, packet: &[u8]) -> bool {
    (0..2).any(|_| socket.try_send(packet).is_ok())
}

/// Passes on what a name server sends.
async fn read(socket: Rc<UdpSocket>, nameserver: usize, sender: mpsc::UnboundedSender<Packet>) {
    /// The pause after an error, for example that nobody listens there.
    const PAUSE: Duration = Duration::from_millis(10);
    let mut buffer = vec![0; usize::from(u16::MAX)];
    loop {
        match socket.recv(&mut buffer).await {
            Ok(length) => {
                let bytes = buffer[..length].to_vec();
                if sender.send(Packet { nameserver, bytes }).is_err() {
                    return;
                }
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Nobody can foresee it (RFC 5452).
fn random_id() -> u16 {
    let [first, second, ..] = RandomState::new().build_hasher().finish().to_be_bytes();
    u16::from_be_bytes([first, second])
}
