//! Opening the sockets, starting the children in order, and saying when all of them are ready.

use super::child::{self, Readiness};
use super::control::Asked;
use super::files::{Loaded, Seen};
use super::inputs::{Finding, Inputs};
use super::unit::{Role, State, Unit, UnitId};
use super::{End, Phase, Setup, Supervisor, engine};
use crate::config_file::ConfigFile;
use crate::dns;
use crate::exit::Exit;
use crate::observe::{facts, port};
use crate::plan::PlannedBind;
use crate::problem::{Problem, Result};
use crate::ui::view::View;
use crate::ui::{address, words};
use crate::work_dir::journal::{Fold, Journal};
use crate::work_dir::log_file::LogFile;
use crate::work_dir::run_record::{Identity, RunRecord};
use jiff::Timestamp;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

pub(crate) const BALANCER: &str = "balancer";
pub(crate) const NAME_SERVER: &str = "nameserver";
const PAGE: &str = "page";
pub(crate) const LAB: &str = "lab";
/// A child that is not ready by then will not be.
const READY_WITHIN: Duration = Duration::from_secs(10);

impl Supervisor {
    pub(super) fn open(
        setup: Setup,
        view: View,
        asked: mpsc::Receiver<Asked>,
    ) -> Result<(Self, Inputs)> {
        let program =
            std::env::current_exe().map_err(|error| Problem::io("find this program", &error))?;
        let sockets = socket_folder()?;
        let (news, news_out) = mpsc::unbounded_channel();
        let (found, found_out) = mpsc::unbounded_channel::<Finding>();
        let inputs = Inputs::open(news_out, asked, found_out)
            .map_err(|error| Problem::io("open the lab's sockets", &error))?;
        let log = inputs
            .log_address()
            .map_err(|error| Problem::io("open the lab's sockets", &error))?;
        let record = RunRecord {
            format: RunRecord::FORMAT,
            supervisor: Identity::of(LAB, std::process::id()),
            since: Timestamp::now(),
            sockets,
            children: Vec::new(),
            name_server: setup.plan.names.as_ref().map(|names| names.server),
            ports: Some(ports(&setup)),
        };
        record.save(&setup.work)?;
        let open_log = |name: &str| {
            LogFile::open(setup.work.log(name))
                .map_err(|error| Problem::io("open a log in .lab/run", &error))
        };
        let mut units = Vec::new();
        for server in &setup.plan.servers {
            let role = Role::Server {
                address: server.address,
                members: server.members.clone(),
            };
            let mut unit = Unit::new(server.name.clone(), role, open_log(&server.name)?);
            if let Some((_, holder)) = setup.adopted.iter().find(|(name, _)| *name == server.name) {
                unit.state = State::Adopted(holder.clone());
            }
            units.push(unit);
        }
        if let Some(names) = &setup.plan.names {
            let role = Role::NameServer(names.server);
            let log = open_log(NAME_SERVER)?;
            units.push(Unit::new(NAME_SERVER.to_owned(), role, log));
        }
        if let Some(address) = setup.options.page {
            units.push(Unit::new(
                PAGE.to_owned(),
                Role::Page(address),
                open_log(PAGE)?,
            ));
        }
        let (engine, loaded) = match setup.balancer {
            Some((engine, file)) => {
                units.push(Unit::new(
                    BALANCER.to_owned(),
                    Role::Balancer,
                    open_log(BALANCER)?,
                ));
                (Some(engine), Some(Loaded::new(file)))
            }
            None => (None, None),
        };
        let supervisor = Self {
            events: open_log("events")?,
            log,
            journal: Journal::of(&setup.work),
            requests_told: Fold::default(),
            seen: Seen::new(loaded.as_ref()),
            work: setup.work,
            program,
            plan: setup.plan,
            options: setup.options,
            units,
            engine,
            loaded,
            beliefs: None,
            reloading: None,
            requests: 0,
            errors: 0,
            flood: super::traffic::Flood::default(),
            statuses: std::collections::BTreeMap::new(),
            view,
            watchers: Vec::new(),
            changed: true,
            shown_second: 0,
            phase: Phase::Starting,
            began: setup.began,
            record,
            news,
            found,
            _lock: setup.lock,
        };
        Ok((supervisor, inputs))
    }

