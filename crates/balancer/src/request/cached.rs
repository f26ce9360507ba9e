//! A request that is answered with what a cache has kept.

use super::exchange::Refusal;
use super::record::Record;
use super::scratch::Scratch;
use super::{Request, client_stays, local};
use crate::cache::Hit;
use crate::h1::chunked;
use crate::h1::framing::{self, Framing};
use crate::h1::onward::{Coding, Onward};
use crate::h1::{head::ResponseHead, write};
use crate::plan::Direction;
use crate::rules::{self, Verdict};
use crate::session::Session;
use crate::wire::Fault;
use lb_core::termination::{Cause, Phase, Termination};
use std::io::IoSlice;

/// Longest chunk: as much as goes through a buffer at once.
const CHUNK: usize = 15_360;

/// Sends a kept answer; true when the client's connection may carry another request.
pub async fn answer(
    session: &mut Session,
    scratch: &mut Scratch,
    record: &mut Record,
    request: &mut Request,
    hit: &Hit,
) -> bool {
    record.intercept("<CACHE>", None);
    record.termination = Termination::new(Cause::Local, Phase::Request);
    let whole = request.upload.is_whole();
    if whole {
        request.upload.discard(&mut scratch.up);
    }
    let stays = whole && client_stays(session, scratch, &request.facts);
    let mut head = head(hit);
    record.bytes_out += head.weight();
    record.capture_response(head.status, &head.fields);
    if let Some(refusal) = obey_rules(&mut head, scratch, record) {
        return local::send_page(session, scratch, record, refusal, stays).await;
    }
    record.status = Some(head.status);
    let kept = &*hit.kept;
    let source = match kept.framing {
        _ if hit.not_modified => Framing::NONE,
        framing => framing,
    };
    let onward = Onward::to_client(&scratch.request, &head, source);
    if onward.drops_length {
        head.fields.retain(|name, _| name != b"content-length");
    }
    let stays = stays && source != Framing::Close && !onward.unmet && !record.is_last();
    let added = write::Added {
        connection: framing::response_connection(scratch.request.version, head.version, stays),
        chunks: onward.chunks_unsaid,
    };
    let lines = &mut scratch.down.lines;
    lines.clear();
    write::response(&head, added, lines);
    if onward.coding != Coding::Left && source != Framing::NONE {
        record.bytes_out += kept.body.len() as u64;
        if kept.framing == Framing::Chunked {
            record.bytes_out += kept.trailers.weight();
        }
    }
    match send(session, lines, onward.coding, hit).await {
        Ok(()) => stays,
        Err(termination) => {
            record.termination = termination;
            false
        }
    }
}

/// As it was kept, with its age.
fn head(hit: &Hit) -> ResponseHead {
    let mut head = hit.kept.head.clone();
    head.fields.append(b"age", hit.age.to_string().as_bytes());
    if hit.not_modified {
        head.set_status(304, b"Not Modified");
    }
    head
}

/// Rules change it as they do an answer of a server; `Some`: the client gets something else.
fn obey_rules(head: &mut ResponseHead, scratch: &Scratch, record: &mut Record) -> Option<Refusal> {
    let request = &scratch.request;
    let refusal = |termination, status| Refusal {
        termination,
        status,
    };
    match rules::on_answer(request, head, record) {
        Verdict::Pass => {}
        Verdict::Answer(answer, termination) => {
            if termination.cause == Cause::Proxy {
                record.response_denied();
            }
            record.answer = Some(answer);
            return Some(refusal(termination, None));
        }
        Verdict::Failed => {
            return Some(refusal(record.termination, Some(500)));
        }
        _ => {
            return Some(refusal(
                Termination::new(Cause::Proxy, Phase::Headers),
                None,
            ));
        }
    }
    record.capture_cookie(Direction::Response, &head.fields);
    let fits = rules::after_response(request, head, record);
    (!fits).then(|| refusal(record.termination, Some(500)))
}

/// Sends the lines, which hold the head, and the body behind them.
async fn send(
    session: &mut Session,
    lines: &mut Vec<u8>,
    coding: Coding,
    hit: &Hit,
) -> Result<(), Termination> {
    let kept = &*hit.kept;
    match coding {
        Coding::Left => write_all(session, lines, &[]).await?,
        _ if hit.not_modified => write_all(session, lines, &[]).await?,
        Coding::Plain => write_all(session, lines, &kept.body).await?,
        Coding::Chunked => {
            for piece in kept.body.chunks(CHUNK) {
                chunked::size_line(piece.len(), lines);
                write_all(session, lines, piece).await?;
                lines.extend_from_slice(b"\r\n");
            }
            chunked::last_chunk(&kept.trailers, lines);
            write_all(session, lines, &[]).await?;
        }
    }
    let ends = kept.framing == Framing::Close;
    if ends || session.http_major > 1 {
        session.client.writer.finish().await;
    }
    Ok(())
}

/// Sends the lines and a piece, and forgets the lines.
async fn write_all(
    session: &mut Session,
    lines: &mut Vec<u8>,
    piece: &[u8],
) -> Result<(), Termination> {
    let limit = session.frontend.timeouts.client;
    let mut slices = [IoSlice::new(lines), IoSlice::new(piece)];
    let writer = &mut session.client.writer;
    let sent = writer
        .write_all(&mut slices, &mut session.alarm, limit)
        .await;
    lines.clear();
    sent.map_err(|fault| {
        let cause = match fault {
            Fault::Timeout => Cause::ClientTimeout,
            Fault::Io(_) => Cause::Client,
        };
        Termination::new(cause, Phase::Data)
    })
}
