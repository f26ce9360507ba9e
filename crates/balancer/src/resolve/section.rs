//! One `resolvers` section at work: which names are looked up for which servers, and what answers do to them. It
//! sends nothing itself and is told the time.

use super::message::{self, Fault};
use super::question::{Next, Question};
use super::records::{Choice, Records, User};
use crate::announce::announce;
use crate::logger::Logger;
use crate::plan::{AddressFamily, Backend, Counter, Named, Plan, Resolution, Resolvers, Server};
use hickory_proto::rr::Name;
use lb_core::Uptime;
use lb_core::transition::ResolutionFailure;
use std::net::IpAddr;
use std::sync::Arc;

/// The lookups of one section.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) policy: Arc<Resolvers>,
    logger: Arc<Logger>,
    lookups: Vec<Lookup>,
}

/// One name, asked for first by one kind of address, and the servers that live by it.
#[derive(Debug)]
struct Lookup {
    name: Name,
    question: Question,
    /// Of the questions under way.
    id: Option<u16>,
    records: Records,
    customers: Vec<Customer>,
}

/// A server that is looked up.
#[derive(Clone, Debug)]
struct Customer {
    backend: Arc<Backend>,
    user: User,
}

/// A question to be sent to every name server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) packet: Vec<u8>,
    /// For [`Section::was_sent`].
    pub(super) lookup: usize,
}

impl Section {
    /// The `number`-th section of a plan; `None` when no server asks it.
    pub(super) fn new(
        plan: &Plan,
        number: usize,
        logger: &Arc<Logger>,
        now: Uptime,
    ) -> Option<Self> {
        let mut section = Self {
            policy: Arc::clone(plan.resolvers.get(number)?),
            logger: Arc::clone(logger),
            lookups: Vec::new(),
        };
        let customers = customers(plan, number);
        if customers.is_empty() {
            return None;
        }
        for customer in customers {
            section.take(customer, now);
        }
        Some(section)
    }

    /// When to [`wake`](Self::wake) it next; `None`: there is nothing to ask.
    pub(super) fn due(&self) -> Option<Uptime> {
        let dues = self.lookups.iter().map(|it| it.question.due(&self.policy));
        dues.min()
    }

    /// Time has passed: the questions to send. `id` draws one that nobody can foresee.
    pub(super) fn wake(&mut self, now: Uptime, mut id: impl FnMut() -> u16) -> Vec<Ask> {
        let mut asks = Vec::new();
        for lookup in 0..self.lookups.len() {
            match self.lookups[lookup].question.wake(now, &self.policy) {
                Next::Wait => {}
                Next::Ask(family) => {
                    let id = self.id_of(lookup, &mut id);
                    asks.extend(self.ask(lookup, id, family));
                }
                Next::GiveUp => self.give_up(lookup, now),
            }
        }
        asks
    }

    /// So many name servers were sent a question.
    pub(super) fn was_sent(&mut self, lookup: usize, count: usize) {
        self.lookups[lookup].question.was_sent(count);
    }

    /// An answer of the `nameserver`-th name server has come; gives the question to send now.
    pub(super) fn receive(&mut self, nameserver: usize, packet: &[u8], now: Uptime) -> Option<Ask> {
        let policy = Arc::clone(&self.policy);
        let counters = &policy.nameservers[nameserver].counters;
        if packet.len() > usize::from(policy.accepted_payload_size) {
            counters.count(Counter::TooBig);
            return None;
        }
        let Some(id) = message::id(packet) else {
            counters.count(Counter::Invalid);
            return None;
        };
        let Some(lookup) = self.lookups.iter().position(|it| it.id == Some(id)) else {
            counters.count(Counter::Outdated);
            return None;
        };
        match message::addresses(packet, &self.lookups[lookup].name) {
            Ok(addresses) => {
                counters.count(Counter::Valid);
                self.succeed(lookup, nameserver, &addresses, now);
                None
            }
            Err(fault) => {
                counters.count(fault.counter());
                self.fail(lookup, fault, now)
            }
        }
    }

    /// Servers may have got other names: they move to the lookups of these, keeping their addresses meanwhile.
    pub(super) fn regroup(&mut self, plan: &Plan, number: usize, now: Uptime) {
        for customer in customers(plan, number) {
            let named = customer.named();
            let wanted = named.and_then(Named::host).and_then(|host| dns_name(&host));
            let mine = |it: &Lookup| it.customers.iter().any(|other| other.user == customer.user);
            let at = self.lookups.iter().position(mine);
            if at.map(|at| &self.lookups[at].name) == wanted.as_ref() {
                continue;
            }
            if let Some(at) = at {
                let lookup = &mut self.lookups[at];
                lookup.records.release(customer.user);
                lookup.customers.retain(|other| other.user != customer.user);
            }
            self.take(customer, now);
        }
        self.lookups.retain(|lookup| !lookup.customers.is_empty());
    }

    fn take(&mut self, customer: Customer, now: Uptime) {
        let host = customer.named().and_then(Named::host);
        let (Some(name), Some(wish)) = (host.and_then(|host| dns_name(&host)), customer.wish())
        else {
            return;
        };
        let prefer = wish.prefer;
        let same = |it: &&mut Lookup| it.name == name && it.question.preferred() == prefer;
        match self.lookups.iter_mut().find(same) {
            Some(lookup) => lookup.customers.push(customer),
            None => self.lookups.push(Lookup {
                name,
                question: Question::new(prefer, now),
                id: None,
                records: Records::default(),
                customers: vec![customer],
            }),
        }
    }

