//! The lab: starts servers and a balancer, watches them from outside, and tells what happens.

mod cli;
mod commands;
mod config_file;
mod exit;
mod hit;
mod observe;
mod plan;
mod problem;
mod supervised;
mod supervisor;
mod trace;
mod typed;
mod ui;
mod work_dir;

use std::ffi::OsString;
use std::process::ExitCode;

/// Runs one command line; `args` begins with the name of the program.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    match typed::read(&args) {
        Ok(typed::Typed::Program(program)) => program.run(),
        Ok(typed::Typed::Lab(cli)) => commands::run(*cli),
        Ok(typed::Typed::Text(text)) => {
            let ui = ui::Ui::new(&typed::globals(&args), ui::Surroundings::read());
            ui.say(text);
            exit::Exit::Done.into()
        }
        Err(problem) => {
            let ui = ui::Ui::new(&typed::globals(&args), ui::Surroundings::read());
            ui.problem(&problem);
            problem.exit().into()
        }
    }
}
