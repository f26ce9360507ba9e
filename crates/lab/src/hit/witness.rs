//! The balancer's own account of our requests: it knows who was asked when nobody answered.

use crate::observe::http_log::Request;
use crate::supervisor::control::Client;
use crate::supervisor::protocol::{Reply, Request as Ask, What};
use crate::work_dir::WorkDir;
use crate::work_dir::journal::{Journal, Tail};
use crate::work_dir::registration::Registration;
use course::facts::Happened;
use jiff::Timestamp;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Who tells of our requests while they are sent.
pub(crate) enum Witness {
    /// The lab that runs here: of those whose user agent is our mark.
    Lab(Arc<Mutex<Vec<Request>>>),
    /// A balancer in a terminal of its own, by the journal of this folder.
    Journal { tail: Tail, since: Timestamp },
}

impl Witness {
    /// `None` where nobody can tell.
    ///
    /// `mark` is the user agent of the requests that are ours.
    pub(crate) fn call(work: &WorkDir, mark: &str) -> Option<Self> {
        if let Some(client) = Client::connect(work) {
            return Self::of_lab(client, mark);
        }
        Registration::load(work)
            .filter(|registered| registered.tells_requests)
            .map(|_| Self::Journal {
                tail: Journal::of(work).tail(),
                since: Timestamp::now(),
            })
    }

    fn of_lab(mut client: Client, mark: &str) -> Option<Self> {
        client.ask(&Ask::Watch).ok()?;
        let mut client = client.patient().ok()?;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (kept, ours) = (Arc::clone(&seen), mark.to_owned());
        // It ends with the connection or with the process.
        std::thread::spawn(move || {
            while let Ok(reply) = client.next_reply() {
                if let Reply::Event(event) = reply
                    && let What::Request(request) = event.what
                    && request.user_agent.as_deref() == Some(&ours)
                {
                    kept.lock().expect("no holder panics").push(request);
                }
            }
        });
        Some(Self::Lab(seen))
    }

    /// What was seen of ours, once it is as many as were sent or a moment has passed: log lines come after the answers,
    /// and the journal is told of a flood when its second is over.
    pub(crate) fn account(mut self, sent: usize) -> Vec<Request> {
        let patience = match self {
            Self::Lab(_) => Duration::from_millis(400),
            Self::Journal { .. } => Duration::from_millis(2_500),
        };
        let until = Instant::now() + patience;
        loop {
            let seen = self.seen();
            if seen.len() >= sent || Instant::now() >= until {
                tracing::debug!(seen = seen.len(), sent, "witness");
                return seen;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn seen(&mut self) -> Vec<Request> {
        match self {
            Self::Lab(seen) => seen.lock().expect("no holder panics").clone(),
            Self::Journal { tail, since } => {
                let events = tail.read().into_iter().filter(|event| event.time >= *since);
                events.flat_map(|event| ours(event.what)).collect()
            }
        }
    }
}

/// The requests of `lab hit` that one event tells of.
fn ours(what: Happened) -> Vec<Request> {
    let Happened::Request(told) = what else {
        return Vec::new();
    };
    if told.caller != "hit" {
        return Vec::new();
    }
    let request = Request {
        frontend: told.frontend,
        backend: told.backend,
        server: told.server,
        status: told.status,
        ms: told.ms,
        queued_ms: told.queued_ms,
        retries: told.retries,
        termination: told.termination,
        uri: told.path,
        ..Request::default()
    };
    vec![request; told.count as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_tells_of_hits_alone_and_of_each_one() {
        let told = |caller: &str| {
            Happened::Request(course::facts::Request {
                caller: caller.into(),
                server: Some("server02".into()),
                status: Some(503),
                count: 3,
                ..course::facts::Request::default()
            })
        };
        let seen = ours(told("hit"));
        assert_eq!(seen.len(), 3);
        assert_eq!(seen[0].server.as_deref(), Some("server02"));
        assert!(ours(told("curl")).is_empty());
    }
}
