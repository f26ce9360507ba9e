//! Active servers, and backups for when there are none.

use super::{Backend, Demand};
use crate::algorithm::Ask;
use crate::server::{Server, ServerIndex};

impl Backend {
    /// Active servers that an algorithm may choose from: `act` of the backend row.
    pub fn usable(&self) -> usize {
        self.usable_of(false)
    }

    /// The same of backup servers: `bck` of the backend row.
    pub fn usable_backups(&self) -> usize {
        self.usable_of(true)
    }

    fn usable_of(&self, backup: bool) -> usize {
        let of_group = |server: &&Server| server.spec.backup == backup && server.eligible();
        self.servers.iter().filter(of_group).count()
    }

    /// The sum of effective weights in use: `weight` of the backend row.
    pub fn weight(&self) -> u32 {
        let dynamic = self.balance.is_dynamic();
        let serving = self.serving().map(|index| &self.servers[index.0]);
        let sixteenths: u32 = serving.map(|server| server.effective_weight(dynamic)).sum();
        sixteenths.div_ceil(16)
    }

    /// The same without regard to `slowstart`: `uweight` of the backend row.
    pub fn user_weight(&self) -> u32 {
        let weight = |index: ServerIndex| u32::from(self.servers[index.0].weight);
        self.serving().map(weight).sum()
    }

    /// A request can be served: there are active servers, or backups.
    pub(super) fn has_server(&self) -> bool {
        self.servers.iter().any(Server::eligible)
    }

    /// The servers requests are given to now: the active ones; without any the first backup, or all of them with
    /// `option allbackups`.
    pub(super) fn serving(&self) -> impl Iterator<Item = ServerIndex> {
        let backup = self.usable() == 0;
        let most = match backup && !self.all_backups {
            true => 1,
            false => usize::MAX,
        };
        let servers = self.servers.iter().enumerate();
        let eligible = servers.filter(move |(_, s)| s.spec.backup == backup && s.eligible());
        eligible.map(|(index, _)| ServerIndex(index)).take(most)
    }

    /// Whose turn it is; `None`: all are full. A single backup serves whether it is full or not.
    pub(super) fn pick(&mut self, demand: Demand) -> Option<ServerIndex> {
        let backup = self.usable() == 0;
        if backup && !self.all_backups {
            return self.serving().next();
        }
        let (servers, crowd) = (&self.servers, self.crowd());
        let group = match backup {
            true => &mut self.backups,
            false => &mut self.active,
        };
        group.pick(&Ask {
            key: demand.key,
            avoid: demand.avoid,
            served: servers.iter().map(|server| server.served).sum(),
            load: &|server| servers[server.0].load(crowd),
        })
    }

    /// Tells the algorithms what changed among the servers.
    pub(super) fn tell_weights(&mut self) {
        let dynamic = self.balance.is_dynamic();
        for (index, server) in self.servers.iter().enumerate() {
            let weight = server.effective_weight(dynamic);
            let group = match server.spec.backup {
                true => &mut self.backups,
                false => &mut self.active,
            };
            group.set_weight(ServerIndex(index), weight);
        }
    }

    pub(super) fn tell_load(&mut self, server: Option<ServerIndex>) {
        let Some(server) = server else { return };
        let requests = self.load(server).requests();
        match self.servers[server.0].spec.backup {
            true => self.backups.set_load(server, requests),
            false => self.active.set_load(server, requests),
        }
    }
}
