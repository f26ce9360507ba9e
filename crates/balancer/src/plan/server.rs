//! What the IO needs of a server, and what the decisions need of it.

use super::tracking::Ties;
use super::{Names, Outcome, Plan, ServerAddress, Unresolved, initial};
use crate::tls::Connectors;
use haproxy_config::model::{self, ProxyHeader, Resolution, ServerPort};
use lb_core::schedule::Timing;
use lb_core::server::{CheckSpec, Layer, ObserveSpec, OnError, ServerIndex, ServerSpec};
use lb_core::termination::Cause;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use tokio::sync::{Notify, watch};

/// What the IO needs of a server. Its state is in [`super::Backend::live`] under the same index.
#[derive(Debug)]
pub struct Server {
    pub index: ServerIndex,
    pub name: String,
    pub id: u32,
    pub address: ServerAddress,
    /// Its value of the backend's cookie, where one is written.
    pub cookie: Option<String>,
    pub check: Option<model::Check>,
    pub agent: Option<model::Agent>,
    /// `observe`: what becomes of its requests is looked at.
    pub observed: bool,
    /// Checks are to come sooner than planned.
    pub hurry: Notify,
    /// `on-marked-down shutdown-sessions`.
    pub shutdown_on_down: bool,
    /// `on-marked-up shutdown-backup-sessions`.
    pub ends_backups: bool,
    pub backup: bool,
    /// Whom to tell that they are to end, and why.
    sessions: watch::Sender<Option<Cause>>,
    /// Where checks go, when not to the address itself: `addr`.
    check_ip: Option<IpAddr>,
    /// Its name is looked up while the balancer runs.
    pub resolution: Option<Resolution>,
    pub tls: Connectors,
    /// The name that it is told inside TLS.
    pub sni: Option<samples::Expression>,
    /// What a connection to it begins with.
    pub proxy_header: Option<ProxyHeader>,
    /// Where connections to it come from; port 0: any.
    pub source: Option<SocketAddr>,
    /// `redir`: what stands before the path of those who are sent there instead.
    pub redirect: Option<String>,
    /// `track`
    pub(super) ties: Ties,
}

impl Server {
    /// Its sessions are to end.
    pub fn end_sessions(&self, why: Cause) {
        self.sessions.send_replace(Some(why));
    }

    /// Waits until its sessions are to end; why.
    pub async fn lost(&self) -> Cause {
        let mut told = self.sessions.subscribe();
        match told.changed().await {
            Ok(()) => told.borrow().unwrap_or(Cause::Down),
            // The server goes with its plan, which whoever waits here holds.
            Err(_) => std::future::pending().await,
        }
    }

    /// Where its agent is; `None`: nowhere now.
    pub fn agent_address(&self) -> Option<SocketAddr> {
        let agent = self.agent.as_ref()?;
        let ip = match (&agent.addr, &self.address) {
            (Some(ip), _) => *ip,
            (_, ServerAddress::Inet { machine, .. }) => machine.ip()?,
            (_, ServerAddress::Unix(_)) => return None,
        };
        Some(SocketAddr::new(ip, agent.port))
    }

    /// Where checks go; `None`: nowhere now, or to a unix socket.
    pub fn check_address(&self) -> Option<SocketAddr> {
        let check = self.check.as_ref()?;
        let ServerAddress::Inet { machine, port } = &self.address else {
            return None;
        };
        let own = match port {
            ServerPort::Fixed(port) => Some(*port),
            _ => None,
        };
        let ip = self.check_ip.or_else(|| machine.ip())?;
        check.port.or(own).map(|port| SocketAddr::new(ip, port))
    }
}

pub(super) fn build_all(
    backend: &model::Backend,
    connectors: Vec<Connectors>,
    names: &Names<'_>,
    former: Option<&Plan>,
    unresolved: &mut Vec<Unresolved>,
) -> Vec<Server> {
    let mut connectors = connectors.into_iter();
    let servers = backend.servers.iter().enumerate();
    let servers = servers.map(|(index, server)| {
        let last = initial::last_address(former, &backend.name, server);
        let mut note = |host: &str, outcome| {
            unresolved.push(Unresolved {
                backend: backend.name.clone(),
                server: server.name.clone(),
                host: host.to_owned(),
                span: server.address_span,
                outcome,
            });
        };
        Server {
            tls: connectors.next().unwrap_or_default(),
            ..build(ServerIndex(index), server, names, last, &mut note)
        }
    });
    servers.collect()
}

