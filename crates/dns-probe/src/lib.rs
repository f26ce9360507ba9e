//! Asks a name server as dig does, repeats, and tells the spread: `lab dig`.
//!
//! With dig's words it prints dig's text, to the byte as dig 9.18 does but for the program's name. Its own options, with
//! two dashes, repeat a question and show how a name is spread over addresses. Which server answered is always told, and
//! recorded answers never pass for live ones.

mod words;

mod dns;
mod text;

mod ask;
mod label;
mod vantage;

mod dig;

mod many;
mod observe;
mod screen;
mod tally;

mod advice;
mod output;
mod record;
mod report;

mod failure;
mod help;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use failure::Failure;
use output::Output;
use words::{Command, CommandLine};

pub use report::Report;

/// Whom to ask when the words do not say, and what belongs to the lab.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Defaults {
    /// The lab's own name server. `None`: there is no lab, every question goes to the system's resolver.
    pub lab_server: Option<SocketAddr>,
    /// The lab's caches: the first is `--through cache`, all of them are `--through farm`.
    pub caches: Vec<SocketAddr>,
    /// Names that the lab's server answers, with or without a final dot. One that begins with a dot (`.lab`) stands for
    /// all names below it.
    pub zone_names: Vec<String>,
    /// The resolvers for all other names and for `--live`. Empty: those that the system names in `/etc/resolv.conf`.
    pub resolvers: Vec<SocketAddr>,
}

/// Runs the command line of the probe and returns when all is asked.
///
/// The first argument is the program's name as messages are to show it; it may be two words, such as `lab dig`.
/// The exit code is dig's: 0 for any answer, NXDOMAIN among them, 1 for a wrong command line, 8 for a file that cannot be
/// had, 9 when no server answered, 10 for values that dig calls fatal. With `--fail` it is 1 when there is no such name
/// or no such record.
///
/// The `listener` is called with each question and its answers, once nothing more is asked for it.
pub fn run(
    args: impl IntoIterator<Item = OsString>,
    defaults: Defaults,
    listener: impl FnMut(Report) + 'static,
) -> ExitCode {
    let mut args = args.into_iter();
    let program = program_name(&args.next().unwrap_or_default());
    let words: Vec<String> = args.map(|arg| arg.to_string_lossy().into_owned()).collect();
    ExitCode::from(run_words(
        &program,
        &words,
        &defaults,
        &mut Output::standard(Box::new(listener)),
    ))
}

/// The same with words that are text, into any output; the exit code as a number.
fn run_words(program: &str, words: &[String], defaults: &Defaults, output: &mut Output) -> u8 {
    match start(program, words, defaults, output) {
        Ok(code) => code,
        Err(failure) => {
            if words.iter().any(|word| word == "--json") {
                output.print(&screen::json::failure(&failure));
            } else {
                output.aside(&failure.text());
            }
            failure.code
        }
    }
}

fn start(
    program: &str,
    words: &[String],
    defaults: &Defaults,
    output: &mut Output,
) -> Result<u8, Failure> {
    match words::parse(program, words)? {
        Command::Help => output.print(&help::text(program)),
        Command::Version => {
            output.aside(&format!("{program} {}\n", env!("CARGO_PKG_VERSION")));
        }
        Command::Ask(line) => {
            for warning in &line.warnings {
                output.aside(&format!("{warning}\n"));
            }
            return ask(*line, defaults, output);
        }
    }
    Ok(0)
}

fn ask(mut line: CommandLine, defaults: &Defaults, output: &mut Output) -> Result<u8, Failure> {
    if line.lab.record.is_some() {
        return record::run(&line, defaults, output);
    }
    if line.lab.has_screen() {
        return many::run(&line, defaults, output);
    }
    line.global.short |= line.lab.short;
    dig::run(line, defaults, output)
}

/// A program given by its path is shown by its name.
fn program_name(first: &OsString) -> String {
    let name = Path::new(first).file_name().unwrap_or(first);
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod run_tests;
