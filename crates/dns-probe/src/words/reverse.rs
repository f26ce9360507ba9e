//! `-x`: the name under which an address is looked up backwards.

use std::net::Ipv6Addr;

/// The name for an address: nibbles for IPv6 (RFC 3596, section 2.5), otherwise the words between dots turned round, so
/// that `192.0.2` asks for a whole network.
pub(super) fn name(address: &str) -> String {
    if let Ok(address) = address.parse::<Ipv6Addr>() {
        let nibbles = address
            .octets()
            .into_iter()
            .rev()
            .flat_map(|byte| [byte & 0xf, byte >> 4].map(|nibble| format!("{nibble:x}.")));
        return nibbles.chain(["ip6.arpa.".to_owned()]).collect();
    }
    let mut words: Vec<&str> = address.split('.').filter(|word| !word.is_empty()).collect();
    words.reverse();
    format!("{}.in-addr.arpa.", words.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_turned_round() {
        assert_eq!(name("192.0.2.1"), "1.2.0.192.in-addr.arpa.");
        assert_eq!(name("192.0.2"), "2.0.192.in-addr.arpa.");
        assert_eq!(
            name("2001:db8::1"),
            format!("1.{}8.b.d.0.1.0.0.2.ip6.arpa.", "0.".repeat(23))
        );
    }
}
