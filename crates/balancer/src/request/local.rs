//! Answers that the balancer gives itself.

use super::body::Transfer;
use super::exchange::Refusal;
use super::record::Record;
use super::route::Owner;
use super::scratch::Scratch;
use super::view::Moment;
use super::{Request, client_stays, refusal};
use crate::error_page;
use crate::h1::chunked;
use crate::h1::facts::{self, Facts};
use crate::h1::framing;
use crate::h1::head::{Fields, RequestHead, ResponseHead, Version};
use crate::h1::{parse, write};
use crate::plan::Plan;
use crate::rules;
use crate::session::Session;
use crate::stats::{self, Answer, prometheus};
use crate::wire::Fault;
use lb_core::termination::{Cause, Phase, Termination};
use std::io::IoSlice;
use std::sync::Arc;

/// Answers a request that got nowhere with a page; true when its connection may carry another one.
pub async fn refuse(
    session: &mut Session,
    scratch: &mut Scratch,
    record: &mut Record,
    facts: &Facts,
    upload: &mut Transfer,
    refusal: Refusal,
) -> bool {
    if upload.is_whole() {
        upload.discard(&mut scratch.up);
    }
    let stays = upload.is_whole() && client_stays(session, scratch, facts);
    send_page(session, scratch, record, refusal, stays).await
}

/// Sends an error page; true when the connection stays open, as wished.
pub async fn send_page(
    session: &mut Session,
    scratch: &mut Scratch,
    record: &mut Record,
    refusal: Refusal,
    stays: bool,
) -> bool {
    record.termination = refusal.termination;
    let answer = match (record.answer.take(), refusal.status) {
        (Some(answer), _) => answer,
        (None, Some(status)) => {
            let moment = Moment::new(record, &record.frontend.name);
            let view = moment.view(&scratch.request, &[], None);
            record.pages().answer(status, &view)
        }
        (None, None) => return false,
    };
    if answer.silent {
        record.status = Some(answer.status);
        return false;
    }
    let lines = &mut scratch.down.lines;
    lines.clear();
    let stays = append_answer(answer, &scratch.request, record, stays, lines);
    send(session, scratch).await.is_ok() && stays
}

/// Sends an interim answer; whether it got there, the final one will tell.
pub async fn send_interim(
    session: &mut Session,
    scratch: &mut Scratch,
    record: &mut Record,
    head: &ResponseHead,
) {
    let lines = &mut scratch.down.lines;
    lines.clear();
    write::response(head, write::Added::default(), lines);
    record.bytes_out += head.weight();
    let mut slices = [IoSlice::new(lines)];
    let limit = session.frontend.timeouts.client;
    let writer = &mut session.client.writer;
    let _ = writer
        .write_all(&mut slices, &mut session.alarm, limit)
        .await;
    lines.clear();
}

/// Appends an answer, changed by the rules for all answers, and counts it; true when the connection can stay open.
fn append_answer(
    answer: rules::Answer,
    request: &RequestHead,
    record: &mut Record,
    stays: bool,
    out: &mut Vec<u8>,
) -> bool {
    let written = answer.head.status;
    let answer = after_rules(answer, request, record);
    let rules::Answer {
        status,
        mut head,
        body,
        ..
    } = answer;
    let changed = head.status != written;
    record.status = Some(if changed { head.status } else { status });
    record.bytes_out += head.weight();
    // An error file may leave its length to the end of the connection, or want that to end. What is wrong with its
    // fields was told at the start.
    let facts = facts::of_response(&mut head).unwrap_or_default();
    let ends = facts.length.is_some() || matches!(head.status, 204 | 304);
    let stays = stays && ends && !facts.close;
    let connection = framing::response_connection(request.version, head.version, stays);
    let added = write::Added {
        connection,
        chunks: false,
    };
    write::response(&head, added, out);
    if request.client_method() != b"HEAD" {
        // A rule may have made it one without a body, which is counted all the same.
        if !matches!(head.status, 204 | 304) {
            out.extend_from_slice(&body);
        }
        record.bytes_out += body.len() as u64;
    }
    stays
}

