//! The world as it is seen from outside, for whoever judges a step: [`look`].
//!
//! Whatever the learner used is met the same way: a lab under `lab up`, servers and balancers in terminals of their own,
//! the original Python file, the installed HAProxy. The balancer is never asked on its own port: looking must not turn
//! the wheel that is being watched.

mod answers;
mod balancer;
mod file;
mod folder;
mod memory;
mod ports;

pub(crate) use folder::is_being_saved;
pub(crate) use memory::notice_save;
pub(crate) use ports::expected as expected_ports;

use self::balancer::Foreign;
use super::sockets::{Kind, Open, Program, Sockets};
use crate::ui::address;
use crate::work_dir::WorkDir;
use crate::work_dir::journal::{Journal, Tail};
use crate::work_dir::registration::Registration;
use crate::work_dir::run_record::RunRecord;
use answers::Answers;
use course::facts::{Facts, Listener, Urls};
use folder::Folder;
use jiff::Timestamp;
use procs::Process;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::Path;

/// Lower ports are the administrator's.
const LOWEST_PORT: u16 = 1024;

/// Everything that can be seen now, and what was seen to happen. What this look finds new (a save, a program that came or
/// went) joins the events, once, whoever looks.
///
/// It takes a few milliseconds; up to a second where a program listens that has not been asked before and does not
/// answer, or a file is being saved. It waits for sockets itself: from async code call it on a thread of its own.
pub(crate) fn look(work: &WorkDir) -> Facts {
    Observer::new(work).look()
}

/// Looks again and again at less cost: it keeps its place in the journal, and who holds which socket.
#[derive(Debug)]
pub(crate) struct Observer {
    work: WorkDir,
    sockets: Sockets,
    journal: Tail,
    answers: Answers,
    foreign: Foreign,
    folder: Folder,
    /// Programs of other folders are not asked what they are.
    only_here: bool,
}

impl Observer {
    pub(crate) fn new(work: &WorkDir) -> Self {
        Self {
            work: work.clone(),
            sockets: Sockets::default(),
            journal: Journal::of(work).tail(),
            answers: Answers::load(work),
            foreign: Foreign::default(),
            folder: Folder::default(),
            only_here: std::env::var_os("LAB_ASK").is_some_and(|value| value == "here"),
        }
    }

    /// One who looks at these ports only, and asks only programs of this folder.
    pub(crate) fn of_these_ports(work: &WorkDir, ports: RangeInclusive<u16>) -> Self {
        Self {
            only_here: true,
            sockets: Sockets::of(ports),
            ..Self::new(work)
        }
    }

    /// See [`look`].
    pub(crate) fn look(&mut self) -> Facts {
        let registered = Registration::load(&self.work);
        let name = file::path(&self.work, registered.as_ref());
        let path = self.work.folder().join(&name);
        folder::wait_until_saved(&path);
        let ports = ports::expected(&self.work);
        let open = self.sockets.look();
        let seen = file::look(&path, name.display().to_string());
        let mut balancer = self::balancer::look(
            &open,
            registered.as_ref(),
            &ports,
            &seen,
            self.work.folder(),
            &mut self.foreign,
        );
        let beliefs =
            self::balancer::beliefs(registered.as_ref(), balancer.as_ref(), &open, &self.work);
        if let Some(balancer) = &mut balancer {
            balancer.statistics_seen = !beliefs.is_empty();
        }
        let running = balancer
            .as_ref()
            .and_then(|balancer| balancer.config.as_ref());
        let known = ports::known(&ports, [seen.config.as_ref(), running]);
        let listeners = self.listeners(&open, &known);
        memory::notice(&self.work, &listeners, &seen, &mut self.journal);
        let events = self.journal.read();
        let real_answers = self.answers.of_real_servers(running, &events);
        self.answers.save(&self.work);
        let url = |port| address::url(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        Facts {
            now: Timestamp::now(),
            urls: Urls {
                balancer: url(ports.balancer),
                statistics: url(ports.statistics),
            },
            ports,
            listeners,
            file: seen,
            balancer,
            beliefs,
            events,
            files: self.folder.look(self.work.folder()),
            real_answers,
        }
    }

    /// Those of interest: on the ports that are known, and every echo server.
    fn listeners(&mut self, open: &[Open], known: &ports::Known) -> Vec<Listener> {
        let children = lab_children(&self.work);
        let asked: Vec<(SocketAddr, &Program)> = open
            .iter()
            .filter(|open| {
                !known.roles.contains(&open.address.port()) && open.address.port() >= LOWEST_PORT
            })
            .flat_map(|open| open.programs.iter().map(|program| (open.address, program)))
            .filter(|(at, program)| self.may_be_asked(program, known.servers.contains(&at.port())))
            .collect();
        self.answers.ask(&asked);
        let mut listeners = Vec::new();
        for open in open {
            let port = open.address.port();
            let is_known = known.roles.contains(&port) || known.servers.contains(&port);
            if open.programs.is_empty() && is_known && is_local(open.address) {
                listeners.push(of_another_user(open.address));
            }
            for program in &open.programs {
                let answer = self.answers.of(open.address, program);
                let greets = answer
                    .as_deref()
                    .is_some_and(|text| super::answer::greeted_port(text).is_some());
                if is_known || greets {
                    listeners.push(listener(open.address, program, answer, &children));
                }
            }
        }
        listeners
    }

    /// Whether a program may be asked what it answers: one on the port of a server, one that somebody started in a
    /// terminal, one that works in this folder. Services are left in peace, and with `LAB_ASK=here` (on a machine whose
    /// users share an account) everybody who is not of this folder.
    fn may_be_asked(&self, program: &Program, on_servers_port: bool) -> bool {
        if !matches!(program.kind, Kind::Serve | Kind::Other) {
            return false;
        }
        let works_here = || {
            let folder = self.work.folder();
            let folder = match folder.as_os_str().is_empty() {
                true => Path::new("."),
                false => folder,
            };
            Process::folder(program.process.pid) == std::fs::canonicalize(folder).ok()
        };
        let in_a_terminal = program.process.terminal.is_some() || program.kind == Kind::Serve;
        on_servers_port || (in_a_terminal && !self.only_here) || works_here()
    }
}

fn listener(
    address: SocketAddr,
    program: &Program,
    answer: Option<String>,
    children: &[u32],
) -> Listener {
    let process = &program.process;
    Listener {
        address,
        pid: Some(process.pid),
        command: process.command.clone(),
        since: Timestamp::try_from(process.since).ok(),
        terminal: process.terminal.clone(),
        of_lab: children.contains(&process.pid),
        frozen: process.frozen || program.newest.frozen,
        answer,
    }
}

fn of_another_user(address: SocketAddr) -> Listener {
    let owner = procs::port_owner(address);
    Listener {
        address,
        pid: None,
        command: owner.map_or("another program".to_owned(), |owner| owner.name()),
        since: None,
        terminal: None,
        of_lab: false,
        frozen: false,
        answer: None,
    }
}

/// The processes that `lab up` started here.
fn lab_children(work: &WorkDir) -> Vec<u32> {
    RunRecord::load(work)
        .filter(|record| record.supervisor.is_alive())
        .map(|record| record.children.iter().map(|child| child.pid).collect())
        .unwrap_or_default()
}

fn is_local(address: SocketAddr) -> bool {
    match address.ip() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_unspecified(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unspecified(),
    }
}
