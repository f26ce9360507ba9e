use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_proto::rr::{Name, RData, RecordType};
use ipnet::IpNet;

use super::{Apex, Key};
use crate::label::Origin;

/// All names this server answers for. Made by [`super::parse`] only.
#[derive(Debug)]
pub struct Zone {
    pub(super) nodes: HashMap<Key, Node>,
    pub(super) apexes: Vec<Apex>,
    pub(super) names: Vec<NameData>,
    pub(super) pools: Vec<Pool>,
    pub(super) targets: Vec<(SocketAddr, Check)>,
}

/// What is known of one place in the tree of names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) apex: usize,
    /// `None`: nothing is written for it, but names below it exist (RFC 4592 calls it an empty non-terminal).
    pub(super) data: Option<usize>,
}

/// Where a name lies.
#[derive(Clone, Copy, Debug)]
pub enum Found<'z> {
    /// The name exists; `None` where only names below it hold something.
    Name(&'z Apex, Option<&'z NameData>),
    /// Inside a zone of ours, and it does not exist.
    Missing(&'z Apex),
    /// In no zone of ours.
    Outside,
}

impl Zone {
    pub fn find(&self, key: &Key) -> Found<'_> {
        let mut chain = key.with_ancestors();
        if let Some(node) = chain.next().and_then(|own| self.nodes.get(own)) {
            return Found::Name(
                &self.apexes[node.apex],
                node.data.map(|index| &self.names[index]),
            );
        }
        match chain.find_map(|ancestor| self.nodes.get(ancestor)) {
            Some(node) => Found::Missing(&self.apexes[node.apex]),
            None => Found::Outside,
        }
    }

    /// Every name something is written for, in the order of the file.
    pub fn names(&self) -> &[NameData] {
        &self.names
    }

    pub fn apexes(&self) -> &[Apex] {
        &self.apexes
    }

    pub fn pool(&self, id: PoolId) -> &Pool {
        &self.pools[id.0]
    }

    pub fn pools(&self) -> &[Pool] {
        &self.pools
    }

    /// What is to be examined, and how; the index is the [`TargetId`].
    pub fn targets(&self) -> &[(SocketAddr, Check)] {
        &self.targets
    }

    /// Examines the addresses of a name from now on, as its `check` would, views included. False when it has none.
    pub fn watch(&mut self, name: &Name, check: Check) -> bool {
        let Some(data) = self.names.iter().find(|data| data.name == *name) else {
            return false;
        };
        let views = data.views.iter().map(|view| view.pools);
        let pools = views
            .chain([data.pools])
            .flat_map(|pools| [pools.v4, pools.v6]);
        let pools: Vec<PoolId> = pools.flatten().collect();
        for id in &pools {
            for address in &mut self.pools[id.0].addresses {
                let target = (SocketAddr::new(address.ip, check.port), check);
                let known = self.targets.iter().position(|known| *known == target);
                address.target = Some(TargetId(known.unwrap_or(self.targets.len())));
                if known.is_none() {
                    self.targets.push(target);
                }
            }
        }
        !pools.is_empty()
    }

    /// Sets the TTL of everything, negative answers included: for watching a cache forget.
    pub fn set_ttl(&mut self, ttl: u32) {
        for name in &mut self.names {
            name.ttl = ttl;
            name.views.iter_mut().for_each(|view| view.ttl = ttl);
        }
        self.apexes.iter_mut().for_each(|apex| apex.set_ttl(ttl));
    }
}

/// One `[[name]]` of the file.
#[derive(Debug)]
pub struct NameData {
    pub name: Name,
    /// Seconds.
    pub ttl: u32,
    pub origin: Origin,
    /// All records but addresses, grouped by type. A `CNAME` is alone.
    pub records: Vec<(RecordType, Vec<RData>)>,
    /// The addresses for everybody whom no view names.
    pub pools: Pools,
    pub views: Vec<View>,
}

