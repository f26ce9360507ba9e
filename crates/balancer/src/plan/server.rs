//! What the IO needs of a server, and what the decisions need of it.

use super::changeable::Changeable;
use super::initial::{self, Last};
use super::tracking::Ties;
use super::{Location, Names, Outcome, Plan, ServerAddress, Unresolved};
use crate::tls::{Connector, Connectors};
use haproxy_config::model::{self, ProxyHeader, Resolution, ServerPort, ServerProtocol};
use lb_core::schedule::Timing;
use lb_core::server::{CheckSpec, Layer, ObserveSpec, OnError, ServerIndex, ServerSpec};
use lb_core::termination::Cause;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{Notify, watch};

/// Where checks or questions go; `None`: as connections for requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Aim {
    pub ip: Option<IpAddr>,
    pub port: Option<u16>,
}

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
    /// Where checks go, when not to the address itself.
    checks_go: Changeable<Aim>,
    agent_goes: Changeable<Aim>,
    agent_says: Changeable<Option<String>>,
    /// `set server b/s ssl off`
    clear: AtomicBool,
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
    pub protocol: ServerProtocol,
    /// How often a connection of HTTP/2 is used again; `None`: without limit.
    pub max_reuse: Option<u32>,
    /// `track`
    pub(super) ties: Ties,
    /// A rule of the file names it.
    pub(super) named_by_rules: bool,
    /// `del server` took it away.
    pub(super) gone: AtomicBool,
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

    /// It was deleted: nothing is to be done for it any more.
    pub fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }

    /// A rule of the file names it.
    pub fn named_by_rules(&self) -> bool {
        self.named_by_rules
    }

    /// Others take their state from it, or did: HAProxy does not let such a server go either.
    pub fn is_tracked(&self) -> bool {
        self.ties.is_needed()
    }

    /// Where its agent is; `None`: nowhere now.
    pub fn agent_address(&self) -> Option<SocketAddr> {
        let aim = self.agent.as_ref().map(|_| self.agent_goes.get())?;
        let ip = aim.ip.or_else(|| self.address.ip())?;
        Some(SocketAddr::new(ip, aim.port.unwrap_or(0)))
    }

    /// What its agent is told: `agent-send`.
    pub fn agent_send(&self) -> Option<String> {
        self.agent_says.get()
    }

    pub fn set_agent_send(&self, text: String) {
        self.agent_says.update(|now| *now = Some(text));
    }

    /// Where checks go; `None`: nowhere now, or to a unix socket.
    pub fn check_address(&self) -> Option<SocketAddr> {
        let place = self.address.place().filter(|_| self.check.is_some())?;
        let own = match place.port {
            ServerPort::Fixed(port) => Some(port),
            _ => None,
        };
        let aim = self.checks_go.get();
        let ip = aim.ip.or(place.ip)?;
        aim.port.or(own).map(|port| SocketAddr::new(ip, port))
    }

    /// The port that only checks go to.
    pub fn check_port(&self) -> Option<u16> {
        self.checks_go.get().port
    }

    /// What is said of where checks go: none where they go to the address itself.
    pub fn checks_go(&self) -> Aim {
        self.checks_go.get()
    }

    /// The same of the agent.
    pub fn agent_goes(&self) -> Aim {
        self.agent_goes.get()
    }

    pub fn aim_checks(&self, change: impl FnOnce(&mut Aim)) {
        self.checks_go.update(change);
    }

    pub fn aim_agent(&self, change: impl FnOnce(&mut Aim)) {
        self.agent_goes.update(change);
    }

    /// How connections for requests become TLS; `None`: they stay clear.
    pub fn connector(&self) -> Option<&Connector> {
        let connector = self.tls.requests.as_ref();
        connector.filter(|_| !self.clear.load(Ordering::Relaxed))
    }

    pub fn is_secure(&self) -> bool {
        self.connector().is_some()
    }

    /// Switches TLS off, or on where the file has it.
    pub fn set_tls(&self, on: bool) {
        self.clear.store(!on, Ordering::Relaxed);
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
        let last = Last::of(former, names, &backend.name, server);
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

pub(super) fn build(
    index: ServerIndex,
    server: &model::Server,
    names: &Names<'_>,
    last: Last,
    note: &mut dyn FnMut(&str, Outcome),
) -> Server {
    let address = match &server.address {
        model::ServerAddress::Unix(path) => ServerAddress::Unix(path.clone()),
        model::ServerAddress::Inet { host, port } => {
            let (named, ip, outcome) = initial::machine(host, server, names, last);
            if let (model::Host::Name(name), Some(outcome)) = (host, outcome) {
                note(name, outcome);
            }
            ServerAddress::Inet(Location::new(named, ip, *port))
        }
    };
    let check_host = server.check.as_ref().and_then(|check| check.addr.as_ref());
    let mut ip_of = |host: &model::Host| match host {
        model::Host::Ip(ip) => Some(*ip),
        model::Host::Name(name) => {
            let ip = (names.lookup)(name);
            if ip.is_none() {
                note(name, Outcome::Fatal);
            }
            ip
        }
    };
    let agent = server.agent.as_ref();
    let agent_ip = agent
        .and_then(|agent| agent.addr.as_ref())
        .and_then(&mut ip_of);
    let check_ip = check_host.and_then(ip_of);
    let check_port = server.check.as_ref().and_then(|check| check.port);
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
        checks_go: Changeable::new(Aim {
            ip: check_ip,
            port: check_port,
        }),
        // HAProxy sends the agent's questions along with checks that go elsewhere.
        agent_goes: Changeable::new(Aim {
            ip: agent_ip.or(check_ip),
            port: agent.map(|agent| agent.port).or(check_port),
        }),
        agent_says: Changeable::new(agent.and_then(|agent| agent.send.clone())),
        clear: AtomicBool::new(false),
        resolution: server.resolution.clone(),
        tls: Connectors::default(),
        sni: server.tls.as_ref().and_then(|tls| tls.sni.clone()),
        proxy_header: server.proxy_header,
        source: server.source,
        redirect: server.redirect.clone(),
        protocol: server.protocol,
        max_reuse: server.max_reuse,
        ties: Ties::default(),
        named_by_rules: server.named_by_rules,
        gone: AtomicBool::new(false),
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
            .place()
            .is_some_and(|place| place.ip.is_none()),
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
