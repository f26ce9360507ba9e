//! From what a request is balanced by to a number: HAProxy's hash functions.

use std::net::IpAddr;

/// How a key is hashed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hashing {
    pub function: HashFunction,
    /// The bits of the result are mixed once more.
    pub avalanche: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HashFunction {
    #[default]
    Sdbm,
    Djb2,
    Wt6,
    Crc32,
}

impl Hashing {
    pub fn of_bytes(self, key: &[u8]) -> u32 {
        self.finish(match self.function {
            HashFunction::Sdbm => sdbm(key),
            HashFunction::Djb2 => djb2(key),
            HashFunction::Wt6 => wt6(key),
            HashFunction::Crc32 => crc32(key),
        })
    }

    /// An address is a number already: no function is asked.
    pub fn of_address(self, address: IpAddr) -> u32 {
        self.finish(match address {
            IpAddr::V4(address) => address.to_bits(),
            IpAddr::V6(address) => {
                let bits = address.to_bits();
                let words = [96, 64, 32, 0].map(|shift| (bits >> shift) as u32);
                words.into_iter().fold(0, |all, word| all ^ word)
            }
        })
    }

    fn finish(self, hash: u32) -> u32 {
        if self.avalanche {
            avalanche(hash)
        } else {
            hash
        }
    }
}

/// Spreads small differences over all bits (Bob Jenkins).
pub(super) fn avalanche(hash: u32) -> u32 {
    let mut a = hash;
    a = a.wrapping_add(0x7ed5_5d16).wrapping_add(a << 12);
    a = (a ^ 0xc761_c23c) ^ (a >> 19);
    a = a.wrapping_add(0x1656_67b1).wrapping_add(a << 5);
    a = a.wrapping_add(0xd3a2_646c) ^ (a << 9);
    a = a.wrapping_add(0xfd70_46c5).wrapping_add(a << 3);
    a = (a ^ 0xb55a_4f09) ^ (a >> 16);
    a.wrapping_mul(3_221_225_473)
}

fn sdbm(key: &[u8]) -> u32 {
    key.iter().fold(0u32, |hash, &byte| {
        u32::from(byte)
            .wrapping_add(hash << 6)
            .wrapping_add(hash << 16)
            .wrapping_sub(hash)
    })
}

fn djb2(key: &[u8]) -> u32 {
    key.iter().fold(5381u32, |hash, &byte| {
        hash.wrapping_mul(33).wrapping_add(u32::from(byte))
    })
}

fn wt6(key: &[u8]) -> u32 {
    let (mut low, mut high) = (0xa53c_965a_u32, 0x5ca6_953a_u32);
    let (mut left, mut right) = (6, 18);
    for &byte in key {
        let byte = u32::from(byte);
        low = !(low ^ byte);
        high = !high.wrapping_add(byte);
        (low, high) = (high.rotate_left(left), low.rotate_left(right));
        let mixed = ((low >> 16) ^ high) & 0xffff;
        (left, right) = (mixed & 0x1f, mixed >> 11);
    }
    low ^ high
}

fn crc32(key: &[u8]) -> u32 {
    !key.iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(djb2(b"a"), 5381 * 33 + 97);
        assert_eq!(sdbm(b"ab"), 98 + 97 * 65_599);
        assert_eq!(sdbm(b""), 0);
    }

    #[test]
    fn addresses_are_numbers() {
        let hashing = Hashing::default();
        assert_eq!(hashing.of_address([127, 0, 0, 1].into()), 0x7f00_0001);
        assert_eq!(hashing.of_address("::1:0:2".parse().unwrap()), 1 ^ 2);
    }
}
