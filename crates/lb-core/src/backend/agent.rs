//! What agents say of servers, and what live traffic shows (`observe`).

use super::checks::Recorded;
use super::{AdminChange, Backend};
use crate::Uptime;
use crate::agent::AgentReply;
use crate::check::{CheckResult, CheckStatus};
use crate::server::{Layer, OnError, RunState, ServerIndex};
use crate::transition::{Change, Reason, Transition};
use std::fmt;
use std::time::Duration;

/// What an attempt to ask an agent came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgentAnswer {
    Reply(AgentReply),
    /// A line without an end.
    Incomplete,
    /// Nothing, which changes nothing.
    Failed {
        status: CheckStatus,
        info: String,
    },
}

/// What became of a request at its server, for `observe`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observation {
    Connected,
    NotConnected,
    Answered,
    /// Its status is one of a server that fails.
    AnsweredError,
    InvalidAnswer,
    ReadError,
    ReadTimeout,
    Closed,
}

impl Observation {
    /// Whether it is good or bad on a layer; `None`: it says nothing.
    fn is_good(self, layer: Layer) -> Option<bool> {
        use Observation::*;
        match (self, layer) {
            (Connected, Layer::Layer4) | (Answered, Layer::Layer7) => Some(true),
            (NotConnected, _) => Some(false),
            (_, Layer::Layer4) | (Connected, Layer::Layer7) => None,
            (AnsweredError | InvalidAnswer | ReadError | ReadTimeout | Closed, _) => Some(false),
        }
    }
}

impl fmt::Display for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connected => "L4 successful connection",
            Self::NotConnected => "L4 unsuccessful connection",
            Self::Answered => "Correct http response",
            Self::AnsweredError => "Wrong http response",
            Self::InvalidAnswer => "Invalid http response (headers)",
            Self::ReadError => "Read error (http)",
            Self::ReadTimeout => "Read timeout (http)",
            Self::Closed => "Close from server (http)",
        })
    }
}

/// What is said to a weight that a static algorithm cannot take.
const STATIC: &str =
    "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.";

impl Backend {
    /// An agent is asked; false when it is switched off.
    pub fn agent_begins(&mut self, index: ServerIndex) -> bool {
        match &mut self.servers[index.0].agent {
            Some(agent) => {
                agent.begin(agent.enabled);
                agent.enabled
            }
            None => false,
        }
    }

    /// The next question is planned: a reload keeps to it.
    pub fn agent_planned(&mut self, index: ServerIndex, due: Uptime) {
        if let Some(agent) = &mut self.servers[index.0].agent {
            agent.due = Some(due);
        }
    }

    /// `enable agent` / `disable agent`: false when none is configured.
    pub fn set_agent_enabled(&mut self, index: ServerIndex, enabled: bool) -> bool {
        match &mut self.servers[index.0].agent {
            Some(agent) => {
                agent.enabled = enabled;
                true
            }
            None => false,
        }
    }

    /// `set server b/s agent up|down`.
    pub fn set_agent_health(
        &mut self,
        index: ServerIndex,
        up: bool,
        now: Uptime,
    ) -> Option<Transition> {
        let agent = self.servers[index.0].agent.as_mut()?;
        if up {
            agent.health.force_up();
        } else {
            agent.health.force_down();
        }
        self.follow_agent(index, Reason::Cli, now)
    }