    /// Takes the next step of starting: the servers and the name server, then the balancer (so that its first checks find them), then the
    /// word that all is ready.
    pub(super) fn launch(&mut self) {
        let idle = |unit: &Unit, server: bool| {
            unit.state == State::Idle && (unit.role != Role::Balancer) == server
        };
        let ready = |unit: &Unit| matches!(unit.state, State::Up { .. } | State::Adopted(_));
        for server in [true, false] {
            let next: Vec<UnitId> = (0..self.units.len())
                .filter(|&at| idle(&self.units[at], server))
                .map(UnitId)
                .collect();
            for &id in &next {
                if let Err(problem) = self.start(id) {
                    return self.stop(End::Failed(problem), None);
                }
            }
            let waiting = self
                .units
                .iter()
                .any(|unit| (unit.role != Role::Balancer) == server && !ready(unit));
            if waiting {
                return;
            }
        }
        self.phase = Phase::Running;
        self.announce();
    }

    /// Starts the process of a unit that has none.
    pub(super) fn start(&mut self, id: UnitId) -> Result<()> {
        let (command, readiness) = match (&self.units[id.0].role, &self.engine) {
            (Role::Server { address, .. }, _) => {
                let name = &self.units[id.0].name;
                let command =
                    engine::server(&self.program, name, *address, self.options.echo_plain);
                (command, Readiness::Accepts(*address))
            }
            (Role::NameServer(address), _) => (
                engine::name_server(&self.program, *address, self.options.watched_site),
                Readiness::Accepts(*address),
            ),
            (Role::Page(address), _) => (
                engine::page(&self.program, *address),
                Readiness::Accepts(*address),
            ),
            (Role::Balancer, Some(engine)) => {
                let command = engine.command(&self.program, &self.copy_path());
                self.write_copy()?;
                (command, Readiness::Serves(self.stats_socket()))
            }
            (Role::Balancer, None) => {
                return Err(Problem::usage("this lab runs without a balancer"));
            }
        };
        let unit = &mut self.units[id.0];
        unit.run += 1;
        unit.last_lines.clear();
        unit.signalled = None;
        let pid = child::spawn(&command, readiness, (id, unit.run), &self.news)
            .map_err(|error| Problem::io(&format!("start {}", unit.name), &error))?;
        unit.state = State::Starting {
            pid,
            at: Instant::now(),
        };
        tracing::info!(unit.name = unit.name, pid, "started");
        self.save_record();
        Ok(())
    }

    pub(super) fn check_deadlines(&mut self) {
        let late = |unit: &Unit| matches!(unit.state, State::Starting { at, .. } if at.elapsed() > READY_WITHIN);
        if let Some(at) = self.units.iter().position(late)
            && matches!(self.phase, Phase::Starting)
        {
            let problem = self.start_failed(UnitId(at), "it was not ready after 10 s");
            self.stop(End::Failed(problem), None);
        }
        self.check_stopping();
        self.check_waiting();
        self.check_reload();
    }

    pub(super) fn start_failed(&self, id: UnitId, how: &str) -> Problem {
        let unit = &self.units[id.0];
        let what = format!(
            "{} did not start{}: {how}",
            unit.name,
            super::port_words(unit.port())
        );
        let mut problem =
            Problem::new("start-failed", Exit::NotReady, what).fact("unit", unit.name.clone());
        for line in &unit.last_lines {
            problem = problem.why(line.clone());
        }
        problem.next(
            "all that was started has been stopped again;  is it ready to run here?  lab doctor",
        )
    }

    pub(super) fn stats_socket(&self) -> PathBuf {
        self.record.sockets.join("stats")
    }

    pub(super) fn save_record(&mut self) {
        let child = |unit: &Unit| Some(Identity::of(&unit.name, unit.pid()?));
        self.record.children = self.units.iter().filter_map(child).collect();
        if let Err(problem) = self.record.save(&self.work) {
            tracing::warn!(what = problem.what, "record not written");
        }
    }

