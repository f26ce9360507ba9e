//! The PROXY protocol, versions 1 and 2: a header before everything else that tells whose connection it is
//! (HAProxy's `doc/proxy-protocol.txt`).

mod checksum;
mod write;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
pub use write::{Shown, Tls, Values, write_v1, write_v2};

/// More than a header of version 1 may take, and what HAProxy looks at of one of version 2.
pub const LONGEST: usize = 1024;

/// The longest header of version 1, with its line end.
const LONGEST_V1: usize = 107;

const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";

/// Client and the address it called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    pub source: SocketAddr,
    pub destination: SocketAddr,
}

/// A header that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its length in bytes.
    pub length: usize,
    /// `None`: the sender speaks for itself (`UNKNOWN`, `LOCAL`), or of ends without internet addresses.
    pub ends: Option<Ends>,
    /// What stands behind them. Where that is wrong, the ends count all the same in what is told of it.
    pub extras: Result<Extras, Wrong>,
}

/// What a header of version 2 tells beside addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// The name that the client asked for.
    pub authority: Option<Vec<u8>>,
}

/// Why a connection is closed on instead; told as HAProxy tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("Connection closed while waiting for PROXY protocol header")]
    Empty,
    #[error("Connection error while waiting for PROXY protocol header")]
    Aborted,
    #[error("Timeout while waiting for PROXY protocol header")]
    Timeout,
    #[error("Truncated PROXY protocol header received")]
    Truncated,
    #[error("Received something which does not look like a PROXY protocol header")]
    NotOne,
    #[error("Received an invalid PROXY protocol header")]
    Invalid,
    #[error("Received an unhandled protocol in the PROXY protocol header")]
    Unhandled,
}

impl Wrong {
    /// Nothing at all was said.
    pub fn is_silence(self) -> bool {
        matches!(self, Self::Empty | Self::Timeout)
    }
}

/// Reads the header that these bytes begin with. It must have come in one piece, as HAProxy wants it.
///
/// # Errors
///
/// What is wrong with it.
pub fn parse(bytes: &[u8]) -> Result<Header, Wrong> {
    if bytes.is_empty() {
        return Err(Wrong::Empty);
    }
    if begins(bytes, b"PROXY ") {
        return v1(bytes);
    }
    if begins(bytes, SIGNATURE) {
        return v2(bytes);
    }
    Err(Wrong::NotOne)
}

/// As far as there are bytes.
fn begins(bytes: &[u8], with: &[u8]) -> bool {
    let length = bytes.len().min(with.len());
    bytes[..length] == with[..length]
}

fn v1(bytes: &[u8]) -> Result<Header, Wrong> {
    let end = bytes.windows(2).position(|pair| pair == b"\r\n");
    let Some(end) = end.filter(|end| end + 2 <= LONGEST_V1) else {
        let too_long = bytes.len() >= LONGEST_V1;
        return Err(if too_long {
            Wrong::Invalid
        } else {
            Wrong::Truncated
        });
    };
    let line = std::str::from_utf8(&bytes[..end]).map_err(|_| Wrong::Invalid)?;
    let words: Vec<&str> = line.split(' ').collect();
    let ends = match words[1..] {
        ["UNKNOWN", ..] => None,
        [family @ ("TCP4" | "TCP6"), source, destination, from, to] => {
            let address = |ip: &str, port: &str| {
                let ip: IpAddr = ip.parse().ok()?;
                let fits = ip.is_ipv4() == (family == "TCP4");
                let port = port.parse().ok()?;
                fits.then_some(SocketAddr::new(ip, port))
            };
            let source = address(source, from).ok_or(Wrong::Invalid)?;
            let destination = address(destination, to).ok_or(Wrong::Invalid)?;
            Some(Ends {
                source,
                destination,
            })
        }
        _ => return Err(Wrong::Invalid),
    };
    Ok(Header {
        length: end + 2,
        ends,
        extras: Ok(Extras::default()),
    })
}

fn v2(bytes: &[u8]) -> Result<Header, Wrong> {
    const FIXED: usize = 16;
    let (fixed, rest) = bytes.split_at_checked(FIXED).ok_or(Wrong::Truncated)?;
    let length = usize::from(u16::from_be_bytes([fixed[14], fixed[15]]));
    let data = rest.get(..length).ok_or(Wrong::Truncated)?;
    let mut header = Header {
        length: FIXED + length,
        ends: None,
        extras: Ok(Extras::default()),
    };
    match fixed[12] {
        // LOCAL: the sender's own, a health check say.
        0x20 => {}
        0x21 => header.ends = addresses(fixed[13], data)?,
        _ => return Err(Wrong::Invalid),
    }
    if let Some(ends) = header.ends {
        let behind = FIXED + if ends.source.is_ipv4() { 12 } else { 36 };
        header.extras = extras(&bytes[..header.length], behind);
    }
    Ok(header)
}

/// The values behind the addresses, each with its kind and length (section 2.2).
fn extras(header: &[u8], behind: usize) -> Result<Extras, Wrong> {
    const AUTHORITY: u8 = 2;
    const CHECKSUM: u8 = 3;
    const UNIQUE_ID: u8 = 5;
    let mut extras = Extras::default();
    let mut at = behind;
    while let Some(rest) = header.get(at..).filter(|rest| !rest.is_empty()) {
        let (&[kind, high, low], rest) = rest.split_first_chunk().ok_or(Wrong::Invalid)?;
        let length = usize::from(u16::from_be_bytes([high, low]));
        let value = rest.get(..length).ok_or(Wrong::Invalid)?;
        match kind {
            CHECKSUM if !checksum::is_right(header, at + 3, value) => return Err(Wrong::Invalid),
            AUTHORITY if length > 255 => return Err(Wrong::Invalid),
            AUTHORITY => extras.authority = Some(value.to_vec()),
            UNIQUE_ID if length > 128 => return Err(Wrong::Invalid),
            _ => {}
        }
        at += 3 + length;
    }
    Ok(extras)
}

fn addresses(family: u8, data: &[u8]) -> Result<Option<Ends>, Wrong> {
    let port = |at: usize| u16::from_be_bytes([data[at], data[at + 1]]);
    match family {
        0x11 if data.len() >= 12 => {
            let ip =
                |at: usize| Ipv4Addr::from([data[at], data[at + 1], data[at + 2], data[at + 3]]);
            Ok(Some(Ends {
                source: (ip(0), port(8)).into(),
                destination: (ip(4), port(10)).into(),
            }))
        }
        0x21 if data.len() >= 36 => {
            let ip = |at: usize| {
                let bytes: [u8; 16] = data[at..at + 16].try_into().expect("sixteen of them");
                Ipv6Addr::from(bytes)
            };
            Ok(Some(Ends {
                source: (ip(0), port(32)).into(),
                destination: (ip(16), port(34)).into(),
            }))
        }
        0x11 | 0x21 => Err(Wrong::Invalid),
        // Unix sockets, datagrams, and what nobody specified: the connection's own addresses stand.
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests;
