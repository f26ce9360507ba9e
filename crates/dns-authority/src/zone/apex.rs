use hickory_proto::rr::rdata::SOA;
use hickory_proto::rr::{Name, RData};

/// Seconds for which "there is no such thing" may be kept, where the file has no `SOA` for a zone.
const NEGATIVE_TTL: u32 = 60;

/// The top name of a zone, and the SOA record that speaks for it.
#[derive(Clone, Debug)]
pub struct Apex {
    pub name: Name,
    /// Always [`RData::SOA`].
    pub soa: RData,
    /// Seconds, of the SOA record where it is asked for.
    pub ttl: u32,
    /// Seconds, of the SOA record in a negative answer: the lesser of its TTL and its minimum (RFC 2308 section 3).
    pub negative_ttl: u32,
}

impl Apex {
    pub(super) fn new(name: Name, soa: SOA, ttl: u32) -> Self {
        Self {
            name,
            ttl,
            negative_ttl: ttl.min(soa.minimum),
            soa: RData::SOA(soa),
        }
    }

    /// One for a zone whose file says nothing: its own name as the server's, times of an hour and a day.
    pub(super) fn usual(name: Name, ttl: u32) -> Self {
        let contact = Name::from_ascii("hostmaster")
            .and_then(|local| local.append_domain(&name))
            .unwrap_or_else(|_| name.clone());
        let soa = SOA::new(name.clone(), contact, 1, 3600, 600, 86_400, NEGATIVE_TTL);
        Self::new(name, soa, ttl)
    }

    pub(super) fn set_ttl(&mut self, ttl: u32) {
        self.ttl = ttl;
        self.negative_ttl = ttl;
        if let RData::SOA(soa) = &mut self.soa {
            soa.minimum = ttl;
        }
    }
}
