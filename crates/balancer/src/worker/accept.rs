//! Connections come in: each gets a seat and a session of its own.

use super::door::Door;
use super::seat::Seat;
use super::shortage::Shortage;
use super::{ACCEPT_PAUSE, Worker};
use crate::listener::{BACKLOG, Entrance};
use crate::plan::Gate;
use crate::proxy_protocol::Ends;
use crate::session::{self, Accepted};
use crate::wire::Stream;
use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use tokio::sync::oneshot;

/// A listener at work; dropping it closes the socket.
pub(super) struct Listening {
    pub(super) entrance: Rc<RefCell<Rc<Entrance>>>,
    _stop: oneshot::Sender<()>,
}

impl Listening {
    pub(super) fn begin(worker: &Rc<Worker>, entrance: Entrance, listener: Door) -> Self {
        let entrance = Rc::new(RefCell::new(Rc::new(entrance)));
        let (stop, stopped) = oneshot::channel();
        let accepting = accept(Rc::clone(worker), Rc::clone(&entrance), listener, stopped);
        tokio::task::spawn_local(accepting);
        Self {
            entrance,
            _stop: stop,
        }
    }
}

/// Takes connections as long as there is room for them: one waits here at most, the rest in the kernel.
async fn accept(
    worker: Rc<Worker>,
    entrance: Rc<RefCell<Rc<Entrance>>>,
    mut listener: Door,
    mut stopped: oneshot::Receiver<()>,
) {
    let address = listener.address();
    let mut shortage = Shortage::default();
    let mut open = true;
    loop {
        let mut changed = pin!(worker.process.gates.notified());
        changed.as_mut().enable();
        if open != is_open(&worker, &entrance.borrow().frontend) {
            open = !open;
            listener = match listener.with_gate(open) {
                Ok(listener) => listener,
                Err(error) => {
                    return shortage.tell(&worker, &entrance.borrow().frontend, &error);
                }
            };
        }
        let accepted = tokio::select! {
            _ = &mut stopped => break,
            () = changed => continue,
            accepted = listener.accept(), if open => accepted,
        };
        match accepted {
            Ok(come) => admit(&worker, &entrance, address, come).await,
            Err(error) if is_about_one_connection(&error) => {}
            Err(error) => {
                shortage.tell(&worker, &entrance.borrow().frontend, &error);
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    // Whoever is in the queue already would be cut off.
    for _ in 0..BACKLOG {
        let mut now = Context::from_waker(Waker::noop());
        let accepted = pin!(listener.accept()).poll(&mut now);
        match accepted {
            Poll::Ready(Ok(come)) => admit(&worker, &entrance, address, come).await,
            _ => break,
        }
    }
}

/// Whether a frontend lets clients in: one that is gone is about to be closed.
fn is_open(worker: &Worker, frontend: &str) -> bool {
    let plan = worker.plan();
    let frontend = plan.frontend(frontend);
    frontend.is_none_or(|frontend| frontend.gate.get() == Gate::Open)
}

/// Waits for a seat and begins the session. Without a seat the frontend is gone, and the order to close the listener on
/// its way.
async fn admit(
    worker: &Rc<Worker>,
    entrance: &RefCell<Rc<Entrance>>,
    listener: Option<SocketAddr>,
    (stream, source, destination): (Stream, SocketAddr, SocketAddr),
) {
    if let Some(seat) = Seat::wait(worker, entrance).await {
        let entrance = Rc::clone(&entrance.borrow());
        let ends = Ends {
            source,
            destination,
        };
        spawn_session(worker, seat.at(listener), stream, ends, entrance);
    }
}

fn spawn_session(
    worker: &Rc<Worker>,
    seat: Seat,
    stream: Stream,
    ends: Ends,
    entrance: Rc<Entrance>,
) {
    seat.fill(entrance.tls.is_some());
    let running = Running::begin(worker);
    tokio::task::spawn_local(async move {
        let accepted = Accepted {
            socket: stream.number().unwrap_or(-1),
            peer: ends.source,
            local: ends.destination,
            authority: None,
            below: None,
            entrance,
            frontend: Arc::clone(&seat.frontend),
            counted_at: seat.counted_at,
            tls: None,
        };
        session::serve(stream, accepted, Rc::clone(&running.0)).await;
        drop((seat, running));
    });
}

/// The client left before it was accepted, or the like.
fn is_about_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted
    )
}

/// Counts a session of this worker while it lives.
struct Running(Rc<Worker>);

impl Running {
    fn begin(worker: &Rc<Worker>) -> Self {
        worker.sessions.set(worker.sessions.get() + 1);
        Self(Rc::clone(worker))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.sessions.set(self.0.sessions.get() - 1);
        self.0.ended.notify_one();
    }
}
