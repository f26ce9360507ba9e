//! Commands that name a server: `BACKEND/SERVER`, each also as `#ID`.

use super::server_place::{self, BY};
use super::session::{Context, Reply};
use crate::plan::{Backend, Named, Server};
use lb_core::backend::{AdminChange, HealthChange, WeightChange};
use lb_core::server::ServerIndex;
use lb_core::termination::Cause;
use lb_core::transition::{Reason, Transition};
use std::sync::Arc;

/// `disable server b/s`.
pub(super) fn disable(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    on_server(context, arguments, |context, target| {
        target.set_admin(context, AdminChange::Maint)
    })
}

/// `enable server b/s`.
pub(super) fn enable(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    on_server(context, arguments, |context, target| {
        target.set_admin(context, AdminChange::Ready)
    })
}

/// `disable health b/s`.
pub(super) fn disable_health(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    on_server(context, arguments, |_, target| {
        target.backend.live().set_check_enabled(target.index, false);
        Reply::Done
    })
}

/// `enable health b/s`.
pub(super) fn enable_health(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    on_server(context, arguments, |_, target| {
        if target.backend.live().set_check_enabled(target.index, true) {
            Reply::Done
        } else {
            Reply::error("Health check was not configured on this server, cannot enable.")
        }
    })
}

/// `disable agent b/s`.
pub(super) fn disable_agent(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    on_server(context, arguments, |_, target| {
        target.backend.live().set_agent_enabled(target.index, false);
        Reply::Done
    })
}

/// `enable agent b/s`.
pub(super) fn enable_agent(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    on_server(context, arguments, |_, target| {
        if target.backend.live().set_agent_enabled(target.index, true) {
            Reply::Done
        } else {
            Reply::error("Agent was not configured on this server, cannot enable.")
        }
    })
}

/// `get weight b/s`.
pub(super) fn get_weight(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    on_server(context, arguments, |_, target| {
        let live = target.backend.live();
        let server = live.server(target.index);
        let (now, initial) = (server.weight(), server.initial_weight());
        Reply::Data(format!("{now} (initial {initial})\n"))
    })
}

/// `set weight b/s N`.
pub(super) fn set_weight(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    on_server(context, arguments, |context, target| {
        target.set_weight(context, arguments.get(1))
    })
}

/// `set maxconn server b/s N`: who waits comes in as far as the new limit goes.
pub(super) fn set_maxconn(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    on_server(context, arguments, |_, target| {
        let Some(text) = arguments.get(1) else {
            return Reply::error("Require <maxconn>.");
        };
        match leading_number(text) {
            None => unfinished("maxconn string empty or preceded by garbage"),
            Some((_, rest)) if !rest.is_empty() => unfinished("Trailing garbage in maxconn string"),
            Some((number, _)) => {
                let maxconn = u32::try_from(number).unwrap_or(u32::MAX);
                target.backend.live().set_maxconn(target.index, maxconn);
                Reply::Done
            }
        }
    })
}

/// `shutdown sessions server b/s`.
pub(super) fn shut_down_sessions(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    on_server(context, arguments, |_, target| {
        target
            .backend
            .server(target.index)
            .end_sessions(Cause::Killed);
        Reply::Done
    })
}

/// `set server b/s PROPERTY VALUE`.
pub(super) fn set(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    on_server(context, arguments, |context, target| {
        let value = arguments.get(2).map(String::as_str);
        let rest = arguments.get(2..).unwrap_or_default();
        match arguments.get(1).map(String::as_str) {
            Some("state") => target.set_state(context, value),
            Some("health") => target.set_health(context, value),
            Some("weight") => target.set_weight(context, arguments.get(2)),
            Some("addr") => server_place::address(target, context, rest),
            Some("check-port") => server_place::check_port(target, rest),
            Some("check-addr") => server_place::check_address(target, rest),
            Some("agent-addr") => server_place::agent_address(target, rest),
            Some("agent-port") => server_place::agent_port(target, rest),
            Some("agent-send") => server_place::agent_send(target, rest),
            Some("ssl") => server_place::tls(target, rest),
            Some("agent") => target.set_agent(context, value),
            Some("fqdn") if value.is_none() => {
                Reply::error("set server <b>/<s> fqdn requires a FQDN.")
            }
            Some("fqdn") => target.set_fqdn(context, value.unwrap_or_default()),
            _ => Reply::error(
                "usage: set server <backend>/<server> addr | agent | agent-addr | agent-port | \
                 agent-send | check-addr | check-port | fqdn | health | ssl | state | weight",
            ),
        }
    })
}

