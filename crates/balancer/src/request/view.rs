//! What rules see of a request: the answers to [`samples`]' questions.

use super::record::{Connection, Record};
use super::transcript::Kept;
use crate::h1::head::{Fields, RequestHead, ResponseHead};
use crate::load::hostname;
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
use samples::view::{self, BackendLoad, Load, ServerLoad, Sides, Timeouts, World};
use samples::{Value, Variables, View};
use std::cell::{Ref, RefCell};
use std::hash::{BuildHasher, Hasher, RandomState};
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
            source: self.sight.source,
            destination: self.sight.destination,
            tls: self.sight.tls,
            http_major: self.sight.http_major,
            begun: self.sight.begun,
            now: SystemTime::now(),
            request: None,
            request_pending: false,
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

    fn backend(&self, name: &str) -> Option<&'a Backend> {
        self.sight.plan.backend(name).map(|backend| &**backend)
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
        let frontend = self.sight.plan.frontend(name)?;
        let live = frontend.live();
        let counters = live.counters();
        Some(Load {
            id: frontend.id,
            sessions: small(counters.scur),
            rate: small(counters.rate.per_second(self.now)),
            requests: small(counters.req_rate.per_second(self.now)),
        })
    }

    fn backend_load(&self, name: &str) -> Option<BackendLoad> {
        let backend = self.backend(name)?;
        let live = backend.live();
        let counters = live.counters();
        Some(BackendLoad {
            load: Load {
                id: backend.id,
                sessions: small(counters.scur),
                rate: small(counters.rate.per_second(self.now)),
                requests: 0,
            },
            usable: small(live.usable() as u64),
            queued: small(queued(&live)),
            slots: slots(&live),
            free: free_of_all(&live),
        })
    }

    fn server_load(&self, backend: &str, server: &str) -> Option<ServerLoad> {
        let backend = self.backend(backend)?;
        let live = backend.live();
        let server = live.server(live.find(server)?);
        let counters = server.counters();
        Some(ServerLoad {
            up: server.is_up() && !server.in_maintenance(),
            sessions: small(counters.scur),
            rate: small(counters.rate.per_second(self.now)),
            queued: small(server.queue().0),
            weight: server.weight().into(),
            initial_weight: server.initial_weight().into(),
            free: free(server),
        })
    }

    fn connection(&self) -> view::Connection<'_> {
        let it = &self.sight.connection;
        let entrance = &it.entrance;
        // One without a name of its own is shown by its number.
        let named = entrance.name != entrance.number.to_string();
        view::Connection {
            source: it.source,
            destination: it.destination,
            listener: entrance.number,
            listener_name: named.then_some(&*entrance.name),
            proxied: it.proxied,
            first_request: it.first_request,
        }
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
        let mut live = self.sight.plan.table(name)?.live();
        live.expire(self.now);
        Some(Fill {
            used: live.len(),
            size: live.spec().size,
        })
    }

    fn set_variable(&self, name: &Name, value: Option<Value<'static>>) {
        if name.scope == Scope::Process {
            let variables = &self.sight.worker.process.variables;
            crate::process::lock(variables).put(name, value);
        } else {
            self.written.borrow_mut().push((name.clone(), value));
        }
    }

    fn process_variable(&self, name: &Name) -> Option<Value<'static>> {
        let variables = crate::process::lock(&self.sight.worker.process.variables);
        variables.get(name).cloned()
    }

    /// The keys of a hash map's state, which the system's random source makes.
    fn random(&self) -> u64 {
        RandomState::new().build_hasher().finish()
    }

    fn hostname(&self) -> String {
        hostname()
    }

    fn environment(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn local_offset(&self, at: i64) -> i64 {
        let timestamp = jiff::Timestamp::from_second(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let offset = jiff::tz::TimeZone::system().to_offset(timestamp);
        offset.seconds().into()
    }

    fn unique_id(&self) -> Option<String> {
        self.sight.unique_id.map(str::to_owned)
    }
}

/// Waiting for the backend or for one of its servers.
fn queued(backend: &lb_core::backend::Backend) -> u64 {
    let servers = backend.servers().map(|server| server.queue().0);
    backend.queue().0 + servers.sum::<u64>()
}

/// Places left at servers that are up and in their lines; `None`: one of them has no limit.
fn slots(backend: &lb_core::backend::Backend) -> Option<i64> {
    let up = backend.servers().filter(|server| server.is_up());
    up.map(|server| {
        let places = i64::from(server.maxconn()?) - i64::try_from(server.counters().scur).ok()?;
        let line = i64::from(server.max_queue()?) - i64::try_from(server.queue().0).ok()?;
        Some(places + line)
    })
    .sum()
}

/// Places left at usable servers; `None`: one of them has no limit.
fn free_of_all(backend: &lb_core::backend::Backend) -> Option<i64> {
    let usable = backend.servers().filter(|server| server.eligible());
    usable.map(free).sum()
}

/// Places left once those that wait have theirs; `None`: no limit.
fn free(server: &lb_core::server::Server) -> Option<i64> {
    let taken = server.counters().scur + server.queue().0;
    let places = i64::from(server.maxconn()?) - i64::try_from(taken).ok()?;
    Some(places.max(0))
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
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
