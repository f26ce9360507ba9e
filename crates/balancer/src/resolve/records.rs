//! The addresses that a name has, and which server uses which. Pure.

use crate::plan::{AddressFamily, Network, Resolution};
use lb_core::Uptime;
use lb_core::server::ServerIndex;
use std::net::IpAddr;
use std::time::Duration;

/// The addresses of one name: those of the last answer, and older ones that hold on.
#[derive(Debug, Default)]
pub(super) struct Records {
    /// In the order of their keys: HAProxy keeps them so, whatever the order of the answer.
    records: Vec<Record>,
}

#[derive(Debug)]
struct Record {
    key: u32,
    ip: IpAddr,
    last_seen: Uptime,
    users: Vec<User>,
}

/// A server that uses an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct User {
    /// Tells backends apart.
    pub(super) backend: usize,
    pub(super) server: ServerIndex,
}

/// What an answer means for a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// It stays where it is.
    Keep,
    Move(IpAddr),
    /// There is no address for it.
    Nothing,
}

impl Records {
    /// Takes in a valid answer, and forgets what was not seen for the time of `hold obsolete`.
    pub(super) fn update(&mut self, answer: &[IpAddr], now: Uptime, obsolete: Duration) {
        for ip in answer {
            match self.records.iter_mut().find(|record| record.ip == *ip) {
                Some(record) => record.last_seen = now,
                None => self.insert(*ip, now),
            }
        }
        self.records
            .retain(|record| record.last_seen + obsolete >= now);
    }

    /// Picks the address of a server, which then uses it: by preferred family, preferred network, use by no other
    /// server of its backend, and being what it has, in this order.
    pub(super) fn choose(
        &mut self,
        user: User,
        wish: &Resolution,
        current: Option<IpAddr>,
    ) -> Choice {
        if self
            .records
            .iter()
            .any(|record| record.users.contains(&user))
        {
            return Choice::Keep;
        }
        let mut best: Option<(u8, usize)> = None;
        for (index, record) in self.records.iter().enumerate() {
            let score = record.score(user, wish, current);
            if let Some(score) = score.filter(|score| best.is_none_or(|(most, _)| *score > most)) {
                best = Some((score, index));
            }
        }
        let Some((_, index)) = best else {
            return Choice::Nothing;
        };
        let record = &mut self.records[index];
        record.users.push(user);
        if current == Some(record.ip) {
            Choice::Keep
        } else {
            Choice::Move(record.ip)
        }
    }

    /// A server no longer uses its address.
    pub(super) fn release(&mut self, user: User) {
        for record in &mut self.records {
            record.users.retain(|other| *other != user);
        }
    }

    pub(super) fn clear(&mut self) {
        self.records.clear();
    }

    fn insert(&mut self, ip: IpAddr, now: Uptime) {
        let key = key(ip);
        let place = self.records.partition_point(|record| record.key <= key);
        let record = Record {
            key,
            ip,
            last_seen: now,
            users: Vec::new(),
        };
        self.records.insert(place, record);
    }
}

impl Record {
    /// `None`: another server of the backend has it, and may not share it.
    fn score(&self, user: User, wish: &Resolution, current: Option<IpAddr>) -> Option<u8> {
        let taken = self.users.iter().any(|other| other.backend == user.backend);
        if taken && !wish.duplicate_addresses {
            return None;
        }
        let preferred = self.ip.is_ipv4() == (wish.prefer == AddressFamily::V4);
        let near = wish.networks.iter().any(|network| holds(network, self.ip));
        let points = [
            (preferred, 8),
            (near, 4),
            (!taken, 2),
            (current == Some(self.ip), 1),
        ];
        Some(
            points
                .iter()
                .filter(|(holds, _)| *holds)
                .map(|(_, n)| n)
                .sum(),
        )
    }
}