/// Lets the rules for all answers change one. Where they fail, the page of error 500 takes its place, and is the last
/// one that they get.
fn after_rules(
    mut answer: rules::Answer,
    request: &RequestHead,
    record: &mut Record,
) -> rules::Answer {
    let error = |record: &Record| {
        let moment = Moment::new(record, &record.frontend.name);
        let view = moment.view(request, &[], None);
        record.pages().answer(500, &view)
    };
    if rules::after_response(request, &mut answer.head, record) {
        return answer;
    }
    let mut page = error(record);
    if answer.last || !rules::after_response(request, &mut page.head, record) {
        page = error(record);
    }
    page
}

/// Answers a question for the statistics; true when its connection may carry another one.
pub async fn statistics(
    session: &mut Session,
    scratch: &mut Scratch,
    record: &mut Record,
    request: &mut Request,
    plan: &Plan,
    owner: &Owner,
) -> bool {
    record.intercept("<STATS>", owner.backend());
    let over = refusal::by_statistics(session, scratch, record, request, owner).await;
    if over.is_some() {
        return over == Some(true);
    }
    let admin = {
        let moment = Moment::new(record, owner.proxy().name());
        let view = moment.view(&scratch.request, &[], None);
        let mut conditions = owner.stats().admin.iter();
        conditions.any(|condition| condition.holds(&view))
    };
    let answer = |session: &Session, head: &RequestHead, body: &[u8]| {
        ask(session, head, body, plan, owner, admin)
    };
    serve(session, scratch, record, request, answer).await
}

/// Answers a scraper of metrics; true when its connection may carry another request.
pub async fn metrics(
    session: &mut Session,
    scratch: &mut Scratch,
    record: &mut Record,
    request: &mut Request,
) -> bool {
    let plan = Arc::clone(&record.plan);
    record.intercept("<PROMEX>", None);
    let answer = |session: &Session, head: &RequestHead, _: &[u8]| {
        let worker = &session.worker;
        let subject = prometheus::Subject {
            plan: &plan,
            process: &worker.process,
            logger: &worker.logger,
        };
        let path = String::from_utf8_lossy(head.path_and_query());
        prometheus::answer(&path, subject)
    };
    serve(session, scratch, record, request, answer).await
}

/// Sends what a service answers; a 400 when it cannot.
async fn serve(
    session: &mut Session,
    scratch: &mut Scratch,
    record: &mut Record,
    request: &mut Request,
    service: impl FnOnce(&Session, &RequestHead, &[u8]) -> Option<Answer>,
) -> bool {
    let termination = Termination::new(Cause::Local, Phase::Request);
    record.termination = termination;
    let stays = client_stays(session, scratch, &request.facts);
    let Some(body) = read_small_body(session, scratch, &mut request.upload).await else {
        record.termination = Termination::new(Cause::Client, Phase::Data);
        return false;
    };
    let Some(answer) = service(session, &scratch.request, &body) else {
        let refusal = Refusal {
            termination,
            status: Some(400),
        };
        return send_page(session, scratch, record, refusal, false).await;
    };
    let stays = stays && request.upload.is_whole();
    record.status = Some(answer.status);
    let lines = &mut scratch.down.lines;
    let counted = append(&answer, &scratch.request, stays, record, lines);
    record.bytes_out += counted;
    match send(session, scratch).await {
        Ok(()) => stays,
        Err(termination) => {
            record.termination = termination;
            false
        }
    }
}

fn ask(
    session: &Session,
    head: &RequestHead,
    body: &[u8],
    plan: &Plan,
    owner: &Owner,
    admin: bool,
) -> Option<Answer> {
    let path = String::from_utf8_lossy(head.path_and_query());
    let method = String::from_utf8_lossy(head.compared_method());
    let authorization = head
        .fields
        .value(b"authorization")
        .map(String::from_utf8_lossy);
    let question = stats::Request {
        method: &method,
        path_and_query: &path,
        authorization: authorization.as_deref(),
        body,
        admin,
    };
    let worker = &session.worker;
    Some(stats::answer(
        &question,
        owner.stats(),
        owner.proxy(),
        plan,
        &worker.process,
        &worker.logger,
    ))
}

