//! What the steps of a check can look up: the process, their server, what it has answered, variables.

use crate::access_log::date;
use crate::h1::head::ResponseHead;
use crate::h1::parse;
use crate::load::hostname;
use crate::loads;
use crate::plan::{Backend, CheckProtocol, Plan, Server};
use crate::process::{Process, lock};
use crate::proxy_protocol::Ends;
use crate::stick;
use lb_core::Uptime;
use samples::format::{Flags, Variable, logged};
use samples::tables::{Fill, Question, Told};
use samples::variables::{Name, Scope};
use samples::view::{
    BackendLoad, Connection, Load, ServerConnection, ServerLoad, Timeouts, Transcript, World,
};
use samples::{Value, Variables, View};
use std::cell::RefCell;
use std::sync::Arc;
use std::time::SystemTime;

/// What a check belongs to.
#[derive(Clone, Debug)]
pub(super) struct Around<'a> {
    pub(super) process: &'a Process,
    pub(super) backend: &'a Backend,
    pub(super) server: &'a Server,
}

/// What a check has come to.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Those of scope `check` and `sess`.
    pub(super) variables: Variables,
    pub(super) connection: Option<Ends>,
}

/// One moment of a check.
struct Sight<'a> {
    around: &'a Around<'a>,
    plan: Arc<Plan>,
    now: Uptime,
    connection: Option<Ends>,
    /// What was set by what is looked at.
    written: RefCell<Vec<(Name, Option<Value<'static>>)>>,
}

impl Memory {
    /// Shows what is there to `ask`: `received` is the answer so far, of HTTP or not.
    pub(super) fn look<T>(
        &mut self,
        around: &Around<'_>,
        received: &[u8],
        is_http: bool,
        ask: impl FnOnce(&View<'_>) -> T,
    ) -> T {
        let sight = Sight {
            plan: around.process.plan(),
            now: around.process.now(),
            around,
            connection: self.connection,
            written: RefCell::default(),
        };
        let mut head = ResponseHead::default();
        let is_answer = is_http && matches!(parse::response(received, &mut head), Ok(Some(_)));
        let view = View {
            source: None,
            destination: None,
            tls: None,
            http_major: 1,
            begun: SystemTime::now(),
            now: SystemTime::now(),
            request: None,
            request_pending: false,
            response_pending: false,
            bytes: None,
            response_bytes: Some(received),
            more: None,
            body: &[],
            response: is_answer.then_some(&head as _),
            variables: &self.variables,
            request_captures: &[],
            response_captures: &[],
            world: &sight,
            transcript: Some(&sight),
        };
        let found = ask(&view);
        for (name, value) in sight.written.take() {
            self.put(around, &name, value);
        }
        found
    }

    /// Sets a variable, or forgets it. A check has no transaction, so that those of its scopes are not kept.
    pub(super) fn put(&mut self, around: &Around<'_>, name: &Name, value: Option<Value<'static>>) {
        match name.scope {
            Scope::Process => lock(&around.process.variables).put(name, value),
            Scope::Check | Scope::Session => self.variables.put(name, value),
            Scope::Transaction | Scope::Request | Scope::Response => {}
        }
    }
}

impl World for Sight<'_> {
    /// The one that all of HAProxy's checks come from.
    fn frontend(&self) -> &str {
        "CHECKS-FE"
    }

    fn backend(&self) -> Option<&str> {
        Some(&self.around.backend.name)
    }

    fn server(&self) -> Option<&str> {
        Some(&self.around.server.name)
    }

    fn proxy(&self) -> &str {
        &self.around.backend.name
    }

    fn frontend_id(&self) -> u32 {
        0
    }

    fn backend_id(&self) -> Option<u32> {
        Some(self.around.backend.id)
    }

    fn server_id(&self) -> Option<u32> {
        Some(self.around.server.id)
    }

    fn frontend_load(&self, name: &str) -> Option<Load> {
        loads::frontend(&self.plan, name, self.now)
    }

    fn backend_load(&self, name: &str) -> Option<BackendLoad> {
        loads::backend(&self.plan, name, self.now)
    }

    fn server_load(&self, backend: &str, server: &str) -> Option<ServerLoad> {
        loads::server(&self.plan, backend, server, self.now)
    }

