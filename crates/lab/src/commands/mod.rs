//! One file for each command.

pub(crate) mod activity;
pub(crate) mod attach;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod doctor;
pub(crate) mod down;
pub(crate) mod eject;
pub(crate) mod explain;
pub(crate) mod facts;
mod help;
pub(crate) mod hit;
pub(crate) mod logs;
pub(crate) mod reload;
pub(crate) mod report;
pub(crate) mod reset;
pub(crate) mod signal;
pub(crate) mod start;
pub(crate) mod status;
pub(crate) mod step;
pub(crate) mod up;
pub(crate) mod validate;
pub(crate) mod where_you_are;

use crate::cli::{Cli, Command};
use crate::problem::{Problem, Result};
use crate::supervisor::protocol::SignalKind;
use crate::trace;
use crate::ui::{Surroundings, Ui};
use crate::walk::Session;
use crate::work_dir::WorkDir;
use course::walk::Action;
use std::process::ExitCode;
use std::rc::Rc;

pub(crate) fn run(cli: Cli) -> ExitCode {
    let ui = Rc::new(Ui::new(&cli.global, Surroundings::read()));
    let exit = enter(&cli).and_then(|work| {
        trace::start(&work, cli.global.verbose);
        dispatch(cli, &ui, &work)
    });
    match exit {
        Ok(exit) => exit.into(),
        Err(problem) => {
            ui.problem(&problem);
            problem.exit().into()
        }
    }
}

/// Goes to the folder of `--dir`: from here on it is the current one.
fn enter(cli: &Cli) -> Result<WorkDir> {
    if let Some(folder) = &cli.global.dir {
        std::env::set_current_dir(folder)
            .map_err(|error| Problem::io(&format!("work in {}", folder.display()), &error))?;
    }
    Ok(WorkDir::here())
}

fn dispatch(cli: Cli, ui: &Rc<Ui>, work: &WorkDir) -> Result {
    let Some(command) = cli.command else {
        return where_you_are::run(ui, work, &cli.labs);
    };
    let open = || Session::open(ui, work, &cli.labs);
    match command {
        Command::Activity(args) => activity::run(&args, open()?),
        Command::Check => step::run(&Action::Check, &open()?),
        Command::Hint => step::run(&Action::Hint, &open()?),
        Command::Reveal => step::run(&Action::Reveal { sure: ui.yes }, &open()?),
        Command::Answer { words } => step::run(&Action::Answer(words.join(" ")), &open()?),
        Command::Next { skip: true } => step::run(&Action::Skip, &open()?),
        Command::Next { skip: false } => step::run(&Action::Next, &open()?),
        Command::Back => step::run(&Action::Back, &open()?),
        Command::Note { words } => step::run(&Action::Note(words.join(" ")), &open()?),
        Command::Reset(args) => reset::run(&args, &open()?),
        Command::Report(args) => report::run(&args, &open()?),
        Command::Explain { words } => explain::run(&words.join(" "), ui, work, &cli.labs),
        Command::Page { port } => crate::page::run(ui, work, &cli.labs, port),
        Command::Up(args) => up::run(&args, ui, work, &cli.labs, cli.global.verbose),
        // All of them are taken out before: only their help is read from here.
        Command::Serve(_) | Command::Balancer(_) | Command::Nameserver(_) | Command::Dig(_) => {
            help::run(ui, None)
        }
        Command::Reload => reload::run(ui, work),
        Command::Kill(kill) => signal::run(ui, work, &kill.target, kill.signal.into()),
        Command::Stop(target) => signal::run(ui, work, &target.target, SignalKind::Term),
        Command::Pause(target) => signal::run(ui, work, &target.target, SignalKind::Stop),
        Command::Start(target) => start::run(ui, work, &target.target),
        Command::Status(status) => status::run(ui, work, status.watch, &cli.labs),
        Command::Facts(args) => facts::run(ui, work, args.follow),
        Command::Logs(logs) => logs::run(&logs, ui, work),
        Command::Attach => attach::run(ui, work, &cli.labs),
        Command::Down => down::run(ui, work),
        Command::Hit(args) => hit::run(&args, ui, work),
        Command::Eject(args) => eject::run(&args, ui, work),
        Command::Config(args) => config::run(&args, ui, work),
        Command::Validate(args) => validate::run(&args, ui, work),
        Command::Doctor { fix } => doctor::run(ui, work, fix),
        Command::Completions { shell } => completions::run(ui, shell),
        Command::Help { topic } => help::run(ui, topic.as_deref()),
    }
}

/// A runtime for one command, on the main thread alone.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Problem::io("start the event loop", &error))
}
