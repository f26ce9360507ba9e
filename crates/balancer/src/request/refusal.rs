//! What rules decide about a request before it gets to a server.

use super::exchange::Refusal;
use super::record::Record;
use super::route::Owner;
use super::scratch::Scratch;
use super::view::Moment;
use super::{Request, gather, local};
use crate::h1::head::RequestHead;
use crate::plan::{Backend, HttpRules, OddNames, Proxy, Service, TcpRules};
use crate::rules::tcp::{self, Content, on_content};
use crate::rules::{self, List, Verdict};
use crate::session::Session;
use crate::stick::tracked::ERROR;
use crate::streams::Stage;
use lb_core::counters::Fault;
use lb_core::termination::{Cause, Phase, Termination};
use std::sync::Arc;
use std::time::Duration;

/// A rule refused it.
pub(super) const REFUSED: Termination = Termination::new(Cause::Proxy, Phase::Request);

/// The request is for `monitor-uri`.
pub fn is_monitor(session: &Session, scratch: &Scratch) -> bool {
    let wanted = session.frontend.http.options.monitor_uri.as_ref();
    wanted.is_some_and(|uri| uri.as_bytes() == scratch.request.target())
}

/// Tells whether the balancer works, as `monitor fail` sees it; nothing of it is logged.
pub async fn monitor(
    session: &mut Session,
    scratch: &mut Scratch,
    record: &mut Record,
    request: &mut Request,
) -> bool {
    let frontend = Arc::clone(&session.frontend);
    let answer = {
        let moment = Moment::new(record, &frontend.name);
        let view = moment.view(&scratch.request, &[], None);
        let mut conditions = frontend.http.options.monitor_fail.iter();
        let failed = conditions.any(|condition| condition.holds(&view));
        record.pages().answer(if failed { 503 } else { 200 }, &view)
    };
    record.do_not_log();
    record.answered();
    record.answer = Some(answer);
    let refusal = Refusal {
        termination: Termination::new(Cause::Local, Phase::Request),
        status: None,
    };
    let Request { facts, upload, .. } = request;
    local::refuse(session, scratch, record, facts, upload, refusal).await
}

/// The `tcp-request content` rules of a section, which in HTTP mode see a whole request; false: its client is closed on.
pub fn by_content(
    session: &mut Session,
    head: &RequestHead,
    record: &mut Record,
    proxy: &str,
    rules: &TcpRules,
) -> bool {
    let verdict = on_content(proxy, &rules.content, &Content::Request(head), record);
    session.client.mark_all(&mut record.markings);
    match verdict {
        tcp::Verdict::Pass | tcp::Verdict::Wait => true,
        verdict => {
            record.frontend.live().request_denied();
            record.unmark_request();
            record.termination = REFUSED;
            session.refuse_unread(verdict);
            false
        }
    }
}

/// The rules of the frontend; `Some` when they have dealt with the request: whether its connection may carry another.
pub async fn by_frontend(
    session: &mut Session,
    scratch: &mut Scratch,
    record: &mut Record,
    request: &mut Request,
) -> Option<bool> {
    let frontend = Arc::clone(&session.frontend);
    let list = List {
        proxy: &frontend.name,
        rules: &frontend.http.request,
    };
    obey(session, scratch, record, request, list, &frontend.http).await
}

/// The rules of the backend, which for a `listen` are those of the frontend.
pub async fn by_backend(
    session: &mut Session,
    scratch: &mut Scratch,
    record: &mut Record,
    request: &mut Request,
    backend: &Arc<Backend>,
) -> Option<bool> {
    let same = backend.listen && backend.name == session.frontend.name;
    if same {
        return None;
    }
    let list = List {
        proxy: &backend.name,
        rules: &backend.http.request,
    };
    obey(session, scratch, record, request, list, &backend.http).await
}

/// The rules on requests for the statistics.
pub async fn by_statistics(
    session: &mut Session,
    scratch: &mut Scratch,
    record: &mut Record,
    request: &mut Request,
    owner: &Owner,
) -> Option<bool> {
    let http = match owner.proxy() {
        Proxy::Frontend(frontend) => &frontend.http,
        Proxy::Backend(backend) => &backend.http,
    };
    let list = List {
        proxy: owner.proxy().name(),
        rules: &owner.stats().rules,
    };
    obey(session, scratch, record, request, list, http).await
}

