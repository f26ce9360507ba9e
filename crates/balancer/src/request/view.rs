//! What rules see of a request: the answers to [`samples`]' questions.

use super::record::Record;
use super::transcript::Kept;
use crate::h1::head::{Fields, RequestHead, ResponseHead};
use crate::load::hostname;
use crate::plan::Backend;
use lb_core::Uptime;
use samples::variables::Name;
use samples::view::{self, BackendLoad, Load, ServerLoad, World};
use samples::{Variables, View};
use std::cell::Ref;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::SystemTime;

/// A moment of a request at which rules are evaluated.
pub struct Moment<'a> {
    record: &'a Record,
    /// The section whose rules they are.
    proxy: &'a str,
    now: Uptime,
    variables: Ref<'a, Variables>,
}

impl<'a> Moment<'a> {
    pub fn new(record: &'a Record, proxy: &'a str) -> Self {
        Self {
            record,
            proxy,
            now: record.worker.process.now(),
            variables: record.variables.borrow(),
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
        self.of(request, body, response)
    }

    /// What is seen when all is over.
    pub(super) fn after<'v>(&'v self, kept: &'v Kept<'_>) -> View<'v> {
        self.of(kept, &[], None)
    }

    fn of<'v>(
        &'v self,
        request: &'v dyn view::Request,
        body: &'v [u8],
        response: Option<&'v dyn view::Response>,
    ) -> View<'v> {
        View {
            source: self.record.client,
            destination: self.record.called,
            begun: self.record.date(),
            now: SystemTime::now(),
            request: Some(request),
            body,
            response,
            variables: &self.variables,
            request_captures: &self.record.request_captures,
            response_captures: &self.record.response_captures,
            world: self,
            transcript: Some(self.record),
        }
    }

    fn backend(&self, name: &str) -> Option<&'a Backend> {
        self.record.plan.backend(name).map(|backend| &**backend)
    }
}

impl World for Moment<'_> {
    fn frontend(&self) -> &str {
        &self.record.frontend.name
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
        self.record.frontend.id
    }

    fn backend_id(&self) -> Option<u32> {
        self.record.backend.as_ref().map(|backend| backend.id)
    }

    fn server_id(&self) -> Option<u32> {
        let backend = self.record.backend.as_ref()?;
        Some(backend.server(self.record.server?).id)
    }

    fn frontend_load(&self, name: &str) -> Option<Load> {
        let frontend = self.record.plan.frontend(name)?;
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
        })
    }

    fn process_variable(&self, name: &Name) -> Option<samples::Value<'static>> {
        let variables = crate::process::lock(&self.record.worker.process.variables);
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
        self.record.unique_id.clone()
    }
}

/// Waiting for the backend or for one of its servers.
fn queued(backend: &lb_core::backend::Backend) -> u64 {
    let servers = backend.servers().iter().map(|server| server.queue().0);
    backend.queue().0 + servers.sum::<u64>()
}

/// Places left at servers that are up and in their lines; `None`: one of them has no limit.
fn slots(backend: &lb_core::backend::Backend) -> Option<i64> {
    let up = backend.servers().iter().filter(|server| server.is_up());
    up.map(|server| {
        let places = i64::from(server.maxconn()?) - i64::try_from(server.counters().scur).ok()?;
        let line = i64::from(server.max_queue()?) - i64::try_from(server.queue().0).ok()?;
        Some(places + line)
    })
    .sum()
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
