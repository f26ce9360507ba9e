//! The log of a balancer in this terminal, read on a thread of its own and told to the journal.

use crate::config_file::environment;
use crate::observe::http_log::{self, LogLine};
use crate::observe::{caller, state_change};
use crate::plan::{self, instrument};
use crate::work_dir::WorkDir;
use crate::work_dir::journal::{Fold, Journal};
use diagnostics::Sources;
use haproxy_config::model::Config;
use jiff::Timestamp;
use std::io;
use std::net::UdpSocket;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// A log line is shorter: at most 8192 bytes are asked for.
const LONGEST_DATAGRAM: usize = 64 * 1024;
/// What was folded is written at the latest after this.
const FLUSH: Duration = Duration::from_secs(1);

/// What of the running configuration it takes to understand its log.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Frontends whose first captured request header is the user agent.
    pub(super) agent_captured: Vec<String>,
    /// Backend, server, port.
    servers: Vec<(String, String, u16)>,
    /// The balancer's own port.
    pub(super) traffic: Option<u16>,
    /// Why not every request can be read, in a sentence.
    pub(super) unread: Option<String>,
}

pub(super) type Shared = Arc<Mutex<Known>>;

impl Known {
    /// From the text that has come into force.
    pub(super) fn of(text: &str) -> Option<Self> {
        let mut sources = Sources::new();
        sources.add("", text);
        let config = haproxy_config::parse(&sources, &environment()).config?;
        Some(Self::of_config(&config))
    }

    pub(super) fn of_config(config: &Config) -> Self {
        let binds = plan::binds(config);
        let traffic = binds
            .iter()
            .find(|bind| bind.serves == plan::Serves::Traffic);
        Self {
            agent_captured: instrument::agent_captured(config),
            servers: plan::server_ports_by_name(config),
            traffic: traffic.map(|bind| bind.address.port()),
            unread: instrument::unread(config),
        }
    }
}

/// Reads the log until the process ends.
///
/// # Errors
/// No thread can be started.
pub(super) fn start(log: UdpSocket, work: &WorkDir, known: &Shared) -> io::Result<()> {
    log.set_read_timeout(Some(FLUSH))?;
    let (journal, known) = (Journal::of(work), Arc::clone(known));
    thread::Builder::new()
        .name("journal".into())
        .spawn(move || read(&log, &journal, &known))?;
    Ok(())
}

fn read(log: &UdpSocket, journal: &Journal, known: &Shared) {
    let mut buffer = vec![0; LONGEST_DATAGRAM];
    let mut fold = Fold::default();
    loop {
        match log.recv(&mut buffer) {
            Ok(length) => {
                let line = String::from_utf8_lossy(&buffer[..length]);
                take(&line, journal, known, &mut fold);
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                journal.add(&fold.due(Timestamp::now()));
            }
            Err(error) => return tracing::warn!(%error, "log socket"),
        }
    }
}

fn take(line: &str, journal: &Journal, known: &Shared, fold: &mut Fold) {
    match http_log::parse(line, true) {
        LogLine::Request(mut request) => {
            let known = known.lock().unwrap_or_else(PoisonError::into_inner);
            if !known.agent_captured.contains(&request.frontend) {
                request.user_agent = None;
            }
            let port = |backend: &str, server: &str| {
                let is_it = |(b, s, _): &&(String, String, u16)| b == backend && s == server;
                known.servers.iter().find(is_it).map(|known| known.2)
            };
            let event = caller::event(&request, port);
            drop(known);
            if let Some(event) = event {
                journal.add(&fold.take(Timestamp::now(), event));
            }
        }
        LogLine::Message(message) => {
            if let Some(event) = state_change::event(&message) {
                journal.write(event);
            }
        }
    }
}
