//! What others may see of a request at work.

use super::Record;
use crate::session::Session;
use crate::streams::{Listener, Origin, Stage, Stream};
use crate::wire::Stream as Socket;
use lb_core::termination::Cause;
use std::sync::Arc;
use std::time::Duration;

impl Record {
    /// Lists it from now on.
    pub(super) fn list(&mut self, session: &Session) {
        let accepted = &session.accepted;
        let entrance = &accepted.entrance;
        let has_address = accepted.peer.port() > 1 || !accepted.peer.ip().is_unspecified();
        let origin = Origin {
            listener: Listener::Frontend(Arc::clone(&self.frontend), entrance.number),
            ends: has_address.then_some([accepted.peer, accepted.local]),
            socket: accepted.socket,
            http2: session.http_major > 1,
            tls: self.tls.is_some(),
            accepted: self.accept_date(),
        };
        let streams = &self.worker.process.streams;
        let at_work = streams.begin(&self.worker.streams, self.number(), origin);
        self.at_work = Some(at_work);
    }

    /// Itself, as others see it.
    pub fn stream(&self) -> Option<Arc<Stream>> {
        Some(self.at_work.as_ref()?.share())
    }

    /// What it waits for from now on, and how long each step, or all of it, may take.
    pub fn is_at(&self, stage: Stage, limit: Option<Duration>) {
        let Some(stream) = &self.at_work else { return };
        stream.called();
        stream.enter(stage, limit);
        let mut state = stream.state();
        let same = match (&state.backend, &self.backend) {
            (Some(shown), Some(now)) => Arc::ptr_eq(shown, now),
            (shown, now) => shown.is_none() && now.is_none(),
        };
        if !same {
            state.backend = self.backend.clone();
        }
        (state.server, state.retries) = (self.server, self.retries);
    }

    /// It has a connection to its server.
    pub fn is_carried_by(&self, socket: &Socket, limit: Option<Duration>) {
        self.is_at(Stage::Established, limit);
        if let Some(stream) = &self.at_work {
            stream.state().socket = socket.number();
        }
    }

    /// Waits until it is to end, because somebody wants that or its server's sessions are to; why.
    pub fn ended_by_others(&self) -> impl Future<Output = Cause> + use<> {
        let (backend, server) = (self.backend.clone(), self.server);
        let stream = self.stream();
        async move {
            let lost = async {
                match (backend, server) {
                    (Some(backend), Some(index)) => backend.server(index).lost().await,
                    _ => std::future::pending().await,
                }
            };
            let killed = async {
                match stream {
                    Some(stream) => stream.killed().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                why = lost => why,
                () = killed => Cause::Killed,
            }
        }
    }

    /// Somebody wanted it to end: that counts more than what else went wrong.
    pub(super) fn is_killed(&self) -> bool {
        let stream = self.at_work.as_ref();
        stream.is_some_and(|stream| stream.is_killed())
    }
}
