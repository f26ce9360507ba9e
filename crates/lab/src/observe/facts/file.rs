//! The configuration file on the disk: its text, what it says, and what is wrong with it.

use crate::commands::up::USUAL_FILE;
use crate::config_file;
use crate::plan::{self, PlannedBind, Serves};
use crate::work_dir::WorkDir;
use crate::work_dir::registration::Registration;
use crate::work_dir::run_record::RunRecord;
use crate::work_dir::settings::Settings;
use course::facts::{Check, Config, File, Problem, Server};
use diagnostics::{Diagnostic, Severity, Sources};
use haproxy_config::Parsed;
use haproxy_config::model::{self, Host, ServerAddress, ServerPort};
use std::path::{Path, PathBuf};

/// The file of this work folder, as seen from within: the one that `lab up` was started with, the one of the settings, or
/// the usual one. A balancer that was started by hand with another one does not change that, unless there is no such file.
pub(super) fn path(work: &WorkDir, registered: Option<&Registration>) -> PathBuf {
    let supervised = RunRecord::load(work).is_some_and(|record| record.supervisor.is_alive());
    if let Some(registered) = registered.filter(|_| supervised) {
        return registered.file.clone();
    }
    let settings = Settings::load(&work.settings()).unwrap_or_default();
    let named = settings.file.unwrap_or_else(|| USUAL_FILE.into());
    match registered {
        Some(registered) if !work.folder().join(&named).exists() => registered.file.clone(),
        _ => named,
    }
}

/// Reads and takes apart. `name` is how the learner would call it.
pub(super) fn look(path: &Path, name: String) -> File {
    let Ok(text) = std::fs::read_to_string(path) else {
        return File {
            name,
            ..File::default()
        };
    };
    let (config, problems) = parse(&name, &text);
    File {
        saved: config_file::saved(path),
        text: Some(text),
        name,
        config,
        problems,
    }
}

/// What a text says, and its problems, errors first.
pub(super) fn parse(name: &str, text: &str) -> (Option<Config>, Vec<Problem>) {
    let mut sources = Sources::new();
    sources.add(name, text);
    let Parsed {
        config,
        diagnostics,
        ..
    } = haproxy_config::parse(&sources, &config_file::environment());
    let mut problems: Vec<Problem> = diagnostics.iter().map(|d| problem(&sources, d)).collect();
    problems.sort_by_key(|problem| !problem.is_error);
    (config.map(|config| view(&sources, &config)), problems)
}

fn problem(sources: &Sources, diagnostic: &Diagnostic) -> Problem {
    let line_of = |label: &diagnostics::Label| sources.location(label.span).line;
    let first = diagnostic.labels.first();
    let line = first.map_or(0, line_of);
    let text = first.and_then(|label| {
        let source = sources.get(label.span.source);
        source.text.lines().nth(line.checked_sub(1)?)
    });
    let mut lines: Vec<usize> = diagnostic.labels.iter().map(line_of).collect();
    lines.sort_unstable();
    lines.dedup();
    Problem {
        code: diagnostic.code.to_owned(),
        is_error: diagnostic.severity == Severity::Error,
        line,
        lines,
        message: diagnostic.message.clone(),
        text: text.unwrap_or_default().trim().to_owned(),
        help: help(diagnostic),
    }
}

/// What to type instead: said so, or as the word that was probably meant.
fn help(diagnostic: &Diagnostic) -> Option<String> {
    let mut labels = diagnostic.labels.iter().map(|label| &label.text);
    let meant = || labels.find(|text| text.starts_with("did you mean"));
    diagnostic.next.first().or_else(meant).cloned()
}

fn view(sources: &Sources, config: &model::Config) -> Config {
    let binds = plan::binds(config);
    let serving = |serves| {
        let mine = binds.iter().filter(move |bind| bind.serves == serves);
        mine.map(PlannedBind::reachable).collect()
    };
    let servers = config
        .backends
        .iter()
        .flat_map(|backend| backend.servers.iter().map(move |server| (backend, server)))
        .filter_map(|(backend, server)| view_server(sources, backend, server));
    Config {
        servers: servers.collect(),
        binds: serving(Serves::Traffic),
        statistics: statistics(config, &binds),
        retries: config
            .backends
            .iter()
            .find(|backend| !backend.servers.is_empty())
            .map_or(0, |backend| backend.retries),
    }
}

