//! Asking the server behind a cache.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use hickory_proto::op::{Edns, Message, MessageType, Query};
use hickory_proto::rr::rdata::opt::{EdnsCode, EdnsOption};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::store::Kept;
use crate::label::{self, AskedBy};
use crate::response::MAX_UDP;

/// How long one attempt may take.
const ATTEMPT: Duration = Duration::from_secs(1);
const ATTEMPTS: usize = 3;

/// Asks until an answer comes, each time from a port and with an id that cannot be foreseen (RFC 5452).
pub(super) async fn ask(server: SocketAddr, question: &Query) -> io::Result<Kept> {
    let mut last = ErrorKind::TimedOut.into();
    for _ in 0..ATTEMPTS {
        match timeout(ATTEMPT, attempt(server, question)).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => last = error,
            Err(_) => {}
        }
    }
    Err(last)
}

async fn attempt(server: SocketAddr, question: &Query) -> io::Result<Kept> {
    let message = message(question);
    let packet = message.to_vec().map_err(io::Error::other)?;
    let answer = udp(server, &packet, &message).await?;
    let answer = match answer.metadata.truncation {
        true => tcp(server, &packet, &message).await?,
        false => answer,
    };
    let label = label_of(&answer);
    Ok(Kept::of(answer, label))
}

/// The asker's question, in our own name, with a wish for the answer's origin.
fn message(question: &Query) -> Message {
    let mut message = Message::query();
    message.add_query(question.clone());
    let mut edns = Edns::new();
    edns.set_max_payload(MAX_UDP);
    edns.options_mut().insert(EdnsOption::Unknown(
        label::OPTION_CODE,
        AskedBy::Cache.word().into(),
    ));
    message.set_edns(edns);
    message
}

async fn udp(server: SocketAddr, packet: &[u8], asked: &Message) -> io::Result<Message> {
    let own: IpAddr = match server {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((own, 0)).await?;
    socket.connect(server).await?;
    socket.send(packet).await?;
    let mut buffer = vec![0; usize::from(u16::MAX)];
    loop {
        let length = socket.recv(&mut buffer).await?;
        // What does not answer our question may be a forgery: the real answer may still come.
        if let Some(answer) = answer_to(asked, &buffer[..length]) {
            return Ok(answer);
        }
    }
}

async fn tcp(server: SocketAddr, packet: &[u8], asked: &Message) -> io::Result<Message> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(packet.len()).map_err(io::Error::other)?;
    let framed = [&length.to_be_bytes(), packet].concat();
    stream.write_all(&framed).await?;
    let length = stream.read_u16().await?;
    let mut buffer = vec![0; usize::from(length)];
    stream.read_exact(&mut buffer).await?;
    answer_to(asked, &buffer).ok_or_else(|| ErrorKind::InvalidData.into())
}

fn answer_to(asked: &Message, packet: &[u8]) -> Option<Message> {
    let answer = Message::from_vec(packet).ok()?;
    let fits = answer.metadata.id == asked.metadata.id
        && answer.metadata.message_type == MessageType::Response
        && answer.queries == asked.queries;
    fits.then_some(answer)
}

fn label_of(answer: &Message) -> Option<String> {
    let option = answer
        .edns
        .as_ref()?
        .option(EdnsCode::from(label::OPTION_CODE))?;
    match option {
        EdnsOption::Unknown(_, text) => String::from_utf8(text.clone()).ok(),
        _ => None,
    }
}
