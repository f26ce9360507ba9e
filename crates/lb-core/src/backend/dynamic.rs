//! Servers that come and go while the balancer runs: `add server`, `del server`.
//!
//! A server that has gone leaves its place empty until the next reload, so that an index never names another one.

use super::Backend;
use crate::Uptime;
use crate::server::{RunState, Server, ServerIndex, ServerSpec};

/// Why a server cannot go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occupied {
    /// It is not in maintenance.
    InService,
    /// Requests are on it, or wait for it.
    Connected,
}

impl Backend {
    /// A server more, in maintenance by force and with its checks switched off. Its name and id are not taken.
    pub fn add(&mut self, spec: ServerSpec, now: Uptime) -> ServerIndex {
        let index = self.next_index();
        let mut server = Server::new(spec, now);
        server.admin.forced_maint = true;
        server.run = RunState::Stopped;
        if let Some(check) = &mut server.check {
            check.enabled = false;
            check.health.force_down();
        }
        if let Some(agent) = &mut server.agent {
            agent.enabled = false;
        }
        server.unchecked.health = 0;
        for group in [&mut self.active, &mut self.backups] {
            group.add(index, server.spec.id);
        }
        self.servers.push(server);
        self.up = self.has_server();
        index
    }

    /// The index of the server that is added next.
    pub fn next_index(&self) -> ServerIndex {
        ServerIndex(self.servers.len())
    }

    /// A server leaves. Idle connections to it are nobody's from now on: their keepers close them.
    ///
    /// # Errors
    ///
    /// It still serves, or might.
    pub fn remove(&mut self, index: ServerIndex) -> Result<(), Occupied> {
        let server = &mut self.servers[index.0];
        if !server.in_maintenance() {
            return Err(Occupied::InService);
        }
        if server.counters.scur > 0 || server.served > 0 || server.line.len() > 0 {
            return Err(Occupied::Connected);
        }
        server.gone = true;
        self.up = self.is_empty() || self.has_server();
        Ok(())
    }

    /// Whether it has no server at all.
    pub fn is_empty(&self) -> bool {
        self.servers().next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithm::{Balance, Layout};
    use crate::backend::{AdminChange, Admission, BackendSpec, Demand, Outcome};
    use std::num::NonZeroU32;

    const NOW: Uptime = Uptime::ZERO;

    fn spec(name: &str, id: u32) -> ServerSpec {
        ServerSpec {
            name: name.into(),
            id,
            weight: 1,
            ..ServerSpec::default()
        }
    }

    fn backend(balance: Balance) -> Backend {
        let spec = BackendSpec {
            name: "b".into(),
            balance,
            servers: vec![spec("s1", 1)],
            ..BackendSpec::default()
        };
        Backend::new(spec, NOW)
    }

    /// Who serves so many requests, one after the other.
    fn turns(it: &mut Backend, count: u32) -> Vec<usize> {
        let turn = |key| {
            let demand = Demand {
                key: Some(key),
                ..Demand::default()
            };
            it.request_begins(NOW);
            let Admission::Slot(server) = it.admit(demand, NOW) else {
                panic!("a server is up");
            };
            it.request_ends(Some(server), true, &Outcome::default());
            server.0
        };
        (0..count)
            .map(|n| n.wrapping_mul(0x9E37_79B9))
            .map(turn)
            .collect()
    }

    #[test]
    fn every_dynamic_algorithm_takes_a_new_server_in_and_lets_it_go() {
        let two = NonZeroU32::new(2).expect("it is not 0");
        for balance in [
            Balance::RoundRobin,
            Balance::LeastConnections,
            Balance::First,
            Balance::Random {
                draws: two,
                seed: 1,
            },
            Balance::Key {
                name: "source",
                layout: Layout::Ring { factor: 0 },
            },
        ] {
            let first = balance == Balance::First;
            let mut it = backend(balance);
            turns(&mut it, 3);
            let new = it.add(spec("s2", 2), NOW);
            assert_eq!(it.server(new).status(), "MAINT");
            assert_eq!(turns(&mut it, 4), [0; 4], "not before it is ready");
            it.set_admin(new, AdminChange::Ready, NOW);
            let seen = turns(&mut it, 64);
            assert!(first || seen.contains(&1), "{} {seen:?}", it.algorithm());
            assert!(seen.contains(&0));
            assert_eq!(it.remove(new), Err(Occupied::InService));
            it.set_admin(new, AdminChange::Maint, NOW);
            assert_eq!(it.remove(new), Ok(()));
            assert_eq!(it.find("s2"), None);
            assert_eq!(turns(&mut it, 4), [0; 4]);
            assert_eq!(it.servers().count(), 1);
        }
    }

    #[test]
    fn first_goes_by_ids_not_by_the_time_of_coming() {
        let spec = BackendSpec {
            balance: Balance::First,
            servers: vec![spec("s1", 5), spec("s2", 7)],
            ..BackendSpec::default()
        };
        let mut it = Backend::new(spec, NOW);
        let new = it.add(self::spec("s3", 2), NOW);
        it.set_admin(new, AdminChange::Ready, NOW);
        assert_eq!(turns(&mut it, 2), [2, 2]);
    }

    #[test]
    fn nobody_is_removed_from_under_a_request() {
        let mut it = backend(Balance::RoundRobin);
        let only = ServerIndex(0);
        it.request_begins(NOW);
        assert_eq!(it.admit(Demand::default(), NOW), Admission::Slot(only));
        it.set_admin(only, AdminChange::Maint, NOW);
        assert_eq!(it.remove(only), Err(Occupied::Connected));
        it.request_ends(Some(only), true, &Outcome::default());
        assert!(!it.is_up());
        assert_eq!(it.remove(only), Ok(()));
        assert!(it.is_up(), "nobody is missing where there is nobody");
    }
}
