//! Where a request goes.

use super::record::Record;
use super::view::Moment;
use crate::h1::head::RequestHead;
use crate::h1::parse;
use crate::plan::{Backend, BackendChoice, Frontend, Plan, Proxy, Stats};
use crate::session::Session;
use samples::{View, acl};
use std::sync::Arc;

/// Who answers a request.
#[derive(Debug)]
pub enum Destination {
    /// The balancer itself, with the statistics of this proxy.
    Statistics(Owner),
    Backend(Arc<Backend>),
    /// No backend was named.
    Nowhere,
}

/// The proxy whose statistics are asked for.
#[derive(Clone, Debug)]
pub struct Owner(Proxy);

impl Owner {
    /// As the statistics see it.
    pub fn proxy(&self) -> &Proxy {
        &self.0
    }

    /// The backend, when the statistics are not the frontend's.
    pub fn backend(&self) -> Option<&Arc<Backend>> {
        match &self.0 {
            Proxy::Frontend(_) => None,
            Proxy::Backend(backend) => Some(backend),
        }
    }

    pub fn stats(&self) -> &Stats {
        let stats = match &self.0 {
            Proxy::Frontend(frontend) => &frontend.stats,
            Proxy::Backend(backend) => &backend.stats,
        };
        stats
            .as_ref()
            .expect("only a proxy with statistics becomes their owner")
    }
}

/// The frontend's statistics, then the backend's, then its servers.
pub fn destination(
    session: &Session,
    record: &Record,
    head: &RequestHead,
    plan: &Plan,
) -> Destination {
    let frontend = &session.frontend;
    if asks_for_statistics(frontend.stats.as_ref(), head) {
        return Destination::Statistics(Owner(Proxy::Frontend(Arc::clone(frontend))));
    }
    match by_head(session, record, head, plan).or(frontend.default_backend.as_ref()) {
        None => Destination::Nowhere,
        Some(backend) if asks_for_statistics(backend.stats.as_ref(), head) => {
            Destination::Statistics(Owner(Proxy::Backend(Arc::clone(backend))))
        }
        Some(backend) => Destination::Backend(Arc::clone(backend)),
    }
}

/// What `use_backend` says of a connection in TCP mode, by its first bytes.
pub fn by_bytes(record: &Record, bytes: &[u8]) -> Option<Arc<Backend>> {
    let frontend = &record.frontend;
    if frontend.use_backends.is_empty() {
        return None;
    }
    let moment = Moment::new(record, &frontend.name);
    let mut head = RequestHead::default();
    let is_request = matches!(parse::request(bytes, &mut head), Ok(Some(_)));
    let view = View {
        request: is_request.then_some(&head as &dyn samples::view::Request),
        bytes: Some(bytes),
        ..moment.bare()
    };
    chosen(frontend, &view, &record.plan).cloned()
}

fn by_head<'a>(
    session: &'a Session,
    record: &Record,
    head: &RequestHead,
    plan: &'a Plan,
) -> Option<&'a Arc<Backend>> {
    let frontend = &session.frontend;
    if frontend.use_backends.is_empty() {
        return None;
    }
    let moment = Moment::new(record, &frontend.name);
    chosen(frontend, &moment.view(head, &[], None), plan)
}

/// What `use_backend` says; a name that is made for the request and is no backend's says nothing.
pub fn chosen<'a>(
    frontend: &'a Frontend,
    view: &View<'_>,
    plan: &'a Plan,
) -> Option<&'a Arc<Backend>> {
    let mut rules = frontend.use_backends.iter();
    let rule = rules.find(|rule| acl::applies(rule.condition.as_ref(), view))?;
    match &rule.to {
        BackendChoice::Named(backend) => Some(backend),
        BackendChoice::Computed(format) => {
            let name = format.render(view);
            plan.backend(&String::from_utf8_lossy(&name))
        }
    }
}

/// Any path that begins with `stats uri`; other methods than these are no questions to the page.
fn asks_for_statistics(stats: Option<&Stats>, head: &RequestHead) -> bool {
    stats.is_some_and(|stats| {
        matches!(head.compared_method(), b"GET" | b"HEAD" | b"POST")
            && head.path_and_query().starts_with(stats.uri.as_bytes())
    })
}

/// Asking twice is the same as asking once (RFC 9110 section 9.2.2).
pub fn is_idempotent(method: &[u8]) -> bool {
    matches!(
        method,
        b"GET" | b"HEAD" | b"OPTIONS" | b"TRACE" | b"PUT" | b"DELETE"
    )
}
