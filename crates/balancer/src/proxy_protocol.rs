//! The PROXY protocol, versions 1 and 2: a header before everything else that tells whose connection it is
//! (HAProxy's `doc/proxy-protocol.txt`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its length in bytes.
    pub length: usize,
    /// `None`: the sender speaks for itself (`UNKNOWN`, `LOCAL`), or of ends without internet addresses.
    pub ends: Option<Ends>,
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
    })
}

fn v2(bytes: &[u8]) -> Result<Header, Wrong> {
    const FIXED: usize = 16;
    let (fixed, rest) = bytes.split_at_checked(FIXED).ok_or(Wrong::Truncated)?;
    let length = usize::from(u16::from_be_bytes([fixed[14], fixed[15]]));
    let data = rest.get(..length).ok_or(Wrong::Truncated)?;
    let header = |ends| Header {
        length: FIXED + length,
        ends,
    };
    match fixed[12] {
        // LOCAL: the sender's own, a health check say.
        0x20 => Ok(header(None)),
        0x21 => Ok(header(addresses(fixed[13], data)?)),
        _ => Err(Wrong::Invalid),
    }
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

/// `send-proxy`: the header of version 1. Without ends of one family, or with none, nothing is claimed.
pub fn write_v1(ends: Option<Ends>) -> Vec<u8> {
    let Some(Ends {
        source,
        destination,
    }) = ends.and_then(same_family)
    else {
        return b"PROXY UNKNOWN\r\n".to_vec();
    };
    let family = if source.is_ipv4() { "TCP4" } else { "TCP6" };
    format!(
        "PROXY {family} {} {} {} {}\r\n",
        source.ip(),
        destination.ip(),
        source.port(),
        destination.port()
    )
    .into_bytes()
}

/// What the client's TLS has settled, as version 2 tells it (section 2.2.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tls<'a> {
    /// `TLSv1.3`; `None`: the client speaks in the clear.
    pub version: Option<&'a str>,
    /// The client has shown a certificate, on this connection or on the one whose session was taken up again.
    pub certificate: Option<Shown>,
    /// The name in it.
    pub common_name: Option<&'a str>,
}

/// Where a client has shown its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Here,
    Before,
}

/// `send-proxy-v2`; with `tls`, `send-proxy-v2-ssl`.
pub fn write_v2(ends: Option<Ends>, tls: Option<Tls<'_>>) -> Vec<u8> {
    let mut header = SIGNATURE.to_vec();
    let mut data = Vec::new();
    match ends.and_then(same_family) {
        None => header.extend([0x20, 0]),
        Some(Ends {
            source,
            destination,
        }) => {
            for ip in [source.ip(), destination.ip()] {
                match ip {
                    IpAddr::V4(ip) => data.extend(ip.octets()),
                    IpAddr::V6(ip) => data.extend(ip.octets()),
                }
            }
            data.extend(source.port().to_be_bytes());
            data.extend(destination.port().to_be_bytes());
            header.extend([0x21, if source.is_ipv4() { 0x11 } else { 0x21 }]);
        }
    }
    if let Some(tls) = tls {
        append(&mut data, 0x20, &tls.value());
    }
    let length = u16::try_from(data.len()).expect("names are cut at 255 bytes");
    header.extend(length.to_be_bytes());
    header.extend(data);
    header
}

impl Tls<'_> {
    fn value(self) -> Vec<u8> {
        let (speaks, here, before) = (1, 2, 4);
        let certificate = match self.certificate {
            Some(Shown::Here) => here | before,
            Some(Shown::Before) => before,
            None => 0,
        };
        let client = self.version.map_or(0, |_| speaks | certificate);
        // Whoever shows a certificate that is not good has been refused.
        let verified = [0; 4];
        let mut value = vec![client];
        value.extend(verified);
        for (kind, text) in [(0x21, self.version), (0x22, self.common_name)] {
            if let Some(text) = text {
                let text = text.as_bytes();
                append(&mut value, kind, &text[..text.len().min(255)]);
            }
        }
        value
    }
}

/// A value after its kind and length.
fn append(out: &mut Vec<u8>, kind: u8, value: &[u8]) {
    out.push(kind);
    let length = u16::try_from(value.len()).expect("a few hundred bytes at most");
    out.extend(length.to_be_bytes());
    out.extend_from_slice(value);
}

/// An IPv4 end beside an IPv6 one is written as the latter.
fn same_family(ends: Ends) -> Option<Ends> {
    let Ends {
        source,
        destination,
    } = ends;
    if source.ip().is_unspecified() {
        return None;
    }
    let wide = |address: SocketAddr| match address.ip() {
        IpAddr::V4(ip) => SocketAddr::new(ip.to_ipv6_mapped().into(), address.port()),
        IpAddr::V6(_) => address,
    };
    Some(match source.is_ipv4() == destination.is_ipv4() {
        true => ends,
        false => Ends {
            source: wide(source),
            destination: wide(destination),
        },
    })
}

#[cfg(test)]
mod tests;