/// The server that a command is about.
pub(super) struct Target {
    pub(super) backend: Arc<Backend>,
    index: ServerIndex,
}

pub(super) fn on_server(
    context: &mut Context<'_>,
    arguments: &[String],
    act: impl FnOnce(&mut Context<'_>, &Target) -> Reply,
) -> Reply {
    let place = arguments.first().and_then(|word| word.split_once('/'));
    let Some((backend, server)) = place.filter(|(_, server)| !server.is_empty()) else {
        return Reply::error("Require 'backend/server'.");
    };
    let is = |name: &str, id: u32, wanted: &str| match wanted.strip_prefix('#') {
        Some(number) => number.parse() == Ok(id),
        None => name == wanted,
    };
    let mut backends = context.plan.backends.iter();
    let Some(backend) = backends.find(|b| is(&b.name, b.id, backend)) else {
        return Reply::error("No such backend.");
    };
    let mut servers = backend.servers.iter();
    let Some(server) = servers.find(|s| is(&s.name, s.id, server)) else {
        return Reply::error("No such server.");
    };
    let target = Target {
        backend: Arc::clone(backend),
        index: server.index,
    };
    act(context, &target)
}

impl Target {
    pub(super) fn has_checks(&self) -> bool {
        self.backend.live().server(self.index).has_checks()
    }

    pub(super) fn has_agent(&self) -> bool {
        self.backend.live().server(self.index).has_agent()
    }

    pub(super) fn server(&self) -> &Server {
        self.backend.server(self.index)
    }

    /// It has an address, wherever that is from.
    pub(super) fn resolved(&self, context: &mut Context<'_>) {
        let named = self.server().address.named();
        let host = named.and_then(Named::host).unwrap_or_default();
        let changed = self.backend.live().resolved(self.index, &host, context.now);
        self.tell(context, changed);
    }

    fn tell(&self, context: &mut Context<'_>, transition: Option<Transition>) -> Reply {
        let news = transition.map(|transition| (Arc::clone(&self.backend), transition));
        context.news.extend(news);
        Reply::Done
    }

    fn set_admin(&self, context: &mut Context<'_>, wanted: AdminChange) -> Reply {
        let changed = self
            .backend
            .live()
            .set_admin(self.index, wanted, context.now);
        self.tell(context, changed)
    }

    fn set_state(&self, context: &mut Context<'_>, value: Option<&str>) -> Reply {
        match value {
            Some("ready") => self.set_admin(context, AdminChange::Ready),
            Some("drain") => self.set_admin(context, AdminChange::Drain),
            Some("maint") => self.set_admin(context, AdminChange::Maint),
            _ => Reply::error("'set server <srv> state' expects 'ready', 'drain' and 'maint'."),
        }
    }

    fn set_health(&self, context: &mut Context<'_>, value: Option<&str>) -> Reply {
        if self.backend.live().server(self.index).tracks().is_some() {
            return Reply::error("cannot change health on a tracking server.");
        }
        let wanted = match value {
            Some("up") => HealthChange::Up,
            Some("stopping") => HealthChange::Stopping,
            Some("down") => HealthChange::Down,
            _ => {
                return Reply::error(
                    "'set server <srv> health' expects 'up', 'stopping', or 'down'.",
                );
            }
        };
        let mut live = self.backend.live();
        let changed = live.set_health(self.index, wanted, Reason::Cli, context.now);
        drop(live);
        self.tell(context, changed)
    }

    fn set_agent(&self, context: &mut Context<'_>, value: Option<&str>) -> Reply {
        let mut live = self.backend.live();
        if live.server(self.index).agent().is_none() {
            return Reply::error("agent checks are not enabled on this server.");
        }
        let up = match value {
            Some("up") => true,
            Some("down") => false,
            _ => return Reply::error("'set server <srv> agent' expects 'up' or 'down'."),
        };
        let changed = live.set_agent_health(self.index, up, context.now);
        drop(live);
        self.tell(context, changed)
    }

    fn set_weight(&self, context: &mut Context<'_>, value: Option<&String>) -> Reply {
        let wanted = match value.map(|text| weight(text)) {
            None => return Reply::error("Require <weight> or <weight%>."),
            Some(Err(wrong)) => return wrong,
            Some(Ok(wanted)) => wanted,
        };
        let mut live = self.backend.live();
        let was_up = live.is_up();
        if live.set_weight(self.index, wanted, context.now) {
            if was_up && !live.is_up() {
                context.logger.alert(&self.backend, &live.none_left());
            }
            return Reply::Done;
        }
        Reply::error(
            "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.",
        )
    }

    fn set_fqdn(&self, context: &Context<'_>, wanted: &str) -> Reply {
        let server = self.backend.server(self.index);
        let (Some(named), Some(resolution)) = (server.address.named(), &server.resolution) else {
            return Reply::error(
                "set server <b>/<s> fqdn failed because no resolution is configured.",
            );
        };
        if !is_host_name(wanted) {
            return Reply::warning(&format!("invalid fqdn '{wanted}' {BY}"));
        }
        let former = named.host();
        if former.as_deref() == Some(wanted) {
            // HAProxy's letters
            return Reply::warning(&format!("no need to change the FDQN {BY}"));
        }
        let former = former.unwrap_or_else(|| "(null)".to_owned());
        // DNS knows no upper case: HAProxy tells of a change, and changes nothing
        if !former.eq_ignore_ascii_case(wanted) {
            named.rename(wanted);
            let resolvers = &context.plan.resolvers[resolution.resolvers];
            resolvers.renamed.notify_one();
        }
        let (backend, server) = (&self.backend.name, &server.name);
        Reply::warning(&format!(
            "{backend}/{server} changed its FQDN from {former} to {wanted} {BY}"
        ))
    }
}

/// Whether a name can be asked for: letters, digits, `-` and `_` in labels of at most 63.
fn is_host_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let label = |label: &str| label.len() <= 63 && label.chars().all(allowed);
    text.len() <= 255 && text.split('.').all(label)
}

