//! CRC-32C (Castagnoli), by which a header of version 2 can tell that it came whole.

/// Bits in reverse, as the sum is reckoned.
const POLYNOMIAL: u32 = 0x82f6_3b78;

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut sum = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            sum = (sum >> 1) ^ (POLYNOMIAL * (sum & 1));
            bit += 1;
        }
        table[byte] = sum;
        byte += 1;
    }
    table
};

pub(super) fn crc32c<'a>(bytes: impl IntoIterator<Item = &'a u8>) -> u32 {
    let step = |sum: u32, &byte: &u8| {
        let [low, ..] = sum.to_le_bytes();
        TABLE[usize::from(low ^ byte)] ^ (sum >> 8)
    };
    !bytes.into_iter().fold(u32::MAX, step)
}

/// Whether the value at a place is the sum of the header, which counts zeros there.
pub(super) fn is_right(header: &[u8], at: usize, value: &[u8]) -> bool {
    let Ok(told) = <[u8; 4]>::try_from(value) else {
        return false;
    };
    let (before, behind) = (&header[..at], &header[at + told.len()..]);
    let bytes = before.iter().chain(&[0; 4]).chain(behind);
    crc32c(bytes) == u32::from_be_bytes(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_standard() {
        // RFC 3720, section B.4.
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(b""), 0);
    }
}
