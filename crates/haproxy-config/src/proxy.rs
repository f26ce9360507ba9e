//! A `defaults`, `frontend`, `backend` or `listen` section while its lines are read.

use crate::acl::Acls;
use crate::keywords::Sections;
use crate::keywords::checks::CheckSettings;
use crate::keywords::server_states::KeptStates;
use crate::model::{
    AddressFamily, Balance, Bind, Capture, Cookie, CookieCapture, Direction, ErrorPages,
    FrontendOptions, Global, HashType, HttpRule, HttpRules, InitAddr, LogFormat, LogTarget, Mode,
    Network, ObservedLayer, OnError, ProxyDetails, ProxyHeader, RetryOn, Reuse, ServerAddress,
    ServerLimits, ServerTls, Stats, StickKind, StickTable, TcpRules,
};
use crate::report::Report;
use crate::sample::shared::Shared;
use crate::sample::{Place, Within};
use crate::words::Word;
use diagnostics::Span;
use samples::{Condition, Format};
use std::collections::BTreeSet;
use std::time::Duration;

/// What the parser of a line inside a proxy section works on.
pub(crate) struct ProxyContext<'a, 'r> {
    pub(crate) proxy: &'a mut Proxy,
    pub(crate) global: &'a Global,
    pub(crate) shared: &'a mut Shared,
    pub(crate) report: &'a mut Report<'r>,
}

impl ProxyContext<'_, '_> {
    /// Where the expressions of a line stand.
    pub(crate) fn place(&mut self, span: Span) -> Place<'_> {
        Place {
            shared: self.shared,
            span,
            proxy: &self.proxy.name.text,
            within: Within::HttpRequest,
            fetch: "",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Defaults,
    Frontend,
    Backend,
    Listen,
}

impl Kind {
    /// What HAProxy's messages call a proxy of this kind.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Listen => "proxy",
            _ => self.name(),
        }
    }

    /// The section's keyword.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Defaults => "defaults",
            Self::Frontend => "frontend",
            Self::Backend => "backend",
            Self::Listen => "listen",
        }
    }

    pub(crate) fn has_frontend(self) -> bool {
        matches!(self, Self::Frontend | Self::Listen)
    }

    pub(crate) fn has_backend(self) -> bool {
        matches!(self, Self::Backend | Self::Listen)
    }

    /// Whether a keyword with these sections has a meaning here.
    pub(crate) fn fits(self, sections: Sections) -> bool {
        sections.contains(match self {
            Self::Defaults => Sections::DEFAULTS,
            Self::Frontend => Sections::FRONTEND,
            Self::Backend => Sections::BACKEND,
            Self::Listen => Sections::LISTEN,
        })
    }
}

/// A value and the line that set it; none where it is the default.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Placed<T> {
    pub(crate) value: T,
    pub(crate) at: Option<Span>,
}

/// One section.
#[derive(Clone, Debug)]
pub(crate) struct Proxy {
    pub(crate) kind: Kind,
    /// The name; for an unnamed `defaults`, an empty text at the keyword.
    pub(crate) name: Word,
    /// The head line.
    pub(crate) head: Span,
    pub(crate) settings: Settings,
    /// The head of the `defaults` that it takes over from.
    pub(crate) defaults: Option<Span>,
    pub(crate) id: Option<(u32, Span)>,
    pub(crate) description: Option<String>,
    pub(crate) binds: Vec<Bind>,
    pub(crate) captures: Vec<Capture>,
    pub(crate) cookie_capture: Option<CookieCapture>,
    pub(crate) servers: Vec<ServerDraft>,
    pub(crate) acls: Acls,
    /// `redirect` lines, which come after all `http-request` lines.
    pub(crate) redirects: Vec<HttpRule>,
    /// Captures that rules name by their place: which, what kind of rule, and where.
    pub(crate) capture_places: Vec<(Direction, usize, String, Span)>,
    pub(crate) use_backends: Vec<UseBackendDraft>,
    pub(crate) table: Option<StickTable>,
    /// What `track-sc` rules name.
    pub(crate) tracks: Vec<TrackDraft>,
    pub(crate) stick: Vec<StickDraft>,
    pub(crate) use_servers: Vec<UseServerDraft>,
    /// What rules and filters name.
    pub(crate) caches: Vec<CacheUse>,
    /// It has `stats` lines of its own, which stand for themselves: those of its `defaults` count no more.
    pub(crate) own_stats: bool,
}