/// One of the messages that HAProxy forgot the line end of.
pub(super) fn unfinished(message: &str) -> Reply {
    Reply::Message(super::session::Severity::Error, message.to_owned())
}

/// The number a text begins with, and what follows it.
fn leading_number(text: &str) -> Option<(i64, &str)> {
    let sign = usize::from(text.starts_with(['-', '+']));
    let digits = text[sign..].bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(sign + digits);
    (digits > 0).then(|| (number.parse().unwrap_or(i64::MAX), rest))
}

/// A weight as typed: `N`, or `N%` of the configured one.
fn weight(text: &str) -> Result<WeightChange, Reply> {
    let Some((number, unit)) = leading_number(text) else {
        return Err(unfinished(
            "Empty weight string empty or preceded by garbage",
        ));
    };
    match unit {
        "%" if number < 0 => Err(Reply::error("Relative weight must be positive.")),
        "%" => Ok(WeightChange::Percent(
            u32::try_from(number).unwrap_or(u32::MAX),
        )),
        _ => match u16::try_from(number) {
            Err(_) | Ok(257..) => Err(Reply::error(
                "Absolute weight can only be between 0 and 256 inclusive.",
            )),
            Ok(_) if !unit.is_empty() => Err(unfinished("Trailing garbage in weight string")),
            Ok(weight) => Ok(WeightChange::Absolute(weight)),
        },
    }
}
