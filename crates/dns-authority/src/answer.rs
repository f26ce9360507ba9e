//! What is answered: from a question, its asker and the turns so far to the records and their order.

use std::net::IpAddr;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{DNSClass, Name, RData, RecordType};

use crate::label::{self, AskedBy, Origin};
use crate::query::Query;
use crate::response::{Item, Reason, Response, Transport};
use crate::subnet;
use crate::turn::{self, Random, Turn};
use crate::view;
use crate::zone::{Address, Apex, Found, Key, NameData, PoolId, TargetId, View, Zone};

/// An alias of an alias of an alias ...: no longer than this.
const MAX_ALIASES: usize = 8;

/// What is remembered from one answer to the next.
#[derive(Debug)]
pub struct Memory {
    turns: Vec<Turn>,
    /// By [`TargetId`]: what its check says.
    sick: Vec<bool>,
    random: Random,
}

impl Memory {
    /// Nobody had a turn, everybody is well.
    pub fn new(zone: &Zone, seed: u64) -> Self {
        Self {
            turns: vec![Turn::default(); zone.pools().len()],
            sick: vec![false; zone.targets().len()],
            random: Random::new(seed),
        }
    }

    /// As if so many answers had been given for every name.
    pub fn skip(&mut self, zone: &Zone, answers: u32) {
        for id in PoolId::all(zone) {
            // After a round all are where they were.
            for _ in 0..answers % zone.pool(id).round() {
                self.take(zone, id);
            }
        }
    }

    pub fn set_sick(&mut self, target: TargetId, sick: bool) {
        self.sick[target.index()] = sick;
    }

    fn take(&mut self, zone: &Zone, id: PoolId) -> Vec<usize> {
        let well = |address: &Address| is_well(&self.sick, address);
        self.turns[id.index()].take(zone.pool(id), well, &mut self.random)
    }

    /// Who may be handed out, without a turn for anybody.
    fn look(&self, zone: &Zone, id: PoolId) -> Vec<usize> {
        turn::candidates(zone.pool(id), |address| is_well(&self.sick, address))
    }
}

fn is_well(sick: &[bool], address: &Address) -> bool {
    address.target.is_none_or(|target| !sick[target.index()])
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub struct Asker {
    pub ip: IpAddr,
    pub transport: Transport,
}

/// Answers one question.
pub fn answer<'a>(
    zone: &'a Zone,
    memory: &mut Memory,
    query: &'a Query,
    asker: Asker,
) -> Response<'a> {
    let mut response = Response::to(query);
    if let Some(code) = refusal(query) {
        response.header.response_code = code;
        return response;
    }
    let mut search = Search {
        zone,
        memory,
        query,
        asker,
        response,
        scope: 0,
        origin: None,
        view: None,
    };
    search.run();
    search.finish()
}

/// What is answered without a look into the zone or the cache.
pub(crate) fn refusal(query: &Query) -> Option<ResponseCode> {
    if query.edns.as_ref().is_some_and(|edns| edns.version != 0) {
        return Some(ResponseCode::BADVERS);
    }
    match u16::from(query.question.query_type) {
        // OPT is no type to ask for.
        0 | 41 => return Some(ResponseCode::FormErr),
        // TKEY, TSIG, MAILB and MAILA: questions of a kind that nobody here answers.
        249 | 250 | 253 | 254 => return Some(ResponseCode::NotImp),
        // IXFR and AXFR: a zone is not given away as a whole.
        251 | 252 => return Some(ResponseCode::Refused),
        _ => {}
    }
    (query.question.query_class != DNSClass::IN).then_some(ResponseCode::Refused)
}

struct Search<'a, 'm> {
    zone: &'a Zone,
    memory: &'m mut Memory,
    query: &'a Query,
    asker: Asker,
    response: Response<'a>,
    /// For how many bits of the asker's network the answer holds.
    scope: u8,
    origin: Option<&'a Origin>,
    view: Option<&'a View>,
}

