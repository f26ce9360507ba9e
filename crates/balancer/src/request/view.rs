//! What rules see of a request: the answers to [`samples`]' questions.

use super::record::{Connection, Record};
use super::transcript::Kept;
use crate::h1::head::{Fields, RequestHead, ResponseHead};
use crate::load::hostname;
use crate::loads;
use crate::plan::{Backend, Frontend, Plan};
use crate::session::Session;
use crate::stick;
use crate::stick::tracked::{Counters, Hold, Tracked};
use crate::worker::Worker;
use lb_core::Uptime;
use lb_core::server::ServerIndex;
use samples::tables::{Fill, Question, Told};
use samples::tls::Tls;
use samples::variables::{Name, Scope};
use samples::view::{
    self, BackendLoad, Load, ServerConnection, ServerLoad, Sides, Timeouts, World,
};
use samples::{Value, Variables, View};
use std::cell::{Ref, RefCell};
use std::net::SocketAddr;
use std::time::SystemTime;

/// A moment at which rules are evaluated.
pub struct Moment<'a> {
    sight: Sight<'a>,
    /// The section whose rules they are.
    proxy: &'a str,
    now: Uptime,
    /// As they were when the moment began.
    variables: Option<Ref<'a, Variables>>,
    all: &'a RefCell<Variables>,
    /// What was set since.
    written: RefCell<Vec<(Name, Option<Value<'static>>)>>,
}

/// What was set is there from now on.
impl Drop for Moment<'_> {
    fn drop(&mut self) {
        self.variables = None;
        // No moment lies within another one; if one did, what it set would be lost rather than the worker.
        if let Ok(mut all) = self.all.try_borrow_mut() {
            for (name, value) in self.written.take() {
                all.put(&name, value);
            }
        }
    }
}

/// Whatever is known by then.
struct Sight<'a> {
    worker: &'a Worker,
    plan: &'a Plan,
    frontend: &'a Frontend,
    backend: Option<&'a Backend>,
    server: Option<ServerIndex>,
    source: SocketAddr,
    destination: SocketAddr,
    tls: Option<&'a Tls>,
    http_major: u8,
    begun: SystemTime,
    connection: Connection,
    /// Before there is a request: `None`.
    record: Option<&'a Record>,
    request_captures: &'a [Option<Vec<u8>>],
    response_captures: &'a [Option<Vec<u8>>],
    unique_id: Option<&'a str>,
    transcript: Option<&'a dyn view::Transcript>,
    tracked: Tracks<'a>,
}

/// Whose counters are looked at.
enum Tracks<'a> {
    Request(&'a Counters),
    Session(Ref<'a, Tracked>),
}

impl<'a> Moment<'a> {
    /// In a request, or in a connection of TCP mode.
    pub fn new(record: &'a Record, proxy: &'a str) -> Self {
        let sight = Sight {
            worker: &record.worker,
            plan: &record.plan,
            frontend: &record.frontend,
            backend: record.backend.as_deref(),
            server: record.server,
            source: record.client,
            destination: record.called,
            tls: record.tls.as_deref(),
            http_major: record.http_major,
            begun: record.date(),
            connection: record.connection.clone(),
            record: Some(record),
            request_captures: &record.request_captures,
            response_captures: &record.response_captures,
            unique_id: record.unique_id.as_deref(),
            transcript: Some(record),
            tracked: Tracks::Request(&record.counters),
        };
        Self {
            proxy,
            now: record.worker.process.now(),
            variables: Some(record.variables.borrow()),
            all: &record.variables,
            written: RefCell::default(),
            sight,
        }
    }

    /// Before there is a request.
    pub fn of_session(session: &'a Session, plan: &'a Plan) -> Self {
        let sight = Sight {
            worker: &session.worker,
            plan,
            frontend: &session.frontend,
            backend: None,
            server: None,
            source: session.accepted.peer,
            destination: session.accepted.local,
            tls: session.accepted.tls.as_deref(),
            http_major: session.http_major,
            begun: SystemTime::now(),
            connection: Connection::of(&session.accepted, !session.has_served),
            record: None,
            request_captures: &[],
            response_captures: &[],
            unique_id: None,
            transcript: None,
            tracked: Tracks::Session(session.tracked.borrow()),
        };
        Self {
            proxy: &session.frontend.name,
            now: session.worker.process.now(),
            variables: Some(session.variables.borrow()),
            all: &session.variables,
            written: RefCell::default(),
            sight,
        }
    }

    /// What is seen: of the answer nothing while it has not come.
    pub fn view<'v>(
        &'v self,
        request: &'v RequestHead,
        body: &'v [u8],
        response: Option<&'v ResponseHead>,
    ) -> View<'v> {
        let response = response.map(|head| head as &dyn view::Response);
        View {
            request: Some(request),
            body,
            response,
            ..self.bare()
        }
    }

    /// What is seen when all is over.
    pub(super) fn after<'v>(&'v self, kept: &'v Kept<'_>) -> View<'v> {
        View {
            request: Some(kept),
            ..self.bare()
        }
    }

    /// What is seen of a connection alone.
    pub fn bare(&self) -> View<'_> {
        View {
            source: Some(self.sight.source),
            destination: Some(self.sight.destination),
            tls: self.sight.tls,
            http_major: self.sight.http_major,
            begun: self.sight.begun,
            now: SystemTime::now(),
            request: None,
            request_pending: false,
            response_pending: false,
            bytes: None,
            response_bytes: None,
            more: None,
            body: &[],
            response: None,
            variables: self
                .variables
                .as_deref()
                .expect("they are given back with the moment alone"),
            request_captures: self.sight.request_captures,
            response_captures: self.sight.response_captures,
            world: self,
            transcript: self.sight.transcript,
        }
    }
}

