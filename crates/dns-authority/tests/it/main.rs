//! The name server as its users meet it: real processes, real sockets, dig and another name server beside it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod beside_nsd;
mod caches;
mod dig;
mod health;
mod lifetime;
mod refusals;
mod wire;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::process::Command;
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::{Name, RecordType};
use testkit::{Port, Process, SOON};

/// A running name server on a port of its own.
struct Server {
    process: Process,
    port: Port,
}

impl Server {
    fn start(options: &[&str]) -> Self {
        Self::start_on(Port::reserve(), options)
    }

    fn start_on(port: Port, options: &[&str]) -> Self {
        let number = port.number().to_string();
        let process = Process::spawn(program().args(["--port", &number]).args(options));
        process.wait_for_line(&format!("listening on 127.0.0.1#{number}"));
        Self { process, port }
    }

    fn address(&self) -> SocketAddr {
        self.port.address()
    }

    fn ask(&self, name: &str, kind: RecordType) -> Message {
        ask(self.address(), &message(name, kind))
    }

    /// The values of the answer's records.
    fn values(&self, name: &str) -> Vec<String> {
        values(&self.ask(name, RecordType::A))
    }
}

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_dns-authority"))
}

fn message(name: &str, kind: RecordType) -> Message {
    let mut message = Message::new(4711, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
    message
}

fn values(answer: &Message) -> Vec<String> {
    answer
        .answers
        .iter()
        .map(|record| record.data.to_string())
        .collect()
}

fn ask(server: SocketAddr, message: &Message) -> Message {
    let packet = send(server, &message.to_vec().unwrap()).expect("an answer");
    Message::from_vec(&packet).unwrap()
}

/// Sends bytes over UDP and returns what comes back within a second.
fn send(server: SocketAddr, packet: &[u8]) -> Option<Vec<u8>> {
    let socket = UdpSocket::bind((server.ip(), 0)).unwrap();
    socket.connect(server).unwrap();
    socket.send(packet).unwrap();
    receive(&socket, Duration::from_secs(1))
}

fn receive(socket: &UdpSocket, deadline: Duration) -> Option<Vec<u8>> {
    socket.set_read_timeout(Some(deadline)).unwrap();
    let mut buffer = vec![0; 65_535];
    let length = socket.recv(&mut buffer).ok()?;
    Some(buffer[..length].to_vec())
}

/// A connection with messages on it.
struct Stream(TcpStream);

impl Stream {
    fn connect(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).unwrap();
        stream.set_read_timeout(Some(SOON)).unwrap();
        Self(stream)
    }

    fn send(&mut self, packet: &[u8]) {
        let length = u16::try_from(packet.len()).unwrap();
        self.0
            .write_all(&[&length.to_be_bytes(), packet].concat())
            .unwrap();
    }

    /// `None` when the server has closed the connection.
    fn receive(&mut self) -> Option<Message> {
        let mut length = [0; 2];
        self.0.read_exact(&mut length).ok()?;
        let mut packet = vec![0; usize::from(u16::from_be_bytes(length))];
        self.0.read_exact(&mut packet).unwrap();
        Some(Message::from_vec(&packet).unwrap())
    }
}
