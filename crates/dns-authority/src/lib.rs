//! The lab's name server: an authority whose record order, TTL and membership the lab controls, and small caches that
//! can stand in front of it.
//!
//! Pure: [`zone`] (text to a checked zone), [`turn`] (who comes first), [`view`] (for whom), [`query`] and [`response`]
//! (the wire), [`answer`] (what is said), [`label`] (where it comes from). The rest is sockets around them.

mod options;

pub mod zone;

pub mod health;
pub mod turn;
pub mod view;

pub mod query;
pub mod subnet;

pub mod answer;
pub mod label;
pub mod response;

mod told;

pub mod rate;

pub mod cache;

mod authority;
mod failure;
mod load;
mod log;
mod serve;
mod server;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;

use diagnostics::Sources;
use failure::Failure;
use log::Listener;
use options::Command;

pub use response::Transport;
pub use told::{Answered, AskedBy, FromCache, Way};

/// Runs the command line of the name server and returns when it has ended.
///
/// The first argument is the program's name as messages are to show it; it may be two words, such as `lab nameserver`.
/// The exit code is 0 after SIGINT, SIGTERM, `--help` or a `--check` without mistakes, 2 when the command line was
/// wrong, 3 when the zone was, or when a port cannot be had.
///
/// A `listener` is called with each answer, of the server and of its caches, on the thread that gives the answers: it must
/// not take long.
pub fn run(
    args: impl IntoIterator<Item = OsString>,
    listener: Option<Box<dyn Fn(Answered)>>,
) -> ExitCode {
    let mut args = args.into_iter();
    let program = program_name(&args.next().unwrap_or_default());
    match start(&program, args, listener.map(Rc::from)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure::show([failure.problem()], &Sources::new());
            failure.exit_code()
        }
    }
}

fn start(
    program: &str,
    args: impl Iterator<Item = OsString>,
    listener: Option<Listener>,
) -> Result<(), Failure> {
    procs::end_with_parent().map_err(|e| {
        Failure::not_ready(
            "not-supervised",
            "this server was to end with its supervisor and cannot",
        )
        .why(e.to_string())
        .next(format!(
            "start it without {} in the environment",
            procs::SUPERVISED
        ))
    })?;
    match options::parse(program, args)? {
        Command::Help => serve::say(&options::help(program)),
        Command::Check(path) => {
            let zone = load::load(program, path.as_deref())?;
            serve::say(&format!(
                "the zone is right: {} names\n",
                zone.names().len()
            ));
        }
        Command::Serve(options) => serve::serve(program, options, listener)?,
    }
    Ok(())
}

/// A program given by its path is shown by its name.
fn program_name(first: &OsString) -> String {
    let name = Path::new(first).file_name().unwrap_or(first);
    name.to_string_lossy().into_owned()
}
