//! `lab balancer -f FILE` in a terminal: the learner's words, errors and line numbers are the balancer's own; beside them the
//! journal is told of starts, loads, requests and changes of state.

use super::diary::Diary;
use super::log_reader::{self, Known, Shared};
use super::{haproxy, is_taken, watched_folder};
use crate::cli::Labs;
use crate::config_file::ConfigFile;
use crate::observe::log_socket;
use crate::plan::instrument::{self, Faces};
use crate::plan::{self, Serves};
use crate::problem::{Problem, Result};
use crate::supervisor::engine::EngineName;
use crate::supervisor::socket_folder;
use crate::walk::Spoilers;
use crate::work_dir::WorkDir;
use crate::work_dir::journal::Journal;
use crate::work_dir::registration::Registration;
use crate::work_dir::run_record::Identity;
use balancer::HeldBack;
use clap::ValueEnum;
use course::facts::Happened;
use course::model::Hidden;
use haproxy_config::model::Config;
use jiff::Timestamp;
use rustix::process::Signal;
use std::ffi::{OsStr, OsString};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

/// `words` begin with the program's name.
pub(crate) fn run(words: impl Iterator<Item = OsString>) -> ExitCode {
    let mut words: Vec<OsString> = words.collect();
    let engine = match take_engine(&mut words) {
        Ok(engine) => engine,
        Err(problem) => return super::failed(&problem),
    };
    let watched = watched_folder().filter(WorkDir::exists).zip(file(&words));
    match (engine, watched) {
        (EngineName::Haproxy, Some((work, file))) if words.len() == 3 => haproxy::run(&work, &file),
        (EngineName::Haproxy, _) => haproxy::become_it(&words[1..]),
        (EngineName::Lab, Some((work, file))) => match Sight::open(&work, &file, "lab") {
            Ok(sight) => run_watched(words, Arc::new(sight)),
            // Without a place for its sockets nobody looks on; the balancer itself is as good.
            Err(_) => run_unwatched(words),
        },
        (EngineName::Lab, None) => run_unwatched(words),
    }
}

/// `--engine NAME`, taken out of the words.
fn take_engine(words: &mut Vec<OsString>) -> Result<EngineName> {
    let mut engine = EngineName::Lab;
    while let Some(at) = words
        .iter()
        .position(|word| word == "--engine" || word.to_string_lossy().starts_with("--engine="))
    {
        let word = words.remove(at);
        let value = match word.to_string_lossy().strip_prefix("--engine=") {
            Some(value) => value.to_owned(),
            None if at < words.len() => words.remove(at).to_string_lossy().into_owned(),
            None => String::new(),
        };
        engine = EngineName::from_str(&value, true).map_err(|_| {
            Problem::usage(format!("--engine cannot be `{value}`"))
                .why("it can be lab, haproxy")
                .next("for example:  lab balancer --engine haproxy -f myhaproxy.cfg")
        })?;
    }
    Ok(engine)
}

/// The one file that is to be run; `None` where the words ask for something else (a check, a version, several files, a master with
/// workers of its own).
fn file(words: &[OsString]) -> Option<PathBuf> {
    let asks_else = |word: &OsString| {
        ["-c", "-cc", "-v", "-vv", "-h", "-C", "--", "-W", "-Ws"]
            .iter()
            .any(|other| word == OsStr::new(other))
    };
    let mut named = words
        .windows(2)
        .filter(|pair| pair[0] == "-f")
        .map(|pair| PathBuf::from(&pair[1]));
    match (named.next(), named.next()) {
        (Some(file), None) if !file.is_dir() && !words.iter().any(asks_else) => Some(file),
        _ => None,
    }
}

/// Somebody else keeps the journal, if anybody does. What a guess asks for is left out all the same.
fn run_unwatched(words: Vec<OsString>) -> ExitCode {
    match std::env::current_dir().map(|folder| WorkDir::at(&folder)) {
        Ok(work) if work.exists() => balancer::run_watched(words, Guesses::of(&work)),
        _ => balancer::run(words),
    }
}

fn run_watched(words: Vec<OsString>, sight: Arc<Sight>) -> ExitCode {
    let cleaner = Arc::clone(&sight);
    // HAProxy dies at once of the deadly ones, ends softly at SIGUSR1, and tells its state at SIGHUP.
    let signals = sight.diary.hear(
        &[Signal::USR1],
        &[Signal::INT, Signal::TERM, Signal::QUIT],
        || {},
        move || cleaner.close(),
    );
    let guesses = Guesses::of(&sight.work);
    let code = balancer::run_watched(words, Eyes(Arc::clone(&sight), guesses));
    if sight.diary.began() {
        sight.diary.ended(&signals.last_words(code));
    } else if let Some(port) = sight.refused_port() {
        sight.diary.refused(port);
    }
    sight.close();
    code
}

