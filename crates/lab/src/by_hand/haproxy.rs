//! `lab balancer --engine haproxy -f FILE`: the installed HAProxy on a copy of the file with which the lab can look on.

use super::balancer::Sight;
use super::{failed, say};
use crate::config_file::ConfigFile;
use crate::exit::Exit;
use crate::observe::process;
use crate::observe::runtime_api;
use crate::plan;
use crate::plan::instrument::{Faces, instrument};
use crate::problem::{Problem, Result};
use crate::supervised::follow_the_lab;
use crate::supervisor::engine::installed_haproxy;
use crate::ui::address;
use crate::work_dir::{WorkDir, write_whole};
use rustix::process::Signal;
use signal_hook::iterator::Signals;
use std::ffi::OsString;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus};
use std::time::{Duration, Instant};

/// A configuration that is not in force by then will not be.
const IN_FORCE_WITHIN: Duration = Duration::from_secs(5);

/// Becomes the installed HAProxy with these words: where nobody looks on, there is nothing to add.
pub(super) fn become_it(words: &[OsString]) -> ExitCode {
    match installed_haproxy() {
        Ok(haproxy) => {
            let error = Command::new(&haproxy).args(words).exec();
            failed(&Problem::io(&format!("run {}", haproxy.display()), &error))
        }
        Err(problem) => failed(&problem),
    }
}

/// Runs it until it ends.
pub(super) fn run(work: &WorkDir, file: &Path) -> ExitCode {
    let running = follow_the_lab().and_then(|()| Running::start(work, file));
    match running.and_then(Running::until_it_ends) {
        Ok(code) => code,
        Err(problem) => failed(&problem),
    }
}

struct Running {
    haproxy: PathBuf,
    sight: Sight,
    copy: PathBuf,
    child: Child,
    signals: Signals,
    runtime: tokio::runtime::Runtime,
}

impl Running {
    fn start(work: &WorkDir, file: &Path) -> Result<Self> {
        let haproxy = installed_haproxy()?;
        let io = |doing: &'static str| move |error| Problem::io(doing, &error);
        // From here on a signal is heard, so that nothing is left behind.
        let signals = Signals::new(
            [
                Signal::INT,
                Signal::TERM,
                Signal::HUP,
                Signal::USR1,
                Signal::USR2,
            ]
            .map(Signal::as_raw),
        )
        .map_err(io("listen for signals"))?;
        let read = checked(file, &haproxy)?;
        let sight = Sight::open(work, file, "haproxy")?;
        let copy = work
            .run()
            .join(format!("haproxy-{}.cfg", std::process::id()));
        write_copy(&copy, &read, &sight)?;
        let lab = std::env::current_exe().map_err(io("find this program"))?;
        let child = Command::new(lab)
            .arg("__exec")
            .args([
                haproxy.as_os_str(),
                "-W".as_ref(),
                "-db".as_ref(),
                "-f".as_ref(),
                copy.as_os_str(),
            ])
            .env(procs::SUPERVISED, std::process::id().to_string())
            .spawn()
            .map_err(io("start HAProxy"))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(io("start the event loop"))?;
        let mut running = Self {
            haproxy,
            sight,
            copy,
            child,
            signals,
            runtime,
        };
        if running.wait_until_in_force(None) {
            running.sight.in_force(read.text(), running.child.id());
            running.greet(&read);
        }
        Ok(running)
    }

    /// Obeys signals as HAProxy would, and is there for its end.
    fn until_it_ends(mut self) -> Result<ExitCode> {
        const PAUSE: Duration = Duration::from_millis(20);
        let mut told = None;
        let status = loop {
            let pending: Vec<i32> = self.signals.pending().collect();
            for number in pending {
                let Some(signal) = Signal::from_named_raw(number) else {
                    continue;
                };
                if signal == Signal::USR2 {
                    self.reload();
                } else {
                    told = Some(signal);
                    process::send(self.child.id(), signal);
                }
            }
            let ended = self.child.try_wait();
            if let Some(status) = ended.map_err(|error| Problem::io("wait for HAProxy", &error))? {
                break status;
            }
            std::thread::sleep(PAUSE);
        };
        self.sight.diary.ended(&how(told, status));
        self.close();
        Ok(ExitCode::from(code(status)))
    }

