//! XXH64, a hash of 64 bits by Yann Collet: what HAProxy makes dynamic cookies and header hashes of.

const PRIMES: [u64; 5] = [
    0x9E37_79B1_85EB_CA87,
    0xC2B2_AE3D_27D4_EB4F,
    0x1656_67B1_9E37_79F9,
    0x85EB_CA77_C2B2_AE63,
    0x27D4_EB2F_1656_67C5,
];

/// Bytes that four lanes take at a time.
const STRIPE: usize = 32;

/// The hash of some bytes.
pub fn hash(bytes: &[u8], seed: u64) -> u64 {
    let mut stripes = bytes.chunks_exact(STRIPE);
    let mut hash = if bytes.len() < STRIPE {
        seed.wrapping_add(PRIMES[4])
    } else {
        let mut lanes = lanes(seed);
        for stripe in &mut stripes {
            for (lane, word) in lanes.iter_mut().zip(stripe.chunks_exact(8)) {
                *lane = round(*lane, read(word));
            }
        }
        merge(lanes)
    };
    hash = hash.wrapping_add(bytes.len() as u64);
    avalanche(tail(hash, stripes.remainder()))
}

fn lanes(seed: u64) -> [u64; 4] {
    [
        seed.wrapping_add(PRIMES[0]).wrapping_add(PRIMES[1]),
        seed.wrapping_add(PRIMES[1]),
        seed,
        seed.wrapping_sub(PRIMES[0]),
    ]
}

fn round(lane: u64, word: u64) -> u64 {
    lane.wrapping_add(word.wrapping_mul(PRIMES[1]))
        .rotate_left(31)
        .wrapping_mul(PRIMES[0])
}

fn merge(lanes: [u64; 4]) -> u64 {
    let turned = lanes.iter().zip([1, 7, 12, 18]);
    let sum = turned.fold(0u64, |sum, (lane, by)| {
        sum.wrapping_add(lane.rotate_left(by))
    });
    lanes.iter().fold(sum, |hash, lane| {
        (hash ^ round(0, *lane))
            .wrapping_mul(PRIMES[0])
            .wrapping_add(PRIMES[3])
    })
}

/// What is left after the stripes, in pieces of 8, 4 and 1 bytes.
fn tail(mut hash: u64, rest: &[u8]) -> u64 {
    let mut words = rest.chunks_exact(8);
    for word in &mut words {
        hash = (hash ^ round(0, read(word)))
            .rotate_left(27)
            .wrapping_mul(PRIMES[0])
            .wrapping_add(PRIMES[3]);
    }
    let mut halves = words.remainder().chunks_exact(4);
    for half in &mut halves {
        hash = (hash ^ read(half).wrapping_mul(PRIMES[0]))
            .rotate_left(23)
            .wrapping_mul(PRIMES[1])
            .wrapping_add(PRIMES[2]);
    }
    for byte in halves.remainder() {
        hash = (hash ^ u64::from(*byte).wrapping_mul(PRIMES[4]))
            .rotate_left(11)
            .wrapping_mul(PRIMES[0]);
    }
    hash
}

fn avalanche(mut hash: u64) -> u64 {
    hash = (hash ^ hash >> 33).wrapping_mul(PRIMES[1]);
    hash = (hash ^ hash >> 29).wrapping_mul(PRIMES[2]);
    hash ^ hash >> 32
}

/// Up to eight bytes, the lowest first.
fn read(bytes: &[u8]) -> u64 {
    let bytes = bytes.iter().rev();
    bytes.fold(0, |word, byte| word << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn hashes_are_those_of_the_reference() {
        assert_eq!(hash(b"", 0), 0xEF46_DB37_51D8_E999);
        assert_eq!(hash(b"a", 0), 0xD24E_C4F1_A98C_6E5B);
        assert_eq!(hash(b"abc", 0), 0x44BC_2CF5_AD77_0999);
        let text = b"Nobody inspects the spammish repetition";
        assert_eq!(hash(text, 0), 0xFBCE_A83C_8A37_8BF1);
    }
}
