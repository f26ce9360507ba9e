//! More servers for a lab that runs.

use super::launch::busy;
use super::unit::{Role, Unit, UnitId};
use super::{Phase, Supervisor};
use crate::exit::Exit;
use crate::observe::port;
use crate::plan::{self, Plan, PlannedServer, Ports, Wanted};
use crate::problem::{Problem, Result};
use crate::work_dir::log_file::LogFile;

impl Supervisor {
    /// Starts servers on the next free ports until there are so many; all of their ports are tried first.
    pub(super) fn add(&mut self, servers: u16) -> Result<Vec<(String, u16)>> {
        if !matches!(self.phase, Phase::Running) {
            return Err(Problem::new(
                "not-ready",
                Exit::NotReady,
                "the lab is starting or ending right now",
            ));
        }
        let new = self.more_servers(servers)?;
        if let Some(taken) = new
            .iter()
            .find(|server| port::test(server.address).is_err())
        {
            return Err(busy(taken.address, &taken.name));
        }
        let mut added = Vec::new();
        for server in new {
            let log = LogFile::open(self.work.log(&server.name))
                .map_err(|error| Problem::io("open a log in .lab/run", &error))?;
            let (name, port) = (server.name.clone(), server.address.port());
            let role = Role::Server {
                address: server.address,
                members: server.members,
            };
            self.units.push(Unit::new(server.name, role, log));
            self.view.know(name.clone(), port);
            self.start(UnitId(self.units.len() - 1))?;
            added.push((name, port));
        }
        self.changed = true;
        Ok(added)
    }

    fn more_servers(&self, servers: u16) -> Result<Vec<PlannedServer>> {
        let known = |unit: &Unit| match &unit.role {
            Role::Server { address, members } => Some(PlannedServer {
                name: unit.name.clone(),
                address: *address,
                members: members.clone(),
            }),
            Role::NameServer(_) | Role::Page(_) | Role::Balancer => None,
        };
        let mut plan = Plan {
            servers: self.units.iter().filter_map(known).collect(),
            binds: self.plan.binds.clone(),
            names: None,
        };
        let count = plan.servers.len();
        let first = plan
            .servers
            .iter()
            .map(|server| server.address.port())
            .min()
            .unwrap_or(1024);
        let wanted = Wanted {
            servers: Some(servers),
            ports: Ports::From(first),
            balancer: 0,
            statistics: 0,
        };
        plan::add_servers(&mut plan, &wanted)?;
        Ok(plan.servers.split_off(count))
    }
}