/// `option http-restrict-req-hdr-names`: takes fields with odd names out, or refuses their request.
async fn by_names(
    session: &mut Session,
    scratch: &mut Scratch,
    record: &mut Record,
    request: &mut Request,
    rules: &HttpRules,
) -> Option<bool> {
    let is_plain = |name: &[u8]| {
        name.iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    };
    let fields = &mut scratch.request.fields;
    match rules.options.odd_names {
        OddNames::Preserve => None,
        OddNames::Delete => {
            fields.retain(|name, _| is_plain(name));
            None
        }
        OddNames::Reject if fields.iter().all(|(name, _)| is_plain(name)) => None,
        OddNames::Reject => {
            record.frontend.live().request_denied();
            if let Some(backend) = &record.backend {
                backend.live().request_denied();
            }
            let refusal = Refusal {
                termination: REFUSED,
                status: Some(403),
            };
            let Request { facts, upload, .. } = request;
            Some(local::refuse(session, scratch, record, facts, upload, refusal).await)
        }
    }
}

/// Carries out rules; where one waits for the body, those behind it see what has come.
async fn obey(
    session: &mut Session,
    scratch: &mut Scratch,
    record: &mut Record,
    request: &mut Request,
    mut list: List<'_>,
    rules: &HttpRules,
) -> Option<bool> {
    loop {
        let verdict = ask(list, scratch, record, request);
        session.client.mark_all(&mut record.markings);
        match verdict {
            Verdict::WaitForBody(wait, done) => {
                let over = gather::wait(session, scratch, record, request, wait).await;
                if over.is_some() {
                    return over;
                }
                list.rules = &list.rules[done..];
            }
            Verdict::EarlyHint(head, done) => {
                local::send_interim(session, scratch, record, &head).await;
                list.rules = &list.rules[done..];
            }
            verdict => {
                let over = conclude(session, scratch, record, request, verdict, rules).await;
                if over.is_some() {
                    return over;
                }
                return by_names(session, scratch, record, request, rules).await;
            }
        }
    }
}

fn ask(list: List<'_>, scratch: &mut Scratch, record: &mut Record, request: &Request) -> Verdict {
    let seen = request.body(scratch, record).len();
    let body = &request.upload.payload(&scratch.up)[..seen];
    rules::on_request(list, &mut scratch.request, body, record)
}

async fn conclude(
    session: &mut Session,
    scratch: &mut Scratch,
    record: &mut Record,
    request: &mut Request,
    verdict: Verdict,
    rules: &HttpRules,
) -> Option<bool> {
    let termination = match verdict {
        Verdict::Pass | Verdict::WaitForBody(..) | Verdict::EarlyHint(..) => return None,
        Verdict::Answer(answer, termination) => {
            if termination.cause == Cause::Proxy {
                record.denied();
                record.counters.count(ERROR, 1);
            } else {
                record.answered();
            }
            record.answer = Some(answer);
            termination
        }
        Verdict::Unauthorized(answer) => {
            record.answered();
            record.counters.count(ERROR, 1);
            record.answer = Some(answer);
            Termination::new(Cause::Local, Phase::Request)
        }
        Verdict::Failed => {
            record.failed(Fault::Internal);
            record.unmark_request();
            let refusal = Refusal {
                termination: REFUSED,
                status: Some(500),
            };
            let Request { facts, upload, .. } = request;
            return Some(local::refuse(session, scratch, record, facts, upload, refusal).await);
        }
        Verdict::Serve(Service::Prometheus) => {
            return Some(local::metrics(session, scratch, record, request).await);
        }
        Verdict::Tarpit(answer) => {
            record.denied();
            record.counters.count(ERROR, 1);
            let pause = rules.tarpit.unwrap_or(Duration::ZERO);
            record.is_at(Stage::Begun, Some(pause));
            tokio::time::sleep(pause).await;
            record.unmark_request();
            record.mark_queue();
            record.answer = Some(answer);
            Termination::new(Cause::Proxy, Phase::Tarpit)
        }
        verdict @ (Verdict::Close | Verdict::Drop) => {
            if matches!(verdict, Verdict::Drop) {
                session.client.leave_in_the_dark();
            }
            record.denied();
            record.unmark_request();
            record.termination = REFUSED;
            return Some(false);
        }
    };
    let refusal = Refusal {
        termination,
        status: None,
    };
    let Request { facts, upload, .. } = request;
    Some(local::refuse(session, scratch, record, facts, upload, refusal).await)
}
