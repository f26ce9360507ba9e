//! The program: from its arguments to its exit code.

use crate::cli::{self, Options, Request};
use crate::control::{Control, Refused};
use crate::daemon;
use crate::listener::Place;
use crate::listener::handed::Handed;
use crate::load::{self, Reading, os_text};
use crate::logger::Logger;
use crate::master;
use crate::messages::{self, Messages};
use crate::plan::{Global, Plan};
use crate::process::Process;
use crate::report;
use crate::watch::{Watch, Watched};
use lb_core::Uptime;
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

/// HAProxy's exit code for a file that is right but has nothing to listen on.
const NOTHING_TO_LISTEN_ON: u8 = 2;

/// Runs the balancer's command line. `args[0]` is the program's name, as shown in its usage.
///
/// Exit codes are HAProxy's: 0 done (with `-c`: valid), 1 an error, 2 with `-c`: valid, but with nothing to listen on.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    run_as(args, None)
}

/// The same with somebody in this process who looks on.
pub fn run_watched(
    args: impl IntoIterator<Item = OsString>,
    watch: impl Watch + 'static,
) -> ExitCode {
    run_as(args, Some(Watched::by(watch)))
}

fn run_as(args: impl IntoIterator<Item = OsString>, watched: Option<Watched>) -> ExitCode {
    if procs::end_with_parent().is_err() {
        // The supervisor is gone already: nobody wants this balancer any more.
        return ExitCode::FAILURE;
    }
    let mut args = args.into_iter();
    let program = args.next().unwrap_or_else(|| "balancer".into());
    let program = program.to_string_lossy();
    match cli::parse(args) {
        Request::Run(options) => run_with(Options {
            watched,
            ..*options
        }),
        Request::Condition(text) => condition(&text),
        Request::Version(_) => print(&cli::banner(), ExitCode::SUCCESS),
        Request::Usage(wrong) => usage(&program, wrong.as_deref()),
    }
}

/// `-cc`: 0 when it holds, 1 when not, 2 when it cannot be read.
fn condition(text: &str) -> ExitCode {
    const UNREADABLE: u8 = 2;
    match haproxy_config::condition(text, &load::environment(&Options::default(), &[])) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(wrong) => {
            Messages::new(false).alert(&format!("config : Failed to evaluate condition: {wrong}"));
            ExitCode::from(UNREADABLE)
        }
    }
}

fn usage(program: &str, wrong: Option<&str>) -> ExitCode {
    print(&cli::banner(), ExitCode::FAILURE);
    if let Some(wrong) = wrong {
        messages::write_stderr(&format!("error: {wrong}: not an option of this program\n"));
    }
    messages::write_stderr(&cli::usage(program));
    ExitCode::FAILURE
}

fn run_with(options: Options) -> ExitCode {
    let messages = Messages::new(options.quiet);
    if let Some(directory) = &options.directory
        && let Err(error) = std::env::set_current_dir(directory)
    {
        let (directory, why) = (directory.display(), load::os_text(&error));
        messages.alert(&format!(
            "Could not change to directory {directory} : {why}"
        ));
        return ExitCode::FAILURE;
    }
    let reading = match load::read(&options) {
        Ok(reading) => reading,
        Err(error) => {
            messages.alert(&format!("config : {error}"));
            return ExitCode::FAILURE;
        }
    };
    let options = settled(options, &reading);
    let messages = Messages::new(options.quiet);
    if options.check {
        check(reading, &options, &messages)
    } else {
        start(reading, options, &messages)
    }
}

/// Words of the command line that may stand in the files as well.
fn settled(options: Options, reading: &Reading) -> Options {
    let global = reading.config.as_ref().map(|config| &config.global);
    Options {
        quiet: options.quiet || global.is_some_and(|global| global.quiet),
        zero_warning: options.zero_warning || global.is_some_and(|global| global.zero_warning),
        ..options
    }
}

