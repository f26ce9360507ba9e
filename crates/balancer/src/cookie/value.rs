//! What servers are called in cookies.

use crate::plan::{Cookie, Server};
use lb_core::xxh64;
use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

/// The value of a server: the one that is written, or one made from its address, which is the same behind every balancer
/// that knows the key.
pub fn value_of<'a>(cookie: Option<&Cookie>, server: &'a Server) -> Option<Cow<'a, str>> {
    if let Some(value) = &server.cookie {
        return Some(Cow::Borrowed(value));
    }
    let cookie = cookie?;
    let key = cookie.key.as_ref().filter(|_| cookie.dynamic)?;
    let address = server.address.socket_address(0)?;
    Some(Cow::Owned(of_address(key, address)))
}

fn of_address(key: &str, address: SocketAddr) -> String {
    let mut bytes = key.as_bytes().to_vec();
    match address.ip() {
        IpAddr::V4(ip) => bytes.extend_from_slice(&ip.octets()),
        IpAddr::V6(ip) => bytes.extend_from_slice(&ip.octets()),
    }
    bytes.extend_from_slice(&u32::from(address.port()).to_be_bytes());
    format!("{:016x}", xxh64::hash(&bytes, 0))
}

#[cfg(test)]
mod tests {
    use super::of_address;

    #[test]
    fn values_are_those_of_haproxy() {
        let value = |address: &str| of_address("secret", address.parse().unwrap());
        assert_eq!(value("127.0.0.1:8080"), "f22943d7bfe33914");
        assert_eq!(value("[::1]:8081"), "7039a864c0379f49");
        assert_eq!(value("127.0.0.1:0"), "2d52a50f86b6f2b5");
    }
}
