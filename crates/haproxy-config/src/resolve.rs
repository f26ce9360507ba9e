//! A checked draft into the model: `listen` split, names into references, ids given.

use crate::by_mode;
use crate::check_script;
use crate::checks::track::split;
use crate::model::{
    Agent, Backend, BackendChoice, BackendTimeouts, Check, CheckTls, Config, Frontend,
    FrontendTimeouts, Global, HttpRules, LogTarget, Nameserver, Observe, ProxyDetails, ProxyHeader,
    ProxyId, Resolution, Resolvers, Resumption, Server, ServerChoice, ServerProtocol, ServerTls,
    StickRule, StickTable, TlsDefaults, TlsPolicy, TlsVersions, Tracked, UseBackend, UseServer,
};
use crate::proxy::{
    BackendName, CheckMux, Proxy, ServerDraft, ServerMux, ServerName, ServerSettings, Settings,
};
use crate::sample::shared::{Reference, Target};
use crate::sections::{DEFAULT_RESOLVERS, Draft};
use diagnostics::Sources;
use std::collections::BTreeSet;

/// The model of a draft without errors.
pub(crate) fn config(draft: Draft, sources: &Sources) -> Config {
    let ids = proxy_ids(&draft);
    let resolvers = resolvers(draft.resolvers);
    let proxies: Vec<(ProxyId, Proxy)> = ids.into_iter().zip(draft.proxies).collect();
    let backend_names: Vec<String> = proxies
        .iter()
        .filter(|(_, proxy)| proxy.kind.has_backend())
        .map(|(_, proxy)| proxy.name.text.clone())
        .collect();
    let tables: Vec<_> = proxies
        .iter()
        .filter_map(|(_, proxy)| proxy.table.clone())
        .collect();
    let index = |name: &str| backend_names.iter().position(|known| known == name);
    let frontends = proxies
        .iter()
        .filter(|(_, proxy)| proxy.kind.has_frontend())
        .map(|(id, proxy)| frontend(*id, proxy, &index))
        .collect();
    let mut backends: Vec<Backend> = proxies
        .iter()
        .filter(|(_, proxy)| proxy.kind.has_backend())
        .map(|(id, proxy)| backend(*id, proxy, &resolvers, &tables, &draft.global.tls))
        .collect();
    link_tracking(&mut backends, proxies.iter().map(|(_, proxy)| proxy));
    mark_named(&mut backends, &draft.shared.references);
    Config {
        global: global(draft.global),
        frontends,
        backends,
        tables,
        caches: draft.caches,
        resolvers,
        patterns: draft.shared.into_patterns(sources),
    }
}

/// The sections as written, and the one that HAProxy adds.
fn resolvers(mut written: Vec<Resolvers>) -> Vec<Resolvers> {
    if written
        .iter()
        .all(|section| section.name != DEFAULT_RESOLVERS)
    {
        written.push(Resolvers {
            nameservers: vec![Nameserver::System],
            ..Resolvers::new(DEFAULT_RESOLVERS, None)
        });
    }
    written
}

/// Ids in file order from 1, a stats socket's own frontend first. One that `id N` says takes a place in the order, too, and
/// is not given twice.
fn proxy_ids(draft: &Draft) -> Vec<ProxyId> {
    let mut taken: BTreeSet<u32> = draft
        .proxies
        .iter()
        .filter_map(|proxy| proxy.id.map(|(id, _)| id))
        .collect();
    let mut next = match draft.global.stats_sockets.is_empty() {
        true => 1,
        false => 2,
    };
    let ids = draft.proxies.iter().map(|proxy| {
        let id = proxy.id.map_or_else(|| free_id(&taken, next), |(id, _)| id);
        taken.insert(id);
        next = proxy.id.map_or(id, |_| next) + 1;
        ProxyId(id)
    });
    ids.collect()
}

/// The lowest id from `from` on that is not taken.
fn free_id(taken: &BTreeSet<u32>, from: u32) -> u32 {
    (from..)
        .find(|id| !taken.contains(id))
        .expect("fewer than 2^32 ids are taken")
}

/// Room for what rules add is half a buffer at most.
fn global(mut global: Global) -> Global {
    let sizes = &mut global.sizes;
    sizes.reserve = sizes.reserve.min(sizes.buffer / 2);
    global
}