/// A cache by its name.
#[derive(Clone, Debug)]
pub(crate) struct CacheUse {
    pub(crate) name: Word,
    /// By a `filter` line.
    pub(crate) explicit: bool,
}

/// A `use-server` line.
#[derive(Clone, Debug)]
pub(crate) struct UseServerDraft {
    pub(crate) to: ServerName,
    pub(crate) condition: Condition,
}

#[derive(Clone, Debug)]
pub(crate) enum ServerName {
    Written(Word),
    Computed(Format),
}

/// A `use_backend` line.
#[derive(Clone, Debug)]
pub(crate) struct UseBackendDraft {
    pub(crate) to: BackendName,
    pub(crate) condition: Option<Condition>,
}

#[derive(Clone, Debug)]
pub(crate) enum BackendName {
    Written(Word),
    Computed(Format),
}

impl Proxy {
    pub(crate) fn new(kind: Kind, name: Word, head: Span, mut settings: Settings) -> Self {
        settings.check.inherit();
        if kind == Kind::Backend {
            settings.http_log = None;
        }
        Self {
            kind,
            name,
            head,
            settings,
            defaults: None,
            id: None,
            description: None,
            binds: Vec::new(),
            captures: Vec::new(),
            cookie_capture: None,
            servers: Vec::new(),
            acls: Acls::default(),
            redirects: Vec::new(),
            capture_places: Vec::new(),
            use_backends: Vec::new(),
            table: None,
            tracks: Vec::new(),
            stick: Vec::new(),
            use_servers: Vec::new(),
            caches: Vec::new(),
            own_stats: false,
        }
    }

    /// A `defaults` without a name, which cannot have rules.
    pub(crate) fn is_anonymous(&self) -> bool {
        self.kind == Kind::Defaults && self.name.text.is_empty()
    }

    /// Clients come to it, or to those that take over from it.
    pub(crate) fn can_front(&self) -> bool {
        self.kind.has_frontend() || self.kind == Kind::Defaults
    }

    /// `frontend 'f'`, as HAProxy's messages name it.
    pub(crate) fn titled(&self) -> String {
        format!("{} '{}'", self.kind.title(), self.name.text)
    }
}

/// What a section takes over from its `defaults`.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) mode: Placed<Mode>,
    pub(crate) disabled: bool,
    pub(crate) maxconn: Option<u32>,
    pub(crate) fullconn: Option<u32>,
    pub(crate) retries: u32,
    pub(crate) retry_on: RetryOn,
    pub(crate) redispatch: Option<i32>,
    pub(crate) abortonclose: bool,
    /// Where connections to its servers come from.
    pub(crate) source: Option<std::net::SocketAddr>,
    pub(crate) all_backups: bool,
    pub(crate) reuse: Reuse,
    pub(crate) cookie: Option<Cookie>,
    /// `dynamic-cookie-key`.
    pub(crate) cookie_key: Option<String>,
    pub(crate) persist: bool,
    pub(crate) balance: Balance,
    pub(crate) hash: HashType,
    pub(crate) timeouts: Timeouts,
    pub(crate) default_backend: Option<Word>,
    pub(crate) stats: Option<Stats>,
    pub(crate) log: Vec<LogTarget>,
    pub(crate) log_format: Placed<LogFormat>,
    pub(crate) log_text: Option<Format>,
    /// The option that asked for a line of HTTP mode.
    pub(crate) http_log: Option<&'static str>,
    pub(crate) error_log_text: Option<Format>,
    pub(crate) log_tag: Option<String>,
    pub(crate) check: CheckSettings,
    pub(crate) log_health_checks: bool,
    /// Options that are on and that only HTTP mode gives a meaning: places in [`http_features::OPTIONS`].
    ///
    /// [`http_features::OPTIONS`]: crate::checks::http_features::OPTIONS
    pub(crate) http_only: BTreeSet<usize>,
    pub(crate) frontend: FrontendOptions,
    pub(crate) http: HttpRules,
    pub(crate) tcp: TcpRules,
    pub(crate) errors: ErrorPages,
    /// Groups of error pages that lines refer to.
    pub(crate) groups: Vec<GroupUse>,
    pub(crate) server: ServerSettings,
    pub(crate) states: KeptStates,
}

