//! Every program that listens on a TCP port of this machine, looked up again and again at little cost.

use super::process;
use procs::{Listener, Process};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Sockets whose holder cannot be seen are looked for again after this long: looking through all processes costs most.
const UNSEEN_AGAIN: Duration = Duration::from_secs(5);

/// Longer than a process takes to close its sockets at its end, on a busy machine too.
const CLOSING: Duration = Duration::from_millis(600);

/// Remembers who holds which socket, so that a second look costs little.
#[derive(Debug, Default)]
pub(crate) struct Sockets {
    holders: BTreeMap<u64, Vec<Holder>>,
    /// Sockets that were looked at twice.
    unheld: BTreeSet<u64>,
    searched: Option<Instant>,
    /// Only these ports are looked at; `None`: all.
    only: Option<RangeInclusive<u16>>,
}

/// A process by its number and start, which no later process shares.
type Holder = (u32, u64);

/// A port that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) address: SocketAddr,
    /// One for each program that listens there; none of another user's that cannot be looked into.
    pub(crate) programs: Vec<Program>,
}

/// A program: a process, with those that it has forked to work for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    pub(crate) process: Process,
    pub(crate) kind: Kind,
    /// The newest of its processes that listen: a reloaded HAProxy has a new worker.
    pub(crate) newest: Process,
}

/// What a command line says about a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `lab serve`.
    Serve,
    /// `lab balancer`, `lab haproxy`.
    Balancer,
    /// Any other command of the lab, and the programs beside it.
    Lab,
    Haproxy,
    Other,
}

impl Sockets {
    /// Looks at these ports only.
    pub(crate) fn of(ports: RangeInclusive<u16>) -> Self {
        Self {
            only: Some(ports),
            ..Self::default()
        }
    }

    /// All open ports, in order.
    pub(crate) fn look(&mut self) -> Vec<Open> {
        let mut listeners = self.listeners();
        self.refresh(&listeners);
        let begun = Instant::now();
        while self.is_in_doubt(&listeners) {
            if begun.elapsed() > CLOSING {
                self.unheld = self.holders.keys().copied().collect();
                break;
            }
            std::thread::sleep(CLOSING / 20);
            listeners = self.listeners();
            self.searched = None;
            self.refresh(&listeners);
        }
        let mut ports: BTreeMap<SocketAddr, BTreeSet<u32>> = BTreeMap::new();
        for listener in &listeners {
            let pids = ports.entry(listener.address).or_default();
            let holders = self.holders.get(&listener.inode);
            pids.extend(holders.into_iter().flatten().map(|holder| holder.0));
        }
        let open = |(address, pids): (SocketAddr, BTreeSet<u32>)| {
            let programs = programs(&pids);
            // Who held it a moment ago has ended since.
            let is_over = programs.is_empty() && !pids.is_empty();
            (!is_over).then_some(Open { address, programs })
        };
        ports.into_iter().filter_map(open).collect()
    }

    fn listeners(&self) -> Vec<Listener> {
        let mut listeners = procs::listeners();
        if let Some(only) = &self.only {
            listeners.retain(|listener| only.contains(&listener.address.port()));
        }
        listeners
    }

    /// A socket of this user that nobody holds may be closing this very moment; one that stays so belongs to a process that
    /// cannot be looked into.
    fn is_in_doubt(&self, listeners: &[Listener]) -> bool {
        let me = rustix::process::getuid().as_raw();
        let unheld = |inode| self.holders.get(&inode).is_none_or(Vec::is_empty);
        listeners.iter().any(|listener| {
            listener.uid == me && unheld(listener.inode) && !self.unheld.contains(&listener.inode)
        })
    }

    /// Looks through all processes, but only when a socket is new or one of its holders has gone.
    fn refresh(&mut self, listeners: &[Listener]) {
        let inodes: BTreeSet<u64> = listeners.iter().map(|listener| listener.inode).collect();
        self.holders.retain(|inode, _| inodes.contains(inode));
        let lives = |(pid, start): &Holder| process::start_time(*pid) == Some(*start);
        let stale = self
            .holders
            .values()
            .any(|holders| !holders.iter().all(lives));
        let unseen = inodes.iter().any(|inode| match self.holders.get(inode) {
            None => true,
            Some(holders) => {
                holders.is_empty() && self.searched.is_none_or(|at| at.elapsed() > UNSEEN_AGAIN)
            }
        });
        if !stale && !unseen {
            return;
        }
        let found = procs::holders(&inodes);
        let holder = |pid: &u32| Some((*pid, process::start_time(*pid)?));
        let known = |inode: u64| {
            let pids = found.get(&inode).into_iter().flatten();
            (inode, pids.filter_map(holder).collect())
        };
        self.holders = inodes.iter().copied().map(known).collect();
        self.searched = Some(Instant::now());
    }
}

