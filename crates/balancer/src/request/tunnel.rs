//! After HTTP: bytes both ways, whatever they mean.

use super::body::{Broken, Flow, Limits, Transfer, Way};
use super::first_answer;
use super::record::Record;
use super::scratch::Scratch;
use crate::h1::framing::Framing;
use crate::plan::{Backend, Mode};
use crate::session::Session;
use crate::streams::Stage;
use crate::upstream::Link;
use lb_core::termination::{Cause, Phase, Termination};
use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
use tokio::time::Instant;

/// Passes bytes on until both sides have said that nothing more comes, or one of them breaks off or falls silent.
pub async fn run(
    session: &mut Session,
    scratch: &mut Scratch,
    record: &mut Record,
    backend: &Backend,
    mut link: Link,
) {
    let tunnel = record.tunnel_timeout(backend);
    let client_limit = tunnel.or(session.frontend.timeouts.client);
    let server_limit = tunnel.or(record.server_timeout(backend));
    let patient = [client_limit, server_limit].into_iter().flatten().min();
    record.is_at(Stage::Established, patient);
    let now = Instant::now();
    let ledger = record.ledger();
    let (tell_up, tell_down) = (|n| ledger.count(n, 0), |n| ledger.count(0, n));
    let stream = record.stream();
    let seen = stream.as_deref();
    let up_flow = Flow::new(now, &tell_up, seen);
    let down_flow = Flow::new(now, &tell_down, seen);
    let up = Way {
        from: &mut session.client.reader,
        to: &mut link.stream.writer,
        lane: &mut scratch.up,
        alarm: &mut session.alarm,
        limits: Limits {
            read: client_limit,
            write: server_limit,
        },
        flow: &up_flow,
        other: &down_flow,
        is_shut: false,
    };
    let mut down = Way {
        from: &mut link.stream.reader,
        to: &mut session.client.writer,
        lane: &mut scratch.down,
        alarm: &mut session.other_alarm,
        limits: Limits {
            read: server_limit,
            write: client_limit,
        },
        flow: &down_flow,
        other: &up_flow,
        is_shut: false,
    };
    let patience = Patience {
        client: session.frontend.timeouts.client_fin,
        server: backend.timeouts.server_fin,
    };
    let flows = [&up_flow, &down_flow];
    let phase = match session.frontend.mode {
        // HAProxy does not tell it there.
        Mode::Tcp => Phase::Done,
        Mode::Http => Phase::Data,
    };
    let server_lost = record.ended_by_others();
    let by_rule = Cell::new(None);
    let down = async {
        if let Err(ended) = first_answer::inspect(&mut down, record, backend).await {
            by_rule.set(Some(ended));
            return Err(Broken::SourceClosed);
        }
        one_way(down).await
    };
    let ended = tokio::select! {
        ended = both(one_way(up), down, patience, flows) => by_rule.get().unwrap_or(ended),
        why = server_lost => Termination::new(why, phase),
    };
    record.settle(&up_flow, &down_flow);
    record.termination = ended;
}

/// One direction: at its end the other side is told, and may go on talking.
async fn one_way(mut way: Way<'_>) -> Result<(), Broken> {
    let mut transfer =
        Transfer::begin(Framing::Close, way.lane).expect("bytes until the end cannot be malformed");
    way.carry(&mut transfer).await?;
    way.to.finish().await;
    Ok(())
}

/// How long a side may stay silent once one direction has ended: `timeout client-fin`, `timeout server-fin`.
#[derive(Clone, Copy, Debug)]
struct Patience {
    client: Option<Duration>,
    server: Option<Duration>,
}

async fn both(
    up: impl Future<Output = Result<(), Broken>>,
    down: impl Future<Output = Result<(), Broken>>,
    patience: Patience,
    flows: [&Flow<'_>; 2],
) -> Termination {
    let (mut up, mut down) = (pin!(up), pin!(down));
    let (first, ended) = poll_fn(|cx| {
        if let Poll::Ready(ended) = up.as_mut().poll(cx) {
            return Poll::Ready((Side::Client, ended));
        }
        down.as_mut().poll(cx).map(|ended| (Side::Server, ended))
    })
    .await;
    if let Err(broken) = ended {
        return termination(broken, first);
    }
    let (second, ended) = match first {
        Side::Client => (
            Side::Server,
            within(patience.server, flows, down.as_mut()).await,
        ),
        Side::Server => (
            Side::Client,
            within(patience.client, flows, up.as_mut()).await,
        ),
    };
    match ended {
        // Whoever has nothing more to hear, and does not say that it has nothing more to say, is left in peace.
        Ok(()) | Err(Broken::SourceTimeout) => Termination::NORMAL,
        Err(broken) => termination(broken, second),
    }
}

/// Waits for the direction that is left, as long as bytes flow at least every `limit`.
async fn within(
    limit: Option<Duration>,
    flows: [&Flow<'_>; 2],
    mut rest: impl Future<Output = Result<(), Broken>> + Unpin,
) -> Result<(), Broken> {
    let Some(limit) = limit else {
        return rest.await;
    };
    let mut since = Instant::now();
    loop {
        if let Ok(ended) = tokio::time::timeout_at(since + limit, &mut rest).await {
            return ended;
        }
        let [up, down] = flows.map(|flow| flow.active.get());
        let last = up.max(down);
        if last <= since {
            return Err(Broken::SourceTimeout);
        }
        since = last;
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Client,
    Server,
}

/// Who broke off, seen from the direction that bytes came from `source`.
fn termination(broken: Broken, source: Side) -> Termination {
    let at_source = matches!(
        broken,
        Broken::SourceClosed | Broken::SourceTimeout | Broken::SourceInvalid
    );
    let timeout = matches!(broken, Broken::SourceTimeout | Broken::SinkTimeout);
    let client = at_source == (source == Side::Client);
    let cause = match (client, timeout) {
        (true, false) => Cause::Client,
        (true, true) => Cause::ClientTimeout,
        (false, false) => Cause::Server,
        (false, true) => Cause::ServerTimeout,
    };
    Termination::new(cause, Phase::Data)
}