/// Reads a body as far as one buffer goes: more is not asked of anyone. `None`: the client left.
async fn read_small_body(
    session: &mut Session,
    scratch: &mut Scratch,
    upload: &mut Transfer,
) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    let limit = session.frontend.timeouts.client;
    loop {
        body.extend_from_slice(upload.payload(&scratch.up));
        upload.discard(&mut scratch.up);
        if upload.is_whole() || body.len() > scratch.up.buffer.size() {
            return Some(body);
        }
        let reader = &mut session.client.reader;
        match reader
            .fill(&mut scratch.up.buffer, &mut session.alarm, limit)
            .await
        {
            Ok(0) | Err(_) => return None,
            Ok(_) => {}
        }
        upload.advance(&mut scratch.up).ok()?;
    }
}

/// Appends an answer of the statistics; returns what HAProxy counts for it. It sends chunks to clients of version
/// 1.0 too.
fn append(
    answer: &Answer,
    request: &RequestHead,
    stays: bool,
    record: &mut Record,
    out: &mut Vec<u8>,
) -> u64 {
    let mut text = format!("HTTP/1.1 {} {}\r\n", answer.status, answer.reason);
    for (name, value) in &answer.headers {
        text += &format!("{name}: {value}\r\n");
    }
    text += "\r\n";
    let mut head = ResponseHead::default();
    // The fields come from the statistics, which write no line ends into them.
    if parse::response(text.as_bytes(), &mut head).is_err() {
        append_answer(error_page::answer(500), request, record, false, out);
        return 0;
    }
    // What rules add to an answer of a server is not counted.
    let mut counted = None;
    if answer.like_a_servers {
        head.fields.append(b"transfer-encoding", b"chunked");
        counted = Some(head.weight());
        // A verdict would put another answer in the place of this one; that is for servers.
        rules::on_answer(request, &mut head, record);
    }
    rules::after_response(request, &mut head, record);
    let mut counted = counted.unwrap_or_else(|| head.weight());
    let connection = framing::response_connection(request.version, Version::Http11, stays);
    if let Some(connection) = connection {
        head.fields.append(b"connection", connection);
    }
    let to_head = request.client_method() == b"HEAD";
    if answer.chunked && !answer.like_a_servers && !to_head {
        head.fields.append(b"transfer-encoding", b"chunked");
    }
    write::response(&head, write::Added::default(), out);
    if answer.like_a_servers || !to_head {
        counted += answer.body.len() as u64;
    }
    if to_head {
        return counted;
    }
    if !answer.chunked {
        out.extend_from_slice(&answer.body);
        return counted;
    }
    if !answer.body.is_empty() {
        chunked::size_line(answer.body.len(), out);
        out.extend_from_slice(&answer.body);
        out.extend_from_slice(b"\r\n");
    }
    chunked::last_chunk(&Fields::default(), out);
    counted + u64::from(!answer.like_a_servers)
}

/// Sends what stands in the lines to the client.
async fn send(session: &mut Session, scratch: &mut Scratch) -> Result<(), Termination> {
    let limit = session.frontend.timeouts.client;
    let lines = &mut scratch.down.lines;
    let mut slices = [IoSlice::new(lines)];
    let writer = &mut session.client.writer;
    let sent = writer
        .write_all(&mut slices, &mut session.alarm, limit)
        .await;
    lines.clear();
    if sent.is_ok() && session.http_major > 1 {
        // What a file says may have no length; nothing comes behind it.
        writer.finish().await;
    }
    sent.map_err(|fault| {
        let cause = match fault {
            Fault::Timeout => Cause::ClientTimeout,
            Fault::Io(_) => Cause::Client,
        };
        Termination::new(cause, Phase::Data)
    })
}
