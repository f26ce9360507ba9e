//! Questions over connections: each with its length before it, several on one connection (RFC 7766).

use std::io;
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::{Outcome, Service};
use crate::answer::Asker;
use crate::response::Transport;

/// How long a connection may be silent, and how long one question may take to come in.
pub(crate) const IDLE: Duration = Duration::from_secs(10);
/// How long an asker may take to read its answers.
const WRITE: Duration = Duration::from_secs(10);
/// Connections open at a time on one socket; beyond them, new ones are closed at once.
pub(crate) const MAX_CONNECTIONS: usize = 256;
/// A pause after an error of the socket that may last, such as too many open files.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves for ever; connections end when this is dropped.
pub(crate) async fn serve(listener: TcpListener, service: Rc<dyn Service>) {
    let places = std::sync::Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, from)) = listener.accept().await else {
            sleep(PAUSE).await;
            continue;
        };
        while connections.try_join_next().is_some() {}
        let Ok(place) = places.clone().try_acquire_owned() else {
            continue;
        };
        let asker = Asker {
            ip: from.ip(),
            transport: Transport::Tcp,
        };
        let service = service.clone();
        connections.spawn_local(async move {
            // However it ends: the asker has left, or is to leave.
            let _ = connection(stream, service, asker).await;
            drop(place);
        });
    }
}

/// Answers in the order of the questions, until the asker is silent, leaves, or sends what is no question.
async fn connection(stream: TcpStream, service: Rc<dyn Service>, asker: Asker) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    let (mut packet, mut reply) = (Vec::new(), Vec::new());
    loop {
        timeout(IDLE, read(&mut stream, &mut packet)).await??;
        match service.clone().answer(&packet, asker, &mut reply) {
            Outcome::Reply => {}
            Outcome::Silence => return Ok(()),
            Outcome::Later(answer) => reply = answer.await,
        }
        timeout(WRITE, write(&mut stream, &reply)).await??;
    }
}

async fn read(stream: &mut BufReader<TcpStream>, packet: &mut Vec<u8>) -> io::Result<()> {
    let length = stream.read_u16().await?;
    packet.clear();
    let read = stream.take(u64::from(length)).read_to_end(packet).await?;
    match read == usize::from(length) {
        true => Ok(()),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

async fn write(stream: &mut BufReader<TcpStream>, reply: &[u8]) -> io::Result<()> {
    let length = u16::try_from(reply.len()).map_err(io::Error::other)?;
    let mut framed = Vec::with_capacity(2 + reply.len());
    framed.extend(length.to_be_bytes());
    framed.extend(reply);
    stream.write_all(&framed).await
}
