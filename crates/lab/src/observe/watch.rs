//! Wakes those who wait when something has happened: a file was saved, the journal grew, a program came or went.

use super::sockets::Sockets;
use crate::commands::up::USUAL_FILE;
use crate::work_dir::WorkDir;
use crate::work_dir::settings::Settings;
use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// One save is several events: the news is told once nothing has come for so long,
const QUIET: Duration = Duration::from_millis(150);
/// or at the latest after this.
const LONGEST_NOISE: Duration = Duration::from_millis(600);
/// Programs are looked at so often, and files too where the system tells nothing of them.
const POLL: Duration = Duration::from_secs(1);

/// Tells of changes until it is dropped.
#[derive(Debug)]
pub(crate) struct Watcher {
    changed: Receiver<()>,
    _watching: Watching,
}

/// Keeps a thread watching. Dropped, it ends within a second.
#[derive(Debug)]
pub(crate) struct Watching {
    _life: Arc<()>,
}

impl Watcher {
    pub(crate) fn start(work: &WorkDir) -> Self {
        let (tell, changed) = channel();
        Self {
            changed,
            _watching: telling(work, move || {
                // The receiver is gone only when this watcher is.
                let _ = tell.send(());
            }),
        }
    }

    /// Waits for a change, at most so long; `false` when there was none. Changes since the last call count.
    pub(crate) fn wait(&self, at_most: Duration) -> bool {
        let news = self.changed.recv_timeout(at_most).is_ok();
        while self.changed.try_recv().is_ok() {}
        news
    }
}

/// Calls `tell` after each change, on a thread of its own.
pub(crate) fn telling(work: &WorkDir, tell: impl FnMut() + Send + 'static) -> Watching {
    let life = Arc::new(());
    let (while_alive, places) = (Arc::downgrade(&life), Places::of(work));
    thread::spawn(move || watch(&places, &while_alive, tell));
    Watching { _life: life }
}

fn watch(places: &Places, while_alive: &Weak<()>, mut tell: impl FnMut()) {
    let (hear, heard) = channel();
    // Without the system's word, looking each second does.
    let _eyes = eyes(places, hear)
        .map_err(|error| tracing::warn!(%error, "the system tells of no changes"));
    let mut sockets = Sockets::default();
    let mut known = places.fingerprint(&mut sockets);
    let mut due = Instant::now() + POLL;
    while while_alive.strong_count() > 0 {
        let wait = due.saturating_duration_since(Instant::now());
        let mut news = heard.recv_timeout(wait).is_ok();
        if news {
            until_quiet(&heard);
        } else {
            // Where nobody sends, `recv_timeout` does not wait.
            thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        if Instant::now() >= due {
            let now = places.fingerprint(&mut sockets);
            news |= now != known;
            known = now;
            due = Instant::now() + POLL;
        }
        if news && while_alive.strong_count() > 0 {
            tell();
        }
    }
}

fn until_quiet(heard: &Receiver<()>) {
    let began = Instant::now();
    while began.elapsed() < LONGEST_NOISE && heard.recv_timeout(QUIET).is_ok() {}
}

/// What is watched, worked out once.
#[derive(Debug)]
struct Places {
    file: PathBuf,
    journal: PathBuf,
    settings: PathBuf,
    folders: BTreeSet<PathBuf>,
}

impl Places {
    fn of(work: &WorkDir) -> Self {
        let settings = Settings::load(&work.settings()).unwrap_or_default();
        let file = settings.file.unwrap_or_else(|| USUAL_FILE.into());
        let file = work.folder().join(file);
        let folder = |path: &Path| match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        Self {
            folders: BTreeSet::from([
                folder(&file),
                folder(&work.journal()),
                folder(&work.folder().join("x")),
            ]),
            journal: work.journal(),
            settings: work.settings(),
            file,
        }
    }

    /// A number that changes when a file was written, a program came or went, was frozen or thawed.
    fn fingerprint(&self, sockets: &mut Sockets) -> u64 {
        let mut hasher = DefaultHasher::new();
        for path in [&self.file, &self.journal, &self.settings] {
            let about = fs::metadata(path).ok();
            about
                .map(|about| (about.len(), about.modified().ok()))
                .hash(&mut hasher);
        }
        for open in sockets.look() {
            open.address.hash(&mut hasher);
            for program in open.programs {
                let newest = program.newest;
                (newest.pid, newest.start_ticks, newest.frozen).hash(&mut hasher);
            }
        }
        hasher.finish()
    }
}

fn eyes(places: &Places, hear: Sender<()>) -> notify::Result<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        if event.is_ok_and(|event| is_change(&event)) {
            // The receiver is gone only when the watcher is.
            let _ = hear.send(());
        }
    })?;
    for folder in &places.folders {
        watcher.watch(folder, RecursiveMode::NonRecursive)?;
    }
    Ok(watcher)
}

/// Reading is no change, or looking would wake itself; nor is what is written aside, to be renamed.
fn is_change(event: &Event) -> bool {
    let written = match event.kind {
        EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
        _ => true,
    };
    let aside = |path: &PathBuf| {
        path.extension()
            .is_some_and(|end| end == "new" || end == "lock")
    };
    written && !event.paths.iter().all(aside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::work_dir::journal::Journal;
    use course::facts::Happened;
    use std::net::TcpListener;

    const SOON: Duration = Duration::from_secs(5);

    fn watched() -> (tempfile::TempDir, WorkDir, Watcher) {
        let folder = tempfile::tempdir().unwrap();
        let work = WorkDir::at(folder.path());
        work.create().unwrap();
        let watcher = Watcher::start(&work);
        // The thread begins to watch in its own time: what is written until then wakes nobody, what comes after does.
        while !watcher.wait(Duration::from_millis(50)) {
            Journal::of(&work).write(Happened::Refused { port: 1 });
        }
        while watcher.wait(Duration::from_millis(1500)) {}
        (folder, work, watcher)
    }

    #[test]
    fn a_save_and_a_line_of_the_journal_wake() {
        let (folder, work, watcher) = watched();
        fs::write(folder.path().join(USUAL_FILE), "global\n").unwrap();
        assert!(watcher.wait(SOON), "a save");
        while watcher.wait(Duration::from_millis(1200)) {}
        Journal::of(&work).write(Happened::Refused { port: 8080 });
        assert!(watcher.wait(SOON), "the journal");
    }

    #[test]
    fn reading_wakes_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        fs::write(&path, "x").unwrap();
        let event = |kind| is_change(&Event::new(kind).add_path(path.clone()));
        assert!(!event(EventKind::Access(AccessKind::Open(AccessMode::Any))));
        assert!(!event(EventKind::Access(AccessKind::Close(
            AccessMode::Read
        ))));
        assert!(event(EventKind::Access(AccessKind::Close(
            AccessMode::Write
        ))));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_program_that_begins_to_listen_wakes() {
        let (_folder, _work, watcher) = watched();
        let _listener = TcpListener::bind("127.0.0.1:0").unwrap();
        assert!(watcher.wait(SOON));
    }
}
