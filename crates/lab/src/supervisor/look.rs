//! What the supervisor sees: the balancer's beliefs, servers of somebody else, and the picture of it all.

use super::Supervisor;
use super::inputs::Finding;
use super::protocol::Reply;
use super::snapshot::{
    BalancerRow, Belief, NameServerRow, Process, ServerRow, Snapshot, Supervisor as Who,
};
use super::unit::{Role, State, Unit};
use crate::config_file::ConfigFile;
use crate::observe::{port, runtime_api, stat_csv};
use crate::plan::PlannedBind;
use jiff::Timestamp;
use tokio::sync::mpsc::Sender;

impl Supervisor {
    /// Asks the balancer what it believes; the answer comes as a finding.
    pub(super) fn ask_beliefs(&self, reply: Option<Sender<Reply>>) {
        let (socket, found) = (self.stats_socket(), self.found.clone());
        let runs = self
            .balancer()
            .is_some_and(|unit| matches!(unit.state, State::Up { .. }));
        tokio::spawn(async move {
            let csv = if runs {
                runtime_api::ask(&socket, "show stat").await.ok()
            } else {
                None
            };
            let beliefs = csv.map(|csv| stat_csv::beliefs(&csv));
            let _ = found.send(Finding::Beliefs(beliefs, reply));
        });
    }

    /// Once a second while somebody looks, and only if a belief can change by itself or something has happened.
    pub(super) fn ask_beliefs_if_watched(&self) {
        let watched = self.view.is_moving() || !self.watchers.is_empty();
        let checked = self.units.iter().any(|unit| match &unit.role {
            Role::Server { members, .. } => members.iter().any(|member| member.checked),
            Role::NameServer(_) | Role::Page(_) | Role::Balancer => false,
        });
        if watched && (checked || self.changed || self.beliefs.is_none()) {
            self.ask_beliefs(None);
        }
    }

    /// Notices that a stopped server's port is served again, by somebody else, or that such a one has gone.
    pub(super) fn look_for_strangers(&mut self) {
        if !self.view.is_moving() && self.watchers.is_empty() {
            return;
        }
        for at in 0..self.units.len() {
            let Role::Server { address, .. } = self.units[at].role else {
                continue;
            };
            let (text, state) = match &self.units[at].state {
                State::Stopped { .. } if port::is_open(address) => {
                    let holder = port::holder(address).unwrap_or_default();
                    (
                        format!("{} answers there now{}", holder.command, holder.details),
                        State::Adopted(holder),
                    )
                }
                State::Adopted(_) if !port::is_open(address) => {
                    let how = "gone (it was yours)".to_owned();
                    (
                        how.clone(),
                        State::Stopped {
                            since: Timestamp::now(),
                            how,
                            by: None,
                        },
                    )
                }
                _ => continue,
            };
            self.units[at].state = state;
            self.changed = true;
            let name = self.units[at].name.clone();
            self.notice(&name, text);
        }
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        Snapshot {
            held_back: false,
            schema: Snapshot::SCHEMA,
            time: Timestamp::now(),
            supervisor: Some(Who {
                pid: std::process::id(),
                since: self.record.since,
            }),
            servers: self
                .units
                .iter()
                .filter_map(|unit| self.server_row(unit))
                .collect(),
            name_server: self.units.iter().find_map(name_server_row),
            balancer: self.balancer().map(|unit| self.balancer_row(unit)),
            requests: self.requests,
            errors: self.errors,
        }
    }

    fn server_row(&self, unit: &Unit) -> Option<ServerRow> {
        let Role::Server { address, members } = &unit.role else {
            return None;
        };
        let process = match unit.process() {
            stopped @ (Process::Stopped { .. } | Process::Absent) => match port::holder(*address) {
                Some(holder) => holder.into(),
                None => stopped,
            },
            other => other,
        };
        Some(ServerRow {
            name: unit.name.clone(),
            address: *address,
            process,
            belief: self.belief(unit),
            in_config: !members.is_empty(),
            requests: unit.requests,
            errors: unit.errors,
            last_ms: unit.last_ms,
        })
    }

    fn belief(&self, unit: &Unit) -> Option<Belief> {
        let beliefs = self.beliefs.as_ref()?;
        let mine = beliefs
            .iter()
            .find(|belief| unit.is_server(&belief.backend, &belief.server))?;
        Some(Belief {
            status: mine.status.clone(),
            check: mine.check.clone(),
            changed: mine.changed,
            weight: mine.weight,
        })
    }

    fn balancer_row(&self, unit: &Unit) -> BalancerRow {
        BalancerRow {
            engine: self
                .engine
                .as_ref()
                .map_or("lab", |engine| engine.name())
                .to_owned(),
            process: unit.process(),
            traffic: self.plan.traffic().map(PlannedBind::reachable),
            statistics: self.plan.statistics().map(PlannedBind::reachable),
            file: self.file().map(ConfigFile::name).unwrap_or_default(),
            loaded: self.loaded.as_ref().map(|loaded| loaded.at),
            newer: self.newer(),
        }
    }
}

fn name_server_row(unit: &Unit) -> Option<NameServerRow> {
    let Role::NameServer(address) = unit.role else {
        return None;
    };
    Some(NameServerRow {
        address,
        process: unit.process(),
        answers: Some(unit.requests),
    })
}
