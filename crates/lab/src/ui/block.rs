//! The block under the rule, and the table of `lab status`: a snapshot as lines.

use super::event_line::took;
use super::table::{self, Side};
use super::{address, paint, words};
use crate::dns;
use crate::supervisor::snapshot::{
    BalancerRow, Belief, NameServerRow, Process, ServerRow, Snapshot,
};
use jiff::Timestamp;

/// A stopped server keeps its place, so that the eye finds it.
pub(crate) fn live(snapshot: &Snapshot, width: usize) -> Vec<String> {
    use Side::{Left, Right};
    let head = [
        "name", "port", "process", "balancer", "weight", "requests", "share", "errors", "last",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for server in &snapshot.servers {
        rows.push(vec![
            server.name.clone(),
            address::short(server.address),
            process_now(&server.process, snapshot.time),
            belief_words(server, snapshot),
            weight(server),
            server.requests.to_string(),
            share(server.requests, snapshot.requests),
            or_dash(server.errors),
            server.last_ms.map_or("-".to_owned(), took),
        ]);
    }
    let sides = [Left, Left, Left, Left, Right, Right, Right, Right, Right];
    let mut lines = vec![rule(snapshot, width)];
    lines.extend(painted(fitting(&sides, rows, width), snapshot));
    if let Some(balancer) = &snapshot.balancer
        && !balancer.process.answers()
    {
        lines.push(format!(
            " balancer  {}      again: lab start balancer",
            process_now(&balancer.process, snapshot.time)
        ));
    }
    if let Some(names) = &snapshot.name_server
        && !names.process.answers()
    {
        lines.push(format!(
            " nameserver  {}      again: lab start nameserver",
            process_now(&names.process, snapshot.time)
        ));
    }
    if let Some(saved) = snapshot
        .balancer
        .as_ref()
        .and_then(|balancer| balancer.newer)
    {
        lines.push(format!(
            " the file on disk is newer ({}): lab reload",
            words::time_of_day(saved)
        ));
    }
    if snapshot.held_back {
        lines.push(" what your open guess asks for is left out".to_owned());
    }
    lines
}

/// The table without the columns that find no room: those that are missed least go first.
fn fitting(sides: &[Side], mut rows: Vec<Vec<String>>, width: usize) -> Vec<String> {
    const LEAST_MISSED: [&str; 3] = ["last", "share", "weight"];
    let mut sides = sides.to_vec();
    let mut lines = table::lines(&sides, &rows);
    for name in LEAST_MISSED {
        if width == 0 || lines.iter().all(|line| line.len() <= width) {
            break;
        }
        let at = rows[0].iter().position(|head| head == name);
        let at = at.expect("a column of this name is in the heading");
        sides.remove(at);
        rows.iter_mut().for_each(|row| drop(row.remove(at)));
        lines = table::lines(&sides, &rows);
    }
    lines
}

/// What `lab status` prints. The servers as a table; where it is wider than `width` (0: no limit), as a list.
pub(crate) fn status(snapshot: &Snapshot, width: usize) -> Vec<String> {
    let mut lines = match snapshot.servers.is_empty() {
        true => Vec::new(),
        false => status_table(snapshot),
    };
    if width > 0 && lines.iter().any(|line| line.len() > width) {
        lines = status_list(snapshot);
    }
    lines = painted(lines, snapshot);
    if let Some(balancer) = &snapshot.balancer {
        lines.extend(balancer_lines(balancer, snapshot.time));
    }
    if let Some(names) = &snapshot.name_server {
        lines.push(name_server_line(names, snapshot.time));
    }
    lines
}

fn status_table(snapshot: &Snapshot) -> Vec<String> {
    use Side::{Left, Right};
    let head = [
        "name", "port", "process", "balancer", "weight", "requests", "errors",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for server in &snapshot.servers {
        rows.push(vec![
            server.name.clone(),
            address::short(server.address),
            process_long(&server.process, snapshot.time),
            belief_long(server, snapshot),
            weight(server),
            server.requests.to_string(),
            server.errors.to_string(),
        ]);
    }
    table::lines(&[Left, Left, Left, Left, Right, Right, Right], &rows)
}

/// The same, two lines for each server.
fn status_list(snapshot: &Snapshot) -> Vec<String> {
    let lines = |server: &ServerRow| {
        let address = address::short(server.address);
        [
            format!(
                " {}  {address}  {}",
                server.name,
                process_long(&server.process, snapshot.time)
            ),
            format!(
                "    balancer: {}; weight {}, {}, {}",
                belief_long(server, snapshot),
                weight(server),
                words::count(server.requests, "request"),
                words::count(server.errors, "error"),
            ),
        ]
    };
    snapshot.servers.iter().flat_map(lines).collect()
}

/// `name server 127.0.0.1#5300  up 24 min  (lab up), 214 answers`
fn name_server_line(names: &NameServerRow, now: Timestamp) -> String {
    let line = format!(
        "name server {}  {}",
        dns::with_hash(names.address),
        process_long(&names.process, now)
    );
    match names.answers {
        Some(answers) => format!("{line}, {}", words::count(answers, "answer")),
        None => line,
    }
}

fn balancer_lines(balancer: &BalancerRow, now: Timestamp) -> Vec<String> {
    let port = balancer
        .traffic
        .map(|at| format!(":{}", at.port()))
        .unwrap_or_default();
    let mut line = format!(
        "balancer   {port:<6} {}",
        process_long(&balancer.process, now)
    );
    if balancer.engine == "haproxy" {
        line.push_str(", HAProxy");
    }
    if let Some(loaded) = balancer.loaded {
        line.push_str(&format!(
            ", running {} of {}",
            balancer.file,
            words::time_of_day(loaded)
        ));
    }
    if let Some(newer) = balancer.newer {
        line.push_str(&format!(
            ";  the file on disk is NEWER ({}): lab reload",
            words::time_of_day(newer)
        ));
    }
    let statistics = match balancer.statistics {
        Some(at) if balancer.process.answers() => {
            format!("statistics :{:<5} on    {}", at.port(), address::url(at))
        }
        Some(at) => format!("statistics :{:<5} off, as the balancer", at.port()),
        None => "statistics not switched on".to_owned(),
    };
    vec![line, statistics]
}

/// `---- 19 requests, 1 error --`
fn rule(snapshot: &Snapshot, width: usize) -> String {
    const USUAL: usize = 98;
    let width = if width == 0 { USUAL } else { width.min(USUAL) };
    let words = format!(
        " {}, {} --",
        words::count(snapshot.requests, "request"),
        words::count(snapshot.errors, "error")
    );
    format!("{}{words}", "-".repeat(width.saturating_sub(words.len())))
}

/// Each server's name in its colour: the heading stays plain.
fn painted(lines: Vec<String>, snapshot: &Snapshot) -> Vec<String> {
    let paint = |line: String| {
        let first = line.split_whitespace().next();
        let mut servers = snapshot.servers.iter().enumerate();
        match servers.find(|(_, server)| Some(server.name.as_str()) == first) {
            Some((at, server)) => line.replacen(&server.name, &paint::server(at, &server.name), 1),
            None => line,
        }
    };
    lines.into_iter().map(paint).collect()
}

fn process_now(process: &Process, now: Timestamp) -> String {
    match process {
        Process::Starting { .. } => "starting".to_owned(),
        Process::Up { since, .. } => format!("up {}", words::clock(words::since(*since, now))),
        Process::Frozen { since, .. } => {
            format!("FROZEN {}", words::lasted(words::since(*since, now)))
        }
        Process::Stopped { since, .. } => {
            format!("stopped {}", words::lasted(words::since(*since, now)))
        }
        Process::Yours { .. } => "up (yours)".to_owned(),
        Process::Absent => "not started".to_owned(),
    }
}

fn process_long(process: &Process, now: Timestamp) -> String {
    match process {
        Process::Starting { pid } => format!("starting (pid {pid})"),
        Process::Up { since, .. } => {
            format!("up {}  (lab up)", words::lasted(words::since(*since, now)))
        }
        Process::Frozen { since, .. } => format!(
            "FROZEN {}, by SIGSTOP",
            words::lasted(words::since(*since, now))
        ),
        Process::Stopped { since, how } => {
            format!(
                "STOPPED {}, {}",
                words::lasted(words::since(*since, now)),
                how
            )
        }
        Process::Yours {
            since,
            terminal,
            pid,
            ..
        } => {
            let up = since
                .map(|since| format!(" {}", words::lasted(words::since(since, now))))
                .unwrap_or_default();
            let place = match (terminal, pid) {
                (Some(terminal), _) => format!(", {terminal}"),
                (None, Some(pid)) => format!(", pid {pid}"),
                (None, None) => String::new(),
            };
            format!("up{up}  (yours{place})")
        }
        Process::Absent => "nobody listens".to_owned(),
    }
}

fn belief_words(server: &ServerRow, snapshot: &Snapshot) -> String {
    match &server.belief {
        Some(belief) => belief.status.clone(),
        None if snapshot.balancer.is_none() => "-".to_owned(),
        None if server.in_config => "?".to_owned(),
        None => "not in file".to_owned(),
    }
}

/// `UP    L4 check`, `DOWN  8 s, refused`, `no check`
fn belief_long(server: &ServerRow, snapshot: &Snapshot) -> String {
    let Some(belief) = &server.belief else {
        return belief_words(server, snapshot);
    };
    match check_words(belief) {
        Some(words) => format!("{:<5} {words}", belief.status),
        None => belief.status.clone(),
    }
}

fn check_words(belief: &Belief) -> Option<String> {
    let code = belief.check.as_deref()?;
    let words = match code {
        "INI" | "UNK" => "not checked yet",
        "L4OK" => "L4 check",
        "L7OK" | "L7OKC" => "L7 check",
        "L4CON" => "refused",
        "L4TOUT" | "L7TOUT" | "L6TOUT" => "no answer in time",
        "L7STS" => "wrong status",
        "L7RSP" => "not HTTP",
        other => other,
    };
    let down = belief.status.starts_with("DOWN");
    let since = belief
        .changed
        .filter(|_| down)
        .map(|s| words::lasted(std::time::Duration::from_secs(s)));
    Some(match since {
        Some(since) => format!("{since}, {words}"),
        None => words.to_owned(),
    })
}

fn weight(server: &ServerRow) -> String {
    server
        .belief
        .as_ref()
        .map_or("-".to_owned(), |belief| belief.weight.to_string())
}

fn share(part: u64, whole: u64) -> String {
    match (part * 100 + whole / 2).checked_div(whole) {
        Some(percent) => format!("{percent} %"),
        None => "-".to_owned(),
    }
}

fn or_dash(n: u64) -> String {
    if n == 0 {
        "-".to_owned()
    } else {
        n.to_string()
    }
}

#[cfg(test)]
mod tests;
