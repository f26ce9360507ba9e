//! What entries are found by.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The kind of a table's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    Ip,
    Ipv6,
    Integer,
    /// Text of so many bytes at most; longer ones are cut.
    Text(usize),
    /// Exactly so many bytes: shorter keys are filled with zeros, longer ones cut.
    Binary(usize),
}

/// A key, ordered as HAProxy orders those of its kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Box<[u8]>);

impl KeyKind {
    /// As written after `type`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::Ipv6 => "ipv6",
            Self::Integer => "integer",
            Self::Text(_) => "string",
            Self::Binary(_) => "binary",
        }
    }
}

impl Key {
    /// `None`: an address of the other family that cannot be written in this one.
    pub fn address(kind: KeyKind, address: IpAddr) -> Option<Self> {
        let bytes = match (kind, address) {
            (KeyKind::Ip, IpAddr::V4(address)) => address.octets().to_vec(),
            (KeyKind::Ip, IpAddr::V6(address)) => address.to_ipv4()?.octets().to_vec(),
            (_, IpAddr::V4(address)) => address.to_ipv6_mapped().octets().to_vec(),
            (_, IpAddr::V6(address)) => address.octets().to_vec(),
        };
        Some(Self(bytes.into()))
    }

    pub fn integer(number: u32) -> Self {
        Self(number.to_ne_bytes().into())
    }

    /// Of a text or of bytes.
    pub fn bytes(kind: KeyKind, bytes: &[u8]) -> Self {
        let mut bytes = bytes.to_vec();
        match kind {
            KeyKind::Text(length) => bytes.truncate(length),
            KeyKind::Binary(length) => bytes.resize(length, 0),
            KeyKind::Ip | KeyKind::Ipv6 | KeyKind::Integer => {}
        }
        Self(bytes.into())
    }

    /// As `set table` and `clear table` are given it.
    pub fn read(kind: KeyKind, text: &str) -> Option<Self> {
        match kind {
            KeyKind::Ip | KeyKind::Ipv6 => Self::address(kind, text.parse().ok()?),
            KeyKind::Integer => text.parse().ok().map(Self::integer),
            KeyKind::Text(_) | KeyKind::Binary(_) => Some(Self::bytes(kind, text.as_bytes())),
        }
    }

    /// As `show table` writes it.
    pub fn show(&self, kind: KeyKind) -> String {
        let bytes = &*self.0;
        match kind {
            KeyKind::Ip => <[u8; 4]>::try_from(bytes).map_or_else(
                |_| String::new(),
                |octets| Ipv4Addr::from(octets).to_string(),
            ),
            KeyKind::Ipv6 => <[u8; 16]>::try_from(bytes).map_or_else(
                |_| String::new(),
                |octets| Ipv6Addr::from(octets).to_string(),
            ),
            KeyKind::Integer => <[u8; 4]>::try_from(bytes)
                .map_or_else(|_| String::new(), |n| u32::from_ne_bytes(n).to_string()),
            KeyKind::Text(_) => escaped(bytes),
            KeyKind::Binary(_) => bytes.iter().map(|byte| format!("{byte:02X}")).collect(),
        }
    }
}

/// What would break a line is shown by its number.
fn escaped(bytes: &[u8]) -> String {
    let shown = bytes.iter().map(|byte| match byte {
        b' ' | b'=' | b'\\' => format!("\\{}", char::from(*byte)),
        b'\t' => "\\t".to_owned(),
        b'\n' => "\\n".to_owned(),
        b'\r' => "\\r".to_owned(),
        b'!'..=b'~' => char::from(*byte).to_string(),
        byte => format!("\\x{byte:02X}"),
    });
    shown.collect()
}
