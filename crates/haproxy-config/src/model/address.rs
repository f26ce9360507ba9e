//! Addresses to listen on, and of others.

use super::BindTls;
use diagnostics::Span;
use std::net::IpAddr;

#[derive(Clone, Debug)]
pub struct Bind {
    pub address: BindAddress,
    /// `name NAME`.
    pub name: Option<String>,
    /// Of a socket file.
    pub rights: SocketRights,
    /// Most connections of its own; 0: no limit.
    pub maxconn: u32,
    /// Each connection begins with a header that tells whose it is: the PROXY protocol.
    pub accept_proxy: bool,
    pub protocol: BindProtocol,
    /// `ssl` and what belongs to it.
    pub tls: Option<BindTls>,
    /// Of the address.
    pub span: Span,
}

/// `proto`: what clients speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BindProtocol {
    /// As TLS has settled it, or as their first bytes tell.
    #[default]
    Any,
    Http1,
    Http2,
}

/// An address to listen on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BindAddress {
    /// `*:3000`, `:3000` (all IPv4), `127.0.0.1:3000`, `[::]:80`, `localhost:83`.
    Inet {
        host: BindHost,
        port: u16,
    },
    Unix(String),
    Abstract(String),
    /// An inherited socket, already bound (and listening where it is a TCP one).
    Fd(i32),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BindHost {
    /// All IPv4 addresses.
    AnyV4,
    /// All IPv6 addresses.
    AnyV6,
    Host(Host),
}

/// Who may connect.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SocketRights {
    /// Permission bits of a socket file; `None`: what the process's umask leaves.
    pub mode: Option<u32>,
    /// A name or a number; `None`: the owner is the process's.
    pub user: Option<String>,
    pub group: Option<String>,
    /// `interface`: whose connections come in by it alone.
    pub interface: Option<String>,
    /// `v6only`: nobody by IPv4, at an address of IPv6.
    pub only_v6: bool,
}

/// A host as written: an address, or a name that the caller resolves at start.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    Ip(IpAddr),
    Name(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AddressFamily {
    V4,
    V6,
}

/// `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    pub address: IpAddr,
    /// Leading bits that count, at most 32 or 128.
    pub length: u8,
}