fn frontend(id: ProxyId, proxy: &Proxy, index: &dyn Fn(&str) -> Option<usize>) -> Frontend {
    let settings = &proxy.settings;
    let listen = proxy.kind.has_backend();
    let default_backend = settings.default_backend.as_ref();
    let default_backend = match default_backend.and_then(|name| index(&name.text)) {
        None if listen => index(&proxy.name.text),
        found => found,
    };
    Frontend {
        id,
        name: proxy.name.text.clone(),
        listen,
        span: proxy.name.span,
        description: proxy.description.clone(),
        disabled: settings.disabled,
        mode: settings.mode.value,
        binds: proxy.binds.clone(),
        maxconn: settings.maxconn,
        timeouts: FrontendTimeouts {
            client: settings.timeouts.client,
            http_request: settings.timeouts.http_request,
            http_keep_alive: settings.timeouts.http_keep_alive,
            client_fin: settings.timeouts.client_fin,
        },
        http: http(proxy),
        tcp: settings.tcp.clone(),
        errors: settings.errors.clone(),
        use_backends: use_backends(proxy, index),
        default_backend,
        stats: stats(proxy),
        log: log(settings),
        log_format: by_mode::log_format(settings),
        log_text: settings.log_text.clone(),
        error_log_text: settings.error_log_text.clone(),
        captures: proxy.captures.clone(),
        cookie_capture: proxy.cookie_capture.clone(),
        options: crate::model::FrontendOptions {
            abortonclose: settings.abortonclose,
            ..settings.frontend.clone()
        },
    }
}

/// The targets, each with the tag of the section.
fn log(settings: &Settings) -> Vec<LogTarget> {
    let mut targets = settings.log.clone();
    for target in &mut targets {
        target.tag.clone_from(&settings.log_tag);
    }
    targets
}

/// `redirect` lines come after all `http-request` lines.
fn http(proxy: &Proxy) -> HttpRules {
    let mut http = proxy.settings.http.clone();
    http.request.extend(proxy.redirects.iter().cloned());
    http.tarpit = proxy
        .settings
        .timeouts
        .tarpit
        .or(proxy.settings.timeouts.connect);
    http
}

fn use_servers(proxy: &Proxy) -> Vec<UseServer> {
    let rules = proxy.use_servers.iter().filter_map(|rule| {
        let to = match &rule.to {
            ServerName::Written(name) => {
                let mut servers = proxy.servers.iter();
                ServerChoice::Named(servers.position(|server| server.name.text == name.text)?)
            }
            ServerName::Computed(format) => ServerChoice::Computed(format.clone()),
        };
        Some(UseServer {
            to,
            condition: rule.condition.clone(),
        })
    });
    rules.collect()
}

fn use_backends(proxy: &Proxy, index: &dyn Fn(&str) -> Option<usize>) -> Vec<UseBackend> {
    let rules = proxy.use_backends.iter().filter_map(|rule| {
        let to = match &rule.to {
            BackendName::Written(name) => BackendChoice::Named(index(&name.text)?),
            BackendName::Computed(format) => BackendChoice::Computed(format.clone()),
        };
        Some(UseBackend {
            to,
            condition: rule.condition.clone(),
        })
    });
    rules.collect()
}

fn stick(proxy: &Proxy, tables: &[StickTable]) -> Vec<StickRule> {
    let rules = proxy.stick.iter().filter_map(|rule| {
        let name = rule.table.as_ref().unwrap_or(&proxy.name);
        let table = tables.iter().position(|table| table.name == name.text)?;
        Some(StickRule {
            kind: rule.kind,
            expression: rule.expression.clone(),
            table,
            condition: rule.condition.clone(),
        })
    });
    rules.collect()
}

fn backend(
    id: ProxyId,
    proxy: &Proxy,
    resolvers: &[Resolvers],
    tables: &[StickTable],
    tls: &TlsDefaults,
) -> Backend {
    let settings = &proxy.settings;
    Backend {
        id,
        name: proxy.name.text.clone(),
        listen: proxy.kind.has_frontend(),
        span: proxy.name.span,
        description: proxy.description.clone(),
        disabled: settings.disabled,
        mode: settings.mode.value,
        balance: by_mode::balance(settings),
        hash: settings.hash,
        servers: servers(proxy, resolvers, tls),
        source: settings.source,
        timeouts: BackendTimeouts {
            connect: settings.timeouts.connect,
            server: settings.timeouts.server,
            queue: settings.timeouts.queue,
            check: settings.timeouts.check,
            tunnel: settings.timeouts.tunnel,
            server_fin: settings.timeouts.server_fin,
        },
        retries: settings.retries,
        retry_on: settings.retry_on.clone(),
        all_backups: settings.all_backups,
        reuse: settings.reuse,
        redispatch: settings.redispatch,
        abortonclose: settings.abortonclose,
        cookie: by_mode::cookie(settings),
        stick: stick(proxy, tables),
        persist: settings.persist,
        check: check_script::script(&settings.check),
        use_servers: use_servers(proxy),
        http: http(proxy),
        tcp: settings.tcp.clone(),
        errors: settings.errors.clone(),
        log_health_checks: settings.log_health_checks,
        stats: stats(proxy),
        log: log(settings),
        fullconn: settings.fullconn,
        states: settings.states.of(&proxy.name.text),
    }
}