/// `-c`: what HAProxy would say of the files.
fn check(mut reading: Reading, options: &Options, messages: &Messages) -> ExitCode {
    let plan = reading.plan(options, None, Uptime::ZERO);
    report::one_line(&reading, messages);
    let Some(plan) = plan else {
        messages.alert(match reading.lacks_addresses {
            true => "config : Failed to initialize server(s) addr.",
            false => "config : Fatal errors found in configuration.",
        });
        return ExitCode::FAILURE;
    };
    if reading.has_warnings() && options.zero_warning {
        messages.alert("config : Some warnings were found and 'zero-warning' is set. Aborting.");
        return ExitCode::FAILURE;
    }
    if reading.has_warnings() {
        answer(options, "Warnings were found.\n", ExitCode::SUCCESS);
    }
    if plan.frontends.iter().all(|f| f.binds.is_empty()) {
        let said = "Configuration file has no error but will not start (no listener) => exit(2).\n";
        return answer(options, said, ExitCode::from(NOTHING_TO_LISTEN_ON));
    }
    answer(options, "Configuration file is valid\n", ExitCode::SUCCESS)
}

fn start(mut reading: Reading, options: Options, messages: &Messages) -> ExitCode {
    let plan = reading.plan(&options, None, Uptime::ZERO);
    let wants_daemon = plan.as_ref().is_some_and(|plan| plan.global.daemon) || options.daemon;
    if plan.is_some() && wants_daemon && !options.foreground && !daemon::is_detached() {
        return daemon::detach(messages);
    }
    let has_master = options.master && !options.foreground && !master::is_worker();
    if plan.is_some() && has_master {
        return master::run(options, Messages::new(messages.is_quiet()));
    }
    report::diagnostics(&reading, &options);
    let Some(plan) = plan else {
        messages.plain("nothing was started\n");
        return ExitCode::FAILURE;
    };
    if reading.has_warnings() && options.zero_warning {
        messages.alert("config : Some warnings were found and 'zero-warning' is set. Aborting.");
        return ExitCode::FAILURE;
    }
    let summary = summary(&plan);
    let threads = threads(&plan);
    let tag = plan
        .global
        .log_tag
        .clone()
        .unwrap_or_else(|| "haproxy".into());
    let host = plan.global.log_host.clone();
    let logger = Arc::new(Logger::new(!options.quiet, &tag, host.as_deref()));
    if let Err(wrong) = set_file_limit(&plan.global) {
        messages.alert(&wrong);
        return ExitCode::FAILURE;
    }
    let process = Arc::new(Process::new(
        Arc::new(plan),
        threads,
        options.watched.clone(),
    ));
    if let Some(megabytes) = options.memory {
        limit_memory(megabytes);
    }
    let Some(handed) = handed(&options, messages) else {
        return ExitCode::FAILURE;
    };
    match Control::start(options.clone(), process, logger, handed) {
        Ok(control) => serve(control, &options, messages, &summary),
        Err(refused) => {
            report::refused(messages, &refused, &options);
            if !matches!(refused, Refused::Listen(..)) {
                messages.plain("nothing was started\n");
            }
            ExitCode::FAILURE
        }
    }
}

/// `-x`: the sockets of an old process; `None`, and said, when they do not come.
fn handed(options: &Options, messages: &Messages) -> Option<Handed> {
    let Some(path) = options.handed_by.as_ref() else {
        return Some(Handed::default());
    };
    if path.as_os_str() == "/dev/null" {
        return Some(Handed::default());
    }
    match Handed::fetch(path) {
        Ok(handed) => Some(handed),
        Err(error) => {
            messages.warning(&error.to_string());
            messages.alert("Failed to get the sockets from the old process!");
            // A master would start it again and again.
            master::is_worker().then(Handed::default)
        }
    }
}

fn serve(control: Control, options: &Options, messages: &Messages, summary: &str) -> ExitCode {
    let pid_file = match master::is_worker() {
        true => None,
        false => options
            .pid_file
            .clone()
            .or_else(|| control.pid_file(options)),
    };
    if let Some(path) = &pid_file
        && let Err(error) = std::fs::write(path, format!("{}\n", std::process::id()))
    {
        let (path, why) = (path.display(), load::os_text(&error));
        messages.alert(&format!("Cannot create pidfile {path} : {why}"));
        return ExitCode::FAILURE;
    }
    succeed(options);
    if master::is_worker() {
        return run_on(control, messages);
    }
    control.tell_in_force();
    if daemon::is_detached() {
        if let Err(error) = daemon::let_go() {
            messages.warning(&format!("stays on the terminal: {}", os_text(&error)));
        }
        return run_on(control, messages);
    }
    let files: Vec<_> = options
        .files
        .iter()
        .map(|f| f.display().to_string())
        .collect();
    let mut places: Vec<_> = control.places().cloned().collect();
    places.sort();
    let urls: Vec<_> = places.iter().map(url).collect();
    messages.plain(&format!(
        "{}: ok.  {summary}\n\
         balancer: listening on {}   (pid {})    Ctrl-C stops it;  \
         after an edit: Ctrl-C and start again, or lab reload\n",
        files.join(", "),
        urls.join("  "),
        std::process::id(),
    ));
    run_on(control, messages)
}

