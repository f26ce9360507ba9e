//! The lab: starts servers and a balancer, watches them from outside, and tells what happens.

mod by_hand;
mod cli;
mod commands;
mod config_file;
mod course;
mod dns;
mod exit;
mod hit;
mod observe;
mod page;
mod plan;
mod play;
mod problem;
mod supervised;
mod supervisor;
mod trace;
mod typed;
mod ui;
mod walk;
mod work_dir;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

/// Runs one command line; `args` begins with the name of the program.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    std::panic::set_hook(Box::new(crashed));
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

/// A crash in one sentence. The terminal needs no repair (no mode of it was changed), and children end with the lab.
fn crashed(crash: &std::panic::PanicHookInfo<'_>) {
    let place = crash
        .location()
        .map(|at| format!(" ({}:{})", at.file(), at.line()))
        .unwrap_or_default();
    let why = crash.payload_as_str().unwrap_or("no reason given");
    let text = format!(
        "error: lab itself has made a mistake and stops: {why}{place}\n  next  all it had started ends with it;  with a trace in .lab/run/lab.log:  lab -v ..."
    );
    // Nobody can be told when even this cannot be written.
    let _ = writeln!(std::io::stderr(), "{text}");
}
