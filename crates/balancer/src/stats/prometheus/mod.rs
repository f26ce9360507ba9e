//! `http-request use-service prometheus-exporter`: the statistics in the text form of Prometheus.

mod tables;

use super::columns::Column as C;
use super::row::{Kind as RowKind, Row, Value};
use super::rows::View;
use crate::logger::Logger;
use crate::plan::Plan;
use crate::process::Process;
use crate::runtime_api::info;
use crate::stats::Answer;
use std::fmt::Write;
use tables::{BACKENDS, FRONTENDS, LISTENERS, Metric, PROCESS, SERVERS};

/// `text/plain` in the version of the exposition format that is written.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4";

/// What is told of whom.
#[derive(Clone, Copy)]
enum Kind {
    Gauge,
    Counter,
}

/// Where the values of a metric come from.
#[derive(Clone, Copy)]
enum Source {
    Number(C),
    /// Shown in seconds.
    Milliseconds(C),
    /// One line for each state: 1 for the one it is in.
    States,
    CheckStates,
    /// Answers of a class of status.
    Responses(&'static str, C),
    /// How many servers are in each state.
    ServersByState,
    ServersByCheck,
}

/// What a scraper wants to see; all of it, unless it says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Wanted {
    process: bool,
    frontends: bool,
    listeners: bool,
    backends: bool,
    servers: bool,
    tables: bool,
    /// `no-maint`: servers in maintenance are left out.
    hide_maint: bool,
}

/// The parts of the process that are told.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    pub plan: &'a Plan,
    pub process: &'a Process,
    pub logger: &'a Logger,
}

/// Answers a request for metrics; `None` when its query is wrong.
pub fn answer(path_and_query: &str, subject: Subject<'_>) -> Option<Answer> {
    let query = path_and_query.split_once('?').map(|(_, query)| query);
    let wanted = Wanted::parse(query.unwrap_or_default())?;
    Some(Answer {
        status: 200,
        reason: "OK",
        headers: vec![
            ("cache-control", "no-cache".to_owned()),
            ("content-type", CONTENT_TYPE.to_owned()),
        ],
        body: text(wanted, subject).into_bytes(),
        chunked: true,
        like_a_servers: true,
    })
}

impl Wanted {
    const ALL: Self = Self {
        process: true,
        frontends: true,
        listeners: true,
        backends: true,
        servers: true,
        tables: true,
        hide_maint: false,
    };

    /// `scope=` may stand several times; empty, it begins anew with nothing. Other words are passed over.
    fn parse(query: &str) -> Option<Self> {
        let mut wanted = Self::ALL;
        let mut told = false;
        for word in query.split('&') {
            match word.split_once('=') {
                Some(("scope", scope)) => {
                    if !told || scope.is_empty() {
                        wanted = Self {
                            hide_maint: wanted.hide_maint,
                            ..Self::default()
                        };
                    }
                    told = true;
                    wanted.add(scope)?;
                }
                None if word == "scope" => return None,
                None if word == "no-maint" => wanted.hide_maint = true,
                _ => {}
            }
        }
        Some(wanted)
    }

    fn add(&mut self, scope: &str) -> Option<()> {
        match scope {
            "" => {}
            "*" => {
                *self = Self {
                    hide_maint: self.hide_maint,
                    ..Self::ALL
                }
            }
            "global" => self.process = true,
            "frontend" => self.frontends = true,
            "listener" => self.listeners = true,
            "backend" => self.backends = true,
            "server" => self.servers = true,
            "sticktable" => self.tables = true,
            _ => return None,
        }
        Some(())
    }
}

fn text(wanted: Wanted, subject: Subject<'_>) -> String {
    let mut out = String::new();
    if wanted.process {
        process(&mut out, subject);
    }
    let rows = rows(wanted, subject);
    let scopes = [
        (wanted.frontends, "frontend", RowKind::Frontend, FRONTENDS),
        (wanted.listeners, "listener", RowKind::Listener, LISTENERS),
        (wanted.backends, "backend", RowKind::Backend, BACKENDS),
        (wanted.servers, "server", RowKind::Server, SERVERS),
    ];
    for (_, scope, kind, metrics) in scopes.into_iter().filter(|(wanted, ..)| *wanted) {
        let mut last = "";
        for metric in metrics {
            tell(&mut out, scope, kind, metric, &rows, metric.name != last);
            last = metric.name;
        }
    }
    if wanted.tables {
        stick_tables(&mut out, subject);
    }
    out
}