    /// The id of a lookup's questions, which stays until it rests.
    fn id_of(&mut self, lookup: usize, draw: &mut impl FnMut() -> u16) -> u16 {
        if let Some(id) = self.lookups[lookup].id {
            return id;
        }
        let mut id = draw();
        while self.lookups.iter().any(|other| other.id == Some(id)) {
            id = id.wrapping_add(1);
        }
        self.lookups[lookup].id = Some(id);
        id
    }

    fn ask(&self, lookup: usize, id: u16, family: AddressFamily) -> Option<Ask> {
        let payload = self.policy.accepted_payload_size;
        let name = &self.lookups[lookup].name;
        let packet = message::question(id, name, family, payload)?;
        Some(Ask { packet, lookup })
    }

    fn fail(&mut self, lookup: usize, fault: Fault, now: Uptime) -> Option<Ask> {
        let it = &mut self.lookups[lookup];
        match it.question.failed(fault.outcome(), now, &self.policy) {
            Next::Wait => None,
            Next::Ask(family) => {
                let id = it.id?;
                self.ask(lookup, id, family)
            }
            Next::GiveUp => {
                self.give_up(lookup, now);
                None
            }
        }
    }

    /// There was no valid answer: servers lose their addresses once the last one no longer holds.
    fn give_up(&mut self, lookup: usize, now: Uptime) {
        let it = &mut self.lookups[lookup];
        it.id = None;
        let failure = it.question.failure(now, &self.policy.hold);
        let mut kept = false;
        for customer in &it.customers {
            let lost = failure.is_some_and(|failure| customer.lose(failure, &self.logger, now));
            if lost {
                it.records.release(customer.user);
            }
            kept |= !lost;
        }
        if !kept {
            it.records.clear();
        }
    }

    fn succeed(&mut self, lookup: usize, nameserver: usize, addresses: &[IpAddr], now: Uptime) {
        let policy = &self.policy;
        let it = &mut self.lookups[lookup];
        it.id = None;
        it.question.succeeded(now, policy);
        it.records.update(addresses, now, policy.hold.obsolete);
        let nameserver = &policy.nameservers[nameserver];
        let first = format!("{}/{}", policy.name, nameserver.name);
        for (position, customer) in it.customers.iter().enumerate() {
            let Some(wish) = customer.wish() else {
                continue;
            };
            let choice = it
                .records
                .choose(customer.user, wish, customer.server().address.ip());
            if let Choice::Move(ip) = choice {
                let from = if position == 0 {
                    first.as_str()
                } else {
                    "DNS cache"
                };
                if position == 0 {
                    nameserver.counters.count(Counter::Update);
                }
                customer.move_to(ip, from, &self.logger);
            }
            match choice {
                Choice::Nothing => {
                    let none = ResolutionFailure::NoAddress;
                    customer.lose(none, &self.logger, now);
                }
                Choice::Keep | Choice::Move(_) => customer.resolve(&self.logger, now),
            }
        }
    }
}

impl Customer {
    fn server(&self) -> &Server {
        self.backend.server(self.user.server)
    }

    fn named(&self) -> Option<&Named> {
        self.server().address.named()
    }

    fn wish(&self) -> Option<&Resolution> {
        self.server().resolution.as_ref()
    }

    fn move_to(&self, ip: IpAddr, from: &str, logger: &Logger) {
        let address = &self.server().address;
        let former = address
            .ip()
            .map_or_else(|| "(none)".to_owned(), |ip| ip.to_string());
        address.set_ip(Some(ip));
        let (backend, server) = (&self.backend.name, &self.server().name);
        let words = format!("{backend}/{server} changed its IP from {former} to {ip} by {from}.");
        logger.tell_words(&self.backend, &words);
    }

    /// It has an address.
    fn resolve(&self, logger: &Logger, now: Uptime) {
        let host = self.named().and_then(Named::host).unwrap_or_default();
        let told = self.backend.live().resolved(self.user.server, &host, now);
        let Some(transition) = told else { return };
        announce(logger, &self.backend, &transition);
        let (backend, server) = (&self.backend.name, &self.server().name);
        let words =
            format!("Server {backend}/{server} administratively READY thanks to valid DNS answer.");
        logger.tell_words(&self.backend, &words);
    }

    /// It has no address any more; false: it had none before.
    fn lose(&self, failure: ResolutionFailure, logger: &Logger, now: Uptime) -> bool {
        let mut live = self.backend.live();
        let (lost, told) = live.unresolved(self.user.server, failure, now);
        drop(live);
        if lost {
            self.server().address.set_ip(None);
        }
        if let Some(transition) = told {
            announce(logger, &self.backend, &transition);
        }
        lost
    }
}

/// The servers of a plan that ask its `number`-th section, in file order.
fn customers(plan: &Plan, number: usize) -> Vec<Customer> {
    let mut customers = Vec::new();
    for (place, backend) in plan.backends.iter().enumerate() {
        let mine = |server: &&Server| {
            let wish = server.resolution.as_ref();
            wish.is_some_and(|wish| wish.resolvers == number) && server.address.named().is_some()
        };
        for server in backend.servers.iter().filter(mine) {
            customers.push(Customer {
                backend: Arc::clone(backend),
                user: User {
                    backend: place,
                    server: server.index,
                },
            });
        }
    }
    customers
}

/// A host as DNS has it: lower case, from the root on.
fn dns_name(host: &str) -> Option<Name> {
    let mut name = Name::from_ascii(host.to_ascii_lowercase()).ok()?;
    name.set_fqdn(true);
    Some(name)
}

#[cfg(test)]
mod tests;
