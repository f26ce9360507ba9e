//! The client-facing half of a proxy, alive.

use super::rules::{self, UseBackend};
use super::{Backend, GateKeeper, Limit};
use crate::process::lock;
use crate::tls::Entry;
use diagnostics::SourceId;
use haproxy_config::model::{
    self, Capture, CookieCapture, ErrorPages, FrontendOptions, FrontendTimeouts, HttpRules,
    LogFormat, LogTarget, Mode, Stats,
};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard};

/// The client-facing half, alive.
#[derive(Debug)]
pub struct Frontend {
    pub id: u32,
    /// Where it stands in the files.
    pub place: (SourceId, usize),
    pub name: String,
    /// One half of a `listen`.
    pub listen: bool,
    pub description: Option<String>,
    pub mode: Mode,
    pub binds: Vec<model::Bind>,
    /// Of each bind, where clients speak TLS.
    pub entries: Vec<Option<Arc<Entry>>>,
    /// Most connections at once.
    pub maxconn: Limit,
    pub timeouts: FrontendTimeouts,
    pub http: HttpRules,
    pub tcp: super::TcpRules,
    pub errors: ErrorPages,
    /// The first that applies chooses the backend.
    pub use_backends: Vec<UseBackend>,
    pub default_backend: Option<Arc<Backend>>,
    pub stats: Option<Stats>,
    pub log: Vec<LogTarget>,
    pub log_format: LogFormat,
    /// Of [`LogFormat::Custom`].
    pub log_text: Option<samples::Format>,
    /// `error-log-format`.
    pub error_log_text: Option<samples::Format>,
    pub captures: Vec<Capture>,
    pub cookie_capture: Option<CookieCapture>,
    /// Whether it lets clients in.
    pub gate: GateKeeper,
    /// Lines that were logged: `%lc`.
    pub lines: AtomicU64,
    pub options: FrontendOptions,
    /// Shared with the frontend of the same name in the plan before: its connections go on.
    pub(super) live: Arc<Mutex<lb_core::frontend::Frontend>>,
}

impl Frontend {
    /// Of a `listen`: its backend.
    pub fn other_half(&self) -> Option<&Arc<Backend>> {
        self.default_backend.as_ref().filter(|_| self.listen)
    }

    /// The counters: hold it for a few lines, never over an `.await`.
    pub fn live(&self) -> MutexGuard<'_, lb_core::frontend::Frontend> {
        lock(&self.live)
    }
}

/// Makes it; `live` is what it has counted under the plan before.
pub(super) fn build(
    frontend: &model::Frontend,
    entries: Vec<Option<Arc<Entry>>>,
    backends: &[Arc<Backend>],
    maxconn: u32,
    live: Arc<Mutex<lb_core::frontend::Frontend>>,
) -> Frontend {
    Frontend {
        id: frontend.id.0,
        place: (frontend.span.source, frontend.span.start),
        name: frontend.name.clone(),
        listen: frontend.listen,
        description: frontend.description.clone(),
        mode: frontend.mode,
        binds: frontend.binds.clone(),
        entries,
        maxconn: frontend.maxconn.unwrap_or(maxconn).into(),
        timeouts: frontend.timeouts.clone(),
        http: frontend.http.clone(),
        tcp: frontend.tcp.clone(),
        errors: frontend.errors.clone(),
        use_backends: rules::use_backends(frontend, backends),
        default_backend: frontend
            .default_backend
            .map(|index| Arc::clone(&backends[index])),
        stats: frontend.stats.clone(),
        log: frontend.log.clone(),
        log_format: frontend.log_format,
        log_text: frontend.log_text.clone(),
        error_log_text: frontend.error_log_text.clone(),
        captures: frontend.captures.clone(),
        cookie_capture: frontend.cookie_capture.clone(),
        gate: GateKeeper::default(),
        lines: AtomicU64::new(0),
        options: frontend.options.clone(),
        live,
    }
}
