//! What name servers say of a server: whether its name has an address.

use super::Backend;
use crate::Uptime;
use crate::server::{RunState, ServerIndex};
use crate::transition::{Change, ResolutionFailure, Transition};

impl Backend {
    /// The name of a server has no address: it goes into maintenance until [`resolved`](Self::resolved). The flag
    /// tells whether that is new; words there are only where no other maintenance hides it.
    pub fn unresolved(
        &mut self,
        index: ServerIndex,
        cause: ResolutionFailure,
        now: Uptime,
    ) -> (bool, Option<Transition>) {
        let server = &mut self.servers[index.0];
        if server.admin.resolution_maint {
            return (false, None);
        }
        let hidden = server.in_maintenance();
        let was_up = server.run != RunState::Stopped;
        server.admin.resolution_maint = true;
        server.unchecked.health = 0;
        if hidden {
            return (true, None);
        }
        let change = Change::Unresolved { was_up, cause };
        let told = self.change_run(index, RunState::Stopped, change, now);
        (true, Some(told))
    }

    /// The name of a server, `host`, has an address; `None`: that is nothing new.
    pub fn resolved(&mut self, index: ServerIndex, host: &str, now: Uptime) -> Option<Transition> {
        let server = &mut self.servers[index.0];
        if !server.admin.resolution_maint {
            return None;
        }
        server.admin.resolution_maint = false;
        let host = host.to_owned();
        if server.in_maintenance() {
            let change = Change::ResolvesInMaintenance { host };
            return Some(self.change_run(index, RunState::Stopped, change, now));
        }
        if let Some(check) = &mut server.check {
            check.health.restart();
        }
        let run = server.leader;
        let up = run != RunState::Stopped;
        let change = Change::ResolvesAgain { host, up };
        Some(self.change_run(index, run, change, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{AdminChange, BackendSpec};
    use crate::server::ServerSpec;

    const FIRST: ServerIndex = ServerIndex(0);

    fn backend(unresolved: bool) -> Backend {
        let spec = ServerSpec {
            name: "s1".into(),
            id: 1,
            weight: 1,
            unresolved,
            address: "site.lab".into(),
            ..ServerSpec::default()
        };
        let spec = BackendSpec {
            name: "b".into(),
            servers: vec![spec],
            ..BackendSpec::default()
        };
        Backend::new(spec, Uptime::ZERO)
    }

    fn words(transition: Option<Transition>) -> String {
        transition.map_or_else(String::new, |transition| transition.to_string())
    }

    #[test]
    fn a_name_without_address_keeps_its_server_in_maintenance() {
        let mut it = backend(true);
        assert_eq!(it.server(FIRST).status(), "MAINT (resolution)");
        assert!(!it.is_up());
        assert_eq!(
            words(it.resolved(FIRST, "site.lab", Uptime::ZERO)),
            "Server b/s1 ('site.lab') is UP/READY (resolves again)."
        );
        assert!(it.is_up());
        assert_eq!(it.resolved(FIRST, "site.lab", Uptime::ZERO), None);
    }

    #[test]
    fn losing_the_address_takes_the_server_out_once() {
        let mut it = backend(false);
        let (new, told) = it.unresolved(FIRST, ResolutionFailure::NxDomain, Uptime::ZERO);
        assert!(new);
        let told = told.expect("it was up");
        assert_eq!(
            told.alert().as_deref(),
            Some("backend 'b' has no server available!")
        );
        assert!(
            told.to_string()
                .starts_with("Server b/s1 is going DOWN for maintenance (DNS NX status). 0 active")
        );
        let again = it.unresolved(FIRST, ResolutionFailure::Timeout, Uptime::ZERO);
        assert_eq!(again, (false, None));
    }

    #[test]
    fn people_cannot_give_it_an_address() {
        let mut it = backend(true);
        it.set_admin(FIRST, AdminChange::Maint, Uptime::ZERO);
        assert_eq!(
            words(it.set_admin(FIRST, AdminChange::Ready, Uptime::ZERO)),
            "Server b/s1 is leaving forced maintenance but remains in maintenance."
        );
        assert_eq!(it.server(FIRST).status(), "MAINT (resolution)");
    }

    #[test]
    fn an_answer_does_not_end_forced_maintenance() {
        let mut it = backend(true);
        it.set_admin(FIRST, AdminChange::Maint, Uptime::ZERO);
        assert_eq!(
            words(it.resolved(FIRST, "site.lab", Uptime::ZERO)),
            "Server b/s1 ('site.lab') resolves again but remains in maintenance."
        );
        assert_eq!(it.server(FIRST).status(), "MAINT");
    }

    #[test]
    fn a_reload_forgets_the_lack_of_an_address_that_is_there() {
        let mut it = backend(false);
        it.inherit(&backend(true));
        assert!(it.is_up());
        let mut it = backend(true);
        it.inherit(&backend(false));
        assert!(!it.is_up());
    }
}