    fn announce(&mut self) {
        let ready = words::took(self.began.elapsed());
        let servers: Vec<String> = self
            .plan
            .servers
            .iter()
            .map(|server| format!("{} {}", server.name, address::short(server.address)))
            .collect();
        self.lab_line(format!("{}    ready in {ready}", servers.join("  ")));
        let adopted: Vec<String> = self
            .units
            .iter()
            .filter_map(|unit| match &unit.state {
                State::Adopted(holder) => Some(format!(
                    "{} is yours: {}{}",
                    unit.name, holder.command, holder.details
                )),
                _ => None,
            })
            .collect();
        for line in adopted {
            self.lab_line(line);
        }
        let mut places = Vec::new();
        if let Some(bind) = self.plan.traffic() {
            places.push(format!("balancer   {}", address::url(bind.reachable())));
        }
        if let Some(bind) = self.plan.statistics() {
            places.push(format!("statistics   {}", address::url(bind.reachable())));
        }
        if !places.is_empty() {
            self.lab_line(places.join("      "));
        }
        for bind in self
            .plan
            .binds
            .clone()
            .iter()
            .filter(|bind| bind.is_open_to_others())
        {
            let port = bind.address.port();
            self.lab_line(format!("note: the file binds :{port} on all addresses, so others on your network can reach it"));
        }
        if let Some(page) = self.options.page {
            self.lab_line(format!("activities {}", address::url(page)));
        }
        let mut last = "stop all: Ctrl-C     other terminal: lab help".to_owned();
        if let Some(names) = &self.plan.names {
            let names = format!("name server {}", dns::with_hash(names.server));
            last = format!("{names:<38}{last}");
        }
        self.lab_line(last);
        self.view.ready(self.began.elapsed(), &self.plan);
    }

    pub(super) fn lab_line(&mut self, text: String) {
        self.notice(LAB, text);
    }

    /// The file the balancer was given last.
    pub(super) fn file(&self) -> Option<&ConfigFile> {
        self.loaded.as_ref().map(|loaded| &loaded.file)
    }
}

/// Where things are in this run; what it does not have is where the settings want it.
fn ports(setup: &Setup) -> course::facts::Ports {
    let usual = facts::expected_ports(&setup.work);
    let plan = &setup.plan;
    let first = plan.servers.first().map(|server| server.address.port());
    let bind = |bind: Option<&PlannedBind>, usual| bind.map_or(usual, |bind| bind.address.port());
    course::facts::Ports {
        servers: first.unwrap_or(usual.servers),
        balancer: bind(plan.traffic(), usual.balancer),
        statistics: bind(plan.statistics(), usual.statistics),
        nameserver: plan
            .names
            .as_ref()
            .map_or(usual.nameserver, |names| names.server.port()),
    }
}

/// A port that somebody holds, told with who that is.
pub(crate) fn busy(address: SocketAddr, for_whom: &str) -> Problem {
    let port = address.port();
    let holder = port::holder(address).unwrap_or_default();
    let problem = Problem::new(
        "port-busy",
        Exit::NotReady,
        format!("port {port} is taken, so {for_whom} cannot start"),
    )
    .fact("port", port)
    .fact("unit", for_whom)
    .why(format!(
        "{} listens there{}",
        holder.command, holder.details
    ));
    match holder.pid {
        Some(pid) => problem.next(format!(
            "stop it:  {}",
            stop_words(pid, holder.terminal.as_deref())
        )),
        None => problem.next("look:  ss -ltnp"),
    }
}

/// How to end somebody's program.
pub(crate) fn stop_words(pid: u32, terminal: Option<&str>) -> String {
    match terminal {
        Some(terminal) => format!("Ctrl-C in terminal {terminal}     (or: kill {pid})"),
        None => format!("kill {pid}"),
    }
}

/// A folder of this run's own in the temporary folder: socket paths are limited to about 100 bytes, work folders not.
pub(crate) fn socket_folder() -> Result<PathBuf> {
    use std::os::unix::fs::DirBuilderExt;
    /// Room for the longest name in it, below the 104 bytes of the strictest system.
    const LONGEST: usize = 90;
    let nanos = Timestamp::now().subsec_nanosecond();
    let name = format!("lab-{}-{nanos:x}", std::process::id());
    let mut folder = std::env::temp_dir().join(&name);
    if folder.as_os_str().len() > LONGEST {
        folder = PathBuf::from("/tmp").join(&name);
    }
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(&folder)
        .map_err(|error| Problem::io(&format!("make the folder {}", folder.display()), &error))?;
    Ok(folder)
}
