//! What programs answer to `GET /`: each is asked once, with a mark that says who asks, and straight: never through the
//! balancer. The answers are kept in `.lab/run/answers.json`.

use crate::observe::answer;
use crate::observe::sockets::Program;
use crate::work_dir::{WorkDir, write_whole};
use course::facts::{Config, Event, Happened};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;
use tokio::task::JoinSet;

/// How long each further try waits. A program that is slow on purpose answers late, one that is starting soon.
const PATIENCE: [Duration; 3] = [
    Duration::from_millis(500),
    Duration::from_millis(1200),
    Duration::from_millis(2500),
];
/// Longer answers are not those of an echo server.
const LONGEST: usize = 64 * 1024;
/// Of an answer, so much is kept: a learner is shown its beginning.
const KEPT: usize = 200;
/// A server beyond this machine is asked again after this long.
const REAL_AGAIN: i64 = 60;

#[derive(Debug, Default)]
pub(super) struct Answers {
    known: BTreeMap<String, Known>,
    changed: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    answer: Option<String>,
    tries: usize,
    /// When it was asked last, in Unix seconds.
    asked: i64,
}

impl Answers {
    pub(super) fn load(work: &WorkDir) -> Self {
        let text = std::fs::read_to_string(path(work)).unwrap_or_default();
        Self {
            known: serde_json::from_str(&text).unwrap_or_default(),
            changed: false,
        }
    }

    pub(super) fn save(&mut self, work: &WorkDir) {
        if !self.changed || !work.exists() {
            return;
        }
        self.changed = false;
        let text = serde_json::to_string(&self.known).expect("plain values");
        if let Err(error) = write_whole(&path(work), &text) {
            tracing::warn!(%error, "answers not kept");
        }
    }

    /// Asks those that were not asked so far, all at once; forgets those that are gone.
    pub(super) fn ask(&mut self, programs: &[(SocketAddr, &Program)]) {
        let keys: Vec<String> = programs
            .iter()
            .map(|(at, program)| key(*at, program))
            .collect();
        let before = self.known.len();
        self.known
            .retain(|key, _| key.starts_with("real ") || keys.contains(key));
        self.changed |= self.known.len() != before;
        let due = |key: &String| match self.known.get(key) {
            Some(known) => known.answer.is_none() && known.tries < PATIENCE.len(),
            None => true,
        };
        let asked: Vec<(String, SocketAddr)> = programs
            .iter()
            .zip(keys)
            // A frozen one accepts and never answers.
            .filter(|((_, program), key)| !program.newest.frozen && due(key))
            .map(|((at, _), key)| (key, reachable(*at)))
            .collect();
        self.exchange(asked);
    }

    /// What this program answered.
    pub(super) fn of(&self, address: SocketAddr, program: &Program) -> Option<String> {
        self.known.get(&key(address, program))?.answer.clone()
    }

    /// The texts of servers beyond this machine that have answered through the balancer: its log says that they did, and
    /// they are asked themselves what they say. Nobody is asked who is not in the learner's own file.
    pub(super) fn of_real_servers(
        &mut self,
        running: Option<&Config>,
        events: &[Event],
    ) -> Vec<String> {
        let real: Vec<(String, SocketAddr)> = running
            .into_iter()
            .flat_map(|config| &config.servers)
            .filter_map(|server| {
                let ip: IpAddr = server.address.parse().ok()?;
                let at = SocketAddr::new(ip, server.port);
                (!ip.is_loopback() && has_answered(events, &server.backend, &server.name))
                    .then(|| (format!("real {at}"), at))
            })
            .collect();
        let now = jiff::Timestamp::now().as_second();
        let due = real.iter().filter(|(key, _)| {
            let known = self.known.get(key);
            known.is_none_or(|known| now - known.asked >= REAL_AGAIN)
        });
        let due = due.cloned().collect();
        self.exchange(due);
        let answer = |(key, _): &(String, SocketAddr)| self.known.get(key)?.answer.clone();
        real.iter().filter_map(answer).collect()
    }

    fn exchange(&mut self, asked: Vec<(String, SocketAddr)>) {
        if asked.is_empty() {
            return;
        }
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
        else {
            return;
        };
        let tries: Vec<(String, SocketAddr, Duration)> = asked
            .into_iter()
            .map(|(key, at)| {
                let tries = self.known.get(&key).map_or(0, |known| known.tries);
                (key, at, PATIENCE[tries.min(PATIENCE.len() - 1)])
            })
            .collect();
        let told = runtime.block_on(async {
            let mut all = JoinSet::new();
            for (key, at, patience) in tries {
                all.spawn(async move {
                    let answer = answer::get_within(at, "/", LONGEST, patience).await;
                    (key, answer)
                });
            }
            all.join_all().await
        });
        for (key, answer) in told {
            let known = self.known.entry(key).or_default();
            known.tries += 1;
            known.asked = jiff::Timestamp::now().as_second();
            known.answer = answer.map(|text| text.trim().chars().take(KEPT).collect());
            self.changed = true;
        }
    }
}

fn path(work: &WorkDir) -> PathBuf {
    work.run().join("answers.json")
}

/// Names a program at a port for good: a later process has another start.
fn key(address: SocketAddr, program: &Program) -> String {
    let process = &program.process;
    format!("{} {} {address}", process.pid, process.start_ticks)
}

/// A listener on all addresses is asked on the loopback one.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn has_answered(events: &[Event], backend: &str, server: &str) -> bool {
    events.iter().rev().any(|event| match &event.what {
        Happened::Request(request) => {
            request.backend == backend
                && request.server.as_deref() == Some(server)
                && request.status.is_some_and(|status| status < 500)
        }
        _ => false,
    })
}