    fn close(&self) {
        self.sight.close();
        let _ = std::fs::remove_file(&self.copy);
    }

    /// Loads the file again; a wrong one leaves the running one in force.
    fn reload(&mut self) {
        if let Err(problem) = self.try_reload() {
            failed(&problem);
            say("the former configuration stays in force\n");
        }
    }

    fn try_reload(&mut self) -> Result<()> {
        let file = checked(&self.sight.file, &self.haproxy)?;
        let before = self.worker();
        write_copy(&self.copy, &file, &self.sight)?;
        process::send(self.child.id(), Signal::USR2);
        if !self.wait_until_in_force(before) {
            return Err(Problem::new(
                "reload-failed",
                Exit::NotReady,
                "HAProxy did not take the new file",
            ));
        }
        self.sight.in_force(file.text(), self.child.id());
        say(&format!("{} is loaded\n", file.name()));
        Ok(())
    }

    /// Waits for a worker other than `before`.
    fn wait_until_in_force(&mut self, before: Option<u32>) -> bool {
        const PAUSE: Duration = Duration::from_millis(5);
        let begun = Instant::now();
        while begun.elapsed() < IN_FORCE_WITHIN {
            if self.worker().is_some_and(|worker| Some(worker) != before) {
                return true;
            }
            if !matches!(self.child.try_wait(), Ok(None)) {
                return false;
            }
            std::thread::sleep(PAUSE);
        }
        false
    }

    /// The process that answers now.
    fn worker(&self) -> Option<u32> {
        let socket = self.sight.stats_socket();
        let running = self.runtime.block_on(runtime_api::running(&socket));
        running.ok().map(|running| running.pid)
    }

    fn greet(&self, file: &ConfigFile) {
        let binds = plan::binds(&file.config);
        let urls: Vec<String> = binds
            .iter()
            .map(|bind| address::url(bind.reachable()))
            .collect();
        say(&format!(
            "{}: ok.  HAProxy: listening on {}   (pid {})    Ctrl-C stops it;  after an edit: Ctrl-C and start again, or lab reload\n",
            file.name(),
            urls.join("  "),
            self.child.id(),
        ));
    }
}

/// The learner's file, once nothing speaks against it: ours tells more, and HAProxy has the last word.
fn checked(file: &Path, haproxy: &Path) -> Result<ConfigFile> {
    let file = ConfigFile::read(file)?;
    file.ask_haproxy(haproxy)?;
    Ok(file)
}

fn write_copy(copy: &Path, file: &ConfigFile, sight: &Sight) -> Result<()> {
    let stats_socket = sight.stats_socket();
    let faces = Faces {
        stats_socket: &stats_socket,
        log: sight.log,
        log_checks: false,
    };
    let made = instrument(&file.sources, &file.config, faces);
    write_whole(copy, &made.text).map_err(|error| Problem::io("write a copy of the file", &error))
}

fn how(told: Option<Signal>, status: ExitStatus) -> String {
    let name = |number: i32| match number {
        2 => "SIGINT".to_owned(),
        9 => "SIGKILL".to_owned(),
        15 => "SIGTERM".to_owned(),
        other => format!("signal {other}"),
    };
    match (told, status.signal(), status.code()) {
        (_, Some(number), _) => name(number),
        (Some(signal), None, _) => super::diary::name(signal).to_owned(),
        (None, None, code) => format!("exit {}", code.unwrap_or(1)),
    }
}

fn code(status: ExitStatus) -> u8 {
    let code = status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    u8::try_from(code).unwrap_or(1)
}