fn holds(network: &Network, ip: IpAddr) -> bool {
    let same = |a: u128, b: u128, bits: u32| {
        let shift = bits - u32::from(network.length).min(bits);
        shift == bits || a >> shift == b >> shift
    };
    match (network.address, ip) {
        (IpAddr::V4(a), IpAddr::V4(b)) => same(a.to_bits().into(), b.to_bits().into(), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => same(a.to_bits(), b.to_bits(), 128),
        _ => false,
    }
}

/// HAProxy's order of addresses: their XXH32 hash (github.com/Cyan4973/xxHash, doc/xxhash_spec.md), seeded with the
/// number of the record type.
fn key(ip: IpAddr) -> u32 {
    const A: u32 = 1;
    const AAAA: u32 = 28;
    match ip {
        IpAddr::V4(ip) => short_hash(u32::from_le_bytes(ip.octets()), A),
        IpAddr::V6(ip) => {
            let octets = ip.octets();
            let (lanes, _) = octets.as_chunks::<4>();
            let lanes: Vec<u32> = lanes.iter().map(|lane| u32::from_le_bytes(*lane)).collect();
            long_hash(&lanes, AAAA)
        }
    }
}

const PRIMES: [u32; 5] = [
    2_654_435_761,
    2_246_822_519,
    3_266_489_917,
    668_265_263,
    374_761_393,
];

/// XXH32 of four bytes.
fn short_hash(lane: u32, seed: u32) -> u32 {
    let hash = seed.wrapping_add(PRIMES[4]).wrapping_add(4);
    let hash = hash.wrapping_add(lane.wrapping_mul(PRIMES[2]));
    avalanche(hash.rotate_left(17).wrapping_mul(PRIMES[3]))
}

/// XXH32 of sixteen bytes.
fn long_hash(lanes: &[u32], seed: u32) -> u32 {
    let starts = [
        seed.wrapping_add(PRIMES[0]).wrapping_add(PRIMES[1]),
        seed.wrapping_add(PRIMES[1]),
        seed,
        seed.wrapping_sub(PRIMES[0]),
    ];
    let rounds = starts.into_iter().zip(lanes).zip([1, 7, 12, 18]);
    let sum = rounds.fold(0u32, |sum, ((start, lane), turn)| {
        let mixed = start.wrapping_add(lane.wrapping_mul(PRIMES[1]));
        let mixed = mixed.rotate_left(13).wrapping_mul(PRIMES[0]);
        sum.wrapping_add(mixed.rotate_left(turn))
    });
    avalanche(sum.wrapping_add(16))
}

fn avalanche(hash: u32) -> u32 {
    let hash = (hash ^ (hash >> 15)).wrapping_mul(PRIMES[1]);
    let hash = (hash ^ (hash >> 13)).wrapping_mul(PRIMES[2]);
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Uptime = Uptime::from_secs(10);

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn user(backend: usize, server: usize) -> User {
        User {
            backend,
            server: ServerIndex(server),
        }
    }

    fn wish() -> Resolution {
        Resolution {
            resolvers: 0,
            prefer: AddressFamily::V6,
            networks: Vec::new(),
            duplicate_addresses: false,
        }
    }

    fn records(ips: &[&str]) -> Records {
        let mut records = Records::default();
        let ips: Vec<_> = ips.iter().map(|text| ip(text)).collect();
        records.update(&ips, NOW, Duration::ZERO);
        records
    }

    #[test]
    fn the_order_is_haproxys_whatever_the_answers() {
        let order = |ips: &[&str]| {
            let records = records(ips).records;
            records.iter().map(|r| r.ip.to_string()).collect::<Vec<_>>()
        };
        let expected = ["127.0.0.12", "127.0.0.11"];
        assert_eq!(order(&["127.0.0.11", "127.0.0.12"]), expected, "observed");
        assert_eq!(order(&["127.0.0.12", "127.0.0.11"]), expected);
    }

    #[test]
    fn hashes_are_those_of_the_specification() {
        // xxhsum -H32 of "abcd", and of sixteen letters, with seed 0
        assert_eq!(short_hash(u32::from_le_bytes(*b"abcd"), 0), 0xa364_3705);
        let lanes = [b"abcd", b"efgh", b"ijkl", b"mnop"].map(|lane| u32::from_le_bytes(*lane));
        assert_eq!(long_hash(&lanes, 0), 0x9d2d_8b62);
    }

    #[test]
    fn servers_of_a_backend_share_no_address() {
        let mut it = records(&["127.0.0.11", "127.0.0.12"]);
        let mut choose = |backend, server| it.choose(user(backend, server), &wish(), None);
        assert_eq!(choose(1, 0), Choice::Move(ip("127.0.0.12")));
        assert_eq!(choose(1, 1), Choice::Move(ip("127.0.0.11")));
        assert_eq!(choose(1, 2), Choice::Nothing);
        assert_eq!(
            choose(2, 0),
            Choice::Move(ip("127.0.0.12")),
            "another backend"
        );
        assert_eq!(choose(1, 0), Choice::Keep);
    }

    #[test]
    fn they_may_share_when_told_so_but_rather_do_not() {
        let mut it = records(&["127.0.0.11", "127.0.0.12"]);
        let wish = Resolution {
            duplicate_addresses: true,
            ..wish()
        };
        let mut choose = |server| it.choose(user(1, server), &wish, None);
        assert_eq!(choose(0), Choice::Move(ip("127.0.0.12")));
        assert_eq!(choose(1), Choice::Move(ip("127.0.0.11")));
        assert_eq!(choose(2), Choice::Move(ip("127.0.0.12")));
    }

    #[test]
    fn family_counts_most_then_network_then_what_it_has() {
        let all = ["127.0.0.11", "127.0.0.12", "10.1.0.1", "::1"];
        let choose = |wish: &Resolution, current| records(&all).choose(user(1, 0), wish, current);
        assert_eq!(choose(&wish(), None), Choice::Move(ip("::1")));
        let four = Resolution {
            prefer: AddressFamily::V4,
            ..wish()
        };
        assert_eq!(choose(&four, Some(ip("127.0.0.11"))), Choice::Keep);
        let near = Resolution {
            networks: vec![Network {
                address: ip("10.0.0.0"),
                length: 8,
            }],
            ..four
        };
        let current = Some(ip("127.0.0.11"));
        assert_eq!(choose(&near, current), Choice::Move(ip("10.1.0.1")));
    }

    #[test]
    fn addresses_that_are_gone_stay_for_hold_obsolete() {
        const HOLD: Duration = Duration::from_secs(3);
        let mut it = records(&["127.0.0.11"]);
        it.choose(user(1, 0), &wish(), None);
        let mut answer = |seconds| {
            it.update(
                &[ip("127.0.0.12")],
                NOW + Duration::from_secs(seconds),
                HOLD,
            );
            it.choose(user(1, 0), &wish(), Some(ip("127.0.0.11")))
        };
        assert_eq!(answer(3), Choice::Keep);
        assert_eq!(answer(4), Choice::Move(ip("127.0.0.12")));
    }

    #[test]
    fn a_released_address_can_be_taken_by_another() {
        let mut it = records(&["127.0.0.11"]);
        it.choose(user(1, 0), &wish(), None);
        assert_eq!(it.choose(user(1, 1), &wish(), None), Choice::Nothing);
        it.release(user(1, 0));
        assert_eq!(
            it.choose(user(1, 1), &wish(), None),
            Choice::Move(ip("127.0.0.11"))
        );
        it.clear();
        assert_eq!(it.choose(user(1, 0), &wish(), None), Choice::Nothing);
    }
}
