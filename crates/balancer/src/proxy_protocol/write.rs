//! Headers for servers.

use super::{Ends, SIGNATURE, checksum};
use std::net::{IpAddr, SocketAddr};

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

/// What a header of version 2 tells beside addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Values<'a> {
    /// The header comes with a sum of its bytes.
    pub checksum: bool,
    /// The protocol inside TLS.
    pub alpn: Option<&'a [u8]>,
    /// The name that the client asked for.
    pub authority: Option<&'a [u8]>,
    pub unique_id: Option<&'a [u8]>,
    pub tls: Option<Tls<'a>>,
}

/// What the client's TLS has settled, as version 2 tells it (section 2.2.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tls<'a> {
    /// `TLSv1.3`; `None`: the client speaks in the clear.
    pub version: Option<&'a str>,
    /// The client has shown a certificate, on this connection or on the one whose session was taken up again.
    pub certificate: Option<Shown>,
    /// What was wrong with it, though it was let pass, by OpenSSL's number.
    pub fault: u8,
    /// The name in it.
    pub common_name: Option<&'a str>,
    /// What kind of key the certificate shown to the client has, and of how many bits: `EC256`.
    pub key: Option<&'a str>,
    /// How that certificate is signed.
    pub signature: Option<&'a str>,
    pub cipher: Option<&'a str>,
}

/// Where a client has shown its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Here,
    Before,
}

/// `send-proxy-v2`, with `proxy-v2-options`.
pub fn write_v2(ends: Option<Ends>, values: &Values<'_>) -> Vec<u8> {
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
    // Where the length stands before the data, and kind and length before the sum.
    let sum_at = header.len() + 2 + data.len() + 3;
    values.append_to(&mut data);
    let length = u16::try_from(data.len()).expect("each value is cut at 255 bytes");
    header.extend(length.to_be_bytes());
    header.extend(data);
    if values.checksum {
        let sum = checksum::crc32c(&header).to_be_bytes();
        header[sum_at..sum_at + sum.len()].copy_from_slice(&sum);
    }
    header
}

impl Values<'_> {
    fn append_to(&self, data: &mut Vec<u8>) {
        let sum = self.checksum.then_some(&[0; 4][..]);
        let tls = self.tls.map(Tls::value);
        for (kind, value) in [
            (3, sum),
            (1, self.alpn),
            (2, self.authority),
            (5, self.unique_id),
        ] {
            if let Some(value) = value {
                append(data, kind, &value[..value.len().min(255)]);
            }
        }
        if let Some(value) = tls {
            append(data, 0x20, &value);
        }
    }
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
        let mut value = vec![client, 0, 0, 0, self.fault];
        for (kind, text) in [
            (0x21, self.version),
            (0x22, self.common_name),
            (0x25, self.key),
            (0x24, self.signature),
            (0x23, self.cipher),
        ] {
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
