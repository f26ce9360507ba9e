//! Who balances here, what it runs, and what it believes.

use super::file;
use crate::observe::sockets::{Kind, Open, Program, configuration_files};
use crate::observe::{answer, runtime_api, stat_csv};
use crate::work_dir::WorkDir;
use crate::work_dir::registration::Registration;
use course::facts::{Balancer, Belief, Config, File, Ports};
use jiff::Timestamp;
use std::net::SocketAddr;
use std::path::Path;

/// More than a page of statistics for a hundred servers.
const LONGEST_CSV: usize = 256 * 1024;
/// A file that was saved so shortly before a program began may still be the one it read: clocks are that coarse.
const COARSE: jiff::SignedDuration = jiff::SignedDuration::from_millis(20);

/// The text that a balancer without an account of its own was seen to start with, kept while this observer lives.
#[derive(Debug, Default)]
pub(super) struct Foreign {
    known: Option<(u32, u64, String)>,
}

/// `None`: nobody listens on the balancer's port.
pub(super) fn look(
    open: &[Open],
    registered: Option<&Registration>,
    ports: &Ports,
    disk: &File,
    folder: &Path,
    foreign: &mut Foreign,
) -> Option<Balancer> {
    let port = traffic_port(open, registered, ports, disk)?;
    let here: Vec<&Program> = open
        .iter()
        .filter(|open| open.address.port() == port)
        .flat_map(|open| &open.programs)
        .collect();
    let mut processes: Vec<u32> = here.iter().map(|program| program.process.pid).collect();
    processes.sort_unstable();
    processes.dedup();
    let Some(first) = here.first() else {
        // A program of another user: there, and nothing more is known.
        return Some(Balancer {
            engine: "another program".to_owned(),
            ..Balancer::default()
        });
    };
    let mut balancer = Balancer {
        engine: engine(first),
        since: Timestamp::try_from(first.process.since).ok(),
        terminal: first.process.terminal.clone(),
        processes,
        ..Balancer::default()
    };
    match registered.filter(|registered| is_among(registered, &here)) {
        Some(registered) => tell_registered(&mut balancer, registered, disk, folder),
        None => foreign.tell(&mut balancer, first, disk, folder),
    }
    Some(balancer)
}

/// The balancer's port: the expected one, or that of the file when somebody listens there instead.
fn traffic_port(
    open: &[Open],
    registered: Option<&Registration>,
    ports: &Ports,
    disk: &File,
) -> Option<u16> {
    let is_open = |port: &u16| open.iter().any(|open| open.address.port() == *port);
    let running = registered.and_then(|registered| file::parse("", &registered.text).0);
    let of = |config: Option<&Config>| -> Vec<u16> {
        let binds = config.into_iter().flat_map(|config| &config.binds);
        binds.map(SocketAddr::port).collect()
    };
    std::iter::once(ports.balancer)
        .chain(of(running.as_ref()))
        .chain(of(disk.config.as_ref()))
        .find(is_open)
}

fn engine(program: &Program) -> String {
    match program.kind {
        Kind::Balancer => "lab".to_owned(),
        Kind::Haproxy => "haproxy".to_owned(),
        _ => program.process.command.clone(),
    }
}

/// The registered process is one that listens here, or the one that started it (`lab balancer --engine haproxy`).
fn is_among(registered: &Registration, here: &[&Program]) -> bool {
    let pid = registered.process.pid;
    here.iter()
        .any(|program| program.process.pid == pid || program.process.parent == pid)
}

fn tell_registered(balancer: &mut Balancer, registered: &Registration, disk: &File, folder: &Path) {
    let (name, same_file) = called(&registered.file, disk, folder);
    balancer.engine.clone_from(&registered.engine);
    balancer.loaded = Some(registered.loaded);
    balancer.config = file::parse(&name, &registered.text).0;
    balancer.is_current = Some(same_file && disk.text.as_ref() == Some(&registered.text));
    balancer.text = Some(registered.text.clone());
    balancer.file = Some(name);
    balancer.requests_seen = registered.tells_requests;
}

