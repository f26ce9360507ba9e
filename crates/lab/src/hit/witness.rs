//! The balancer's own account of our requests: it knows who was asked when nobody answered.

use crate::observe::http_log::Request;
use crate::supervisor::control::Client;
use crate::supervisor::protocol::{Reply, Request as Ask, What};
use crate::work_dir::WorkDir;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Listens to the lab while requests are sent.
pub(crate) struct Witness {
    mark: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Witness {
    /// `None` without a lab: nobody can tell then.
    ///
    /// `mark` is the user agent of the requests that are ours.
    pub(crate) fn call(work: &WorkDir, mark: &str) -> Option<Self> {
        let mut client = Client::connect(work)?;
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
        Some(Self {
            mark: mark.to_owned(),
            seen,
        })
    }

    /// What was seen of ours, once it is as many as were sent or a moment has passed: log lines come after the answers.
    pub(crate) fn account(self, sent: usize) -> Vec<Request> {
        const LAST_LINES: Duration = Duration::from_millis(400);
        let until = Instant::now() + LAST_LINES;
        loop {
            let seen = self.seen.lock().expect("no holder panics");
            if seen.len() >= sent || Instant::now() >= until {
                tracing::debug!(mark = self.mark, seen = seen.len(), sent, "witness");
                return seen.clone();
            }
            drop(seen);
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