impl NameData {
    pub fn records(&self, kind: RecordType) -> Option<&[RData]> {
        let found = self.records.iter().find(|(known, _)| *known == kind);
        found.map(|(_, records)| records.as_slice())
    }

    /// The one record of an alias, and the name it points to.
    pub fn alias(&self) -> Option<(&RData, &Name)> {
        match self.records(RecordType::CNAME)? {
            [data @ RData::CNAME(target)] => Some((data, &target.0)),
            _ => None,
        }
    }
}

/// The addresses of a name, or of one view of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pools {
    pub v4: Option<PoolId>,
    pub v6: Option<PoolId>,
}

impl Pools {
    pub fn of(self, kind: RecordType) -> Option<PoolId> {
        match kind {
            RecordType::A => self.v4,
            RecordType::AAAA => self.v6,
            _ => None,
        }
    }
}

/// Other addresses for askers from some networks.
#[derive(Debug)]
pub struct View {
    /// As `label` names it, for people.
    pub title: String,
    /// At least one.
    pub from: Vec<IpNet>,
    /// Seconds.
    pub ttl: u32,
    /// A type that is missing here is answered from the name's own pool.
    pub pools: Pools,
}

/// Which pool of a zone; the turn of a pool is kept under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PoolId(pub(super) usize);

impl PoolId {
    /// All of a zone.
    pub fn all(zone: &Zone) -> impl Iterator<Item = Self> {
        (0..zone.pools.len()).map(Self)
    }

    pub fn index(self) -> usize {
        self.0
    }
}

/// Addresses of one type, and how they are handed out.
#[derive(Debug)]
pub struct Pool {
    pub give: Give,
    /// At least one, and at least one weight is above 0.
    pub addresses: Vec<Address>,
}

impl Pool {
    /// Those that are ever handed out, in the order of the file, as indexes.
    pub fn handed_out(&self) -> impl Iterator<Item = usize> + '_ {
        let weighted = |index: &usize| self.addresses[*index].weight > 0;
        (0..self.addresses.len()).filter(weighted)
    }

    /// After so many answers everybody had as many turns as their weight says; at least 1.
    pub fn round(&self) -> u32 {
        let weights = self
            .addresses
            .iter()
            .map(|address| u32::from(address.weight));
        weights.sum::<u32>().max(1)
    }
}

#[derive(Debug)]
pub struct Address {
    pub ip: IpAddr,
    /// Its share: 0 to 256, as a server's weight in HAProxy. 0 is never handed out.
    pub weight: u16,
    /// What tells whether it is well; `None` when nobody looks.
    pub target: Option<TargetId>,
    /// The address as record data, made once.
    pub data: RData,
}

/// How the addresses of a pool are handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Give {
    /// One of them per answer, in turn, each as often as its weight says.
    One,
    /// All of them, turned: who comes first takes turns as with `One`, the others follow in order.
    All,
    /// All of them, always in the order of the file.
    Fixed,
    /// All of them in an order drawn anew for every answer; the weight says how likely one is to come early.
    Random,
}

/// Which address is examined; pools that share address and port share the examination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TargetId(pub(super) usize);

impl TargetId {
    pub fn index(self) -> usize {
        self.0
    }

    /// All of a zone.
    pub fn all(zone: &Zone) -> impl Iterator<Item = Self> {
        (0..zone.targets.len()).map(Self)
    }
}

/// How an address is examined: a TCP connection to a port of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Check {
    pub port: u16,
    /// From one examination to the next.
    pub every: Duration,
    /// How long a connection may take to come about.
    pub timeout: Duration,
    /// Successes in a row that bring it back.
    pub rise: u32,
    /// Failures in a row that take it out.
    pub fall: u32,
}

impl Check {
    /// The one of a file that names only the port: every two seconds, HAProxy's `rise 2` and `fall 3`.
    pub fn usual(port: u16) -> Self {
        Self {
            port,
            every: Duration::from_secs(2),
            timeout: Duration::from_secs(1),
            rise: 2,
            fall: 3,
        }
    }
}
