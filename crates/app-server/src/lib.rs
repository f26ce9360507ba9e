//! The echo server of the activities: `lab serve PORT`.
//!
//! To programs it answers `Hi!! from server PORT` and nothing else; browsers get a page that says so in a colour of its
//! own. For later activities it can be slow, fail, report itself ill, stream, and echo. See `lab serve --help`.

mod options;

mod app;
mod behaviour;
mod page;
mod streams;

mod access_log;
mod failure;
mod listen;
mod serve;

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use failure::Failure;
use options::{Command, Options};

/// Runs the command line of the app server and returns when it has ended.
///
/// The first argument is the program's name as messages are to show it; it may be two words, such as `lab serve`.
/// The exit code is 0 after SIGINT, SIGTERM or `--help`, 2 when the command line was wrong, 3 when the port cannot be had.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut args = args.into_iter();
    let program = program_name(&args.next().unwrap_or_default());
    match start(&program, args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.print();
            failure.exit_code()
        }
    }
}

fn start(program: &str, args: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    procs::end_with_parent().map_err(|e| Failure::not_supervised(&e))?;
    match options::parse(program, args)? {
        Command::Help => print(&options::help(program)),
        Command::Serve(options) => serve(program, &options)?,
    }
    Ok(())
}

fn serve(program: &str, options: &Options) -> Result<(), Failure> {
    if options.plain {
        anstream::ColorChoice::Never.write_global();
    }
    serve::with_runtime(async {
        // First the signals, so that nobody who has read the next lines can kill us uncleanly.
        let stop = serve::stop_signal()?;
        let listener = listen::listen(program, options)?;
        print(&listen::greeting(options));
        serve::serve(listener, app::router(options), stop).await;
        Ok(())
    })
}

/// A program given by its path is shown by its name.
fn program_name(first: &OsString) -> String {
    let name = Path::new(first).file_name().unwrap_or(first);
    name.to_string_lossy().into_owned()
}

/// Writes to standard output. A reader that went away is no error: the server serves on.
fn print(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
}
