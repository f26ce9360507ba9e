//! EDNS client subnet (RFC 7871): a resolver tells for whom it asks, an authority how far its answer reaches.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

const IPV4: u16 = 1;
const IPV6: u16 = 2;

/// The option of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subnet {
    /// As it came, since the answer repeats it: 1 is IPv4, 2 is IPv6, 0 comes with a length of 0.
    family: u16,
    /// Bits behind `length` are 0.
    ip: IpAddr,
    /// How many bits of the address were told; 0 asks for an answer that suits everybody.
    length: u8,
}

impl Subnet {
    /// Reads the option's data. `None` for what RFC 7871 section 7.1.2 calls malformed: a length that does not fit the
    /// family or the address, bits set behind it, or a scope in a question.
    pub fn read(data: &[u8]) -> Option<Self> {
        let [high, low, length, 0, address @ ..] = data else {
            return None;
        };
        let family = u16::from_be_bytes([*high, *low]);
        if address.len() != usize::from(*length).div_ceil(8) {
            return None;
        }
        let ip = match family {
            0 if *length == 0 => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            IPV4 => IpAddr::from(filled::<4>(address)?),
            IPV6 => IpAddr::from(filled::<16>(address)?),
            _ => return None,
        };
        let net = IpNet::new(ip, *length).ok()?;
        (net.addr() == net.network()).then_some(Self {
            family,
            ip,
            length: *length,
        })
    }

    /// The network it names; `None` when it asks not to be told apart.
    pub fn network(&self) -> Option<IpNet> {
        let net = IpNet::new(self.ip, self.length).ok()?;
        (self.length > 0).then_some(net)
    }

    /// The option's data in an answer that holds for the first `scope` bits of the address.
    pub fn write(&self, scope: u8) -> Vec<u8> {
        let mut data = self.family.to_be_bytes().to_vec();
        data.extend([self.length, scope]);
        let bytes = usize::from(self.length).div_ceil(8);
        match self.ip {
            IpAddr::V4(ip) => data.extend(&ip.octets()[..bytes]),
            IpAddr::V6(ip) => data.extend(&ip.octets()[..bytes]),
        }
        data
    }
}

/// The asker's own address as a network of one.
pub fn of_asker(ip: IpAddr) -> IpNet {
    // An IPv4 asker on a socket for both families is known by its IPv4 address.
    IpNet::from(ip.to_canonical())
}

/// The first bits two addresses of one family share; `None` for two families.
pub fn shared_bits(a: IpAddr, b: IpAddr) -> Option<u8> {
    let leading = match (a, b) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
        _ => return None,
    };
    u8::try_from(leading).ok()
}

fn filled<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    let mut all = [0; N];
    all.get_mut(..bytes.len())?.copy_from_slice(bytes);
    Some(all)
}

impl std::fmt::Display for Subnet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.ip, self.length) {
            (_, 0) => write!(f, "anybody"),
            (ip, length) => write!(f, "{ip}/{length}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(data: &[u8], expected: Option<&str>) {
        let read = Subnet::read(data).map(|subnet| subnet.to_string());
        assert_eq!(read.as_deref(), expected, "{data:?}");
    }

    #[test]
    fn networks_of_both_families_are_read() {
        check(&[0, 1, 24, 0, 198, 51, 100], Some("198.51.100.0/24"));
        check(&[0, 1, 20, 0, 198, 51, 96], Some("198.51.96.0/20"));
        check(&[0, 2, 32, 0, 0x20, 1, 0xd, 0xb8], Some("2001:db8::/32"));
        check(&[0, 1, 0, 0], Some("anybody"));
        check(&[0, 0, 0, 0], Some("anybody"));
    }

    #[test]
    fn what_contradicts_itself_is_malformed() {
        check(&[], None);
        check(&[0, 1, 24], None);
        check(&[0, 1, 24, 0, 198, 51], None);
        check(&[0, 1, 24, 0, 198, 51, 100, 7], None);
        check(&[0, 1, 20, 0, 198, 51, 100], None);
        check(&[0, 1, 33, 0, 1, 2, 3, 4, 128], None);
        check(&[0, 1, 24, 24, 198, 51, 100], None);
        check(&[0, 3, 8, 0, 1], None);
        check(&[0, 0, 8, 0, 1], None);
    }

    #[test]
    fn an_answer_repeats_the_question_with_its_scope() {
        let subnet = Subnet::read(&[0, 1, 24, 0, 198, 51, 100]).unwrap();
        assert_eq!(subnet.write(20), [0, 1, 24, 20, 198, 51, 100]);
        let anybody = Subnet::read(&[0, 0, 0, 0]).unwrap();
        assert_eq!(anybody.write(0), [0, 0, 0, 0]);
    }

    #[test]
    fn shared_bits_are_counted_within_a_family() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(shared_bits(ip("10.0.0.0"), ip("10.0.128.0")), Some(16));
        assert_eq!(shared_bits(ip("10.0.0.1"), ip("10.0.0.1")), Some(32));
        assert_eq!(shared_bits(ip("10.0.0.1"), ip("::1")), None);
    }
}
