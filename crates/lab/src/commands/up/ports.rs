//! Every port is tried before anything starts.

use super::UpArgs;
use crate::exit::Exit;
use crate::observe::answer;
use crate::observe::port::{self, Holder, Taken};
use crate::plan::{Plan, PlannedServer, Serves};
use crate::problem::{Problem, Result};
use crate::supervisor::stop_words;
use std::net::SocketAddr;

/// The servers that somebody else runs and that are used as they are.
///
/// # Errors
/// A port is taken, and not by something that may be used.
pub(super) fn check(plan: &Plan, args: &UpArgs) -> Result<Vec<(String, Holder)>> {
    let mut adopted = Vec::new();
    for server in &plan.servers {
        let Err(taken) = port::test(server.address) else {
            continue;
        };
        let busy = Busy::look(server.address, taken);
        if args.config.is_some() || (args.adopt && busy.looks_like_a_server()) {
            adopted.push((server.name.clone(), busy.holder));
        } else {
            return Err(busy
                .problem(&server.name)
                .advise_server(server, &busy, plan, args));
        }
    }
    for bind in &plan.binds {
        let Err(taken) = port::test(bind.address) else {
            continue;
        };
        let who = match bind.serves {
            Serves::Traffic => "the balancer",
            Serves::Statistics => "the statistics page",
        };
        let busy = Busy::look(bind.address, taken);
        let problem = busy.problem(who);
        return Err(busy.advise_stop(problem).advise_ports(plan, args));
    }
    if let Some(address) = args.page.map(crate::page::address)
        && let Err(taken) = port::test(address)
    {
        let busy = Busy::look(address, taken);
        let problem = busy.problem("the page");
        return Err(busy
            .advise_stop(problem)
            .next("or use another port:         lab up --page=8401"));
    }
    Ok(adopted)
}

/// A port that cannot be used, and what is known about it.
struct Busy {
    address: SocketAddr,
    taken: Taken,
    holder: Holder,
    /// What it answers to `GET /`, if that is a lab server's greeting.
    greets: Option<u16>,
}

impl Busy {
    fn look(address: SocketAddr, taken: Taken) -> Self {
        let in_use = matches!(taken, Taken::InUse);
        let holder = if in_use {
            port::holder(address).unwrap_or_default()
        } else {
            Holder::default()
        };
        let greets = in_use.then(|| greeting(address)).flatten();
        Self {
            address,
            taken,
            holder,
            greets,
        }
    }

    fn looks_like_a_server(&self) -> bool {
        self.greets == Some(self.address.port())
    }

    fn problem(&self, who: &str) -> Problem {
        let port = self.address.port();
        let problem = match &self.taken {
            Taken::InUse => Problem::new(
                "port-busy",
                Exit::NotReady,
                format!("port {port} is taken, so {who} cannot start.  Nothing was started."),
            ),
            Taken::Privileged => Problem::new(
                "port-privileged",
                Exit::NotReady,
                format!("port {port} is not for you, so {who} cannot start.  Nothing was started."),
            )
            .why("ports below 1024 belong to the administrator (root)")
            .next("choose a port from 1024 to 65535"),
            Taken::Other(error) => Problem::new(
                "port-unusable",
                Exit::NotReady,
                format!(
                    "{who} cannot listen on {}: {error}.  Nothing was started.",
                    self.address
                ),
            ),
        };
        let problem = problem
            .fact("port", port)
            .fact("unit", who)
            .fact("pid", self.holder.pid);
        if !matches!(self.taken, Taken::InUse) {
            return problem;
        }
        let holder = &self.holder;
        let problem = match holder.command.as_str() {
            "" => problem.why("another program listens there"),
            command => problem.why(format!("{command} listens there{}", holder.details)),
        };
        match self.greets {
            Some(greeted) => problem.why(format!(
                "it answers \"Hi!! from server {greeted}\": it looks like a server from Activity 2"
            )),
            None => problem,
        }
    }

    fn advise_stop(&self, problem: Problem) -> Problem {
        match (&self.taken, self.holder.pid) {
            (Taken::InUse, Some(pid)) => problem.next(format!(
                "stop it:                     {}",
                stop_words(pid, self.holder.terminal.as_deref())
            )),
            (Taken::InUse, None) => problem.next("look who it is:              ss -ltnp"),
            _ => problem,
        }
    }
}

impl Problem {
    fn advise_server(
        mut self,
        server: &PlannedServer,
        busy: &Busy,
        plan: &Plan,
        args: &UpArgs,
    ) -> Self {
        if busy.looks_like_a_server() {
            self = self.next(format!(
                "{:<29}lab up{} --adopt",
                format!("use it as {}:", server.name),
                same_servers(args)
            ));
        }
        busy.advise_stop(self).advise_ports(plan, args)
    }

    fn advise_ports(self, plan: &Plan, args: &UpArgs) -> Self {
        /// Far enough for a handful of servers.
        const STEP: u16 = 10;
        if std::path::Path::new(super::USUAL_FILE).exists() || args.config.is_some() {
            return self.next("or use other ports:          change them in the configuration file");
        }
        let first = plan
            .servers
            .first()
            .map_or(super::wanted::SERVERS, |server| server.address.port());
        self.next(format!(
            "or use other ports:          lab up{} --base-port {}",
            same_servers(args),
            first.saturating_add(STEP)
        ))
    }
}

fn same_servers(args: &UpArgs) -> String {
    args.servers
        .map(|n| format!(" --servers {n}"))
        .unwrap_or_default()
}

fn greeting(address: SocketAddr) -> Option<u16> {
    /// More than any page of a server of ours.
    const LONGEST_GREETING: usize = 64 * 1024;
    let text =
        super::super::runtime()
            .ok()?
            .block_on(answer::get(address, "/", LONGEST_GREETING))?;
    answer::greeted_port(&text)
}
