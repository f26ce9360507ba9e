//! Passwords hashed as crypt(3) does: `$1$` (MD5), `$5$` (SHA-256) and `$6$` (SHA-512).

use md5::Md5;
use sha2::{Digest, Sha256, Sha512};

/// Whether a hash is of a kind that [`verify`] knows.
pub fn is_known(hash: &str) -> bool {
    ["$1$", "$5$", "$6$"]
        .iter()
        .any(|prefix| hash.starts_with(prefix))
}

/// Whether a password has this hash.
pub fn verify(hash: &str, password: &[u8]) -> bool {
    compute(hash, password).is_some_and(|computed| same(hash.as_bytes(), computed.as_bytes()))
}

/// Compares without telling by the time taken where two texts differ.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

/// The hash of a password with the kind, rounds and salt of another hash.
fn compute(hash: &str, password: &[u8]) -> Option<String> {
    let (kind, rest) = hash.strip_prefix('$')?.split_once('$')?;
    match kind {
        "1" => Some(md5(rest, password)),
        "5" => sha::<Sha256>(kind, rest, password, &ORDER_256),
        "6" => sha::<Sha512>(kind, rest, password, &ORDER_512),
        _ => None,
    }
}

const DIGITS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Six bits a digit, the lowest first.
fn digits(mut bits: u32, count: usize, out: &mut String) {
    for _ in 0..count {
        out.push(char::from(DIGITS[(bits & 63) as usize]));
        bits >>= 6;
    }
}

/// Groups of three bytes as four digits each; `usize::MAX` stands for no byte.
fn encode(hash: &[u8], order: &[[usize; 3]], out: &mut String) {
    for group in order {
        let bits = group.iter().fold(0u32, |bits, at| {
            bits << 8 | hash.get(*at).copied().map_or(0, u32::from)
        });
        let bytes = group.iter().filter(|at| **at != NONE).count();
        digits(bits, bytes + 1, out);
    }
}

const NONE: usize = usize::MAX;

/// A salt ends at the next dollar.
fn salt(rest: &str, most: usize) -> &str {
    let salt = rest.split('$').next().unwrap_or_default();
    &salt[..salt.len().min(most)]
}

fn md5(rest: &str, password: &[u8]) -> String {
    let salt = salt(rest, 8);
    let inner = Md5::new()
        .chain_update(password)
        .chain_update(salt)
        .chain_update(password)
        .finalize();
    let mut outer = Md5::new()
        .chain_update(password)
        .chain_update("$1$")
        .chain_update(salt);
    outer.update(repeated(&inner, password.len()));
    let mut length = password.len();
    while length > 0 {
        outer.update(if length & 1 == 1 {
            &[0][..]
        } else {
            &password[..1]
        });
        length >>= 1;
    }
    let mut hash = outer.finalize();
    for round in 0..1000 {
        let odd = round % 2 == 1;
        let mut next = Md5::new();
        next.update(if odd { password } else { &hash });
        if round % 3 != 0 {
            next.update(salt);
        }
        if round % 7 != 0 {
            next.update(password);
        }
        next.update(if odd { &hash[..] } else { password });
        hash = next.finalize();
    }
    let mut out = format!("$1${salt}$");
    encode(&hash, &ORDER_MD5, &mut out);
    out
}

/// The first bytes of a text repeated without end.
fn repeated(text: &[u8], length: usize) -> Vec<u8> {
    text.iter().copied().cycle().take(length).collect()
}

/// Rounds when none are given, and the bounds of those that are.
const ROUNDS: u32 = 5000;
const LEAST_ROUNDS: u32 = 1000;
const MOST_ROUNDS: u32 = 999_999_999;

/// The algorithm of <https://www.akkadia.org/drepper/SHA-crypt.txt>.
fn sha<H: Digest + Clone>(
    kind: &str,
    rest: &str,
    password: &[u8],
    order: &[[usize; 3]],
) -> Option<String> {
    let (rounds, rest) = match rest.strip_prefix("rounds=") {
        None => (None, rest),
        Some(given) => {
            let (rounds, rest) = given.split_once('$')?;
            let rounds: u32 = rounds.parse().ok()?;
            (Some(rounds.clamp(LEAST_ROUNDS, MOST_ROUNDS)), rest)
        }
    };
    let salt = salt(rest, 16);
    let mut hash = first_hash::<H>(password, salt);
    let of_password = H::digest(password.repeat(password.len()));
    let p = repeated(&of_password, password.len());
    let of_salt = H::digest(salt.repeat(16 + usize::from(hash[0])));
    let s = repeated(&of_salt, salt.len());
    for round in 0..rounds.unwrap_or(ROUNDS) {
        let odd = round % 2 == 1;
        let mut next = H::new();
        next.update(if odd { &p } else { &hash });
        if round % 3 != 0 {
            next.update(&s);
        }
        if round % 7 != 0 {
            next.update(&p);
        }
        next.update(if odd { &hash } else { &p });
        hash = next.finalize().to_vec();
    }
    let rounds = rounds.map_or_else(String::new, |rounds| format!("rounds={rounds}$"));
    let mut out = format!("${kind}${rounds}{salt}$");
    encode(&hash, order, &mut out);
    Some(out)
}

