//! What rules see of a request: the answers to [`samples`]' questions.

use super::record::Record;
use crate::h1::head::{Fields, RequestHead, ResponseHead};
use crate::load::hostname;
use crate::plan::{Backend, Plan};
use crate::session::Session;
use lb_core::Uptime;
use samples::View;
use samples::variables::Name;
use samples::view::{self, BackendLoad, Load, ServerLoad, World};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::SystemTime;

/// A moment of a request at which rules are evaluated.
pub struct Moment<'a> {
    plan: &'a Plan,
    session: &'a Session,
    record: &'a Record,
    /// The section whose rules they are.
    proxy: &'a str,
    now: Uptime,
}

impl<'a> Moment<'a> {
    pub fn new(session: &'a Session, record: &'a Record, plan: &'a Plan, proxy: &'a str) -> Self {
        Self {
            plan,
            session,
            record,
            proxy,
            now: session.worker.process.now(),
        }
    }

    /// What is seen while the answer has not come.
    pub fn of_request(&'a self, request: &'a RequestHead, body: &'a [u8]) -> View<'a> {
        let accepted = &self.session.accepted;
        View {
            source: accepted.peer,
            destination: accepted.local,
            begun: self.record.date(),
            now: SystemTime::now(),
            request: Some(request),
            body,
            response: None,
            variables: &self.session.variables,
            request_captures: &[],
            response_captures: &[],
            world: self,
            transcript: None,
        }
    }

    fn backend(&self, name: &str) -> Option<&'a Backend> {
        self.plan.backend(name).map(|backend| &**backend)
    }
}

impl World for Moment<'_> {
    fn frontend(&self) -> &str {
        &self.session.frontend.name
    }

    fn backend(&self) -> Option<&str> {
        self.record.backend.as_ref().map(|backend| &*backend.name)
    }

    fn server(&self) -> Option<&str> {
        let backend = self.record.backend.as_ref()?;
        Some(&backend.server(self.record.server?).name)
    }

    fn proxy(&self) -> &str {
        self.proxy
    }

    fn frontend_id(&self) -> u32 {
        self.session.frontend.id
    }

    fn backend_id(&self) -> Option<u32> {
        self.record.backend.as_ref().map(|backend| backend.id)
    }

    fn server_id(&self) -> Option<u32> {
        let backend = self.record.backend.as_ref()?;
        Some(backend.server(self.record.server?).id)
    }

    fn frontend_load(&self, name: &str) -> Option<Load> {
        let frontend = self.plan.frontend(name)?;
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
            queued: 0,
            slots: None,
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
            queued: 0,
            weight: server.weight().into(),
        })
    }

    fn process_variable(&self, name: &Name) -> Option<samples::Value<'static>> {
        let variables = crate::process::lock(&self.session.worker.process.variables);
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

    fn threads(&self) -> u32 {
        small(self.session.worker.process.threads as u64)
    }

    fn unique_id(&self) -> Option<String> {
        None
    }
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
        self.method()
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
