//! How many UDP answers one network gets: a forged sender address must not make this server a nuisance to its owner.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Instant;

use ipnet::IpNet;

/// Networks remembered at a time.
const MAX_NETWORKS: usize = 4096;
/// Seconds for which a network may save up answers it did not ask for.
const SAVED_SECONDS: f64 = 2.0;

/// A token bucket for each network (/24 of IPv4, /56 of IPv6, as name servers usually count them).
#[derive(Debug)]
pub struct RateLimit {
    per_second: f64,
    /// Whether this machine's own addresses have no limit: nobody outside can forge those.
    spares_loopback: bool,
    networks: HashMap<IpNet, Bucket>,
    /// For all networks beyond [`MAX_NETWORKS`] together.
    others: Option<Bucket>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
    refused: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Answer,
    /// An empty answer with the TC bit, no larger than its question: a real asker comes again over TCP, where an
    /// address cannot be forged.
    CutShort,
    Silence,
}

impl RateLimit {
    pub fn new(per_second: u32, spares_loopback: bool) -> Self {
        Self {
            per_second: f64::from(per_second),
            spares_loopback,
            networks: HashMap::new(),
            others: None,
        }
    }

    pub fn admit(&mut self, ip: IpAddr, now: Instant) -> Verdict {
        if self.spares_loopback && ip.to_canonical().is_loopback() {
            return Verdict::Answer;
        }
        let full = self.full();
        let fresh = Bucket {
            tokens: full,
            filled: now,
            refused: 0,
        };
        let rate = self.per_second;
        let network = network(ip);
        if self.networks.len() >= MAX_NETWORKS && !self.networks.contains_key(&network) {
            self.networks
                .retain(|_, bucket| bucket.at(now, rate, full) < full);
        }
        let bucket = if self.networks.len() < MAX_NETWORKS || self.networks.contains_key(&network) {
            self.networks.entry(network).or_insert(fresh)
        } else {
            self.others.get_or_insert(fresh)
        };
        bucket.take(now, rate, full)
    }

    fn full(&self) -> f64 {
        (self.per_second * SAVED_SECONDS).max(1.0)
    }
}

impl Bucket {
    fn at(&self, now: Instant, rate: f64, full: f64) -> f64 {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        (self.tokens + passed * rate).min(full)
    }

    /// Every second refusal still says "come over TCP".
    fn take(&mut self, now: Instant, rate: f64, full: f64) -> Verdict {
        self.tokens = self.at(now, rate, full);
        self.filled = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Verdict::Answer;
        }
        self.refused = self.refused.wrapping_add(1);
        if self.refused % 2 == 1 {
            Verdict::CutShort
        } else {
            Verdict::Silence
        }
    }
}

fn network(ip: IpAddr) -> IpNet {
    let ip = ip.to_canonical();
    let length = if ip.is_ipv4() { 24 } else { 56 };
    IpNet::new(ip, length).map_or(IpNet::from(ip), |net| net.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use std::time::Duration;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// How many of so many questions at once are answered, cut short and passed over.
    fn count(limit: &mut RateLimit, from: &str, now: Instant, questions: usize) -> [usize; 3] {
        let mut counts = [0; 3];
        for _ in 0..questions {
            counts[match limit.admit(ip(from), now) {
                Verdict::Answer => 0,
                Verdict::CutShort => 1,
                Verdict::Silence => 2,
            }] += 1;
        }
        counts
    }

    #[test]
    fn two_seconds_can_be_saved_up_and_no_more() {
        let mut limit = RateLimit::new(10, true);
        let start = Instant::now();
        assert_eq!(count(&mut limit, "192.0.2.1", start, 30), [20, 5, 5]);
        let later = start + Duration::from_millis(500);
        assert_eq!(count(&mut limit, "192.0.2.1", later, 9), [5, 2, 2]);
        let much_later = start + Duration::from_secs(60);
        assert_eq!(count(&mut limit, "192.0.2.1", much_later, 30), [20, 5, 5]);
    }

    #[test]
    fn one_network_shares_one_limit_and_others_have_their_own() {
        let mut limit = RateLimit::new(1, true);
        let now = Instant::now();
        assert_eq!(count(&mut limit, "192.0.2.1", now, 2)[0], 2);
        assert_eq!(count(&mut limit, "192.0.2.200", now, 2)[0], 0);
        assert_eq!(count(&mut limit, "192.0.3.1", now, 2)[0], 2);
        assert_eq!(count(&mut limit, "2001:db8:0:1::1", now, 2)[0], 2);
        assert_eq!(count(&mut limit, "2001:db8:0:2::1", now, 2)[0], 0);
    }

    #[test]
    fn this_machine_is_spared_unless_it_is_not() {
        let now = Instant::now();
        for (spared, answered) in [(true, 100), (false, 2)] {
            let mut limit = RateLimit::new(1, spared);
            assert_eq!(count(&mut limit, "127.0.0.1", now, 100)[0], answered);
            assert_eq!(
                count(&mut limit, "::ffff:127.0.0.1", now, 100)[0],
                if spared { 100 } else { 0 }
            );
        }
    }

    #[test]
    fn a_flood_of_networks_takes_no_more_memory_and_no_more_answers() {
        let mut limit = RateLimit::new(1, true);
        let now = Instant::now();
        let mut answers = 0;
        for n in 0..20_000_u32 {
            let source = IpAddr::V4(Ipv4Addr::from_bits(0x0b00_0000 + (n << 8)));
            answers += usize::from(limit.admit(source, now) == Verdict::Answer);
        }
        assert_eq!(limit.networks.len(), MAX_NETWORKS);
        assert_eq!(answers, MAX_NETWORKS + 2);
        // Those that have been quiet since make room again.
        limit.admit(ip("203.0.113.1"), now + Duration::from_secs(3));
        assert_eq!(limit.networks.len(), 1);
    }
}
