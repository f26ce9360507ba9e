//! The servers that a word means.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

use crate::failure::Failure;
use crate::words::Family;

/// The port of DNS.
pub(crate) const PORT: u16 = 53;

/// One server, and what it was called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    /// As typed, or the address itself.
    pub(crate) name: String,
}

impl Target {
    pub(crate) fn of(address: SocketAddr) -> Self {
        Self {
            address,
            name: address.ip().to_string(),
        }
    }

    /// `127.0.0.1#5300`, as dig writes it.
    pub(crate) fn text(&self) -> String {
        address(self.address)
    }
}

/// `127.0.0.1#5300`.
pub(crate) fn address(address: SocketAddr) -> String {
    format!("{}#{}", address.ip(), address.port())
}

/// All servers that `word` means: an address, or a name that the system can look up.
pub(crate) fn resolve(
    program: &str,
    word: &str,
    family: Option<Family>,
    port: u16,
) -> Result<Vec<Target>, Failure> {
    let refuse = |why: &str| {
        Failure::usage(format!(
            "{program}: couldn't get address for '{word}': {why}"
        ))
    };
    let found = find(word, port)
        .ok_or_else(|| refuse("not found").next("give the server's address, such as @127.0.0.1"))?;
    let targets: Vec<Target> = found
        .into_iter()
        .filter(|address| fits(address.ip(), family))
        .map(|address| Target {
            address,
            name: word.to_owned(),
        })
        .collect();
    if targets.is_empty() {
        return Err(refuse("address family not supported").next("leave -4 or -6 away"));
    }
    Ok(targets)
}

/// Whether an address may be used under `-4` or `-6`.
pub(crate) fn fits(address: IpAddr, family: Option<Family>) -> bool {
    match family {
        None => true,
        Some(Family::V4) => address.is_ipv4(),
        Some(Family::V6) => address.is_ipv6(),
    }
}

fn find(word: &str, port: u16) -> Option<Vec<SocketAddr>> {
    if let Ok(address) = word.parse::<IpAddr>() {
        return Some(vec![SocketAddr::new(address, port)]);
    }
    if word.is_empty() {
        return None;
    }
    let mut found: Vec<SocketAddr> = Vec::new();
    for address in (word, port).to_socket_addrs().ok()? {
        if !found.contains(&address) {
            found.push(address);
        }
    }
    (!found.is_empty()).then_some(found)
}
