//! Idle connections that belong to one client (`http-reuse never`).

use super::{Greeting, Link};
use crate::plan::Backend;
use crate::wire::Stream;
use lb_core::server::ServerIndex;
use std::sync::Arc;

/// The connections of a client between its requests, the newest last.
#[derive(Debug, Default)]
pub struct Own(Vec<Kept>);

#[derive(Debug)]
struct Kept {
    backend: Arc<Backend>,
    server: ServerIndex,
    greeting: Greeting,
    stream: Stream,
}

impl Own {
    /// One to this server, if it is still open.
    pub fn take(
        &mut self,
        backend: &Arc<Backend>,
        server: ServerIndex,
        greeting: &Greeting,
    ) -> Option<Stream> {
        let fits = |it: &Kept| it.leads_to(backend, server) && it.greeting == *greeting;
        while let Some(at) = self.0.iter().rposition(fits) {
            let stream = self.0.remove(at).stream;
            if stream.is_silent() {
                return Some(stream);
            }
        }
        None
    }

    /// Keeps one, as long as there are fewer than `most`.
    pub fn keep(&mut self, backend: &Arc<Backend>, server: ServerIndex, link: Link, most: usize) {
        if self.0.len() < most {
            self.0.push(Kept {
                backend: Arc::clone(backend),
                server,
                greeting: link.greeting,
                stream: link.stream,
            });
        }
    }

    /// The servers of a backend that the client has a connection to, the last one first.
    pub fn servers(&self, backend: &Arc<Backend>) -> impl Iterator<Item = ServerIndex> {
        let kept = self.0.iter().rev();
        kept.filter(|it| Arc::ptr_eq(&it.backend, backend))
            .map(|it| it.server)
    }
}

impl Kept {
    fn leads_to(&self, backend: &Arc<Backend>, server: ServerIndex) -> bool {
        Arc::ptr_eq(&self.backend, backend) && self.server == server
    }
}