    fn connection(&self) -> Option<Connection<'_>> {
        None
    }

    fn server_connection(&self) -> Option<ServerConnection> {
        let ends = self.connection?;
        let is_http = self.around.backend.check.protocol == CheckProtocol::Http;
        Some(ServerConnection {
            source: Some(ends.source),
            destination: ends.destination,
            http_major: is_http.then_some(1),
        })
    }

    fn timeouts(&self) -> Timeouts {
        Timeouts::default()
    }

    fn default_backend(&self) -> Option<&str> {
        None
    }

    fn priority(&self) -> Option<(i64, i64)> {
        None
    }

    /// The checks of a process that stops have ended.
    fn is_stopping(&self) -> bool {
        false
    }

    fn ask(&self, question: &Question<'_>) -> Told {
        let tracks_nothing = |_| None;
        stick::ask::ask(question, &self.plan, self.proxy(), tracks_nothing, self.now)
    }

    fn table_fill(&self, name: &str) -> Option<Fill> {
        loads::table(&self.plan, name, self.now)
    }

    fn set_variable(&self, name: &Name, value: Option<Value<'static>>) {
        self.written.borrow_mut().push((name.clone(), value));
    }

    fn process_variable(&self, name: &Name) -> Option<Value<'static>> {
        lock(&self.around.process.variables).get(name).cloned()
    }

    fn random(&self) -> u64 {
        loads::random()
    }

    fn hostname(&self) -> String {
        hostname()
    }

    fn environment(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn local_offset(&self, at: i64) -> i64 {
        loads::local_offset(at)
    }

    fn unique_id(&self) -> Option<String> {
        None
    }
}

impl Transcript for Sight<'_> {
    fn write(&self, variable: Variable, flags: Flags, out: &mut Vec<u8>) -> bool {
        let text = self.told(variable);
        logged(text.as_deref().map(str::as_bytes), flags, out);
        true
    }
}

impl Sight<'_> {
    /// What HAProxy tells of a check, where no client has asked for anything.
    fn told(&self, variable: Variable) -> Option<String> {
        use Variable::*;
        let server = &self.around.server.address;
        let now = SystemTime::now();
        let since = now.duration_since(SystemTime::UNIX_EPOCH);
        let since = since.unwrap_or_default();
        Some(match variable {
            Backend => self.around.backend.name.to_string(),
            Server => self.around.server.name.clone(),
            Frontend | FrontendTls => self.frontend().to_owned(),
            ServerAddress => server.ip()?.to_string(),
            ServerPort => server.socket_address(0)?.port().to_string(),
            BackendAddress => self.connection?.source.ip().to_string(),
            BackendPort => self.connection?.source.port().to_string(),
            Hostname => hostname(),
            Pid => self.around.process.pid.to_string(),
            Date | RequestDate => date::local(now),
            DateGmt | RequestDateGmt => date::gmt(now),
            DateLocal | RequestDateLocal => date::with_offset(now),
            Timestamp => since.as_secs().to_string(),
            Milliseconds => format!("{:03}", since.subsec_millis()),
            Request | HttpMethod | HttpPath | HttpPathOnly | HttpQuery | HttpUri | HttpVersion => {
                "<BADREQ>".to_owned()
            }
            Termination => "PR".to_owned(),
            TerminationWithCookies => "PR--".to_owned(),
            BytesRead | TimeActive | TimeTotal | TimeUser => "+0".to_owned(),
            Status | Retries | BackendQueue | ServerQueue | ActiveConnections
            | FrontendConnections | BackendConnections | ServerConnections | BytesUploaded
            | RequestCounter | ListenerCounter => "0".to_owned(),
            TimeConnect | TimeData | TimeRequest | TimeRequestOnly | TimeResponse | TimeWait
            | TimeHandshake | TimeIdle => "-1".to_owned(),
            ClientAddress
            | ClientPort
            | FrontendAddress
            | FrontendPort
            | RequestHeaders
            | RequestHeadersClf
            | ResponseHeaders
            | ResponseHeadersClf
            | CapturedRequestCookie
            | CapturedResponseCookie
            | Id
            | TlsCipher
            | TlsVersion => return None,
        })
    }
}