/// The programs behind these processes: a master and its workers are one.
fn programs(pids: &BTreeSet<u32>) -> Vec<Program> {
    let mut programs: Vec<Program> = Vec::new();
    for process in pids.iter().filter_map(|pid| Process::read(*pid)) {
        let first = first_of(process.clone());
        match programs
            .iter_mut()
            .find(|known| known.process.pid == first.pid)
        {
            Some(known) if known.newest.start_ticks < process.start_ticks => known.newest = process,
            Some(_) => {}
            None => programs.push(Program {
                kind: Kind::of(&Process::arguments(first.pid)),
                process: first,
                newest: process,
            }),
        }
    }
    programs.sort_by_key(|program| program.process.start_ticks);
    programs
}

/// The process that began the program: the parent, as long as it is the same program with the same words (a master and
/// its workers, a program that reloads itself).
fn first_of(mut process: Process) -> Process {
    let words = |pid| Process::arguments(pid);
    while let Some(parent) = Process::read(process.parent) {
        let same_file = Process::program(parent.pid) == Process::program(process.pid);
        let (mine, its) = (words(process.pid), words(parent.pid));
        let is_master = Kind::of(&its) == Kind::Haproxy;
        if !same_file || !(is_master || its.get(1..) == mine.get(1..)) {
            break;
        }
        process = parent;
    }
    process
}

impl Kind {
    /// From the words of a command line, the program first.
    pub(crate) fn of(arguments: &[String]) -> Self {
        let mut words = arguments.iter().map(String::as_str);
        let program = words.next().unwrap_or_default();
        let name = Path::new(program)
            .file_name()
            .and_then(|name| name.to_str());
        match name {
            Some("haproxy") => Self::Haproxy,
            Some("lab") => {
                let mut command = words.skip_while(|word| word.starts_with('-'));
                match command.next() {
                    Some("serve") => Self::Serve,
                    Some("balancer" | "haproxy") => Self::Balancer,
                    _ => Self::Lab,
                }
            }
            Some("balancer") => Self::Balancer,
            Some("app-server") => Self::Serve,
            Some("dns-authority") => Self::Lab,
            _ => Self::Other,
        }
    }

    pub(crate) fn balances(self) -> bool {
        matches!(self, Self::Balancer | Self::Haproxy)
    }
}

/// The files behind `-f` of a balancer's command line, as somebody in its folder would find them.
pub(crate) fn configuration_files(pid: u32) -> Vec<PathBuf> {
    let words = Process::arguments(pid);
    let folder = Process::folder(pid).unwrap_or_default();
    let named = words
        .windows(2)
        .filter(|pair| pair[0] == "-f")
        .map(|pair| folder.join(&pair[1]));
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn what_a_program_is_shows_in_its_words() {
        let check = |line: &str, expected: Kind| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert_eq!(Kind::of(&words), expected, "{line}");
        };
        check("/usr/local/bin/lab serve 8080", Kind::Serve);
        check("lab --plain balancer -f my.cfg", Kind::Balancer);
        check("lab haproxy -f my.cfg", Kind::Balancer);
        check("lab up --servers 4", Kind::Lab);
        check("/usr/sbin/haproxy -W -f my.cfg", Kind::Haproxy);
        check("python3 app.py", Kind::Other);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_listener_of_this_process_is_seen_and_its_end_too() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut sockets = Sockets::default();
        let mine = |sockets: &mut Sockets| {
            sockets
                .look()
                .into_iter()
                .find(|open| open.address == address)
        };
        for _ in 0..2 {
            let open = mine(&mut sockets).expect("it is open");
            let pids: Vec<u32> = open.programs.iter().map(|p| p.newest.pid).collect();
            assert_eq!(pids, [std::process::id()]);
        }
        drop(listener);
        assert_eq!(mine(&mut sockets), None);
    }
}