fn first_hash<H: Digest>(password: &[u8], salt: &str) -> Vec<u8> {
    let inner = H::new()
        .chain_update(password)
        .chain_update(salt)
        .chain_update(password)
        .finalize();
    let mut outer = H::new().chain_update(password).chain_update(salt);
    outer.update(repeated(&inner, password.len()));
    let mut length = password.len();
    while length > 0 {
        if length & 1 == 1 {
            outer.update(&inner);
        } else {
            outer.update(password);
        }
        length >>= 1;
    }
    outer.finalize().to_vec()
}

const ORDER_MD5: [[usize; 3]; 6] = [
    [0, 6, 12],
    [1, 7, 13],
    [2, 8, 14],
    [3, 9, 15],
    [4, 10, 5],
    [NONE, NONE, 11],
];

const ORDER_256: [[usize; 3]; 11] = [
    [0, 10, 20],
    [21, 1, 11],
    [12, 22, 2],
    [3, 13, 23],
    [24, 4, 14],
    [15, 25, 5],
    [6, 16, 26],
    [27, 7, 17],
    [18, 28, 8],
    [9, 19, 29],
    [NONE, 31, 30],
];

const ORDER_512: [[usize; 3]; 22] = [
    [0, 21, 42],
    [22, 43, 1],
    [44, 2, 23],
    [3, 24, 45],
    [25, 46, 4],
    [47, 5, 26],
    [6, 27, 48],
    [28, 49, 7],
    [50, 8, 29],
    [9, 30, 51],
    [31, 52, 10],
    [53, 11, 32],
    [12, 33, 54],
    [34, 55, 13],
    [56, 14, 35],
    [15, 36, 57],
    [37, 58, 16],
    [59, 17, 38],
    [18, 39, 60],
    [40, 61, 19],
    [62, 20, 41],
    [NONE, NONE, 63],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(password: &str, hash: &str) {
        assert_eq!(compute(hash, password.as_bytes()).as_deref(), Some(hash));
        assert!(!verify(hash, b"another"));
    }

    #[test]
    fn hashes_are_those_of_openssl() {
        check("secret", "$1$saltsalt$9xy1btjgzLYfb7hivXtC//");
        check(
            "secret",
            "$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA",
        );
        check(
            "secret",
            "$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1",
        );
        check("", "$1$saltsalt$5Jhcit4zN9UlGiA0txPkO0");
        check(
            "a longer password than sixteen or thirty-two or sixty-four bytes, to be sure",
            "$1$saltsalt$rrjHLypCTf4iiXmRsE3C6/",
        );
        check(
            "a longer password than sixteen or thirty-two or sixty-four bytes, to be sure",
            "$5$saltsalt$9OFEIJ6X/7cTS8N3M78khQ4QDD5J2ACpzCGK7re9851",
        );
        check(
            "a longer password than sixteen or thirty-two or sixty-four bytes, to be sure",
            "$6$saltsalt$si0VO7B7XqGTd4uvdEFs3bwLRJ3S6s6R0et2g4rJlmJLgZ9B.ofksZyWh.m7WgoDLtUnzXttWj0JkIXwp9QSx1",
        );
    }

    #[test]
    fn rounds_may_be_given() {
        check(
            "secret",
            "$6$rounds=1400$anotherlongsalts$Twf2eP6WMY29NT9yg1Nff0x6Ul/TWD9vkV2VVPyEX7uifmXI0FHGx3rX27ttfZtfB9phxv3003yyBPq3nGFb8.",
        );
    }

    #[test]
    fn other_kinds_let_nobody_in() {
        for hash in ["secret", "$2b$05$abc", "", "$5$rounds=x$a$b"] {
            assert!(!verify(hash, b"secret"), "{hash}");
        }
    }
}
