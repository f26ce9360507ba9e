//! `lab up`: checks everything, then becomes the supervisor (here, or in the background).

mod add;
mod detach;
mod ports;
mod wanted;
pub(crate) mod usual {
    pub(crate) use super::wanted::{BALANCER, SERVERS, STATISTICS};
}

use crate::cli::Labs;
use crate::config_file::ConfigFile;
use crate::dns::{self, Places};
use crate::exit::Exit;
use crate::plan::template;
use crate::plan::{self, Plan, Wanted};
use crate::problem::{Problem, Result};
use crate::supervisor::control::Client;
use crate::supervisor::engine::{Engine, EngineName};
use crate::supervisor::protocol::{Reply, Request};
use crate::supervisor::{self, End, Options, Setup};
use crate::ui::Ui;
use crate::ui::view::{LogChoice, View};
use crate::ui::words;
use crate::walk::Spoilers;
use crate::work_dir::WorkDir;
use crate::work_dir::run_record::RunRecord;
use crate::work_dir::settings::Settings;
use clap::Args;
use rustix::process::Signal;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

/// Where the configuration is when nothing else is said.
pub(crate) const USUAL_FILE: &str = "myhaproxy.cfg";

#[derive(Debug, Args)]
pub(crate) struct UpArgs {
    /// How many servers [default: 4, or as many as the file names]
    #[arg(short = 's', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=99))]
    pub(crate) servers: Option<u16>,
    /// The configuration to use; a server of it that answers already is left as it is
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Which program balances
    #[arg(long, value_enum, default_value = "lab")]
    pub(crate) engine: EngineName,
    /// Port of the first server; the balancer's and the statistics' move by as much
    #[arg(long, value_name = "PORT", conflicts_with = "ports")]
    pub(crate) base_port: Option<u16>,
    /// The servers' ports, one by one
    #[arg(long, value_name = "PORT,...", value_delimiter = ',')]
    pub(crate) ports: Vec<u16>,
    /// More servers for the lab that runs here, until there are --servers
    #[arg(long, requires = "servers", conflicts_with_all = ["config", "engine", "base_port", "ports", "adopt", "no_balancer", "detach", "dns", "dns_check", "page"])]
    pub(crate) add: bool,
    /// Use servers that are there already
    #[arg(long)]
    pub(crate) adopt: bool,
    /// Servers only
    #[arg(long, conflicts_with_all = ["config", "engine", "watch"])]
    pub(crate) no_balancer: bool,
    /// The name server for certain, and a server on each address of site.lab
    #[arg(long)]
    pub(crate) dns: bool,
    /// The same, and the name server leaves out addresses of site.lab where nobody answers
    #[arg(long)]
    pub(crate) dns_check: bool,
    /// The activities as a page in a browser too, on port 8400 of this machine or another one
    #[arg(long, value_name = "PORT", num_args = 0..=1, require_equals = true, default_missing_value = "8400")]
    pub(crate) page: Option<u16>,
    /// Run in the background, once everything is ready
    #[arg(long)]
    pub(crate) detach: bool,
    /// Load the file on each save
    #[arg(long)]
    pub(crate) watch: bool,
    /// Which lines to show
    #[arg(long, value_enum, default_value = "balancer")]
    pub(crate) log: LogChoice,
    /// `plain`: browsers too get the bare text
    #[arg(long, value_enum, default_value = "page")]
    pub(crate) echo: Echo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Echo {
    Page,
    Plain,
}

impl UpArgs {
    fn wants_dns(&self) -> bool {
        self.dns || self.dns_check
    }
}

pub(crate) fn run(args: &UpArgs, ui: &Rc<Ui>, work: &WorkDir, labs: &Labs, verbose: u8) -> Result {
    if args.add {
        return add::run(args.servers.unwrap_or_default(), ui, work);
    }
    if args.detach && std::env::var_os(supervisor::DETACHED).is_none() {
        return detach::run(ui);
    }
    let detached = detach::leave_the_terminal()?;
    let setup = prepare(args, ui, work, Instant::now())?;
    let ports = setup
        .plan
        .servers
        .iter()
        .map(|server| (server.name.clone(), server.address.port()))
        .collect();
    let view = if detached {
        View::silent(ui)
    } else {
        View::new(ui, args.log, crate::ui::width()).without(Spoilers::of(work, labs))
    };
    tracing::debug!(verbose, plan = ?setup.plan, "planned");
    let end = super::runtime()?.block_on(supervisor::run(setup, view.with_ports(ports)))?;
    match end {
        End::Failed(problem) => Err(problem),
        End::Stopped(signal) if signal.is_interrupt() => Ok(Exit::Interrupted),
        End::Stopped(_) | End::Down => Ok(Exit::Done),
    }
}

/// Everything that can be wrong is found here, before anything is started.
fn prepare(args: &UpArgs, ui: &Ui, work: &WorkDir, began: Instant) -> Result<Setup> {
    work.create()?;
    refuse_a_second(work)?;
    let lock = lock(work)?;
    heal(ui, work);
    let settings = wanted::moved(args, Settings::load(&work.settings())?);
    let wanted = wanted::from(args, &settings)?;
    let names = name_server(args, &settings, ui)?;
    let (mut plan, balancer) = match args.no_balancer {
        true => (plan::servers_only(&wanted)?, None),
        false => {
            let engine = Engine::find(args.engine)?;
            let (file, plan) = configuration(args, &settings, &wanted, &engine, ui)?;
            (plan, Some((engine, file)))
        }
    };
    if balancer.is_some() {
        tell_unused(&plan, ui);
    }
    let site_port = plan
        .servers
        .first()
        .map_or(usual::SERVERS, |server| server.address.port());
    if args.wants_dns() {
        plan::add_site(&mut plan, &dns::zone::site(), site_port);
    }
    plan.names = names;
    let adopted = ports::check(&plan, args)?;
    let options = Options {
        watch: args.watch,
        echo_plain: args.echo == Echo::Plain,
        log_checks: args.log == LogChoice::Checks,
        page: args.page.map(crate::page::address),
        watched_site: args.dns_check.then_some(site_port),
    };
    Ok(Setup {
        work: work.clone(),
        plan,
        balancer,
        adopted,
        options,
        lock,
        began,
    })
}

/// The name server beside the rest, where its ports are free; without `--dns` the lab goes on without it.
fn name_server(args: &UpArgs, settings: &Settings, ui: &Ui) -> Result<Option<Places>> {
    if args.no_balancer && !args.wants_dns() {
        return Ok(None);
    }
    let places = Places::usual(settings);
    match dns::taken::test(&places) {
        Ok(()) => Ok(Some(places)),
        Err(mut problem) if args.wants_dns() => {
            problem.what.push_str(".  Nothing was started.");
            Err(problem)
        }
        Err(problem) => {
            let why: String = problem.why.iter().map(|why| format!(": {why}")).collect();
            ui.talk(format!("note: no name server beside this lab{why}"));
            if let Some(next) = problem.next.last() {
                ui.talk(format!("  next  {}", next.trim_start_matches("or ")));
            }
            Ok(None)
        }
    }
}

/// The file to use, written first where there is none; nothing is written when its ports are taken.
fn configuration(
    args: &UpArgs,
    settings: &Settings,
    wanted: &Wanted,
    engine: &Engine,
    ui: &Ui,
) -> Result<(ConfigFile, Plan)> {
    let path = args
        .config
        .clone()
        .or_else(|| settings.file.clone())
        .unwrap_or_else(|| USUAL_FILE.into());
    if path.exists() || args.config.is_some() {
        let file = ConfigFile::read(&path).map_err(not_started)?;
        wanted::refuse_other_ports(args, &file)?;
        if let Engine::Haproxy(haproxy) = engine {
            file.ask_haproxy(haproxy)?;
        }
        ui.talk(&file.remarks);
        let plan = plan::from_config(&file.config, wanted)?;
        return Ok((file, plan));
    }
    let ports = wanted.server_ports(wanted.count())?;
    let text = template::starting_file(&ports, wanted.balancer, wanted.statistics);
    let file = ConfigFile::parse(&path, text)?;
    let plan = plan::from_config(&file.config, wanted)?;
    ports::check(&plan, args)?;
    write_new(&path, file.text())?;
    ui.talk(format!(
        "wrote {} ({}, round robin, no health checks).  It is yours to edit; `lab reload` loads it.",
        path.display(),
        words::count(ports.len() as u64, "server")
    ));
    Ok((file, plan))
}

/// Says below the diagnostics of a file what they mean here.
fn not_started(mut problem: Problem) -> Problem {
    if problem.what.is_empty() {
        let errors = problem
            .facts
            .get("errors")
            .and_then(serde_json::Value::as_u64);
        let errors = words::count(errors.unwrap_or(1), "error");
        problem.what = format!("nothing was started: the file has {errors}");
    }
    problem
}

fn write_new(path: &Path, text: &str) -> Result<()> {
    use std::io::Write;
    File::create_new(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| Problem::io(&format!("write {}", path.display()), &error))
}

fn tell_unused(plan: &Plan, ui: &Ui) {
    let unused: Vec<String> = plan
        .servers
        .iter()
        .filter(|server| server.members.is_empty())
        .map(|server| format!("server {} {}", server.name, server.address))
        .collect();
    if !unused.is_empty() {
        ui.talk(format!(
            "note: the file does not name these yet, so they get no requests:  {}",
            unused.join("    ")
        ));
    }
}

/// One lab in one folder.
fn refuse_a_second(work: &WorkDir) -> Result<()> {
    let Some(mut client) = Client::connect(work) else {
        return Ok(());
    };
    match client.exchange(&Request::Status) {
        Ok(Reply::Status(snapshot)) => {
            let since = snapshot
                .supervisor
                .as_ref()
                .map_or(snapshot.time, |supervisor| supervisor.since);
            let pid = snapshot
                .supervisor
                .as_ref()
                .map_or(0, |supervisor| supervisor.pid);
            Err(already_running(&format!(
                "since {}, pid {pid}, it answers",
                words::hour_and_minute(since)
            )))
        }
        _ => Ok(()),
    }
}

fn already_running(how: &str) -> Problem {
    Problem::new(
        "already-running",
        Exit::NotReady,
        format!("a lab is already running in this folder ({how})"),
    )
    .next("look: lab status      stop it: lab down      more servers: lab up --servers 6 --add")
}

/// Held while a supervisor lives, and let go by the system however that ends.
pub(super) fn lock(work: &WorkDir) -> Result<File> {
    let path = work.run().join("lock");
    let file = File::create(&path).map_err(|error| Problem::io("write .lab/run/lock", &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(already_running("it is starting or ending right now"))
        }
        Err(std::fs::TryLockError::Error(error)) => Err(Problem::io("lock .lab/run/lock", &error)),
    }
}

/// Cleans up behind a lab that ended without doing so itself.
pub(in crate::commands) fn heal(ui: &Ui, work: &WorkDir) {
    let Some(record) = RunRecord::load(work) else {
        return;
    };
    let left: Vec<String> = record
        .children
        .iter()
        .filter(|child| {
            child.is_alive() && crate::observe::process::send_group(child.pid, Signal::KILL)
        })
        .map(|child| format!("{} (pid {})", child.name, child.pid))
        .collect();
    record.remove(work);
    let rest = match left.is_empty() {
        true => "nothing was still running".to_owned(),
        false => format!("stopped what was left: {}", left.join(", ")),
    };
    ui.talk(format!(
        "note: the last lab here ended without cleaning up (pid {} is gone). Cleaned; {rest}.",
        record.supervisor.pid
    ));
}