/// Every row, in the order of the file.
fn rows(wanted: Wanted, subject: Subject<'_>) -> Vec<Row> {
    let view = View {
        hide_maint: wanted.hide_maint,
        ..View::default()
    };
    let now = subject.process.now();
    let proxies = subject.plan.proxies();
    let rows = proxies.iter().flat_map(|proxy| view.rows(proxy, now));
    rows.collect()
}

fn describe(out: &mut String, name: &str, kind: Kind, meaning: &str) {
    let kind = match kind {
        Kind::Gauge => "gauge",
        Kind::Counter => "counter",
    };
    let _ = writeln!(out, "# HELP {name} {meaning}\n# TYPE {name} {kind}");
}

fn process(out: &mut String, subject: Subject<'_>) {
    let facts = info::facts(subject.plan, subject.process, subject.logger);
    for (name, kind, source) in PROCESS {
        let name = format!("haproxy_process_{name}");
        let fact = facts.iter().find(|fact| fact.name == *source);
        let meaning = fact.map_or("Memory of compression; there is none", |fact| fact.meaning);
        describe(out, &name, *kind, meaning);
        let _ = match fact.map(|fact| &fact.value) {
            Some(Value::Text(version)) => writeln!(out, "{name}{{version=\"{version}\"}} 1"),
            Some(value) => writeln!(out, "{name} {value}"),
            None => writeln!(out, "{name} NaN"),
        };
    }
}

/// The lines of a metric; `new`: it is described before them.
fn tell(out: &mut String, scope: &str, kind: RowKind, metric: &Metric, rows: &[Row], new: bool) {
    let name = format!("haproxy_{scope}_{}", metric.name);
    let begin = out.len();
    if new {
        describe(out, &name, metric.kind, metric.source.meaning());
    }
    let empty = out.len();
    for (index, row) in rows.iter().enumerate() {
        if row.kind == kind {
            // The servers of a backend stand before it.
            metric.source.lines(out, &name, row, &rows[..index]);
        }
    }
    if out.len() == empty {
        out.truncate(begin);
    }
}

impl Source {
    fn meaning(self) -> &'static str {
        match self {
            Self::Number(column) | Self::Milliseconds(column) => column.meaning(),
            Self::States => C::Status.meaning(),
            Self::CheckStates => C::CheckStatus.meaning(),
            Self::Responses(..) => "Answers by the class of their status",
            Self::ServersByState => "Servers in each state",
            Self::ServersByCheck => "Servers by what their last check found",
        }
    }

    fn lines(self, out: &mut String, name: &str, row: &Row, before: &[Row]) {
        let who = labels(row);
        let mut line = |more: &str, value: &dyn std::fmt::Display| {
            let _ = writeln!(out, "{name}{{{who}{more}}} {value}");
        };
        match self {
            Self::Number(C::CheckCode) if row.get(C::CheckStatus).is_none() => {}
            Self::Number(column) => match row.get(column) {
                Some(Value::Text(_)) | None if column == C::CheckCode => line("", &0),
                Some(Value::Text(_)) | None => line("", &"NaN"),
                Some(value) => line("", value),
            },
            Self::Milliseconds(column) => match row.get(column) {
                None if column == C::CheckDuration => {}
                None => line("", &"NaN"),
                // Milliseconds of any real wait are exact in a double.
                Some(_) => {
                    let seconds = row.number(column) as f64 / 1000.0;
                    line("", &format!("{seconds:.6}"));
                }
            },
            Self::States => {
                let state = state(row);
                for known in states(row.kind) {
                    line(&format!(",state=\"{known}\""), &u8::from(*known == state));
                }
            }
            Self::CheckStates => {
                if let Some(found) = check(row) {
                    for known in CHECKS {
                        line(&format!(",state=\"{known}\""), &u8::from(*known == found));
                    }
                }
            }
            Self::Responses(class, column) => {
                line(&format!(",code=\"{class}\""), &row.number(column));
            }
            Self::ServersByState => count(&mut line, row, before, states(RowKind::Server), |row| {
                Some(state(row))
            }),
            Self::ServersByCheck => count(&mut line, row, before, CHECKS, check),
        }
    }
}