impl World for Moment<'_> {
    fn frontend(&self) -> &str {
        &self.sight.frontend.name
    }

    fn backend(&self) -> Option<&str> {
        self.sight.backend.map(|backend| &*backend.name)
    }

    fn server(&self) -> Option<&str> {
        Some(&self.sight.backend?.server(self.sight.server?).name)
    }

    fn proxy(&self) -> &str {
        self.proxy
    }

    fn cache(&self) -> Option<&str> {
        let hit = self.sight.record?.hit.as_ref()?;
        Some(&hit.cache.name)
    }

    fn frontend_id(&self) -> u32 {
        self.sight.frontend.id
    }

    fn backend_id(&self) -> Option<u32> {
        self.sight.backend.map(|backend| backend.id)
    }

    fn server_id(&self) -> Option<u32> {
        Some(self.sight.backend?.server(self.sight.server?).id)
    }

    fn frontend_load(&self, name: &str) -> Option<Load> {
        loads::frontend(self.sight.plan, name, self.now)
    }

    fn backend_load(&self, name: &str) -> Option<BackendLoad> {
        loads::backend(self.sight.plan, name, self.now)
    }

    fn server_load(&self, backend: &str, server: &str) -> Option<ServerLoad> {
        loads::server(self.sight.plan, backend, server, self.now)
    }

    fn connection(&self) -> Option<view::Connection<'_>> {
        let it = &self.sight.connection;
        let entrance = &it.entrance;
        // One without a name of its own is shown by its number.
        let named = entrance.name != entrance.number.to_string();
        Some(view::Connection {
            source: it.source,
            destination: it.destination,
            listener: entrance.number,
            listener_name: named.then_some(&*entrance.name),
            proxied: it.proxied,
            first_request: it.first_request,
        })
    }

    fn server_connection(&self) -> Option<ServerConnection> {
        let record = self
            .sight
            .record
            .filter(|it| it.source.is_some() || it.server_http.is_some())?;
        let backend = self.sight.backend?;
        let server = backend.server(self.sight.server?);
        let called = self.sight.destination.port();
        Some(ServerConnection {
            source: record.source,
            destination: server.address.socket_address(called)?,
            http_major: record.server_http,
        })
    }

    fn timeouts(&self) -> Timeouts {
        let backend = self.sight.backend;
        Timeouts {
            client: self.sight.frontend.timeouts.client,
            backend: backend.map(|it| Sides {
                server: it.timeouts.server,
                tunnel: it.timeouts.tunnel,
            }),
            current: self.sight.record.zip(backend).map(|(record, it)| {
                let [server, tunnel] = record.timeouts_so_far(it);
                Sides { server, tunnel }
            }),
        }
    }

    fn default_backend(&self) -> Option<&str> {
        let backend = self.sight.frontend.default_backend.as_ref()?;
        Some(&backend.name)
    }

    fn priority(&self) -> Option<(i64, i64)> {
        self.sight.record.map(|record| record.priority.parts())
    }

    fn is_stopping(&self) -> bool {
        self.sight.worker.is_stopping()
    }

    fn ask(&self, question: &Question<'_>) -> Told {
        let tracked = |counter| match &self.sight.tracked {
            Tracks::Request(counters) => counters.get(counter),
            Tracks::Session(tracked) => tracked.get(counter).map(Hold::parts),
        };
        stick::ask::ask(question, self.sight.plan, self.proxy, tracked, self.now)
    }

    fn table_fill(&self, name: &str) -> Option<Fill> {
        loads::table(self.sight.plan, name, self.now)
    }

    fn set_variable(&self, name: &Name, value: Option<Value<'static>>) {
        if name.scope == Scope::Process {
            let variables = &self.sight.worker.process.variables;
            crate::process::lock(variables).put(name, value);
        } else if name.scope != Scope::Check {
            self.written.borrow_mut().push((name.clone(), value));
        }
    }

    fn process_variable(&self, name: &Name) -> Option<Value<'static>> {
        let variables = crate::process::lock(&self.sight.worker.process.variables);
        variables.get(name).cloned()
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
        self.sight.unique_id.map(str::to_owned)
    }
}

impl view::Fields for Fields {
    fn field(&self, index: usize) -> Option<(&[u8], &[u8])> {
        self.nth(index)
    }
}

impl view::Fields for RequestHead {
    fn field(&self, index: usize) -> Option<(&[u8], &[u8])> {
        self.fields.nth(index)
    }
}

impl view::Request for RequestHead {
    fn method(&self) -> &[u8] {
        self.compared_method()
    }

    fn target(&self) -> &[u8] {
        self.target()
    }

    fn version(&self) -> &[u8] {
        self.version_text()
    }
}

impl view::Fields for ResponseHead {
    fn field(&self, index: usize) -> Option<(&[u8], &[u8])> {
        self.fields.nth(index)
    }
}

impl view::Response for ResponseHead {
    fn status(&self) -> u16 {
        self.status
    }

    fn reason(&self) -> &[u8] {
        self.reason()
    }

    fn version(&self) -> &[u8] {
        self.version_text()
    }
}