impl Default for Settings {
    /// HAProxy's own, with no `defaults` section above.
    fn default() -> Self {
        Self {
            mode: Placed::default(),
            disabled: false,
            maxconn: None,
            fullconn: None,
            retries: 3,
            retry_on: RetryOn::default(),
            redispatch: None,
            abortonclose: false,
            source: None,
            all_backups: false,
            reuse: Reuse::default(),
            cookie: None,
            cookie_key: None,
            persist: false,
            balance: Balance::RoundRobin,
            hash: HashType::default(),
            timeouts: Timeouts::default(),
            default_backend: None,
            stats: None,
            log: Vec::new(),
            log_format: Placed::default(),
            log_text: None,
            http_log: None,
            error_log_text: None,
            log_tag: None,
            check: CheckSettings::default(),
            log_health_checks: false,
            http_only: BTreeSet::new(),
            frontend: FrontendOptions {
                max_server_connections: 5,
                ..FrontendOptions::default()
            },
            http: HttpRules::default(),
            tcp: TcpRules::default(),
            errors: ErrorPages::new(),
            groups: Vec::new(),
            server: ServerSettings::default(),
            states: KeptStates::default(),
        }
    }
}

/// What refers to an `http-errors` section.
#[derive(Clone, Debug)]
pub(crate) struct GroupUse {
    /// The section's name.
    pub(crate) name: Word,
    /// The statuses that it names itself.
    pub(crate) statuses: Vec<u16>,
    /// It is a rule, which HAProxy speaks of in other words.
    pub(crate) by_rule: bool,
}

impl Settings {
    /// Whether there are rules on messages or connections.
    pub(crate) fn has_rules(&self) -> bool {
        let tcp = &self.tcp;
        let lists = [&tcp.connection, &tcp.session, &tcp.content, &tcp.response];
        self.http.any() || lists.iter().any(|list| !list.is_empty())
    }
}

/// `None` where nothing or `0` was given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timeouts {
    pub(crate) client: Option<Duration>,
    pub(crate) http_request: Option<Duration>,
    pub(crate) http_keep_alive: Option<Duration>,
    pub(crate) connect: Option<Duration>,
    pub(crate) server: Option<Duration>,
    pub(crate) queue: Option<Duration>,
    pub(crate) check: Option<Duration>,
    pub(crate) tunnel: Option<Duration>,
    pub(crate) tarpit: Option<Duration>,
    pub(crate) client_fin: Option<Duration>,
    pub(crate) server_fin: Option<Duration>,
}

/// What a `track-sc` rule tracks, and where.
#[derive(Clone, Debug)]
pub(crate) struct TrackDraft {
    pub(crate) counter: usize,
    pub(crate) table: String,
    /// Of the key.
    pub(crate) kind: samples::Kind,
    /// The line.
    pub(crate) span: Span,
}

/// A `stick` line.
#[derive(Clone, Debug)]
pub(crate) struct StickDraft {
    pub(crate) kind: StickKind,
    pub(crate) expression: samples::Expression,
    /// `None`: that of its own section.
    pub(crate) table: Option<Word>,
    pub(crate) condition: Option<Condition>,
    /// The line.
    pub(crate) span: Span,
}