/// The path of a statistics page that asks for no password.
pub(super) fn open_statistics(text: &str) -> Option<String> {
    let config = model_of(text)?;
    let front = config.frontends.iter().filter_map(|f| f.stats.as_ref());
    let back = config.backends.iter().filter_map(|b| b.stats.as_ref());
    front
        .chain(back)
        .find(|stats| stats.auth.is_empty())
        .map(|stats| stats.uri.clone())
}

/// The path of the first stats socket that a file names.
pub(super) fn stats_socket(text: &str) -> Option<String> {
    let config = model_of(text)?;
    config
        .global
        .stats_sockets
        .iter()
        .find_map(|socket| match &socket.address {
            model::BindAddress::Unix(path) => Some(path.clone()),
            _ => None,
        })
}

fn model_of(text: &str) -> Option<model::Config> {
    let mut sources = Sources::new();
    sources.add("", text);
    haproxy_config::parse(&sources, &config_file::environment()).config
}

/// Where a statistics page is served: on a port of its own, or beside other traffic.
fn statistics(config: &model::Config, binds: &[PlannedBind]) -> Vec<std::net::SocketAddr> {
    let page = |name: &str| {
        let front = config.frontends.iter().find(|f| f.name == name);
        let back = config.backends.iter().find(|b| b.listen && b.name == name);
        front.is_some_and(|f| f.stats.is_some()) || back.is_some_and(|b| b.stats.is_some())
    };
    binds
        .iter()
        .filter(|bind| page(&bind.frontend))
        .map(PlannedBind::reachable)
        .collect()
}

fn view_server(
    sources: &Sources,
    backend: &model::Backend,
    server: &model::Server,
) -> Option<Server> {
    let ServerAddress::Inet { host, port } = &server.address else {
        return None;
    };
    let ServerPort::Fixed(port) = port else {
        return None;
    };
    let ms = |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    Some(Server {
        backend: backend.name.clone(),
        name: server.name.clone(),
        address: match host {
            Host::Ip(ip) => ip.to_string(),
            Host::Name(name) => name.clone(),
        },
        port: *port,
        weight: server.weight.into(),
        check: server.check.as_ref().map(|check| Check {
            inter_ms: ms(check.inter),
            rise: check.rise,
            fall: check.fall,
        }),
        line: sources.location(server.span).line,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "defaults\n    mode http\n    timeout connect 1s\n    timeout client 1s\n    timeout server 1s\n\
        frontend http-in\n    bind *:3000\n    default_backend nodes\n\
        backend nodes\n    retries 2\n    server server01 127.0.0.1:8080 weight 4 check fall 2\n    server server02 localhost:8081\n\
        listen stats\n    bind *:8404\n    stats enable\n";

    #[test]
    fn a_file_is_seen_as_far_as_activities_ask() {
        let (config, problems) = parse("my.cfg", TEXT);
        let config = config.unwrap();
        assert!(
            problems.iter().all(|problem| !problem.is_error),
            "{problems:?}"
        );
        assert_eq!(config.binds, ["127.0.0.1:3000".parse().unwrap()]);
        assert_eq!(config.statistics, ["127.0.0.1:8404".parse().unwrap()]);
        assert_eq!(config.retries, 2);
        let [one, two] = config.servers.as_slice() else {
            panic!("{config:?}")
        };
        assert_eq!(
            (one.name.as_str(), one.port, one.weight, one.line),
            ("server01", 8080, 4, 11)
        );
        let check = Check {
            inter_ms: 2000,
            rise: 2,
            fall: 2,
        };
        assert_eq!((one.check, two.check), (Some(check), None));
        assert_eq!(two.address, "localhost");
    }

    #[test]
    fn errors_come_first_and_know_all_their_lines() {
        let text = TEXT.replace("server02", "server01").replace("balance", "");
        let (config, problems) = parse("my.cfg", &text);
        assert!(config.is_none());
        assert!(problems[0].is_error);
        assert_eq!(problems[0].lines, [11, 12], "{problems:?}");
        assert!(
            problems[0].text.starts_with("server server01"),
            "{problems:?}"
        );
    }

    #[test]
    fn the_word_that_was_meant_is_help() {
        let (_, problems) = parse("my.cfg", &TEXT.replace("weight 4", "wieght 4"));
        assert_eq!(problems[0].help.as_deref(), Some("did you mean `weight`?"));
    }

    #[test]
    fn a_file_that_is_not_there_has_no_text() {
        let file = look(Path::new("/nonexistent/my.cfg"), "my.cfg".into());
        assert_eq!((file.name.as_str(), file.text), ("my.cfg", None));
    }
}