/// Tells the processes whose place is taken, now that all ports listen.
fn succeed(options: &Options) {
    for (pids, signal) in [
        (&options.finish, Signal::USR1),
        (&options.terminate, Signal::TERM),
    ] {
        for pid in pids
            .iter()
            .filter_map(|&pid| Pid::from_raw(i32::try_from(pid).ok()?))
        {
            // One that has ended already has nothing to be told.
            let _ = kill_process(pid, signal);
        }
    }
}

fn run_on(control: Control, messages: &Messages) -> ExitCode {
    match control.run() {
        Ok(code) => code,
        Err(error) => {
            messages.alert(&format!(
                "the control thread has failed: {}",
                load::os_text(&error)
            ));
            ExitCode::FAILURE
        }
    }
}

/// For example `1 frontend, 1 backend, 4 servers, round robin`.
fn summary(plan: &Plan) -> String {
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let servers: usize = plan.backends.iter().map(|b| b.servers.len()).sum();
    let serving = plan.backends.iter().filter(|b| !b.servers.is_empty());
    let mut algorithms: Vec<_> = serving
        .map(|b| match b.live().algorithm() {
            "roundrobin" => "round robin",
            other => other,
        })
        .collect();
    algorithms.dedup();
    let mut words = vec![
        count(plan.frontends.len(), "frontend"),
        count(
            plan.backends
                .iter()
                .filter(|b| !b.listen || !b.servers.is_empty())
                .count(),
            "backend",
        ),
        count(servers, "server"),
    ];
    words.extend(algorithms.into_iter().map(String::from));
    words.join(", ")
}

fn url(place: &Place) -> String {
    let Place::Inet(address) = place else {
        return place.to_string();
    };
    if address.ip().is_unspecified() {
        format!("http://127.0.0.1:{}", address.port())
    } else {
        format!("http://{address}")
    }
}

/// One worker per core unless `nbthread` says otherwise.
fn threads(plan: &Plan) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    plan.global.nbthread.map_or_else(cores, usize::from).max(1)
}

/// As many open files as the configuration wants, else as this user may have: each request holds two. The error is
/// in HAProxy's words.
fn set_file_limit(global: &Global) -> Result<(), String> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let allowed = getrlimit(Resource::Nofile).maximum;
    if let (Some(wanted), Some(most)) = (global.open_files, global.most_open_files)
        && wanted > most
    {
        let program = std::env::current_exe().unwrap_or_default();
        let program = program.display();
        return Err(format!(
            "[{program}.main()] Cannot raise FD limit to {wanted}, limit is {most}."
        ));
    }
    let wanted = global.open_files.or(global.most_open_files);
    let within = |wanted: u64| allowed.map_or(wanted, |allowed| wanted.min(allowed));
    let set = Rlimit {
        current: wanted.map(within).or(allowed),
        maximum: allowed,
    };
    // The old limit serves as well, only for fewer connections.
    let _ = setrlimit(Resource::Nofile, set);
    Ok(())
}

/// `-m`: what is asked of the system beyond this is refused.
fn limit_memory(megabytes: u32) {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let most = Some(u64::from(megabytes) * 1024 * 1024);
    let limit = Rlimit {
        current: most,
        maximum: most,
    };
    if setrlimit(Resource::As, limit).is_err() {
        Messages::running(false).warning("Cannot fix MEM limit.");
    }
}

fn answer(options: &Options, text: &str, code: ExitCode) -> ExitCode {
    if options.quiet {
        code
    } else {
        print(text, code)
    }
}

fn print(text: &str, code: ExitCode) -> ExitCode {
    // A closed stdout is no reason to fail.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
    code
}
