//! A request waits for a slot (manual, `maxconn` of servers): in the line of its server, or of the backend.

use super::leaving::{self, Left};
use super::record::Record;
use super::scratch::Scratch;
use crate::plan::Backend;
use crate::process::Process;
use crate::session::Session;
use crate::streams::Stage;
use crate::wire::Alarm;
use lb_core::backend::Admission;
use lb_core::queue::{Positions, Ticket, Turn};
use lb_core::server::ServerIndex;
use lb_core::termination::{Cause, Phase, Termination};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Poll, ready};

/// Follows a request from being admitted to holding a slot, which may take its turn in a line, and another one.
///
/// # Errors
///
/// There is no server, the line is full, `timeout queue` has passed, or the client has left.
pub async fn wait_for_slot(
    record: &mut Record,
    session: &mut Session,
    scratch: &mut Scratch,
    backend: &Arc<Backend>,
    mut admission: Admission,
) -> Result<(), Termination> {
    loop {
        record.server = admission.server();
        record.holds_slot = matches!(admission, Admission::Slot(_));
        let ticket = match admission {
            Admission::Slot(_) => {
                record.mark_queue();
                return Ok(());
            }
            Admission::Nobody => return Err(Termination::new(Cause::Server, Phase::Connect)),
            Admission::QueueFull(_) => return Err(Termination::new(Cause::Server, Phase::Queue)),
            Admission::Wait(_, ticket) => ticket,
        };
        let line = record.server;
        let turn = take_turn(record, session, scratch, backend, ticket).await?;
        admission = match (turn, line) {
            (Some(server), _) => Admission::Slot(server),
            (None, left) => {
                record.redispatched = true;
                record.unbind();
                let now = session.worker.process.now();
                let demand = record.demand();
                let mut live = backend.live();
                match left {
                    Some(server) => live.redispatch(server, demand, now),
                    None => live.admit(demand, now),
                }
            }
        };
    }
}

async fn take_turn(
    record: &mut Record,
    session: &mut Session,
    scratch: &mut Scratch,
    backend: &Arc<Backend>,
    ticket: Ticket,
) -> Result<Option<ServerIndex>, Termination> {
    let mut place = Place {
        backend: Arc::clone(backend),
        ticket: Some(ticket),
    };
    let limit = backend.timeouts.queue.or(backend.timeouts.connect);
    record.is_at(Stage::Queue, limit);
    let process = Arc::clone(&session.worker.process);
    let watched = record.is_watched();
    let turn = async |alarm: &mut Alarm| alarm.limit(limit, place.turn(&process)).await;
    let (positions, outcome) = match leaving::while_there(session, scratch, watched, turn).await {
        Ok(Some(turn)) => (turn.positions, Ok(turn.slot)),
        Ok(None) => (place.leave(), Err(Cause::ServerTimeout)),
        Err(Left) => (place.leave(), Err(Cause::Client)),
    };
    record.mark_queue();
    record.queue.server += positions.server;
    record.queue.backend += positions.backend;
    outcome.map_err(|cause| Termination::new(cause, Phase::Queue))
}

/// A place in a line, given up when dropped.
struct Place {
    backend: Arc<Backend>,
    ticket: Option<Ticket>,
}

impl Place {
    async fn turn(&mut self, process: &Process) -> Turn {
        poll_fn(|cx| {
            let ticket = self.ticket.expect("it is polled until its turn has come");
            let turn = ready!(
                self.backend
                    .live()
                    .poll_turn(ticket, cx.waker(), process.now())
            );
            self.ticket = None;
            Poll::Ready(turn)
        })
        .await
    }

    fn leave(&mut self) -> Positions {
        let ticket = self.ticket.take();
        ticket.map_or_else(Positions::default, |ticket| {
            self.backend.live().leave(ticket)
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.leave();
    }
}
