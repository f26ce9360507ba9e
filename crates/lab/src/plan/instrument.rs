//! The copy of the user's file that the lab lets the balancer run: the same, plus what the lab needs to watch it.
//!
//! Lines are only added. The user's own logging stays in force.

use crate::ui::words;
use diagnostics::Sources;
use haproxy_config::model::{
    BindAddress, Capture, Config, Direction, Frontend, Host, Level, LogAddress, LogFormat,
    LogFraming, LogTarget, Mode, StatsSocket,
};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::SocketAddr;
use std::path::Path;

/// Longest log line that is kept, in bytes: a long request line should not lose its end.
const LOG_LENGTH: u16 = 8192;
const AGENT_LENGTH: usize = 64;
/// Syslog's numbers (RFC 5424 section 6.2.1).
const LOCAL0: u8 = 16;
const DEBUG: u8 = 7;
const EMERGENCY: u8 = 0;

/// Where the balancer should speak to the lab.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Faces<'a> {
    pub(crate) stats_socket: &'a Path,
    /// Over UDP.
    pub(crate) log: SocketAddr,
    /// Every single health check is logged too.
    pub(crate) log_checks: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Instrumented {
    pub(crate) text: String,
    /// Frontends whose first captured request header is the user agent.
    pub(crate) agent_captured: Vec<String>,
}

/// `sources` holds one file, from which `config` was read.
pub(crate) fn instrument(sources: &Sources, config: &Config, faces: Faces<'_>) -> Instrumented {
    let mut added: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut add = |span, lines: Vec<String>| {
        let here = added.entry(sources.location(span).line).or_default();
        for line in lines {
            // A `listen` is both halves: what the one has added, the other need not.
            if !here.contains(&line) {
                here.push(line);
            }
        }
    };
    let log = format!("log {} len {LOG_LENGTH} local0", faces.log);
    for frontend in config
        .frontends
        .iter()
        .filter(|frontend| frontend.mode == Mode::Http)
    {
        let mut lines = vec![log.clone()];
        if frontend.log_format == LogFormat::Connect {
            lines.push("option httplog".to_owned());
        }
        if !captures_requests(frontend) {
            lines.push(format!(
                "capture request header User-Agent len {AGENT_LENGTH}"
            ));
        }
        add(frontend.span, lines);
    }
    for backend in &config.backends {
        let mut lines = vec![log.clone()];
        if faces.log_checks && !backend.log_health_checks {
            lines.push("option log-health-checks".to_owned());
        }
        add(backend.span, lines);
    }
    let user: String = sources
        .iter()
        .map(|(_, source)| source.text.as_str())
        .collect();
    Instrumented {
        text: global(faces.stats_socket) + &with_lines(&user, &added),
        agent_captured: agent_captured(config),
    }
}

/// The same done to a configuration that was read already: no text is touched, so that lines keep their numbers.
///
/// Says which frontends have the user agent as their first captured request header.
pub(crate) fn amend(config: &mut Config, faces: Faces<'_>) -> Vec<String> {
    let log = LogTarget {
        sample: None,
        tag: None,
        address: LogAddress::Udp(Host::Ip(faces.log.ip()), faces.log.port()),
        len: LOG_LENGTH,
        format: LogFraming::Local,
        facility: LOCAL0,
        level: DEBUG,
        min_level: EMERGENCY,
    };
    if let Some(frontend) = config.frontends.first() {
        config.global.stats_sockets.push(StatsSocket {
            exposes_listeners: false,
            address: BindAddress::Unix(faces.stats_socket.display().to_string()),
            level: Level::Admin,
            mode: Some(0o600),
            user: None,
            group: None,
            span: frontend.span,
        });
    }
    let agent_captured = agent_captured(config);
    for frontend in config
        .frontends
        .iter_mut()
        .filter(|frontend| frontend.mode == Mode::Http)
    {
        frontend.log.push(log.clone());
        if frontend.log_format == LogFormat::Connect {
            frontend.log_format = LogFormat::Http;
        }
        if !captures_requests(frontend) {
            frontend.captures.push(Capture {
                direction: Direction::Request,
                header: Some("user-agent".to_owned()),
                len: AGENT_LENGTH,
            });
        }
    }
    for backend in &mut config.backends {
        backend.log.push(log.clone());
    }
    agent_captured
}

/// Frontends whose first captured request header is (or will be) the user agent.
pub(crate) fn agent_captured(config: &Config) -> Vec<String> {
    config
        .frontends
        .iter()
        .filter(|frontend| frontend.mode == Mode::Http && agent_comes_first(frontend))
        .map(|frontend| frontend.name.clone())
        .collect()
}

/// Why not every request can be counted, where log lines of the user's own form leave some out: one log has one form, and
/// the user's logging stays in force.
pub(crate) fn unread(config: &Config) -> Option<String> {
    let own_form = |frontend: &&Frontend| {
        matches!(frontend.log_format, LogFormat::Custom | LogFormat::Tcp)
            || frontend.options.dontlog_normal
    };
    let names: Vec<String> = config
        .frontends
        .iter()
        .filter(|frontend| frontend.mode == Mode::Http)
        .filter(own_form)
        .map(|frontend| format!("`{}`", frontend.name))
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "note: the log of {} has a form of its own (`log-format`, `option tcplog`, `option dontlog-normal`), so the lab \
             counts only what `lab hit` sends\n",
            words::list(&names)
        )
    })
}

fn captures_requests(frontend: &Frontend) -> bool {
    frontend
        .captures
        .iter()
        .any(|capture| capture.direction == Direction::Request)
}

fn agent_comes_first(frontend: &Frontend) -> bool {
    let first = frontend
        .captures
        .iter()
        .find(|capture| capture.direction == Direction::Request);
    first.is_none_or(|capture| capture.header.as_deref() == Some("user-agent"))
}

/// The text with lines set in behind those with these numbers (from 1).
fn with_lines(text: &str, added: &BTreeMap<usize, Vec<String>>) -> String {
    let mut copy = String::with_capacity(text.len() + 1024);
    for (number, line) in (1..).zip(text.lines()) {
        copy.push_str(line);
        copy.push('\n');
        for line in added.get(&number).into_iter().flatten() {
            writeln!(copy, "    {line}    # added by lab").expect("a string takes all");
        }
    }
    copy
}

/// A section of its own, before all others: several `global` sections add up.
fn global(stats_socket: &Path) -> String {
    format!(
        "# added by lab\nglobal\n    stats socket {} mode 600 level admin\n\n",
        stats_socket.display()
    )
}