/// The page, `scope .` replaced by the section's own name.
fn stats(proxy: &Proxy) -> Option<crate::model::Stats> {
    let mut stats = proxy.settings.stats.clone()?;
    for name in &mut stats.scope {
        if name == "." {
            name.clone_from(&proxy.name.text);
        }
    }
    Some(stats)
}

/// A server without an id gets the lowest free one that is not below its place in the backend.
fn servers(proxy: &Proxy, resolvers: &[Resolvers], tls: &TlsDefaults) -> Vec<Server> {
    let mut taken: BTreeSet<u32> = proxy.servers.iter().filter_map(|s| s.id).collect();
    let mut next = 0;
    let secure_steps = proxy.settings.check.speaks_tls();
    let servers = proxy.servers.iter().map(|draft| {
        next += 1;
        let id = draft.id.unwrap_or_else(|| {
            next = free_id(&taken, next);
            next
        });
        taken.insert(id);
        let mut server = server(id, draft, resolvers, tls, secure_steps);
        server.source = server.source.or(proxy.settings.source);
        server
    });
    servers.collect()
}

fn server(
    id: u32,
    draft: &ServerDraft,
    resolvers: &[Resolvers],
    defaults: &TlsDefaults,
    secure_steps: bool,
) -> Server {
    let settings = &draft.settings;
    let check = settings.check.then(|| Check {
        inter: settings.inter,
        fastinter: settings.fastinter.unwrap_or(settings.inter),
        downinter: settings.downinter.unwrap_or(settings.inter),
        rise: settings.rise,
        fall: settings.fall,
        port: settings.port,
        addr: settings.addr.clone(),
        tls: settings.checks_over_tls().then(|| CheckTls {
            tls: check_tls(settings, defaults),
            sni: settings.check_sni.clone(),
        }),
        step_tls: secure_steps.then(|| step_tls(settings, defaults)),
        proxy_header: settings.check_proxy_header(),
        protocol: check_protocol(settings),
    });
    Server {
        id,
        name: draft.name.text.clone(),
        span: draft.name.span,
        address: draft.address.clone(),
        address_span: draft.address_span,
        weight: settings.weight,
        cookie: settings.cookie.clone(),
        limits: settings.limits,
        check,
        agent: agent(settings),
        observe: settings.observe.map(|layer| Observe {
            layer,
            error_limit: settings.error_limit,
            on_error: settings.on_error,
        }),
        shutdown_on_down: settings.shutdown_on_down,
        ends_backups: settings.ends_backups,
        disabled: settings.disabled,
        init_addr: settings.init_addr.clone(),
        resolution: resolution(settings, resolvers),
        tls: settings.ssl.then(|| tls(settings, defaults)),
        proxy_header: settings.proxy_header(),
        source: settings.source,
        redirect: settings.redirect.clone(),
        protocol: match settings.proto {
            Some(ServerMux::Http1) => ServerProtocol::Http1,
            Some(ServerMux::Http2) => ServerProtocol::Http2,
            Some(ServerMux::Nothing) | None => ServerProtocol::Any,
        },
        max_reuse: settings.max_reuse,
        track: None,
        named_by_rules: false,
    }
}

/// Servers that rules name.
fn mark_named(backends: &mut [Backend], references: &[Reference]) {
    for backend in &mut *backends {
        for rule in &backend.use_servers {
            if let ServerChoice::Named(index) = rule.to {
                backend.servers[index].named_by_rules = true;
            }
        }
    }
    for reference in references.iter().filter(|it| it.to == Target::Server) {
        let (backend, server) = split(&reference.name);
        let backend = backend.unwrap_or(&reference.proxy);
        let mut servers = backends
            .iter_mut()
            .filter(|known| known.name == backend)
            .flat_map(|known| &mut known.servers);
        if let Some(server) = servers.find(|known| known.name == server) {
            server.named_by_rules = true;
        }
    }
}

/// `track`: names into places.
fn link_tracking<'a>(backends: &mut [Backend], proxies: impl Iterator<Item = &'a Proxy>) {
    for (at, proxy) in proxies.filter(|proxy| proxy.kind.has_backend()).enumerate() {
        for (server, draft) in proxy.servers.iter().enumerate() {
            let wanted = draft.settings.track.as_ref();
            backends[at].servers[server].track =
                wanted.and_then(|word| tracked(&word.text, at, backends));
        }
    }
}

