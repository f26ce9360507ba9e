//! What statistics call the state of a server.

use super::{RunState, Server};

impl Server {
    /// As in the CSV column `status`: `UP`, `UP 2/3`, `DOWN 1/2`, `MAINT`, `MAINT (via b/s)`, `MAINT (resolution)`, `DRAIN`,
    /// `NOLB`, `no check` ...
    pub fn status(&self) -> String {
        self.status_by(self)
    }

    /// The same of a server whose checks are those of another one: the end of the chain that it tracks.
    pub fn status_by(&self, looked_at: &Server) -> String {
        if self.in_maintenance() {
            return match &self.spec.tracks {
                Some(leader) if self.admin.inherited_maint => format!("MAINT (via {leader})"),
                _ if self.admin.resolution_maint => "MAINT (resolution)".into(),
                _ => "MAINT".into(),
            };
        }
        let check = looked_at.check.as_ref().filter(|check| check.enabled);
        // Below 0 where checks were switched on after people had declared it up.
        let partly = |word: &str| match check.map(|check| &check.health) {
            Some(health) if health.credit() < health.fall() => {
                let credit = i64::from(health.value()) + 1 - i64::from(health.rise());
                format!("{word} {credit}/{}", health.fall())
            }
            _ => word.into(),
        };
        match self.run {
            RunState::Stopped if looked_at.agent_says_down() => "DOWN (agent)".into(),
            RunState::Stopped => match &looked_at.check {
                Some(check) if check.health.value() > 0 => {
                    format!("DOWN {}/{}", check.health.value(), check.health.rise())
                }
                _ => "DOWN".into(),
            },
            RunState::Stopping => partly("NOLB"),
            RunState::Running if self.draining() && looked_at.has_agent() => "DRAIN (agent)".into(),
            RunState::Running if self.draining() => partly("DRAIN"),
            RunState::Running if check.is_none() => "no check".into(),
            RunState::Running => partly("UP"),
        }
    }
}
