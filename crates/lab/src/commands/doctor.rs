//! `lab doctor`: will it run here?

use super::up::usual;
use crate::dns::{Places, resolve, taken};
use crate::exit::Exit;
use crate::observe::port::{self, Taken};
use crate::observe::{outside, process};
use crate::problem::Result;
use crate::supervisor::control::Client;
use crate::ui::{Surroundings, Ui, words};
use crate::work_dir::WorkDir;
use crate::work_dir::run_record::RunRecord;
use crate::work_dir::settings::Settings;
use serde::Serialize;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    level: Level,
    text: String,
    /// Set in below.
    more: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Ok,
    Note,
    Busy,
    Error,
}

pub(crate) fn run(ui: &Ui, work: &WorkDir, fix: bool) -> Result {
    let stale = left_behind(work);
    if fix && stale {
        super::up::heal(ui, work);
    }
    let mut findings = vec![machine(), writable(work)];
    findings.extend(ports(work)?);
    findings.push(saves_are_noticed());
    findings.extend(tools());
    findings.extend(resolver());
    findings.push(editor());
    if stale && !fix {
        let text =
            "a lab ended here without cleaning up:  lab doctor --fix  does, or the next lab up";
        findings.push(Finding::new(Level::Note, text));
    }
    let problems = findings
        .iter()
        .filter(|finding| finding.level.is_problem())
        .count() as u64;
    let notes = findings
        .iter()
        .filter(|finding| finding.level == Level::Note)
        .count() as u64;
    if ui.json {
        ui.say_json(
            &serde_json::json!({ "schema": 1, "findings": findings, "problems": problems }),
        );
    } else {
        for finding in &findings {
            ui.say(finding.render());
        }
        ui.say(format!(
            "{}, {}.",
            words::count(problems, "problem"),
            words::count(notes, "note")
        ));
        if fix && problems > 0 {
            ui.say("--fix leaves these alone: stopping other programs is yours to decide.");
        }
    }
    Ok(if problems == 0 { Exit::Done } else { Exit::No })
}

impl Level {
    fn is_problem(self) -> bool {
        matches!(self, Self::Busy | Self::Error)
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Busy => "BUSY",
            Self::Error => "ERROR",
        }
    }
}

impl Finding {
    fn new(level: Level, text: impl Into<String>) -> Self {
        Self {
            level,
            text: text.into(),
            more: Vec::new(),
        }
    }

    fn render(&self) -> String {
        let more: String = self
            .more
            .iter()
            .map(|line| format!("\n         {line}"))
            .collect();
        format!("  {:<6} {}{more}", self.level.word(), self.text)
    }
}

fn machine() -> Finding {
    let around = Surroundings::read();
    let terminal = match (around.stdout_is_terminal, around.width) {
        (true, width) if width > 0 => format!("terminal, {width} columns"),
        _ => "no terminal: plain lines".to_owned(),
    };
    let name = match std::env::consts::OS {
        "linux" => "Linux",
        "macos" => "macOS",
        other => other,
    };
    Finding::new(
        Level::Ok,
        format!(
            "lab {} on {name} {}; {terminal}",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::ARCH
        ),
    )
}

fn writable(work: &WorkDir) -> Finding {
    match work.create() {
        Ok(()) => Finding::new(Level::Ok, "work folder is writable (.lab/)"),
        Err(problem) => Finding::new(Level::Error, problem.what.clone()),
    }
}

/// Every port that `lab up` would take, by what wants it.
fn ports(work: &WorkDir) -> Result<Vec<Finding>> {
    let settings = Settings::load(&work.settings())?;
    if Client::connect(work).is_some() {
        return Ok(vec![Finding::new(
            Level::Ok,
            "a lab runs here and holds its ports:  lab status",
        )]);
    }
    let path = super::status::file(work)?;
    let wanted = match super::runtime()?.block_on(outside::look(&path, None)) {
        Some((plan, _)) => {
            let servers = plan
                .servers
                .iter()
                .map(|server| (server.name.clone(), server.address));
            let binds = plan.binds.iter().map(|bind| {
                (
                    format!("`{}` in {}", bind.frontend, path.display()),
                    bind.address,
                )
            });
            servers.chain(binds).collect()
        }
        None => usual_ports(&settings),
    };
    let mut findings = Vec::new();
    let mut free = Vec::new();
    for (who, address) in wanted {
        match port::test(address) {
            Ok(()) => free.push(address.port()),
            Err(taken) => findings.push(taken_port(address, &who, &taken)),
        }
    }
    if !free.is_empty() {
        findings.push(Finding::new(Level::Ok, format!("{} free", ranges(&free))));
    }
    findings.push(name_server_ports(&Places::usual(&settings)));
    Ok(findings)
}

/// A name server needs its ports over UDP and TCP. `lab up` can do without it.
fn name_server_ports(places: &Places) -> Finding {
    let Some(busy) = taken::first_busy(places) else {
        let ports: Vec<u16> = places.all().map(|at| at.port()).collect();
        return Finding::new(
            Level::Ok,
            format!("{} free (udp and tcp), for the name server", ranges(&ports)),
        );
    };
    if busy.is_a_name_server_of_ours() {
        return Finding::new(Level::Ok, format!("{}: `lab dig` asks it", busy.words()));
    }
    let mut finding = Finding::new(Level::Busy, busy.words());
    finding
        .more
        .push("the name server wants this port".to_owned());
    finding.more.push(format!(
        "next: stop it, or use other ports everywhere:  lab config ports.nameserver {}",
        busy.other_port()
    ));
    finding
}