impl<'a> Search<'a, '_> {
    /// Follows aliases to the name that holds the answer, or to the end (RFC 1034 section 4.3.2).
    fn run(&mut self) {
        let mut owner = &self.query.question.name;
        for hop in 0..=MAX_ALIASES {
            let found = self.zone.find(&Key::of(owner));
            if hop == 0 {
                self.response.header.authoritative = !matches!(found, Found::Outside);
            }
            let (apex, name) = match found {
                Found::Outside if hop == 0 => return self.outside(),
                Found::Outside => return,
                Found::Missing(apex) => {
                    self.response.header.response_code = ResponseCode::NXDomain;
                    return self.negative(apex);
                }
                Found::Name(apex, None) => return self.records_of_top_only(owner, apex),
                Found::Name(apex, Some(name)) => (apex, name),
            };
            self.origin.get_or_insert(&name.origin);
            let asked = self.query.question.query_type;
            match name.alias() {
                Some((data, target)) if !matches!(asked, RecordType::CNAME | RecordType::ANY) => {
                    self.push(owner, name.ttl, data);
                    owner = target;
                }
                _ => return self.records(owner, apex, name),
            }
        }
    }

    /// Not our name to answer for.
    fn outside(&mut self) {
        self.response.header.response_code = ResponseCode::Refused;
        if let Some(edns) = &mut self.response.edns {
            edns.reason = Some(Reason::NotAuthoritative);
        }
    }

    /// A name that holds nothing may still be the top of a zone, and so hold its SOA.
    fn records_of_top_only(&mut self, owner: &'a Name, apex: &'a Apex) {
        if !self.soa(owner, apex) {
            self.negative(apex);
        }
    }

    fn records(&mut self, owner: &'a Name, apex: &'a Apex, name: &'a NameData) {
        let before = self.response.answers.len();
        match self.query.question.query_type {
            RecordType::ANY => self.any(owner, apex, name),
            asked @ (RecordType::A | RecordType::AAAA) => self.addresses(owner, name, asked),
            RecordType::SOA => {
                self.soa(owner, apex);
            }
            asked => self.plain(owner, name, asked),
        }
        if self.response.answers.len() == before {
            self.negative(apex);
        }
        self.targets();
    }

    /// All there is over TCP; over UDP one kind of it, so that no small question has a large answer (RFC 8482
    /// section 4.1).
    fn any(&mut self, owner: &'a Name, apex: &'a Apex, name: &'a NameData) {
        let one = self.asker.transport == Transport::Udp;
        let addresses = [RecordType::A, RecordType::AAAA].into_iter();
        for kind in addresses.chain(name.records.iter().map(|(kind, _)| *kind)) {
            match kind {
                RecordType::A | RecordType::AAAA => self.addresses(owner, name, kind),
                kind => self.plain(owner, name, kind),
            }
            if one && !self.response.answers.is_empty() {
                return;
            }
        }
        self.soa(owner, apex);
    }

    fn plain(&mut self, owner: &'a Name, name: &'a NameData, kind: RecordType) {
        for data in name.records(kind).unwrap_or_default() {
            self.push(owner, name.ttl, data);
        }
    }

    fn soa(&mut self, owner: &'a Name, apex: &'a Apex) -> bool {
        let asked = matches!(
            self.query.question.query_type,
            RecordType::SOA | RecordType::ANY
        );
        let here = asked && *owner == apex.name;
        if here {
            self.push(owner, apex.ttl, &apex.soa);
        }
        here
    }

    /// Addresses in the order whose turn it is, from the view that is the asker's.
    fn addresses(&mut self, owner: &'a Name, name: &'a NameData, kind: RecordType) {
        let chosen = view::choose(&name.views, self.asker_network());
        self.scope = self.scope.max(chosen.scope);
        let own = chosen
            .view
            .and_then(|view| Some((view.pools.of(kind)?, view.ttl)));
        if own.is_some() {
            self.view = chosen.view;
        }
        let Some((id, ttl)) = own.or_else(|| Some((name.pools.of(kind)?, name.ttl))) else {
            return;
        };
        let pool = self.zone.pool(id);
        let order = match self.asked_by() {
            AskedBy::Probe => self.memory.look(self.zone, id),
            AskedBy::Client | AskedBy::Cache => self.memory.take(self.zone, id),
        };
        for index in order {
            self.push(owner, ttl, &pool.addresses[index].data);
        }
    }

    /// A look of the lab itself takes nobody's turn.
    fn asked_by(&self) -> AskedBy {
        let edns = self.query.edns.as_ref();
        edns.map_or(AskedBy::Client, |edns| edns.asked_by)
    }

    /// The network to choose a view for; `None` when the asker's resolver asks for what suits everybody.
    fn asker_network(&self) -> Option<ipnet::IpNet> {
        let told = self.query.edns.as_ref().and_then(|edns| edns.subnet);
        match told {
            Some(subnet) => subnet.network(),
            None => Some(subnet::of_asker(self.asker.ip)),
        }
    }

    /// The addresses of name servers and mail exchanges, which are asked for next; nobody's turn is taken for it.
    fn targets(&mut self) {
        let mut targets = Vec::new();
        for item in &self.response.answers {
            match item.data {
                RData::NS(ns) => targets.push(&ns.0),
                RData::MX(mx) => targets.push(&mx.exchange),
                _ => {}
            }
        }
        for target in targets {
            let Found::Name(_, Some(name)) = self.zone.find(&Key::of(target)) else {
                continue;
            };
            for id in [name.pools.v4, name.pools.v6].into_iter().flatten() {
                let pool = self.zone.pool(id);
                let items = pool.handed_out().map(|index| Item {
                    owner: target,
                    ttl: name.ttl,
                    data: &pool.addresses[index].data,
                });
                self.response.additionals.extend(items);
            }
        }
    }

    /// No such name, or no such data: the SOA record says for how long that may be kept (RFC 2308 section 3).
    fn negative(&mut self, apex: &'a Apex) {
        self.response.authorities.push(Item {
            owner: &apex.name,
            ttl: apex.negative_ttl,
            data: &apex.soa,
        });
    }

    fn push(&mut self, owner: &'a Name, ttl: u32, data: &'a RData) {
        self.response.answers.push(Item { owner, ttl, data });
    }

    fn finish(mut self) -> Response<'a> {
        let wants_label = self
            .query
            .edns
            .as_ref()
            .is_some_and(|edns| edns.wants_label);
        if let Some(edns) = &mut self.response.edns {
            if let Some((subnet, scope)) = &mut edns.subnet {
                // What was asked for everybody holds for everybody.
                *scope = if subnet.network().is_some() {
                    self.scope
                } else {
                    0
                };
            }
            if wants_label {
                let origin = self.origin.unwrap_or(&Origin::UNKNOWN);
                edns.label = Some(label::of_authority(
                    origin,
                    self.view.map(|view| view.title.as_str()),
                ));
            }
        }
        self.response
    }
}

#[cfg(test)]
mod tests;