fn tracked(text: &str, own: usize, backends: &[Backend]) -> Option<Tracked> {
    let (backend, name) = split(text);
    let backend = match backend {
        None => own,
        Some(wanted) => backends.iter().position(|known| known.name == wanted)?,
    };
    let mut servers = backends[backend].servers.iter();
    let server = servers.position(|server| server.name == name)?;
    Some(Tracked { backend, server })
}

/// A server added while the balancer runs: without an id it has 0.
pub(crate) fn dynamic_server(
    draft: &ServerDraft,
    defaults: &TlsDefaults,
    secure_steps: bool,
) -> Server {
    server(draft.id.unwrap_or(0), draft, &[], defaults, secure_steps)
}

/// What a `server` line says of TLS, on top of what `global` says.
fn tls(settings: &ServerSettings, defaults: &TlsDefaults) -> ServerTls {
    let own = &settings.tls;
    let policy = &defaults.server;
    let versions = match own.policy.versions == TlsVersions::default() {
        true => policy.versions.clone(),
        false => own.policy.versions.clone(),
    };
    let forbidden = [own.policy.resumption, policy.resumption].contains(&Resumption::Forbidden);
    ServerTls {
        policy: TlsPolicy {
            versions,
            ciphers: own.policy.ciphers.clone().or(policy.ciphers.clone()),
            unspoken: None,
            suites: own.policy.suites.clone().or(policy.suites.clone()),
            alpn: own.policy.alpn.clone(),
            resumption: match forbidden {
                true => Resumption::Forbidden,
                false => Resumption::Allowed,
            },
        },
        verify: settings.verifies(defaults),
        ..own.clone()
    }
}

fn check_tls(settings: &ServerSettings, defaults: &TlsDefaults) -> ServerTls {
    let mut tls = tls(settings, defaults);
    if let Some(alpn) = &settings.check_alpn {
        tls.policy.alpn.clone_from(alpn);
    }
    tls.sni = None;
    tls
}

fn step_tls(settings: &ServerSettings, defaults: &TlsDefaults) -> ServerTls {
    ServerTls {
        sni: None,
        ..tls(settings, defaults)
    }
}

/// As in HAProxy, what TLS settles counts only where the check has an `alpn` of its own.
fn check_protocol(settings: &ServerSettings) -> ServerProtocol {
    match (settings.check_proto, settings.proto) {
        (Some(CheckMux::Http2), _) | (None, Some(ServerMux::Http2)) => ServerProtocol::Http2,
        (None, None) if settings.check_alpn.is_some() => ServerProtocol::Any,
        _ => ServerProtocol::Http1,
    }
}

impl ServerSettings {
    /// Checks that go elsewhere than requests speak TLS only where they are told to.
    fn checks_over_tls(&self) -> bool {
        self.check_ssl
            .unwrap_or(self.ssl && !self.checks_elsewhere())
    }

    /// As in HAProxy, options of version 2 alone bring a header of version 1.
    fn proxy_header(&self) -> Option<ProxyHeader> {
        let options = self.proxy_options;
        match self.proxy_header {
            Some(ProxyHeader::V2(details)) => Some(ProxyHeader::V2(details.and(options))),
            None if options == ProxyDetails::default() => None,
            _ => Some(ProxyHeader::V1),
        }
    }

    fn check_proxy_header(&self) -> Option<ProxyHeader> {
        let header = self.proxy_header();
        let inherited = header.filter(|_| !self.checks_elsewhere());
        let told = self.check_send_proxy;
        inherited.or(told.then(|| header.unwrap_or(ProxyHeader::V1)))
    }

    fn checks_elsewhere(&self) -> bool {
        self.port.is_some() || self.addr.is_some()
    }

    /// Whether the server's certificate is looked at.
    pub(crate) fn verifies(&self, defaults: &TlsDefaults) -> bool {
        self.verify.unwrap_or(!defaults.trusts_servers)
    }
}

fn agent(settings: &ServerSettings) -> Option<Agent> {
    let port = settings.agent_port.filter(|_| settings.agent_check)?;
    Some(Agent {
        port,
        addr: settings.agent_addr.clone(),
        inter: settings.agent_inter.unwrap_or(settings.inter),
        send: settings.agent_send.clone(),
    })
}

fn resolution(settings: &ServerSettings, resolvers: &[Resolvers]) -> Option<Resolution> {
    let wanted = settings.resolvers.as_ref()?;
    let mut sections = resolvers.iter();
    Some(Resolution {
        resolvers: sections.position(|section| section.name == wanted.text)?,
        prefer: settings.prefer,
        networks: settings.networks.clone(),
        duplicate_addresses: settings.duplicate_addresses,
    })
}