    /// Records what an agent said: first what people may say too, then the health.
    pub fn record_agent(
        &mut self,
        index: ServerIndex,
        answer: AgentAnswer,
        duration: Duration,
        now: Uptime,
    ) -> Vec<Transition> {
        let Some(agent) = self.servers[index.0].agent.as_mut() else {
            return Vec::new();
        };
        agent.in_progress = false;
        if !agent.enabled {
            return Vec::new();
        }
        let mut answer = answer;
        let mut transitions = match &mut answer {
            AgentAnswer::Reply(reply) => self.obey(index, reply, now),
            AgentAnswer::Incomplete | AgentAnswer::Failed { .. } => Vec::new(),
        };
        let Some(agent) = self.servers[index.0].agent.as_mut() else {
            return transitions;
        };
        let (status, info) = match &answer {
            AgentAnswer::Reply(reply) => (reply.status(), reply.info.clone()),
            AgentAnswer::Incomplete => (
                agent.last.status,
                "Ignoring incomplete line from agent".to_owned(),
            ),
            AgentAnswer::Failed { status, info } => (*status, info.clone()),
        };
        let result = CheckResult {
            status,
            code: status.has_code().then_some(0),
            info,
            duration,
        };
        agent.last = result.clone();
        if let AgentAnswer::Reply(AgentReply { up: Some(up), .. }) = answer {
            let server = &mut self.servers[index.0];
            if let Some(agent) = &mut server.agent {
                let was_up = agent.health.is_up();
                agent.health.record(up);
                server.counters.chkfail += u64::from(was_up && !up);
            }
            if let Some(check) = server.check.as_mut().filter(|_| up) {
                check.health.force_up();
            } else if let Some(check) = &mut server.check {
                check.health.force_down();
            }
            transitions.extend(self.follow_agent(index, Reason::Check(result), now));
        }
        transitions
    }

    /// Takes an agent's word as a person's.
    fn obey(&mut self, index: ServerIndex, reply: &mut AgentReply, now: Uptime) -> Vec<Transition> {
        let admin = self.servers[index.0].admin;
        let news = match reply.admin {
            // It says so again and again: only the first time counts.
            Some(AdminChange::Drain) if admin.forced_drain => None,
            Some(AdminChange::Maint) if admin.forced_maint => None,
            Some(AdminChange::Ready) if !admin.maintenance() && !admin.forced_drain => None,
            wanted => wanted,
        };
        let change = news.and_then(|wanted| self.set_admin(index, wanted, now));
        if let Some(weight) = reply.weight
            && !self.set_weight(index, weight, now)
        {
            reply.warn(STATIC);
        }
        if let Some(maxconn) = reply.maxconn {
            self.set_maxconn(index, maxconn);
        }
        change.into_iter().collect()
    }

    /// Brings the server into the state that its agent, and its checks, want.
    fn follow_agent(
        &mut self,
        index: ServerIndex,
        reason: Reason,
        now: Uptime,
    ) -> Option<Transition> {
        let server = &self.servers[index.0];
        let agent = server.agent.as_ref()?;
        let up = agent.health.is_up();
        let checks_agree = server
            .check
            .as_ref()
            .is_none_or(|check| !check.enabled || check.health.is_up());
        let (run, change) = match (up, server.run) {
            _ if server.in_maintenance() => return None,
            (false, RunState::Running | RunState::Stopping) => {
                (RunState::Stopped, Change::Down(reason))
            }
            (true, RunState::Stopped) if checks_agree => (RunState::Running, Change::Up(reason)),
            _ => return None,
        };
        Some(self.change_run(index, run, change, now))
    }

    /// Live traffic counts like checks; the flag tells whether the next check is to come at `fastinter`.
    pub fn observe(
        &mut self,
        index: ServerIndex,
        seen: Observation,
        now: Uptime,
    ) -> Option<Recorded> {
        let server = &mut self.servers[index.0];
        let checked = server.is_checked();
        let observe = server.spec.observe.filter(|_| checked)?;
        if seen.is_good(observe.layer)? {
            server.errors_in_a_row = 0;
            return None;
        }
        server.errors_in_a_row += 1;
        if server.errors_in_a_row < observe.error_limit.get() {
            return None;
        }
        let count = std::mem::take(&mut server.errors_in_a_row);
        server.counters.hanafail += 1;
        let check = server.check.as_mut()?;
        match observe.on_error {
            OnError::FastInter => return Some(Recorded::default()),
            OnError::FailCheck => {}
            OnError::SuddenDeath => check.health.nearly_down(),
            OnError::MarkDown => check.health.restart(),
        }
        let result = CheckResult {
            status: CheckStatus::Analysed,
            code: None,
            info: format!("Detected {count} consecutive errors, last one was: {seen}"),
            duration: Duration::ZERO,
        };
        Some(self.record_check(index, result, now))
    }
}

#[cfg(test)]
mod tests;
