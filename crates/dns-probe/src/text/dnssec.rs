//! What dig tells of a key beside its data.

use crate::dns::record_type::RecordType;

const REVOKED: u16 = 0x0080;
const ENTRY_POINT: u16 = 0x0001;

/// ` ; KSK; alg = ECDSAP256SHA256 ; key id = 7250`. `data` is the whole data of the record.
pub(super) fn key_comment(rtype: RecordType, flags: u16, algorithm: u8, data: &[u8]) -> String {
    let algorithm = algorithm_name(algorithm);
    let id = key_id(data);
    let role = match (flags & ENTRY_POINT != 0, flags & REVOKED != 0) {
        // A KEY record is older than these roles.
        _ if rtype == RecordType::KEY => "",
        (true, false) => " ; KSK",
        (true, true) => " ; revoked KSK",
        (false, _) => " ; ZSK",
    };
    format!("{role}; alg = {algorithm} ; key id = {id}")
}

/// The key tag of RFC 4034, appendix B.
fn key_id(data: &[u8]) -> u16 {
    let sum: u32 = data
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(pair.get(1).copied().unwrap_or(0)))
        .sum();
    // Only the lower half counts.
    u16::try_from((sum + (sum >> 16)) & 0xffff).unwrap_or(0)
}

fn algorithm_name(number: u8) -> String {
    let name = match number {
        1 => "RSAMD5",
        2 => "DH",
        3 => "DSA",
        5 => "RSASHA1",
        6 => "NSEC3DSA",
        7 => "NSEC3RSASHA1",
        8 => "RSASHA256",
        10 => "RSASHA512",
        13 => "ECDSAP256SHA256",
        14 => "ECDSAP384SHA384",
        15 => "ED25519",
        16 => "ED448",
        _ => return number.to_string(),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_is_the_sum_of_all_pairs_with_what_ran_over() {
        assert_eq!(key_id(&[1, 0, 3, 5]), 0x0405);
        assert_eq!(key_id(&[0xff, 0xff, 0, 2]), 2);
        assert_eq!(key_id(&[1, 2, 3]), 0x0402);
    }
}