/// The lab's eyes in a balancer of its own.
struct Eyes(Arc<Sight>, Guesses);

impl balancer::Watch for Eyes {
    fn amend(&self, config: &mut Config) {
        let faces = Faces {
            stats_socket: &self.0.stats_socket(),
            log: self.0.log,
            log_checks: false,
        };
        instrument::amend(config, faces);
    }

    fn in_force(&self, text: &str) {
        self.0.in_force(text, std::process::id());
    }

    fn held_back(&self) -> HeldBack {
        self.1.held_back()
    }
}

/// What the open guess of this folder asks for.
struct Guesses(Mutex<Spoilers>);

impl Guesses {
    fn of(work: &WorkDir) -> Self {
        Self(Mutex::new(Spoilers::of(work, &Labs::default())))
    }
}

impl balancer::Watch for Guesses {
    fn amend(&self, _: &mut Config) {}

    fn in_force(&self, _: &str) {}

    fn held_back(&self) -> HeldBack {
        let mut spoilers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let hidden = spoilers.now();
        HeldBack {
            shares: hidden.contains(&Hidden::Shares),
            states: hidden.contains(&Hidden::BalancerOpinion),
        }
    }
}

/// One balancer in a terminal, as the journal and the registration see it.
pub(super) struct Sight {
    work: WorkDir,
    pub(super) file: PathBuf,
    engine: &'static str,
    sockets: PathBuf,
    /// Where the balancer is to send its log.
    pub(super) log: SocketAddr,
    pub(super) diary: Arc<Diary>,
    known: Shared,
}

impl Sight {
    pub(super) fn open(work: &WorkDir, file: &Path, engine: &'static str) -> Result<Self> {
        let io = |error| Problem::io("prepare .lab/run", &error);
        work.create()?;
        Registration::clean(work);
        let socket = log_socket::bind().map_err(io)?;
        let sight = Self {
            work: work.clone(),
            file: file.to_owned(),
            engine,
            sockets: socket_folder()?,
            log: socket.local_addr().map_err(io)?,
            diary: Arc::new(Diary::of(work)),
            known: Shared::default(),
        };
        log_reader::start(socket, work, &sight.known).map_err(io)?;
        Ok(sight)
    }

    pub(super) fn stats_socket(&self) -> PathBuf {
        self.sockets.join("stats")
    }

    /// A text runs now, in this process.
    pub(super) fn in_force(&self, text: &str, pid: u32) {
        let known = Known::of(text).unwrap_or_default();
        let traffic = known.traffic;
        let unread = known.unread.clone();
        if let Some(note) = &unread {
            super::say(note);
        }
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = known;
        let me = Identity::of("balancer", std::process::id());
        Registration {
            file: self.file.clone(),
            text: text.to_owned(),
            loaded: Timestamp::now(),
            tells_requests: unread.is_none(),
            ..Registration::new(me, self.engine, self.stats_socket())
        }
        .save(&self.work);
        if let Some(port) = traffic {
            self.diary.started(port, pid);
        }
        Journal::of(&self.work).write(Happened::Loaded {
            file: self.file.display().to_string(),
        });
    }

    /// The port that somebody else holds, where that is why it did not start.
    pub(super) fn refused_port(&self) -> Option<u16> {
        let file = ConfigFile::read(&self.file).ok()?;
        let binds = plan::binds(&file.config);
        let traffic = binds.iter().filter(|bind| bind.serves == Serves::Traffic);
        traffic
            .map(|bind| bind.address)
            .find(|address| is_taken(*address))
            .map(|address| address.port())
    }

    /// Takes away what was made for this run only.
    pub(super) fn close(&self) {
        Registration::remove(&self.work, std::process::id());
        // What cannot be removed is found by the next one.
        let _ = std::fs::remove_dir_all(&self.sockets);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn the_engine_is_taken_out_of_the_words() {
        for line in ["b --engine haproxy -f a", "b -f a --engine=haproxy"] {
            let mut words = words(line);
            assert_eq!(take_engine(&mut words).unwrap(), EngineName::Haproxy);
            assert_eq!(words, ["b", "-f", "a"]);
        }
        assert_eq!(take_engine(&mut words("b -f a")).unwrap(), EngineName::Lab);
        for wrong in ["b --engine nginx", "b --engine"] {
            assert!(take_engine(&mut words(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_a_balancer_that_will_run_one_file_is_watched() {
        let check = |line: &str, expected: Option<&str>| {
            assert_eq!(file(&words(line)), expected.map(PathBuf::from), "{line}");
        };
        check("b -f a.cfg", Some("a.cfg"));
        check("b -D -f a.cfg -p x", Some("a.cfg"));
        check("b -c -f a.cfg", None);
        check("b -f a.cfg -f b.cfg", None);
        check("b -f /tmp", None);
        check("b -W -f a.cfg", None);
        check("b -v", None);
    }
}