/// A `server` line.
#[derive(Clone, Debug)]
pub(crate) struct ServerDraft {
    pub(crate) name: Word,
    /// The whole line.
    pub(crate) line: Span,
    pub(crate) address: ServerAddress,
    pub(crate) address_span: Span,
    pub(crate) settings: ServerSettings,
    /// `id N`.
    pub(crate) id: Option<u32>,
}

/// `proto`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServerMux {
    Http1,
    Http2,
    /// What comes is passed on.
    Nothing,
}

/// `check-proto`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CheckMux {
    Http1,
    Http2,
    Nothing,
}

/// What `server` and `default-server` lines set.
#[derive(Clone, Debug)]
pub(crate) struct ServerSettings {
    pub(crate) weight: u16,
    pub(crate) cookie: Option<String>,
    pub(crate) limits: ServerLimits,
    pub(crate) disabled: bool,
    pub(crate) check: bool,
    pub(crate) inter: Duration,
    pub(crate) fastinter: Option<Duration>,
    pub(crate) downinter: Option<Duration>,
    pub(crate) rise: u32,
    pub(crate) fall: u32,
    pub(crate) port: Option<u16>,
    pub(crate) addr: Option<crate::model::Host>,
    pub(crate) agent_check: bool,
    pub(crate) agent_port: Option<u16>,
    pub(crate) agent_addr: Option<crate::model::Host>,
    pub(crate) agent_inter: Option<Duration>,
    pub(crate) agent_send: Option<String>,
    pub(crate) observe: Option<ObservedLayer>,
    pub(crate) error_limit: u32,
    pub(crate) on_error: OnError,
    pub(crate) shutdown_on_down: bool,
    pub(crate) ends_backups: bool,
    pub(crate) init_addr: Vec<InitAddr>,
    /// `resolvers ID`.
    pub(crate) resolvers: Option<Word>,
    pub(crate) prefer: AddressFamily,
    pub(crate) networks: Vec<Network>,
    pub(crate) duplicate_addresses: bool,
    /// `ssl`: the words about TLS count for its connections.
    pub(crate) ssl: bool,
    /// `verify`; `None`: as `global` says.
    pub(crate) verify: Option<bool>,
    pub(crate) tls: ServerTls,
    /// `check-ssl`, `no-check-ssl`; `None`: as for its connections.
    pub(crate) check_ssl: Option<bool>,
    pub(crate) check_sni: Option<String>,
    pub(crate) check_alpn: Option<Vec<String>>,
    pub(crate) check_proto: Option<CheckMux>,
    pub(crate) proto: Option<ServerMux>,
    pub(crate) max_reuse: Option<u32>,
    pub(crate) proxy_header: Option<ProxyHeader>,
    pub(crate) proxy_options: ProxyDetails,
    pub(crate) source: Option<std::net::SocketAddr>,
    pub(crate) redirect: Option<String>,
    pub(crate) check_send_proxy: bool,
    /// `[BACKEND/]SERVER` whose state it takes over.
    pub(crate) track: Option<Word>,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            weight: 1,
            cookie: None,
            limits: ServerLimits::default(),
            disabled: false,
            check: false,
            inter: Duration::from_secs(2),
            fastinter: None,
            downinter: None,
            rise: 2,
            fall: 3,
            port: None,
            addr: None,
            agent_check: false,
            agent_port: None,
            agent_addr: None,
            agent_inter: None,
            agent_send: None,
            observe: None,
            error_limit: 10,
            on_error: OnError::default(),
            shutdown_on_down: false,
            ends_backups: false,
            init_addr: Vec::new(),
            resolvers: None,
            prefer: AddressFamily::V6,
            networks: Vec::new(),
            duplicate_addresses: false,
            ssl: false,
            verify: None,
            tls: ServerTls::default(),
            check_ssl: None,
            check_sni: None,
            check_alpn: None,
            check_proto: None,
            proto: None,
            max_reuse: None,
            proxy_header: None,
            proxy_options: ProxyDetails::default(),
            source: None,
            redirect: None,
            check_send_proxy: false,
            track: None,
        }
    }
}
