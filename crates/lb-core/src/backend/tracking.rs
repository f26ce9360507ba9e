//! `track`: servers that take their state from another one, which may be in another backend.

use super::Backend;
use crate::Uptime;
use crate::server::{RunState, ServerIndex};
use crate::transition::{Change, Reason, ResolutionFailure, Transition};

/// What a server has in common with those that track it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub run: RunState,
    pub maintenance: bool,
    pub draining: bool,
    /// When it came to this.
    pub since: Uptime,
}

impl Backend {
    /// What those that track a server are to follow.
    pub fn standing(&self, index: ServerIndex) -> Standing {
        let server = &self.servers[index.0];
        Standing {
            run: server.run,
            maintenance: server.in_maintenance(),
            draining: server.draining(),
            since: server.changed,
        }
    }

    /// The server that this one tracks has changed, for lack of an address where there is a `cause`.
    pub fn follow(
        &mut self,
        index: ServerIndex,
        leader: Standing,
        cause: Option<ResolutionFailure>,
    ) -> Vec<Transition> {
        let now = leader.since;
        let server = &mut self.servers[index.0];
        let former = server.admin;
        server.admin.inherited_maint = leader.maintenance;
        server.admin.inherited_drain = leader.draining;
        server.leader = leader.run;
        let ordered = self.obey_admin(index, former, now).map(|mut told| {
            if let (&Change::Maintenance { was_up, .. }, Some(cause)) = (&told.change, cause) {
                told.change = Change::Unresolved { was_up, cause };
            }
            told
        });
        let server = &self.servers[index.0];
        let differs = !server.in_maintenance() && server.run != leader.run;
        let followed = differs.then(|| {
            let change = match leader.run {
                RunState::Stopped => Change::Down(Reason::Tracked),
                RunState::Running => Change::Up(Reason::Tracked),
                RunState::Stopping => Change::Stopping(Reason::Tracked),
            };
            self.change_run(index, leader.run, change, now)
        });
        ordered.into_iter().chain(followed).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{AdminChange, BackendSpec};
    use crate::server::ServerSpec;

    const FIRST: ServerIndex = ServerIndex(0);

    const UP: Standing = Standing {
        run: RunState::Running,
        maintenance: false,
        draining: false,
        since: Uptime::ZERO,
    };
    const DOWN: Standing = Standing {
        run: RunState::Stopped,
        ..UP
    };
    const MAINT: Standing = Standing {
        maintenance: true,
        ..DOWN
    };
    const DRAIN: Standing = Standing {
        draining: true,
        ..UP
    };

    fn backend() -> Backend {
        let spec = ServerSpec {
            name: "t1".into(),
            id: 1,
            weight: 1,
            tracks: Some("a/s1".into()),
            ..ServerSpec::default()
        };
        let spec = BackendSpec {
            name: "b".into(),
            servers: vec![spec],
            ..BackendSpec::default()
        };
        Backend::new(spec, Uptime::ZERO)
    }

    fn follow(it: &mut Backend, leader: Standing) -> Vec<String> {
        let told = it.follow(FIRST, leader, None);
        told.iter().map(short).collect()
    }

    fn order(it: &mut Backend, wanted: AdminChange) -> String {
        let told = it.set_admin(FIRST, wanted, Uptime::ZERO);
        told.as_ref().map_or_else(String::new, short)
    }

    /// Up to the first full stop.
    fn short(told: &Transition) -> String {
        let text = told.to_string();
        text.split_inclusive('.').next().unwrap_or_default().into()
    }

    #[test]
    fn checks_of_the_other_one_count() {
        let mut it = backend();
        assert_eq!(follow(&mut it, DOWN), ["Server b/t1 is DOWN via a/s1."]);
        assert_eq!(follow(&mut it, DOWN), [""; 0]);
        assert_eq!(follow(&mut it, UP), ["Server b/t1 is UP via a/s1."]);
    }

    #[test]
    fn maintenance_is_inherited_and_ends_in_the_others_state() {
        let mut it = backend();
        assert_eq!(
            follow(&mut it, MAINT),
            ["Server b/t1 is going DOWN for maintenance via a/s1."]
        );
        assert_eq!(it.server(FIRST).status(), "MAINT (via a/s1)");
        assert_eq!(
            order(&mut it, AdminChange::Ready),
            "",
            "people cannot end it"
        );
        assert_eq!(
            follow(&mut it, DOWN),
            ["Server b/t1 is DOWN/READY (leaving maintenance)."]
        );
    }

    #[test]
    fn a_persons_order_outlasts_the_others() {
        let mut it = backend();
        follow(&mut it, MAINT);
        assert_eq!(order(&mut it, AdminChange::Maint), "");
        assert_eq!(
            follow(&mut it, UP),
            ["Server b/t1 remains in forced maintenance."]
        );
        follow(&mut it, DOWN);
        assert_eq!(
            order(&mut it, AdminChange::Ready),
            "Server b/t1 is DOWN/READY (leaving forced maintenance)."
        );
    }

    #[test]
    fn drain_is_inherited() {
        let mut it = backend();
        assert_eq!(
            follow(&mut it, DRAIN),
            ["Server b/t1 enters drain state via a/s1."]
        );
        assert_eq!(
            order(&mut it, AdminChange::Drain),
            "Server b/t1 remains in forced drain mode."
        );
        assert_eq!(
            follow(&mut it, UP),
            ["Server b/t1 remains in forced drain mode."]
        );
        follow(&mut it, DRAIN);
        assert_eq!(
            order(&mut it, AdminChange::Ready),
            "Server b/t1 is leaving forced drain but remains in drain mode via a/s1."
        );
        assert_eq!(
            follow(&mut it, UP),
            ["Server b/t1 is UP (leaving forced drain)."]
        );
    }
}