fn usual_ports(settings: &Settings) -> Vec<(String, SocketAddr)> {
    let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let first = settings.ports.servers.unwrap_or(usual::SERVERS);
    let mut ports: Vec<(String, SocketAddr)> = (0..crate::plan::Wanted::DEFAULT_SERVERS)
        .map(|n| {
            (
                crate::plan::server_name(n.into()),
                local(first.saturating_add(n)),
            )
        })
        .collect();
    ports.push((
        "the balancer".to_owned(),
        local(settings.ports.balancer.unwrap_or(usual::BALANCER)),
    ));
    ports.push((
        "the statistics page".to_owned(),
        local(settings.ports.statistics.unwrap_or(usual::STATISTICS)),
    ));
    ports
}

fn taken_port(address: SocketAddr, who: &str, taken: &Taken) -> Finding {
    let port = address.port();
    match taken {
        Taken::InUse => {
            let holder = port::holder(address).unwrap_or_default();
            let mut finding = Finding::new(
                Level::Busy,
                format!(
                    "port {port} is taken by {}{}",
                    holder.command, holder.details
                ),
            );
            finding.more.push(format!("{who} wants this port"));
            finding.more.push(
                "next: stop it, or use other ports everywhere:  lab config ports.servers 8090"
                    .to_owned(),
            );
            finding
        }
        Taken::Privileged => Finding::new(
            Level::Error,
            format!("port {port} ({who}) belongs to the administrator: it is below 1024"),
        ),
        Taken::Other(error) => Finding::new(Level::Error, format!("port {port} ({who}): {error}")),
    }
}

/// `ports 3000, 8080-8083 and 8404 are`
fn ranges(ports: &[u16]) -> String {
    let mut ports = ports.to_vec();
    ports.sort_unstable();
    ports.dedup();
    let mut runs: Vec<(u16, u16)> = Vec::new();
    for port in ports {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == port => *last = port,
            _ => runs.push((port, port)),
        }
    }
    let words: Vec<String> = runs
        .iter()
        .map(|(first, last)| {
            if first == last {
                first.to_string()
            } else {
                format!("{first}-{last}")
            }
        })
        .collect();
    match runs.as_slice() {
        [(first, last)] if first == last => format!("port {first} is"),
        _ => format!("ports {} are", words::list(&words)),
    }
}

/// Some shared disks do not move a file's time when it is saved.
fn saves_are_noticed() -> Finding {
    const PATIENCE: Duration = Duration::from_secs(2);
    let file = Path::new(".lab/run/doctor");
    let time = || file.metadata().and_then(|file| file.modified()).ok();
    let write = |text| std::fs::write(file, text).is_ok();
    if !write("1") {
        return Finding::new(Level::Error, "files cannot be saved in .lab/run");
    }
    let (began, before) = (Instant::now(), time());
    while began.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(2));
        if write("2") && time() != before {
            let _ = std::fs::remove_file(file);
            return Finding::new(
                Level::Ok,
                format!(
                    "saving a file is noticed here ({})",
                    words::took(began.elapsed())
                ),
            );
        }
    }
    let _ = std::fs::remove_file(file);
    Finding::new(
        Level::Note,
        "saves are not noticed on this kind of disk: use  lab reload  after saving",
    )
}

/// The real programs: not needed, but good company.
fn tools() -> Vec<Finding> {
    let mut found = Vec::new();
    for (name, flag) in [("haproxy", "-v"), ("dig", "-v"), ("python3", "--version")] {
        if let Some(path) = process::in_path(name) {
            found.push(format!("{name} {}", version(&path, flag)));
        }
    }
    if found.is_empty() {
        return Vec::new();
    }
    vec![Finding::new(
        Level::Note,
        format!("found {}: not needed, but welcome", found.join(", ")),
    )]
}

/// The first word of what a program says about its version that begins with a digit.
fn version(program: &Path, flag: &str) -> String {
    let said = Command::new(program).arg(flag).output();
    let text = said
        .map(|said| [said.stdout, said.stderr].concat())
        .unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let number = |word: &&str| {
        word.trim_start_matches("DiG-")
            .starts_with(|c: char| c.is_ascii_digit())
    };
    let word = text.split_whitespace().find(number).unwrap_or("?");
    word.trim_start_matches("DiG-")
        .split(['-', '+'])
        .next()
        .unwrap_or(word)
        .to_owned()
}

/// A record of a lab that runs no more.
fn left_behind(work: &WorkDir) -> bool {
    Client::connect(work).is_none()
        && RunRecord::load(work).is_some_and(|record| !record.supervisor.is_alive())
}

/// Whether names of the internet can be asked for; all but `lab dig --live` works without.
fn resolver() -> Option<Finding> {
    let why = super::runtime().ok()?.block_on(resolve::internet()).err()?;
    let text = format!("{why}: only  lab dig --live  needs it");
    Some(Finding::new(Level::Note, text))
}

fn editor() -> Finding {
    let set = |name| {
        std::env::var(name)
            .ok()
            .filter(|value| !value.is_empty())
            .map(|value| (name, value))
    };
    match set("VISUAL").or_else(|| set("EDITOR")) {
        Some((name, value)) => {
            Finding::new(Level::Ok, format!("the editor in ${name} is `{value}`"))
        }
        None => Finding::new(
            Level::Note,
            "no editor is set in $EDITOR: open files with the one you like",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_told_as_ranges() {
        assert_eq!(
            ranges(&[8081, 8082, 8083, 3000, 8404]),
            "ports 3000, 8081-8083 and 8404 are"
        );
        assert_eq!(ranges(&[8080]), "port 8080 is");
    }

    #[test]
    fn a_finding_sets_its_further_lines_in() {
        let mut finding = Finding::new(Level::Busy, "port 8080 is taken");
        finding.more.push("server01 wants this port".to_owned());
        assert_eq!(
            finding.render(),
            "  BUSY   port 8080 is taken\n         server01 wants this port"
        );
    }
}
