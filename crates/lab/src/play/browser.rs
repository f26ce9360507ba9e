//! Requests as a browser or curl sends them.

use crate::problem::{Problem, Result};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
const CURL: &str = "curl/8.5.0";
/// Longer than a balancer tries to reach a server that refuses.
const PATIENCE: Duration = Duration::from_secs(10);

/// Pages, and after each its icon.
pub(super) fn browse(port: u16, count: u32) -> Result<()> {
    for _ in 0..count {
        get(
            port,
            "/",
            FIREFOX,
            "text/html,application/xhtml+xml,*/*;q=0.8",
        )?;
        get(
            port,
            "/favicon.ico",
            FIREFOX,
            "image/avif,image/webp,*/*;q=0.8",
        )?;
    }
    Ok(())
}

pub(super) fn curl(port: u16, count: u32, path: &str) -> Result<()> {
    for _ in 0..count {
        get(port, path, CURL, "*/*")?;
    }
    Ok(())
}

/// One request on a connection of its own. What comes back does not matter, nor that nobody is there.
fn get(port: u16, path: &str, agent: &str, accept: &str) -> Result<()> {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
        return Ok(());
    };
    let exchange = || {
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: {agent}\r\nAccept: {accept}\r\nConnection: close\r\n\r\n"
        )?;
        stream.read_to_end(&mut Vec::new())
    };
    match { exchange }() {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => Ok(()),
        Err(error) => Err(Problem::io("ask as a browser does", &error)),
    }
}
