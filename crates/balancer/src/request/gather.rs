//! Bodies that are waited for before anyone decides about the request: `option http-buffer-request`, `http-request
//! wait-for-body`, `balance url_param ... check_post`.

use super::exchange::Refusal;
use super::record::Record;
use super::scratch::Scratch;
use super::{Request, local, room};
use crate::h1::head::ResponseHead;
use crate::h1::write;
use crate::plan::{Backend, BodyWait, KeyOf};
use crate::session::Session;
use crate::streams::Stage;
use crate::wire::Fault;
use lb_core::termination::{Cause, Phase, Termination};
use std::io::IoSlice;
use std::time::Duration;
use tokio::time::Instant;

/// How a wait ended before its time.
enum Gone {
    /// The client said all it will say.
    Closed,
    TooSlow,
    Malformed,
}

/// Waits for the body; `Some` when the request is over: whether its connection may carry another one.
pub async fn wait(
    session: &mut Session,
    scratch: &mut Scratch,
    record: &mut Record,
    request: &mut Request,
    wait: BodyWait,
) -> Option<bool> {
    let (status, cause) = match gather(session, scratch, record, request, wait).await {
        Ok(()) => return None,
        // Rules are still carried out, as HAProxy does; no server is asked.
        Err(Gone::Closed) => {
            request.cut = true;
            return None;
        }
        Err(Gone::TooSlow) => (408, Cause::ClientTimeout),
        Err(Gone::Malformed) => (400, Cause::Proxy),
    };
    record.unmark_request();
    let refusal = Refusal {
        termination: Termination::new(cause, Phase::Request),
        status: Some(status),
    };
    Some(local::send_page(session, scratch, record, refusal, false).await)
}

/// What a backend wants to see of a body before it looks at the request.
pub fn wanted(
    session: &Session,
    scratch: &Scratch,
    request: &Request,
    backend: &Backend,
) -> Option<BodyWait> {
    let time = as_long_as_a_head(session, request);
    if backend.http.options.whole_bodies {
        return Some(time);
    }
    match backend.key.as_ref()?.of {
        KeyOf::UrlParam { post, .. } if scratch.request.compared_method() == b"POST" => {
            Some(BodyWait {
                at_least: Some(post?),
                ..time
            })
        }
        _ => None,
    }
}

/// A time that `timeout http-request` grants to head and body together.
pub fn as_long_as_a_head(session: &Session, request: &Request) -> BodyWait {
    let timeouts = &session.frontend.timeouts;
    let limit = timeouts.http_request.or(timeouts.client);
    BodyWait {
        time: limit.map(|limit| limit.saturating_sub(request.begun.elapsed())),
        at_least: None,
    }
}

async fn gather(
    session: &mut Session,
    scratch: &mut Scratch,
    record: &mut Record,
    request: &mut Request,
    wait: BodyWait,
) -> Result<(), Gone> {
    record.is_at(Stage::Begun, wait.time);
    let deadline = wait.time.map(|time| Instant::now() + time);
    let head = &scratch.request;
    let most = room::for_body(head.weight(), &head.fields, record.plan.global.sizes);
    let upload = &mut request.upload;
    loop {
        let come = upload.payload(&scratch.up).len();
        let enough = wait.at_least.is_some_and(|enough| come as u64 >= enough);
        let full = come >= most || scratch.up.buffer.is_full();
        if request.cut || upload.is_whole() || enough || full {
            return Ok(());
        }
        let_go_on(session, scratch, record).await?;
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        read(session, scratch, left).await?;
        upload
            .gather(&mut scratch.up)
            .map_err(|_| Gone::Malformed)?;
    }
}

async fn read(
    session: &mut Session,
    scratch: &mut Scratch,
    limit: Option<Duration>,
) -> Result<(), Gone> {
    let reader = &mut session.client.reader;
    let buffer = &mut scratch.up.buffer;
    match reader.fill(buffer, &mut session.alarm, limit).await {
        Ok(0) | Err(Fault::Io(_)) => Err(Gone::Closed),
        Err(Fault::Timeout) => Err(Gone::TooSlow),
        Ok(_) => Ok(()),
    }
}

/// A client that asks whether to send its body (RFC 9110 section 10.1.1) is told so here: its server is not yet asked.
async fn let_go_on(
    session: &mut Session,
    scratch: &mut Scratch,
    record: &mut Record,
) -> Result<(), Gone> {
    let fields = &mut scratch.request.fields;
    let asks = fields.value(b"expect");
    if !asks.is_some_and(|value| value.eq_ignore_ascii_case(b"100-continue")) {
        return Ok(());
    }
    fields.retain(|name, _| name != b"expect");
    let mut head = ResponseHead::default();
    head.begin(100, b"Continue");
    let mut lines = Vec::new();
    write::response(&head, write::Added::default(), &mut lines);
    record.bytes_out += head.weight();
    let limit = session.frontend.timeouts.client;
    let writer = &mut session.client.writer;
    let mut slices = [IoSlice::new(&lines)];
    let sent = writer.write_all(&mut slices, &mut session.alarm, limit);
    sent.await.map_err(|_| Gone::Closed)
}