fn build(
    index: ServerIndex,
    server: &model::Server,
    names: &Names<'_>,
    last: Option<IpAddr>,
    note: &mut dyn FnMut(&str, Outcome),
) -> Server {
    let address = match &server.address {
        model::ServerAddress::Unix(path) => ServerAddress::Unix(path.clone()),
        model::ServerAddress::Inet { host, port } => {
            let (machine, outcome) = initial::machine(host, server, names, last);
            if let (model::Host::Name(name), Some(outcome)) = (host, outcome) {
                note(name, outcome);
            }
            ServerAddress::Inet {
                machine,
                port: *port,
            }
        }
    };
    let check_host = server.check.as_ref().and_then(|check| check.addr.as_ref());
    let check_ip = check_host.and_then(|host| match host {
        model::Host::Ip(ip) => Some(*ip),
        model::Host::Name(name) => {
            let ip = (names.lookup)(name);
            if ip.is_none() {
                note(name, Outcome::Fatal);
            }
            ip
        }
    });
    Server {
        index,
        name: server.name.clone(),
        id: server.id,
        address,
        cookie: server.cookie.clone(),
        check: server.check.clone(),
        agent: server.agent.clone(),
        observed: server.observe.is_some(),
        hurry: Notify::new(),
        shutdown_on_down: server.shutdown_on_down,
        ends_backups: server.ends_backups,
        backup: server.limits.backup,
        sessions: watch::Sender::new(None),
        check_ip,
        resolution: server.resolution.clone(),
        tls: Connectors::default(),
        sni: server.tls.as_ref().and_then(|tls| tls.sni.clone()),
        proxy_header: server.proxy_header,
        source: server.source,
        redirect: server.redirect.clone(),
        ties: Ties::default(),
    }
}

pub(super) fn spec(
    configured: &model::Server,
    server: &Server,
    tracks: Option<String>,
) -> ServerSpec {
    let at_least_one = |n: u32| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
    ServerSpec {
        name: configured.name.clone(),
        id: configured.id,
        weight: configured.weight,
        maxconn: configured.limits.maxconn,
        minconn: configured.limits.minconn,
        max_queue: configured.limits.maxqueue,
        slowstart: configured.limits.slowstart,
        backup: configured.limits.backup,
        check: configured.check.as_ref().map(|check| CheckSpec {
            rise: at_least_one(check.rise),
            fall: at_least_one(check.fall),
            timing: Timing {
                inter: check.inter,
                fastinter: check.fastinter,
                downinter: check.downinter,
            },
        }),
        agent: configured.agent.as_ref().map(|agent| CheckSpec {
            rise: NonZeroU32::MIN,
            fall: NonZeroU32::MIN,
            timing: Timing {
                inter: agent.inter,
                fastinter: agent.inter,
                downinter: agent.inter,
            },
        }),
        observe: configured.observe.as_ref().map(observe),
        disabled: configured.disabled,
        unresolved: server
            .address
            .named()
            .is_some_and(|named| named.ip().is_none()),
        tracks,
        address: server.address.identity(),
    }
}

fn observe(configured: &model::Observe) -> ObserveSpec {
    ObserveSpec {
        layer: match configured.layer {
            model::ObservedLayer::Layer4 => Layer::Layer4,
            model::ObservedLayer::Layer7 => Layer::Layer7,
        },
        error_limit: NonZeroU32::new(configured.error_limit).unwrap_or(NonZeroU32::MIN),
        on_error: match configured.on_error {
            model::OnError::FastInter => OnError::FastInter,
            model::OnError::FailCheck => OnError::FailCheck,
            model::OnError::SuddenDeath => OnError::SuddenDeath,
            model::OnError::MarkDown => OnError::MarkDown,
        },
    }
}
