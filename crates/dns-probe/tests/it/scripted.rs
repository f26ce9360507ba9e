//! A name server that does as it is told, over UDP and TCP on one port of 127.0.0.1. Used by the unit tests too.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// A question that reached the server.
pub(crate) struct Query<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) tcp: bool,
}

/// What it sends back: nothing, one message, or several.
pub(crate) type Script = dyn Fn(&Query<'_>) -> Vec<Vec<u8>> + Send + Sync;

/// The running server. It ends when dropped.
pub(crate) struct Scripted {
    address: SocketAddr,
    over: Arc<AtomicBool>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Scripted {
    pub(crate) fn start(
        script: impl Fn(&Query<'_>) -> Vec<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        let (udp, tcp) = both();
        let address = udp.local_addr().expect("the socket is bound");
        let over = Arc::new(AtomicBool::new(false));
        let script: Arc<Script> = Arc::new(script);
        let threads = vec![
            thread::spawn({
                let (over, script) = (over.clone(), script.clone());
                move || {
                    serve_udp(&udp, &over, &|bytes| script(&Query { bytes, tcp: false }));
                }
            }),
            thread::spawn({
                let over = over.clone();
                move || serve_tcp(&tcp, &over, &|bytes| script(&Query { bytes, tcp: true }))
            }),
        ];
        Self {
            address,
            over,
            threads,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // Each wakes its thread.
        let wake = UdpSocket::bind("127.0.0.1:0").and_then(|s| s.send_to(&[], self.address));
        let knock = TcpStream::connect(self.address);
        drop((wake, knock));
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// A port that is free for both transports.
fn both() -> (UdpSocket, TcpListener) {
    for _ in 0..100 {
        let tcp = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = tcp.local_addr().expect("the listener is bound");
        if let Ok(udp) = UdpSocket::bind(address) {
            return (udp, tcp);
        }
    }
    panic!("no port is free for UDP and TCP alike");
}

fn serve_udp(socket: &UdpSocket, over: &AtomicBool, script: &dyn Fn(&[u8]) -> Vec<Vec<u8>>) {
    let mut buffer = [0; 4096];
    while let Ok((size, from)) = socket.recv_from(&mut buffer) {
        if over.load(Ordering::SeqCst) {
            return;
        }
        for reply in script(&buffer[..size]) {
            let _ = socket.send_to(&reply, from);
        }
    }
}

fn serve_tcp(listener: &TcpListener, over: &AtomicBool, script: &dyn Fn(&[u8]) -> Vec<Vec<u8>>) {
    while let Ok((stream, _)) = listener.accept() {
        if over.load(Ordering::SeqCst) {
            return;
        }
        let _ = converse(stream, script);
    }
}

/// One question of a connection, answered; a script without an answer closes it.
fn converse(mut stream: TcpStream, script: &dyn Fn(&[u8]) -> Vec<Vec<u8>>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let mut query = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut query)?;
    for reply in script(&query) {
        let length = u16::try_from(reply.len()).expect("scripts answer briefly");
        stream.write_all(&[&length.to_be_bytes(), reply.as_slice()].concat())?;
    }
    Ok(())
}

/// An answer in the making: the question is repeated, records follow.
#[derive(Clone)]
pub(crate) struct Answer {
    id: [u8; 2],
    flags: u16,
    question: Vec<u8>,
    sections: [Vec<Vec<u8>>; 3],
    /// The upper bits of the response code, for the OPT record.
    rcode_high: u8,
}

impl Answer {
    /// To this query, with flags QR, RD and RA and no records.
    pub(crate) fn to(query: &Query<'_>) -> Self {
        let bytes = query.bytes;
        let mut end = 12;
        while bytes[end] != 0 {
            end += usize::from(bytes[end]) + 1;
        }
        Self {
            id: [bytes[0], bytes[1]],
            flags: 0x8180,
            question: bytes[12..end + 5].to_vec(),
            sections: Default::default(),
            rcode_high: 0,
        }
    }

    /// Other flags, response code included.
    pub(crate) fn flags(mut self, flags: u16) -> Self {
        self.flags = flags;
        self
    }

    /// A record of the name that was asked, in the answer section.
    pub(crate) fn record(mut self, rtype: u16, ttl: u32, data: &[u8]) -> Self {
        self.sections[0].push(record(&[0xc0, 12], rtype, 1, ttl, data));
        self
    }

    /// The upper bits of the response code; an option must follow.
    pub(crate) fn extended(mut self, rcode_high: u8) -> Self {
        self.rcode_high = rcode_high;
        self
    }

    /// An OPT record with one option.
    pub(crate) fn option(mut self, code: u16, data: &[u8]) -> Self {
        let length = u16::try_from(data.len()).expect("options are short");
        let data = [&code.to_be_bytes(), &length.to_be_bytes(), data].concat();
        self.sections[2].push(record(
            &[0],
            41,
            1232,
            u32::from(self.rcode_high) << 24,
            &data,
        ));
        self
    }

    /// The message.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = [&self.id[..], &self.flags.to_be_bytes(), &[0, 1]].concat();
        for section in &self.sections {
            let count = u16::try_from(section.len()).expect("few records");
            bytes.extend(count.to_be_bytes());
        }
        bytes.extend(&self.question);
        bytes.extend(self.sections.iter().flatten().flatten());
        bytes
    }
}

fn record(owner: &[u8], rtype: u16, class: u16, ttl: u32, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).expect("data is short");
    [
        owner,
        &rtype.to_be_bytes(),
        &class.to_be_bytes(),
        &ttl.to_be_bytes(),
        &length.to_be_bytes(),
        data,
    ]
    .concat()
}