impl Foreign {
    /// A balancer that tells nothing itself: what its command line names, and whether the file has changed since it began.
    fn tell(&mut self, balancer: &mut Balancer, program: &Program, disk: &File, folder: &Path) {
        let began = program.newest.exact_since();
        balancer.loaded = began.and_then(|began| Timestamp::try_from(began).ok());
        if !program.kind.balances() {
            return;
        }
        let files = configuration_files(program.process.pid);
        let [path] = files.as_slice() else { return };
        let (name, is_disk) = called(path, disk, folder);
        balancer.file = Some(name.clone());
        let other;
        let file = match is_disk {
            true => disk,
            false => {
                other = file::look(path, name.clone());
                &other
            }
        };
        let (id, text) = ((program.newest.pid, program.newest.start_ticks), &file.text);
        let before_it_began = match (balancer.loaded, file.saved) {
            (Some(began), Some(saved)) => saved <= began + COARSE,
            _ => return,
        };
        if before_it_began && let Some(text) = text {
            self.known = Some((id.0, id.1, text.clone()));
        }
        let ran = self.known.as_ref().filter(|known| (known.0, known.1) == id);
        balancer.is_current = Some(
            is_disk && (before_it_began || ran.is_some_and(|ran| Some(&ran.2) == text.as_ref())),
        );
        if let Some((_, _, text)) = ran {
            balancer.config = file::parse(&name, text).0;
            balancer.text = Some(text.clone());
        }
    }
}

/// The name of a file as the learner would call it, and whether it is the work folder's.
fn called(path: &Path, disk: &File, folder: &Path) -> (String, bool) {
    let real = |path: &Path| std::fs::canonicalize(folder.join(path)).ok();
    let name = path.display().to_string();
    let is_disk = name == disk.name
        || real(path).is_some_and(|path| Some(path) == real(Path::new(&disk.name)));
    match is_disk {
        true => (disk.name.clone(), true),
        false => (name, false),
    }
}

/// The rows of servers in the statistics; none when nobody can be asked.
pub(super) fn beliefs(
    registered: Option<&Registration>,
    balancer: Option<&Balancer>,
    open: &[Open],
    work: &WorkDir,
) -> Vec<Belief> {
    let Some(balancer) = balancer else {
        return Vec::new();
    };
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    else {
        return Vec::new();
    };
    let runs = |registered: &&Registration| balancer.loaded == Some(registered.loaded);
    let csv = match registered.filter(runs) {
        Some(registered) => runtime
            .block_on(runtime_api::ask(&registered.stats_socket, "show stat"))
            .ok(),
        None => runtime.block_on(foreign_csv(balancer, open, work)),
    };
    csv.map(|csv| stat_csv::rows(&csv).iter().filter_map(belief).collect())
        .unwrap_or_default()
}

/// The statistics page of a balancer that was started by hand, on its own port and without a password; else its stats
/// socket.
async fn foreign_csv(balancer: &Balancer, open: &[Open], work: &WorkDir) -> Option<String> {
    let text = balancer.text.as_deref()?;
    let config = balancer.config.as_ref()?;
    let own_port = |at: &&SocketAddr| {
        !config.binds.iter().any(|bind| bind.port() == at.port())
            && open.iter().any(|open| open.address.port() == at.port())
    };
    if let Some(at) = config.statistics.iter().find(own_port)
        && let Some(uri) = file::open_statistics(text)
        && let Some(csv) = answer::get(*at, &format!("{uri};csv"), LONGEST_CSV).await
        && csv.starts_with("# ")
    {
        return Some(csv);
    }
    let socket = work.folder().join(file::stats_socket(text)?);
    runtime_api::ask(&socket, "show stat").await.ok()
}

fn belief(row: &stat_csv::Row) -> Option<Belief> {
    const SERVER: &str = "2";
    let cell = |name: &str| row.get(name).cloned().unwrap_or_default();
    (row.get("type")? == SERVER).then(|| {
        let mut columns: Vec<(String, String)> = row
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        columns.sort();
        Belief {
            backend: cell("pxname"),
            server: cell("svname"),
            status: cell("status"),
            changed: cell("lastchg").parse().ok(),
            columns,
        }
    })
}
