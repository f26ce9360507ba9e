//! Asks an agent: connects, says what is to be said, reads one line.

use super::step;
use crate::plan::{Agent, BackendTimeouts};
use crate::upstream;
use lb_core::agent::AgentReply;
use lb_core::backend::AgentAnswer;
use lb_core::check::CheckStatus;
use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

/// More than this is no line of an agent.
const LINE_MAX: usize = 16 * 1024;

async fn open(address: SocketAddr, source: Option<SocketAddr>) -> io::Result<TcpStream> {
    upstream::socket(address, source)?.connect(address).await
}

/// One question.
pub(super) async fn ask(
    address: SocketAddr,
    source: Option<SocketAddr>,
    agent: &Agent,
    send: &str,
    timeouts: &BackendTimeouts,
) -> AgentAnswer {
    let answer = timeouts.check;
    // The manual on "timeout check": only then does "timeout connect" bound the connection.
    let connect = timeouts.connect.filter(|_| answer.is_some());
    let limit = connect.map_or(agent.inter, |connect| connect.min(agent.inter));
    let mut deadline = Instant::now() + limit;
    let stream = match timeout_at(deadline, open(address, source)).await {
        Err(_) => return failed(CheckStatus::L4Timeout, ""),
        Ok(Err(error)) => {
            let finding = step::connect_failed(&error, false);
            return failed(finding.status, &finding.info);
        }
        Ok(Ok(stream)) => stream,
    };
    if let Some(answer) = answer {
        deadline = Instant::now() + answer;
    }
    match timeout_at(deadline, talk(stream, send.as_bytes())).await {
        Err(_) => failed(CheckStatus::L7Timeout, ""),
        Ok(Err(error)) => failed(CheckStatus::SocketError, &step::broken(&error).info),
        Ok(Ok(line)) => read(&line),
    }
}

fn failed(status: CheckStatus, info: &str) -> AgentAnswer {
    AgentAnswer::Failed {
        status,
        info: info.to_owned(),
    }
}

/// What comes up to the end of a line, that end included where there is one.
async fn talk(mut stream: TcpStream, send: &[u8]) -> io::Result<Vec<u8>> {
    stream.write_all(send).await?;
    let mut line = Vec::new();
    while line.len() < LINE_MAX && line_end(&line).is_none() {
        if stream.read_buf(&mut line).await? == 0 {
            break;
        }
    }
    Ok(line)
}

fn line_end(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n'))
}

fn read(bytes: &[u8]) -> AgentAnswer {
    match line_end(bytes) {
        Some(end) => {
            let line = String::from_utf8_lossy(&bytes[..end]);
            AgentAnswer::Reply(AgentReply::read(&line))
        }
        None if bytes.is_empty() => failed(
            CheckStatus::L7Response,
            "TCPCHK got an empty response at step 2",
        ),
        None => AgentAnswer::Incomplete,
    }
}