/// One line for each word, with the number of the backend's servers of which it is true.
fn count<'a>(
    line: &mut dyn FnMut(&str, &dyn std::fmt::Display),
    backend: &Row,
    before: &'a [Row],
    words: &[&str],
    word: impl Fn(&'a Row) -> Option<&'a str>,
) {
    let servers: Vec<_> = before
        .iter()
        .filter(|row| row.proxy == backend.proxy && row.kind == RowKind::Server)
        .collect();
    if servers.is_empty() {
        return;
    }
    for known in words {
        let number = servers
            .iter()
            .filter(|row| word(row) == Some(*known))
            .count();
        line(&format!(",state=\"{known}\""), &number);
    }
}

fn labels(row: &Row) -> String {
    let (proxy, name) = (row.text(C::Pxname), row.text(C::Svname));
    match row.kind {
        RowKind::Frontend | RowKind::Backend => format!("proxy=\"{proxy}\""),
        RowKind::Server => format!("proxy=\"{proxy}\",server=\"{name}\""),
        RowKind::Listener => format!("proxy=\"{proxy}\",listener=\"{name}\""),
    }
}

/// As the exporter calls them, in its order.
fn states(kind: RowKind) -> &'static [&'static str] {
    match kind {
        RowKind::Frontend | RowKind::Backend => &["DOWN", "UP"],
        RowKind::Listener => &["WAITING", "OPEN", "FULL"],
        RowKind::Server => &["DOWN", "UP", "MAINT", "DRAIN", "NOLB"],
    }
}

/// The one of them that a row is in.
fn state(row: &Row) -> &'static str {
    let told = row.text(C::Status);
    let known = states(row.kind)
        .iter()
        .find(|state| told.starts_with(**state));
    match (known, row.kind) {
        (Some(state), _) => state,
        (None, RowKind::Frontend) if told == "STOP" => "DOWN",
        // "no check", "OPEN" of a frontend
        (None, _) => "UP",
    }
}

/// Results of checks, in the exporter's order.
const CHECKS: &[&str] = &[
    "HANA", "SOCKERR", "L4OK", "L4TOUT", "L4CON", "L6OK", "L6TOUT", "L6RSP", "L7TOUT", "L7RSP",
    "L7OK", "L7OKC", "L7STS", "PROCERR", "PROCTOUT", "PROCOK",
];

fn check(row: &Row) -> Option<&str> {
    row.get(C::CheckStatus)?;
    Some(row.text(C::CheckStatus).trim_start_matches("* "))
}

fn stick_tables(out: &mut String, subject: Subject<'_>) {
    let tables = &subject.plan.tables;
    if tables.is_empty() {
        return;
    }
    for (name, meaning) in [
        ("size", "Most entries of the stick table"),
        ("used", "Entries of the stick table"),
    ] {
        let name = format!("haproxy_sticktable_{name}");
        describe(out, &name, Kind::Gauge, meaning);
        for table in tables {
            let live = table.live();
            let number = match name.ends_with("size") {
                true => live.spec().size,
                false => live.len(),
            };
            let (table, kind) = (&table.name, table.kind.name());
            let _ = writeln!(out, "{name}{{name=\"{table}\",type=\"{kind}\"}} {number}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_add_up() {
        assert_eq!(Wanted::parse(""), Some(Wanted::ALL));
        let server = Wanted::parse("scope=server&x=1&no-maint").unwrap();
        assert!(server.servers && server.hide_maint && !server.process);
        let two = Wanted::parse("scope=server&scope=global").unwrap();
        assert!(two.servers && two.process && !two.backends);
        assert_eq!(
            Wanted::parse("scope=server&scope="),
            Some(Wanted::default())
        );
        assert_eq!(Wanted::parse("scope=nonsense"), None);
        assert_eq!(Wanted::parse("scope"), None);
    }
}
